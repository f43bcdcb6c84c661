//! The scan as workflow commands of GitHub Actions: annotations at the lines of lockfiles. A step shows ten of each kind, so
//! the tenth says how many more there are.

use std::io::{self, Write};

use model::Answer;

use super::{
    Format, Package, Scan,
    statement::{advice, decisive, last_line, ordered, places, remarks, statements, word},
};
use crate::text::{cut, visible};

/// Annotations of GitHub Actions.
#[derive(Debug, Clone, Copy)]
pub struct Github;

/// Annotations of one kind that a step shows.
const SHOWN: usize = 10;
/// Characters of a message.
const LENGTH: usize = 1500;

impl Format for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        for (answer, command) in [(Answer::Block, "error"), (Answer::Warn, "warning")] {
            let all: Vec<_> = ordered(scan).into_iter().filter(|(_, one)| one.ruling.answer == answer).collect();
            let shown = if all.len() > SHOWN { SHOWN - 1 } else { all.len() };
            all.iter().take(shown).try_for_each(|(_, package)| annotation(command, scan, package, out))?;
            if all.len() > shown {
                let text = format!(
                    "and {} more packages are {}; the other reports name them",
                    all.len() - shown,
                    word(answer)
                );
                writeln!(out, "::{command} title=Lazaret::{}", data(&text))?;
            }
        }
        for (_, text) in remarks(scan).iter().filter(|(word, _)| *word == "incomplete").take(SHOWN - 1) {
            writeln!(out, "::notice title=Lazaret could not finish::{}", data(text))?;
        }
        writeln!(out, "::notice title=Lazaret::{}", data(&last_line(scan)))
    }
}

fn annotation(command: &str, scan: &Scan<'_>, package: &Package, out: &mut dyn Write) -> io::Result<()> {
    let mut properties = Vec::new();
    if let Some((file, line)) = places(scan, package).first() {
        properties.push(format!("file={}", property(&file.path)));
        if *line > 0 {
            properties.push(format!("line={line}"));
        }
    }
    let title = format!("{} {}", package.purl, word(package.ruling.answer));
    properties.push(format!("title={}", property(&cut(&visible(&title), 200))));
    let mut lines: Vec<String> = decisive(&package.ruling).into_iter().collect();
    lines.extend(statements(package).into_iter().map(|one| format!("{}: {}", one.title, one.text)));
    if package.path.len() > 1 {
        lines.push(format!("Brought in by {}", package.path.join(" > ")));
    }
    lines.extend(advice(package).map(|advice| format!("What to do: {advice}")));
    // The lines are ours, so the breaks between them are; a break inside of one is the package's, and is spelled out.
    let lines: Vec<String> = lines.iter().map(|line| data(&cut(&visible(line), LENGTH / 2))).collect();
    writeln!(out, "::{command} {}::{}", properties.join(","), lines.join("%0A"))
}

/// The text of a command, which ends with its line.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which ends with a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50%\n::error::x"), "50%25\\u{a}::error::x");
        assert_eq!(property("a,b::c\r\n::set-env"), "a%2Cb%3A%3Ac\\u{d}\\u{a}%3A%3Aset-env");
    }
}
