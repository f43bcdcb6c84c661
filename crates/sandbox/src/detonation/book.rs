//! The book of a run: events in their order, each once, and no more than was allowed.

use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use model::{Event, EventSource, Gap, GapKind, TraceDeed};

/// Texts of packages are cut to this many bytes.
const LONGEST: usize = 4096;

/// Who did it: a process of the guest and its parent, as the guest numbers them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Actor {
    pub process: u32,
    pub parent: u32,
}

/// What was written down so far.
pub(super) struct Book {
    started: Instant,
    /// The step that runs.
    pub step: u32,
    events: Vec<Event>,
    seen: HashSet<u64>,
    limits: HashSet<String>,
    waits: HashMap<u32, u32>,
    most: usize,
    left_out: u64,
    pub gaps: Vec<Gap>,
}

impl Book {
    pub fn new(started: Instant, most: u32) -> Self {
        Self {
            started,
            step: 0,
            events: Vec::new(),
            seen: HashSet::new(),
            limits: HashSet::new(),
            waits: HashMap::new(),
            most: most as usize,
            left_out: 0,
            gaps: Vec::new(),
        }
    }

    /// Writes an event down, now.
    pub fn note(&mut self, actor: Actor, source: EventSource, deed: TraceDeed, ok: bool) {
        if self.events.len() >= self.most {
            self.left_out += 1;
            return;
        }
        self.events.push(Event {
            number: 0,
            micros: u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            step: self.step,
            process: actor.process,
            parent: actor.parent,
            source,
            deed,
            ok,
            tokens: Vec::new(),
            causes: Vec::new(),
        });
    }

    /// Writes an event down unless this process did exactly this before.
    pub fn note_once(&mut self, actor: Actor, source: EventSource, deed: TraceDeed, ok: bool) {
        let mut hasher = DefaultHasher::new();
        (self.step, actor.process, ok).hash(&mut hasher);
        // The printed form of a deed holds all of it.
        format!("{deed:?}").hash(&mut hasher);
        if self.seen.insert(hasher.finish()) {
            self.note(actor, source, deed, ok);
        }
    }

    /// Takes over an event that somebody else wrote, with the process that it belongs to.
    pub fn take_over(&mut self, event: Event, actor: Actor) {
        if self.events.len() >= self.most && event.tokens.is_empty() {
            self.left_out += 1;
            return;
        }
        if let TraceDeed::Limit { what } = &event.deed {
            self.gaps.push(Gap::new(GapKind::Limit, "", format!("The sinkhole hit its ceiling on {what}.")));
        }
        self.events.push(Event { process: actor.process, parent: actor.parent, ..event });
    }

    /// Writes down that a ceiling was hit: once in a step for each ceiling.
    pub fn limit(&mut self, what: &str) {
        if self.limits.insert(format!("{}:{what}", self.step)) {
            self.note(Actor::default(), EventSource::Supervisor, TraceDeed::Limit { what: what.into() }, true);
            let detail = format!("The ceiling on {what} was hit in step {}.", self.step + 1);
            self.gaps.push(Gap::new(GapKind::Limit, "", detail));
        }
    }

    /// How often this process had waits cut short, this one included.
    pub fn count_wait(&mut self, process: u32) -> u32 {
        let count = self.waits.entry(process).or_default();
        *count += 1;
        *count
    }

    /// Writes beside each connection the name that led to its address.
    pub fn name_connections(&mut self, name_of: impl Fn(IpAddr) -> Option<String>) {
        for event in &mut self.events {
            if let TraceDeed::Connect { address, name } = &mut event.deed
                && let Ok(address) = address.parse::<SocketAddr>()
            {
                *name = name_of(address.ip());
            }
        }
    }

    /// The events in their order.
    pub fn close(mut self) -> (Vec<Event>, Vec<Gap>) {
        if self.left_out > 0 {
            self.most += 1;
            self.limit("events");
            let detail = format!("{} events beyond the ceiling were not written down.", self.left_out);
            self.gaps.push(Gap::new(GapKind::Limit, "", detail));
        }
        self.events.sort_by_key(|event| event.micros);
        let events = self.events.into_iter().zip(0..).map(|(event, number)| Event { number, ..event });
        (events.collect(), self.gaps)
    }
}

/// A text of the package, wrong UTF-8 replaced, cut to a bearable length.
pub(super) fn words(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(LONGEST)];
    String::from_utf8_lossy(cut).into_owned()
}
