//! A program was written and then started.

use std::collections::HashMap;

use model::{Confidence, Event, Phase, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink};

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut written: HashMap<(u32, &str), &Event> = HashMap::new();
    for event in course.events().filter(|event| event.ok) {
        match &event.deed {
            TraceDeed::Open { path, write: true, .. } if !is_built(course, event) => {
                written.entry((event.step, path)).or_insert(event);
            }
            TraceDeed::Rename { to, .. } if !is_built(course, event) => {
                written.entry((event.step, to)).or_insert(event);
            }
            TraceDeed::Exec { path, argv, .. } => start(course, sink, &written, event, path, argv),
            _ => {}
        }
    }
}

fn start(
    course: &Course,
    sink: &mut Sink,
    written: &HashMap<(u32, &str), &Event>,
    event: &Event,
    path: &str,
    argv: &[String],
) {
    let phase = course.phase(event);
    if path.starts_with("/memfd:") || path.starts_with("/proc/self/fd/") || path.starts_with("/dev/fd/") {
        let note = "A program was started that never lay on the disk.";
        sink.report(Report::proof(note).event(course, event));
        return;
    }
    let script = argv.iter().skip(1).find(|word| word.starts_with('/')).map_or("", String::as_str);
    let found = [path, script].into_iter().find_map(|file| Some((file, written.get(&(event.step, file))?)));
    let Some((file, write)) = found else { return };
    // What a build makes in its own folder is tried there.
    if file.contains("/build/") && file.contains("/node_modules/") {
        return;
    }
    let hidden = ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|folder| file.starts_with(folder))
        || file.split('/').any(|part| part.starts_with('.') && part.len() > 2 && part != ".venv" && part != ".bin");
    let note = format!("{file} was written and then started.");
    let report = match (phase, hidden) {
        (Phase::Runtime, false) => Report::indicator(Confidence::Low, note),
        (Phase::Runtime, true) | (_, false) => Report::indicator(Confidence::Medium, note),
        (_, true) => Report::indicator(Confidence::High, note),
    };
    sink.report(report.event(course, write).event(course, event));
}

fn is_built(course: &Course, event: &Event) -> bool {
    course.is_below(event, |program| baseline().is_compiler(program) || baseline().is_installer(program))
}
