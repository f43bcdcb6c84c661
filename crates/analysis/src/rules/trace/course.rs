//! A trace, prepared for the rules: who ran what when, and what was sent where.

use std::collections::HashMap;

use model::{Analysis, Event, Phase, Place, Trace, TraceDeed, TraceStep};

use super::baseline::baseline;
use crate::rules::{
    Report,
    credentials::store::{Family, Store, store_of},
    query::{host_of, short},
};

/// Whose secrets are worth something to a thief.
const PRECIOUS: &[Family] =
    &[Family::Developer, Family::Wallet, Family::Browser, Family::Discord, Family::Session, Family::System];

/// What happened, with what is known of the package beforehand.
pub struct Course<'a> {
    trace: &'a Trace,
    /// What reading the source yielded, when it was read.
    pub foreseen: Option<&'a Analysis>,
    /// For each process of each step, the programs that it became, each with the number of the event.
    programs: HashMap<(u32, u32), Vec<(u32, String)>>,
    parents: HashMap<(u32, u32), u32>,
}

/// Bytes that left.
pub struct Sent<'a> {
    /// The event.
    pub event: &'a Event,
    /// The host, or the address.
    pub host: String,
    /// How many bytes.
    pub size: u64,
}

impl<'a> Course<'a> {
    /// Prepares a trace.
    pub fn new(trace: &'a Trace, foreseen: Option<&'a Analysis>) -> Self {
        let mut course = Self { trace, foreseen, programs: HashMap::new(), parents: HashMap::new() };
        for event in &trace.events {
            if event.parent != 0 {
                course.parents.insert((event.step, event.process), event.parent);
            }
            match &event.deed {
                TraceDeed::Fork { child } => {
                    course.parents.insert((event.step, *child), event.process);
                }
                TraceDeed::Exec { path, argv, .. } if event.ok => {
                    let name = program_name(path, argv);
                    course.programs.entry((event.step, event.process)).or_default().push((event.number, name));
                }
                _ => {}
            }
        }
        course
    }

    /// Everything that happened.
    pub fn events(&self) -> impl Iterator<Item = &'a Event> {
        self.trace.events.iter()
    }

    /// The step during which something happened.
    pub fn step(&self, event: &Event) -> Option<&'a TraceStep> {
        self.trace.steps.get(event.step as usize)
    }

    /// When it happened.
    pub fn phase(&self, event: &Event) -> Phase {
        self.step(event).map_or(Phase::Runtime, |step| step.phase)
    }

    /// The program that did it: the name of the file, or of the installer that an interpreter runs. Empty when nobody
    /// knows.
    pub fn program(&self, event: &Event) -> &str {
        self.lineage(event).next().unwrap_or("")
    }

    /// Whether a program of this kind did it, or started what did it.
    pub fn is_below(&self, event: &Event, is_one: impl Fn(&str) -> bool) -> bool {
        self.lineage(event).any(is_one)
    }

    /// The programs that did it and those that started them, from the nearest on.
    fn lineage(&self, event: &Event) -> impl Iterator<Item = &str> {
        let (step, number) = (event.step, event.number);
        let mut process = Some(event.process);
        let mut left = 32;
        std::iter::from_fn(move || {
            while let Some(at) = process.filter(|_| left > 0) {
                left -= 1;
                process = self.parents.get(&(step, at)).copied().filter(|parent| *parent != at);
                let mut became = self.programs.get(&(step, at)).into_iter().flatten().rev();
                if let Some((_, name)) = became.find(|(since, _)| *since <= number) {
                    return Some(name.as_str());
                }
            }
            None
        })
    }

    /// Reads of files that hold secrets, other than those that a program reads for itself.
    pub fn secret_reads(&self) -> Vec<(&'a Event, &'static Store)> {
        let read = |event: &'a Event| {
            let TraceDeed::Open { path, write: false, .. } = &event.deed else { return None };
            let store = store_of(path, PRECIOUS).filter(|_| event.ok && is_in_home(path))?;
            let own = self.is_below(event, |program| baseline().is_own_read(program, path));
            (!own).then_some((event, store))
        };
        self.events().filter_map(read).collect()
    }

    /// What was sent, at least so many bytes at a time, to anybody but the drivers' own host.
    pub fn sent(&self, least: u64) -> Vec<Sent<'a>> {
        self.events().filter_map(sent).filter(|sent| sent.size >= least && !baseline().is_own(&sent.host)).collect()
    }

    /// The place in the package that a step starts from: the manifest with its hooks, or the file that is loaded.
    pub fn place(&self, event: &Event) -> Place {
        let path = self.step(event).map_or("", |step| step.name.rsplit(' ').next().unwrap_or_default());
        let path = match path {
            path if path.contains('.') => path,
            "preinstall" | "install" | "postinstall" => "package.json",
            "build" => "pyproject.toml",
            _ => "",
        };
        Place { path: path.to_owned(), line: 1, column: 1, layer: None }
    }

    /// The name of the package's own folder below `node_modules` or `site-packages`.
    pub fn own_folders(&self) -> Vec<&str> {
        let known = self.foreseen.and_then(|analysis| analysis.facts.name.as_deref());
        let words = self.trace.steps.iter().flat_map(|step| step.argv.iter());
        let modules = words.clone().filter_map(|word| folder_after(word, "node_modules/"));
        // The drivers of Python name the modules themselves.
        let names =
            words.filter(|word| !word.contains(['/', '-', ' '])).map(|word| word.split('.').next().unwrap_or(word));
        known.into_iter().chain(modules).chain(names).collect()
    }
}

