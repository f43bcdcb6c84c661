//! Guests: what a package that runs can do, and what is seen of it. Each test runs as whoever runs the tests and, where that
//! is the system's owner, as an ordinary user as well. A layer that is missing on this machine fails the test with the
//! reason, since nothing that it would show is shown.
//!
//! What each attempt does is in `examples/specimen.rs`.

mod bombs;
mod bypasses;
mod escapes;
mod network;
mod protection;

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::OnceLock, time::Duration};

use model::{Event, Phase, TraceDeed};
use sandbox::{Budget, Detonation, Guest, GuestStep, Launcher};

/// A user of this machine who owns nothing.
const NOBODY: u32 = 54_321;

/// A program that cargo builds beside the tests.
fn example(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().expect("this test has a path");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(name);
    assert!(path.exists(), "build it with `cargo build -p sandbox --examples`");
    path
}

/// The supervisor where every user can start it: one copy for all tests, made anew when the program changed.
fn supervisor() -> PathBuf {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let built = example("supervisor");
        let meta = fs::metadata(&built).expect("it is built");
        let age = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        let user = rustix::process::geteuid().as_raw();
        let copy = std::env::temp_dir().join(format!("lazaret-supervisor-{user}-{}", age.as_nanos()));
        if !copy.exists() {
            // Tests run side by side: each writes its own, and the last one stays.
            let own = copy.with_extension(std::process::id().to_string());
            fs::copy(&built, &own).expect("copied");
            fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).expect("opened");
            fs::rename(&own, &copy).expect("renamed");
        }
        copy
    };
    COPY.get_or_init(make).clone()
}

/// Everyone as whom guests are tried.
fn launchers() -> Vec<Launcher> {
    let owner = rustix::process::geteuid().is_root();
    let users = if owner { vec![None, Some(NOBODY)] } else { vec![None] };
    users.into_iter().map(|user| Launcher { program: supervisor(), user }).collect()
}

fn step(argv: &[&str]) -> GuestStep {
    GuestStep {
        name: argv.join(" "),
        phase: Phase::Install,
        profile: "developer".into(),
        argv: argv.iter().map(|one| (*one).to_owned()).collect(),
        environment: BTreeMap::from([
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ("HOME".to_owned(), Guest::HOME.to_owned()),
            ("SPECIMEN".to_owned(), "1".to_owned()),
        ]),
        folder: Guest::WORK.into(),
        time: Duration::from_secs(60),
        dwell: Duration::from_secs(5),
    }
}

/// A guest with the specimen and a secret.
fn guest() -> Guest {
    let mut guest = Guest { host_name: "specimens".into(), ..Guest::default() };
    guest.seed("/work/specimen", fs::read(example("specimen")).expect("it is built"), 0o755);
    guest.seed("/home/dev/.secret", "secret", 0o600);
    guest.seed("/home/dev/.plainx", "plain", 0o600);
    guest
}

/// What came of attempts: the outcome of each by name, and everything else.
struct Tried {
    outcomes: BTreeMap<String, String>,
    ran: Detonation,
}

impl Tried {
    fn events(&self) -> impl Iterator<Item = &Event> {
        self.ran.trace.events.iter()
    }

    fn outcome(&self, name: &str) -> &str {
        self.outcomes.get(name).map_or("no outcome", String::as_str)
    }

    fn saw(&self, fits: impl Fn(&TraceDeed) -> bool) -> bool {
        self.events().any(|event| fits(&event.deed))
    }

    fn saw_refused(&self, name: &str) -> bool {
        self.saw(|deed| matches!(deed, TraceDeed::Refused { call, .. } if call == name))
    }

    fn saw_limit(&self, name: &str) -> bool {
        self.saw(|deed| matches!(deed, TraceDeed::Limit { what } if what == name))
    }

    fn saw_secret_opened(&self) -> bool {
        self.saw(|deed| matches!(deed, TraceDeed::Open { path, .. } if path == "/home/dev/.secret"))
    }
}

/// Tries attempts in a fresh guest.
fn attempt_with(launcher: &Launcher, attempts: &[&str], budget: &Budget) -> Tried {
    let mut argv = vec!["/work/specimen"];
    argv.extend(attempts);
    let ran = sandbox::run(launcher, &guest(), &[step(&argv)], budget).unwrap_or_else(|error| panic!("{error}"));
    let lines = ran.trace.steps[0].output.lines().filter_map(|line| line.split_once(": "));
    let outcomes = lines.map(|(name, outcome)| (name.to_owned(), outcome.to_owned())).collect();
    Tried { outcomes, ran }
}

fn attempt(launcher: &Launcher, attempts: &[&str]) -> Tried {
    attempt_with(launcher, attempts, &Budget::default())
}
