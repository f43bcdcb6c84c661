//! A file with credentials is read, and what stood in it goes to a host.

use model::{Action, Confidence, Role};

use super::destination::{Destination, TALKS};
use crate::{
    rules::{
        Report, Sink,
        credentials::store::{Family, store_of},
    },
    subject::Subject,
};

const FAMILIES: &[Family] = &[Family::Developer, Family::System];

const FROM: &[Action] = &[Action::FileRead, Action::ProcExec, Action::FileWrite, Action::SecretStore];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(FROM, TALKS) {
        if chain.to.source.is_aside || matches!(chain.role, Role::Command) {
            continue;
        }
        // What a library of the cloud finds for its callers lies in the same file.
        let where_from = if chain.from.text() == "AWS credentials" { ".aws/credentials" } else { chain.from.text() };
        let Some(store) = store_of(where_from, FAMILIES) else { continue };
        let to = Destination::of(chain.to);
        let given_by = to.host.as_deref().is_some_and(|host| store.givers.iter().any(|giver| host.ends_with(giver)));
        if to.is_near() || given_by {
            continue;
        }
        let note =
            format!("Credentials of {} are read from {} and sent to {}.", store.name, where_from, to.words());
        let automatic = chain.phase().is_automatic();
        // Some secrets go to nobody but those who gave them out, whoever calls.
        let called = to.host.is_some() && chain.role == Role::Data && is_dear(store.name);
        let by_itself = automatic && (to.host.is_some() || chain.phase() < model::Phase::Import);
        let report = if by_itself || called || to.is_blind() {
            Report::proof(note)
        } else if automatic {
            Report::indicator(Confidence::High, note)
        } else if to.host.is_some() {
            Report::indicator(Confidence::Medium, note)
        } else {
            continue;
        };
        sink.report(report.chain(&chain));
    }
}

/// Secrets that go to those who gave them out, or nowhere: a constant host of anybody else is a thief's even when called.
fn is_dear(name: &str) -> bool {
    matches!(name, "AWS" | "Azure" | "Google Cloud" | "GnuPG" | "SSH" | "Git" | "shell history")
}
