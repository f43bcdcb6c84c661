//! One package as a part of the page.

use std::io::{self, Write};

use super::super::{
    Package, Scan,
    statement::{advice, checked, decisive, place, places, waived},
};
use crate::{
    page::{answer, chip, code, evidence, list, pill, table},
    text::{cut, html, visible},
};

/// Writes everything that is known of a package.
pub(super) fn write(scan: &Scan<'_>, at: usize, package: &Package, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<article class=\"card {}\" id=\"p{at}\" data-entry>", answer(package.ruling.answer))?;
    writeln!(
        out,
        "<div class=\"top\"><h3 class=\"mono\">{}</h3><span class=\"meta\">verdict</span>{} {}</div>",
        html(&package.purl),
        pill(package.decision),
        traits(package)
    )?;
    if let Some(why) = decisive(&package.ruling) {
        writeln!(out, "<p class=\"why\">{}</p>", html(&why))?;
    }
    if let Some(advice) = advice(package) {
        writeln!(out, "<p class=\"advice\"><b>What to do</b>{}</p>", html(&advice))?;
    }
    facts(scan, package, out)?;
    list("Waived", &waived(&package.ruling).map(|why| html(&why)).collect::<Vec<_>>(), out)?;
    let further = package.ruling.matches.iter().filter(|one| one.waived.is_none());
    let further: Vec<String> =
        further.skip(1).map(|one| format!("{} {}", chip(&one.rule), html(&one.reason))).collect();
    list("Further rules of the policy", &further, out)?;
    records(package, out)?;
    let issues: Vec<String> =
        package.issues.iter().map(|one| format!("{} {}", chip(one.code), html(&one.message))).collect();
    list("How the files name it", &issues, out)?;
    vulnerabilities(package, out)?;
    let mut analyses: Vec<_> = package.analyses.iter().collect();
    analyses.sort_by_key(|one| std::cmp::Reverse((one.verdict.decision, one.verdict.score)));
    analyses.into_iter().try_for_each(|one| evidence(one, out))?;
    writeln!(out, "</article>")
}

/// What sort of dependency it is, in chips.
pub(super) fn traits(package: &Package) -> String {
    let traits = [
        (package.direct, "direct"),
        (package.dev, "dev"),
        (package.optional, "optional"),
        (package.origin != "registry", package.origin),
    ];
    traits.iter().filter(|(is, _)| *is).map(|(_, word)| chip(word)).collect::<Vec<_>>().join(" ")
}

fn facts(scan: &Scan<'_>, package: &Package, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    if package.path.len() > 1 {
        let steps: String = package.path.iter().map(|one| format!("<li>{}</li>", html(one))).collect();
        writeln!(out, "<dt>Brought in by</dt><dd><ol class=\"path\">{steps}</ol></dd>")?;
    } else if package.direct {
        writeln!(out, "<dt>Brought in by</dt><dd>The project asks for it itself.</dd>")?;
    }
    let places: Vec<String> = places(scan, package).into_iter().take(20).map(|one| code(&place(one))).collect();
    if !places.is_empty() {
        writeln!(out, "<dt>Named in</dt><dd>{}</dd>", places.join(", "))?;
    }
    writeln!(out, "<dt>Known</dt><dd>{}</dd>", html(&checked(package)))?;
    let mut fact = |name: &str, value: Option<&str>| match value {
        Some(value) => writeln!(out, "<dt>{name}</dt><dd>{}</dd>", code(value)),
        None => Ok(()),
    };
    fact("Address", package.address.as_deref())?;
    fact("Licence", package.license.as_deref())?;
    package.checksums.iter().try_for_each(|one| fact("Pinned", Some(&one.to_string())))?;
    writeln!(out, "</dl>")
}

fn records(package: &Package, out: &mut dyn Write) -> io::Result<()> {
    if package.records.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h4>What the database says</h4>")?;
    let rows = package.records.iter().map(|(record, basis)| {
        let held = record.held.as_ref().map(|why| format!(" <b>Held back:</b> {}", html(why))).unwrap_or_default();
        let reviewer = record.reviewer.as_deref().unwrap_or("nobody");
        vec![
            pill(record.decision),
            format!("{}<br>{}", code(&record.id), html(&record.source)),
            format!("{}{held}", html(&record.reason)),
            html(&basis.to_string()),
            html(reviewer),
            html(&record.at),
        ]
    });
    table(&["Says", "Entry", "Why", "About", "Confirmed by", "As of"], &rows.collect::<Vec<_>>(), out)
}

fn vulnerabilities(package: &Package, out: &mut dyn Write) -> io::Result<()> {
    if package.vulnerabilities.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h4>Known vulnerabilities ({})</h4>", package.vulnerabilities.len())?;
    let rows = package.vulnerabilities.iter().map(|one| {
        let colour = match one.severity.as_str() {
            "critical" => "block",
            "high" => "warn",
            _ => "unknown",
        };
        let score = one.cvss.map(|score| format!(" {score:.1}")).unwrap_or_default();
        let aliases = one.aliases.join(", ");
        vec![
            format!("<span class=\"pill {colour}\">{}{score}</span>", html(&cut(&visible(&one.severity), 20))),
            format!("{}<br>{}", code(&one.id), html(&aliases)),
            html(&one.summary),
            one.fixed.as_deref().map(code).unwrap_or_else(|| "not known".into()),
        ]
    });
    table(&["Severity", "Advisory", "What", "Fixed in"], &rows.collect::<Vec<_>>(), out)
}
