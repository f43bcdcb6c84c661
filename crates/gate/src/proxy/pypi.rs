//! PyPI: the simple index as HTML and as JSON is filtered, its files are gated, their metadata with them.

use std::{collections::BTreeMap, sync::Arc};

use ecosystem::{Registry as _, pypi, pypi::Pypi};
use model::{Algorithm, Checksum, Ecosystem, PackageName, PackageType};
use net::{Answer, NetError};
use serde_json::Value;
use url::Url;

use super::{
    Handed, Proxy, Release, Why, address,
    ask::{Ask, decoded},
    html,
    npm::seconds,
    place,
    reply::Reply,
};
use crate::inspect::Analyst;

/// The word for it in addresses. After it stands the number of the index, since clients mix several.
pub(super) const PROTOCOL: &str = "pypi";

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "text/html; charset=utf-8";
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

pub(super) async fn answer<A: Analyst>(proxy: &Proxy<A>, ask: &Ask) -> Reply {
    if !ask.is_reading() {
        return Reply::error(403, "a guarded command publishes nothing; run it without lazaret guard");
    }
    let path = decoded(&ask.path);
    let Some((number, rest)) = path.split_once('/') else { return Reply::missing("this address names no index") };
    let index = number.parse::<usize>().ok();
    let index = index.and_then(|number| Some((number, indexes(proxy).into_iter().nth(number)?)));
    let Some((number, base)) = index else { return Reply::missing("this address names no index") };
    match rest.trim_end_matches('/').split_once('/') {
        Some(("simple", name)) if !name.contains('/') => {
            listing(proxy, ask, number, &base, &pypi::normalise(name)).await
        }
        Some(("at", _)) => {
            // Encoded as the registry has it: the client repeats what it was given.
            let raw = ask.path.split_once('/').map_or("", |(_, rest)| rest);
            file_or_metadata(proxy, ask, number, &base, raw).await
        }
        _ => Reply::missing("only listings of packages and their files are here"),
    }
}

/// The indexes that the user has configured.
fn indexes<A: Analyst>(proxy: &Proxy<A>) -> Vec<Url> {
    let all = proxy.upstream.candidates(Ecosystem::Pypi, "any").unwrap_or_default();
    all.into_iter().map(|one| one.url.clone()).collect()
}

async fn file_or_metadata<A: Analyst>(proxy: &Proxy<A>, ask: &Ask, number: usize, base: &Url, place: &str) -> Reply {
    let (found, is_metadata) = match place.strip_suffix(".metadata") {
        Some(file) => (known(proxy, ask, number, base, file).await, true),
        None => (known(proxy, ask, number, base, place).await, false),
    };
    let file = match found {
        Some(file) => file,
        None => return Reply::missing("no listing of its package has named this file"),
    };
    if !is_metadata {
        return proxy.gate(&file).await;
    }
    // PEP 658: it tells what a version needs, and a resolver that reads it may choose the version.
    let checksums: Vec<Checksum> = file.checksum.iter().cloned().collect();
    if let Err(why) = proxy.desk.list(&file.release(&checksums)) {
        return Reply::blocked(&file.purl(), &why);
    }
    let mut url = file.url.clone();
    url.set_path(&format!("{}.metadata", file.url.path()));
    match proxy.upstream.file(&url, None).await {
        Ok(bytes) => Reply::new("text/plain; charset=utf-8", bytes),
        Err(error) => Reply::failed(&error),
    }
}

/// The file at this place: one that was listed, or one that a lockfile names and its package's listing has.
async fn known<A: Analyst>(proxy: &Proxy<A>, ask: &Ask, number: usize, base: &Url, place: &str) -> Option<Arc<Handed>> {
    let key = key(number, place);
    if let Some(file) = proxy.handed(&key) {
        return Some(file);
    }
    let url = address(&decoded(place))?;
    let file_name = decoded(url.path().rsplit('/').next()?);
    for name in names(&file_name) {
        listing(proxy, ask, number, base, &pypi::normalise(name)).await;
        if let Some(file) = proxy.handed(&key) {
            return Some(file);
        }
    }
    None
}

/// Clients write the same place with other escapes.
fn key(number: usize, place: &str) -> String {
    format!("{PROTOCOL} {number}/{}", decoded(place))
}

/// The names that a file's name may start with. In a wheel's it ends at the first hyphen; in an old archive's it may have
/// some of its own.
fn names(file_name: &str) -> Vec<&str> {
    let cuts = file_name.match_indices('-').map(|(at, _)| &file_name[..at]);
    if file_name.ends_with(".whl") {
        cuts.take(1).collect()
    } else {
        cuts.collect::<Vec<_>>().into_iter().rev().collect()
    }
}

