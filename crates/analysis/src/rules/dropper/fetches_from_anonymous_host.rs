//! Something is fetched from where anybody can serve anything without a name.

use model::{Action, Confidence, Phase};

use super::host::anonymous;
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::NetFetch, Action::NetConnect, Action::NetSend]) {
        let Some(host) = anonymous(seen.text()) else { continue };
        if seen.source.is_aside {
            continue;
        }
        let note = format!("The package talks to {host}.");
        let confidence = match seen.phase() {
            Phase::Install | Phase::Startup => Confidence::High,
            Phase::Import | Phase::Build => Confidence::Medium,
            Phase::Runtime => Confidence::Low,
        };
        sink.report(Report::indicator(confidence, note).seen(seen));
    }
}
