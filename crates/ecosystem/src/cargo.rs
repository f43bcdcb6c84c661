//! crates.io and its kin: the sparse index.
//!
//! Formats: <https://doc.rust-lang.org/cargo/reference/registry-index.html>.

use std::{cmp::Ordering, collections::BTreeMap};

use model::{Algorithm, Checksum, Ecosystem, PackageName, Parsed, Problem, Version};
use serde::Deserialize;
use url::Url;

use crate::{Artifact, ArtifactKind, NameError, Package, Page, ReadError, Registry, Release, Request};

pub mod manifest;

/// The sparse index protocol of cargo.
#[derive(Debug, Clone, Copy)]
pub struct Cargo;

impl Registry for Cargo {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Cargo
    }

    fn name(&self, text: &str) -> Result<PackageName, NameError> {
        let wrong = |reason| NameError::new(Ecosystem::Cargo, text, reason);
        if text.is_empty() || text.len() > 64 {
            return Err(wrong("it must have 1 to 64 characters"));
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(wrong("crate names have ASCII letters, digits, - and _ only"));
        }
        // The index has one spelling of each name, and the download must use it: it is read from the index line.
        Ok(PackageName::from_normalised(text.to_owned()))
    }

    fn order(&self, one: &Version, other: &Version) -> Ordering {
        let parse = |version: &Version| semver::Version::parse(version.as_str()).ok();
        let text = one.as_str().cmp(other.as_str());
        match (parse(one), parse(other)) {
            (Some(a), Some(b)) => a.cmp(&b).then(text),
            (a, b) => a.is_some().cmp(&b.is_some()).then(text),
        }
    }

    fn is_prerelease(&self, version: &Version) -> bool {
        semver::Version::parse(version.as_str()).is_ok_and(|version| !version.pre.is_empty())
    }

    fn allows(&self, requirement: &str, version: &Version) -> bool {
        let wanted = semver::VersionReq::parse(if requirement.is_empty() { "*" } else { requirement });
        match (wanted, semver::Version::parse(version.as_str())) {
            (Ok(wanted), Ok(version)) => wanted.matches(&version),
            _ => requirement == version.as_str(),
        }
    }

    fn configuration_request(&self) -> Option<Request> {
        Some(Request { path: "config.json".into(), accept: "application/json" })
    }

    fn metadata_request(&self, name: &PackageName) -> Request {
        let lower = name.as_str().to_ascii_lowercase();
        Request { path: format!("{}/{lower}", prefix(&lower)), accept: "text/plain, */*" }
    }

    /// `-` and `_` are the same to the registry, which lets nobody take both, but not to the paths of its index.
    fn other_spellings(&self, name: &PackageName) -> Vec<PackageName> {
        let swapped = [name.as_str().replace('-', "_"), name.as_str().replace('_', "-")];
        swapped.into_iter().filter(|one| one != name.as_str()).map(PackageName::from_normalised).collect()
    }

    fn read_metadata(&self, name: &PackageName, page: &Page<'_>) -> Result<Parsed<Package>, ReadError> {
        let template = template(page)?;
        if page.is_html() {
            return Err(ReadError::Html);
        }
        let text = std::str::from_utf8(page.body).map_err(|error| ReadError::Malformed(error.to_string()))?;
        let mut problems = Vec::new();
        let mut releases = Vec::new();
        let mut spelling = name.clone();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let read = serde_json::from_str::<Line>(line).map_err(|error| error.to_string());
            match read.and_then(|line| Ok((line.release(&template)?, line.name))) {
                Ok((release, name)) => {
                    spelling = PackageName::from_normalised(name);
                    releases.push(release);
                }
                Err(reason) => {
                    let detail = format!("line {} of the index file cannot be read: {reason}", number + 1);
                    problems.push(Problem::new("malformed-index-line", "", detail));
                }
            }
        }
        match (releases.is_empty(), problems.first()) {
            (true, Some(problem)) => Err(ReadError::Malformed(problem.detail.clone())),
            (true, None) => Err(ReadError::Unexpected("it lists no versions".into())),
            _ if !spelling.as_str().replace('-', "_").eq_ignore_ascii_case(&name.as_str().replace('-', "_")) => {
                Err(ReadError::Unexpected("it is about another crate".into()))
            }
            _ => Ok(Parsed { value: Package { name: spelling, releases, tags: BTreeMap::new() }, problems }),
        }
    }
}

