//! Files that nobody named are looked for on the machine, or read without being asked, and sent to a host.

use model::{Action, Confidence, Known, Phase, Role};

use super::destination::{Destination, Sort};
use crate::{
    rules::{
        Report, Sink,
        query::{Chain, Seen},
    },
    subject::Subject,
};

const SENDS: &[Action] = &[Action::NetSend, Action::NetFetch];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::FileRead], SENDS) {
        let data = chain.role == Role::Data || chain.role == Role::Address && chain.to.behaviour.action == Action::NetFetch;
        if chain.to.source.is_aside || !data {
            continue;
        }
        let to = Destination::of(chain.to);
        let Some(host) = to.host.clone().filter(|_| !to.is_near()) else { continue };
        if let Some(found) = searched(&chain) {
            let note = format!("Files are looked for in {} and what stands in them is sent to {host}.", place_of(found));
            let sends = chain.to.behaviour.action == Action::NetSend;
            let report = if chain.phase().is_automatic() || to.is_blind() || sends {
                Report::proof(note)
            } else {
                Report::indicator(Confidence::High, note)
            };
            sink.report(report.chain(&chain).step(found.place(), found.words()));
        } else if is_nameless(&to) && chain.role == Role::Data && is_foreign(chain.from) {
            let note = format!("A file is read and sent to {host}, which carries no name that answers for it.");
            let report = match chain.phase() {
                Phase::Runtime => Report::indicator(Confidence::Medium, note),
                _ => Report::proof(note),
            };
            sink.report(report.chain(&chain));
        }
    }
}

/// The listing of a whole home, disk or device out of which the file was picked.
fn searched<'s>(chain: &Chain<'s>) -> Option<Seen<'s>> {
    if chain.from.behaviour.object.known == Known::Constant {
        return None;
    }
    let mut lists = chain.from.chains(&[Action::FileList]).filter(|list| list.role == Role::Path);
    lists.find(|list| is_broad(list.from.text()) || is_home(list.from)).map(|list| list.from)
}

/// Whether a folder holds more than one program's files: the root, a home, a disk, the storage of a telephone.
fn is_broad(path: &str) -> bool {
    let whole = path.replace('\\', "/");
    let path = whole.trim_end_matches('/');
    let disk = path.len() == 2 && path.ends_with(':');
    let home = ["~", "{}/Desktop", "{}/Documents", "{}/Downloads", "~/Desktop", "~/Documents", "~/Downloads", "~/Pictures"];
    let device = ["/sdcard", "/storage/emulated/0", "/storage", "/home", "/Users", "C:/Users", "/data", "/mnt", "/media", "/root"];
    let under_home = path.strip_prefix("~/").is_some_and(|rest| !rest.starts_with('.') && !rest.contains('/'));
    whole.starts_with('/') && path.is_empty()
        || disk
        || under_home
        || home.contains(&path)
        || device.contains(&path)
}

/// Whether the folder is the home folder that the system names, and nothing below it.
fn is_home(seen: Seen<'_>) -> bool {
    matches!(seen.text(), "" | "{}") && seen.chains(&[Action::HostInfo]).any(|chain| chain.from.text() == "home" && chain.role == Role::Path)
}

fn place_of(found: Seen<'_>) -> &str {
    if matches!(found.text(), "" | "{}" | "~") { "the whole home folder" } else { found.text() }
}

/// Where nobody answers for what becomes of the data; chats and file drops have rules of their own.
fn is_nameless(to: &Destination) -> bool {
    matches!(to.sort, Sort::Bare | Sort::OutOfBand | Sort::Tunnel)
}

/// A file whose path the code made itself, and not one that it ships.
fn is_foreign(seen: Seen<'_>) -> bool {
    seen.behaviour.object.known != Known::Unknown || seen.phase().is_automatic()
}
