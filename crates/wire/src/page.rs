//! What every HTML page of ours is made of: one file, nothing from elsewhere, and a policy in its head that lets the browser
//! obey nothing but our own style and script, should a word of a package ever get through.

mod diagram;
mod evidence;

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{Answer, Decision};
use sha2::{Digest as _, Sha256};

pub(crate) use diagram::{Node, draw};
pub(crate) use evidence::evidence;

use crate::text::html;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/filter.js");

/// Everything before the content.
pub(crate) fn start(title: &str, out: &mut dyn Write) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    );
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>", html(title))?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>\n<main>")
}

/// Everything after it.
pub(crate) fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// The name by which a policy knows a text.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// The field by which a reader narrows the page down. It shows only where the script runs.
pub(crate) fn filter(hint: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"filter\" id=\"filter\" hidden><input type=\"search\" placeholder=\"{0}\" aria-label=\"{0}\"><output></output></div>",
        html(hint)
    )
}

/// One number with its word, coloured by what it means.
pub(crate) fn tile(number: usize, word: &str, class: &str) -> String {
    let class = if number == 0 { "none" } else { class };
    format!("<li class=\"{class}\"><b>{number}</b> {}</li>", html(word))
}

/// A word in a frame.
pub(crate) fn chip(text: &str) -> String {
    format!("<span class=\"chip\">{}</span>", html(text))
}

/// A decision as a coloured word.
pub(crate) fn pill(decision: Decision) -> String {
    format!("<span class=\"pill {}\">{decision}</span>", class(decision))
}

/// The colour of a decision.
pub(crate) const fn class(decision: Decision) -> &'static str {
    match decision {
        Decision::Malicious => "block",
        Decision::Suspicious | Decision::Inconclusive => "warn",
        Decision::Unknown => "unknown",
        Decision::Benign => "allow",
    }
}

/// The colour of an answer, which is also its word.
pub(crate) const fn answer(answer: Answer) -> &'static str {
    answer.as_str()
}

/// Text in the type of code.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", html(text))
}

/// A list under a heading; nothing when it is empty. The rows are HTML already.
pub(crate) fn list(title: &str, rows: &[String], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h4>{}</h4>\n<ul class=\"rows\">", html(title))?;
    rows.iter().try_for_each(|row| writeln!(out, "<li>{row}</li>"))?;
    writeln!(out, "</ul>")
}

/// A table; nothing when it has no rows. The cells are HTML already.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    write!(out, "<div class=\"scroll\"><table><thead><tr>")?;
    head.iter().try_for_each(|cell| write!(out, "<th>{cell}</th>"))?;
    writeln!(out, "</tr></thead><tbody>")?;
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        writeln!(out, "<tr>{cells}</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}
