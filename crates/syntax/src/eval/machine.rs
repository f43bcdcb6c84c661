//! The machine: its state, its scopes and its budget.

use std::{rc::Rc, sync::LazyLock};

use model::{Gap, GapKind, Parsed, Place, Problem, Reach};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Behaviours, Budget,
    effects::Effects,
    emit::Recorder,
    package::Package,
    value::{Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{Bump, Function, Span, Stmt},
    lower, nesting,
    text::Lines,
};

/// Follows values through one file and its layers.
pub struct Machine<'a> {
    pub(super) arena: &'a Bump,
    pub(super) budget: Budget,
    pub(super) package: &'a dyn Package,
    /// Modules of the package that were read for what they export.
    pub(super) modules: Vec<(String, Option<Value<'a>>)>,
    pub(super) modules_read: usize,
    /// Every text that is read: the file first, then its layers.
    pub(super) sources: Vec<Source<'a>>,
    /// The text at hand: an index into `sources`.
    pub(super) source: u32,
    pub(super) scopes: Vec<Scope<'a>>,
    pub(super) scope: u32,
    pub(super) frames: Vec<Frame<'a>>,
    /// How many branches and loops of unknown outcome surround the statement at hand, within its function.
    pub(super) uncertain: u32,
    /// How many loops that go round as often as the text says surround the statement at hand.
    pub(super) looping: u32,
    pub(super) reach: Reach,
    pub(super) recorder: Recorder,
    /// Steps left for repetition: inlined calls and concrete loops. Without them every function is still read once.
    pub(super) extra: u64,
    granted: u64,
    /// What was evaluated so far.
    pub(super) sight: Sight,
    /// How often more an evaluation may yield nothing known before code in which that is the rule is not repeated any more.
    pub(super) patience: u64,
    half_steps: u64,
    /// How many items were put into long lists.
    listed: usize,
    /// Calls that were followed: the function, and the place of the call.
    pub(super) followed: FxHashSet<(*const Function<'a>, u32, u32)>,
    /// Functions that were met, in order; those that nobody called are read at the end.
    pub(super) met: Vec<Rc<super::value::Closure<'a>>>,
    pub(super) calls: FxHashMap<*const Function<'a>, Calls<'a>>,
    /// Which function was seen to call which.
    pub(super) linked: FxHashSet<(*const Function<'a>, *const Function<'a>)>,
    /// Branches whose test was known to fail. They are read at the end, so that a wrong guess of ours hides nothing.
    pub(super) skipped: Vec<Skipped<'a>>,
    pub(super) taken: FxHashSet<*const Stmt<'a>>,
    /// The first statements of all branches that were ever in `skipped`, with their number in it.
    pub(super) kept: FxHashMap<*const Stmt<'a>, usize>,
    /// What was written to files, by path.
    pub(super) files: FxHashMap<String, Taint>,
    /// Scripts that were written to open files: the behaviour that opened the file, the text, and where it came from.
    pub(super) contents: Vec<(u32, String, Taint)>,
    /// Names of outside things that were reached by a computed name.
    pub(super) hidden: Vec<(Rc<str>, &'static str)>,
    pub(super) names: FxHashMap<(usize, usize), (Rc<str>, Rc<str>)>,
    pub(super) problems: Vec<Problem>,
    pub(super) cut: bool,
    /// Whether a text nests too deep for the parser of its language.
    deep: bool,
    /// The call at hand.
    pub(super) here: Span,
    /// How many closures were made: a scope in which none was made can be dropped.
    pub(super) closures_made: u64,
    pub(super) layers_seen: FxHashSet<u64>,
    /// Bodies of made functions, and what they yield.
    pub(super) yields: FxHashMap<Rc<str>, Option<Value<'a>>>,
    /// Functions that wait for an event of a name.
    pub(super) listeners: Vec<(Rc<str>, Value<'a>)>,
    /// Members that were set on functions.
    pub(super) properties: FxHashMap<*const Function<'a>, super::value::Map<'a>>,
}

/// One text that is read.
pub(super) struct Source<'a> {
    pub language: Language,
    pub path: Rc<str>,
    pub lines: Lines<'a>,
    /// The layer that it is, or none for the file itself.
    pub layer: Option<u32>,
    pub depth: u32,
    /// Whether it is another file of the package, which has a reading of its own.
    pub foreign: bool,
    /// By what name it was imported, when it is one.
    pub module: Option<Rc<str>>,
}

impl Source<'_> {
    pub fn place(&self, span: Span) -> Place {
        let (line, column) = self.lines.place(span.start as usize);
        Place { path: self.path.to_string(), line, column, layer: self.layer }
    }
}

/// A scope with its names.
pub(super) struct Scope<'a> {
    pub parent: Option<u32>,
    pub names: FxHashMap<&'a str, Value<'a>>,
    /// Names whose assignments go outwards (`global`, `nonlocal`).
    pub outer: Vec<&'a str>,
}

