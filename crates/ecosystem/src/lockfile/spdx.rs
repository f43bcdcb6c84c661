//! Bills of materials of SPDX 2, as JSON and as tags with values.
//!
//! Format: <https://spdx.github.io/spdx-spec/v2.3/>.

use std::collections::HashSet;

use model::{Checksum, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::of_word, index::Index, purl::purl};
use crate::document::{Document, Node};

/// The bills of materials of SPDX.
#[derive(Debug, Clone, Copy)]
pub struct Spdx;

impl Lockfile for Spdx {
    fn name(&self) -> &'static str {
        "SPDX"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path).to_ascii_lowercase();
        name.ends_with(".spdx.json") || name.ends_with(".spdx") || name == "spdx.json"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let bill = if files.text().trim_start().starts_with('{') {
            let document = Document::json(files.text());
            reading.syntax(&document);
            of_json(document.root())
        } else {
            of_tags(files.text())
        };
        if bill.packages.is_empty() {
            reading.problem("not-this-format", 0, "it has no packages");
        }
        build(&mut reading, bill);
        reading.finish()
    }
}

/// A bill in either form.
#[derive(Default)]
struct Bill {
    name: String,
    packages: Vec<Package>,
    /// Who, how, whom, line.
    relations: Vec<(String, String, String, u32)>,
    /// What the bill is about.
    described: Vec<String>,
}

#[derive(Default)]
struct Package {
    id: String,
    name: String,
    version: String,
    purl: String,
    checksums: Vec<Checksum>,
    line: u32,
}

fn of_json(root: Node<'_, '_>) -> Bill {
    let text = |node: Node<'_, '_>, key: &str| node.str(key).unwrap_or_default().to_owned();
    let package = |entry: Node<'_, '_>| {
        let references = entry.inside("externalRefs");
        let purl = references
            .filter(|one| one.str("referenceType") == Some("purl"))
            .find_map(|one| one.str("referenceLocator"));
        let hashes = entry.inside("checksums");
        let hashes = hashes.filter_map(|one| of_word(one.str("algorithm")?, one.str("checksumValue")?));
        Package {
            id: text(entry, "SPDXID"),
            name: text(entry, "name"),
            version: text(entry, "versionInfo"),
            purl: purl.unwrap_or_default().to_owned(),
            checksums: hashes.collect(),
            line: entry.line(),
        }
    };
    let relation = |entry: Node<'_, '_>| {
        let (from, to) = (text(entry, "spdxElementId"), text(entry, "relatedSpdxElement"));
        (from, text(entry, "relationshipType"), to, entry.line())
    };
    Bill {
        name: text(root, "name"),
        packages: root.inside("packages").map(package).collect(),
        relations: root.inside("relationships").map(relation).collect(),
        described: root.inside("documentDescribes").filter_map(Node::scalar).map(str::to_owned).collect(),
    }
}

/// `Tag: value`, one a line; a package starts with its name.
fn of_tags(text: &str) -> Bill {
    let mut bill = Bill::default();
    for (line, content) in (1..).zip(text.lines()) {
        let Some((tag, value)) = content.split_once(':') else { continue };
        let value = value.trim();
        let package = bill.packages.last_mut();
        match (tag.trim(), package) {
            ("DocumentName", _) => bill.name = value.to_owned(),
            ("PackageName", _) => bill.packages.push(Package { name: value.to_owned(), line, ..Package::default() }),
            ("SPDXID", Some(package)) if package.id.is_empty() => package.id = value.to_owned(),
            ("PackageVersion", Some(package)) => package.version = value.to_owned(),
            ("PackageChecksum", Some(package)) => {
                let hash = value.split_once(':').and_then(|(word, hex)| of_word(word.trim(), hex.trim()));
                package.checksums.extend(hash);
            }
            ("ExternalRef", Some(package)) => {
                let purl = value.split_ascii_whitespace().find(|word| word.starts_with("pkg:"));
                package.purl = purl.map_or(std::mem::take(&mut package.purl), str::to_owned);
            }
            ("Relationship", _) => {
                let words: Vec<&str> = value.split_ascii_whitespace().collect();
                if let [from, how, to, ..] = words[..] {
                    bill.relations.push((from.into(), how.into(), to.into(), line));
                }
            }
            _ => {}
        }
    }
    bill
}

