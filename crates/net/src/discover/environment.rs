//! Everything that discovery looks at from outside, so that tests can make it up.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// The user's surroundings.
#[derive(Clone)]
pub struct Environment {
    /// The folder in which the user is.
    pub cwd: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The root of the file system, under which system-wide configuration is.
    pub root: PathBuf,
    /// The environment variables.
    pub vars: BTreeMap<String, String>,
    /// The clients.
    pub programs: Arc<dyn Programs>,
    /// Where answers of slow clients are remembered.
    pub memory: Option<PathBuf>,
    /// Whether remembered answers are passed over.
    pub fresh: bool,
}

/// The client programs of the user.
pub trait Programs: Send + Sync {
    /// Where a program is.
    fn find(&self, name: &str) -> Option<PathBuf>;

    /// Runs a program with further variables, in a folder without configuration, and waits a bearable time.
    fn run(&self, program: &Path, arguments: &[&str], vars: &[(&str, &str)]) -> Option<Output>;
}

/// What a program printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Its data.
    pub stdout: String,
    /// Its talk.
    pub stderr: String,
}

impl Environment {
    /// The surroundings of this process. The memory is a file of this folder.
    pub fn of_process(memory: Option<&Path>) -> Self {
        let vars: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let path = vars.iter().find(|(key, _)| key.eq_ignore_ascii_case("path")).map(|(_, value)| value.clone());
        Self {
            cwd: std::env::current_dir().unwrap_or_default(),
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            root: PathBuf::from(std::path::MAIN_SEPARATOR_STR),
            programs: Arc::new(System { path: path.unwrap_or_default() }),
            memory: memory.map(|folder| folder.join("clients.json")),
            fresh: false,
            vars,
        }
    }

    /// A variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A path in the user's home.
    pub(super) fn at_home(&self, path: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(path))
    }

    /// A path of the system-wide configuration (`etc/pip.conf`).
    pub(super) fn at_root(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The folder of the user's configuration.
    pub(super) fn config_home(&self) -> Option<PathBuf> {
        match (self.var("XDG_CONFIG_HOME"), self.var("APPDATA")) {
            (Some(folder), _) => Some(PathBuf::from(folder)),
            (None, Some(folder)) if cfg!(windows) => Some(PathBuf::from(folder)),
            _ => self.at_home(".config"),
        }
    }

    /// The text of a file, if it is there.
    pub(super) fn text(&self, path: &Path) -> Option<String> {
        Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned())
    }

    /// A path as the user would write it.
    pub(super) fn shown(&self, path: &Path) -> String {
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) => format!("~/{}", rest.display()),
            None => path.display().to_string(),
        }
    }
}

/// The programs of this system.
#[derive(Debug, Clone)]
pub struct System {
    /// The search path.
    pub path: String,
}

const PATIENCE: Duration = Duration::from_secs(20);

impl Programs for System {
    fn find(&self, name: &str) -> Option<PathBuf> {
        let ends: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
        let files = std::env::split_paths(&self.path).filter(|folder| folder.is_absolute());
        files
            .flat_map(|folder| ends.iter().map(move |end| folder.join(format!("{name}{end}"))))
            .find(|path| path.is_file())
    }

    fn run(&self, program: &Path, arguments: &[&str], vars: &[(&str, &str)]) -> Option<Output> {
        let mut command = Command::new(program);
        command.args(arguments).envs(vars.iter().copied()).current_dir(std::path::MAIN_SEPARATOR_STR);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
        let (stdout, stderr) = (drain(child.stdout.take()?), drain(child.stderr.take()?));
        let start = Instant::now();
        while child.try_wait().ok()?.is_none() {
            if start.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
        Some(Output { stdout: stdout.join().ok()?, stderr: stderr.join().ok()? })
    }
}

/// Reads a pipe to its end, so that the program never waits for us; a megabyte of it is kept.
fn drain(pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut pipe = pipe.take(1 << 20);
        let _ = pipe.read_to_end(&mut bytes);
        let _ = std::io::copy(&mut pipe.into_inner(), &mut std::io::sink());
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
