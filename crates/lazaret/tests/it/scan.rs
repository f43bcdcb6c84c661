//! `lazaret scan` on projects whose packages lie in a registry on loopback.

use testkit::registry::{Published, Registry};

use crate::{User, clean, malicious, network::user_of};

/// A user with a project of these packages.
fn project(registry: &Registry, requirements: &str) -> User {
    registry.publish(Published::new("npm", "plain", "1.0.0", clean())).publish(Published::new(
        "pypi",
        "evil",
        "1.0",
        malicious(),
    ));
    let user = user_of(registry);
    user.file("app/purls.txt", requirements);
    user
}

#[test]
fn an_unknown_specimen_is_found_and_the_last_line_counts_the_rest() {
    let registry = Registry::start();
    let user = project(&registry, "pkg:npm/plain@1.0.0\npkg:golang/example.org/thing@v1.0.0\n");
    let ran = user.run(&["scan", "app"]);
    ran.ended(0, &["2 packages", "1 benign", "no analysis for packages of the type golang"]);
    assert!(ran.out.ends_with("1 not checked\n"), "{}", ran.out);
    user.file("app/requirements.txt", "evil==1.0\n");
    user.run(&["scan", "app"]).ended(20, &["BLOCKED", "pkg:pypi/evil@1.0", "requirements.txt:1", "what to do:"]);
    let ran = user.run(&["scan", "--quiet", "app"]);
    ran.ended(20, &["blocked"]);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    user.run(&["scan", "--format", "json", "app"]).ended(20, &["\"exit_code\": 20"]);
}

#[test]
fn without_network_the_exit_code_says_so() {
    let registry = Registry::start();
    let user = project(&registry, "pkg:npm/plain@1.0.0\n");
    user.run(&["scan", "--offline", "app"]).ended(30, &["--offline", "1 not checked"]);
    user.run(&["scan", "--no-analyze", "app"]).ended(0, &["--no-analyze", "1 not checked"]);
    user.run(&["scan", "--no-analyze", "--fail-on", "unknown", "app"]).ended(30, &["--fail-on unknown"]);
    user.run(&["scan", "app"]).ended(0, &["0 not checked"]);
    user.run(&["scan", "--offline", "app"]).ended(0, &["0 not checked"]);
}

#[test]
fn a_project_brings_its_policy_and_a_baseline_accepts_what_is_old() {
    let registry = Registry::start();
    let user = project(&registry, "pkg:npm/plain@1.0.0\n");
    let rule = "version: 1\nrules:\n  - name: no-plain\n    when: name == \"plain\"\n    answer: block\n    reason: it is plain\n";
    user.file("app/lazaret-policy.yml", rule);
    user.run(&["scan", "app"]).ended(20, &["no-plain", "it is plain", "policy lazaret-policy.yml"]);
    user.run(&["scan", "--policy", "default", "app"]).ended(0, &[]);
    user.run(&["scan", "--format", "json", "--output", "before.json", "app"]).ended(20, &[]);
    user.run(&["scan", "--baseline", "before.json", "app"]).ended(0, &["waived", "holds it already"]);
    user.file("app/lazaret-policy.yml", "version: 1\nrules: 7\n");
    user.run(&["scan", "app"]).ended(2, &["lazaret-policy.yml"]);
}

#[test]
fn wrong_command_lines_say_what_to_write() {
    let user = User::new();
    user.file("app/notes.bin", [0, 1, 2]);
    user.run(&["scan", "nowhere"]).ended(2, &["does not exist", "purl"]);
    user.run(&["scan", "app/notes.bin"]).ended(2, &["is no lockfile"]);
    user.run(&["scan", "app"]).ended(4, &["No packages found."]);
    user.run(&["scan", "--baseline", "app/notes.bin", "app"]).ended(2, &["baseline"]);
    user.run(&["scan", "--diff", "main", "app"]).ended(2, &["no repository"]);
    user.run(&["scan", "--policy", "stern", "app"]).ended(2, &["stern"]);
}
