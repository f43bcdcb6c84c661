//! What the files of a project say, and where they lead.

use std::fs;

use gate::scan::ScanError;
use model::Answer;
use testkit::registry::Published;
use wire::Exit;

use super::{Project, Seen, npm_lock, tarball};

#[test]
fn poisoned_addresses_are_seen() {
    let project = Project::new();
    let (mut packages, names): (Vec<_>, _) = (Vec::new(), ["one", "two", "three", "four"]);
    for name in names {
        project.registry.publish(Published::new("npm", name, "1.0.0", name));
        packages.push((name, "1.0.0", tarball(&project.registry, name, "1.0.0"), Some(name.as_bytes())));
    }
    packages[0].2 = "https://evil.example/one/-/one-1.0.0.tgz".into();
    packages[1].2 = tarball(&project.registry, "other", "1.0.0");
    packages[2].2 = "http://evil.example/three/-/three-1.0.0.tgz".into();
    packages[3].3 = None;
    project.file("package-lock.json", npm_lock(&packages));
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.codes("one"), ["foreign-address"]);
    assert_eq!(seen.codes("two"), ["address-names-other-package"]);
    assert_eq!(seen.codes("three"), ["insecure-address", "foreign-address"]);
    assert_eq!(seen.codes("four"), ["missing-integrity"]);
    assert_eq!((seen.exit, seen.get("four").ruling.answer), (Exit::Malicious, Answer::Warn), "{}", seen.terminal);
    let seen = project.scan(|_| {});
    assert_eq!(seen.get("one").ruling.answer, Answer::Allow, "the user's own registry has the same bytes");
    let asked = project.registry.seen();
    assert!(!asked.iter().any(|one| one.path.contains("/other")), "{asked:?}");
}

#[test]
fn what_the_manifest_asks_for_besides_is_seen() {
    let project = Project::new();
    project.file(
        "package-lock.json",
        npm_lock(&[("one", "1.0.0", tarball(&project.registry, "one", "1.0.0"), Some(b"one"))]),
    );
    project.file("package.json", r#"{"dependencies": {"one": "2.0.0", "two": "^2"}}"#);
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.codes("two"), ["manifest-disagrees"], "{}", seen.terminal);
    assert!(seen.packages.iter().any(|one| one.name == "one" && one.version.as_deref() == Some("2.0.0")));
    assert_eq!(seen.exit, Exit::Suspicious);
}

#[test]
fn files_lead_nowhere_else() {
    let project = Project::new();
    fs::write(project.user.folder.path().join("secret.txt"), "not-for-you==1.0\n").expect("a file");
    project.file("requirements.txt", "-r ../secret.txt\none==1.0\n").file("node_modules/x/package-lock.json", "{}");
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.packages.len(), 1, "{}", seen.terminal);
    assert_eq!(seen.exit, Exit::Incomplete, "a file that is missing may hide packages");
    assert!(seen.terminal.contains("--installed"), "{}", seen.terminal);
}

#[test]
fn targets_of_every_sort_are_read() {
    let project = Project::new();
    project.file("list", "pkg:npm/one@1.0.0\n").file("empty.bin", [0, 1, 2]);
    let at = |name: &str| project.at().join(name).display().to_string();
    let scan = |targets: Vec<String>, list: Option<&str>| {
        project.try_scan(|request| {
            request.analyze = false;
            request.targets = targets;
            request.list = list.map(str::to_owned);
        })
    };
    let names = |seen: Result<Seen, ScanError>| {
        seen.expect("a scan").packages.iter().map(|one| one.purl.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(scan(vec![at("list")], None)), ["pkg:npm/one@1.0.0"]);
    assert_eq!(
        names(scan(vec!["pkg:cargo/two@2.0.0".into(), at("list")], None)),
        ["pkg:cargo/two@2.0.0", "pkg:npm/one@1.0.0"]
    );
    assert_eq!(names(scan(vec!["-".into()], Some("pkg:gem/three@3\n"))), ["pkg:gem/three@3"]);
    let bom = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "four", "version": "4", "purl": "pkg:pypi/four@4"}]}"#;
    assert_eq!(names(scan(vec!["-".into()], Some(bom))), ["pkg:pypi/four@4"]);
    assert!(matches!(scan(vec![at("empty.bin")], None), Err(ScanError::NoFormat(_))));
    assert!(matches!(scan(vec![at("nothing")], None), Err(ScanError::NoFile(_))));
    assert!(matches!(scan(vec!["pkg:npm".into()], None), Err(ScanError::NoPurl(_))));
    fs::remove_file(project.at().join("list")).expect("removed");
    assert_eq!(scan(vec![project.at().display().to_string()], None).expect("a scan").exit, Exit::NoPackages);
}
