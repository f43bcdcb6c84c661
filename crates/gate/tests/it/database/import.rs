//! What others publish, read and written again.

use std::{fs, path::Path};

use gate::database::{Asked, Batch, Workshop, osv, subject};
use model::{Decision, PackageType};
use serde_json::{Value, json};
use wire::snapshot::{Event, Extent, Named, Statement};

fn malware(id: &str, name: &str) -> Value {
    json!({
        "schema_version": "1.5.0", "id": id, "modified": "2026-01-31T23:59:59.5Z", "summary": format!("Malicious code in {name} (npm)"),
        "details": "\n---\nIt does harm.",
        "affected": [{
            "package": { "ecosystem": "npm", "name": name },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }] }],
        }],
        "database_specific": { "malicious-packages-origins": [] },
    })
}

fn read(text: &str) -> Batch {
    let mut batch = Batch::default();
    batch.bytes("file", text.as_bytes(), "test");
    batch
}

fn id(statement: &Statement) -> &str {
    &statement.record.id
}

#[test]
fn the_layout_of_malicious_packages_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: String| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    let mut withdrawn = malware("MAL-2026-3", "gone");
    withdrawn["withdrawn"] = "2026-02-01T00:00:00Z".into();
    write("osv/malicious/npm/@scope/one/MAL-2026-1.json", malware("MAL-2026-1", "@scope/one").to_string());
    write("osv/malicious/npm/two/MAL-2026-2.json", malware("MAL-2026-2", "two").to_string());
    write("osv/withdrawn/npm/gone/MAL-2026-3.json", withdrawn.to_string());
    write("osv/malicious/npm/broken/MAL-2026-4.json", "{\"id\": \"MAL-".into());
    write("osv/malicious/.id-allocator", "7".into());
    write("README.md", "not read".into());
    let mut batch = Batch::default();
    batch.read(folder.path(), "openssf");
    let ids: Vec<&str> = batch.statements.iter().map(id).collect();
    assert_eq!(ids, ["MAL-2026-1", "MAL-2026-2"]);
    assert_eq!(batch.withdrawn, ["MAL-2026-3"]);
    assert_eq!(batch.troubles.len(), 1);
    assert!(batch.troubles[0].place.ends_with("broken/MAL-2026-4.json") && batch.troubles[0].detail.contains("line 1"));
    let one = &batch.statements[0];
    assert_eq!(one.package, Some(Named { kind: PackageType::NPM, name: "@scope/one".into() }));
    assert_eq!(one.record.reason, "Malicious code in @scope/one (npm)");
    assert_eq!((one.record.source.as_str(), one.extent.every), ("openssf", true));
}

#[test]
fn archives_and_lists_of_documents_are_read() {
    let list = json!([malware("MAL-2026-1", "one"), "no document", malware("MAL-2026-2", "two")]);
    let batch = read(&list.to_string());
    assert_eq!(batch.statements.len(), 2);
    assert_eq!(batch.troubles[0].place, "file, number 2");
    let answer = json!({ "vulns": [malware("MAL-2026-1", "one")] });
    assert_eq!(read(&answer.to_string()).statements.len(), 1);
    let document = malware("MAL-2026-1", "one").to_string();
    let archive = testkit::archive::tgz(&[("all/MAL-2026-1.json", document.as_bytes()), ("all/broken.json", b"{")]);
    let mut batch = Batch::default();
    batch.bytes("all.tgz", &archive, "test");
    assert_eq!((batch.statements.len(), batch.troubles.len()), (1, 1));
    assert!(batch.troubles[0].place.contains("broken.json"), "{:?}", batch.troubles);
}

