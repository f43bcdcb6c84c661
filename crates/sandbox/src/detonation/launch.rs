//! The asker's side: start the supervisor, hand it the order, wait for the answer, and no longer than allowed.

use std::{
    io,
    io::{BufWriter, Read},
    os::{fd::AsRawFd, unix::process::CommandExt},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    SUPERVISOR_ARGUMENT,
    image::is_plain,
    order::{self, Budget, Guest, GuestStep, Launcher},
    outcome::{self, Detonation, SandboxError},
};

/// What the supervisor gets beyond the budget to build the guest, to end everything and to read what is left.
const GRACE: Duration = Duration::from_secs(20);

/// The most that an answer may have beyond the contents that are kept.
const MOST_ANSWER: u64 = 256 << 20;

pub(super) fn run(
    launcher: &Launcher,
    guest: &Guest,
    steps: &[GuestStep],
    budget: &Budget,
) -> Result<Detonation, SandboxError> {
    let paths = guest.seeds.iter().map(|seed| &seed.path).chain(guest.links.iter().map(|(path, _)| path));
    if let Some(path) = paths.into_iter().find(|path| !is_plain(path)) {
        return Err(SandboxError::Path(path.clone()));
    }
    let mut supervisor = Supervisor(command(launcher).spawn().map_err(SandboxError::Start)?);
    let deadline = Instant::now() + budget.time + GRACE;
    let input = supervisor.0.stdin.take();
    // The pipe stays open: the supervisor takes its end for ours.
    let _input = match input {
        Some(input) => {
            let mut writer = BufWriter::with_capacity(1 << 16, input);
            // When it cannot be written the supervisor has ended, and says why.
            let _ = order::send(&mut writer, guest, steps, budget);
            writer.into_inner().ok()
        }
        None => None,
    };
    let answer = supervisor.answer(deadline, MOST_ANSWER + budget.kept)?;
    if answer.is_empty() {
        return Err(SandboxError::Died(supervisor.last_words()));
    }
    outcome::receive(&answer)
}

/// The supervisor gets nothing of our environment: it holds other people's tokens.
fn command(launcher: &Launcher) -> Command {
    let mut command = Command::new(&launcher.program);
    command
        .arg(SUPERVISOR_ARGUMENT)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(user) = launcher.user {
        command.uid(user).gid(user);
    }
    command
}

/// A supervisor that ends when it is dropped, and everything that it started with it.
struct Supervisor(Child);

impl Supervisor {
    /// Reads its answer to the end.
    fn answer(&mut self, deadline: Instant, most: u64) -> Result<Vec<u8>, SandboxError> {
        let Some(mut output) = self.0.stdout.take() else { return Ok(Vec::new()) };
        let mut answer = Vec::new();
        let mut piece = vec![0; 1 << 16];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(SandboxError::Died("it did not end in time and was ended".into()));
            }
            let mut polled = libc::pollfd { fd: output.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            let millis = i32::try_from(left.as_millis()).unwrap_or(i32::MAX);
            // SAFETY: One structure that lives until the call returns.
            if unsafe { libc::poll(&raw mut polled, 1, millis) } <= 0 {
                continue;
            }
            match output.read(&mut piece) {
                Ok(0) => return Ok(answer),
                Ok(length) => answer.extend_from_slice(&piece[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(SandboxError::Died(error.to_string())),
            }
            if answer.len() as u64 > most {
                return Err(SandboxError::Died("it said more than an answer can hold".into()));
            }
        }
    }

    /// Why it ended, as far as it said.
    fn last_words(&mut self) -> String {
        let mut words = Vec::new();
        if let Some(errors) = self.0.stderr.take() {
            let _ = errors.take(4096).read_to_end(&mut words);
        }
        let status = self.0.wait().map(|status| status.to_string()).unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        if words.trim().is_empty() { status } else { format!("{} ({status})", words.trim()) }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // It has ended already when it answered; a moment is left for that.
        for _ in 0..20 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
