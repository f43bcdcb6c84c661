//! `lazaret guard`: a package manager's command, made safe.

use std::{
    fs::File,
    io::{BufRead, BufReader, IsTerminal, Write},
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use clap::ValueEnum;
use engine::{Engine, Limits, Options};
use gate::{
    database::Database,
    guard::{Ended, Guard, GuardError, allowed},
    inspect::{self, Inspector},
    policy::{Door, Policy},
    proxy::{Asker, Cause, Mode, Rules, Summary},
};
use net::{Cache, Environment};
use wire::{Exit, text::count};

use super::surroundings::environment;
use crate::{
    cli,
    output::{escaped, talk},
};

/// What stands under the help.
pub const HELP: &str = "\
The command runs as it would without. Its package manager is told by variables and arguments to ask a registry on this
machine, which leaves out what must not be chosen and analyses what nobody knows before it is handed out.

Exit codes: 20 when something was blocked, 2 and 3 when the guard could not start; else the command's own.";

/// So many packages that were not checked are named.
const MOST: usize = 20;

/// [`Mode`] as it is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ModeName {
    /// It may be used
    Open,
    /// You are asked; without a terminal, it may not be used
    Ask,
    /// It may not be used
    Closed,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Open => Self::Open,
            ModeName::Ask => Self::Ask,
            ModeName::Closed => Self::Closed,
        }
    }
}

pub fn run(arguments: &cli::Guard) -> anyhow::Result<u8> {
    let guard = match guard(arguments) {
        Ok(guard) => guard,
        Err(error) => {
            talk(&format!("error: {error:#}"));
            return Ok(Exit::Usage.code());
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match runtime.block_on(guard.run(&arguments.command)) {
        Ok(ended) => {
            tell(&ended, arguments.quiet);
            let blocked = ended.is_blocked() || ended.code.is_none();
            Ok(if blocked { Exit::Malicious.code() } else { ended.code.unwrap_or_default() })
        }
        Err(error) => {
            talk(&format!("error: {error}"));
            let usage = matches!(error, GuardError::NoCommand | GuardError::UnknownProgram { .. });
            Ok(if usage { Exit::Usage } else { Exit::Unavailable }.code())
        }
    }
}

fn guard(arguments: &cli::Guard) -> anyhow::Result<Guard<Engine>> {
    let environment = environment();
    let engine = Engine::start(Options::new(Limits::default())).context("the analysis cannot start")?;
    let options = inspect::Options::new(environment.clone());
    let (database, notes) = Database::of_user(&environment)?;
    notes.iter().for_each(|note| talk(note));
    let now = now();
    let state = state(&environment)?;
    let mut rules = Rules::of(policy(arguments)?);
    rules.unknown = arguments.unknown.map(Mode::from);
    rules.stale = arguments.stale.map(Mode::from);
    rules.allowed = allowed::holding(&state, now);
    Ok(Guard {
        cache: Cache::folder(&environment),
        state,
        net: options.net.clone(),
        inspector: Arc::new(Inspector::new(engine, options)),
        environment,
        verdicts: Arc::new(database),
        asker: Arc::new(Terminal),
        rules,
        now,
    })
}

/// The policy, with what the command line says of it.
fn policy(arguments: &cli::Guard) -> anyhow::Result<Policy> {
    let mut policy = super::policy::load(arguments.policy.as_deref(), true).map_err(anyhow::Error::msg)?;
    if let Some(hours) = arguments.cooldown {
        policy.settings.cooldown = (hours > 0).then(|| (f64::from(hours), vec![Door::Guard]));
    }
    Ok(policy)
}

/// Where the guard keeps what must last.
pub fn state(environment: &Environment) -> anyhow::Result<PathBuf> {
    gate::guard::state(environment).context("no folder for the guard is known; set LAZARET_STATE_DIR to one")
}

/// Now, in seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64
}

/// The user, at a terminal.
struct Terminal;

impl Asker for Terminal {
    fn ask(&self, name: &str, why: &str) -> Option<bool> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let tty = File::options().read(true).write(true).open("/dev/tty").ok()?;
        let line = |text: &str| escaped(text).replace('\n', " ");
        write!(&tty, "\n{}: {}\nUse it all the same? [y/N] ", line(name), line(why)).ok()?;
        let mut answer = String::new();
        BufReader::new(&tty).read_line(&mut answer).ok()?;
        Some(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

/// The summary, after everything that the command itself has said.
fn tell(ended: &Ended, quiet: bool) {
    let Summary { checked, analysed, withheld, blocked, unchecked, warned, failed, stale } = &ended.summary;
    for one in blocked {
        talk(&format!("lazaret: BLOCKED {}: {}", one.purl, one.why));
    }
    if ended.is_blocked() && blocked.iter().any(|one| one.why.cause != Cause::Bytes) {
        talk("lazaret: if you have read it and want it all the same: lazaret allow PURL --reason TEXT --days N");
    }
    for one in withheld {
        let got = if one.got.is_empty() { "nothing in its place".to_owned() } else { one.got.join(", ") };
        talk(&format!("lazaret: {} {} withheld: {}; got {got}", one.name, one.version, one.why));
    }
    for (what, why) in failed {
        talk(&format!("lazaret: {what} could not be got: {why}"));
    }
    for (what, why) in unchecked.iter().take(MOST) {
        talk(&format!("lazaret: NOT CHECKED {what}: {why}"));
    }
    if unchecked.len() > MOST {
        talk(&format!("lazaret: NOT CHECKED: {} more", unchecked.len() - MOST));
    }
    for (what, why) in warned.iter().take(MOST) {
        talk(&format!("lazaret: warning: {what}: {why}"));
    }
    let loud =
        !(warned.is_empty() && blocked.is_empty() && withheld.is_empty() && failed.is_empty() && unchecked.is_empty());
    if quiet && !loud {
        return;
    }
    ended.notes.iter().for_each(|note| talk(&format!("lazaret: note: {note}")));
    if let Some(stale) = stale.as_ref().filter(|_| !checked.is_empty()) {
        talk(&format!("lazaret: note: {stale}; only its own analysis decided"));
    }
    if ended.code.is_none() {
        talk("lazaret: the command was not started");
    } else if loud || !checked.is_empty() {
        talk(&format!(
            "lazaret: {} checked, {analysed} of them analysed now, {} withheld, {} blocked, {} not checked",
            count(checked.len() as u64, "release"),
            withheld.len(),
            blocked.len(),
            unchecked.len()
        ));
    }
}
