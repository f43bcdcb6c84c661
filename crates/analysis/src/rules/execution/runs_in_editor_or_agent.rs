//! The archive holds settings by which an editor or a coding agent runs commands as soon as it opens the folder.

use model::{Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// The settings, with a word that makes them run something by themselves.
const SETTINGS: &[(&str, &str, &str)] = &[
    (".vscode/tasks.json", "folderOpen", "VS Code"),
    (".claude/settings.json", "\"hooks\"", "Claude Code"),
    (".claude/settings.local.json", "\"hooks\"", "Claude Code"),
    (".gemini/settings.json", "\"command\"", "Gemini CLI"),
    (".cursor/mcp.json", "\"command\"", "Cursor"),
    (".mcp.json", "\"command\"", "an agent"),
    (".git/hooks/post-checkout", "", "git"),
    (".git/hooks/pre-commit", "", "git"),
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for file in subject.tree.files.iter().filter(|file| file.depth == 0) {
        let inner = subject.inner(&file.path);
        let Some((_, word, who)) = SETTINGS.iter().find(|(path, _, _)| inner == *path) else { continue };
        let text = file.bytes.text();
        let Some(line) = text.lines().position(|line| line.contains(word)) else { continue };
        let place = Place { path: file.path.clone(), line: line as u32 + 1, column: 1, layer: None };
        let note = format!("Opening the package's folder makes {who} run a command.");
        sink.report(Report::indicator(Confidence::Medium, note).phase(Phase::Startup).at(place));
    }
}
