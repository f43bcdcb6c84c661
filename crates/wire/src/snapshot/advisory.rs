//! Known vulnerabilities, in a file of their own: they are many more than entries about malware, and others ask for them.

use model::Digest;
use serde::{Deserialize, Serialize};

use super::{Edition, Extent, Named, Unusable, Unwritable, layout::Content, table::Table, table_writer::TableWriter};

/// One known vulnerability of one package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its id.
    pub id: String,
    /// Other names of the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// `critical`, `high`, `medium`, `low` or `unknown`.
    pub severity: String,
    /// The score of CVSS, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvss: Option<f64>,
    /// The versions that have it.
    #[serde(flatten)]
    pub extent: Extent,
}

/// The vulnerabilities over bytes that somebody else holds.
#[derive(Debug)]
pub struct Advisories<B> {
    table: Table<B>,
}

impl<B: AsRef<[u8]>> Advisories<B> {
    /// Looks at the header, and at nothing else.
    ///
    /// # Errors
    /// When the bytes are no such file, are cut off, or have another version of the format.
    pub fn open(bytes: B) -> Result<Self, Unusable> {
        Table::open(bytes, Content::Vulnerabilities).map(|table| Self { table })
    }

    /// Reads all of it and compares it with its digest.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn verify(&self) -> Result<(), Unusable> {
        self.table.verify()
    }

    /// The digest that it states of itself.
    pub fn digest(&self) -> Digest {
        self.table.digest()
    }

    /// Its number, and its times.
    pub fn edition(&self) -> Edition {
        self.table.edition()
    }

    /// How many it holds, counted once for each package.
    pub fn records(&self) -> u64 {
        self.table.records()
    }

    /// Every vulnerability of any version of a package.
    pub fn package(&self, kind: &str, name: &str) -> Vec<Advisory> {
        let payload = self.table.get(&Named::key(kind, name)).unwrap_or_default();
        serde_json::from_slice(payload).unwrap_or_default()
    }
}

/// A file of vulnerabilities. The same ones in any order give the same bytes.
///
/// # Errors
/// When they are too many or too large for a file.
pub fn build_advisories(edition: Edition, advisories: &[(Named, Advisory)]) -> Result<Vec<u8>, Unwritable> {
    let mut sorted: Vec<(Vec<u8>, &Advisory)> = advisories
        .iter()
        .map(|(package, advisory)| (Named::key(package.kind.as_str(), &package.name), advisory))
        .collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    sorted.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
    let mut writer = TableWriter::new(Content::Vulnerabilities, edition);
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        let list: Vec<&Advisory> = group.iter().map(|(_, advisory)| *advisory).collect();
        // Texts and numbers always have a JSON form.
        let payload = serde_json::to_vec(&list).unwrap_or_default();
        writer.add(&group[0].0, &payload, &[], list.len() as u64)?;
    }
    writer.finish(&[], [])
}
