//! What a project depends on: packages, where each was written down, and which of them asked for which.

use std::{borrow::Cow, collections::VecDeque, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Checksum, Ecosystem, PackageName, ReleaseId, Version};

mod builder;

pub use builder::GraphBuilder;

/// The type of a package as purls write it. It is open: a bill of materials may name worlds that Lazaret cannot analyse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageType(Cow<'static, str>);

impl PackageType {
    /// JavaScript packages of npm's kind.
    pub const NPM: Self = Self(Cow::Borrowed("npm"));
    /// JavaScript packages of JSR.
    pub const JSR: Self = Self(Cow::Borrowed("jsr"));
    /// Python packages.
    pub const PYPI: Self = Self(Cow::Borrowed("pypi"));
    /// Rust crates.
    pub const CARGO: Self = Self(Cow::Borrowed("cargo"));
    /// Ruby gems.
    pub const GEM: Self = Self(Cow::Borrowed("gem"));
    /// Go modules.
    pub const GOLANG: Self = Self(Cow::Borrowed("golang"));
    /// PHP packages.
    pub const COMPOSER: Self = Self(Cow::Borrowed("composer"));
    /// .NET packages.
    pub const NUGET: Self = Self(Cow::Borrowed("nuget"));
    /// Java packages, named `group:artifact`.
    pub const MAVEN: Self = Self(Cow::Borrowed("maven"));
    /// Elixir and Erlang packages.
    pub const HEX: Self = Self(Cow::Borrowed("hex"));
    /// Dart packages.
    pub const PUB: Self = Self(Cow::Borrowed("pub"));
    /// Swift packages.
    pub const SWIFT: Self = Self(Cow::Borrowed("swift"));
    /// CocoaPods.
    pub const COCOAPODS: Self = Self(Cow::Borrowed("cocoapods"));
    /// C and C++ packages of Conan.
    pub const CONAN: Self = Self(Cow::Borrowed("conan"));
    /// Packages of conda.
    pub const CONDA: Self = Self(Cow::Borrowed("conda"));
    /// Providers of Terraform.
    pub const TERRAFORM: Self = Self(Cow::Borrowed("terraform"));
    /// Actions and reusable workflows of GitHub, named `owner/repository`.
    pub const GITHUB_ACTIONS: Self = Self(Cow::Borrowed("githubactions"));
    /// Container images.
    pub const DOCKER: Self = Self(Cow::Borrowed("docker"));
    /// Extensions of Visual Studio Code and its kin.
    pub const EXTENSION: Self = Self(Cow::Borrowed("vscode-extension"));
    /// Anything else.
    pub const GENERIC: Self = Self(Cow::Borrowed("generic"));

    /// The type of this name, in lower case as purls have it.
    pub fn new(name: &str) -> Self {
        Self(Cow::Owned(name.to_ascii_lowercase()))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ecosystem, where Lazaret can analyse packages of this type.
    pub fn ecosystem(&self) -> Option<Ecosystem> {
        Ecosystem::ALL.into_iter().find(|one| one.as_str() == self.as_str())
    }
}

impl From<Ecosystem> for PackageType {
    fn from(ecosystem: Ecosystem) -> Self {
        Self(Cow::Borrowed(ecosystem.as_str()))
    }
}

impl fmt::Display for PackageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An address as a project's file writes it, without user, password, query and fragment, where secrets live.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Address(String);

/// What is deserialised may come from anywhere, and is cleaned as well.
impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

impl Address {
    /// The address in this text.
    pub fn new(text: &str) -> Self {
        let text = text.split(['?', '#']).next().unwrap_or_default();
        let Some((scheme, rest)) = text.split_once("://") else { return Self(text.into()) };
        let (host, path) = rest.find(['/', '\\']).map_or((rest, ""), |at| rest.split_at(at));
        match host.rsplit_once('@') {
            // Not a secret, and the address is of no use without it.
            Some(("git", _)) | None => Self(text.into()),
            Some((_, host)) => Self(format!("{scheme}://{host}{path}")),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a package comes from. It is told from the shape of what the file says, never from a host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A registry: the address of the file or of the index, where the project's file has one.
    Registry(Option<Address>),
    /// A repository, and the commit when it is pinned.
    Git(Address, Option<String>),
    /// A file that no registry is known to hold under this name and version.
    Url(Address),
    /// A folder or file beside the project.
    Path(String),
    /// The artifact of the package that brings it along.
    Bundled,
    /// The file does not say.
    #[default]
    Unknown,
}

/// One package of a project at one place of the tree; npm may hold the same release at several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The type.
    pub kind: PackageType,
    /// The name, normalised where the type is known. A namespace is a part of it (`@scope/name`, `group:artifact`).
    pub name: String,
    /// The exact version, when the file pins one.
    pub version: Option<Version>,
    /// Where it comes from.
    pub source: Source,
    /// What its bytes may hash to: one for each file that the release may be installed from.
    pub checksums: Vec<Checksum>,
    /// Where it was written down.
    pub place: FilePlace,
    /// For whom it is there.
    pub flags: Flags,
}

impl Dependency {
    /// A package of this type and name, of which nothing more is known.
    pub fn new(kind: PackageType, name: impl Into<String>) -> Self {
        let (source, place, flags) = (Source::Unknown, FilePlace::default(), Flags::default());
        Self { kind, name: name.into(), version: None, source, checksums: Vec::new(), place, flags }
    }

