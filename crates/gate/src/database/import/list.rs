//! Lists: one entry a line, columns by the names in the first line.
//!
//! `purl` or `type,name,version` say which package, `sha256` and `sha512` which bytes; `id`, `decision`, `reason`,
//! `reviewer` and `at` are what is said. Without a first line that names columns, they are `purl`, `decision`, `reason`; a
//! digest may stand in place of the purl.

use model::{Decision, PackageType, Record};
use wire::snapshot::{Extent, Fingerprint, Named, Statement};

use super::{Batch, named, sentence};
use crate::database::subject::{Asked, subject};

const COLUMNS: [&str; 11] =
    ["purl", "type", "name", "version", "sha256", "sha512", "id", "decision", "reason", "reviewer", "at"];

pub(super) fn read(batch: &mut Batch, place: &str, bytes: &[u8], source: &str) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return batch.trouble(place, "it is neither OSV, nor an archive, nor a list in UTF-8");
    };
    batch.documents += 1;
    let mut columns: Option<Vec<String>> = None;
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let cells = cells(line);
        if columns.is_none() {
            let named: Vec<String> = cells.iter().map(|cell| cell.to_ascii_lowercase()).collect();
            if named.iter().all(|name| COLUMNS.contains(&name.as_str())) {
                columns = Some(named);
                continue;
            }
            columns = Some(["purl", "decision", "reason"].map(str::to_owned).to_vec());
        }
        let names = columns.as_deref().unwrap_or_default();
        let row = Row { names, cells: &cells };
        match row.statement(source) {
            Ok(statement) => batch.statements.push(statement),
            Err(detail) => batch.trouble(format!("{place}:{}", at + 1), detail),
        }
    }
}

struct Row<'r> {
    names: &'r [String],
    cells: &'r [String],
}

impl Row<'_> {
    fn cell(&self, name: &str) -> Option<&str> {
        let at = self.names.iter().position(|one| one == name)?;
        self.cells.get(at).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    fn statement(&self, source: &str) -> Result<Statement, String> {
        let (package, mut version, mut digests) = match self.cell("purl").map(subject).transpose()? {
            Some(Asked::Package { package, version }) => (Some(package), version, Vec::new()),
            Some(Asked::Bytes(fingerprint)) => (None, None, vec![fingerprint]),
            None => (self.package()?, None, Vec::new()),
        };
        version = version.or_else(|| self.cell("version").map(str::to_owned));
        for algorithm in ["sha256", "sha512"] {
            let digest = self.cell(algorithm).map(|hex| format!("{algorithm}:{hex}").parse::<Fingerprint>());
            digests.extend(digest.transpose()?);
        }
        if package.is_none() && digests.is_empty() {
            return Err("it names no package and no bytes".into());
        }
        let decision = self.cell("decision").unwrap_or("malicious").to_ascii_lowercase();
        let known = [Decision::Malicious, Decision::Suspicious, Decision::Benign, Decision::Inconclusive];
        let known = known.into_iter().find(|one| one.as_str() == decision);
        let extent = Extent {
            every: package.is_some() && version.is_none() && digests.is_empty(),
            versions: version.into_iter().collect(),
            ranges: Vec::new(),
            digests,
        };
        let record = Record {
            id: self.cell("id").map_or_else(|| id(source, package.as_ref(), &extent), str::to_owned),
            decision: known.ok_or_else(|| {
                format!(
                    "\"{}\" is no decision; write malicious, suspicious, inconclusive or benign",
                    sentence(&decision)
                )
            })?,
            reason: sentence(self.cell("reason").unwrap_or("It is on the list.")),
            source: source.to_owned(),
            reviewer: self.cell("reviewer").map(sentence),
            at: self.cell("at").unwrap_or_default().to_owned(),
            held: None,
        };
        Ok(Statement { package, record, extent, rank: 0 })
    }

    fn package(&self) -> Result<Option<Named>, String> {
        match (self.cell("type"), self.cell("name")) {
            (Some(kind), Some(name)) => named(PackageType::new(kind), name)
                .map(Some)
                .ok_or_else(|| format!("\"{}\" cannot be the name of a package", sentence(name))),
            (None, None) => Ok(None),
            _ => Err("a package needs both a type and a name".into()),
        }
    }
}

/// An entry without an id has one that follows from what it is about, so that a new import replaces it.
fn id(source: &str, package: Option<&Named>, extent: &Extent) -> String {
    let about = match package {
        Some(package) => format!("{}/{}", package.kind, package.name),
        None => String::new(),
    };
    let digest = extent.digests.first().map(Fingerprint::to_string).unwrap_or_default();
    let version = extent.versions.first().map(String::as_str).unwrap_or_default();
    let digest = net::sha256(format!("{about}@{version}#{digest}").as_bytes()).to_string();
    format!("{source}-{}", &digest[..12])
}

/// The cells of a line; a cell in quotation marks may hold commas, and a doubled mark stands for one.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            c => cell.push(c),
        }
    }
    cells.push(cell.trim().to_owned());
    cells
}
