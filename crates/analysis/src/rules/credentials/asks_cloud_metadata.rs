//! The service that gives a cloud's machines their keys.

use model::{Action, Confidence, Phase, Role};

use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, TALKS},
        query::Seen,
    },
    subject::Subject,
};

/// Where clouds answer their own machines.
const SERVICES: &[&str] = &[
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::254",
    "metadata.google.internal",
    "metadata.azure.internal",
    "100.100.100.200",
    "169.254.169.123",
    "metadata.tencentyun.com",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(TALKS) {
        if seen.source.is_aside || !asks(seen) {
            continue;
        }
        if let Some((chain, to)) = onward(seen) {
            let note = format!("The cloud's keys of this machine are asked for and sent to {}.", to.words());
            let sure = chain.phase().is_automatic() || to.is_blind();
            let report = if sure { Report::proof(note) } else { Report::indicator(Confidence::High, note) };
            sink.report(report.chain(&chain));
            continue;
        }
        let note = "The cloud's keys of this machine are asked for.";
        let sure = match seen.phase() {
            phase if phase < Phase::Import => Confidence::High,
            Phase::Import => Confidence::Medium,
            _ => Confidence::Low,
        };
        sink.report(Report::indicator(sure, note).seen(seen));
    }
}

fn asks(seen: Seen<'_>) -> bool {
    SERVICES.iter().any(|service| seen.text().contains(service))
}

fn onward(asked: Seen<'_>) -> Option<(crate::rules::query::Chain<'_>, Destination)> {
    asked.source.behaviours(&[Action::NetSend]).filter(|to| to.id != asked.id && !asks(*to)).find_map(|to| {
        let mut chains = to.chains(TALKS);
        let chain = chains.find(|chain| chain.from.id == asked.id && chain.role == Role::Data)?;
        let host = Destination::of(to);
        (!host.is_near() && host.host.is_some()).then_some((chain, host))
    })
}
