//! The places where clusters and companies keep all of their secrets.

use model::{Action, Confidence};

use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, TALKS},
        query::{Seen, short},
    },
    subject::Subject,
};

/// Files in which a cluster hands its programs their tokens.
const FILES: &[&str] = &["/var/run/secrets/kubernetes.io/serviceaccount", "/run/secrets/kubernetes.io", "~/.vault-token"];

/// Addresses and commands by which secrets are listed or read.
const ASKS: &[&str] = &[
    "/api/v1/secrets",
    "127.0.0.1:8200/v1",
    "localhost:8200/v1",
    "/v1/secret/data",
    "/v1/secret/metadata",
    "kubectl get secret",
    "vault kv ",
    "aws secretsmanager list-secrets",
    "aws secretsmanager get-secret-value",
    "aws ssm get-parameters",
    "gcloud secrets ",
    "az keyvault secret",
    "op item list",
    "bw list items",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let reads = subject.behaviours(&[Action::FileRead, Action::ProcExec]).chain(subject.behaviours(TALKS));
    for seen in reads.filter(|seen| !seen.source.is_aside && asks(*seen)) {
        let what = short(seen.text(), 80);
        if let Some(to) = onward(seen) {
            let note = format!("Secrets of a vault or cluster are read ({what}) and sent to {}.", to.words());
            let sure = seen.phase().is_automatic() || to.is_blind();
            let report = if sure { Report::proof(note) } else { Report::indicator(Confidence::Medium, note) };
            sink.report(report.seen(seen));
            continue;
        }
        let note = format!("A vault or cluster is asked for its secrets: {what}.");
        let sure = if seen.phase().is_automatic() { Confidence::High } else { Confidence::Low };
        sink.report(Report::indicator(sure, note).seen(seen));
    }
}

fn asks(seen: Seen<'_>) -> bool {
    let text = seen.text().replace('\\', "/");
    match seen.behaviour.action {
        Action::FileRead => FILES.iter().any(|file| text.contains(file)) && !text.ends_with("/namespace") && !text.ends_with("/ca.crt"),
        _ => ASKS.iter().any(|ask| text.contains(ask)),
    }
}

/// Where the answer goes to: not back to the cluster itself.
fn onward(asked: Seen<'_>) -> Option<Destination> {
    asked.source.behaviours(TALKS).filter(|to| to.id != asked.id && !asks(*to)).find_map(|to| {
        to.chains(&[Action::FileRead, Action::ProcExec, Action::NetFetch, Action::NetSend]).find(|chain| chain.from.id == asked.id)?;
        let host = Destination::of(to);
        let cluster = host.host.as_deref().is_none_or(|host| host.starts_with("kubernetes") || host.ends_with(".svc"));
        (!host.is_near() && !cluster).then_some(host)
    })
}
