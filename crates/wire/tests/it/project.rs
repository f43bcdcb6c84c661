//! The standard scan: one package of each sort, with hostile words wherever a package or a file can put them.

use model::{Algorithm, Analysis, Answer, Basis, Checksum, Decision, Record, RuleMatch, Ruling};
use wire::scan::{Checked, Database, FileProblem, LockIssue, Package, PolicyUsed, Scan, ScannedFile, Vulnerability};

use crate::standard;

/// What a package calls itself when it wants to act wherever its name is shown.
pub const HOSTILE: &str =
    "=x\"'><script>alert(1)</script>]]>|@team [l](http://evil.example)\n::error::x\u{1b}[2J\u{202e}`,%0A\u{ffff}";

pub fn scan() -> Scan<'static> {
    Scan {
        version: "0.0.0",
        ruleset: "5f1d",
        made: "2026-01-31T23:59:59.000Z",
        project: "shop".into(),
        files: files(),
        packages: vec![
            by_purl(),
            by_digest(),
            poisoned(),
            hostile(),
            suspicious(),
            vulnerable(),
            licensed(),
            waived(),
            inconclusive(),
            never_seen(),
            clean("pkg:npm/left-helper@1.0.0", "left-helper", "1.0.0"),
            clean("pkg:npm/plain@1.0.0", "plain", "1.0.0"),
        ],
        edges: vec![(10, 0), (10, 11), (0, 2), (11, 3), (4, 9)],
        database: Some(Database { sequence: 42, made: "2026-01-31T12:00:00Z".into(), entries: 1_000_000, stale: true }),
        policy: PolicyUsed {
            name: "default".into(),
            stale_exceptions: vec![
                "The exception for pkg:npm/plain@0.9.0 of ana@team.example ended on 2026-01-01.".into(),
            ],
        },
        incomplete: vec!["The registry did not answer, so 1 package could not be analysed.".into()],
        notes: vec!["A wall around the analysis is missing: landlock (this kernel has none).".into()],
    }
}

fn files() -> Vec<ScannedFile> {
    let problem = FileProblem { line: 3, message: format!("The entry {HOSTILE} cannot be read."), hides: true };
    vec![
        ScannedFile { path: "package-lock.json".into(), format: "package-lock".into(), packages: 9, problems: vec![] },
        ScannedFile { path: "tools/uv.lock".into(), format: "uv-lock".into(), packages: 2, problems: vec![problem] },
        ScannedFile { path: "Cargo.lock".into(), format: "cargo-lock".into(), packages: 1, problems: vec![] },
    ]
}

fn package(purl: &str, name: &str, version: &str) -> Package {
    Package {
        purl: purl.into(),
        kind: purl.trim_start_matches("pkg:").split('/').next().unwrap_or_default().into(),
        name: name.into(),
        version: Some(version.into()),
        places: vec![(0, 12)],
        checksums: vec![Checksum::new(Algorithm::Sha256, vec![0xab; 32]).expect("32 bytes")],
        origin: "registry",
        address: Some(format!("https://registry.example/{name}-{version}.tgz")),
        direct: true,
        dev: false,
        optional: false,
        path: vec![purl.into()],
        decision: Decision::Benign,
        checked: Checked::Analysis,
        records: vec![],
        analyses: vec![],
        issues: vec![],
        remarks: vec![],
        vulnerabilities: vec![],
        license: Some("MIT".into()),
        ruling: Ruling::default(),
        advice: None,
    }
}

fn ruling(answer: Answer, rule: &str, reason: &str) -> Ruling {
    let matched = RuleMatch { rule: rule.into(), answer, reason: reason.into(), waived: None };
    Ruling { answer, matches: vec![matched] }
}

fn record(id: &str, decision: Decision, reason: &str) -> Record {
    Record {
        id: id.into(),
        decision,
        reason: reason.into(),
        source: "openssf".into(),
        reviewer: Some("ana".into()),
        at: "2026-01-30T08:00:00Z".into(),
        held: None,
    }
}

fn clean(purl: &str, name: &str, version: &str) -> Package {
    let mut one = package(purl, name, version);
    one.analyses = vec![standard::clean()];
    one
}

fn analysis(label: &str) -> Analysis {
    let report = standard::report();
    let target = report.targets.iter().find(|one| one.label.contains(label)).expect("a target of that name");
    target.analysis().expect("it was analysed").clone()
}

fn by_purl() -> Package {
    let reason = "It fetches a program while it is installed and runs it.";
    Package {
        direct: false,
        path: vec!["pkg:npm/left-helper@1.0.0".into(), "pkg:npm/evil-helper@6.6.6".into()],
        places: vec![(0, 31), (0, 77)],
        decision: Decision::Malicious,
        checked: Checked::Database,
        records: vec![(record("MAL-2026-1", Decision::Malicious, reason), Basis::Version)],
        analyses: vec![analysis("evil-helper")],
        ruling: ruling(Answer::Block, "malware", "It is known malware."),
        advice: Some("Remove it; left-helper 0.9.0 does without it.".into()),
        ..package("pkg:npm/evil-helper@6.6.6", "evil-helper", "6.6.6")
    }
}

