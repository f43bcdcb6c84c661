//! What is known from hijacked releases. `docs/diff.md` explains each sign and its weight.

use std::collections::BTreeSet;

use model::{
    Action, Analysis, Change, Decision, Deed, FileChange, Finding, Kind, Phase, Place, Role, Sign, Stream, Summary,
};

use super::SUSPICIOUS;
use crate::{
    judge::{Feature, Table},
    rules::{
        execution::toolchain::is_honest_build,
        exfiltration::destination::{Sort, host_in, sort_of},
        query::short,
    },
};

/// The signs of a change, the weightiest first.
pub(super) fn list(old: &Analysis, new: &Analysis, before: &Summary, change: &Change) -> Vec<Sign> {
    let hosts = known_hosts(before);
    let small = is_small_step(old, new);
    let mut signs = Vec::new();
    signs.extend(install_hook(change, small));
    signs.extend(secret_to_new_host(change, &hosts));
    signs.extend(new_host(change, &hosts));
    signs.extend(newly_hidden(change));
    signs.extend(runs_more(change));
    signs.extend(dependencies(change, small));
    signs.extend(people(change));
    signs.extend(findings(old, change));
    signs.sort_by(|left, right| (right.weight, &left.code, &left.note).cmp(&(left.weight, &right.code, &right.note)));
    signs
}

fn sign(code: &str, weight: u32, note: String, place: Option<&Place>) -> Sign {
    Sign { code: code.into(), weight, note, place: place.cloned() }
}

/// Whether only the last numbers of the version differ: `1.2.3` and `1.2.4`.
fn is_small_step(old: &Analysis, new: &Analysis) -> bool {
    let parts = |one: &Analysis| {
        let version = one.facts.version.clone().unwrap_or_default();
        let parts: Vec<String> = version.split('.').take(2).map(str::to_owned).collect();
        (parts.len() == 2).then_some(parts)
    };
    parts(old).is_some_and(|before| parts(new).is_some_and(|after| before == after))
}

const TALKS: &[Action] = &[Action::NetSend, Action::NetFetch, Action::NetConnect, Action::NetResolve];

fn known_hosts(before: &Summary) -> BTreeSet<String> {
    let talks = before.deeds.iter().filter(|deed| TALKS.contains(&deed.action));
    talks.filter_map(|deed| host_in(&deed.object)).collect()
}

/// The host of an object when it is neither near nor known before.
fn stranger(object: &str, known: &BTreeSet<String>) -> Option<String> {
    let host = host_in(object)?;
    let parent = |host: &str| host.rsplit('.').take(2).collect::<Vec<_>>().join(".");
    let related = known
        .iter()
        .any(|old| *old == host || parent(old) == parent(&host) && host.parse::<std::net::Ipv4Addr>().is_err());
    (sort_of(&host) != Sort::Near && !related).then_some(host)
}

fn install_hook(change: &Change, small: bool) -> Vec<Sign> {
    let hook = change.manifest.iter().find(|field| {
        let script = field.field.strip_prefix("script ");
        script.is_some_and(|name| ecosystem::npm::manifest::INSTALL_SCRIPTS.contains(&name))
            && field.after.as_deref().is_some_and(|line| !is_honest_build(line))
    });
    let when = if small { ", in a release that only mends something" } else { "" };
    if let Some(field) = hook {
        let (code, word) =
            if field.before.is_none() { ("adds-install-hook", "adds") } else { ("changes-install-hook", "changes") };
        let weight = if small { 40 } else { 25 };
        let line = short(field.after.as_deref().unwrap_or_default(), 80);
        return vec![sign(
            code,
            weight,
            format!("It {word} the hook \"{}\"{when}: {line}.", field.field.trim_start_matches("script ")),
            None,
        )];
    }
    let entry =
        change.entries.iter().find(|entry| entry.phase <= Phase::Startup && !entry.path.ends_with("package.json"));
    entry
        .map(|entry| {
            let weight = if entry.phase == Phase::Startup {
                40
            } else if small {
                25
            } else {
                15
            };
            let note = format!("New code runs at {}{when}: {}.", entry.phase, short(&entry.path, 80));
            sign("adds-entry-point", weight, note, None)
        })
        .into_iter()
        .collect()
}

