//! A debugger, a sandbox or a virtual machine was looked for, or time was to pass until nobody watches.

use std::collections::BTreeSet;

use model::{Confidence, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink};

/// A wait that no program makes while it is installed or loaded.
const LONG: u64 = 60_000;

/// Programs that tell what machine this is.
const TELLERS: &[&str] = &["dmidecode", "systemd-detect-virt", "virt-what", "lscpu", "hostnamectl"];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut told = BTreeSet::new();
    for event in course.events() {
        let automatic = course.phase(event).is_automatic();
        if course.is_below(event, |program| baseline().is_compiler(program) || baseline().is_installer(program)) {
            continue;
        }
        let (what, sure) = match &event.deed {
            TraceDeed::Probe { what } if what.contains("ptrace") => ("Whether a debugger watches was tried.", Confidence::High),
            TraceDeed::Probe { what } if is_of_debuggers(what) => {
                ("Whether a debugger watches was read.", if automatic { Confidence::Medium } else { Confidence::Low })
            }
            TraceDeed::Probe { .. } => ("What machine this is was looked up.", Confidence::Medium),
            TraceDeed::Exec { path, .. } if TELLERS.contains(&path.rsplit('/').next().unwrap_or(path)) => {
                ("What machine this is was asked.", Confidence::Low)
            }
            TraceDeed::Slept { millis } if *millis >= LONG && automatic => {
                ("A wait of more than a minute was to pass before it goes on.", Confidence::Medium)
            }
            _ => continue,
        };
        if told.insert(what) {
            sink.report(Report::indicator(sure, what).event(course, event));
        }
    }
}

fn is_of_debuggers(path: &str) -> bool {
    path.starts_with("/proc/") && ["/status", "/wchan", "/stack", "/syscall"].iter().any(|end| path.ends_with(end))
}
