//! A change with everything in it, and what becomes of it.

use model::{
    Action, Change, ChangedField, ChangedFile, Decision, Deed, Digest, Entry, FileChange, FileSummary, Phase, Place,
    Role, Score, Sign, Stream,
};
use wire::{
    Exit,
    diff::{Diff, DiffReport, FORMATS, Side, write},
};

pub fn report() -> DiffReport<'static> {
    let place = Place { path: "package/\u{1b}x.js".into(), line: 3, column: 1, layer: None };
    let side =
        |label: &str, decision| Side { label: label.into(), sha256: Digest([7; 32]), decision, score: Score(20) };
    let file = FileSummary {
        path: "index.js".into(),
        size: 4000,
        sha256: "ab".repeat(16),
        phase: Some(Phase::Import),
        marks: vec!["obfuscator-js".into()],
    };
    let change = Change {
        decision: Decision::Suspicious,
        score: 80,
        conclusion: "A person should look at this change: it adds a hook.".into(),
        signs: vec![Sign {
            code: "adds-install-hook".into(),
            weight: 40,
            note: "It adds [a](b) hook.".into(),
            place: Some(place.clone()),
        }],
        capabilities: Vec::new(),
        findings: Vec::new(),
        deeds: vec![Deed {
            action: Action::NetSend,
            object: "https://c2.example/".into(),
            api: "fetch".into(),
            phase: Phase::Install,
            count: 1,
            place: place.clone(),
        }],
        streams: vec![Stream {
            from: Action::EnvReadAll,
            source: String::new(),
            to: Action::NetSend,
            sink: "https://c2.example/".into(),
            role: Role::Data,
            phase: Phase::Install,
            place,
        }],
        entries: vec![Entry { phase: Phase::Install, path: "setup.js".into() }],
        files: vec![ChangedFile {
            change: FileChange::Changed,
            file,
            size_before: 100,
            new_marks: vec!["obfuscator-js".into()],
        }],
        manifest: vec![ChangedField {
            field: "script postinstall".into(),
            before: None,
            after: Some("node setup.js".into()),
        }],
        is_partial: false,
    };
    let diffs = vec![Diff {
        old: side("pkg:npm/x@1.0.0", Decision::Benign),
        new: side("pkg:npm/x@1.0.1", Decision::Benign),
        change,
    }];
    DiffReport {
        version: "0.0.0",
        ruleset: "5f1d",
        diffs,
        failures: Vec::new(),
        notes: vec!["a wall is missing".into()],
    }
}

#[test]
fn a_change_in_every_format() {
    for format in FORMATS {
        let mut out = Vec::new();
        write(format, &report(), &mut out).expect("written");
        let text = crate::plain(&String::from_utf8(out).expect("UTF-8"));
        assert!(!text.contains('\u{1b}'), "{format} lets a character through");
        insta::with_settings!({ omit_expression => true, snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("diff-{format}"), text);
        });
    }
}

#[test]
fn the_change_decides_the_exit() {
    let mut report = report();
    assert_eq!(report.exit(), Exit::Suspicious);
    report.diffs[0].change.decision = Decision::Benign;
    assert_eq!(report.exit(), Exit::Clean);
    report.diffs[0].change.decision = Decision::Inconclusive;
    assert_eq!(report.exit(), Exit::Incomplete);
}
