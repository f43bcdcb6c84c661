//! The guest's first process. It builds the guest, starts what it is told to, and buries what nobody else buries. When it
//! ends, the kernel ends everything in the guest.

use std::{
    ffi::CString,
    fs, io,
    io::{BufRead, BufReader, Write},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{
    etc, filter, identity, image,
    kernel::{self, Forked, checked, fork_into},
    network,
    order::{Budget, GuestStep, Order},
};
use crate::{State, Wall, sink::TRUST};

/// What the supervisor tells the first process.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Command {
    /// The guest's user is named: build. The certificate is to be trusted; there is one when the cable lies.
    Build { authority: Option<String> },
    /// The supervisor holds what it needs: shut the last doors.
    Seal,
    /// Start this step.
    Start(usize),
    /// End everything that runs.
    Sweep,
}

/// What the first process says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// The guest is built.
    Built,
    /// Its doors are shut; these layers stand around it.
    Sealed(Vec<Wall>),
    /// A layer could not be raised.
    Failed { layer: String, why: String },
    /// The main process of the step that runs has ended.
    Ended(i32),
    /// Nothing runs any more.
    Swept,
}

/// One end of the line between the two.
pub(super) struct Line {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
}

impl Line {
    pub fn new(stream: UnixStream) -> io::Result<Self> {
        Ok(Self { reader: BufReader::new(stream.try_clone()?), writer: stream })
    }

    pub fn say(&mut self, message: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.writer.write_all(&line)
    }

    /// The next message; an error when the other end is gone.
    pub fn hear<T: for<'a> Deserialize<'a>>(&mut self) -> io::Result<T> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        Ok(serde_json::from_slice(&line)?)
    }

    /// Whether a message waits, in at most so many milliseconds. A signal ends the wait.
    pub fn waits(&self, millis: i32) -> bool {
        if !self.reader.buffer().is_empty() {
            return true;
        }
        let mut polled = libc::pollfd { fd: self.writer.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: One structure that lives until the call returns.
        unsafe { libc::poll(&raw mut polled, 1, millis) > 0 }
    }
}

/// What the first process does in its whole life.
pub(super) fn live(order: &Order, line: UnixStream, outputs: Vec<OwnedFd>) -> io::Result<()> {
    let mut line = Line::new(line)?;
    // The starter's death is the end of the guest, traced or not.
    identity::end_with_parent_unasked()?;
    let Command::Build { authority } = line.hear()? else { return Err(unexpected()) };
    if let Err((layer, error)) = build(order, authority.as_deref()) {
        return line.say(&Report::Failed { layer: layer.into(), why: error.to_string() });
    }
    line.say(&Report::Built)?;
    let Command::Seal = line.hear()? else { return Err(unexpected()) };
    if let Err((layer, error)) = seal() {
        return line.say(&Report::Failed { layer: layer.into(), why: error.to_string() });
    }
    line.say(&Report::Sealed(vec![landlock_wall()]))?;
    serve(order, &mut line, outputs)
}

fn unexpected() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "another message was expected")
}

type Layered = Result<(), (&'static str, io::Error)>;

fn build(order: &Order, authority: Option<&str>) -> Layered {
    let name = if order.guest.host_name.is_empty() { "laptop" } else { &order.guest.host_name };
    nix::unistd::sethostname(name).map_err(|error| ("namespaces", error.into()))?;
    network::prepare_guest(authority.is_some()).map_err(|error| ("network", error))?;
    image::build(order).map_err(|error| ("files", error))?;
    if let Some(authority) = authority {
        etc::trust(authority).map_err(|error| ("files", error))?;
    }
    image::fill(order).map_err(|error| ("files", error))
}

fn seal() -> Layered {
    image::seal().map_err(|error| ("files", error))?;
    identity::give_up_capabilities().map_err(|error| ("capabilities", error))?;
    let filter = || -> io::Result<()> {
        // Tried in a child, since it would bind this process too.
        match fork_into(0)? {
            Forked::Child => kernel::leave(i32::from(filter::install(true).is_err())),
            Forked::Parent(child) => match bury(child) {
                Some(0) => Ok(()),
                _ => Err(io::Error::other("this kernel has no filter for system calls")),
            },
        }
    };
    filter().map_err(|error| ("seccomp", error))
}

/// Waits for one child.
fn bury(child: libc::pid_t) -> Option<i32> {
    let mut status = 0;
    // SAFETY: Room for the number that the call writes.
    checked(unsafe { libc::waitpid(child, &raw mut status, libc::__WALL) }.into()).ok().map(|_| code(status))
}

/// A process's code, or 128 and the signal.
pub(crate) fn code(status: i32) -> i32 {
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) }
}

/// Starts and buries until the supervisor is gone.
fn serve(order: &Order, line: &mut Line, outputs: Vec<OwnedFd>) -> io::Result<()> {
    extern "C" fn nothing(_: libc::c_int) {}
    // A death interrupts the wait for the next message.
    kernel::on_signal(libc::SIGCHLD, nothing as *const () as libc::sighandler_t)?;
    let mut outputs: Vec<Option<OwnedFd>> = outputs.into_iter().map(Some).collect();
    let mut main = None;
    loop {
        // The wait is short, since a death between the burials and the wait interrupts nothing.
        if line.waits(20) {
            match line.hear()? {
                Command::Start(index) => {
                    let step = order.steps.get(index).ok_or_else(unexpected)?;
                    let output = outputs.get_mut(index).and_then(Option::take).ok_or_else(unexpected)?;
                    // What this process knows, the guest's processes may not look up in its memory. The tracer has hold of it.
                    kernel::prctl(libc::PR_SET_DUMPABLE, 0)?;
                    main = Some(start(step, &order.budget, &output)?);
                }
                Command::Sweep => {
                    sweep();
                    line.say(&Report::Swept)?;
                }
                Command::Build { .. } | Command::Seal => return Err(unexpected()),
            }
        }
        while let Some((child, code)) = bury_any(libc::WNOHANG) {
            if main == Some(child) {
                main = None;
                line.say(&Report::Ended(code))?;
            }
        }
    }
}

