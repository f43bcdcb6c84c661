//! Which functions run by themselves: from what the files call while they are loaded, along the calls between functions.

use std::collections::VecDeque;

use model::{Phase, Reach};
use rustc_hash::{FxHashMap, FxHashSet};
use syntax::Language;

use super::{resolve, started_by_code};
use crate::{source::Source, subject::Subject};

/// So many functions of a package are followed.
const MOST: usize = 20_000;

/// Functions by file and name, with the earliest phase in which they run.
type Functions = FxHashMap<(usize, String), Phase>;

/// Gives each behaviour its phase; functions that other files call when they are loaded run then, too.
pub(super) fn settle(subject: &mut Subject) {
    let functions = Walk::new(subject).run();
    for (at, source) in subject.sources.iter_mut().enumerate() {
        let of = |name: &str| functions.get(&(at, name.to_owned())).copied().unwrap_or(Phase::Runtime);
        let mut phases: Vec<Phase> = source
            .seen
            .behaviours
            .iter()
            .map(|one| {
                let called = if let Reach::Call(name) = &one.reach { of(name) } else { Phase::Runtime };
                source.phase_of(&one.reach).min(called)
            })
            .collect();
        for (id, name) in &source.seen.reaches {
            if let Some(phase) = phases.get_mut(*id as usize) {
                *phase = (*phase).min(source.phase_of(&Reach::Call(name.clone()))).min(of(name));
            }
        }
        for (one, phase) in source.seen.behaviours.iter_mut().zip(phases) {
            one.phase = phase;
        }
    }
}

/// What a function calls: functions of its own file, and resolved names of others.
#[derive(Default, Clone)]
struct Callees<'s> {
    own: Vec<&'s str>,
    outside: Vec<&'s str>,
}

struct Walk<'s> {
    subject: &'s Subject,
    /// The names of all files and folders, without their endings: what can be a module of the package at all.
    names: FxHashSet<&'s str>,
    /// For each file that was walked through, what its functions call.
    callees: FxHashMap<usize, FxHashMap<&'s str, Callees<'s>>>,
    found: Functions,
    open: VecDeque<(usize, String, Phase)>,
}

impl<'s> Walk<'s> {
    fn new(subject: &'s Subject) -> Self {
        let parts = subject.sources.iter().flat_map(|source| source.path.split(['/', '!']));
        let names = parts.map(|part| part.rsplit_once('.').map_or(part, |(stem, _)| stem)).collect();
        Self { subject, names, callees: FxHashMap::default(), found: Functions::default(), open: VecDeque::new() }
    }

    fn run(mut self) -> Functions {
        for (at, source) in self.subject.sources.iter().enumerate().filter(|(_, one)| one.phase.is_automatic()) {
            for api in &source.seen.calls {
                self.call(at, api, source.phase);
            }
            // Of a module that is loaded by its path, only the last part of a call's name is known.
            let loaded =
                source.seen.calls.iter().filter_map(|api| api.strip_prefix("importlib.util.module_from_spec()."));
            let loaded: Vec<&str> = loaded.collect();
            if !loaded.is_empty() {
                for (next, _) in started_by_code(self.subject, at) {
                    loaded.iter().for_each(|name| self.reach(next, name, source.phase));
                }
            }
            if source.is_program {
                self.reach(at, "__main__", source.phase);
            }
            for name in commands(source) {
                self.reach(at, &name, source.phase);
            }
        }
        while let Some((at, name, phase)) = self.open.pop_front() {
            let subject = self.subject;
            let file = self.callees.entry(at).or_insert_with(|| callees_of(&subject.sources[at]));
            let Some(callees) = file.get(name.as_str()).cloned() else { continue };
            for callee in callees.own {
                self.reach(at, callee, phase);
            }
            for api in callees.outside {
                self.call(at, api, phase);
            }
        }
        self.found
    }

    fn reach(&mut self, at: usize, name: &str, phase: Phase) {
        let key = (at, name.to_owned());
        let better = self.found.get(&key).is_none_or(|old| phase < *old);
        if better && self.found.len() < MOST {
            self.found.insert(key, phase);
            self.open.push_back((at, name.to_owned(), phase));
        }
    }

    /// A file calls something by its resolved name: `module.function`, `module.Class().method`.
    fn call(&mut self, at: usize, api: &str, phase: Phase) {
        let plain = api.replace("()", "");
        let first = plain.trim_start_matches('.').split(['.', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        if !self.names.contains(first) {
            return;
        }
        let mut end = plain.len();
        // The longest part that is a module of the package; the rest is a name in it.
        while let Some(dot) = plain[..end].rfind('.').filter(|dot| *dot > 0) {
            let (module, rest) = (&plain[..dot], &plain[dot + 1..]);
            end = dot;
            let targets = resolve(self.subject, at, module, None);
            if targets.is_empty() || rest.is_empty() {
                continue;
            }
            for target in targets.into_iter().filter(|target| *target != at) {
                self.call_in(target, rest, phase);
            }
            return;
        }
    }

    fn call_in(&mut self, target: usize, name: &str, phase: Phase) {
        self.reach(target, name, phase);
        let first = name.split('.').next().unwrap_or(name);
        if first.starts_with(char::is_uppercase) {
            self.reach(target, &format!("{first}.__init__"), phase);
            self.reach(target, &format!("{first}.constructor"), phase);
        }
        // A module that only passes on what another one defines.
        let passed: Vec<(String, String)> = self.subject.sources[target]
            .seen
            .imports
            .iter()
            .filter(|import| import.name.as_deref().is_some_and(|own| own == first || own == "*"))
            .map(|import| (import.module.clone(), name.to_owned()))
            .collect();
        for (module, name) in passed {
            for next in resolve(self.subject, target, &module, None).into_iter().filter(|next| *next != target) {
                self.reach(next, &name, phase);
            }
        }
    }
}

fn callees_of(source: &Source) -> FxHashMap<&str, Callees<'_>> {
    let mut callees: FxHashMap<&str, Callees<'_>> = FxHashMap::default();
    for (caller, callee) in &source.seen.links {
        callees.entry(caller).or_default().own.push(callee);
    }
    for (caller, api) in &source.seen.inner_calls {
        callees.entry(caller).or_default().outside.push(api);
    }
    callees
}

/// The methods by which an installer drives a command that stands in a module which `setup.py` imports.
fn commands(source: &Source) -> Vec<String> {
    let is_command = source.language == Language::Python
        && source.phase == Phase::Install
        && ["setuptools.command", "distutils.cmd", "distutils.command"].iter().any(|base| source.text.contains(base));
    if !is_command {
        return Vec::new();
    }
    let driven = |name: &str| {
        [".run", ".__init__", ".initialize_options", ".finalize_options"].iter().any(|end| name.ends_with(end))
    };
    let reached = source.seen.behaviours.iter().filter_map(|one| match &one.reach {
        Reach::Call(name) => Some(name),
        Reach::Load => None,
    });
    let linked = source.seen.links.iter().map(|(caller, _)| caller);
    let calling = source.seen.inner_calls.iter().map(|(caller, _)| caller);
    let mut names: Vec<String> = reached.chain(linked).chain(calling).filter(|name| driven(name)).cloned().collect();
    names.sort();
    names.dedup();
    names
}