async fn listing<A: Analyst>(proxy: &Proxy<A>, ask: &Ask, number: usize, base: &Url, name: &str) -> Reply {
    // The dates are in the JSON alone; who cannot read it gets the HTML made of it by the registry.
    let wants_json = ask.header(hyper::header::ACCEPT).is_some_and(|accept| accept.contains(JSON));
    let request = Pypi.metadata_request(&PackageName::from_normalised(name.to_owned()));
    let accept = if wants_json { ACCEPT } else { "text/html" };
    let answer = match proxy.upstream.document(&request.address(base), accept).await {
        Ok(answer) => answer,
        Err(error) => {
            if !matches!(error, NetError::NotFound { .. }) {
                proxy.desk.ledger.failed(&format!("pypi:{name}"), &error.to_string());
            }
            return Reply::failed(&error);
        }
    };
    let mut page = Listing { proxy, name, number, answer: &answer, here: format!("{}/{number}", ask.base) };
    let is_json = answer.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if !is_json {
        return Reply::new(HTML, page.html());
    }
    match page.json() {
        Ok(body) => Reply::new(JSON, body),
        Err(error) => Reply::error(502, &format!("the registry's answer about {name} is malformed: {error}")),
    }
}

/// A page on its way.
struct Listing<'a, A> {
    proxy: &'a Proxy<A>,
    name: &'a str,
    number: usize,
    answer: &'a Answer,
    here: String,
}

/// A file as a page lists it.
struct Listed<'a> {
    address: &'a str,
    file_name: Option<&'a str>,
    sha256: Option<&'a str>,
    date: Option<&'a str>,
}

impl<A: Analyst> Listing<'_, A> {
    /// Where a file is here, if it may be listed.
    fn place(&mut self, one: &Listed<'_>) -> Option<String> {
        let mut url = self.answer.url.join(one.address).ok()?;
        let fragment = url.fragment().map(str::to_owned);
        url.set_fragment(None);
        let file_name = match one.file_name {
            Some(name) => name.to_owned(),
            None => decoded(url.path().rsplit('/').next().unwrap_or_default()),
        };
        // What has no version is no package: a link to something else.
        let version = pypi::version_of(&PackageName::from_normalised(self.name.to_owned()), &file_name)?.0;
        let fragment_hash = fragment.as_deref().and_then(|text| text.strip_prefix("sha256="));
        let checksum = one.sha256.or(fragment_hash).and_then(|hex| Checksum::from_hex(Algorithm::Sha256, hex));
        let published = one.date.and_then(seconds);
        let checksums: Vec<Checksum> = checksum.iter().cloned().collect();
        let (kind, name) = (PackageType::PYPI, self.name);
        let release = Release { kind: &kind, name, version: &version, published, checksums: &checksums };
        let verdict = self.proxy.desk.list(&release);
        if let Err(why) = &verdict {
            self.withhold(&version, why.clone());
        }
        // A lockfile may name it all the same, and is then told why it does not come.
        let place = place(&url);
        let file = Handed { kind, name: name.to_owned(), version, file_name, url, checksum, published };
        self.proxy.hand_out(key(self.number, &place), Arc::new(file));
        verdict.ok()?;
        let here = format!("{}/{place}", self.here);
        Some(match fragment {
            Some(fragment) => format!("{here}#{fragment}"),
            None => here,
        })
    }

    fn withhold(&self, version: &str, why: Why) {
        self.proxy.desk.ledger.withheld(&PackageType::PYPI, self.name, version, why);
    }

    /// The JSON page (PEP 691): everything stays as it is but the files that are left out, and where the others are.
    fn json(&mut self) -> serde_json::Result<Vec<u8>> {
        let mut page: Value = serde_json::from_slice(&self.answer.bytes)?;
        let mut versions: BTreeMap<String, bool> = BTreeMap::new();
        if let Some(files) = page.get_mut("files").and_then(Value::as_array_mut) {
            files.retain_mut(|file| {
                let text = |key: &str| file[key].as_str();
                let listed = Listed {
                    address: text("url").unwrap_or_default(),
                    file_name: text("filename"),
                    sha256: file["hashes"]["sha256"].as_str(),
                    date: text("upload-time"),
                };
                let name = PackageName::from_normalised(self.name.to_owned());
                let version = listed.file_name.and_then(|file| pypi::version_of(&name, file));
                let place = self.place(&listed);
                if let Some(version) = version {
                    *versions.entry(version.0).or_default() |= place.is_some();
                }
                match place {
                    Some(place) => {
                        file["url"] = place.into();
                        true
                    }
                    None => false,
                }
            });
        }
        // PEP 700: a version without files is none.
        if let Some(listed) = page.get_mut("versions").and_then(Value::as_array_mut) {
            listed.retain(|one| one.as_str().and_then(|one| versions.get(one)).is_none_or(|kept| *kept));
        }
        serde_json::to_vec(&page)
    }

    /// The HTML page (PEP 503).
    fn html(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.answer.bytes).into_owned();
        html::relinked(&text, |anchor| {
            let href = anchor.attribute("href")?;
            let date = anchor.attribute("data-upload-time");
            self.place(&Listed { address: &href, file_name: None, sha256: None, date: date.as_deref() })
        })
    }
}
