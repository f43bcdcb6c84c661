//! Writes down what was seen: behaviours, flows, layers, imports, literals.

use std::hash::{Hash, Hasher};

use model::{Action, Behaviour, Flow, Known, Layer, Object, Phase, Place, Reach, Role, Witness};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::{Behaviours, Import, Literal, value::Taint};

/// More behaviours than this in one file tell nothing more.
const MOST_BEHAVIOURS: usize = 20_000;
/// More objects than this at one place tell nothing more.
const MOST_AT_ONE_PLACE: u32 = 48;
const MOST_LITERALS: usize = 20_000;
const LONGEST_LITERAL: usize = 4096;
pub(super) const LONGEST_OBJECT: usize = 2048;
const LONGEST_LAYER: usize = 64 * 1024;

/// Collects what the machine sees, each thing once.
pub(super) struct Recorder {
    path: String,
    out: Behaviours,
    /// Behaviours by the hash of what makes them the same: hot code records the same thing again and again.
    seen: FxHashMap<u64, u32>,
    at_place: FxHashMap<(u64, Action), u32>,
    flows: FxHashSet<Flow>,
    literals: FxHashSet<String>,
    imports: FxHashSet<(String, Option<String>)>,
    decoders: FxHashMap<String, u32>,
    also: FxHashSet<(u32, String)>,
    called: FxHashSet<String>,
    links: FxHashSet<(String, String)>,
    /// Behaviours that stand in other files of the package, by number.
    foreign: FxHashSet<u32>,
}

