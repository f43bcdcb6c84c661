//! One source text of a package, read.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use model::{Action, Behaviour, Gap, GapKind, Layer, Phase, Place, Problem, Reach, Role};
use syntax::{Behaviours, Budget, Language, surface};

/// A text that code can hide in is read whole up to this size; above it only its surface is looked at.
const LARGEST: usize = 8 << 20;

/// One source text: a file, or a script that stands in a manifest.
pub struct Source {
    /// The path inside the package.
    pub path: String,
    /// Its language.
    pub language: Language,
    /// Its text.
    pub text: String,
    /// What its code can do.
    pub seen: Behaviours,
    /// What it looks like from outside.
    pub marks: Vec<surface::Mark>,
    /// When it is loaded: the earliest phase in which its top level runs. `Runtime` when nothing loads it by itself.
    pub phase: Phase,
    /// Whether the file is run as a program then, so that `__main__` blocks run too.
    pub is_program: bool,
    /// Whether importing the package by its name loads it.
    pub is_front: bool,
    /// Whether it is a test, example, benchmark or document of the package.
    pub is_aside: bool,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
    /// For each behaviour, the ones whose data flows into it.
    incoming: Vec<Vec<(u32, Role)>>,
}

impl Source {
    /// Reads a text.
    pub fn read(
        package: &dyn syntax::Package,
        path: &str,
        language: Language,
        text: Cow<'_, str>,
        careful: bool,
        steps: u64,
    ) -> Self {
        let budget = Budget { careful, steps, ..Budget::default() };
        let (text, cut) = abridge(text);
        let mut parsed = if text.len() <= LARGEST {
            // A reader that panics is our mistake; the other files of the package are read all the same.
            catch_unwind(AssertUnwindSafe(|| syntax::behaviours_in(package, language, path, &text, budget)))
                .unwrap_or_else(|_| {
                    let gaps =
                        vec![Gap::new(GapKind::Unreadable, path, "the reader of this language failed on the file")];
                    model::Parsed::clean(Behaviours { gaps, ..Behaviours::default() })
                })
        } else {
            let detail = format!("the source is larger than {} MiB: only its surface was looked at", LARGEST >> 20);
            let gaps = vec![Gap::new(GapKind::Limit, path, detail)];
            model::Parsed::clean(Behaviours { gaps, ..Behaviours::default() })
        };
        if cut && text.len() <= LARGEST {
            let detail = format!("the source is larger than {} MiB: its longest lines were cut", LARGEST >> 20);
            parsed.value.gaps.push(Gap::new(GapKind::Limit, path, detail));
        }
        let marks = surface::marks(&text, Some(language));
        let mut seen = parsed.value;
        let incoming = incoming(&seen);
        seen.gaps.iter_mut().filter(|gap| gap.path.is_empty()).for_each(|gap| gap.path = path.to_owned());
        Self {
            path: path.to_owned(),
            language,
            text: text.into_owned(),
            seen,
            marks,
            phase: Phase::Runtime,
            is_program: false,
            is_front: false,
            is_aside: is_aside(path),
            problems: parsed.problems,
            incoming,
        }
    }

    /// Puts every place of the text on one line: a script that stands in a manifest.
    pub fn pin(&mut self, line: u32) {
        let places = self
            .seen
            .behaviours
            .iter_mut()
            .map(|one| &mut one.place)
            .chain(self.seen.layers.iter_mut().map(|one| &mut one.place))
            .chain(self.seen.literals.iter_mut().map(|one| &mut one.place));
        for place in places.filter(|place| place.layer.is_none()) {
            place.line = line;
            place.column = 1;
        }
    }

