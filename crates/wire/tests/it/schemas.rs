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
