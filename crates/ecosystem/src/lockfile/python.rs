//! What Python's formats share: requirements of PEP 508, and `pyproject.toml` as the manifest beside lockfiles.

use std::str::FromStr;

use model::{Address, Dependency, PackageName, PackageType, Scope, Source, Version, Why};

use super::Reading;
use crate::{
    Registry,
    document::Node,
    package::decode_percent,
    pypi::{Pypi, normalise, version_of},
};

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Requirement {
    /// The normalised name; empty when only an address or a path tells what it is.
    pub name: String,
    /// The extras that are asked for.
    pub extras: Vec<String>,
    /// The version specifiers, as they are written.
    pub specifier: String,
    /// The address or path behind `@`.
    pub address: Option<String>,
    /// The environment in which it holds.
    pub marker: String,
}

impl Requirement {
    /// Reads `name[extra] >=1,<2 ; marker` or `name @ address`. Nothing, when no name stands at the start.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        let mut rest = rest.trim_start();
        let mut extras = Vec::new();
        if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            extras = inside.split(',').map(normalise_trimmed).filter(|one| !one.is_empty()).collect();
            rest = after.trim_start();
        }
        // A semicolon may be a part of an address; behind a space it is not.
        let separator = if rest.starts_with('@') { " ;" } else { ";" };
        let (rest, marker) = rest.split_once(separator).unwrap_or((rest, ""));
        let address = rest.strip_prefix('@').map(|address| address.trim().to_owned());
        let specifier = match address {
            Some(_) => String::new(),
            None => rest.trim().trim_start_matches('(').trim_end_matches(')').trim().to_owned(),
        };
        let is_specifier = specifier.is_empty() || specifier.starts_with(['=', '<', '>', '!', '~', '*', '^']);
        is_specifier.then(|| Self {
            name: normalise(name),
            extras,
            specifier,
            address,
            marker: marker.trim().to_owned(),
        })
    }

    /// The one version that fits, when it is exact.
    pub fn exact(&self) -> Option<&str> {
        let version = self.specifier.strip_prefix("===").or_else(|| self.specifier.strip_prefix("=="))?.trim();
        let is_number = version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
        (is_number && !version.contains([',', '*', ' '])).then_some(version)
    }

    /// What it asks for, in one text.
    pub fn wanted(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.specifier)
    }

    /// Whether a version fits; one that cannot be judged does.
    pub fn allows(&self, version: &str) -> bool {
        let specifiers = pep440_rs::VersionSpecifiers::from_str(&self.specifier);
        match (specifiers, pep440_rs::Version::from_str(version)) {
            (Ok(specifiers), Ok(version)) => specifiers.contains(&version),
            _ => true,
        }
    }

    /// The package, as far as the requirement alone tells.
    pub fn package(&self) -> Dependency {
        let package = Dependency::new(PackageType::PYPI, self.name.clone()).version(self.exact().unwrap_or_default());
        package.source(self.address.as_deref().map_or(Source::Registry(None), source))
    }
}

fn normalise_trimmed(text: &str) -> String {
    normalise(text.trim())
}

/// The source in an address or path, as pip takes it.
pub(super) fn source(address: &str) -> Source {
    let lower = address.to_ascii_lowercase();
    let is_repository = ["git+", "hg+", "svn+", "bzr+"].iter().any(|start| lower.starts_with(start));
    if is_repository {
        let path = address.split('#').next().unwrap_or_default();
        let plain = path.split_once('+').map_or(path, |(_, rest)| rest);
        // The revision stands behind an `@` in the path, not behind the one of a user.
        let at =
            plain.rfind('@').filter(|at| plain.find("://").is_some_and(|start| plain[start + 3..*at].contains('/')));
        let (plain, revision) = at.map_or((plain, None), |at| (&plain[..at], Some(plain[at + 1..].to_owned())));
        Source::Git(Address::new(plain), revision)
    } else if lower.starts_with("http://") || lower.starts_with("https://") {
        Source::Url(Address::new(address))
    } else {
        Source::Path(address.trim_start_matches("file://").to_owned())
    }
}

