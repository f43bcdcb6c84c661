//! The whole graph in the language of Graphviz: `dot -Tsvg`.

use std::io::{self, Write};

use model::{Answer, Decision};

use super::{Format, Package, Scan, statement::word};
use crate::text::visible;

/// A directed graph of all packages.
#[derive(Debug, Clone, Copy)]
pub struct Dot;

impl Format for Dot {
    fn name(&self) -> &'static str {
        "dot"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "digraph packages {{\n  rankdir=LR;")?;
        writeln!(
            out,
            "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", color=\"#9aa5b1\", fontname=\"sans-serif\", fontsize=11];"
        )?;
        writeln!(out, "  edge [color=\"#9aa5b1\", arrowsize=0.7];")?;
        writeln!(out, "  root [label={}, fillcolor=\"#1b2027\", fontcolor=\"#ffffff\"];", quoted(&scan.project))?;
        for (at, package) in scan.packages.iter().enumerate() {
            writeln!(
                out,
                "  n{at} [label={}, tooltip={}{}];",
                quoted(&label(package)),
                quoted(&tip(package)),
                look(package)
            )?;
        }
        for (at, _) in scan.packages.iter().enumerate().filter(|(_, one)| one.direct) {
            writeln!(out, "  root -> n{at};")?;
        }
        for (from, to) in &scan.edges {
            writeln!(out, "  n{from} -> n{to};")?;
        }
        writeln!(out, "}}")
    }
}

fn label(package: &Package) -> String {
    format!("{} {}", package.name, package.version.as_deref().unwrap_or_default()).trim_end().to_owned()
}

fn tip(package: &Package) -> String {
    format!("{}: {}, {}", package.purl, word(package.ruling.answer), package.decision)
}

fn look(package: &Package) -> &'static str {
    match (package.ruling.answer, package.decision) {
        (Answer::Block, _) => ", fillcolor=\"#fdecea\", color=\"#b3261e\", penwidth=2",
        (Answer::Warn, _) => ", fillcolor=\"#fff3da\", color=\"#8f5a00\"",
        (Answer::Allow, Decision::Unknown) => ", style=\"rounded,filled,dashed\"",
        (Answer::Allow, _) => "",
    }
}

/// Text as a quoted identifier. Graphviz reads backslashes as commands of its own and ends the text at a quote.
fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(text).replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_text_leaves_its_quotes() {
        assert_eq!(quoted("a\"]; evil [label=\"\\N\nb\\"), r#""a\"]; evil [label=\"\\N\\u{a}b\\""#);
    }
}
