//! Finding tokens in bytes that leave, however they are written.
//!
//! Two passes over each text: one automaton with every encoding of every token that can be written down beforehand, and
//! comparisons of neighbouring bytes that survive a repeated key. What can be unpacked is unpacked and searched in turn.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Token, decode, written::encodings};

/// The longest repeated key of an exclusive or that is seen through.
const LONGEST_KEY: usize = 8;

/// The shortest remainder of a token that is looked for.
const SHORTEST: usize = 14;

/// How deep texts are unpacked from texts.
const DEPTH: usize = 4;

/// How many bytes are unpacked from one text in all.
const UNPACKED: usize = 4 << 20;

/// What finds the tokens of one run.
pub(crate) struct Matcher {
    names: Vec<&'static str>,
    written: Automaton,
    /// For each length of a key, differences of bytes that far apart.
    keyed: Vec<(usize, Automaton)>,
    /// Differences of neighbours by subtraction: a constant was added to each byte.
    shifted: Automaton,
}

/// Patterns, and for each the token and the encoding that it stands for.
struct Automaton {
    patterns: AhoCorasick,
    meanings: Vec<(usize, &'static str)>,
}

impl Matcher {
    pub(crate) fn new(tokens: &[Token]) -> Self {
        let needles = || {
            let numbered = tokens.iter().enumerate();
            numbered.flat_map(|(token, one)| one.needles.iter().map(move |needle| (token, needle.as_slice())))
        };
        let written = needles().flat_map(|(token, needle)| {
            encodings(needle).into_iter().map(move |(encoding, pattern)| (token, encoding, pattern))
        });
        let keyed = |lag: usize| {
            needles().map(move |(token, needle)| {
                let encoding = if lag == 1 { "xor" } else { "xor-key" };
                (token, encoding, decode::differences(needle, lag))
            })
        };
        let shifted = needles().map(|(token, needle)| (token, "shift", decode::steps(needle)));
        Self {
            names: tokens.iter().map(|token| token.name).collect(),
            written: Automaton::new(written.collect()),
            keyed: (1..=LONGEST_KEY).map(|lag| (lag, Automaton::new(keyed(lag).collect()))).collect(),
            shifted: Automaton::new(shifted.collect()),
        }
    }

    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = BTreeMap::new();
        self.search(bytes, &mut Vec::new(), &Cell::new(UNPACKED), &mut found);
        let mut hits: Vec<String> = found.into_iter().map(|(name, encoding)| format!("{name}:{encoding}")).collect();
        hits.sort();
        hits
    }

    fn search(
        &self,
        bytes: &[u8],
        route: &mut Vec<&'static str>,
        budget: &Cell<usize>,
        found: &mut BTreeMap<&'static str, String>,
    ) {
        if bytes.len() < SHORTEST {
            return;
        }
        self.match_here(bytes, route, found);
        if route.len() >= DEPTH {
            return;
        }
        for (encoding, inner) in decode::unpack(bytes, budget) {
            route.push(encoding);
            self.search(&inner, route, budget, found);
            route.pop();
        }
    }

    fn match_here(&self, bytes: &[u8], route: &[&'static str], found: &mut BTreeMap<&'static str, String>) {
        let mut note = |token: usize, encoding: &'static str| {
            let chain = || {
                let whole = route.iter().copied().chain((encoding != "raw" || route.is_empty()).then_some(encoding));
                whole.collect::<Vec<_>>().join(">")
            };
            // The first way to read it is the shortest one.
            found.entry(self.names[token]).or_insert_with(chain);
        };
        self.written.each(bytes, &mut note);
        for (lag, automaton) in &self.keyed {
            automaton.each(&decode::differences(bytes, *lag), &mut note);
        }
        self.shifted.each(&decode::steps(bytes), &mut note);
    }
}

impl Automaton {
    fn new(entries: Vec<(usize, &'static str, Vec<u8>)>) -> Self {
        // The same pattern may come from several encodings: letters without digits look alike in many.
        let mut seen = BTreeSet::new();
        let kept: Vec<_> = entries
            .into_iter()
            .filter(|(_, _, pattern)| pattern.len() >= SHORTEST && varied(pattern) && seen.insert(pattern.clone()))
            .collect();
        // A few thousand short patterns are far below the automaton's ceilings, so that building it cannot fail.
        let build = AhoCorasick::builder().match_kind(MatchKind::Standard).build(kept.iter().map(|entry| &entry.2));
        match build {
            Ok(patterns) => Self { patterns, meanings: kept.iter().map(|entry| (entry.0, entry.1)).collect() },
            Err(error) => unreachable!("{} patterns of a token make an automaton: {error}", kept.len()),
        }
    }

    fn each(&self, bytes: &[u8], note: &mut impl FnMut(usize, &'static str)) {
        for hit in self.patterns.find_overlapping_iter(bytes) {
            let (token, encoding) = self.meanings[hit.pattern().as_usize()];
            note(token, encoding);
        }
    }
}

/// Whether a pattern has enough different bytes to mean anything.
fn varied(pattern: &[u8]) -> bool {
    pattern.iter().collect::<BTreeSet<_>>().len() >= 5 || pattern.len() >= 100
}