fn by_digest() -> Package {
    Package {
        dev: true,
        decision: Decision::Malicious,
        checked: Checked::Database,
        records: vec![(record("MAL-2026-1", Decision::Malicious, "The same bytes as evil-helper."), Basis::Digest)],
        ruling: ruling(Answer::Block, "malware", "It is known malware."),
        ..package("pkg:npm/renamed@1.0.0", "renamed", "1.0.0")
    }
}

fn poisoned() -> Package {
    Package {
        direct: false,
        path: ["pkg:npm/left-helper@1.0.0", "pkg:npm/evil-helper@6.6.6", "pkg:npm/poisoned@1.2.3"]
            .map(String::from)
            .into(),
        address: Some("https://evil.example/x y.tgz".into()),
        origin: "url",
        issues: vec![LockIssue {
            code: "foreign-address",
            message: "The lockfile fetches it from evil.example, the registry is registry.example.".into(),
            severity: Answer::Block,
        }],
        ruling: ruling(Answer::Block, "foreign-address", "It does not come from the registry."),
        ..package("pkg:npm/poisoned@1.2.3", "poisoned", "1.2.3")
    }
}

fn hostile() -> Package {
    let purl = format!("pkg:npm/{HOSTILE}@1");
    Package {
        direct: false,
        path: vec!["pkg:npm/plain@1.0.0".into(), purl.clone()],
        address: Some(format!("https://registry.example/{HOSTILE}")),
        license: Some(HOSTILE.into()),
        decision: Decision::Suspicious,
        checked: Checked::Database,
        records: vec![(record(HOSTILE, Decision::Suspicious, HOSTILE), Basis::Package)],
        vulnerabilities: vec![Vulnerability {
            id: HOSTILE.into(),
            aliases: vec![HOSTILE.into()],
            summary: HOSTILE.into(),
            severity: HOSTILE.into(),
            cvss: None,
            fixed: Some(HOSTILE.into()),
        }],
        ruling: ruling(Answer::Warn, HOSTILE, HOSTILE),
        advice: Some(HOSTILE.into()),
        ..package(&purl, HOSTILE, HOSTILE)
    }
}

fn suspicious() -> Package {
    Package {
        places: vec![(1, 8)],
        decision: Decision::Suspicious,
        analyses: vec![analysis("odd-tool")],
        ruling: ruling(Answer::Warn, "suspicious", "A person should look at it."),
        ..package("pkg:pypi/odd-tool@2.0", "odd-tool", "2.0")
    }
}

fn vulnerable() -> Package {
    let advisory = |id: &str, severity: &str, cvss, fixed: Option<&str>| Vulnerability {
        id: id.into(),
        aliases: vec!["CVE-2026-1".into()],
        summary: "A length is not checked.".into(),
        severity: severity.into(),
        cvss,
        fixed: fixed.map(String::from),
    };
    let advisories = vec![
        advisory("GHSA-aaaa-bbbb-cccc", "high", Some(8.1), Some("0.3.1")),
        advisory("RUSTSEC-2026-0001", "low", None, None),
    ];
    Package {
        places: vec![(2, 40)],
        vulnerabilities: advisories,
        license: Some("MIT OR Apache-2.0".into()),
        ruling: ruling(Answer::Warn, "vulnerability", "It has a vulnerability of high severity."),
        ..clean("pkg:cargo/leaky@0.3.0", "leaky", "0.3.0")
    }
}

fn licensed() -> Package {
    Package {
        license: Some("AGPL-3.0-only".into()),
        ruling: ruling(Answer::Warn, "licence", "Its licence is not among those that the project allows."),
        ..clean("pkg:npm/bound@3.0.0", "bound", "3.0.0")
    }
}

fn waived() -> Package {
    let matched = RuleMatch {
        rule: "suspicious".into(),
        answer: Answer::Warn,
        reason: "A person should look at it.".into(),
        waived: Some("read by ana@team.example, until 2026-06-30".into()),
    };
    let mut held = record("MAL-2026-9", Decision::Malicious, "Every version is condemned.");
    held.held = Some("it condemns every version of a popular package, and no second source agrees".into());
    Package {
        decision: Decision::Suspicious,
        checked: Checked::Database,
        records: vec![(held, Basis::Package)],
        ruling: Ruling { answer: Answer::Allow, matches: vec![matched] },
        ..package("pkg:npm/popular@5.0.0", "popular", "5.0.0")
    }
}

fn inconclusive() -> Package {
    Package {
        optional: true,
        places: vec![],
        decision: Decision::Inconclusive,
        analyses: vec![analysis("half-read")],
        ..package("pkg:pypi/half-read@2", "half-read", "2")
    }
}

fn never_seen() -> Package {
    Package {
        direct: false,
        path: vec!["pkg:pypi/odd-tool@2.0".into(), "pkg:pypi/never-seen@0.1.0".into()],
        places: vec![(1, 0)],
        checksums: vec![],
        address: None,
        license: None,
        decision: Decision::Unknown,
        checked: Checked::Not("the registry did not answer".into()),
        ..package("pkg:pypi/never-seen@0.1.0", "never-seen", "0.1.0")
    }
}
