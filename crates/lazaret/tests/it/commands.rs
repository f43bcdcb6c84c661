//! The other commands, and usage.

use crate::User;

/// The exit codes that users' scripts rely on. This table changes with a new major version only.
const CODES: [(i32, &str); 8] = [
    (0, "nothing suspicious"),
    (1, "Lazaret itself failed"),
    (2, "usage"),
    (3, "could not be got"),
    (4, "no packages"),
    (10, "suspicious"),
    (20, "malicious"),
    (30, "incomplete"),
];

#[test]
fn the_help_explains_the_exit_codes() {
    let user = User::new();
    for arguments in [&["--help"][..], &["inspect", "--help"], &["help", "inspect"]] {
        let ran = user.run(arguments);
        for (code, meaning) in CODES {
            let line = ran.out.lines().find(|line| line.trim_start().starts_with(&format!("{code} ")));
            assert!(line.is_some_and(|line| line.contains(meaning)), "{code} in\n{}", ran.out);
        }
        ran.ended(0, &[]);
    }
}

#[test]
fn a_wrong_command_line_runs_nothing() {
    let user = User::new();
    for arguments in
        [&[][..], &["inspect"], &["inspect", "--format", "yaml", "x"], &["inspect", "--jobs", "0", "x"], &["fly"]]
    {
        let ran = user.run(arguments);
        ran.ended(2, &["help"]);
        assert_eq!(ran.out, "", "usage is talk");
    }
    assert!(!user.path().join("cache").exists());
}

#[test]
fn the_worker_is_no_command_of_the_user() {
    let user = User::new();
    let help = user.run(&["--help"]);
    assert!(!help.out.contains("worker"), "{}", help.out);
}

#[test]
fn rules_explain_themselves() {
    let user = User::new();
    let page = user.run(&["explain", "runs-downloaded-code"]);
    page.ended(0, &["# runs-downloaded-code", "What to do"]);
    assert_eq!(user.run(&["inspect", "--explain", "runs-downloaded-code"]).ended(0, &[]).out, page.out);
    user.run(&["explain"]).ended(0, &["runs-downloaded-code"]);
    user.run(&["explain", "downloaded-code"]).ended(2, &["there is no rule", "runs-downloaded-code"]);
}

#[test]
fn the_doctor_shows_registries_walls_and_cache_but_no_secret() {
    let user = User::new();
    user.file("lazaret.toml", "[registries.npm]\nurl = \"http://bob:hunter2@registry.example/npm/\"\n");
    let ran = user.run(&["doctor"]);
    ran.ended(0, &["http://registry.example/npm/", "lazaret.toml", "Walls around the analysis", "Cache", "pypi  NONE"]);
    assert!(!ran.out.contains("hunter2"), "{}", ran.out);
}

#[test]
fn completions_are_printed() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish"] {
        user.run(&["completions", shell]).ended(0, &["lazaret"]);
    }
}
