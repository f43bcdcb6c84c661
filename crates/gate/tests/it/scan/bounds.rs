//! Hostile and huge projects stay within bounds.

use std::fmt::Write;

use wire::Exit;

use super::{Project, Seen};

fn scan(path: &str, text: &str) -> Seen {
    // Rules have their own cost, which is not what is asked here.
    let project = Project { policy: "version: 1\nrules: []\n".into(), ..Project::new() };
    project.file(path, text);
    project.scan(|request| request.analyze = false)
}

/// A chain of packages, each of which asks for the next, and the last for the first.
fn chain(length: usize) -> String {
    let mut out = String::from("{\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"p0\": \"*\"}}");
    for at in 0..length {
        let next = (at + 1) % length;
        let _ = write!(
            out,
            ",\n\"node_modules/p{at}\": {{\"version\": \"1.0.0\", \"dependencies\": {{\"p{next}\": \"*\"}}}}"
        );
    }
    out + "}}"
}

#[test]
fn a_hundred_thousand_packages_in_one_long_cycle() {
    let seen = scan("package-lock.json", &chain(100_000));
    assert_eq!((seen.packages.len(), seen.exit), (100_000, Exit::Clean));
    let last = seen.get("p99999");
    assert!(last.path.len() < 30, "{:?}", last.path);
    assert_eq!(last.path.first().map(String::as_str), Some("pkg:npm/p0@1.0.0"));
    assert_eq!(last.path.last().map(String::as_str), Some("pkg:npm/p99999@1.0.0"));
    assert!(last.path.iter().any(|step| step.contains("99976 more")), "{:?}", last.path);
}

#[test]
fn deep_nesting_is_a_problem_of_the_file_and_hides_no_other() {
    let project = Project::new();
    let depth = 200_000;
    project.file("deep/package-lock.json", format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    project.file("deep/pnpm-lock.yaml", format!("{}{}", "{a: ".repeat(depth), "}".repeat(depth)));
    project.file("deep/uv.lock", format!("a = {}{}", "[".repeat(depth), "]".repeat(depth)));
    project.file("deep/bom.xml", format!("<bom>{}", "<a>".repeat(depth)));
    project.file("purls.txt", "pkg:npm/one@1.0.0\n");
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!((seen.packages.len(), seen.exit), (1, Exit::Incomplete), "{}", seen.terminal);
    assert_eq!(seen.incomplete.len(), 4, "{:?}", seen.incomplete);
}

#[test]
fn a_lockfile_of_a_hundred_megabytes_is_read() {
    let mut text = String::with_capacity(110 << 20);
    let mut number = 0;
    while text.len() < 100 << 20 {
        let _ = writeln!(text, "pkg:npm/one@1.0.0 # {number} {}", "x".repeat(4000));
        number += 1;
    }
    let seen = scan("purls.txt", &text);
    assert_eq!((seen.packages.len(), seen.exit), (1, Exit::Clean));
    assert_eq!(seen.get("one").places.len(), number);
}
