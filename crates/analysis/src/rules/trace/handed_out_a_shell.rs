//! Somebody else was given the machine: a connection that waits for orders and answers them.

use model::{Confidence, Event, TraceDeed};

use super::course::Course;
use crate::rules::{Report, Sink};

const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "busybox", "pwsh", "cmd.exe"];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    for event in course.events() {
        match &event.deed {
            TraceDeed::Raw { waited: true, head, address, .. } => waited(course, sink, event, head, address),
            TraceDeed::Exec { argv, .. } => by_command_line(course, sink, event, argv),
            _ => {}
        }
    }
}

/// The sinkhole asks who is there, and only a shell answers.
fn waited(course: &Course, sink: &mut Sink, event: &Event, head: &str, address: &str) {
    let earlier = |other: &&Event| other.step == event.step && other.number < event.number;
    let shell = course.events().filter(earlier).filter(|other| starts_shell(other)).last();
    if head.contains("uid=") && head.contains("gid=") {
        let report = Report::proof(format!("A shell obeyed orders that came from {address}."));
        let report = shell.into_iter().fold(report, |report, shell| report.event(course, shell));
        sink.report(report.event(course, event));
    } else if head.contains("$ ") || head.contains("# ") || head.contains("Microsoft Windows") {
        let report = Report::indicator(Confidence::High, format!("A prompt was shown to {address}, which spoke first."));
        sink.report(report.event(course, event));
    } else if course.phase(event).is_automatic() {
        let note = format!("A connection to {address} waited for orders.");
        sink.report(Report::indicator(Confidence::Medium, note).event(course, event));
    }
}

fn starts_shell(event: &Event) -> bool {
    matches!(&event.deed, TraceDeed::Exec { path, .. } if SHELLS.contains(&path.rsplit('/').next().unwrap_or(path)))
}

fn by_command_line(course: &Course, sink: &mut Sink, event: &Event, argv: &[String]) {
    let line = argv.join(" ");
    let wired = line.contains("/dev/tcp/") && (line.contains("sh -i") || line.contains("0>&1") || line.contains(">&"))
        || (line.starts_with("nc ") || line.starts_with("ncat ")) && [" -e ", " -c "].iter().any(|one| line.contains(one))
        || line.contains("socat") && line.contains("exec:");
    if wired {
        sink.report(Report::proof("A shell was tied to a connection.").event(course, event));
    }
}