impl Recorder {
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            out: Behaviours::default(),
            seen: FxHashMap::default(),
            at_place: FxHashMap::default(),
            flows: FxHashSet::default(),
            literals: FxHashSet::default(),
            imports: FxHashSet::default(),
            decoders: FxHashMap::default(),
            also: FxHashSet::default(),
            called: FxHashSet::default(),
            links: FxHashSet::default(),
            foreign: FxHashSet::default(),
        }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn count(&self) -> usize {
        self.out.behaviours.len()
    }

    pub fn behaviour(&self, id: u32) -> Option<&Behaviour> {
        self.out.behaviours.get(id as usize)
    }

    /// Records a behaviour and answers its number. The same one twice is one; it keeps the earlier reach. `at` tells places
    /// apart, and the place itself is only worked out for what is new.
    pub fn behaviour_at(
        &mut self,
        action: Action,
        object: Object,
        api: &str,
        reach: &Reach,
        at: u64,
        place: impl FnOnce() -> Place,
    ) -> Option<u32> {
        let mut object = object;
        if object.text.len() > LONGEST_OBJECT {
            object.text = cut(&object.text, LONGEST_OBJECT).to_owned();
            object.known = Known::Pattern;
        }
        let mut hasher = FxHasher::default();
        (at, action, api, &object.text).hash(&mut hasher);
        let key = hasher.finish();
        if let Some(&id) = self.seen.get(&key) {
            self.reach_again(id, reach);
            return Some(id);
        }
        let count = self.at_place.entry((at, action)).or_default();
        *count += 1;
        if *count > MOST_AT_ONE_PLACE || self.out.behaviours.len() >= MOST_BEHAVIOURS {
            return None;
        }
        let id = self.out.behaviours.len() as u32;
        self.out.behaviours.push(Behaviour {
            action,
            object,
            api: api.to_owned(),
            flags: Vec::new(),
            reach: reach.clone(),
            phase: Phase::Runtime,
            witness: Witness::Static,
            place: place(),
        });
        self.seen.insert(key, id);
        Some(id)
    }

    fn reach_again(&mut self, id: u32, reach: &Reach) {
        match reach {
            Reach::Load => self.out.behaviours[id as usize].reach = Reach::Load,
            Reach::Call(name) => self.reached_by(id, name),
        }
    }

    /// A behaviour happens when this function is called, too.
    pub fn reached_by(&mut self, id: u32, function: &str) {
        let known = match &self.out.behaviours[id as usize].reach {
            Reach::Load => true,
            Reach::Call(name) => name == function,
        };
        if !known && self.out.reaches.len() < MOST_BEHAVIOURS && self.also.insert((id, function.to_owned())) {
            self.out.reaches.push((id, function.to_owned()));
        }
    }

    /// A function of this text calls another of it.
    pub fn link(&mut self, caller: String, callee: String) {
        let link = (caller, callee);
        if self.links.len() < MOST_BEHAVIOURS && !self.links.contains(&link) {
            self.links.insert(link.clone());
            self.out.links.push(link);
        }
    }

    /// A function calls one of another module.
    pub fn called_within(&mut self, caller: String, api: &str) {
        let link = (caller, api.to_owned());
        if self.links.len() < MOST_BEHAVIOURS && !self.links.contains(&link) {
            self.links.insert(link.clone());
            self.out.inner_calls.push(link);
        }
    }

    /// A function of another module is called when this file is loaded.
    pub fn called(&mut self, api: &str) {
        if self.called.len() < MOST_BEHAVIOURS && !self.called.contains(api) {
            self.called.insert(api.to_owned());
            self.out.calls.push(api.to_owned());
        }
    }

    pub fn flag(&mut self, id: u32, flag: &str) {
        if let Some(behaviour) = self.out.behaviours.get_mut(id as usize)
            && !behaviour.has(flag)
        {
            behaviour.flags.push(flag.to_owned());
        }
    }

    pub fn flow(&mut self, sources: &Taint, to: u32, role: Role) {
        for &from in sources.sources() {
            let flow = Flow { from, to, role };
            if from != to && self.flows.insert(flow) {
                self.out.flows.push(flow);
            }
        }
    }

    /// A decoder was applied by a fold.
    pub fn decoder(
        &mut self,
        decoder: &str,
        input: &Taint,
        reach: &Reach,
        at: u64,
        place: impl FnOnce() -> Place,
    ) -> u32 {
        let action = if matches!(decoder, "fernet" | "aes" | "xor" | "rc4" | "decrypt") {
            Action::DataDecrypt
        } else {
            Action::DataDecode
        };
        let id = self.behaviour_at(action, Object::constant(decoder), decoder, reach, at, place);
        // Past the ceiling all uses of one decoder share the first one's number.
        let id = id.or_else(|| self.decoders.get(decoder).copied()).unwrap_or(0);
        self.decoders.entry(decoder.to_owned()).or_insert(id);
        self.flag(id, "folded");
        self.flow(input, id, Role::Data);
        id
    }

    /// The decoders through which a value came, outermost first.
    pub fn decoders_of(&self, taint: &Taint) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for &id in taint.sources() {
            if let Some(behaviour) = self.behaviour(id)
                && matches!(behaviour.action, Action::DataDecode | Action::DataDecrypt)
                && !names.contains(&behaviour.object.text)
            {
                names.push(behaviour.object.text.clone());
            }
        }
        names
    }

    pub fn layer(&mut self, place: Place, how: Vec<String>, language: &str, text: &str) -> u32 {
        let text = cut(text, LONGEST_LAYER).to_owned();
        self.out.layers.push(Layer { place, how, language: language.to_owned(), text });
        self.out.layers.len() as u32 - 1
    }

    pub fn last_layer(&self) -> Option<u32> {
        (self.out.layers.len() as u32).checked_sub(1)
    }

    pub fn import(&mut self, module: &str, name: Option<&str>, reach: &Reach, place: Place) {
        if !self.imports.insert((module.to_owned(), name.map(str::to_owned))) {
            if *reach == Reach::Load
                && let Some(old) =
                    self.out.imports.iter_mut().find(|old| old.module == module && old.name.as_deref() == name)
            {
                old.reach = Reach::Load;
            }
            return;
        }
        self.out.imports.push(Import {
            module: module.to_owned(),
            name: name.map(str::to_owned),
            reach: reach.clone(),
            place,
        });
    }

    /// Whether a text is worth keeping: it may name a host, a path, an address or a command.
    pub fn wants(&self, text: &str) -> bool {
        text.len() >= 5
            && text.len() <= LONGEST_LITERAL
            && self.out.literals.len() < MOST_LITERALS
            && (text.bytes().any(|byte| matches!(byte, b'/' | b'\\' | b'.' | b':' | b'@' | b'_' | b'-' | b' '))
                || is_extension_id(text)
                || is_address_of_coins(text))
            && !self.literals.contains(text)
    }

    pub fn literal(&mut self, text: &str, place: Place, folded: bool) {
        self.literals.insert(text.to_owned());
        self.out.literals.push(Literal { text: text.to_owned(), place, folded });
    }

    /// It stands in another file, which says it itself.
    pub fn foreign(&mut self, id: u32) {
        self.foreign.insert(id);
    }

    pub fn finish(mut self) -> Behaviours {
        if !self.foreign.is_empty() {
            self.drop_foreign();
        }
        self.out
    }

    /// Leaves out what only another file does. What flows into the own code, or out of it, stays.
    fn drop_foreign(&mut self) {
        let mut kept: Vec<bool> = (0..self.out.behaviours.len() as u32).map(|id| !self.foreign.contains(&id)).collect();
        loop {
            let before = kept.iter().filter(|one| **one).count();
            for flow in &self.out.flows {
                let (from, to) = (flow.from as usize, flow.to as usize);
                if kept[from] != kept[to] {
                    (kept[from], kept[to]) = (true, true);
                }
            }
            if kept.iter().filter(|one| **one).count() == before {
                break;
            }
        }
        let mut next = 0;
        let places: Vec<Option<u32>> = kept
            .iter()
            .map(|kept| {
                kept.then(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        let place = |id: u32| places[id as usize];
        let mut at = 0;
        self.out.behaviours.retain(|_| {
            at += 1;
            kept[at - 1]
        });
        self.out.flows = std::mem::take(&mut self.out.flows)
            .into_iter()
            .filter_map(|flow| Some(Flow { from: place(flow.from)?, to: place(flow.to)?, ..flow }))
            .collect();
        self.out.reaches = std::mem::take(&mut self.out.reaches)
            .into_iter()
            .filter_map(|(id, name)| Some((place(id)?, name)))
            .collect();
    }
}

/// Whether a text has the shape of an address of coins. Who reads it checks whether it is one.
fn is_address_of_coins(text: &str) -> bool {
    let shaped = match text.len() {
        42 => text.starts_with("0x") || text.starts_with("bc1"),
        62 => text.starts_with("bc1"),
        26..=35 => text.starts_with(['1', '3', 'D', 'L', 'T']) && text.bytes().any(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    shaped && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Ids of browser extensions, wallets among them, are 32 letters from `a` to `p`.
fn is_extension_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'a'..=b'p'))
}

/// The start of a text, cut at a character boundary.
pub(super) fn cut(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
