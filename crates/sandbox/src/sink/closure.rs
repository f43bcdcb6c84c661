//! The packages that were resolved and verified before the run, served as their registries would. They are known by the
//! shape of the path alone: whatever the registry is called, it is this one.

use artifact::Limits;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use data_encoding::HEXLOWER;
use model::Ecosystem;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::personas::Answer;

/// One package file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Whose package it is.
    pub ecosystem: Ecosystem,
    /// Its normalised name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of its file.
    pub file_name: String,
    /// The file, verified by whoever fetched it.
    pub bytes: Vec<u8>,
}

/// Everything that may be installed during a run.
#[derive(Debug, Clone, Default)]
pub struct Closure {
    offers: Vec<Offer>,
}

/// A package with what its registry says of it.
#[derive(Debug, Clone)]
struct Offer {
    package: Package,
    /// The manifest of an npm package, completed with its checksums.
    manifest: Value,
    sha256: String,
}

impl Closure {
    /// The closure of these files. Manifests are read from the packages themselves.
    pub fn new(packages: Vec<Package>) -> Self {
        Self { offers: packages.into_iter().map(Offer::new).collect() }
    }

    /// What the registry of one of them would answer. `base` is the scheme and host that was asked.
    pub(crate) fn answer(&self, base: &str, path: &str, accept: &str, is_manager: bool) -> Option<Answer> {
        let path = unescape(path.split('?').next().unwrap_or(path));
        let path = path.trim_start_matches('/');
        self.npm(base, path, is_manager).or_else(|| self.pypi(path, accept))
    }

    fn npm(&self, base: &str, path: &str, is_manager: bool) -> Option<Answer> {
        if let Some((name, file)) = path.split_once("/-/") {
            let wanted = |offer: &&Offer| {
                // Scoped packages lose their scope in the name of the file.
                offer.is(Ecosystem::Npm, name) && offer.tarball() == file
            };
            return self.offers.iter().find(wanted).map(|offer| offer.file("application/octet-stream"));
        }
        let versions: Vec<&Offer> = self.offers.iter().filter(|offer| offer.is(Ecosystem::Npm, path)).collect();
        let Some(newest) = versions.iter().max_by_key(|offer| order(&offer.package.version)) else {
            let is_name = !path.starts_with("-/") && !path.is_empty();
            return (is_manager && is_name).then(|| Answer::json(404, &json!({"error": "Not found"})));
        };
        let mut listed = serde_json::Map::new();
        for offer in &versions {
            let mut manifest = offer.manifest.clone();
            manifest["dist"]["tarball"] = json!(format!("{base}/{path}/-/{}", offer.tarball()));
            listed.insert(offer.package.version.clone(), manifest);
        }
        Some(Answer::json(
            200,
            &json!({"_id": path, "name": path, "dist-tags": {"latest": newest.package.version}, "versions": listed}),
        ))
    }

    fn pypi(&self, path: &str, accept: &str) -> Option<Answer> {
        if let Some((_, rest)) = path.rsplit_once("packages/") {
            let wanted = |offer: &&Offer| {
                offer.package.ecosystem == Ecosystem::Pypi
                    && rest == format!("{}/{}", offer.sha256, offer.package.file_name)
            };
            return self.offers.iter().find(wanted).map(|offer| offer.file("application/octet-stream"));
        }
        let (prefix, name) = path.trim_end_matches('/').rsplit_once('/')?;
        if prefix != "simple" && !prefix.ends_with("/simple") {
            return None;
        }
        let files: Vec<&Offer> = self.offers.iter().filter(|offer| offer.is(Ecosystem::Pypi, name)).collect();
        if files.is_empty() {
            return Some(Answer::text(404, "text/plain", "Not found"));
        }
        let link = |offer: &&Offer| format!("../../packages/{}/{}", offer.sha256, offer.package.file_name);
        if accept.contains("application/vnd.pypi.simple.v1+json") {
            let listed: Vec<Value> = files
                .iter()
                .map(|offer| {
                    json!({"filename": offer.package.file_name, "url": link(offer), "hashes": {"sha256": offer.sha256}})
                })
                .collect();
            let body = json!({"meta": {"api-version": "1.0"}, "name": name, "files": listed});
            return Some(Answer { kind: "application/vnd.pypi.simple.v1+json".to_owned(), ..Answer::json(200, &body) });
        }
        let listed: String = files
            .iter()
            .map(|offer| {
                format!("<a href=\"{}#sha256={}\">{}</a>\n", link(offer), offer.sha256, offer.package.file_name)
            })
            .collect();
        Some(Answer::text(200, "text/html", &format!("<!DOCTYPE html><html><body>\n{listed}</body></html>\n")))
    }
}

impl Offer {
    fn new(package: Package) -> Self {
        let sha256 = HEXLOWER.encode(&Sha256::digest(&package.bytes));
        let manifest = if package.ecosystem == Ecosystem::Npm { manifest(&package) } else { Value::Null };
        Self { package, manifest, sha256 }
    }

    fn is(&self, ecosystem: Ecosystem, name: &str) -> bool {
        self.package.ecosystem == ecosystem && self.package.name == name
    }

    fn tarball(&self) -> String {
        let short = self.package.name.rsplit('/').next().unwrap_or(&self.package.name);
        format!("{short}-{}.tgz", self.package.version)
    }

    fn file(&self, kind: &str) -> Answer {
        Answer {
            status: 200,
            kind: kind.to_owned(),
            headers: Vec::new(),
            body: self.package.bytes.clone().into(),
            file: true,
        }
    }
}

/// The manifest in a package, with its checksums.
fn manifest(package: &Package) -> Value {
    let tree = artifact::open(&package.bytes, &Limits { depth: 0, ..Limits::default() });
    let tree = tree.map(|parsed| parsed.value).ok();
    let text = tree.as_ref().and_then(|tree| tree.inside("package.json")).map(|file| file.bytes.text().into_owned());
    let read: Option<Value> = text.and_then(|text| serde_json::from_str(text.trim_start_matches('\u{feff}')).ok());
    let mut manifest = read.filter(Value::is_object).unwrap_or_else(|| json!({}));
    manifest["name"] = json!(package.name);
    manifest["version"] = json!(package.version);
    let hooks = ["preinstall", "install", "postinstall"];
    if hooks.iter().any(|hook| manifest["scripts"].get(hook).is_some()) {
        manifest["hasInstallScript"] = json!(true);
    }
    manifest["dist"] = json!({
        "shasum": HEXLOWER.encode(&Sha1::digest(&package.bytes)),
        "integrity": format!("sha512-{}", STANDARD.encode(Sha512::digest(&package.bytes))),
    });
    manifest
}

/// Numbers of a version in order: good enough to call one of a few the newest.
fn order(version: &str) -> (bool, Vec<u64>) {
    let plain = !version.contains('-');
    (plain, version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect())
}

fn unescape(path: &str) -> String {
    ["%2f", "%2F"].iter().fold(path.replace("%40", "@"), |path, escaped| path.replace(escaped, "/"))
}
