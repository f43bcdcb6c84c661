//! How rules ask: for behaviours, and for chains of data between them.

use model::{Action, Behaviour, Phase, Place, Role};

use super::Report;
use crate::{source::Source, subject::Subject};

/// A behaviour with the source in which it stands.
#[derive(Clone, Copy)]
pub struct Seen<'s> {
    /// The source.
    pub source: &'s Source,
    /// The behaviour's number in it.
    pub id: u32,
    /// The behaviour.
    pub behaviour: &'s Behaviour,
}

/// Data goes from one behaviour to another.
#[derive(Clone, Copy)]
pub struct Chain<'s> {
    /// Where it comes from.
    pub from: Seen<'s>,
    /// Where it goes.
    pub to: Seen<'s>,
    /// As what.
    pub role: Role,
}

impl Subject {
    /// Every behaviour of these actions, in the order of the sources.
    pub fn behaviours<'s>(&'s self, actions: &'s [Action]) -> impl Iterator<Item = Seen<'s>> {
        self.sources.iter().flat_map(move |source| source.behaviours(actions))
    }

    /// Every chain from one of the first actions to one of the second.
    pub fn chains<'s>(&'s self, from: &'s [Action], to: &'s [Action]) -> impl Iterator<Item = Chain<'s>> {
        self.behaviours(to).flat_map(move |sink| sink.chains(from))
    }
}

impl Source {
    /// Every behaviour of these actions.
    pub fn behaviours<'s>(&'s self, actions: &'s [Action]) -> impl Iterator<Item = Seen<'s>> {
        self.seen
            .behaviours
            .iter()
            .enumerate()
            .filter(move |(_, behaviour)| actions.contains(&behaviour.action))
            .map(move |(id, behaviour)| Seen { source: self, id: id as u32, behaviour })
    }
}

impl<'s> Seen<'s> {
    /// Every chain that ends here and starts with one of these actions.
    pub fn chains(self, from: &'s [Action]) -> impl Iterator<Item = Chain<'s>> {
        self.source.origins(self.id).into_iter().filter_map(move |(id, role)| {
            let behaviour = self.source.behaviour(id);
            let start = Seen { source: self.source, id, behaviour };
            from.contains(&behaviour.action).then_some(Chain { from: start, to: self, role })
        })
    }

    /// Its place.
    pub fn place(self) -> Place {
        self.behaviour.place.clone()
    }

    /// When it happens at the earliest.
    pub fn phase(self) -> Phase {
        self.behaviour.phase
    }

    /// The object's text, with `{}` for unknown parts; empty when nothing is known.
    pub fn text(self) -> &'s str {
        &self.behaviour.object.text
    }

    /// What it does, in a few words for a step of a chain. The object is text of the package.
    pub fn words(self) -> String {
        let object = self.text();
        if object.is_empty() {
            format!("{} by {}", self.behaviour.action, self.behaviour.api)
        } else {
            format!("{} {}", self.behaviour.action, short(object, 120))
        }
    }
}

impl Chain<'_> {
    /// When it happens: when its end does.
    pub fn phase(&self) -> Phase {
        self.to.phase()
    }
}

impl Report {
    /// The places, phase and steps of a chain.
    pub fn chain(self, chain: &Chain<'_>) -> Self {
        self.phase(chain.phase())
            .at(chain.to.place())
            .at(chain.from.place())
            .step(chain.from.place(), chain.from.words())
            .step(chain.to.place(), chain.to.words())
    }

    /// The place and phase of one behaviour.
    pub fn seen(self, seen: Seen<'_>) -> Self {
        self.phase(seen.phase()).at(seen.place())
    }
}

/// The host of an address: `https://user@host:port/path` or `host:port` or a bare host. Lower case.
pub fn host_of(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', ' ']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host
        .rsplit_once(':')
        .map_or(host, |(host, port)| if port.chars().all(|one| one.is_ascii_digit()) { host } else { authority });
    let valid = host.contains('.')
        && !host.starts_with('.')
        && !host.contains("{}")
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'[' | b']' | b':'));
    valid.then(|| host.to_ascii_lowercase())
}

/// The start of a text, for notes.
pub fn short(text: &str, most: usize) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    if line.chars().count() <= most { line } else { line.chars().take(most).chain("...".chars()).collect() }
}