    /// Everything that flows into a behaviour, directly or through decoders and files that are written on the way.
    pub fn origins(&self, to: u32) -> Vec<(u32, Role)> {
        let mut found: Vec<(u32, Role)> = Vec::new();
        let mut open: Vec<(u32, Option<Role>)> = vec![(to, None)];
        while let Some((at, role)) = open.pop() {
            for &(from, own) in self.incoming.get(at as usize).into_iter().flatten() {
                // The role is that in which it enters the last behaviour of the chain.
                let role = role.unwrap_or(own);
                if from == to
                    || found.iter().any(|(old, old_role)| *old == from && *old_role == role)
                    || found.len() > 256
                {
                    continue;
                }
                let (Some(taker), Some(giver)) =
                    (self.seen.behaviours.get(at as usize), self.seen.behaviours.get(from as usize))
                else {
                    continue;
                };
                // What was written to a file is read from it again; nothing else goes through a reading.
                if at != to && taker.action == Action::FileRead && giver.action != Action::FileWrite {
                    continue;
                }
                found.push((from, role));
                if passes_on(giver.action) || giver.action == Action::FileRead {
                    open.push((from, Some(role)));
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Whether it is a script of a shell that nothing in the package starts by itself.
    pub fn is_loose_script(&self) -> bool {
        self.phase == Phase::Runtime && matches!(self.language, Language::Shell | Language::PowerShell)
    }

    /// A behaviour by its number.
    pub fn behaviour(&self, id: u32) -> &Behaviour {
        &self.seen.behaviours[id as usize]
    }

    /// The layer in which a place lies.
    pub fn layer_of(&self, place: &Place) -> Option<&Layer> {
        place.layer.and_then(|layer| self.seen.layers.get(layer as usize))
    }

    /// The layers that were opened at a place.
    pub fn layers_at(&self, place: &Place) -> impl Iterator<Item = &Layer> {
        self.seen.layers.iter().filter(move |layer| layer.place.line == place.line && layer.place.layer == place.layer)
    }

    /// The phase of a behaviour that is reached in this way.
    pub fn phase_of(&self, reach: &Reach) -> Phase {
        match reach {
            Reach::Load => self.phase,
            Reach::Call(name) if name == "__main__" && self.is_program => self.phase,
            Reach::Call(_) => Phase::Runtime,
        }
    }
}

/// A source that is too large for its long lines has them cut: a program that is wrapped around its payload is short, and
/// of the payload the start tells enough. A cut falls between groups of four letters, so that what is encoded still opens.
fn abridge(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    const LINE: usize = 1 << 20;
    const START: usize = 256 << 10;
    const END: usize = 1 << 10;
    if text.len() <= LARGEST {
        return (text, false);
    }
    let mut short = String::new();
    for line in text.split_inclusive('\n') {
        let quote = line.len() > LINE && line.is_ascii();
        match line.find(['"', '\'']).filter(|at| quote && *at < END) {
            Some(at) => {
                short.push_str(&line[..at + 1 + START]);
                short.push_str(&line[line.len() - END..]);
            }
            None => short.push_str(line),
        }
    }
    let cut = short.len() < text.len();
    (Cow::Owned(short), cut)
}

/// Whether data goes through: what flows into it flows on to where its own result goes.
fn passes_on(action: Action) -> bool {
    matches!(
        action,
        Action::DataDecode
            | Action::DataDecrypt
            | Action::DataEncode
            | Action::FileWrite
            | Action::FileChmod
            | Action::NetConnect
    )
}

fn incoming(seen: &Behaviours) -> Vec<Vec<(u32, Role)>> {
    let mut incoming = vec![Vec::new(); seen.behaviours.len()];
    for flow in &seen.flows {
        if let Some(list) = incoming.get_mut(flow.to as usize)
            && (flow.from as usize) < seen.behaviours.len()
        {
            list.push((flow.from, flow.role));
        }
    }
    incoming
}

/// Whether a path is that of a test, example or document. Code that runs by itself is none, wherever it lies.
pub(crate) fn is_aside(path: &str) -> bool {
    let mut parts = path.split(['/', '!']).rev();
    let name = parts.next().unwrap_or_default();
    // The first two folders may be the archive's and the package's own, whatever they are called. No package has a space in it.
    let depth = path.matches(['/', '!']).count();
    depth >= 2 && is_test_file(name)
        || is_aside_folder(path)
        || parts.enumerate().any(|(at, part)| (at + 2 < depth || part.contains(' ')) && names_tests(part))
}

/// Whether a word of a folder's name says that tests are in it.
fn names_tests(folder: &str) -> bool {
    folder.split([' ', '_', '-', '.']).any(|word| {
        matches!(
            word.to_ascii_lowercase().as_str(),
            "test" | "tests" | "testdata" | "testsuite" | "unittest" | "unittests"
        )
    })
}

/// A test by its name, as the usual runners look for it.
fn is_test_file(name: &str) -> bool {
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    match end {
        "py" => stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest",
        "js" | "ts" | "mjs" | "cjs" | "jsx" | "tsx" => stem.ends_with(".test") || stem.ends_with(".spec"),
        _ => false,
    }
}

/// Folders whose code is not the package's own work.
fn is_aside_folder(path: &str) -> bool {
    path.split(['/', '!']).any(|part| {
        matches!(
            part.to_ascii_lowercase().as_str(),
            ".circleci"
                | ".devcontainer"
                | ".github"
                | "ci"
                | "test"
                | "tests"
                | "testing"
                | "__tests__"
                | "spec"
                | "specs"
                | "example"
                | "examples"
                | "docs"
                | "doc"
                | "bench"
                | "benches"
                | "benchmark"
                | "benchmarks"
                | "fixtures"
                | "samples"
                | "demo"
                | "demos"
                | "__mocks__"
        )
    })
}
