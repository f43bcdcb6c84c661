//! Importing the package is enough for it to talk to a host.

use model::{Action, Confidence, Known, Phase};

use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::Destination,
        query::short,
    },
    subject::Subject,
};

const TALKS: &[Action] = &[Action::NetSend, Action::NetResolve, Action::NetFetch];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(TALKS) {
        if seen.source.is_aside || seen.phase() != Phase::Import || !seen.source.is_front {
            continue;
        }
        let Some(host) = Destination::of(seen).host.filter(|host| host.contains('.')) else { continue };
        if Destination::of(seen).is_near() {
            continue;
        }
        let browser = seen.behaviour.has("browser");
        // A page that the program wrote is shown to its user: a name of a file, and no host.
        let is_file = |text: &str| [".html", ".htm", ".pdf", ".svg"].iter().any(|end| text.ends_with(end));
        if browser && !seen.text().contains("://") && is_file(seen.text()) {
            continue;
        }
        let (what, sure) = match seen.behaviour.action {
            Action::NetSend => ("sends data to", Confidence::High),
            Action::NetResolve if seen.behaviour.object.known == Known::Constant => ("looks up", Confidence::High),
            Action::NetFetch if browser => ("opens a browser on", Confidence::High),
            Action::NetFetch => ("fetches from", Confidence::Low),
            _ => continue,
        };
        let note = format!("Importing the package {what} {}.", short(&host, 60));
        sink.report(Report::indicator(sure, note).seen(seen));
    }
}
