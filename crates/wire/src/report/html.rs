//! The report as one HTML page that stands alone: each target with all of its evidence, the weightiest first.

use std::io::{self, Write};

use model::Decision;

use super::{Failure, Format, Outcome, Report, TargetReport};
use crate::{
    Exit,
    page::{self, class, evidence, pill, tile},
    text::{count, html},
};

/// One HTML file, with nothing from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut targets: Vec<&TargetReport> = report.targets.iter().collect();
        targets.sort_by_key(|one| std::cmp::Reverse(one.exit()));
        let title = match targets.as_slice() {
            [one] => one.label.clone(),
            many => count(many.len() as u64, "target"),
        };
        page::start(&format!("{title} - Lazaret"), out)?;
        head(report, &title, out)?;
        page::filter("Filter by name, rule, file or word", out)?;
        targets.iter().try_for_each(|target| card(target, out))?;
        writeln!(out, "<footer>")?;
        report.notes.iter().try_for_each(|note| writeln!(out, "<p>Note: {}</p>", html(note)))?;
        writeln!(
            out,
            "<p>Lazaret {}, ruleset <code>{}</code></p>\n</footer>",
            html(report.version),
            html(report.ruleset)
        )?;
        page::end(out)
    }
}

fn head(report: &Report<'_>, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<header>\n<p class=\"brand\"><b>Lazaret</b> report</p>\n<h1>{}</h1>", html(title))?;
    writeln!(out, "<p class=\"meta\">{}</p>", html(report.made))?;
    let (colour, word) = match report.exit() {
        Exit::Malicious => ("block", "Malicious"),
        Exit::Suspicious => ("warn", "Suspicious"),
        Exit::Clean => ("allow", "Nothing suspicious"),
        _ => ("unknown", "Not everything is known"),
    };
    let sentence = match report.targets.as_slice() {
        [TargetReport { outcome: Outcome::Analysed(analysis), .. }] => analysis.verdict.reason.clone(),
        [_] => report.exit().meaning().to_owned(),
        many => format!("The weightiest of {} decides.", count(many.len() as u64, "target")),
    };
    writeln!(out, "<div class=\"result {colour}\"><strong>{word}</strong>{}</div>", html(&sentence))?;
    if report.targets.len() > 1 {
        let decisions =
            [Decision::Malicious, Decision::Suspicious, Decision::Inconclusive, Decision::Unknown, Decision::Benign];
        let tiles = decisions.map(|one| tile(report.count(one) as usize, one.as_str(), class(one))).concat();
        writeln!(
            out,
            "<ul class=\"tiles\">{tiles}{}</ul>",
            tile(report.failed() as usize, "could not be got", "warn")
        )?;
    }
    writeln!(out, "</header>")
}

fn card(target: &TargetReport, out: &mut dyn Write) -> io::Result<()> {
    match &target.outcome {
        Outcome::Failed(failure) => failed(target, failure, out),
        Outcome::Analysed(analysis) => {
            let decision = analysis.verdict.decision;
            writeln!(out, "<article class=\"card {}\" data-entry>", class(decision))?;
            writeln!(
                out,
                "<div class=\"top\"><h3 class=\"mono\">{}</h3>{}</div>",
                html(&target.label),
                pill(decision)
            )?;
            warnings(target, out)?;
            evidence(analysis, out)?;
            writeln!(out, "</article>")
        }
    }
}

fn failed(target: &TargetReport, failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<article class=\"card unknown\" data-entry>\n<div class=\"top\"><h3 class=\"mono\">{}</h3>",
        html(&target.label)
    )?;
    writeln!(
        out,
        "<span class=\"pill unknown\">could not be got</span></div>\n<p class=\"why\">{}</p>",
        html(&failure.message)
    )?;
    if let Some(hint) = &failure.hint {
        writeln!(out, "<p class=\"advice\"><b>What to do</b>{}</p>", html(hint))?;
    }
    warnings(target, out)?;
    writeln!(out, "</article>")
}

fn warnings(target: &TargetReport, out: &mut dyn Write) -> io::Result<()> {
    target.warnings.iter().try_for_each(|warning| writeln!(out, "<p>Note: {}</p>", html(warning)))
}