/// A call that is being followed.
pub(super) struct Frame<'a> {
    pub function: *const Function<'a>,
    pub closure: Rc<super::value::Closure<'a>>,
    pub result: Option<Value<'a>>,
    /// What it yielded so far.
    pub yielded: Vec<Value<'a>>,
    /// With what it was called.
    pub arguments: Vec<Value<'a>>,
}

/// A branch that was not taken, since its test was known.
pub(super) struct Skipped<'a> {
    pub branch: &'a [Stmt<'a>],
    pub scope: u32,
    pub source: u32,
    /// How the test was reached.
    pub reach: Reach,
}

impl<'a> Frame<'a> {
    /// What the call yields to its caller.
    pub fn answer(self) -> Value<'a> {
        match self.result {
            Some(result) if self.yielded.is_empty() || !matches!(result.shape, Shape::Null | Shape::Unknown) => result,
            _ if !self.yielded.is_empty() => Value::list(self.yielded),
            _ => Shape::Null.into(),
        }
    }
}

/// What is known of a function's calls so far.
#[derive(Default)]
pub(super) struct Calls<'a> {
    pub count: u32,
    /// How many of them did not know their arguments.
    pub vague: u32,
    pub cost: u64,
    /// What their evaluations yielded.
    pub sight: Sight,
    /// What a call without known arguments yields, and whether it was followed as running at load.
    pub plain: Option<(Value<'a>, bool)>,
    /// The text in which the function stands.
    pub source: u32,
}

/// How much of what was evaluated is known. Literals do not count, nor do functions, outside names, lists and the like.
#[derive(Clone, Copy, Default)]
pub(super) struct Sight {
    /// How many expressions yielded a text or number.
    pub data: u64,
    /// How many yielded nothing that is known for certain.
    pub blind: u64,
}

impl Sight {
    /// Whether so little of it is known that a repetition teaches nothing.
    pub fn is_blind(self) -> bool {
        self.blind * 4 > self.data
    }

    /// What came since an earlier state.
    pub fn since(self, before: Self) -> Self {
        Self { data: self.data - before.data, blind: self.blind - before.blind }
    }

    pub fn add(&mut self, more: Self) {
        self.data += more.data;
        self.blind += more.blind;
    }
}

/// How control leaves a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// It does not.
    Next,
    Break,
    Continue,
    Return,
}

/// Names of the environment as a whole.
pub(super) const ENVIRONMENTS: &[&str] =
    &["os.environ", "os.environb", "process.env", "globalThis.process.env", "Deno.env", "Bun.env", "ENV", "environ"];

/// Steps per node of the source that inlining and loops may add, beyond a floor that suits small malware.
const EXTRA_PER_BYTE: u64 = 2;
const EXTRA_FLOOR: u64 = 3_000_000;

/// So many items may be put into long lists.
const MOST_LISTED: usize = 4 << 20;

/// How many evaluations in all may yield nothing known before code that computes with unknown things is not repeated any more. Decoders
/// know what they compute with; they are only held to the steps.
const PATIENCE_FLOOR: u64 = 40_000;
const PATIENCE_PER_BYTE: u64 = 1;

