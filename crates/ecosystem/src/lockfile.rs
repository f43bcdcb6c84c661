//! What a project depends on, read from its lockfiles, manifests, bills of materials and pipelines.
//!
//! Text in, [`DependencyGraph`] out. Nothing here opens a file: where a format needs a second one (an include, the
//! manifest beside the lockfile), the reader says which, and whoever has the files hands it in.

pub(crate) use python::Requirement;

use std::{borrow::Cow, collections::BTreeMap};

use model::{Dependency, DependencyGraph, GraphBuilder, NodeId, Parsed, Problem, Source};

use crate::{checksums, document::Document};
use npm_source::npm_source;

mod agents;
mod bun_lock;
mod cargo_lock;
mod commands;
mod composer_lock;
mod cyclonedx;
mod deno_lock;
mod docker;
mod flat;
mod gemfile_lock;
mod go_mod;
mod gradle;
mod index;
mod manifests;
mod maven;
mod mobile;
mod npm_lock;
mod npm_source;
mod nuget;
mod pipelines;
mod pipfile_lock;
mod pnpm_lock;
mod poetry_lock;
mod purl;
mod purl_list;
mod pylock;
mod python;
mod requirements;
mod script;
mod spdx;
mod systems;
mod uv_lock;
mod workflow;
mod yarn_lock;

pub use purl::purl as dependency_of_purl;

/// Every format. Where a name fits several, the first is taken.
pub static LOCKFILES: [&dyn Lockfile; 43] = [
    &npm_lock::NpmLock,
    &pnpm_lock::PnpmLock,
    &yarn_lock::YarnLock,
    &bun_lock::BunLock,
    &deno_lock::DenoLock,
    &cargo_lock::CargoLock,
    &requirements::Requirements,
    &uv_lock::UvLock,
    &poetry_lock::PoetryLock,
    &poetry_lock::PdmLock,
    &pipfile_lock::PipfileLock,
    &pylock::Pylock,
    &gemfile_lock::GemfileLock,
    &go_mod::GoMod,
    &composer_lock::ComposerLock,
    &nuget::NugetLock,
    &nuget::NugetDeps,
    &nuget::NugetProject,
    &gradle::GradleLock,
    &gradle::GradleVerification,
    &maven::Pom,
    &cyclonedx::CycloneDx,
    &spdx::Spdx,
    &workflow::Workflow,
    &pipelines::GitlabCi,
    &pipelines::PreCommit,
    &docker::Dockerfile,
    &agents::McpServers,
    &agents::EditorExtensions,
    &mobile::PubspecLock,
    &mobile::PackageResolved,
    &mobile::PodfileLock,
    &systems::CondaLock,
    &systems::ConanLock,
    &systems::TerraformLock,
    &systems::MixLock,
    &manifests::PackageJson,
    &manifests::CargoToml,
    &manifests::Pipfile,
    &manifests::ComposerJson,
    &purl_list::PurlList,
    &script::Script,
    &script::Pyproject,
];

/// One file format that says what a project depends on.
pub trait Lockfile: Sync {
    /// The name under which reports show it.
    fn name(&self) -> &'static str;

    /// Whether the file at this path is of this format. Paths have forward slashes.
    fn matches(&self, path: &str) -> bool;

    /// The further files that belong to the ones at hand, as paths in the same world. Ask again when one of them has
    /// come: it may include others. Files that do not exist are no error here; the reading says what it misses. A `*` in
    /// a path stands for any one name.
    fn wants(&self, _files: &Files<'_>) -> Vec<String> {
        Vec::new()
    }

    /// Reads the files.
    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph>;
}

/// The format of the file at this path.
pub fn lockfile(path: &str) -> Option<&'static dyn Lockfile> {
    let path = path.replace('\\', "/");
    LOCKFILES.into_iter().find(|one| one.matches(&path))
}

/// A file to be read, and those that belong to it.
#[derive(Debug, Clone)]
pub struct Files<'a> {
    path: String,
    texts: BTreeMap<String, Cow<'a, str>>,
}