    /// The same with a version; an empty one counts as none.
    pub fn version(mut self, version: &str) -> Self {
        self.version = (!version.is_empty()).then(|| Version(version.into()));
        self
    }

    /// The same from this source.
    pub fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// The same with these hashes.
    pub fn checksums(mut self, checksums: Vec<Checksum>) -> Self {
        self.checksums = checksums;
        self
    }

    /// The same in this line of the file that the builder is reading.
    pub fn line(mut self, line: u32) -> Self {
        self.place.line = line;
        self
    }

    /// The release, when the version is exact and Lazaret can analyse packages of this type.
    pub fn release(&self) -> Option<ReleaseId> {
        Some(ReleaseId {
            ecosystem: self.kind.ecosystem()?,
            name: PackageName::from_normalised(self.name.clone()),
            version: self.version.clone()?,
        })
    }

    /// The purl, with the version when there is one.
    pub fn purl(&self) -> String {
        let name = if self.kind == PackageType::MAVEN { self.name.replacen(':', "/", 1) } else { self.name.clone() };
        let parts: Vec<String> = name.split('/').map(encoded).collect();
        let version = self.version.as_ref().map(|one| format!("@{}", encoded(one.as_str())));
        format!("pkg:{}/{}{}", self.kind, parts.join("/"), version.unwrap_or_default())
    }
}

/// One part of a purl, percent-encoded as the specification asks.
fn encoded(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A line of one of the files that were read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct FilePlace {
    /// The file: an index into [`DependencyGraph::files`].
    pub file: u32,
    /// The line, from 1; 0 when it is about the whole file.
    pub line: u32,
}

/// For whom a package is there. Where the edges tell it, they are believed, not the file's own flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Flags {
    /// Only those who work on the project need it.
    pub dev: bool,
    /// The installation goes on without it.
    pub optional: bool,
    /// It is there only because another package expects it beside itself.
    pub peer: bool,
}

/// Why one package asks for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// It needs it to run.
    Normal,
    /// It needs it to be built. That is no matter of development only: the build runs it.
    Build,
    /// It takes it when it can get it, or when one of its extras is asked for.
    Optional,
    /// It expects it beside itself.
    Peer,
    /// Its developers need it.
    Dev,
}

/// One package in its graph: an index into [`DependencyGraph::packages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl NodeId {
    fn at(self) -> usize {
        self.0 as usize
    }
}

/// One package asks for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    /// Who asks.
    pub from: NodeId,
    /// Who is asked for.
    pub to: NodeId,
    /// Why.
    pub scope: Scope,
    /// The name of the group or extra that it belongs to, where the format has such.
    pub group: Option<Arc<str>>,
    /// What was asked for, where the file says it (`>=2,<3`, `latest`, an address).
    pub requirement: Option<Arc<str>>,
}