fn bury_any(options: libc::c_int) -> Option<(libc::pid_t, i32)> {
    let mut status = 0;
    // SAFETY: Room for the number that the call writes.
    let child = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | options) };
    (child > 0).then(|| (child, code(status)))
}

/// Ends all others in this namespace, those that are born meanwhile too.
fn sweep() {
    while kernel::signal(-1, libc::SIGKILL).is_ok() {
        while bury_any(0).is_some() {}
    }
}

/// Starts the main process of a step.
fn start(step: &GuestStep, budget: &Budget, output: &OwnedFd) -> io::Result<libc::pid_t> {
    match fork_into(0)? {
        Forked::Parent(child) => Ok(child),
        Forked::Child => {
            let error = become_step(step, budget, output).err();
            let text = error.map(|error| error.to_string()).unwrap_or_default();
            let _ = writeln!(io::stderr(), "{}: {text}", step.argv.first().map_or("", String::as_str));
            kernel::leave(127)
        }
    }
}

fn become_step(step: &GuestStep, budget: &Budget, output: &OwnedFd) -> io::Result<()> {
    kernel::on_signal(libc::SIGCHLD, libc::SIG_DFL)?;
    kernel::on_signal(libc::SIGPIPE, libc::SIG_DFL)?;
    kernel::unblock_signals()?;
    nix::unistd::setsid()?;
    kernel::put(fs::File::open("/dev/null")?, 0)?;
    kernel::put(output, 1)?;
    kernel::put(output, 2)?;
    kernel::close_from(3)?;
    std::env::set_current_dir(&step.folder)?;
    let program = find(step)?;
    let texts = |texts: Vec<String>| texts.into_iter().map(kernel::text).collect::<io::Result<Vec<CString>>>();
    let argv = texts(step.argv.clone())?;
    let mut environment = step.environment.clone();
    if kernel::exists(etc::AUTHORITY) {
        for name in TRUST {
            environment.entry((*name).to_owned()).or_insert_with(|| etc::AUTHORITY.to_owned());
        }
    }
    let environment = texts(environment.iter().map(|(name, value)| format!("{name}={value}")).collect())?;
    // SAFETY: A number.
    unsafe { libc::umask(0o022) };
    limits(budget, step)?;
    // Where Landlock is missing, the mounts alone say what can be written.
    let _ = landlock();
    filter::install(budget.traced)?;
    Err(kernel::execute(&program, &argv, &environment))
}

/// The program's path, looked for as a shell would.
fn find(step: &GuestStep) -> io::Result<CString> {
    let name = step.argv.first().map_or("", String::as_str);
    if name.contains('/') {
        return kernel::text(name);
    }
    let path = step.environment.get("PATH").map_or("/usr/local/bin:/usr/bin:/bin", String::as_str);
    let runs =
        |path: &String| fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
    let found = path.split(':').map(|folder| format!("{folder}/{name}")).find(runs);
    kernel::text(found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not found in the guest"))?)
}

fn limits(budget: &Budget, step: &GuestStep) -> io::Result<()> {
    let seconds = step.time.as_secs().saturating_mul(4).max(10);
    for (resource, most) in [
        (libc::RLIMIT_NPROC, u64::from(budget.processes)),
        (libc::RLIMIT_DATA, budget.memory),
        (libc::RLIMIT_FSIZE, budget.disk),
        (libc::RLIMIT_NOFILE, 4096),
        (libc::RLIMIT_CORE, 0),
        (libc::RLIMIT_MEMLOCK, 1 << 20),
        (libc::RLIMIT_MSGQUEUE, 0),
        (libc::RLIMIT_SIGPENDING, 1024),
        (libc::RLIMIT_CPU, seconds),
    ] {
        kernel::limit(resource, most)?;
    }
    Ok(())
}

/// What may be read and written, once more: a mount that was forgotten opens nothing.
fn landlock() -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    use landlock::{ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope, path_beneath_rules};
    let newest = ABI::V6;
    let (all, read) = (AccessFs::from_all(newest), AccessFs::from_read(newest));
    let writable = image::WRITABLE.iter().chain(&["/dev/null", "/dev/zero", "/dev/full", "/proc/self"]);
    Ruleset::default()
        .handle_access(all)?
        .scope(Scope::from_all(newest))?
        .create()?
        .add_rules(path_beneath_rules(["/"], read))?
        .add_rules(path_beneath_rules(writable.filter(|path| Path::new(path).exists()), all))?
        .restrict_self()
}

fn landlock_wall() -> Wall {
    // Tried in a child, since it would bind this process too.
    let tried = match fork_into(0) {
        Ok(Forked::Child) => {
            use landlock::RulesetStatus::{FullyEnforced, NotEnforced, PartiallyEnforced};
            kernel::leave(match landlock().map(|status| status.ruleset) {
                Ok(FullyEnforced) => 0,
                Ok(PartiallyEnforced) => 1,
                Ok(NotEnforced) | Err(_) => 2,
            })
        }
        Ok(Forked::Parent(child)) => bury(child),
        Err(_) => None,
    };
    let state = match tried {
        Some(0) => State::Standing,
        Some(1) => State::Partial("this kernel's Landlock is older: signals and abstract sockets are left open".into()),
        _ => State::Missing("this kernel has no Landlock, or it is switched off".into()),
    };
    Wall { name: "landlock".into(), purpose: "a second say on what may be written".into(), state }
}
