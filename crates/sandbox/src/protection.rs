//! Protecting without watching: a whole process tree, such as that of an install, that sees no secrets of the user, writes
//! only where it was allowed to and reaches nothing but one port of this machine.
//!
//! [`protected`] gives a command that starts this program once more with [`PROTECT_ARGUMENT`]; that process raises the
//! walls and starts the command proper below itself. Standard input, output and error stay what the caller made them.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod files;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod relay;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod tree;

use std::{
    ffi::OsStr,
    path::PathBuf,
    process::{Command, ExitCode},
};

use serde::{Deserialize, Serialize};

use crate::{Launcher, State, Wall};

/// The first argument of a program that is to protect; [`protected`] knows the others.
pub const PROTECT_ARGUMENT: &str = "protect-processes";

/// What a program that could not be protected ends with. Nothing was started then.
pub const UNPROTECTED: u8 = 125;

/// What a process tree may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Files and folders in which it may write; those that do not exist are passed over. Everything else can only be read.
    pub writable: Vec<PathBuf>,
    /// Files and folders that it cannot read, what lies in them included. What is writable is never hidden.
    pub hidden: Vec<PathBuf>,
    /// The port of this machine's loopback that it may connect to. All other network leads nowhere.
    pub port: Option<u16>,
}

impl Protection {
    /// What a home has that no install needs, below the folder of the user.
    pub const SECRETS: &[&str] = &[
        ".ssh",
        ".aws",
        ".azure",
        ".gnupg",
        ".kube",
        ".docker",
        ".netrc",
        ".git-credentials",
        ".pypirc",
        ".npmrc",
        ".yarnrc.yml",
        ".cargo/credentials",
        ".cargo/credentials.toml",
        ".gem/credentials",
        ".config/gcloud",
        ".config/gh",
        ".config/hub",
        ".config/glab-cli",
        ".config/google-chrome",
        ".config/chromium",
        ".config/BraveSoftware",
        ".config/Code",
        ".config/solana",
        ".mozilla",
        ".thunderbird",
        ".password-store",
        ".local/share/keyrings",
        ".electrum",
        ".ethereum",
        ".bitcoin",
        ".bash_history",
        ".zsh_history",
        ".node_repl_history",
        ".python_history",
        ".claude",
        ".claude.json",
        ".codex",
        ".gemini",
        ".vault-token",
        ".terraform.d",
        ".databrickscfg",
    ];

    /// Hides the secrets of this home.
    pub fn hide_secrets(&mut self, home: &std::path::Path) {
        self.hidden.extend(Self::SECRETS.iter().map(|name| home.join(name)));
    }
}

/// A command that starts a program with its arguments under protection. The caller sets folder, environment and
/// descriptors as for the program itself. It ends with the program's code, or with [`UNPROTECTED`] and a sentence on
/// standard error when a needed wall cannot be raised: see [`protection_layers`].
pub fn protected<I, A>(
    launcher: &Launcher,
    protection: &Protection,
    program: impl AsRef<OsStr>,
    arguments: I,
) -> Command
where
    I: IntoIterator<Item = A>,
    A: AsRef<OsStr>,
{
    let mut command = Command::new(&launcher.program);
    let text = serde_json::to_string(protection).unwrap_or_default();
    command.arg(PROTECT_ARGUMENT).arg(text).arg(program).args(arguments);
    command
}

/// The walls that this machine can raise around a process tree. Where Landlock or seccomp is missing nothing is started.
pub fn protection_layers(launcher: &Launcher) -> Vec<Wall> {
    let missing = |why: String| {
        let purpose = "install scripts see no secrets and write only where they may".into();
        vec![Wall { name: "protection".into(), purpose, state: State::Missing(why) }]
    };
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return missing("Lazaret can raise it on Linux on x86-64 only".into());
    }
    // Tried in a process of its own, since what is raised stands for good.
    match Command::new(&launcher.program).args([PROTECT_ARGUMENT, LAYERS]).env_clear().output() {
        Ok(output) => serde_json::from_slice(&output.stdout).unwrap_or_else(|error| missing(error.to_string())),
        Err(error) => missing(error.to_string()),
    }
}

/// Asks for the walls instead of a program.
const LAYERS: &str = "layers";

/// What `main` does when its first argument is [`PROTECT_ARGUMENT`].
pub fn protect() -> ExitCode {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    {
        if std::env::args_os().nth(2).is_some_and(|argument| argument == LAYERS) {
            println!("{}", serde_json::to_string(&tree::layers()).unwrap_or_default());
            return ExitCode::SUCCESS;
        }
        tree::protect()
    }
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    ExitCode::from(UNPROTECTED)
}