pub(super) fn read(
    language: Language,
    path: &str,
    text: &str,
    budget: Budget,
    package: &dyn Package,
) -> Parsed<Behaviours> {
    let arena = Bump::new();
    let text: &str = arena.alloc_str(text);
    let mut machine = Machine::new(&arena, path, text.len() as u64, budget, package);
    machine.open_source(language, text, None, 0);
    machine.finish()
}

impl<'a> Machine<'a> {
    fn new(arena: &'a Bump, path: &str, size: u64, budget: Budget, package: &'a dyn Package) -> Self {
        Self {
            arena,
            budget,
            package,
            modules: Vec::new(),
            modules_read: 0,
            sources: Vec::new(),
            source: 0,
            scopes: Vec::new(),
            scope: 0,
            frames: Vec::new(),
            uncertain: 0,
            looping: 0,
            reach: Reach::Load,
            recorder: Recorder::new(path),
            extra: budget.steps.min(EXTRA_FLOOR + size * EXTRA_PER_BYTE),
            granted: budget.steps.min(EXTRA_FLOOR + size * EXTRA_PER_BYTE),
            sight: Sight::default(),
            half_steps: 0,
            listed: 0,
            followed: FxHashSet::default(),
            patience: PATIENCE_FLOOR.min(budget.steps) + size * PATIENCE_PER_BYTE,
            met: Vec::new(),
            calls: FxHashMap::default(),
            linked: FxHashSet::default(),
            skipped: Vec::new(),
            taken: FxHashSet::default(),
            kept: FxHashMap::default(),
            files: FxHashMap::default(),
            contents: Vec::new(),
            hidden: Vec::new(),
            names: FxHashMap::default(),
            problems: Vec::new(),
            cut: false,
            deep: false,
            here: Span::default(),
            closures_made: 0,
            layers_seen: FxHashSet::default(),
            yields: FxHashMap::default(),
            listeners: Vec::new(),
            properties: FxHashMap::default(),
        }
    }

    /// The language of the text at hand.
    pub fn language(&self) -> Language {
        self.sources.get(self.source as usize).map_or(Language::Python, |source| source.language)
    }

    /// Spends steps; false when the budget is used up and the fold should give up. A fold over `n` items spends `n`.
    pub fn spend(&mut self, steps: u64) -> bool {
        match self.extra.checked_sub(steps) {
            Some(left) => {
                self.extra = left;
                true
            }
            None => {
                self.extra = 0;
                false
            }
        }
    }

    /// Spends steps for a look at so many things, `each` of them for one step. A short look is free, even when nothing is left.
    pub(super) fn spend_for(&mut self, things: usize, each: usize) -> bool {
        things <= 64 || self.spend((things / each) as u64)
    }

    /// Spends steps for a new list of so many items. All long lists of a file together have a ceiling: they take memory.
    pub(super) fn spend_on_list(&mut self, items: usize) -> bool {
        if items <= 64 {
            return true;
        }
        self.listed = self.listed.saturating_add(items);
        self.listed <= MOST_LISTED && self.spend((items / 8) as u64)
    }

    /// Counts one evaluation. It costs half a step where it can be a repetition: inside of a function.
    pub(super) fn look(&mut self, value: &Value<'a>) {
        match value.shape {
            Shape::Unknown | Shape::Made(_) | Shape::Pattern(_) => {
                self.sight.blind += 1;
                self.patience = self.patience.saturating_sub(1);
            }
            Shape::Bool(_) | Shape::Int(_) | Shape::Float(_) | Shape::Text(_) | Shape::Bytes(_) => self.sight.data += 1,
            _ => {}
        }
        self.half_steps += 1;
        if self.half_steps.is_multiple_of(2) && !self.frames.is_empty() {
            self.extra = self.extra.saturating_sub(1);
        }
    }

    /// Whether what was evaluated since then need not be repeated: little of it is known, and there was enough of that.
    pub(super) fn is_tired(&self, before: Sight) -> bool {
        self.patience == 0 && self.sight.since(before).is_blind()
    }

