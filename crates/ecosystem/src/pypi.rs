//! PyPI: the simple repository API, as HTML (PEP 503) and as JSON (PEP 691).
//!
//! Formats: <https://packaging.python.org/en/latest/specifications/simple-repository-api/>.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    str::FromStr,
};

use model::{Algorithm, Checksum, Ecosystem, PackageName, Parsed, Problem, Version};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    Artifact, ArtifactKind, NameError, Package, Page, ReadError, Registry, Release, Request,
    package::{checksum_of_fragment, file_name, strongest},
};

mod links;
pub mod manifest;

/// The protocol of PyPI.
#[derive(Debug, Clone, Copy)]
pub struct Pypi;

/// JSON first: it has sizes. HTML is what every index has.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

impl Registry for Pypi {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn name(&self, text: &str) -> Result<PackageName, NameError> {
        let wrong = |reason| NameError::new(Ecosystem::Pypi, text, reason);
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !edge(text.chars().next()) || !edge(text.chars().last()) {
            return Err(wrong("it must start and end with a letter or digit"));
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(wrong("Python package names have ASCII letters, digits, -, _ and . only"));
        }
        Ok(PackageName::from_normalised(normalise(text)))
    }

    fn order(&self, one: &Version, other: &Version) -> Ordering {
        let text = one.as_str().cmp(other.as_str());
        match (parse(one), parse(other)) {
            (Some(a), Some(b)) => a.cmp(&b).then(text),
            // Versions from before PEP 440 come before all others, as setuptools had it.
            (a, b) => a.is_some().cmp(&b.is_some()).then(text),
        }
    }

    fn is_prerelease(&self, version: &Version) -> bool {
        parse(version).is_some_and(|version| version.any_prerelease())
    }

    fn metadata_request(&self, name: &PackageName) -> Request {
        Request { path: format!("{name}/"), accept: ACCEPT }
    }

    fn read_metadata(&self, name: &PackageName, page: &Page<'_>) -> Result<Parsed<Package>, ReadError> {
        let is_json = page.body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
        let Listing { files, status } = if is_json { read_json(page)? } else { links::read(page)? };
        let mut problems = Vec::new();
        let mut releases: Vec<Release> = Vec::new();
        let mut at: HashMap<Result<pep440_rs::Version, Version>, usize> = HashMap::new();
        for File { artifact, yanked } in files {
            let Some(version) = version_of(name, &artifact.file_name) else {
                let detail = format!("the name of \"{}\" tells no version", artifact.file_name);
                problems.push(Problem::new("release-without-version", "", detail));
                continue;
            };
            // One release may be spelled in several ways: 1.0 in the sdist, 1.0.0 in the wheel.
            let key = parse(&version).ok_or_else(|| version.clone());
            let index = *at.entry(key).or_insert_with(|| {
                releases.push(Release { version, yanked: None, artifacts: Vec::new() });
                releases.len() - 1
            });
            releases[index].yanked = releases[index].yanked.take().or(yanked);
            releases[index].artifacts.push(artifact);
        }
        match releases.is_empty() {
            // PEP 792: a project in quarantine shows no files.
            true if status.as_deref() == Some("quarantined") => Err(ReadError::Quarantined),
            true => Err(ReadError::Unexpected("it lists no files".into())),
            false => Ok(Parsed { value: Package { name: name.clone(), releases, tags: BTreeMap::new() }, problems }),
        }
    }

    /// The source distribution, whose set-up code runs at installation, and beside it the purest, smallest wheel, which is
    /// what most users get. Either can be poisoned alone.
    fn select<'a>(&self, release: &'a Release) -> Vec<&'a Artifact> {
        let rank = |artifact: &&Artifact| {
            let pure = matches!(artifact.kind, ArtifactKind::Wheel { pure: true });
            let linux = artifact.file_name.contains("linux") && artifact.file_name.contains("x86_64");
            (!pure, artifact.size.unwrap_or(u64::MAX), !linux)
        };
        let sdists = release.artifacts.iter().filter(|one| one.kind == ArtifactKind::Sdist);
        let wheels = release.artifacts.iter().filter(|one| matches!(one.kind, ArtifactKind::Wheel { .. }));
        // Where there are several source archives, the .tar.gz is the one that pip takes.
        let sdist = sdists.min_by_key(|one| !one.file_name.ends_with(".tar.gz"));
        let chosen: Vec<_> = sdist.into_iter().chain(wheels.min_by_key(rank)).collect();
        if chosen.is_empty() { release.artifacts.iter().take(1).collect() } else { chosen }
    }

    fn allows(&self, requirement: &str, version: &Version) -> bool {
        match (pep440_rs::VersionSpecifiers::from_str(requirement), parse(version)) {
            (Ok(specifiers), Some(version)) => specifiers.contains(&version),
            _ => requirement == version.as_str(),
        }
    }

    fn same_version(&self, one: &Version, other: &Version) -> bool {
        parse(one).is_some_and(|one| Some(one) == parse(other))
    }
}

