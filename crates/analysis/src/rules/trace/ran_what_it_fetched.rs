//! What was received from a host was started.

use model::{Confidence, Digest, Event, Phase, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink, query::host_of};

pub(super) fn check(course: &Course, sink: &mut Sink) {
    for event in course.events() {
        let TraceDeed::Exec { argv, sha256, path, .. } = &event.deed else { continue };
        let earlier = || course.events().filter(|other| other.number < event.number);
        let by_content = sha256.or_else(|| left_in(course, path)).and_then(|digest| {
            earlier().find(|other| matches!(&other.deed, TraceDeed::Http { answered: Some(one), .. } if *one == digest))
        });
        // A script is read by its interpreter: its file is an argument, not the program.
        let by_argument = || {
            let scripts = argv.iter().skip(1).filter(|word| word.starts_with('/')).filter_map(|word| left_in(course, word));
            let mut fetched = scripts.filter_map(|digest| {
                earlier().find(|other| matches!(&other.deed, TraceDeed::Http { answered: Some(one), .. } if *one == digest))
            });
            fetched.next()
        };
        if let Some(answer) = by_content.or_else(by_argument) {
            report(course, sink, answer, event);
        } else if let Some(url) = piped(argv) {
            // The connection may come a moment later than the line that makes it.
            let answer = course.events().find(|other| {
                other.step == event.step && matches!(&other.deed, TraceDeed::Http { url: one, .. } if host_of(one) == host_of(url))
            });
            if let Some(answer) = answer {
                report(course, sink, answer, event);
            }
        }
    }
}

fn report(course: &Course, sink: &mut Sink, answer: &Event, start: &Event) {
    let TraceDeed::Http { url, .. } = &answer.deed else { return };
    let host = host_of(url).unwrap_or_else(|| url.clone());
    let note = format!("What {host} answered was started.");
    let report = if baseline().is_download(&host) {
        // Prebuilt tools come from such hosts; so does much else.
        Report::indicator(Confidence::Medium, note)
    } else if course.phase(start) == Phase::Runtime {
        Report::indicator(Confidence::High, note)
    } else {
        Report::proof(note)
    };
    sink.report(report.event(course, answer).event(course, start));
}

/// The digest of what was left in a file.
fn left_in(course: &Course, path: &str) -> Option<Digest> {
    let left = |event: &Event| match &event.deed {
        TraceDeed::File { path: one, sha256, .. } if one == path => Some(*sha256),
        _ => None,
    };
    course.events().find_map(left)
}

/// The address in a line that gives what it fetches to a shell: `curl https://... | sh`.
fn piped(argv: &[String]) -> Option<&str> {
    let line = argv.iter().find(|word| word.contains("://"))?;
    let fetches = ["curl ", "wget ", "fetch "].iter().any(|one| line.contains(one));
    let compact = line.replace(' ', "");
    let shells = ["|sh", "|bash", "|/bin/sh", "|/bin/bash", "|node", "|python", "|zsh", "|sudo"];
    let runs = shells.iter().any(|one| compact.contains(one)) || line.contains("sh -c \"$(") || line.contains("<(curl");
    if !(fetches && runs) {
        return None;
    }
    line.split(|c: char| c.is_whitespace() || "\"'();|<>".contains(c)).find(|word| word.contains("://"))
}