/// Why one package asks for another, as a reader says it.
#[derive(Debug, Clone, Copy)]
pub struct Why<'a> {
    scope: Scope,
    group: Option<&'a str>,
    requirement: Option<&'a str>,
}

impl<'a> Why<'a> {
    /// A reason of this scope.
    pub fn new(scope: Scope) -> Self {
        Self { scope, group: None, requirement: None }
    }

    /// The same as a part of this group or extra.
    pub fn group(mut self, name: &'a str) -> Self {
        self.group = Some(name);
        self
    }

    /// The same with what was asked for; an empty text says nothing.
    pub fn requirement(mut self, text: &'a str) -> Self {
        self.requirement = Some(text).filter(|text| !text.is_empty());
        self
    }
}

/// Packages and who asked for which. Cycles are fine; its size is bounded by its builder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DependencyGraph {
    files: Vec<String>,
    packages: Vec<Dependency>,
    /// Sorted by who asks.
    edges: Vec<Edge>,
    roots: Vec<NodeId>,
}

impl DependencyGraph {
    /// The files that were read together; the first is the one that was asked for.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Every package, the project's own included, in the order of the file. A [`NodeId`] is an index into this.
    pub fn packages(&self) -> &[Dependency] {
        &self.packages
    }

    /// The package of an id of this graph.
    pub fn package(&self, id: NodeId) -> &Dependency {
        &self.packages[id.at()]
    }

    /// The project's own packages: the project, and the members of its workspace.
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// Everything that the project depends on: all packages but the roots.
    pub fn dependencies(&self) -> impl Iterator<Item = (NodeId, &Dependency)> {
        let mut is_root = vec![false; self.packages.len()];
        self.roots.iter().for_each(|root| is_root[root.at()] = true);
        let all = (0..).map(NodeId).zip(&self.packages);
        all.filter(move |(id, _)| !is_root[id.at()])
    }

    /// Every edge, sorted by who asks.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// What this package asks for.
    pub fn edges_of(&self, id: NodeId) -> &[Edge] {
        let from = self.edges.partition_point(|edge| edge.from < id);
        let length = self.edges[from..].partition_point(|edge| edge.from == id);
        &self.edges[from..from + length]
    }

    /// Who brought every package in: one search over the whole graph, from the roots.
    pub fn paths(&self) -> Paths {
        let mut parents: Vec<Option<NodeId>> = vec![None; self.packages.len()];
        let mut distance: Vec<u32> = vec![u32::MAX; self.packages.len()];
        let mut next: VecDeque<NodeId> = self.roots.iter().copied().collect();
        next.iter().for_each(|root| distance[root.at()] = 0);
        while let Some(id) = next.pop_front() {
            for edge in self.edges_of(id) {
                if distance[edge.to.at()] == u32::MAX {
                    distance[edge.to.at()] = distance[id.at()] + 1;
                    parents[edge.to.at()] = Some(id);
                    next.push_back(edge.to);
                }
            }
        }
        Paths { parents, distance }
    }
}

/// The shortest ways from the project to its packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    parents: Vec<Option<NodeId>>,
    distance: Vec<u32>,
}

impl Paths {
    /// A shortest way to this package, from a root to the package itself; empty when nothing leads there.
    pub fn to(&self, id: NodeId) -> Vec<NodeId> {
        if self.distance(id).is_none() {
            return Vec::new();
        }
        let mut way = vec![id];
        while let Some(parent) = way.last().and_then(|last| self.parents[last.at()]) {
            way.push(parent);
        }
        way.reverse();
        way
    }

    /// Who brought this package in, on a shortest way; nobody for the project and for what nothing leads to.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.parents.get(id.at()).copied().flatten()
    }

    /// How many edges lie between the project and this package: 0 for the project, 1 for what it names itself.
    pub fn distance(&self, id: NodeId) -> Option<u32> {
        self.distance.get(id.at()).copied().filter(|distance| *distance != u32::MAX)
    }
}
