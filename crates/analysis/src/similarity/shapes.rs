//! The shapes of a package's code.

use model::{Action, Behaviour, Phase, Place, Shape};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use syntax::{
    Language,
    shape::{Extent, shingles},
};

use super::compare::RULE;
use crate::{
    exceptions::{self, Exception},
    source::Source,
    subject::Subject,
};

/// Which shapes an analysis hands over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// None.
    #[default]
    Nothing,
    /// Those of the code that runs by itself, to be compared or put into an index.
    Running,
    /// Those of all code: what honest packages share.
    Whole,
}

/// A package hands over no more than so many shingles, and a piece of code no more than so many.
const MOST: usize = 400_000;
const MOST_OF_A_PIECE: usize = 1 << 16;

/// The shapes of the sources and of the code that was hidden in them.
pub(crate) fn shapes(subject: &Subject, wanted: Wanted, careful: bool, exceptions: &[Exception]) -> Vec<Shape> {
    let own = own_modules(subject);
    let own_module = |root: &str| own.contains(root);
    let mut shapes: Vec<Shape> = Vec::new();
    let mut left = MOST;
    for source in &subject.sources {
        if wanted == Wanted::Nothing || wanted == Wanted::Running && !source.phase.is_automatic() {
            continue;
        }
        for (layer, language, text) in texts(source) {
            let extent = match wanted {
                // A hidden text is handed to an interpreter as a program of its own.
                Wanted::Running => Extent::Running { program: source.is_program || layer.is_some() },
                _ => Extent::Whole,
            };
            let mut shingles = shingles(language, text, extent, careful, &own_module);
            shingles.truncate(MOST_OF_A_PIECE.min(left));
            left -= shingles.len();
            if !shingles.is_empty() {
                let mut shape = shape_of(source, layer, shingles);
                shape.excepted = exceptions::reason(exceptions, subject, RULE, &source.path);
                shapes.push(shape);
            }
        }
    }
    shapes
}

/// The names by which the package's modules call each other.
fn own_modules(subject: &Subject) -> FxHashSet<String> {
    let mut own = FxHashSet::default();
    for source in subject.sources.iter().filter(|source| source.language == Language::Python) {
        let inner = subject.inner(&source.path);
        let inner = inner.strip_prefix("src/").unwrap_or(inner);
        let root = inner.split('/').next().unwrap_or(inner);
        let root = root.strip_suffix(".py").unwrap_or(root);
        own.insert(root.to_owned());
    }
    own
}

/// The text of a source and those that were decoded from it, each with its layer.
fn texts(source: &Source) -> impl Iterator<Item = (Option<u32>, Language, &str)> {
    let layers = source.seen.layers.iter().enumerate().filter_map(|(at, layer)| {
        let language = Language::ALL.into_iter().find(|one| one.as_str() == layer.language)?;
        Some((Some(at as u32), language, layer.text.as_str()))
    });
    // A script of a manifest has the manifest as its text; it is a line, and what it starts is read by itself.
    let own = (!source.path.ends_with(".json")).then_some((None, source.language, source.text.as_str()));
    own.into_iter().chain(layers)
}

fn shape_of(source: &Source, layer: Option<u32>, shingles: Vec<u64>) -> Shape {
    let mut phase = None;
    let mut acts = false;
    for one in source.seen.behaviours.iter().filter(|one| one.place.layer == layer) {
        phase = Some(phase.map_or(one.phase, |old: Phase| old.min(one.phase)));
        acts |= one.phase.is_automatic() && is_act(one);
    }
    let phase = match layer {
        None => source.phase,
        Some(_) => phase.unwrap_or(source.phase),
    };
    let place = Place { path: source.path.clone(), line: 1, column: 1, layer };
    Shape { place, phase, acts, shingles, excepted: None }
}

/// Whether it is more than what setting up a package needs.
fn is_act(one: &Behaviour) -> bool {
    !matches!(
        one.action,
        Action::EnvRead
            | Action::HostInfo
            | Action::FileRead
            | Action::FileList
            | Action::FileWrite
            | Action::DataEncode
            | Action::SecretArgument
            | Action::OutputSilence
            | Action::Sleep
            | Action::Exit
    )
}