impl<'a> Files<'a> {
    /// The file that was found.
    pub fn new(path: &str, bytes: &'a [u8]) -> Self {
        let path = path.replace('\\', "/");
        Self { texts: BTreeMap::from([(path.clone(), decode(bytes))]), path }
    }

    /// One that the reader wants besides.
    pub fn add(&mut self, path: &str, bytes: &'a [u8]) {
        self.texts.insert(path.to_owned(), decode(bytes));
    }

    /// The path of the file that was found.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text of the file that was found.
    pub fn text(&self) -> &str {
        self.get(&self.path).unwrap_or_default()
    }

    /// The text of a file, when it is at hand.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(|text| &**text)
    }

    /// The texts of the files at this path, in which a `*` stands for any one name.
    fn matching(&self, path: &str) -> Vec<&str> {
        let Some((before, after)) = path.split_once('*') else { return self.get(path).into_iter().collect() };
        let fits = |one: &str| {
            let middle = one.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            middle.is_some_and(|middle| !middle.contains('/'))
        };
        self.texts.iter().filter(|(one, _)| fits(one)).map(|(_, text)| &**text).collect()
    }

    /// The path of a file that another one names, seen from that one's folder.
    fn beside(&self, from: &str, name: &str) -> String {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let whole = if name.starts_with('/') { name.to_owned() } else { format!("{folder}/{name}") };
        let mut parts: Vec<&str> = Vec::new();
        for part in whole.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
                part => parts.push(part),
            }
        }
        let start = if name.starts_with('/') || from.starts_with('/') { "/" } else { "" };
        format!("{start}{}", parts.join("/"))
    }
}

/// The text in these bytes: UTF-8, or UTF-16 with a mark at its start, as PowerShell writes `pip freeze > file`.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let units = |read: fn([u8; 2]) -> u16| -> Vec<u16> {
        bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect()
    };
    match bytes {
        [0xff, 0xfe, ..] => String::from_utf16_lossy(&units(u16::from_le_bytes)).into(),
        [0xfe, 0xff, ..] => String::from_utf16_lossy(&units(u16::from_be_bytes)).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// So many problems of one file are listed one by one.
const MAX_PROBLEMS: usize = 200;

/// A graph that is being read, with the problems met on the way.
struct Reading {
    graph: GraphBuilder,
    problems: Vec<Problem>,
    untold: usize,
    path: String,
}

impl Reading {
    fn new(path: &str) -> Self {
        Self { graph: GraphBuilder::new(path), problems: Vec::new(), untold: 0, path: path.into() }
    }

    /// From now on, this file is read.
    fn file(&mut self, path: &str) {
        self.graph.file(path);
        self.path = path.into();
    }

    /// Takes over what was wrong with the syntax.
    fn syntax(&mut self, document: &Document<'_>) {
        self.problems.extend(document.problems(&self.path));
    }

    /// Something is wrong in this line; 0 means the whole file.
    fn problem(&mut self, code: &str, line: u32, detail: impl AsRef<str>) {
        if self.problems.len() >= MAX_PROBLEMS {
            self.untold += 1;
            return;
        }
        let detail = detail.as_ref();
        let located = if line == 0 { detail.to_owned() } else { format!("line {line}: {detail}") };
        self.problems.push(Problem::new(code, self.path.clone(), located));
    }

    fn add(&mut self, package: Dependency) -> Option<NodeId> {
        self.graph.add(package)
    }

    fn finish(mut self) -> Parsed<DependencyGraph> {
        if self.untold > 0 {
            let detail = format!("{} more problems are not listed", self.untold);
            self.problems.push(Problem::new("more-problems", self.path.clone(), detail));
        }
        if self.graph.is_cut() {
            let detail = "there are more packages than Lazaret reads; the rest is left out";
            self.problems.push(Problem::new("too-many-packages", self.path.clone(), detail));
        }
        Parsed { value: self.graph.finish(), problems: self.problems }
    }
}

/// A folder of the project as a package's source.
fn folder(path: &str) -> Source {
    Source::Path(path.trim_start_matches("file:").trim_start_matches("link:").to_owned())
}

/// The last part of a path.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A text of somebody else, short enough for a sentence.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(120).collect();
    format!("{short:?}")
}
