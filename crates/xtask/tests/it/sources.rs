//! Laws over source files: purity, safety, length.

use crate::{code, crates, none, rust};

/// The rooms that do no input or output and read no clock and no environment.
const PURE: &[&str] = &["model", "artifact", "ecosystem", "syntax", "analysis", "wire"];

/// Modules of the standard library by which the world comes in.
const WORLDLY: &[&str] = &["fs", "env", "process", "thread", "os"];

/// Types by which it comes in elsewhere.
const WORLDLY_TYPES: &[&str] = &[
    "SystemTime",
    "Instant::now",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "UnixStream",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "println!",
    "eprintln!",
];

#[test]
fn pure_rooms_do_not_touch_the_world() {
    let mut offences = Vec::new();
    for room in PURE {
        // Unit tests in a file of their own are not shipped.
        let shipped = rust(&format!("crates/{room}/src")).into_iter().filter(|(name, _)| !name.ends_with("/tests.rs"));
        for (name, source) in shipped {
            for (number, line) in product(&source) {
                if let Some(word) = worldly(line) {
                    offences.push(format!("{name}:{number}: {word}"));
                }
            }
        }
    }
    none(&offences, "pure rooms touch the world");
}

/// The numbered lines of code that is shipped: comments and the unit tests at the end of a file are left out.
fn product(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = source.lines().enumerate().map(|(at, line)| (at + 1, code(line)));
    lines.take_while(|(_, line)| line.trim() != "#[cfg(test)]")
}

fn worldly(line: &str) -> Option<String> {
    if let Some(word) = WORLDLY_TYPES.iter().find(|word| line.contains(*word)) {
        return Some((*word).to_string());
    }
    let (_, after) = line.split_once("std::")?;
    let words = after.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let grouped = after.starts_with('{');
    let mut named = words.filter(|word| !word.is_empty()).take(if grouped { usize::MAX } else { 1 });
    named.find(|word| WORLDLY.contains(word)).map(|word| format!("std::{word}"))
}

#[test]
fn worldly_lines_are_recognised() {
    for line in ["use std::fs;", "    std::env::var(\"HOME\")", "use std::{collections::BTreeMap, process::Command};"] {
        assert!(worldly(line).is_some(), "{line}");
    }
    for line in [
        "use std::{fmt, io::Write};",
        "use std::net::Ipv4Addr;",
        "let process = env!(\"X\");",
        "std::str::from_utf8(x)",
    ] {
        assert_eq!(worldly(line), None, "{line}");
    }
}

#[test]
fn only_the_sandbox_is_unsafe() {
    let marks = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "unsafe trait", "allow(unsafe_code)"];
    let mut offences = Vec::new();
    for room in crates().iter().filter(|room| *room != "sandbox" && *room != "xtask") {
        for (name, source) in rust(&format!("crates/{room}/src")) {
            let lines = source.lines().enumerate().filter(|(_, line)| {
                let line = code(line).trim_start();
                marks.iter().any(|mark| {
                    line.starts_with(mark) || line.contains(&format!(" {mark}")) || line.contains(&format!("[{mark}"))
                })
            });
            offences.extend(lines.map(|(at, _)| format!("{name}:{}", at + 1)));
        }
    }
    none(&offences, "unsafe code outside of the sandbox");
}

#[test]
fn unsafe_blocks_say_why_they_are_sound() {
    let mut offences = Vec::new();
    for (name, source) in rust("crates/sandbox/src") {
        let lines: Vec<&str> = source.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if code(line).contains("unsafe {") {
                let before = &lines[at.saturating_sub(6)..at];
                if !before.iter().any(|line| line.contains("SAFETY:")) {
                    offences.push(format!("{name}:{}", at + 1));
                }
            }
        }
    }
    none(&offences, "unsafe blocks without a SAFETY sentence");
}

#[test]
fn files_stay_readable() {
    const MOST: usize = 600;
    let long = rust("crates").into_iter().map(|(name, source)| (name, source.lines().count()));
    let long: Vec<String> =
        long.filter(|(_, lines)| *lines > MOST).map(|(name, lines)| format!("{name}: {lines}")).collect();
    none(&long, "files of more than 600 lines");
}

#[test]
fn modules_are_named_for_what_they_hold() {
    let vague = ["utils", "util", "common", "helpers", "helper", "manager", "misc"];
    let named = rust("crates").into_iter().map(|(name, _)| name);
    let vague: Vec<String> = named.filter(|name| name.split(['/', '.']).any(|part| vague.contains(&part))).collect();
    none(&vague, "modules with a name that says nothing");
}