    /// Notes that a decoder was applied to this value, and answers the result with that as its source, so that later rules
    /// see `data.decode -> code.eval`. Every fold that decodes ends with it.
    pub fn decoded(&mut self, decoder: &str, input: &Value<'a>, result: Value<'a>) -> Value<'a> {
        let (at, span, source) = (self.position(self.here), self.here, &self.sources[self.source as usize]);
        let id = self.recorder.decoder(decoder, &input.taint, &self.reach, at, || source.place(span));
        let taint = input.taint.clone().and(&Taint::of(id));
        result.with(&taint)
    }

    pub(super) fn effects(&self) -> &'static Effects {
        effects_of(self.language())
    }

    /// Reads one more text: the file itself or a layer, in a scope of its own or, for `exec`, in the scope at hand.
    pub(super) fn open_source(&mut self, language: Language, text: &'a str, scope: Option<u32>, depth: u32) {
        let too_deep = nesting::depth(text, language) > nesting::MOST;
        if too_deep {
            self.deep = true;
            let path = self.recorder.path().to_owned();
            self.problems.push(Problem::new("nested-too-deep", path, "brackets nest deeper than any honest source"));
        }
        let lowered = lower::lower(self.arena, language, text, self.budget.careful || too_deep);
        let path = self.recorder.path().to_owned();
        self.problems.extend(lowered.problems.into_iter().map(|mut problem| {
            problem.path.clone_from(&path);
            problem
        }));
        let source = self.sources.len() as u32;
        let layer = if source == 0 { None } else { self.recorder.last_layer() };
        self.sources.push(Source {
            language,
            path: path.as_str().into(),
            lines: Lines::new(text),
            layer,
            depth,
            foreign: false,
            module: None,
        });
        let scope = scope.unwrap_or_else(|| self.new_scope(None));
        let before = (self.source, self.scope, std::mem::take(&mut self.uncertain));
        (self.source, self.scope) = (source, scope);
        self.run_block(lowered.body);
        (self.source, self.scope, self.uncertain) = before;
    }

    /// Reads what nobody called, and hands everything over.
    fn finish(mut self) -> Parsed<Behaviours> {
        let mut next = 0;
        loop {
            while let Some(closure) = self.met.get(next).cloned() {
                next += 1;
                if self.calls.get(&std::ptr::from_ref(closure.function)).is_none_or(|calls| calls.count == 0) {
                    self.reach = Reach::Call(name_of(&closure));
                    self.run_uncalled(&closure);
                }
            }
            let Some(Skipped { branch, scope, source, reach }) = self.skipped.pop() else { break };
            if branch.first().is_some_and(|first| !self.taken.insert(std::ptr::from_ref(first))) {
                continue;
            }
            (self.reach, self.scope, self.source, self.uncertain) = (reach, scope, source, 1);
            self.run_block(branch);
        }
        let steps = self.granted - self.extra;
        let mut behaviours = self.recorder.finish();
        behaviours.steps = steps;
        if self.deep {
            let detail = "brackets nest too deep for the parser: a reader that only guesses looked at the text";
            behaviours.gaps.push(Gap::new(GapKind::Limit, String::new(), detail));
        }
        if self.cut {
            let detail = "a text that code hands to an interpreter was too long or too deeply layered to be read";
            behaviours.gaps.push(Gap::new(GapKind::Budget, String::new(), detail));
        }
        Parsed { value: behaviours, problems: self.problems }
    }

    /// The name by which an outside thing goes from here on.
    pub(super) fn renamed(&mut self, name: Rc<str>) -> Rc<str> {
        match self.effects().rename(&name) {
            Some(other) => self.intern(other),
            None => name,
        }
    }

    pub(super) fn new_scope(&mut self, parent: Option<u32>) -> u32 {
        self.scopes.push(Scope { parent, names: FxHashMap::default(), outer: Vec::new() });
        self.scopes.len() as u32 - 1
    }

    /// What a name means here, if it is bound in the text.
    pub(super) fn lookup(&self, name: &str) -> Option<&Value<'a>> {
        let mut at = Some(self.scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at as usize)) {
            if let Some(value) = scope.names.get(name) {
                return Some(value);
            }
            at = scope.parent;
        }
        None
    }

    /// Binds a name. A binding of unknown outcome keeps the sources of the old value, and its shape when the new one is void.
    pub(super) fn bind(&mut self, name: &'a str, value: Value<'a>, declares: bool) {
        let scope = self.scope_for(name, declares);
        let weak = self.uncertain > 0;
        let Some(scope) = self.scopes.get_mut(scope as usize) else { return };
        match scope.names.get_mut(name) {
            Some(old) if weak => {
                let void = matches!(value.shape, Shape::Unknown | Shape::Null)
                    || matches!(&value.shape, Shape::Text(text) if text.is_empty());
                old.taint.add(&value.taint);
                if !void || matches!(old.shape, Shape::Unknown | Shape::Null) {
                    old.shape = value.shape;
                }
            }
            Some(old) => *old = value,
            None => {
                scope.names.insert(name, value);
            }
        }
    }

    fn scope_for(&self, name: &str, declares: bool) -> u32 {
        let own = &self.scopes[self.scope as usize];
        let outer = own.outer.contains(&name);
        if declares && !outer {
            return self.scope;
        }
        let mut at = if outer { own.parent } else { Some(self.scope) };
        let mut last = self.scope;
        while let Some(index) = at {
            let scope = &self.scopes[index as usize];
            if scope.names.contains_key(name) {
                return index;
            }
            last = index;
            at = scope.parent;
        }
        last
    }

    /// Adds sources to the value of a name, if it is bound.
    pub(super) fn taint_name(&mut self, name: &str, taint: &Taint) {
        if taint.is_empty() {
            return;
        }
        let mut at = Some(self.scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get_mut(at as usize)) {
            if let Some(value) = scope.names.get_mut(name) {
                value.taint.add(taint);
                return;
            }
            at = scope.parent;
        }
    }

    /// `base.name`, without making the same text twice. Names that grow without end mean nothing.
    pub(super) fn join_name(&mut self, base: &Rc<str>, name: &str) -> Option<Rc<str>> {
        if base.len() + name.len() > 240 {
            return None;
        }
        let key = (base.as_ptr() as usize, name.as_ptr() as usize ^ name.len().rotate_left(48));
        if let Some((own, joined)) = self.names.get(&key)
            && Rc::ptr_eq(own, base)
            && joined.ends_with(name)
        {
            return Some(joined.clone());
        }
        let plain: Rc<str> = format!("{base}.{name}").into();
        let joined = self.renamed(plain);
        self.names.insert(key, (base.clone(), joined.clone()));
        Some(joined)
    }
}