/// The folder of a crate in the index.
pub fn prefix(name: &str) -> String {
    match name.len() {
        1 | 2 => name.len().to_string(),
        3 => format!("3/{}", &name[..1]),
        _ => format!("{}/{}", &name[..2], &name[2..4]),
    }
}

/// Where crates are downloaded, with cargo's markers to be filled in.
struct Template(String);

impl Template {
    fn address(&self, name: &str, version: &str, checksum: &str) -> Option<Url> {
        const MARKERS: [&str; 5] = ["{crate}", "{version}", "{prefix}", "{lowerprefix}", "{sha256-checksum}"];
        let template = &self.0;
        if !MARKERS.iter().any(|marker| template.contains(marker)) {
            let folder = template.trim_end_matches('/');
            return Url::parse(&format!("{folder}/{name}/{}/download", version.replace('+', "%2B"))).ok();
        }
        let lower = name.to_ascii_lowercase();
        let filled = template
            .replace("{crate}", name)
            .replace("{version}", &version.replace('+', "%2B"))
            .replace("{prefix}", &prefix(name))
            .replace("{lowerprefix}", &prefix(&lower))
            .replace("{sha256-checksum}", checksum);
        Url::parse(&filled).ok()
    }
}

fn template(page: &Page<'_>) -> Result<Template, ReadError> {
    #[derive(Deserialize)]
    struct Config {
        dl: String,
    }
    let body = page.configuration.ok_or_else(|| ReadError::Unexpected("the index has no config.json".into()))?;
    if (Page { body, ..*page }).is_html() {
        return Err(ReadError::Html);
    }
    let config: Config =
        serde_json::from_slice(body).map_err(|error| ReadError::Malformed(format!("config.json: {error}")))?;
    match Url::parse(&config.dl.replace(['{', '}'], "")) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Template(config.dl)),
        _ => Err(ReadError::Malformed("config.json: dl is no web address".into())),
    }
}

/// Where a crate can be downloaded, as the index's `config.json` says.
pub fn download(configuration: &[u8], name: &str, version: &str, sha256: &str) -> Result<Url, ReadError> {
    let none = Url::parse("http://registry.example/").map_err(|error| ReadError::Unexpected(error.to_string()))?;
    let page = Page { url: &none, base: &none, content_type: "", body: b"", configuration: Some(configuration) };
    let address = template(&page)?.address(name, version, sha256);
    address.ok_or_else(|| ReadError::Malformed("config.json: dl leads nowhere".into()))
}

#[derive(Deserialize)]
struct Line {
    name: String,
    vers: String,
    cksum: String,
    #[serde(default)]
    yanked: bool,
}

impl Line {
    fn release(&self, template: &Template) -> Result<Release, String> {
        let checksum = Checksum::from_hex(Algorithm::Sha256, &self.cksum).ok_or("its checksum is no sha256 digest")?;
        if Cargo.name(&self.name).is_err() || self.vers.contains(['/', '?', '#', '%', '\\']) {
            return Err("its name or version cannot be one".into());
        }
        let url = template.address(&self.name, &self.vers, &self.cksum).ok_or("its download address is none")?;
        let artifact = Artifact {
            file_name: format!("{}-{}.crate", self.name, self.vers),
            url,
            checksum: Some(checksum),
            size: None,
            kind: ArtifactKind::Crate,
        };
        let yanked = self.yanked.then(|| "yanked".to_owned());
        Ok(Release { version: Version(self.vers.clone()), yanked, artifacts: vec![artifact] })
    }
}
