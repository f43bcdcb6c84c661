//! JSON against our published schema, SARIF against the public one.

use model::Action;
use serde_json::Value;
use wire::report;

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn assert_valid(schema: &Value, document: &Value) {
    let validator = jsonschema::validator_for(schema).expect("the schema itself is valid");
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

fn published() -> Value {
    value(include_str!("../../../../docs/report.schema.json"))
}

fn written(name: &str) -> Value {
    value(&crate::written(report::format(name).expect("listed")))
}

#[test]
fn json_is_valid_against_the_published_schema() {
    assert_valid(&published(), &written("json"));
}

#[test]
fn the_published_schema_refuses_what_it_does_not_know() {
    let validator = jsonschema::validator_for(&published()).expect("valid");
    let mut document = written("json");
    document["targets"][0]["analysis"]["verdict"]["decision"] = "harmless".into();
    assert!(!validator.is_valid(&document));
    let mut document = written("json");
    document["surprise"] = true.into();
    assert!(!validator.is_valid(&document));
}

#[test]
fn the_published_schema_knows_every_action() {
    let schema = published();
    let words: Vec<&str> =
        schema["$defs"]["action"]["enum"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let actions: Vec<&str> = Action::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(words, actions);
}

#[test]
fn json_loses_nothing() {
    let report = crate::standard::report();
    let document = written("json");
    for (target, read) in report.targets.iter().zip(document["targets"].as_array().expect("a list")) {
        assert_eq!(read["label"], target.label.as_str());
        if let Some(analysis) = target.analysis() {
            let read: model::Analysis = serde_json::from_value(read["analysis"].clone()).expect("an analysis");
            assert_eq!(&read, analysis);
        }
    }
}

#[test]
fn sarif_is_valid_against_the_public_schema() {
    let mut schema = value(include_str!("../../../../fixtures/schemas/sarif-2.1.0.json"));
    // The schema's pattern for a language has a stray bracket, which strict readers refuse. We write no language.
    for owner in ["run", "toolComponent"] {
        schema["definitions"][owner]["properties"]["language"].as_object_mut().expect("an object").remove("pattern");
    }
    assert_valid(&schema, &written("sarif"));
}

#[test]
fn sarif_paths_stay_inside_the_package() {
    let text = crate::written(report::format("sarif").expect("listed"));
    assert!(text.contains("%2E%2E/escape.js"), "{text}");
    assert!(!text.contains("\"uri\": \"../") && !text.contains("\"uri\": \"/"));
}

/// Each object of the bundle against the public schema of its type; the schemas name each other by their ids.
#[test]
fn stix_is_valid_against_the_public_schemas() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/schemas/stix-2.1");
    let mut schemas = serde_json::Map::new();
    for part in ["common", "sdos", "sros", "observables"] {
        for entry in std::fs::read_dir(folder.join(part)).expect("the schemas") {
            let path = entry.expect("a file").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            schemas.insert(name, value(&std::fs::read_to_string(&path).expect("a schema")));
        }
    }
    let bundle = written("stix");
    assert_eq!(bundle["type"], "bundle");
    let objects = bundle["objects"].as_array().expect("objects");
    for kind in ["malware", "indicator", "report", "file", "relationship", "note", "url", "domain-name", "ipv4-addr"] {
        assert!(objects.iter().any(|one| one["type"] == kind), "no {kind} in the bundle");
    }
    for object in objects {
        let kind = object["type"].as_str().expect("a type");
        let id = schemas[kind]["$id"].clone();
        let whole = serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": schemas.clone(), "$ref": id,
        });
        assert_valid(&whole, object);
        let mut broken = object.clone();
        broken["id"] = "malware".into();
        assert!(!jsonschema::is_valid(&whole, &broken), "the schema of {kind} refuses nothing");
    }
}

#[test]
fn stix_refers_to_nothing_that_is_not_there() {
    let bundle = written("stix");
    let objects = bundle["objects"].as_array().expect("objects");
    let ids: Vec<&str> = objects.iter().filter_map(|one| one["id"].as_str()).collect();
    let lists = ["object_refs", "sample_refs"];
    let ends = ["source_ref", "target_ref"];
    for object in objects {
        let many = lists.iter().filter_map(|key| object[*key].as_array()).flatten().filter_map(Value::as_str);
        let one = ends.iter().filter_map(|key| object[*key].as_str());
        let lost: Vec<&str> = many.chain(one).filter(|id| !ids.contains(id)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}

#[test]
fn diffs_are_valid_against_the_published_schema() {
    let mut out = Vec::new();
    wire::diff::write("json", &crate::changes::report(), &mut out).expect("written");
    let schema = value(include_str!("../../../../docs/diff.schema.json"));
    assert_valid(&schema, &value(&String::from_utf8(out).expect("UTF-8")));
}