fn build(reading: &mut Reading, bill: Bill) {
    let told = bill.relations.iter().filter(|(_, how, ..)| how == "DESCRIBES").map(|(_, _, to, _)| to);
    let subjects: HashSet<String> = told.chain(&bill.described).cloned().collect();
    let subjects: HashSet<String> =
        bill.packages.iter().filter(|one| subjects.contains(&one.id)).map(|one| one.id.clone()).collect();
    let mut index = Index::default();
    let mut all: Vec<NodeId> = Vec::new();
    let mut project = None;
    if subjects.is_empty() {
        let root = Dependency::new(PackageType::GENERIC, bill.name.clone()).source(Source::Path(".".into()));
        project = reading.graph.root(root.line(1));
        project.into_iter().for_each(|id| index.insert("SPDXRef-DOCUMENT", id));
    }
    for one in bill.packages {
        let package = purl(&one.purl).unwrap_or_else(|| Dependency::new(PackageType::GENERIC, one.name.clone()));
        let package = if package.version.is_none() { package.version(&one.version) } else { package };
        let package = package.checksums(one.checksums).line(one.line);
        let is_subject = subjects.contains(&one.id);
        let id = if is_subject {
            reading.graph.root(package.source(Source::Path(".".into())))
        } else {
            reading.add(package)
        };
        let Some(id) = id else { break };
        index.insert(one.id, id);
        if is_subject {
            project = project.or(Some(id));
        } else {
            all.push(id);
        }
    }
    let mut is_told: HashSet<NodeId> = HashSet::new();
    for (from, how, to, line) in &bill.relations {
        let Some((is_forward, scope)) = meaning(how) else { continue };
        let (from, to) = if is_forward { (from, to) } else { (to, from) };
        // Relations to files and to other documents are none of packages.
        let (Some(from), Some(to)) = (index.first(from), index.first(to)) else {
            if how.contains("DEPEND") && !to.contains(':') && to != "NONE" && to != "NOASSERTION" {
                reading.problem("missing-package", *line, "a relation names a package that is not there");
            }
            continue;
        };
        if from != to {
            is_told.insert(to);
            reading.graph.connect(from, to, Why::new(scope));
        }
    }
    for id in all.into_iter().filter(|id| !is_told.contains(id)) {
        project.into_iter().for_each(|project| reading.graph.connect(project, id, Why::new(Scope::Normal)));
    }
}

/// Whether a relation leads from the asking to the asked one, and why it is asked for.
fn meaning(how: &str) -> Option<(bool, Scope)> {
    Some(match how {
        "DEPENDS_ON" | "CONTAINS" | "HAS_PREREQUISITE" | "STATIC_LINK" | "DYNAMIC_LINK" => (true, Scope::Normal),
        "DEPENDENCY_OF" | "RUNTIME_DEPENDENCY_OF" | "CONTAINED_BY" | "PREREQUISITE_FOR" => (false, Scope::Normal),
        "DEV_DEPENDENCY_OF" | "TEST_DEPENDENCY_OF" | "DEV_TOOL_OF" | "TEST_TOOL_OF" => (false, Scope::Dev),
        "BUILD_DEPENDENCY_OF" | "BUILD_TOOL_OF" => (false, Scope::Build),
        "OPTIONAL_DEPENDENCY_OF" => (false, Scope::Optional),
        "PROVIDED_DEPENDENCY_OF" => (false, Scope::Peer),
        _ => return None,
    })
}
