//! What code can do or did: the one language that every witness speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What is done. The vocabulary is closed: rules, reports and policies all use these words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Action {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Action {
            /// Every action, in the order of the vocabulary.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word for it, as it stands in JSON and reports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The action of this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

actions! {
    /// One named environment variable is read. Object: its name.
    EnvRead = "env.read",
    /// The whole environment is read.
    EnvReadAll = "env.read_all",
    /// The environment is changed. Object: the variable's name.
    EnvWrite = "env.write",
    /// The machine, user or network identity is read. Object: which (`hostname`, `user`, `cwd`, `platform`, `mac`, `ip`).
    HostInfo = "host.info",
    /// A file is read. Object: its path.
    FileRead = "file.read",
    /// A file is written. Object: its path.
    FileWrite = "file.write",
    /// A file or tree is deleted. Object: its path.
    FileDelete = "file.delete",
    /// A directory is listed or walked. Object: its path.
    FileList = "file.list",
    /// A file is made executable. Object: its path.
    FileChmod = "file.chmod",
    /// Content is fetched from a host. Object: the address.
    NetFetch = "net.fetch",
    /// Data is sent to a host. Object: the address.
    NetSend = "net.send",
    /// A raw connection is opened. Object: `host:port`.
    NetConnect = "net.connect",
    /// Data is received from a connection.
    NetReceive = "net.receive",
    /// A port is listened on.
    NetListen = "net.listen",
    /// A name is resolved. Object: the name.
    NetResolve = "net.resolve",
    /// A process is started. Object: the command line.
    ProcExec = "proc.exec",
    /// A process is ended.
    ProcKill = "proc.kill",
    /// Text is run as code in the same interpreter. Object: the code, when it is known.
    CodeEval = "code.eval",
    /// A compiled or native thing is loaded as code. Object: what.
    CodeLoad = "code.load",
    /// A module is imported under a name that is computed or hidden. Object: the name.
    CodeImport = "code.import",
    /// A decoder is applied. Object: the decoder.
    DataDecode = "data.decode",
    /// A decryption is applied. Object: the cipher.
    DataDecrypt = "data.decrypt",
    /// Bytes are compressed or encoded. Object: the encoder.
    DataEncode = "data.encode",
    /// Memory is allocated, made executable or written from outside (VirtualAlloc, mmap, memfd).
    MemoryNative = "memory.native",
    /// The clipboard is read.
    ClipboardRead = "clipboard.read",
    /// The clipboard is written.
    ClipboardWrite = "clipboard.write",
    /// The screen is captured.
    ScreenCapture = "screen.capture",
    /// Keys or pointer events are captured.
    InputCapture = "input.capture",
    /// A camera or microphone is used.
    MediaCapture = "media.capture",
    /// The Windows registry is read. Object: the key.
    WinregRead = "winreg.read",
    /// The Windows registry is written. Object: the key.
    WinregWrite = "winreg.write",
    /// A package is installed at run time. Object: the package.
    PackageInstall = "package.install",
    /// A package is published. Object: the command or address.
    PackagePublish = "package.publish",
    /// A secret store of the system is asked (keychain, DPAPI, secret service). Object: which.
    SecretStore = "secret.store",
    /// A secret that a caller hands over comes in by a parameter. Object: the parameter's name.
    SecretArgument = "secret.argument",
    /// A browser, wallet or page object is hooked or replaced (`window.ethereum`, `fetch`). Object: which.
    HookGlobal = "hook.global",
    /// Output of the program is silenced.
    OutputSilence = "output.silence",
    /// The program waits. Object: seconds, when they are known.
    Sleep = "time.sleep",
    /// The program ends itself early.
    Exit = "proc.exit",
    /// A debugger, virtual machine or sandbox is looked for.
    EvasionCheck = "evasion.check",
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When code runs. The order is the order of weight: earlier phases need less of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// While the package is installed or its metadata is built.
    Install,
    /// While a project that depends on it is compiled.
    Build,
    /// Whenever the interpreter starts, or an editor or agent opens the folder.
    Startup,
    /// When the package is imported.
    Import,
    /// Only when something of it is called.
    Runtime,
}

