//! What a package can do and is made of, short enough to compare with another version of it.

use std::collections::BTreeMap;

use model::{Action, Deed, Digest, Entry, FileSummary, Phase, Place, Role, Stream, Summary};
use serde_json::Value;
use sha2::Digest as _;
use syntax::surface::MarkKind;

use crate::{rules::query::short, source::Source, subject::Subject};

/// Longer lists are cut, and the summary says so.
const MOST_DEEDS: usize = 4000;
const MOST_STREAMS: usize = 4000;
const MOST_FILES: usize = 20_000;
const MOST_FIELDS: usize = 4000;
/// Objects and values are cut to this length.
const LONGEST: usize = 160;

/// Where data is of interest when it arrives.
const SINKS: &[Action] = &[
    Action::CodeEval,
    Action::CodeLoad,
    Action::FileWrite,
    Action::NetConnect,
    Action::NetFetch,
    Action::NetResolve,
    Action::NetSend,
    Action::ProcExec,
];

/// The summary of a package.
pub fn of(subject: &Subject) -> Summary {
    let mut summary = Summary {
        deeds: deeds(subject),
        streams: streams(subject),
        entries: entries(subject),
        files: files(subject),
        manifest: manifest(subject),
        is_cut: false,
    };
    summary.is_cut |= cut(&mut summary.deeds, MOST_DEEDS);
    summary.is_cut |= cut(&mut summary.streams, MOST_STREAMS);
    summary.is_cut |= cut(&mut summary.files, MOST_FILES);
    summary.is_cut |= cut(&mut summary.manifest, MOST_FIELDS);
    summary
}

fn cut<T>(list: &mut Vec<T>, most: usize) -> bool {
    let longer = list.len() > most;
    list.truncate(most);
    longer
}

fn own(subject: &Subject) -> impl Iterator<Item = &Source> {
    subject.sources.iter().filter(|source| !source.is_aside)
}

/// An object without the package's own version, which changes each time.
fn plain(subject: &Subject, text: &str) -> String {
    let text = short(text, LONGEST);
    match subject.facts.version.as_deref().filter(|version| version.len() >= 3) {
        Some(version) => text.replace(version, "{version}"),
        None => text,
    }
}

fn deeds(subject: &Subject) -> Vec<Deed> {
    let mut found: BTreeMap<(Phase, Action, String, String), (u32, Place)> = BTreeMap::new();
    for source in own(subject) {
        for one in source.seen.behaviours.iter().filter(|one| one.action != Action::SecretArgument) {
            let key = (one.phase, one.action, plain(subject, &one.object.text), short(&one.api, LONGEST));
            let entry = found.entry(key).or_insert_with(|| (0, one.place.clone()));
            entry.0 += 1;
        }
    }
    let deed = |((phase, action, object, api), (count, place))| Deed { action, object, api, phase, count, place };
    found.into_iter().map(deed).collect()
}

fn streams(subject: &Subject) -> Vec<Stream> {
    let mut found: BTreeMap<(Phase, Action, String, Action, String, Role), Place> = BTreeMap::new();
    for source in own(subject) {
        for sink in source.behaviours(SINKS) {
            for (from, role) in source.origins(sink.id) {
                let from = source.behaviour(from);
                let (given, taken) = (plain(subject, &from.object.text), plain(subject, sink.text()));
                let key = (sink.phase(), from.action, given, sink.behaviour.action, taken, role);
                found.entry(key).or_insert_with(|| sink.place());
            }
        }
    }
    let stream = |((phase, from, source, to, sink, role), place)| Stream { from, source, to, sink, role, phase, place };
    found.into_iter().map(stream).collect()
}

/// What runs without anybody importing the package.
fn entries(subject: &Subject) -> Vec<Entry> {
    let early = own(subject).filter(|source| source.phase < Phase::Import);
    let mut entries: Vec<Entry> =
        early.map(|source| Entry { phase: source.phase, path: path(subject, &source.path) }).collect();
    entries.sort();
    entries.dedup();
    entries
}

/// A path without the version that folders of metadata carry.
fn path(subject: &Subject, path: &str) -> String {
    let inner = subject.inner(path);
    let inner = inner.strip_prefix("data.tar.gz!").unwrap_or(inner);
    match &subject.facts.version {
        Some(version) if [".dist-info", ".egg-info", ".data/"].iter().any(|part| inner.contains(part)) => {
            inner.replace(version.as_str(), "{version}")
        }
        _ => inner.to_owned(),
    }
}