/// The name by which other files know a function: `Class.method` for methods.
pub(super) fn name_of(closure: &super::value::Closure<'_>) -> String {
    match &closure.class {
        Some(class) => format!("{}.{}", class.class.name, closure.function.name),
        None => closure.function.name.to_owned(),
    }
}

/// The table of a language. The built-in tables are read once; a test proves that each of them parses.
pub(super) fn effects_of(language: Language) -> &'static Effects {
    macro_rules! table {
        ($file:literal) => {{
            static TABLE: LazyLock<Effects> =
                LazyLock::new(|| Effects::parse(include_str!(concat!("../../data/", $file))).unwrap_or_default());
            &TABLE
        }};
    }
    match language {
        Language::JavaScript => table!("javascript.effects"),
        Language::Python => table!("python.effects"),
        Language::Shell => table!("shell.effects"),
        Language::Ruby => table!("ruby.effects"),
        Language::Rust => table!("rust.effects"),
        Language::PowerShell => table!("powershell.effects"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_parses() {
        for (name, text) in [
            ("javascript", include_str!("../../data/javascript.effects")),
            ("python", include_str!("../../data/python.effects")),
            ("shell", include_str!("../../data/shell.effects")),
            ("ruby", include_str!("../../data/ruby.effects")),
            ("rust", include_str!("../../data/rust.effects")),
            ("powershell", include_str!("../../data/powershell.effects")),
        ] {
            if let Err(wrong) = Effects::parse(text) {
                panic!("{name}.effects, {wrong}");
            }
        }
    }
}