impl Phase {
    /// Every phase, the earliest first.
    pub const ALL: [Self; 5] = [Self::Install, Self::Build, Self::Startup, Self::Import, Self::Runtime];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Build => "build",
            Self::Startup => "startup",
            Self::Import => "import",
            Self::Runtime => "runtime",
        }
    }

    /// Whether it happens without anybody calling the package's functions.
    pub const fn is_automatic(self) -> bool {
        !matches!(self, Self::Runtime)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a place in a file is reached once the file is loaded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// It runs when the file is loaded.
    Load,
    /// It runs when the named function is called (`Class.method` for methods; empty for an anonymous one).
    Call(String),
}

/// How sure we are of an object's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// The text is the whole constant.
    Constant,
    /// The text is a pattern: each unknown part is shown as `{}`.
    Pattern,
    /// Nothing is known; the text is empty.
    #[default]
    Unknown,
}

/// The target of an action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Object {
    /// The constant or pattern.
    pub text: String,
    /// How sure we are of it.
    pub known: Known,
}

impl Object {
    /// A whole constant.
    pub fn constant(text: impl Into<String>) -> Self {
        Self { text: text.into(), known: Known::Constant }
    }

    /// A text with unknown parts, each shown as `{}`.
    pub fn pattern(text: impl Into<String>) -> Self {
        Self { text: text.into(), known: Known::Pattern }
    }

    /// Nothing is known.
    pub fn unknown() -> Self {
        Self::default()
    }
}

/// A place in a file of the package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The path inside the package; `!` separates the levels of nested archives.
    pub path: String,
    /// The line, from 1. Inside a layer it is the line of the decoded text.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The decoded layer in which the place lies: an index into the layers of the same file, or none for the file itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub layer: Option<u32>,
}

/// Code that was hidden, and decoded by us without running it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Where the hidden code stood: its place in the file or in an outer layer.
    pub place: Place,
    /// How it was hidden, outermost first (`base64`, `zlib`), or how it was handed on (`shell`, `eval`).
    pub how: Vec<String>,
    /// The language in which it was read (`python`, `javascript`, `shell`, ...).
    pub language: String,
    /// The decoded text, cut after a few kilobytes.
    pub text: String,
}

/// Who says that a behaviour exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Witness {
    /// The source says so.
    Static,
    /// It was seen to happen in the sandbox.
    Trace,
}

/// One thing that code can do or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behaviour {
    /// What is done.
    pub action: Action,
    /// To what.
    pub object: Object,
    /// The resolved name of what does it (`requests.post`, `child_process.exec`), aliases undone.
    pub api: String,
    /// Circumstances, in kebab-case: `shell`, `hidden-window`, `silenced`, `detached`, `from-literal`, `hidden-name`, ...
    pub flags: Vec<String>,
    /// How it is reached once its file is loaded.
    pub reach: Reach,
    /// When it runs. `syntax` leaves `Runtime`; `analysis` sets it from the package's entry points.
    pub phase: Phase,
    /// Who says so.
    pub witness: Witness,
    /// Where.
    pub place: Place,
}

impl Behaviour {
    /// Whether this circumstance is noted.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }
}

/// As what data enters the action it flows to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// As content: what is sent, written or decoded.
    Data,
    /// As a part of the address or name: a URL, host or label.
    Address,
    /// As a path.
    Path,
    /// As a command line.
    Command,
    /// As code.
    Code,
}

/// Data goes from one behaviour to another. The numbers are indices into the behaviours of the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flow {
    /// The behaviour that yields the data.
    pub from: u32,
    /// The behaviour that takes it.
    pub to: u32,
    /// As what.
    pub role: Role,
}
