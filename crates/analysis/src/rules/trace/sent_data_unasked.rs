//! Something was sent although nobody called the package.

use std::collections::BTreeSet;

use model::{Confidence, Event, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{
    Report, Sink,
    exfiltration::destination::{Sort, sort_of},
};

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut told = BTreeSet::new();
    for sent in course.sent(1).into_iter().filter(|sent| course.phase(sent.event).is_automatic()) {
        if is_question(sent.event) && sent.size < 200 || !told.insert(sent.host.clone()) {
            continue;
        }
        let sort = sort_of(&sent.host);
        let note = format!("{} bytes went to {} during {}.", sent.size, sent.host, course.phase(sent.event));
        let sure = match sort {
            Sort::OutOfBand | Sort::Messenger | Sort::FileDrop | Sort::Bare | Sort::Tunnel | Sort::Automation => {
                Confidence::High
            }
            _ if baseline().is_download(&sent.host) => Confidence::Low,
            _ => Confidence::Medium,
        };
        sink.report(Report::indicator(sure, note).event(course, sent.event));
    }
    tunnels(course, sink);
}

/// A question is no sending: what is looked up stands in its address.
fn is_question(event: &Event) -> bool {
    matches!(&event.deed, TraceDeed::Http { method, .. } if method == "GET" || method == "HEAD")
}

/// Many long names below one domain: data goes out as names.
fn tunnels(course: &Course, sink: &mut Sink) {
    const LEAST: usize = 6;
    let mut domains: std::collections::BTreeMap<String, (BTreeSet<&str>, &Event)> = std::collections::BTreeMap::new();
    for event in course.events() {
        let TraceDeed::Dns { name, .. } = &event.deed else { continue };
        let labels: Vec<&str> = name.split('.').collect();
        let Some(split) = labels.len().checked_sub(2) else { continue };
        let long = labels[..split].iter().find(|label| label.len() >= 16 && is_random(label));
        if let Some(label) = long {
            domains.entry(labels[split..].join(".")).or_insert_with(|| (BTreeSet::new(), event)).0.insert(label);
        }
    }
    for (domain, (labels, first)) in domains.iter().filter(|(_, (labels, _))| labels.len() >= LEAST) {
        let note = format!("{} names that look like data were asked for below {domain}.", labels.len());
        sink.report(Report::indicator(Confidence::High, note).event(course, first));
    }
}

fn is_random(label: &str) -> bool {
    let digits = label.bytes().filter(u8::is_ascii_digit).count();
    let letters = label.bytes().collect::<BTreeSet<_>>().len();
    digits >= 3 && letters >= 8 && !label.contains('-')
}