/// Data that is worth stealing goes to a host that no version before talked to.
fn secret_to_new_host(change: &Change, hosts: &BTreeSet<String>) -> Option<Sign> {
    let secret = |one: &Stream| match one.from {
        Action::EnvReadAll
        | Action::SecretArgument
        | Action::SecretStore
        | Action::ClipboardRead
        | Action::InputCapture => true,
        Action::EnvRead => is_secret(&one.source),
        Action::FileRead => is_private(&one.source),
        Action::HostInfo => {
            one.phase.is_automatic() && matches!(one.source.as_str(), "hostname" | "user" | "mac" | "ip")
        }
        _ => false,
    };
    let sent = |one: &&Stream| TALKS.contains(&one.to) && matches!(one.role, Role::Data | Role::Address) && secret(one);
    let mut streams: Vec<(&Stream, String)> =
        change.streams.iter().filter(sent).filter_map(|one| Some((one, stranger(&one.sink, hosts)?))).collect();
    streams.sort_by_key(|(one, _)| one.phase);
    let (one, host) = streams.first()?;
    let weight = if one.phase.is_automatic() { 60 } else { 40 };
    let what = if one.source.is_empty() {
        one.from.as_str().to_owned()
    } else {
        format!("{} {}", one.from, short(&one.source, 60))
    };
    Some(sign(
        "sends-secrets-to-new-host",
        weight,
        format!("It sends {what} to {host}, to which nothing was sent before."),
        Some(&one.place),
    ))
}

fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL", "MNEMONIC"].iter().any(|word| upper.contains(word))
}

fn is_private(path: &str) -> bool {
    ["/.ssh", ".npmrc", ".pypirc", ".aws", ".netrc", "/environ", "wallet", ".git-credentials", "/etc/passwd", ".kube"]
        .iter()
        .any(|part| path.contains(part))
}

fn new_host(change: &Change, hosts: &BTreeSet<String>) -> Option<Sign> {
    let talks = change.deeds.iter().filter(|deed| TALKS.contains(&deed.action));
    let mut strangers: Vec<(&Deed, String)> =
        talks.filter_map(|deed| Some((deed, stranger(&deed.object, hosts)?))).collect();
    strangers.sort_by_key(|(deed, _)| deed.phase);
    let (deed, host) = strangers.first()?;
    let blind = !matches!(sort_of(host), Sort::Named | Sort::AddressTeller);
    let weight = match (deed.phase, blind) {
        (phase, true) if phase.is_automatic() => 40,
        (phase, false) if phase < Phase::Import => 25,
        (_, true) => 20,
        (Phase::Import, false) => 10,
        _ => 5,
    };
    let note = format!("It talks to {host} at {}, to which it did not talk before.", deed.phase);
    Some(sign("talks-to-new-host", weight, note, Some(&deed.place)))
}

fn newly_hidden(change: &Change) -> Option<Sign> {
    let hidden = |marks: &[String]| marks.iter().any(|mark| mark != "binary");
    let file = change.files.iter().find(|one| hidden(&one.new_marks) && one.file.phase.is_some())?;
    let weight = if file.change == FileChange::Changed { 40 } else { 25 };
    let word = if file.change == FileChange::Changed {
        "was readable before and is not any more"
    } else {
        "is new and unreadable"
    };
    let note = format!("The file {} {word} ({}).", short(&file.file.path, 80), file.new_marks.join(", "));
    let place = Place { path: file.file.path.clone(), line: 1, column: 1, layer: None };
    Some(sign("is-newly-unreadable", weight, note, Some(&place)))
}