fn files(subject: &Subject) -> Vec<FileSummary> {
    let mut sources: BTreeMap<&str, &Source> = BTreeMap::new();
    for source in &subject.sources {
        sources.entry(source.path.as_str()).or_insert(source);
    }
    let shipped = subject.tree.files.iter().filter(|file| {
        !file.nested && !file.shadowed && (file.depth == 0 || file.path.starts_with("data.tar.gz!") && file.depth == 1)
    });
    let mut files: Vec<FileSummary> = shipped
        .map(|file| {
            let source = sources.get(file.path.as_str());
            let mut marks: Vec<String> = source.map(|source| marks(source)).unwrap_or_default();
            if subject.binaries.iter().any(|(path, _)| *path == file.path) {
                marks.push("binary".into());
            }
            let digest = Digest(sha2::Sha256::digest(&*file.bytes).into()).to_string();
            FileSummary {
                path: path(subject, &file.path),
                size: file.bytes.len() as u64,
                sha256: digest.split_at(32).0.to_owned(),
                phase: source.filter(|source| !source.is_aside).map(|source| source.phase),
                marks,
            }
        })
        .collect();
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// What makes a text hard to read.
fn marks(source: &Source) -> Vec<String> {
    let hiding = |kind: MarkKind| !matches!(kind, MarkKind::Blob | MarkKind::LongLine | MarkKind::EscapeRun);
    let mut marks: Vec<String> =
        source.marks.iter().filter(|mark| hiding(mark.kind)).map(|mark| mark.kind.as_str().to_owned()).collect();
    marks.sort();
    marks.dedup();
    marks
}

fn manifest(subject: &Subject) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut add = |key: String, value: &str| fields.push((short(&key, LONGEST), short(value, LONGEST)));
    if let Some(npm) = &subject.npm {
        npm.scripts.iter().for_each(|(name, script)| add(format!("script {name}"), script));
        npm.bin.iter().for_each(|(name, file)| add(format!("command {name}"), file));
        npm.main.iter().for_each(|main| add("main".into(), main));
        for one in &npm.dependencies {
            let word = match one.group {
                ecosystem::npm::manifest::Group::Development => "development dependency",
                _ => "dependency",
            };
            add(format!("{word} {}", one.name), &one.requirement);
        }
        npm.repository.iter().for_each(|repository| add("repository".into(), repository));
        let json = subject.file("package.json").and_then(|file| serde_json::from_slice::<Value>(&file.bytes).ok());
        people_of_npm(json.unwrap_or_default()).into_iter().for_each(|(key, value)| add(key, &value));
    }
    if let Some(pyproject) = &subject.pyproject {
        pyproject.backend.iter().for_each(|backend| add("build backend".into(), backend));
        pyproject.build_requires.iter().for_each(|one| add(format!("build dependency {}", name_of(one)), one));
    }
    for (key, value) in of_python(subject) {
        add(key, &value);
    }
    if let Some(cargo) = &subject.cargo {
        cargo.dependencies.iter().for_each(|(name, requirement)| add(format!("dependency {name}"), requirement));
        cargo.build.paths().into_iter().for_each(|script| add("build script".into(), script));
        cargo.bins.iter().for_each(|(name, file)| add(format!("command {name}"), file.as_deref().unwrap_or_default()));
    }
    if let Some(gem) = &subject.gem {
        gem.dependencies.iter().for_each(|one| add(format!("dependency {}", name_of(one)), one));
        gem.extensions.iter().for_each(|one| add(format!("extension {one}"), one));
        gem.executables.iter().for_each(|one| add(format!("command {one}"), one));
    }
    // Parts of one release that are published together carry its version.
    fields.iter_mut().for_each(|(_, value)| *value = plain(subject, value));
    fields.sort();
    fields.dedup();
    fields
}

/// The people whom `package.json` names.
fn people_of_npm(json: Value) -> Vec<(String, String)> {
    let person = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => {
            let part = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            Some(format!("{} <{}>", part("name"), part("email")))
        }
        _ => None,
    };
    let mut people = Vec::new();
    people.extend(json.get("author").and_then(person).map(|author| ("author".to_owned(), author)));
    people.extend(json.get("_npmUser").and_then(person).map(|user| ("publisher".to_owned(), user)));
    for (key, word) in [("maintainers", "maintainer"), ("contributors", "contributor")] {
        let list = json.get(key).and_then(Value::as_array).into_iter().flatten();
        people.extend(list.filter_map(person).map(|one| (format!("{word} {one}"), one)));
    }
    people
}

/// What the metadata of a Python package says: requirements, commands, people.
fn of_python(subject: &Subject) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for file in subject.tree.files.iter().filter(|file| file.depth == 0) {
        let inner = subject.inner(&file.path);
        if inner == "PKG-INFO" || inner.ends_with(".dist-info/METADATA") && inner.matches('/').count() == 1 {
            let text = file.bytes.text();
            for line in text.lines().take_while(|line| !line.is_empty()) {
                let Some((key, value)) = line.split_once(": ") else { continue };
                match key {
                    "Requires-Dist" => {
                        let name = name_of(value).to_ascii_lowercase().replace(['_', '.'], "-");
                        // Tools of different ages write brackets, blanks and quotes differently.
                        let value = value.replace(['(', ')', ' '], "").replace('\'', "\"");
                        fields.push((format!("dependency {name}"), value));
                    }
                    "Author" | "Author-email" | "Maintainer" | "Maintainer-email" => {
                        fields.push((key.to_ascii_lowercase(), value.to_owned()));
                    }
                    _ => {}
                }
            }
        } else if inner.ends_with("/entry_points.txt") {
            for one in ecosystem::pypi::manifest::read_entry_points(&file.bytes) {
                let word = if one.group.ends_with("_scripts") { "command" } else { "entry point" };
                fields.push((format!("{word} {}", one.name), format!("{}:{}", one.module, one.attribute)));
            }
        }
    }
    fields
}

/// The name at the start of a requirement.
fn name_of(requirement: &str) -> &str {
    let end = requirement.find(|one: char| !(one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.')));
    &requirement[..end.unwrap_or(requirement.len())]
}
