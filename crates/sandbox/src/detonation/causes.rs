//! What would not have been possible without what: read before it was sent, received or written before it was started.

use std::collections::{HashMap, HashSet};

use model::{Digest, Event, TraceDeed};

/// More causes than these are not told of one event.
const MOST: usize = 8;

/// Fills in the causes. The events are in their order; the paths are those of the planted secrets.
pub(super) fn link(events: &mut [Event], secrets: &HashSet<&str>) {
    let mut past = Past::default();
    for event in events.iter_mut() {
        let mut causes = past.causes(event);
        causes.sort_unstable();
        causes.dedup();
        causes.truncate(MOST);
        event.causes = causes;
        past.add(event, secrets);
    }
}

/// What happened before, by what can be asked of it.
#[derive(Default)]
struct Past {
    parents: HashMap<u32, u32>,
    /// Secrets that a process read.
    read: HashMap<u32, Vec<u32>>,
    /// Connections that a process tried, by the numbers of the events.
    connected: HashMap<u32, Vec<(String, u32)>>,
    /// Who wrote, renamed to or made executable a path last.
    written: HashMap<String, Vec<u32>>,
    /// Where a content was seen: received, or in a file.
    contents: HashMap<Digest, u32>,
}

impl Past {
    fn causes(&self, event: &Event) -> Vec<u32> {
        match &event.deed {
            TraceDeed::Exec { path, argv, sha256, .. } => {
                let contents = sha256.iter().filter_map(|sha256| self.contents.get(sha256)).copied();
                let paths = argv.iter().skip(1).map(String::as_str).chain([path.as_str()]);
                let written = paths.filter_map(|path| self.written.get(path)).flatten().copied();
                contents.chain(written).collect()
            }
            TraceDeed::File { sha256, path, .. } => {
                let written = self.written.get(path).into_iter().flatten().copied();
                self.contents.get(sha256).copied().into_iter().chain(written).collect()
            }
            TraceDeed::Connect { .. } | TraceDeed::Dns { .. } => self.secrets_of(event.process),
            TraceDeed::Http { .. } | TraceDeed::Raw { .. } | TraceDeed::TlsRefused { .. } => {
                let connected =
                    self.connected.get(&event.process).and_then(|list| list.last()).map(|(_, number)| *number);
                connected.into_iter().chain(self.secrets_of(event.process)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The secrets that were read by this process, by those above it or by those below it.
    fn secrets_of(&self, process: u32) -> Vec<u32> {
        if process == 0 {
            return Vec::new();
        }
        let line = self.line(process);
        let related = |other: u32| line.contains(&other) || self.line(other).contains(&process);
        let read = self.read.iter().filter(|(other, _)| related(**other));
        read.flat_map(|(_, events)| events.iter().copied()).collect()
    }

    /// The process and those above it, the guest's first one left out.
    fn line(&self, process: u32) -> HashSet<u32> {
        let mut line = HashSet::new();
        let mut next = Some(process);
        while let Some(process) = next.filter(|process| *process > 1 && line.insert(*process)) {
            next = self.parents.get(&process).copied();
        }
        line
    }

    fn add(&mut self, event: &Event, secrets: &HashSet<&str>) {
        let number = event.number;
        if event.process != 0 {
            self.parents.insert(event.process, event.parent);
        }
        match &event.deed {
            TraceDeed::Fork { child } => {
                self.parents.insert(*child, event.process);
            }
            TraceDeed::Open { path, write: false, .. } if event.ok && secrets.contains(path.as_str()) => {
                self.read.entry(event.process).or_default().push(number);
            }
            TraceDeed::Open { path, write: true, .. }
            | TraceDeed::Rename { to: path, .. }
            | TraceDeed::Chmod { path, .. }
                if event.ok =>
            {
                let events = self.written.entry(path.clone()).or_default();
                if events.len() < MOST {
                    events.push(number);
                }
            }
            TraceDeed::Connect { address, .. } => {
                self.connected.entry(event.process).or_default().push((address.clone(), number));
            }
            TraceDeed::Http { answered: Some(sha256), .. } | TraceDeed::File { sha256, .. } => {
                self.contents.entry(*sha256).or_insert(number);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use model::EventSource;

    use super::*;

    fn event(number: u32, process: u32, parent: u32, deed: TraceDeed) -> Event {
        Event {
            number,
            micros: number.into(),
            step: 0,
            process,
            parent,
            source: EventSource::Tracer,
            deed,
            ok: true,
            tokens: Vec::new(),
            causes: Vec::new(),
        }
    }

    fn open(path: &str, write: bool) -> TraceDeed {
        TraceDeed::Open { asked: path.into(), path: path.into(), write }
    }

    #[test]
    fn what_a_child_read_its_parent_can_send_and_a_stranger_cannot() {
        let connect = || TraceDeed::Connect { address: "203.0.113.9:80".into(), name: None };
        let mut events = vec![
            event(0, 5, 1, TraceDeed::Fork { child: 6 }),
            event(1, 6, 5, open("/home/dev/.npmrc", false)),
            event(2, 5, 1, connect()),
            event(3, 9, 1, connect()),
        ];
        link(&mut events, &HashSet::from(["/home/dev/.npmrc"]));
        assert_eq!(events[2].causes, [1]);
        assert!(events[3].causes.is_empty());
    }

    #[test]
    fn what_is_started_was_written_before() {
        let exec = TraceDeed::Exec { path: "/tmp/x".into(), argv: vec!["x".into()], sha256: None, changed: Vec::new() };
        let mut events = vec![
            event(0, 5, 1, open("/tmp/x", true)),
            event(1, 5, 1, TraceDeed::Chmod { path: "/tmp/x".into(), mode: 0o755 }),
            event(2, 5, 1, exec),
        ];
        link(&mut events, &HashSet::new());
        assert_eq!(events[2].causes, [0, 1]);
    }
}