/// Programs or code that run by themselves and did not before.
fn runs_more(change: &Change) -> Option<Sign> {
    let runs = change.deeds.iter().filter(|deed| {
        deed.phase.is_automatic()
            && matches!(deed.action, Action::ProcExec | Action::CodeEval | Action::CodeLoad | Action::MemoryNative)
            && !is_honest_build(&deed.object)
    });
    let deed = runs.min_by_key(|deed| deed.phase)?;
    let weight = if deed.phase < Phase::Import { 25 } else { 10 };
    let what = if deed.object.is_empty() { deed.api.clone() } else { deed.object.clone() };
    let note = format!("At {} it now does {}: {}.", deed.phase, deed.action, short(&what, 80));
    Some(sign("runs-something-new", weight, note, Some(&deed.place)))
}

fn dependencies(change: &Change, small: bool) -> Vec<Sign> {
    let added = change
        .manifest
        .iter()
        .filter(|field| field.field.starts_with("dependency ") || field.field.starts_with("build dependency "));
    let mut signs = Vec::new();
    for field in added {
        let (name, after) =
            (field.field.rsplit(' ').next().unwrap_or_default(), field.after.as_deref().unwrap_or_default());
        if after.contains("://") && field.before.as_deref() != Some(after) {
            let note = format!("The dependency {name} now comes from an address: {}.", short(after, 80));
            signs.push(sign("adds-url-dependency", 40, note, None));
        } else if field.before.is_none() && small {
            signs.push(sign(
                "adds-dependency",
                10,
                format!("It depends on {name} now, in a release that only mends something."),
                None,
            ));
        }
    }
    // One is told: a tool that begins to write them all down makes every dependency new.
    let mut plain = 0;
    signs.retain(|sign| {
        plain += u32::from(sign.code == "adds-dependency");
        sign.code != "adds-dependency" || plain == 1
    });
    signs.truncate(3);
    signs
}

fn people(change: &Change) -> Option<Sign> {
    let field = change.manifest.iter().find(|field| {
        let word = field.field.split(' ').next().unwrap_or_default();
        matches!(word, "author" | "author-email" | "maintainer" | "maintainer-email" | "publisher")
            && field.after.is_some()
    })?;
    let note = format!(
        "The field {} says something else: {}.",
        short(&field.field, 80),
        short(field.after.as_deref().unwrap_or_default(), 80)
    );
    Some(sign("changes-its-people", 5, note, None))
}

/// Rules that speak now and did not, or spoke more softly.
fn findings(old: &Analysis, change: &Change) -> Vec<Sign> {
    let heaviest =
        |rule: &str| old.verdict.findings.iter().filter(|one| one.rule == rule).map(weight).max().unwrap_or(0);
    let mut signs: Vec<Sign> = Vec::new();
    let known_malware = old.verdict.decision == Decision::Malicious;
    for finding in change.findings.iter().filter(|_| !known_malware) {
        let weight = weight(finding).saturating_sub(heaviest(&finding.rule));
        if weight == 0 {
            continue;
        }
        let code = format!("finding:{}", finding.rule);
        match signs.iter_mut().find(|sign| sign.code == code) {
            Some(sign) if sign.weight >= weight => {}
            Some(sign) => *sign = self::sign(&code, weight, finding.note.clone(), finding.places.first()),
            None => signs.push(sign(&code, weight, finding.note.clone(), finding.places.first())),
        }
    }
    signs
}

/// What a finding weighs beside the other signs: its points of the table of judgement, so scaled that what makes a package
/// suspicious alone makes the change suspicious alone.
fn weight(finding: &Finding) -> u32 {
    if finding.kind == Kind::Proof && finding.excepted.is_none() {
        return 100;
    }
    let table = Table::committed();
    let points = Feature::of(finding).map_or(0, |feature| table.points(&feature)).max(0);
    let enough = (table.suspicious - table.base).max(1);
    u32::try_from(points * SUSPICIOUS as i32 / enough).unwrap_or(0).min(100)
}
