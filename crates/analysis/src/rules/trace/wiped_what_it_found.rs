//! Files of the user were removed or replaced.

use std::collections::BTreeSet;

use model::{Confidence, Event, TraceDeed};

use super::course::{Course, is_in_home};
use crate::rules::{Report, Sink};

/// Files of a home that come and go by themselves.
const PASSING: &[&str] = &["/.cache/", "/.npm/", "/.local/share/", "/.node-gyp/", "/tmp/", "/.config/configstore/"];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut removed: BTreeSet<&str> = BTreeSet::new();
    let mut made: BTreeSet<&str> = BTreeSet::new();
    let mut first: Option<&Event> = None;
    for event in course.events().filter(|event| event.ok) {
        match &event.deed {
            TraceDeed::Open { path, write: true, .. } => {
                made.insert(path);
            }
            // What is renamed to a longer name was replaced by something else, as extortionists do.
            TraceDeed::Rename { from, to } if to.starts_with(from.as_str()) && is_users(from) => {
                removed.insert(from);
                first.get_or_insert(event);
            }
            TraceDeed::Unlink { path } if is_users(path) && !made.contains(path.as_str()) => {
                removed.insert(path);
                first.get_or_insert(event);
            }
            _ => {}
        }
    }
    let Some(first) = first else { return };
    let listed = removed.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    let note = format!("{} files of the user are gone: {listed}.", removed.len());
    match removed.len() {
        0..=1 if removed.iter().any(|path| path.ends_with("_history")) => {
            sink.report(Report::indicator(Confidence::High, note).event(course, first));
        }
        0..=2 => {}
        _ => sink.report(Report::proof(note).event(course, first)),
    }
}

fn is_users(path: &str) -> bool {
    is_in_home(path) && !PASSING.iter().any(|part| path.contains(part))
}
