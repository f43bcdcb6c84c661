//! Machine formats against their public schemas. No package carries those of OpenVEX and GitLab, and Bitbucket has none: for
//! these, `fixtures/schemas/own` holds what their documents demand, in our own words.

use serde_json::{Value, json};

use super::written;

fn value(name: &str) -> Value {
    serde_json::from_str(&written(name)).expect("JSON")
}

fn errors(schema: &Value, document: &Value) -> Vec<String> {
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(schema).expect("the schema itself is valid");
    validator.iter_errors(document).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

/// The document is valid, and would not be with this part of it changed.
fn assert_valid(schema: &Value, document: &Value, pointer: &str) {
    assert_eq!(errors(schema, document), Vec::<String>::new());
    let mut broken = document.clone();
    *broken.pointer_mut(pointer).expect("it is there") = json!({ "no such": "thing" });
    assert!(!errors(schema, &broken).is_empty(), "the schema refuses nothing at {pointer}");
}

fn public(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema")
}

#[test]
fn json_is_valid_against_the_published_schema() {
    let schema = public(include_str!("../../../../../docs/scan.schema.json"));
    let document = value("json");
    assert_valid(&schema, &document, "/packages/0/records/0/basis");
    assert_valid(&schema, &document, "/packages/0/analyses/0/findings/0/kind");
    assert_valid(&schema, &document, "/summary/exit_code");
}

#[test]
fn sarif_is_valid_against_the_public_schema() {
    let mut schema = public(include_str!("../../../../../fixtures/schemas/sarif-2.1.0.json"));
    // The schema's pattern for a language has a stray bracket, which strict readers refuse. We write no language.
    for owner in ["run", "toolComponent"] {
        schema["definitions"][owner]["properties"]["language"].as_object_mut().expect("an object").remove("pattern");
    }
    let document = value("sarif");
    assert_valid(&schema, &document, "/runs/0/results/0/level");
    let results = document["runs"][0]["results"].as_array().expect("results");
    let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in results {
        let number = result["ruleIndex"].as_u64().expect("a number") as usize;
        assert_eq!(rules[number]["id"], result["ruleId"]);
    }
    let levels = |purl: &str| {
        let own = results.iter().filter(|one| one["properties"]["purl"] == purl);
        own.map(|one| (one["ruleId"].as_str().unwrap_or_default(), one["level"].as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    assert_eq!(levels("pkg:npm/evil-helper@6.6.6"), [("malicious-package", "error")]);
    assert_eq!(levels("pkg:npm/bound@3.0.0"), [("policy/licence", "warning")]);
    assert_eq!(levels("pkg:npm/plain@1.0.0"), []);
    let waived = results.iter().filter(|one| one["suppressions"].is_array());
    assert_eq!(waived.map(|one| one["properties"]["purl"].clone()).collect::<Vec<_>>(), ["pkg:npm/popular@5.0.0"]);
}

#[test]
fn cyclonedx_is_valid_against_the_public_schema() {
    let shipped = include_str!("../../../../../fixtures/schemas/cyclonedx-1.6/bom-1.6.SNAPSHOT.schema.json");
    // The package that carries the schemas renamed them; their own ids are the public ones.
    let mut schema = public(&shipped.replace(".SNAPSHOT.schema.json", ".schema.json"));
    schema["definitions"]["spdxSchema"] =
        public(include_str!("../../../../../fixtures/schemas/cyclonedx-1.6/spdx.SNAPSHOT.schema.json"));
    schema["definitions"]["jsfSchema"] =
        public(include_str!("../../../../../fixtures/schemas/cyclonedx-1.6/jsf-0.82.SNAPSHOT.schema.json"));
    let document = value("cyclonedx");
    assert_valid(&schema, &document, "/components/0/type");
    let texts = |list: &str, key: &str| {
        let list = document[list].as_array().expect("a list");
        list.iter().map(|one| one[key].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    let mut known = texts("components", "bom-ref");
    known.push("project".into());
    let parts = texts("dependencies", "ref").into_iter().chain(
        document["vulnerabilities"]
            .as_array()
            .expect("a list")
            .iter()
            .flat_map(|one| one["affects"].as_array().expect("a list"))
            .map(|one| one["ref"].as_str().expect("a text").to_owned()),
    );
    let lost: Vec<String> = parts.filter(|one| !known.contains(one)).collect();
    assert_eq!(lost, Vec::<String>::new());
    let malware = document["vulnerabilities"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["id"] == "MAL-2026-1")
        .expect("it is told");
    assert_eq!(malware["affects"].as_array().map(Vec::len), Some(2), "by purl and by digest");
    assert_eq!(malware["analysis"]["state"], "exploitable");
}

#[test]
fn spdx_is_valid_against_the_public_schema() {
    let schema = public(include_str!("../../../../../fixtures/schemas/spdx-2.3/spdx_2_3.json"));
    let document = value("spdx");
    assert_valid(&schema, &document, "/packages/1/name");
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let ids: Vec<&str> =
        document["packages"].as_array().expect("packages").iter().filter_map(|one| one["SPDXID"].as_str()).collect();
    assert!(ids.iter().all(|id| id.strip_prefix("SPDXRef-").is_some_and(|rest| rest.chars().all(allowed))), "{ids:?}");
    for link in document["relationships"].as_array().expect("relationships") {
        for end in ["spdxElementId", "relatedSpdxElement"] {
            let id = link[end].as_str().expect("an id");
            assert!(id == "SPDXRef-DOCUMENT" || ids.contains(&id), "{id}");
        }
    }
}

#[test]
fn openvex_says_what_its_specification_demands() {
    let schema = public(include_str!("../../../../../fixtures/schemas/own/openvex.json"));
    let document = value("openvex");
    assert_valid(&schema, &document, "/statements/0/status");
    let status = |name: &str| {
        let own = document["statements"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one["vulnerability"]["name"] == name);
        own.map(|one| one["status"].as_str().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(status("GHSA-aaaa-bbbb-cccc"), ["affected"]);
    assert_eq!(status("RUSTSEC-2026-0001"), ["under_investigation"]);
    assert!(status("MAL-2026-1").iter().all(|one| *one == "affected"));
    let mut scan = crate::project::scan();
    scan.packages.clear();
    scan.edges.clear();
    let empty = super::write(wire::scan::format("openvex").expect("listed"), &scan);
    assert_eq!(errors(&schema, &serde_json::from_str(&empty).expect("JSON")), Vec::<String>::new());
}

#[test]
fn gitlab_gets_what_its_schema_demands() {
    let schema = public(include_str!("../../../../../fixtures/schemas/own/gitlab.json"));
    let document = value("gitlab");
    assert_valid(&schema, &document, "/vulnerabilities/0/severity");
    let first = &document["vulnerabilities"][0];
    assert_eq!(first["severity"], "Critical");
    assert_eq!(first["location"]["dependency"]["dependency_path"][0]["iid"], 11, "the one that brought it in");
}

#[test]
fn bitbucket_gets_what_its_api_takes() {
    let schema = public(include_str!("../../../../../fixtures/schemas/own/bitbucket.json"));
    let document = value("bitbucket");
    assert_valid(&schema, &document, "/annotations/0/0/severity");
    assert_eq!(document["report"]["result"], "FAILED");
    let ids: Vec<&str> = document["annotations"][0]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["external_id"].as_str())
        .collect();
    let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
}
