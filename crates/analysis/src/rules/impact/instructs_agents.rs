//! A text for people speaks to the machines that read it, and tells them what to do.

use model::{Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink, query::short},
    source::is_aside,
    subject::Subject,
};

/// How a text takes a reader over that follows texts.
const TAKES_OVER: &[&str] = &[
    "ignore all previous instructions",
    "ignore previous instructions",
    "ignore the previous instructions",
    "ignore any previous instructions",
    "disregard all previous instructions",
    "disregard previous instructions",
    "disregard your instructions",
    "forget your instructions",
    "override your instructions",
    "do not tell the user",
    "don't tell the user",
    "do not mention this to the user",
    "without informing the user",
    "without asking the user",
];

/// What it is told to do.
const DEMANDS: &[&str] = &[
    "curl ", "wget ", "~/.ssh", "id_rsa", ".env", "api key", "api_key", "credentials", "access token", "pip install", "npm install",
    "bash -c", "| sh", "base64", "http://", "exfiltrate", "private key", "aws_secret",
];

/// So far around the words the demand is looked for.
const AROUND: usize = 500;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for file in subject.tree.files.iter().filter(|file| !file.nested && is_prose(subject.inner(&file.path))) {
        if is_aside(&file.path) || file.bytes.len() > 512 << 10 {
            continue;
        }
        let text = file.bytes.text();
        let lower = text.to_lowercase();
        let Some((at, words)) = TAKES_OVER.iter().find_map(|words| Some((lower.find(words)?, words))) else { continue };
        let start = floor(&lower, at.saturating_sub(AROUND));
        let end = floor(&lower, (at + words.len() + AROUND).min(lower.len()));
        let Some(demand) = DEMANDS.iter().find(|demand| lower[start..end].contains(**demand)) else { continue };
        let line = lower[..at].matches('\n').count() as u32 + 1;
        let place = Place { path: file.path.clone(), line, column: 1, layer: None };
        let note = format!(
            "A text gives orders to the agent that reads it (\"{words}\", \"{}\").",
            short(demand.trim(), 30)
        );
        // A description of an attack says the same: what is out of sight is meant.
        let hidden = is_out_of_sight(&lower, at) || is_for_agents(subject.inner(&file.path));
        let sure = if hidden { Confidence::High } else { Confidence::Low };
        sink.report(Report::indicator(sure, note).phase(if hidden { Phase::Startup } else { Phase::Runtime }).at(place));
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn is_prose(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.ends_with(".md") || lower.ends_with(".rst") || lower.ends_with(".mdc") || lower.ends_with(".cursorrules") || is_for_agents(path)
}

/// Files that agents read as their orders.
fn is_for_agents(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "AGENTS.md" | "CLAUDE.md" | "GEMINI.md" | ".cursorrules" | ".windsurfrules" | "copilot-instructions.md" | "SKILL.md")
}

/// Whether the words stand in a comment that no reader of the page sees.
fn is_out_of_sight(text: &str, at: usize) -> bool {
    let open = text[..at].rfind("<!--");
    let close = text[..at].rfind("-->");
    match (open, close) {
        (Some(open), Some(close)) => open > close,
        (open, _) => open.is_some(),
    }
}
