//! What changed between two versions, and what that change tells.
//!
//! Most hijacked releases show in nothing as clearly as in what they add to the version before. Things are compared by what
//! they do and not by where they stand, so that code that only moved shows nothing.

mod signs;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Analysis, Capability, Change, ChangedField, ChangedFile, Decision, Deed, Entry, FileChange, FileSummary,
    Finding, Phase, Stream, Summary,
};

/// From this sum of signs on, a person should look at the change.
const SUSPICIOUS: u32 = 40;

/// Compares two analyses, each with its summary. A side without one counts as empty, and the change as partial.
pub fn compare(old: &Analysis, new: &Analysis) -> Change {
    let none = Summary::default();
    let (before, after) = (old.summary.as_deref().unwrap_or(&none), new.summary.as_deref().unwrap_or(&none));
    let mut change = Change {
        decision: Decision::Benign,
        score: 0,
        conclusion: String::new(),
        signs: Vec::new(),
        capabilities: new_capabilities(&old.capabilities, &new.capabilities),
        findings: new_findings(old, new),
        deeds: new_deeds(&before.deeds, &after.deeds),
        streams: new_streams(&before.streams, &after.streams),
        entries: new_entries(&before.entries, &after.entries),
        files: changed_files(&before.files, &after.files),
        manifest: changed_fields(&before.manifest, &after.manifest),
        is_partial: [old, new].into_iter().any(|one| {
            !one.verdict.coverage.is_complete() || one.summary.as_ref().is_none_or(|summary| summary.is_cut)
        }),
    };
    change.signs = signs::list(old, new, before, &change);
    let score: u32 = change.signs.iter().map(|sign| sign.weight).sum();
    change.score = score.min(100) as u8;
    change.decision = decide(old, new, &change);
    change.conclusion = conclude(old, new, &change);
    change
}

/// What can be done now and could not, or could only in a later phase.
fn new_capabilities(old: &[Capability], new: &[Capability]) -> Vec<Capability> {
    let had = |one: &Capability| old.iter().any(|before| before.action == one.action && before.phase <= one.phase);
    new.iter().filter(|one| !had(one)).cloned().collect()
}

/// Findings that say something new: another rule, or the same rule of something else.
fn new_findings(old: &Analysis, new: &Analysis) -> Vec<Finding> {
    // A note may name the package's own version, which is another one each time.
    let plain = |analysis: &Analysis, finding: &Finding| {
        let version = analysis.facts.version.as_deref().filter(|version| version.len() >= 3);
        let note = version.map_or_else(|| finding.note.clone(), |version| finding.note.replace(version, "{version}"));
        (finding.rule.clone(), note)
    };
    let said: BTreeSet<(String, String)> = old.verdict.findings.iter().map(|one| plain(old, one)).collect();
    new.verdict.findings.iter().filter(|one| !said.contains(&plain(new, one))).cloned().collect()
}

fn new_deeds(old: &[Deed], new: &[Deed]) -> Vec<Deed> {
    let mut earliest: BTreeMap<(Action, &str, &str), Phase> = BTreeMap::new();
    for one in old {
        let phase = earliest.entry((one.action, &one.object, &one.api)).or_insert(one.phase);
        *phase = one.phase.min(*phase);
    }
    let had = |one: &&Deed| {
        earliest.get(&(one.action, one.object.as_str(), one.api.as_str())).is_some_and(|phase| *phase <= one.phase)
    };
    new.iter().filter(|one| !had(one)).cloned().collect()
}

fn new_streams(old: &[Stream], new: &[Stream]) -> Vec<Stream> {
    let same = |left: &Stream, right: &Stream| {
        (left.from, &left.source, left.to, &left.sink) == (right.from, &right.source, right.to, &right.sink)
    };
    let had = |one: &&Stream| old.iter().any(|before| same(before, one) && before.phase <= one.phase);
    new.iter().filter(|one| !had(one)).cloned().collect()
}

fn new_entries(old: &[Entry], new: &[Entry]) -> Vec<Entry> {
    let had = |one: &&Entry| old.iter().any(|before| before.path == one.path && before.phase <= one.phase);
    new.iter().filter(|one| !had(one)).cloned().collect()
}

