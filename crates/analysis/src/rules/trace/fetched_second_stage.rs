//! A program or script was fetched without anybody asking: the next stage, whether it came or not.

use std::collections::BTreeSet;

use model::{Confidence, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{
    Report, Sink,
    dropper::host::{anonymous, dead_drop},
    query::host_of,
};

/// Endings of what can be run.
const ENDINGS: &[&str] =
    &[".sh", ".js", ".cjs", ".mjs", ".py", ".ps1", ".exe", ".dll", ".bat", ".vbs", ".elf", ".bin", ".so", ".node", ".pyc"];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut told = BTreeSet::new();
    for event in course.events().filter(|event| course.phase(event).is_automatic()) {
        let TraceDeed::Http { method, url, .. } = &event.deed else { continue };
        let Some(host) = host_of(url).filter(|_| method == "GET") else { continue };
        let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
        let runs = ENDINGS.iter().any(|ending| path.ends_with(ending));
        let odd = anonymous(url).or_else(|| dead_drop(url));
        if baseline().is_own(&host) || baseline().is_download(&host) && odd.is_none() || !told.insert(host.clone()) {
            continue;
        }
        let (sure, what) = match (runs, odd) {
            (true, Some(odd)) => (Confidence::High, format!("A program was fetched from {odd}.")),
            (true, None) => (Confidence::Medium, format!("A program was fetched from {host}.")),
            (false, Some(odd)) => (Confidence::Medium, format!("Something was fetched from {odd}.")),
            (false, None) => continue,
        };
        sink.report(Report::indicator(sure, what).event(course, event));
    }
}
