//! Who and where the machine is goes to a host as soon as the package is installed or imported.

use std::collections::BTreeMap;

use model::{Action, Confidence, Phase, Role};

use super::destination::{Destination, Sort, TALKS};
use crate::{
    rules::{
        Report, Sink,
        query::{Chain, Seen},
    },
    subject::Subject,
};

const SOURCES: &[Action] = &[Action::HostInfo, Action::EnvRead, Action::ProcExec, Action::FileRead];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for to in subject.behaviours(TALKS) {
        if to.source.is_aside || !to.phase().is_automatic() || to.behaviour.has("browser") {
            continue;
        }
        let mut told: BTreeMap<&'static str, Chain<'_>> = BTreeMap::new();
        for chain in to.chains(SOURCES).filter(|chain| matches!(chain.role, Role::Data | Role::Address)) {
            if let Some(what) = identity(chain.from) {
                told.entry(what).or_insert(chain);
            }
        }
        let Some(chain) = told.values().next().copied() else { continue };
        let destination = Destination::of(to);
        if destination.is_near() {
            continue;
        }
        report(sink, &told, &chain, &destination);
    }
}

fn report(sink: &mut Sink, told: &BTreeMap<&'static str, Chain<'_>>, chain: &Chain<'_>, to: &Destination) {
    let words: Vec<&str> = told.keys().copied().collect();
    let when = if chain.phase() == Phase::Import {
        "when the package is imported"
    } else {
        "without anybody calling the package"
    };
    let note = format!(
        "The machine's {} {} sent to {} {when}.",
        words.join(", "),
        if words.len() == 1 { "is" } else { "are" },
        to.words()
    );
    let early = chain.phase() < Phase::Import;
    // One word may be a label of telemetry; two tell who the victim is.
    let proof = (to.is_blind() || to.sort == Sort::AddressTeller) && (early || told.len() >= 2)
        || early && told.len() >= 2 && to.host.is_some();
    let report = if proof {
        Report::proof(note)
    } else if early || told.len() >= 2 || to.host.is_some() {
        Report::indicator(Confidence::High, note)
    } else {
        Report::indicator(Confidence::Medium, note)
    };
    let mut report = report.phase(chain.phase()).at(chain.to.place()).at(chain.from.place());
    for one in told.values() {
        report = report.step(one.from.place(), one.from.words());
    }
    sink.report(report.step(chain.to.place(), chain.to.words()));
}

/// What a behaviour tells of the machine's and its user's identity.
fn identity(seen: Seen<'_>) -> Option<&'static str> {
    let text = seen.text();
    match seen.behaviour.action {
        Action::HostInfo => match text {
            "hostname" => Some("host name"),
            "user" | "users" => Some("user name"),
            "cwd" => Some("working folder"),
            "mac" => Some("hardware address"),
            "ip" | "network" => Some("network addresses"),
            "machine-id" => Some("machine id"),
            "home" => Some("home folder"),
            _ => None,
        },
        Action::EnvRead => match text {
            "USER" | "USERNAME" | "LOGNAME" | "SUDO_USER" | "USERDOMAIN" => Some("user name"),
            "HOSTNAME" | "COMPUTERNAME" | "HOST" => Some("host name"),
            "PWD" | "INIT_CWD" => Some("working folder"),
            _ => None,
        },
        Action::ProcExec => match text.split_whitespace().next()?.rsplit(['/', '\\']).next()? {
            "whoami" | "id" => Some("user name"),
            "hostname" => Some("host name"),
            "ifconfig" | "ipconfig" => Some("network addresses"),
            "pwd" => Some("working folder"),
            "systeminfo" => Some("system description"),
            _ => None,
        },
        Action::FileRead => match text {
            "/etc/hostname" | "/proc/sys/kernel/hostname" => Some("host name"),
            "/etc/passwd" => Some("accounts"),
            "/etc/machine-id" | "/var/lib/dbus/machine-id" => Some("machine id"),
            "/etc/resolv.conf" | "/etc/hosts" | "/proc/net/arp" => Some("network addresses"),
            _ => None,
        },
        _ => None,
    }
}
