//! What a package did while it ran in the sandbox: events in the order in which they happened, each with who caused it.
//!
//! Events come from the kernel and from the supervisor only, never from inside the sandbox: what a package says of itself
//! is content, not evidence.

use serde::{Deserialize, Serialize};

use crate::{Digest, Gap, Phase};

/// The version of the event format. It grows when a reader of older events could misunderstand newer ones.
pub const TRACE_VERSION: u32 = 1;

/// Everything that was seen while one artifact ran.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trace {
    /// The version of the format.
    pub version: u32,
    /// What was run, in order.
    pub steps: Vec<TraceStep>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What could not be seen or run: limits that were hit, drivers that failed, layers that were missing.
    pub gaps: Vec<Gap>,
}

/// One step of a run: one command in its own process tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// A short name: `postinstall`, `require`, `call`, `import requests`.
    pub name: String,
    /// The phase of an installation that it plays.
    pub phase: Phase,
    /// The profile of the machine that it plays (`developer`, `ci`, `windows`, ...).
    pub profile: String,
    /// The command line.
    pub argv: Vec<String>,
    /// How it ended; none when it was stopped.
    pub exit: Option<i32>,
    /// The end of what it printed: hostile prose.
    pub output: String,
    /// How long it ran, in milliseconds by the clock.
    pub millis: u64,
}

/// Who says that an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The tracer, from the kernel.
    Tracer,
    /// The sinkhole at the other end of every connection.
    Sink,
    /// The file system that was left behind.
    Files,
    /// The supervisor: steps, limits.
    Supervisor,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number, from 0, in the order of the trace.
    pub number: u32,
    /// Microseconds since the run started.
    pub micros: u64,
    /// The step during which it happened: an index into [`Trace::steps`].
    pub step: u32,
    /// The process, as the sandbox numbers it; 0 when no process did it or none is known.
    pub process: u32,
    /// Its parent.
    pub parent: u32,
    /// Who says so.
    pub source: Source,
    /// What.
    pub deed: TraceDeed,
    /// Whether it succeeded. What a package tried and was refused is evidence as well.
    pub ok: bool,
    /// Which planted secrets went through it, each as `name:encoding>encoding`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// The events without which it would not have been possible: what was read before it was sent, what was received
    /// before it was started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<u32>,
}

/// What happened. Texts are the package's own and hostile; they are cut to a bearable length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TraceDeed {
    /// A program was started.
    Exec {
        /// The file as the kernel knows it.
        path: String,
        /// The command line.
        argv: Vec<String>,
        /// Its digest, when it is not one of the machine's own programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Digest>,
        /// Variables of the environment that differ from the parent's: names alone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<String>,
    },
    /// A process or thread was started.
    Fork {
        /// The new process.
        child: u32,
    },
    /// A process ended.
    Exit {
        /// Its code, or 128 and the signal.
        code: i32,
    },
    /// A file was opened.
    Open {
        /// The path as it was asked for.
        asked: String,
        /// The path as the kernel resolved it. A difference that no link explains is evidence of evasion.
        path: String,
        /// Whether it was opened to be written.
        write: bool,
    },
    /// A file or folder was removed.
    Unlink {
        /// Its path.
        path: String,
    },
    /// A file or folder was renamed or linked.
    Rename {
        /// Its path before.
        from: String,
        /// Its path afterwards.
        to: String,
    },
    /// The mode of a file was changed.
    Chmod {
        /// Its path.
        path: String,
        /// The new mode.
        mode: u32,
    },
    /// A file without a name was made.
    Memfd {
        /// What it was called.
        name: String,
    },
    /// The content of a file, as it was left behind or as it was before it vanished.
    File {
        /// Its path.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// Its digest.
        sha256: Digest,
        /// Its first bytes, as text where it is text.
        head: String,
        /// Whether it was gone at the end.
        vanished: bool,
    },
    /// A connection was tried.
    Connect {
        /// The address and port, or the path of a local socket.
        address: String,
        /// The name that led to the address, when one was asked for before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A port was listened on.
    Listen {
        /// The address and port.
        address: String,
    },
    /// A name was asked for.
    Dns {
        /// The name.
        name: String,
        /// The type of the question (`A`, `TXT`, ...).
        record: String,
    },
    /// A request of HTTP, inside TLS or not.
    Http {
        /// The method.
        method: String,
        /// The whole address, with scheme and host.
        url: String,
        /// The headers that are not always there.
        headers: Vec<(String, String)>,
        /// The body's size in bytes.
        size: u64,
        /// The body's digest, when it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Digest>,
        /// The first bytes of the body, as text where it is text, else in base64.
        head: String,
        /// The status that was answered.
        status: u16,
        /// The digest of what was answered, when it was a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answered: Option<Digest>,
    },
    /// A TLS handshake was refused by the client: it trusts its own roots only.
    TlsRefused {
        /// The name that it asked for.
        name: String,
        /// Why, as far as it said so.
        reason: String,
    },
    /// Bytes went over a connection that speaks nothing known, or over UDP.
    Raw {
        /// The address and port, or the name.
        address: String,
        /// What was spoken, in a word: `tcp`, `udp`, `smtp`, `websocket`, `ssh`, ...
        protocol: String,
        /// How many bytes the package sent.
        sent: u64,
        /// The first of them, as text where it is text, else in base64.
        head: String,
        /// Whether the package waited for the other side to speak first, as a reverse shell does.
        waited: bool,
    },
    /// A call that the sandbox refuses.
    Refused {
        /// The call.
        call: String,
        /// What it would be good for, in a few words.
        why: String,
    },
    /// A process or its memory was looked into, or a debugger was looked for.
    Probe {
        /// What was looked at.
        what: String,
    },
    /// A wait was cut short.
    Slept {
        /// How long it would have been, in milliseconds.
        millis: u64,
    },
    /// A signal was sent to another process.
    Signal {
        /// To which.
        to: u32,
        /// Its number.
        signal: i32,
    },
    /// A ceiling was hit.
    Limit {
        /// Which: `time`, `memory`, `processes`, `files`, `output`, `events`, `network`.
        what: String,
    },
}

impl Trace {
    /// Leaves out what is none of the package's deeds. Numbers and causes follow.
    pub fn retain(&mut self, keep: impl Fn(&Event) -> bool) {
        let kept: Vec<u32> = self.events.iter().filter(|event| keep(event)).map(|event| event.number).collect();
        let renumbered = |number: &u32| kept.binary_search(number).ok().map(|at| at as u32);
        self.events.retain(|event| kept.binary_search(&event.number).is_ok());
        for (number, event) in (0..).zip(&mut self.events) {
            event.causes = event.causes.iter().filter_map(renumbered).collect();
            event.number = number;
        }
    }

    /// Puts another run of the same artifact behind this one: its steps, events and times go on where these end.
    pub fn append(&mut self, other: Self) {
        let (steps, events) = (self.steps.len() as u32, self.events.len() as u32);
        let start = self.events.last().map_or(0, |event| event.micros);
        self.version = self.version.max(other.version);
        self.steps.extend(other.steps);
        self.events.extend(other.events.into_iter().map(|event| Event {
            number: event.number + events,
            micros: event.micros + start,
            step: event.step + steps,
            causes: event.causes.iter().map(|cause| cause + events).collect(),
            ..event
        }));
        for gap in other.gaps {
            if !self.gaps.contains(&gap) {
                self.gaps.push(gap);
            }
        }
    }
}
