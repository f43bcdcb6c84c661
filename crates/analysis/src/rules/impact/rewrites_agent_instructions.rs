//! What AI agents obey is written by somebody else.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// Files from which agents take their instructions, tools and rights.
const FILES: &[&str] = &[
    ".aider.conf.yml",
    ".claude.json",
    ".claude/agents/",
    ".claude/commands/",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".claude/skills/",
    ".clinerules",
    ".codex/config.toml",
    ".continue/config",
    ".cursor/mcp.json",
    ".cursor/rules/",
    ".cursorrules",
    ".gemini/settings.json",
    ".github/copilot-instructions.md",
    ".mcp.json",
    ".roo/",
    ".vscode/mcp.json",
    ".windsurf/rules",
    ".windsurfrules",
    "agents.md",
    "claude.md",
    "claude_desktop_config.json",
    "copilot-instructions.md",
    "gemini.md",
    "mcp_config.json",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::FileWrite]) {
        if seen.source.is_aside || !seen.phase().is_automatic() {
            continue;
        }
        let path = seen.text().replace('\\', "/").to_ascii_lowercase();
        let named = FILES.iter().any(|file| {
            if file.ends_with('/') || file.contains('/') {
                path.contains(file)
            } else {
                path == *file || path.strip_suffix(file).is_some_and(|before| before.ends_with(['/', '}']))
            }
        });
        if named {
            let note = format!(
                "What the user's AI agents obey is written without anybody asking: {}.",
                short(seen.text(), 100)
            );
            let sure = if seen.phase() <= Phase::Import { Confidence::High } else { Confidence::Medium };
            sink.report(Report::indicator(sure, note).seen(seen));
        }
    }
}