/// Files that are not as they were. One that only moved is not named.
fn changed_files(old: &[FileSummary], new: &[FileSummary]) -> Vec<ChangedFile> {
    let before: BTreeMap<&str, &FileSummary> = old.iter().map(|file| (file.path.as_str(), file)).collect();
    let after: BTreeMap<&str, &FileSummary> = new.iter().map(|file| (file.path.as_str(), file)).collect();
    let bytes = |files: &[FileSummary]| files.iter().map(|file| file.sha256.clone()).collect::<BTreeSet<_>>();
    let (old_bytes, new_bytes) = (bytes(old), bytes(new));
    let mut files = Vec::new();
    for file in new {
        let (change, size_before, marks): (_, _, &[String]) = match before.get(file.path.as_str()) {
            Some(old) if old.sha256 == file.sha256 => continue,
            Some(old) => (FileChange::Changed, old.size, &old.marks),
            None if old_bytes.contains(&file.sha256) => continue,
            None => (FileChange::Added, 0, &[]),
        };
        let new_marks = file.marks.iter().filter(|mark| !marks.contains(mark)).cloned().collect();
        files.push(ChangedFile { change, file: file.clone(), size_before, new_marks });
    }
    for file in old.iter().filter(|file| !after.contains_key(file.path.as_str()) && !new_bytes.contains(&file.sha256)) {
        files.push(ChangedFile {
            change: FileChange::Removed,
            file: file.clone(),
            size_before: file.size,
            new_marks: Vec::new(),
        });
    }
    // What is newly unreadable comes first, then what runs early, then what grew most.
    files.sort_by_key(|one| {
        let grown = std::cmp::Reverse(one.file.size.abs_diff(one.size_before));
        let phase = one.file.phase.unwrap_or(Phase::Runtime);
        (
            one.new_marks.is_empty(),
            one.change == FileChange::Removed,
            one.file.phase.is_none(),
            phase,
            grown,
            one.file.path.clone(),
        )
    });
    files
}

fn changed_fields(old: &[(String, String)], new: &[(String, String)]) -> Vec<ChangedField> {
    let before: BTreeMap<&str, &str> = old.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let after: BTreeMap<&str, &str> = new.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let keys: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let field = |key: &str| {
        let (before, after) = (before.get(key), after.get(key));
        (before != after).then(|| ChangedField {
            field: key.to_owned(),
            before: before.map(|text| (*text).to_owned()),
            after: after.map(|text| (*text).to_owned()),
        })
    };
    keys.into_iter().filter_map(field).collect()
}

fn decide(old: &Analysis, new: &Analysis, change: &Change) -> Decision {
    let (before, after) = (old.verdict.decision, new.verdict.decision);
    if after == Decision::Malicious {
        Decision::Malicious
    } else if u32::from(change.score) >= SUSPICIOUS || after == Decision::Suspicious && before < Decision::Suspicious {
        Decision::Suspicious
    } else if change.is_partial {
        Decision::Inconclusive
    } else {
        Decision::Benign
    }
}

fn conclude(old: &Analysis, new: &Analysis, change: &Change) -> String {
    let changed = change.files.len();
    let files = if changed == 1 { "1 file is".to_owned() } else { format!("{changed} files are") };
    let why = || match change.signs.first() {
        Some(sign) if change.signs.len() > 1 => {
            let more = change.signs.len() - 1;
            format!("{} ({more} more sign{})", sign.note.trim_end_matches('.'), if more == 1 { "" } else { "s" })
        }
        Some(sign) => sign.note.trim_end_matches('.').to_owned(),
        None => new.verdict.reason.trim_end_matches('.').to_owned(),
    };
    match change.decision {
        Decision::Malicious if old.verdict.decision == Decision::Malicious => "Both versions are malware.".into(),
        Decision::Malicious => format!("This version is malware and the one before was not: {}.", why()),
        Decision::Suspicious => format!("A person should look at this change: {}.", why()),
        Decision::Inconclusive => {
            format!(
                "Nothing suspicious is new, but not all of both versions could be looked at; {files} not as before."
            )
        }
        _ if changed == 0 && change.manifest.is_empty() => "Nothing is new: both hold the same files.".into(),
        _ if change.signs.is_empty() && change.deeds.is_empty() => {
            format!("Nothing new is done: {files} not as before.")
        }
        _ => format!("Nothing suspicious is new: {files} not as before."),
    }
}
