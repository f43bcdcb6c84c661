//! The machines that are played, as data.

/// One machine and moment at which a package runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name in traces.
    pub name: &'static str,
    /// How many days the clock is ahead.
    pub days: u32,
    /// By how much waits are divided.
    pub hurry: u32,
    /// The platform that interpreters say they run on; empty for the true one.
    pub platform: &'static str,
    /// Variables that this machine has.
    pub variables: &'static [(&'static str, &'static str)],
}

/// Somebody's laptop, today.
pub const DEVELOPER: Profile = Profile {
    name: "developer",
    days: 0,
    hurry: 60,
    platform: "",
    variables: &[
        ("TERM", "xterm-256color"),
        ("EDITOR", "vim"),
        ("SHELL", "/bin/bash"),
        ("XDG_SESSION_TYPE", "wayland"),
    ],
};

/// A runner that builds, a year from now.
pub const RUNNER: Profile = Profile {
    name: "ci",
    days: 365,
    hurry: 60,
    platform: "",
    variables: &[
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_WORKFLOW", "release"),
        ("GITHUB_REPOSITORY", "annika-holm/shop"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SHA", "7638417db6d59f3c431d3e1f261cc637155684cd"),
        ("GITHUB_RUN_ID", "9417203311"),
        ("GITHUB_ACTOR", "annika-holm"),
        ("GITHUB_EVENT_NAME", "push"),
        ("RUNNER_OS", "Linux"),
        ("RUNNER_ENVIRONMENT", "github-hosted"),
        ("RUNNER_TEMP", "/tmp"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://token.actions.example/request"),
    ],
};

/// The same laptop, as if it ran Windows. A run of its own: honest packages go other ways then.
pub const WINDOWS: Profile = Profile { name: "windows", platform: "win32", ..DEVELOPER };

/// The same laptop, as if it ran macOS.
pub const MAC: Profile = Profile { name: "mac", platform: "darwin", ..DEVELOPER };

/// Every profile, the usual ones first.
pub const PROFILES: &[Profile] = &[DEVELOPER, RUNNER, WINDOWS, MAC];

impl Profile {
    /// The profile of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }
}
