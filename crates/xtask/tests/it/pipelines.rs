//! The files that other systems read are YAML, with what those systems want of them.

use ecosystem::document::{Document, Kind};

use crate::text;

#[test]
fn pipelines_are_yaml_with_what_is_wanted() {
    let wanted: [(&str, &[&str]); 4] = [
        ("action.yml", &["name", "description", "inputs", "outputs", "runs"]),
        ("ci/bitbucket/pipe.yml", &["name", "image", "variables"]),
        ("ci/gitlab/template.yml", &["spec", "lazaret"]),
        (".pre-commit-hooks.yaml", &[]),
    ];
    for (path, keys) in wanted {
        let text = text(path);
        let document = Document::yaml(&text);
        assert_eq!(document.errors, [], "{path}");
        let parts: Vec<_> = document.root().children().collect();
        for key in keys {
            assert!(parts.iter().any(|one| one.get(key).is_some()), "{path}: {key}");
        }
    }
}

#[test]
fn hooks_say_what_they_run() {
    let text = text(".pre-commit-hooks.yaml");
    let document = Document::yaml(&text);
    let hooks: Vec<_> = document.root().children().flat_map(|one| one.children()).collect();
    assert_eq!(hooks.len(), 2);
    for hook in hooks {
        for key in ["id", "name", "entry", "language"] {
            assert!(hook.str(key).is_some(), "{key}");
        }
    }
}

#[test]
fn every_step_of_the_action_names_its_shell() {
    let text = text("action.yml");
    let document = Document::yaml(&text);
    let root = document.root().children().next().expect("a document");
    let runs = root.get("runs").expect("runs");
    assert_eq!(runs.str("using"), Some("composite"));
    let steps: Vec<_> = runs.inside("steps").collect();
    assert!(
        steps.len() == 3
            && steps.iter().all(
                |one| one.str("shell") == Some("bash") && one.get("env").is_some_and(|env| env.kind() == Kind::Map)
            )
    );
}
