//! `Gemfile.lock` and `gems.locked`.
//!
//! Format: bundler's own; sections without indent, packages with four spaces, what they ask for with six.

use std::collections::HashMap;

use model::{Address, Checksum, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::named_hex, index::Index, shown};

/// The lockfiles of bundler.
#[derive(Debug, Clone, Copy)]
pub struct GemfileLock;

impl Lockfile for GemfileLock {
    fn name(&self) -> &'static str {
        "Gemfile.lock"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path);
        name == "gems.locked" || name == "Gemfile.lock" || (name.ends_with(".lock") && name.starts_with("Gemfile."))
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut lock = Lock { reading: Reading::new(files.path()), index: Index::default(), asked: Vec::new() };
        let project = Dependency::new(PackageType::GEM, base(files.path())).source(Source::Path(".".into())).line(1);
        let Some(project) = lock.reading.graph.root(project) else { return lock.reading.finish() };
        let direct = lock.read(files.text());
        lock.connect(project, direct);
        lock.reading.finish()
    }
}

/// A name, what of it is asked for, and the line.
type Asked = (String, String, u32);

struct Lock {
    reading: Reading,
    index: Index,
    asked: Vec<(NodeId, Asked)>,
}

impl Lock {
    /// Reads every section; what the project itself asks for comes back.
    fn read(&mut self, text: &str) -> Vec<Asked> {
        let (mut section, mut remote, mut revision) = ("", "", None);
        let mut last = None;
        let mut direct = Vec::new();
        let mut hashes: HashMap<String, Vec<Checksum>> = HashMap::new();
        for (line, content) in (1..).zip(text.lines()) {
            let trimmed = content.trim();
            let indent = content.len() - content.trim_start().len();
            match (section, indent) {
                _ if trimmed.is_empty() => {}
                (_, 0) => (section, remote, revision, last) = (trimmed, "", None, None),
                ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 2) => match trimmed.split_once(':') {
                    Some(("remote", value)) => remote = value.trim(),
                    Some(("revision", value)) => revision = Some(value.trim().to_owned()),
                    _ => {}
                },
                ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 4) => {
                    let (name, version) = named(trimmed);
                    last = self.package(name, version, source(section, remote, revision.clone()), line);
                }
                ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 6) => {
                    let (name, range) = named(trimmed);
                    match last {
                        Some(id) => self.asked.push((id, (name.to_owned(), range.to_owned(), line))),
                        None => self.reading.problem("syntax-error", line, "it belongs to no package"),
                    }
                }
                ("DEPENDENCIES", 2) => {
                    let (name, range) = named(trimmed.trim_end_matches('!'));
                    direct.push((name.to_owned(), range.to_owned(), line));
                }
                ("CHECKSUMS", 2) => {
                    let Some((gem, digests)) = trimmed.split_once(") ") else { continue };
                    let digests = digests.split(',').filter_map(|one| named_hex(one.trim()));
                    hashes.entry(gem.replace(" (", " ")).or_default().extend(digests);
                }
                _ => {}
            }
        }
        self.place(hashes);
        if section.is_empty() {
            self.reading.problem("not-this-format", 0, "it has no sections");
        }
        direct
    }

    fn package(&mut self, name: &str, version: &str, source: Source, line: u32) -> Option<NodeId> {
        // A platform stands behind the version: 1.2.3-x86_64-linux. A gem's version itself has no hyphen.
        let plain = version.split('-').next().unwrap_or(version);
        let package = Dependency::new(PackageType::GEM, name).version(plain).source(source).line(line);
        let id = self.reading.add(package)?;
        self.index.insert(name, id);
        self.index.insert(format!("{name} {version}"), id);
        Some(id)
    }

    fn place(&mut self, hashes: HashMap<String, Vec<Checksum>>) {
        for (gem, found) in hashes {
            if let Some(id) = self.index.first(&gem) {
                self.reading.graph.package_mut(id).checksums = found;
            }
        }
    }

    fn connect(&mut self, project: NodeId, direct: Vec<Asked>) {
        let direct = direct.into_iter().map(|asked| (project, asked));
        for (from, (name, range, line)) in direct.chain(std::mem::take(&mut self.asked)) {
            let all = self.index.all(&name).to_vec();
            // bundler is asked for by many and locks itself in a place of its own.
            if all.is_empty() && name != "bundler" {
                let detail = format!("{} is asked for, but the file has no such package", shown(&name));
                self.reading.problem("missing-package", line, detail);
            }
            // One for each platform.
            for to in all {
                self.reading.graph.connect(from, to, Why::new(Scope::Normal).requirement(&range));
            }
        }
    }
}

/// `name (1.0)`: the name and what stands in brackets.
fn named(text: &str) -> (&str, &str) {
    match text.split_once(" (") {
        Some((name, rest)) => (name.trim(), rest.trim_end_matches('!').trim_end_matches(')')),
        None => (text.trim(), ""),
    }
}

fn source(section: &str, remote: &str, revision: Option<String>) -> Source {
    match section {
        "GEM" => Source::Registry(Some(remote).filter(|text| !text.is_empty()).map(Address::new)),
        "GIT" => Source::Git(Address::new(remote), revision),
        "PATH" => Source::Path(remote.to_owned()),
        _ => Source::Unknown,
    }
}
