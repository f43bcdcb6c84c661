//! RubyGems: the compact index.

use std::{cmp::Ordering, collections::BTreeMap};

use model::{Algorithm, Checksum, Ecosystem, PackageName, Parsed, Problem, Version};
use url::Url;

use crate::{
    Artifact, ArtifactKind, NameError, Package, Page, ReadError, Registry, Release, Request, package::strongest,
};

pub mod manifest;

/// The protocol of RubyGems.
#[derive(Debug, Clone, Copy)]
pub struct Gem;

impl Registry for Gem {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Gem
    }

    fn name(&self, text: &str) -> Result<PackageName, NameError> {
        let wrong = |reason| NameError::new(Ecosystem::Gem, text, reason);
        if text.is_empty() || text.len() > 255 {
            return Err(wrong("it must have 1 to 255 characters"));
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(wrong("gem names have ASCII letters, digits, -, _ and . only"));
        }
        if text.starts_with(['-', '.']) {
            return Err(wrong("it starts with a sign that no gem name starts with"));
        }
        Ok(PackageName::from_normalised(text.to_owned()))
    }

    fn order(&self, one: &Version, other: &Version) -> Ordering {
        order_segments(&segments(one.as_str()), &segments(other.as_str()))
            .then_with(|| one.as_str().cmp(other.as_str()))
    }

    fn is_prerelease(&self, version: &Version) -> bool {
        version.as_str().chars().any(|c| c.is_ascii_alphabetic() || c == '-')
    }

    fn metadata_request(&self, name: &PackageName) -> Request {
        Request { path: format!("info/{name}"), accept: "text/plain, */*" }
    }

    fn read_metadata(&self, name: &PackageName, page: &Page<'_>) -> Result<Parsed<Package>, ReadError> {
        if page.is_html() {
            return Err(ReadError::Html);
        }
        let text = std::str::from_utf8(page.body).map_err(|error| ReadError::Malformed(error.to_string()))?;
        let mut problems = Vec::new();
        let mut releases: Vec<Release> = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !matches!(line.trim(), "" | "---")) {
            match read_line(name, line, page.base) {
                Ok((version, artifact)) => match releases.iter_mut().find(|one| one.version == version) {
                    Some(release) => release.artifacts.push(artifact),
                    None => releases.push(Release { version, yanked: None, artifacts: vec![artifact] }),
                },
                Err(reason) => {
                    let detail = format!("line {} of the index file cannot be read: {reason}", number + 1);
                    problems.push(Problem::new("malformed-index-line", "", detail));
                }
            }
        }
        if releases.is_empty() {
            return Err(problems.first().map_or_else(
                || ReadError::Unexpected("it lists no versions".into()),
                |problem| ReadError::Malformed(problem.detail.clone()),
            ));
        }
        Ok(Parsed { value: Package { name: name.clone(), releases, tags: BTreeMap::new() }, problems })
    }

    /// The source gem, which compiles on the user's machine; without one, the gem of the most common platform.
    fn select<'a>(&self, release: &'a Release) -> Vec<&'a Artifact> {
        let rank = |artifact: &&Artifact| match &artifact.kind {
            ArtifactKind::Gem { platform: None } => 0,
            ArtifactKind::Gem { platform: Some(platform) } if platform.starts_with("x86_64-linux") => 1,
            _ => 2,
        };
        release.artifacts.iter().min_by_key(rank).into_iter().collect()
    }

    fn same_version(&self, one: &Version, other: &Version) -> bool {
        order_segments(&segments(one.as_str()), &segments(other.as_str())).is_eq()
    }
}

/// Reads `VERSION[-PLATFORM] DEPENDENCIES|checksum:HEX,ruby:...`.
fn read_line(name: &PackageName, line: &str, base: &Url) -> Result<(Version, Artifact), &'static str> {
    let (full, rest) = line.split_once(' ').ok_or("it has one field only")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !full.starts_with(|c: char| c.is_ascii_digit()) || !full.chars().all(allowed) {
        return Err("its version cannot be one");
    }
    let (version, platform) = match full.split_once('-') {
        Some((version, platform)) => (version, Some(platform.to_owned())),
        None => (full, None),
    };
    let requirements = rest.split_once('|').map_or("", |(_, requirements)| requirements);
    let checksums = requirements.split(',').filter_map(|one| one.strip_prefix("checksum:"));
    let file_name = format!("{name}-{full}.gem");
    let request = Request { path: format!("gems/{file_name}"), accept: "*/*" };
    let artifact = Artifact {
        url: request.address(base),
        file_name,
        checksum: strongest(checksums.filter_map(|hex| Checksum::from_hex(Algorithm::Sha256, hex))),
        size: None,
        kind: ArtifactKind::Gem { platform },
    };
    Ok((Version(version.to_owned()), artifact))
}

/// One part of a gem version.
#[derive(Debug, PartialEq, Eq)]
enum Segment {
    /// A number, without leading zeros, so that no number is too large.
    Number(String),
    Word(String),
}

/// The parts of a version, without the zeros that end its numeric start and its rest: `1.0` is `1`, `1.0.a` is `1.a`.
fn segments(version: &str) -> Vec<Segment> {
    let text = version.trim().replace('-', ".pre.");
    let mut parts = Vec::new();
    for piece in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut rest = piece;
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            rest = after;
            parts.push(match digits {
                true => Segment::Number(part.trim_start_matches('0').to_owned()),
                false => Segment::Word(part.to_owned()),
            });
        }
    }
    let tail = parts.iter().position(|part| matches!(part, Segment::Word(_))).unwrap_or(parts.len());
    let mut rest = parts.split_off(tail);
    for half in [&mut parts, &mut rest] {
        while matches!(half.last(), Some(Segment::Number(number)) if number.is_empty()) {
            half.pop();
        }
    }
    parts.append(&mut rest);
    parts
}

fn order_segments(one: &[Segment], other: &[Segment]) -> Ordering {
    let zero = Segment::Number(String::new());
    let length = one.len().max(other.len());
    let pairs = (0..length).map(|at| (one.get(at).unwrap_or(&zero), other.get(at).unwrap_or(&zero)));
    pairs.map(|(a, b)| order_segment(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn order_segment(one: &Segment, other: &Segment) -> Ordering {
    match (one, other) {
        (Segment::Number(a), Segment::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        (Segment::Word(a), Segment::Word(b)) => a.cmp(b),
        // A word marks a pre-release: 1.0.rc is before 1.0.0.
        (Segment::Word(_), Segment::Number(_)) => Ordering::Less,
        (Segment::Number(_), Segment::Word(_)) => Ordering::Greater,
    }
}