#[test]
fn vulnerabilities_are_told_from_malware() {
    let document = json!({
        "id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-01-31T23:59:59Z", "aliases": ["CVE-2026-1"], "summary": "It reads too far.",
        "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
        "affected": [
            {
                "package": { "ecosystem": "PyPI", "name": "Some_Thing" }, "versions": ["1.0"],
                "ranges": [
                    { "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "1.1" }] },
                    { "type": "GIT", "events": [{ "introduced": "0" }] },
                ],
            },
            { "package": { "ecosystem": "Debian:12", "name": "elsewhere" }, "versions": ["1"] },
        ],
    });
    let batch = read(&document.to_string());
    assert!(batch.statements.is_empty());
    let (package, advisory) = &batch.advisories[0];
    assert_eq!(batch.advisories.len(), 1);
    assert_eq!(package, &Named { kind: PackageType::PYPI, name: "some-thing".into() });
    assert_eq!((advisory.severity.as_str(), advisory.cvss), ("critical", Some(9.8)));
    let range = vec![Event::Introduced("0".into()), Event::Fixed("1.1".into())];
    assert_eq!(advisory.extent, Extent { versions: vec!["1.0".into()], ranges: vec![range], ..Extent::default() });
    let mut embedded = document;
    embedded["database_specific"] = json!({ "cwe_ids": ["CWE-506"] });
    assert_eq!(read(&embedded.to_string()).statements.len(), 1);
}

#[test]
fn lists_name_packages_and_bytes() {
    let digest = "ab".repeat(32);
    let text = format!(
        "type,name,version,sha256,decision,reason,reviewer\n# a remark\nnpm,one,1.0.0,,,\"It steals, and more\",Ann\npypi,Two,,,suspicious,,\n\
         ,,,{digest},,,\nnpm,three,,,wicked,,\nnpm,,,,,,\n"
    );
    let batch = read(&text);
    assert_eq!(batch.statements.len(), 3, "{batch:?}");
    let [one, two, bytes] = batch.statements.as_slice() else { unreachable!() };
    assert_eq!((one.record.reason.as_str(), one.extent.versions.len()), ("It steals, and more", 1));
    assert_eq!(one.record.reviewer.as_deref(), Some("Ann"));
    assert_eq!((two.record.decision, two.extent.every), (Decision::Suspicious, true));
    assert_eq!(two.package.as_ref().map(|package| package.name.as_str()), Some("two"));
    assert!(bytes.package.is_none() && bytes.extent.digests[0].to_string() == format!("sha256:{digest}"));
    let places: Vec<&str> = batch.troubles.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(places, ["file:6", "file:7"]);
    let plain = read(&format!("pkg:npm/%40scope/one@1.0.0\nsha256:{digest},benign,It was looked at.\n"));
    assert_eq!(plain.statements.len(), 2, "{plain:?}");
    assert_eq!(plain.statements[0].package.as_ref().map(|package| package.name.as_str()), Some("@scope/one"));
}

#[test]
fn a_new_import_replaces_and_withdraws() {
    let folder = tempfile::tempdir().expect("a folder");
    let workshop = Workshop::new(folder.path());
    let first = json!([malware("MAL-2026-1", "one"), malware("MAL-2026-2", "two")]);
    workshop.keep("a", &read(&first.to_string()), false).expect("kept");
    let mut gone = malware("MAL-2026-1", "one");
    gone["withdrawn"] = "2026-02-01T00:00:00Z".into();
    let second = json!([gone, malware("MAL-2026-3", "three")]);
    let done = workshop.keep("a", &read(&second.to_string()), false).expect("kept");
    assert_eq!((done.statements, done.gone), (1, 0));
    let ids: Vec<String> = workshop.statements().expect("read").iter().map(|one| one.record.id.clone()).collect();
    assert_eq!(ids, ["MAL-2026-2", "MAL-2026-3"]);
    assert!(workshop.keep("../a", &Batch::default(), false).is_err(), "a source is no path");
}

#[test]
fn condemning_all_of_a_popular_package_takes_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let workshop = Workshop::new(folder.path());
    let both = json!([malware("MAL-2026-1", "react"), malware("MAL-2026-2", "of-nobody")]);
    workshop.keep("a", &read(&both.to_string()), false).expect("kept");
    let held = || -> Vec<String> {
        let all = workshop.statements().expect("read");
        all.into_iter().filter(|one| one.record.held.is_some()).map(|one| one.record.id).collect()
    };
    assert_eq!(held(), ["MAL-2026-1"]);
    assert_eq!(workshop.statements().expect("read")[0].record.effective(), Decision::Suspicious);
    // The same source in other words is no second source; one version is condemned by whom it may.
    let mut other = Batch::default();
    other.bytes("list", b"pkg:npm/react@0.0.1\n", "b");
    workshop.keep("b", &other, false).expect("kept");
    assert_eq!(held(), ["MAL-2026-1"]);
    other.bytes("list", b"pkg:npm/react\n", "b");
    workshop.keep("b", &other, true).expect("kept");
    assert_eq!(held(), Vec::<String>::new());
    // Whom else it may concern is a matter of settings.
    fs::write(folder.path().join("popular.txt"), "npm:of-nobody\n").expect("written");
    fs::write(folder.path().join("lazaret-db.toml"), "popular = [\"popular.txt\"]\n[sources.a]\nrank = 1\n")
        .expect("written");
    assert_eq!(held(), ["MAL-2026-2"]);
    assert_eq!(workshop.statements().expect("read")[0].rank, 1);
}

#[test]
fn subjects_are_purls_short_forms_and_digests() {
    let package = |text: &str| match subject(text) {
        Ok(Asked::Package { package, version }) => {
            format!("{} {} {}", package.kind, package.name, version.unwrap_or_default())
        }
        other => format!("{other:?}"),
    };
    assert_eq!(package("pkg:npm/%40scope/name@1.0.0"), "npm @scope/name 1.0.0");
    assert_eq!(package("npm:@scope/name@1.0.0"), "npm @scope/name 1.0.0");
    assert_eq!(package("pkg:maven/org.example/thing@1"), "maven org.example:thing 1");
    assert_eq!(package("pypi:Some_Thing"), "pypi some-thing ");
    assert!(matches!(subject(&format!("sha512:{}", "0".repeat(128))), Ok(Asked::Bytes(_))));
    for wrong in ["sha256:00", "nothing", "", "pkg:", "a b:c"] {
        assert!(subject(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_export_is_valid_against_the_public_schema_and_read_again() {
    let range = json!({ "type": "SEMVER", "events": [{ "introduced": "1.0.0" }, { "last_affected": "1.2.0" }] });
    let mut ranged = malware("MAL-2026-2", "two");
    ranged["affected"][0]["ranges"] = json!([range]);
    ranged["affected"][0]["versions"] = json!(["1.1.0"]);
    let mut batch = read(&json!([malware("MAL-2026-1", "one"), ranged]).to_string());
    batch.bytes(
        "list",
        format!("npm:three@1.0.0,suspicious\nsha256:{},malicious,Bytes.\n", "0f".repeat(32)).as_bytes(),
        "own",
    );
    let documents = osv(batch.statements.clone());
    assert_eq!(documents.len(), 4);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/schemas/osv-1.7.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema itself is valid");
    for document in &documents {
        let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}\n{document:#}", errors.join("\n"));
    }
    let again = read(&Value::from(documents).to_string());
    for statement in batch.statements.iter().filter(|one| one.record.source == "test") {
        let found = again.statements.iter().find(|one| id(one) == id(statement)).expect("read again");
        assert_eq!((&found.package, &found.extent), (&statement.package, &statement.extent));
    }
}