/// The address among these that is no file of this release by its name, as a poisoned lockfile has it.
pub(super) fn foreign<'d>(name: &str, version: &str, addresses: impl Iterator<Item = &'d str>) -> Option<Address> {
    let (name, version) = (PackageName::from_normalised(name.to_owned()), Version(version.to_owned()));
    let is_own = |address: &&str| {
        let path = address.split(['?', '#']).next().unwrap_or(address);
        let found = version_of(&name, &decode_percent(super::base(path)));
        found.is_some_and(|found| found == version || Pypi.same_version(&found, &version))
    };
    addresses.into_iter().find(|address| !is_own(address)).map(Address::new)
}

/// One thing that a `pyproject.toml` asks for.
pub(super) struct Asked {
    pub requirement: Requirement,
    pub scope: Scope,
    pub group: Option<String>,
    pub line: u32,
}

impl Asked {
    pub fn why(&self) -> Why<'_> {
        let why = Why::new(self.scope).requirement(self.requirement.wanted());
        self.group.as_deref().map_or(why, |group| why.group(group))
    }
}

/// Everything that a `pyproject.toml` asks for: by the standard, and by the tables of poetry and pdm.
pub(super) fn asked(root: Node<'_, '_>, reading: &mut Reading) -> Vec<Asked> {
    let mut out = Vec::new();
    let mut list = |items: &mut dyn Iterator<Item = Node<'_, '_>>, scope: Scope, group: Option<&str>| {
        for item in items {
            // Tables in lists include other groups, which are read by themselves.
            let Some(text) = item.scalar() else { continue };
            match Requirement::parse(text) {
                Some(requirement) => {
                    out.push(Asked { requirement, scope, group: group.map(str::to_owned), line: item.line() });
                }
                None => reading.problem("malformed-requirement", item.line(), super::shown(text)),
            }
        }
    };
    if let Some(project) = root.get("project") {
        list(&mut project.inside("dependencies"), Scope::Normal, None);
        for extra in project.inside("optional-dependencies") {
            list(&mut extra.children(), Scope::Optional, Some(extra.key()));
        }
    }
    for group in root.inside("dependency-groups") {
        list(&mut group.children(), Scope::Dev, Some(group.key()));
    }
    let tool = root.get("tool");
    for group in tool.and_then(|tool| tool.get("pdm")).iter().flat_map(|pdm| pdm.inside("dev-dependencies")) {
        list(&mut group.children(), Scope::Dev, Some(group.key()));
    }
    if let Some(poetry) = tool.and_then(|tool| tool.get("poetry")) {
        out.extend(poetry.inside("dependencies").filter_map(|entry| of_poetry(entry, Scope::Normal, None)));
        out.extend(poetry.inside("dev-dependencies").filter_map(|entry| of_poetry(entry, Scope::Dev, Some("dev"))));
        for group in poetry.inside("group") {
            let entries = group.inside("dependencies");
            out.extend(entries.filter_map(|entry| of_poetry(entry, Scope::Dev, Some(group.key()))));
        }
    }
    out
}

/// `name = "^1"` or `name = { version = "^1", extras = [...], optional = true }`.
fn of_poetry(entry: Node<'_, '_>, scope: Scope, group: Option<&str>) -> Option<Asked> {
    if entry.key() == "python" {
        return None;
    }
    let requirement = Requirement {
        name: normalise(entry.key()),
        extras: entry.inside("extras").filter_map(|one| one.scalar().map(normalise)).collect(),
        specifier: entry.scalar().or(entry.str("version")).unwrap_or_default().to_owned(),
        address: ["git", "url", "path"].iter().find_map(|key| entry.str(key)).map(str::to_owned),
        marker: entry.str("markers").unwrap_or_default().to_owned(),
    };
    let is_optional = entry.get("optional").is_some_and(Node::is_true);
    let scope = if is_optional { Scope::Optional } else { scope };
    Some(Asked { requirement, scope, group: group.map(str::to_owned), line: entry.line() })
}