impl Report {
    /// Where and when an event happened, as a step of a chain with its number.
    pub fn event(self, course: &Course, event: &Event) -> Self {
        let place = course.place(event);
        let during = course.step(event).map_or("", |step| step.name.as_str());
        let note = format!("event {}, during {during}: {}", event.number, words(&event.deed));
        self.phase(course.phase(event)).at(place.clone()).step(place, note)
    }
}

/// The folder of a package after this part of a path.
pub fn folder_after<'p>(path: &'p str, part: &str) -> Option<&'p str> {
    let at = path.rfind(part)? + part.len();
    let rest = &path[at..];
    let parts = if rest.starts_with('@') { 2 } else { 1 };
    let end = rest.match_indices('/').nth(parts - 1).map_or(rest.len(), |(end, _)| end);
    (end > 0).then(|| &rest[..end])
}

/// Whether a path lies in somebody's home.
pub fn is_in_home(path: &str) -> bool {
    path.starts_with("/home/") || path.starts_with("/root/")
}

fn program_name(path: &str, argv: &[String]) -> String {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let file = name(path);
    let interprets = ["node", "python", "sh", "bash"].iter().any(|one| file.starts_with(one));
    // `node .../npm-cli.js` is npm, and `python3 -m pip` is pip.
    let known = interprets
        .then(|| {
            let words = argv.iter().skip(1).filter(|word| !word.starts_with('-')).take(1);
            let named = words.map(|word| name(word).trim_end_matches(".js").trim_end_matches("-cli").to_owned());
            named.into_iter().find(|one| baseline().is_installer(one))
        })
        .flatten();
    known.unwrap_or_else(|| if file.starts_with("python") { "python3".to_owned() } else { file })
}

fn sent(event: &Event) -> Option<Sent<'_>> {
    match &event.deed {
        TraceDeed::Http { method, url, size, .. } => {
            let host = host_of(url)?;
            // What is sent without a body is in the address.
            let query = url.split_once('?').map_or(0, |(_, query)| query.len() as u64);
            let size = if method == "GET" || method == "HEAD" { query } else { *size + query };
            Some(Sent { event, host, size })
        }
        TraceDeed::Raw { address, sent, protocol, .. } if protocol != "quic" && protocol != "ntp" => {
            Some(Sent { event, host: host_of(address).unwrap_or_else(|| address.clone()), size: *sent })
        }
        _ => None,
    }
}

/// An event in a few words. They are the package's own, and hostile.
pub fn words(deed: &TraceDeed) -> String {
    let text = match deed {
        TraceDeed::Exec { argv, path, .. } if argv.is_empty() => format!("starts {path}"),
        TraceDeed::Exec { argv, .. } => format!("starts {}", argv.join(" ")),
        TraceDeed::Open { path, write, .. } => format!("{} {path}", if *write { "writes" } else { "reads" }),
        TraceDeed::Unlink { path } => format!("removes {path}"),
        TraceDeed::Rename { from, to } => format!("renames {from} to {to}"),
        TraceDeed::Chmod { path, mode } => format!("sets the mode of {path} to {mode:o}"),
        TraceDeed::Memfd { name } => format!("makes a file without a name ({name})"),
        TraceDeed::File { path, size, .. } => format!("leaves {size} bytes in {path}"),
        TraceDeed::Connect { address, name: Some(name) } => format!("connects to {name} ({address})"),
        TraceDeed::Connect { address, name: None } => format!("connects to {address}"),
        TraceDeed::Listen { address } => format!("listens on {address}"),
        TraceDeed::Dns { name, record } => format!("asks for {name} ({record})"),
        TraceDeed::Http { method, url, size, .. } => format!("{method} {url} with {size} bytes"),
        TraceDeed::TlsRefused { name, .. } => format!("refuses the certificate of {name}"),
        TraceDeed::Raw { address, protocol, sent, .. } => format!("sends {sent} bytes to {address} ({protocol})"),
        TraceDeed::Refused { call, .. } => format!("tries {call}"),
        TraceDeed::Probe { what } => format!("looks at {what}"),
        TraceDeed::Slept { millis } => format!("waits {} seconds", millis / 1000),
        TraceDeed::Fork { child } => format!("starts process {child}"),
        TraceDeed::Exit { code } => format!("ends with {code}"),
        TraceDeed::Signal { to, signal } => format!("sends signal {signal} to process {to}"),
        TraceDeed::Limit { what } => format!("hits the ceiling on {what}"),
    };
    short(&text, 160)
}