/// PEP 503: lower case, and one hyphen for each run of `-`, `_` and `.`.
pub fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

fn parse(version: &Version) -> Option<pep440_rs::Version> {
    pep440_rs::Version::from_str(version.as_str()).ok()
}

/// A page of either form.
struct Listing {
    files: Vec<File>,
    /// The project's status, where the page says it.
    status: Option<String>,
}

/// A file of the project, as either form of the page lists it.
struct File {
    artifact: Artifact,
    yanked: Option<String>,
}

impl File {
    fn new(url: Url, hashes: impl Iterator<Item = Checksum>, size: Option<u64>, yanked: Option<String>) -> Self {
        let mut url = url;
        let fragment = url.fragment().and_then(checksum_of_fragment);
        url.set_fragment(None);
        let file_name = file_name(&url);
        let kind = kind(&file_name);
        Self { artifact: Artifact { file_name, checksum: strongest(hashes.chain(fragment)), size, kind, url }, yanked }
    }
}

const SDISTS: [&str; 7] = [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tar.z", ".tar"];

fn kind(file_name: &str) -> ArtifactKind {
    let lower = file_name.to_ascii_lowercase();
    if lower.ends_with(".whl") {
        ArtifactKind::Wheel { pure: lower.ends_with("-any.whl") }
    } else if SDISTS.iter().any(|end| lower.ends_with(end)) {
        ArtifactKind::Sdist
    } else {
        ArtifactKind::Other
    }
}

/// The version in a file's name. Both parts of `name-version` may contain hyphens, so the name decides where to cut.
pub fn version_of(name: &PackageName, file_name: &str) -> Option<Version> {
    let lower = file_name.to_ascii_lowercase();
    let ends = SDISTS.into_iter().chain([".whl", ".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg"]);
    let end = ends.filter(|end| lower.ends_with(end)).max_by_key(|end| end.len())?;
    let stem = &file_name[..file_name.len() - end.len()];
    let cuts = stem.match_indices('-').map(|(at, _)| at);
    let (_, rest) = cuts.map(|at| (&stem[..at], &stem[at + 1..])).find(|(head, _)| normalise(head) == name.as_str())?;
    // What follows the version in built files is tags.
    let version = match end {
        _ if SDISTS.contains(&end) => rest,
        _ => rest.split('-').next().unwrap_or_default(),
    };
    (!version.is_empty()).then(|| Version(version.to_owned()))
}

fn read_json(page: &Page<'_>) -> Result<Listing, ReadError> {
    #[derive(Deserialize)]
    struct Project {
        files: Vec<Listed>,
        #[serde(default, rename = "project-status")]
        status: Value,
    }
    #[derive(Deserialize)]
    struct Listed {
        url: String,
        #[serde(default)]
        hashes: BTreeMap<String, Value>,
        #[serde(default)]
        size: Value,
        #[serde(default)]
        yanked: Value,
    }
    let project: Project =
        serde_json::from_slice(page.body).map_err(|error| ReadError::Malformed(error.to_string()))?;
    let status = project.status["status"].as_str().map(str::to_owned);
    let files = project.files.into_iter().filter_map(|file| {
        let url = page.url.join(&file.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let hashes = file.hashes.iter();
        let hashes = hashes.filter_map(|(name, hex)| {
            Checksum::from_hex(Algorithm::from_word(name)?, hex.as_str().unwrap_or_default())
        });
        let yanked = match file.yanked {
            Value::Bool(true) => Some("yanked".to_owned()),
            Value::String(reason) if !reason.is_empty() => Some(format!("yanked: {reason}")),
            Value::String(_) => Some("yanked".to_owned()),
            _ => None,
        };
        Some(File::new(url, hashes, file.size.as_u64(), yanked))
    });
    Ok(Listing { files: files.collect(), status })
}
