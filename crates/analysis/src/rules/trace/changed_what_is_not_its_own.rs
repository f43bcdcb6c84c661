//! Files of other packages, of editors or of agents were changed.

use std::collections::BTreeSet;

use model::{Confidence, Phase, TraceDeed};

use super::{
    baseline::baseline,
    course::{Course, folder_after, is_in_home},
};
use crate::rules::{Report, Sink};

/// Folders and files of editors and agents: what stands there steers them.
const STEERING: &[&str] = &[
    "/.vscode/", "/.cursor/", "/.claude/", "/.claude.json", "/CLAUDE.md", "/AGENTS.md", "/.cursorrules", "/.windsurf/",
    "/.codeium/", "/.continue/", "/.gemini/", "/.codex/", "/.config/Code/User/", "/.github/copilot-instructions.md", "/.idea/",
    "/.config/zed/", "/.aider.conf.yml", "/mcp.json",
];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let own = course.own_folders();
    let mut told = BTreeSet::new();
    for event in course.events().filter(|event| event.ok) {
        let (TraceDeed::Open { path, write: true, .. } | TraceDeed::Rename { to: path, .. }) = &event.deed else { continue };
        if course.is_below(event, |program| baseline().is_installer(program) || baseline().is_compiler(program)) {
            continue;
        }
        let phase = course.phase(event);
        let is_steering = STEERING.iter().any(|part| path.contains(part)) && !path.contains("/node_modules/");
        if is_steering && (is_in_home(path) || path.contains("/project/")) && told.insert(path.as_str()) {
            let note = format!("{path} was changed: it steers an editor or an agent.");
            let report = if phase == Phase::Runtime { Report::indicator(Confidence::Medium, note) } else { Report::proof(note) };
            sink.report(report.event(course, event));
            continue;
        }
        let other = ["node_modules/", "site-packages/", "dist-packages/"].iter().find_map(|part| folder_after(path, part));
        let Some(other) = other.filter(|name| !own.contains(name) && !is_made_by_tools(name, path)) else { continue };
        if told.insert(other) {
            let note = format!("{path} belongs to another package and was changed.");
            let sure = if phase == Phase::Runtime { Confidence::Medium } else { Confidence::High };
            sink.report(Report::indicator(sure, note).event(course, event));
        }
    }
}

/// What interpreters and build tools leave beside packages.
fn is_made_by_tools(name: &str, path: &str) -> bool {
    // What a build lays out in a temporary folder is nobody's installation.
    path.starts_with("/tmp/")
        || name.starts_with('.')
        || name == "__pycache__"
        || path.contains("/__pycache__/")
        || path.ends_with(".pyc")
        || [".dist-info", ".egg-info", ".egg", ".egg-link", "easy-install.pth"].iter().any(|end| name.ends_with(end))
}
