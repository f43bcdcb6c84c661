//! npm: packuments are filtered, tarballs are gated, reports are passed on.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use ecosystem::{Registry as _, npm::Npm};
use model::{Algorithm, Checksum, Ecosystem, PackageName, PackageType, Version};
use net::{Answer, Endpoint, NetError};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::{
    Handed, Proxy, Release, Tarballs, Why, address,
    ask::{Ask, decoded},
    place,
    reply::Reply,
};
use crate::inspect::Analyst;

/// The word for it in addresses.
pub(super) const PROTOCOL: &str = "npm";

/// The short form of a packument. It says when the package last changed, but not when each version came.
const SHORT: &str = "application/vnd.npm.install-v1+json";
const FULL: &str = "application/json";

pub(super) async fn answer<A: Analyst>(proxy: &Proxy<A>, ask: &Ask) -> Reply {
    let path = decoded(&ask.path);
    if let Some(rest) = path.strip_prefix("-/") {
        return service(proxy, ask, rest).await;
    }
    if !ask.is_reading() {
        return Reply::error(403, "a guarded command publishes nothing; run it without lazaret guard");
    }
    if let Some(file) = file(proxy, &path).await {
        return match file {
            Ok(file) => proxy.gate(&file).await,
            Err(reply) => reply,
        };
    }
    let (name, version) = match path.split('/').collect::<Vec<_>>()[..] {
        [scope, name] if scope.starts_with('@') => (format!("{scope}/{name}"), None),
        [scope, name, version] if scope.starts_with('@') => (format!("{scope}/{name}"), Some(version.to_owned())),
        [name] => (name.to_owned(), None),
        [name, version] => (name.to_owned(), Some(version.to_owned())),
        _ => return Reply::missing("this address names no package and no file that is known here"),
    };
    match packument(proxy, ask, &name).await {
        Ok(document) => match version {
            None => Reply::new(&document.content_type, document.body),
            Some(version) => one(&document, &name, &version),
        },
        Err(reply) => reply,
    }
}

/// What is beside the packages: reports and searches pass; nothing that changes an account does, since the client would
/// act with a token that it does not have.
async fn service<A: Analyst>(proxy: &Proxy<A>, ask: &Ask, rest: &str) -> Reply {
    let reports = rest.starts_with("npm/v1/security/") || rest.starts_with("npm/v1/attestations/");
    if !ask.is_reading() && !reports {
        return Reply::error(403, "a guarded command changes nothing at the registry; run it without lazaret guard");
    }
    match endpoint(proxy, "any") {
        Ok(endpoint) => proxy.upstream.relay(ask, &endpoint.url).await,
        Err(reply) => reply,
    }
}

fn endpoint<'a, A: Analyst>(proxy: &'a Proxy<A>, name: &str) -> Result<&'a Endpoint, Reply> {
    let found = proxy.upstream.candidates(Ecosystem::Npm, name);
    let found = found.map_err(|error| Reply::error(502, &error.to_string()))?;
    found.first().copied().ok_or_else(|| Reply::error(502, "no registry for npm is known"))
}

/// The file at this path: one that was handed out, or one that a lockfile names by its usual address.
async fn file<A: Analyst>(proxy: &Proxy<A>, path: &str) -> Option<Result<Arc<Handed>, Reply>> {
    let whole = address(path).map(|url| decoded(url.path()));
    let path = whole.as_deref().unwrap_or(path);
    if let Some(file) = proxy.handed(&key(path)) {
        return Some(Ok(dated(proxy, path, file).await));
    }
    // name/-/file.tgz, with or without what stands before it at its own registry.
    let (before, file_name) = path.rsplit_once("/-/")?;
    let mut parts = before.rsplit('/');
    let last = parts.next()?;
    let name = match parts.next() {
        Some(scope) if scope.starts_with('@') => format!("{scope}/{last}"),
        _ => last.to_owned(),
    };
    let answer = match documents(proxy, &name, false).await {
        Ok((answer, _)) => answer,
        Err(reply) => return Some(Err(reply)),
    };
    if let Err(reply) = read(proxy, &name, &answer) {
        return Some(Err(reply));
    }
    let found = proxy.handed(&key(path)).or_else(|| proxy.handed(&key(&format!("{name}/-/{file_name}"))));
    Some(found.ok_or_else(|| Reply::missing("the registry lists no such file")))
}

/// The file with its date, where a lockfile named it: lockfiles have none.
async fn dated<A: Analyst>(proxy: &Proxy<A>, path: &str, file: Arc<Handed>) -> Arc<Handed> {
    if file.published.is_some() || proxy.desk.youngest().is_none() {
        return file;
    }
    if let Some(published) = file.checksum.as_ref().and_then(|checksum| proxy.desk.remembered_date(checksum)) {
        return Arc::new(Handed { published: Some(published), ..(*file).clone() });
    }
    // A registry that does not know the package dates it neither.
    let Ok((answer, _)) = documents(proxy, &file.name, true).await else { return file };
    let _ = read(proxy, &file.name, &answer);
    match proxy.handed(&key(path)) {
        // The lockfile's hash is the one that its user has agreed to.
        Some(found) if found.version == file.version => {
            Arc::new(Handed { published: found.published, ..(*file).clone() })
        }
        _ => file,
    }
}

/// The file of a release, out of its packument.
pub(super) async fn file_of<A: Analyst>(proxy: &Proxy<A>, name: &str, version: &str) -> Option<Arc<Handed>> {
    let key = format!("{PROTOCOL} {name}@{version}");
    if let Some(file) = proxy.handed(&key) {
        return Some(file);
    }
    let (answer, _) = documents(proxy, name, true).await.ok()?;
    read(proxy, name, &answer).ok()?;
    proxy.handed(&key)
}

fn key(path: &str) -> String {
    format!("{PROTOCOL} {}", path.trim_start_matches('/'))
}

/// A packument as a client gets it.
struct Document {
    content_type: String,
    body: Vec<u8>,
}

async fn packument<A: Analyst>(proxy: &Proxy<A>, ask: &Ask, name: &str) -> Result<Document, Reply> {
    let short = ask.header(hyper::header::ACCEPT).is_some_and(|accept| accept.contains(SHORT));
    let (answer, is_short) = documents(proxy, name, short).await?;
    let listed = read(proxy, name, &answer)?;
    let withheld: BTreeMap<&str, &Why> =
        listed.iter().filter_map(|one| Some((one.version.as_str(), one.why.as_ref()?))).collect();
    for (version, why) in &withheld {
        proxy.desk.ledger.withheld(&PackageType::NPM, name, version, (*why).clone());
    }
    let content_type = if is_short { SHORT } else { FULL }.to_owned();
    if withheld.is_empty() && proxy.tarballs == Tarballs::Kept {
        return Ok(Document { content_type, body: answer.bytes });
    }
    let lead = |version: &str, url: &Url| match proxy.tarballs {
        Tarballs::Standard => format!("{}/{}", ask.base, standard(name, version)),
        Tarballs::Kept | Tarballs::Rewritten => format!("{}/{}", ask.base, place(url)),
    };
    let lead: Option<Lead<'_>> = if proxy.tarballs == Tarballs::Kept { None } else { Some(&lead) };
    let body = filtered(&answer.bytes, &withheld, lead, &answer.url);
    let body = body.map_err(|error| Reply::error(502, &format!("the registry's answer is malformed: {error}")))?;
    Ok(Document { content_type, body })
}

/// The registry's document: the short one where that tells enough, else the full one; and whether it is the short one.
async fn documents<A: Analyst>(proxy: &Proxy<A>, name: &str, short: bool) -> Result<(Answer, bool), Reply> {
    let wrong = |error: NetError| {
        if !matches!(error, NetError::NotFound { .. }) {
            proxy.desk.ledger.failed(&format!("npm:{name}"), &error.to_string());
        }
        Reply::failed(&error)
    };
    let endpoint = endpoint(proxy, name)?;
    let request = Npm.metadata_request(&PackageName::from_normalised(name.to_owned()));
    let url = request.address(&endpoint.url);
    let accept = format!("{SHORT}; q=1.0, {FULL}; q=0.8, */*");
    let answer = proxy.upstream.document(&url, if short { &accept } else { FULL }).await.map_err(wrong)?;
    let is_short = answer.content_type.starts_with(SHORT);
    let dated = || serde_json::from_slice::<Modified>(&answer.bytes).ok().and_then(|one| seconds(&one.modified?));
    match proxy.desk.youngest() {
        // Nothing of it is younger than the whole.
        Some(youngest) if is_short && dated().is_none_or(|modified| modified > youngest) => {
            proxy.upstream.document(&url, FULL).await.map(|full| (full, false)).map_err(wrong)
        }
        _ => Ok((answer, is_short)),
    }
}

#[derive(Deserialize)]
struct Modified<'a> {
    #[serde(borrow)]
    modified: Option<Cow<'a, str>>,
}

/// A version, and why it is left out.
struct Listed {
    version: String,
    why: Option<Why>,
}

#[derive(Deserialize)]
struct Packument<'a> {
    #[serde(borrow, default)]
    versions: BTreeMap<Cow<'a, str>, One<'a>>,
    #[serde(borrow, default)]
    time: BTreeMap<Cow<'a, str>, &'a RawValue>,
    #[serde(borrow)]
    modified: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow, default)]
    dist: Dist<'a>,
}

#[derive(Deserialize, Default)]
struct Dist<'a> {
    #[serde(borrow, default)]
    tarball: Cow<'a, str>,
    #[serde(borrow)]
    integrity: Option<Cow<'a, str>>,
    #[serde(borrow)]
    shasum: Option<Cow<'a, str>>,
}

/// Judges every version, and remembers where its file is.
fn read<A: Analyst>(proxy: &Proxy<A>, name: &str, answer: &Answer) -> Result<Vec<Listed>, Reply> {
    let packument: Packument = serde_json::from_slice(&answer.bytes)
        .map_err(|error| Reply::error(502, &format!("the registry's answer about {name} is malformed: {error}")))?;
    let mut listed = Vec::with_capacity(packument.versions.len());
    // Where versions have no dates, none of them came after the last change of the whole.
    let latest = packument.modified.as_deref().filter(|_| packument.time.is_empty()).and_then(seconds);
    for (version, one) in &packument.versions {
        let published = packument.time.get(version).and_then(|raw| serde_json::from_str::<Cow<str>>(raw.get()).ok());
        let published = published.and_then(|text| seconds(&text)).or(latest);
        let checksum = checksum(&one.dist);
        let checksums: Vec<Checksum> = checksum.iter().cloned().collect();
        let release = Release { kind: &PackageType::NPM, name, version, published, checksums: &checksums };
        listed.push(Listed { version: version.to_string(), why: proxy.desk.list(&release).err() });
        let Some(url) = answer.url.join(&one.dist.tarball).ok().filter(|_| !one.dist.tarball.is_empty()) else {
            continue;
        };
        let file_name = decoded(url.path().rsplit('/').next().unwrap_or_default());
        let keys =
            [key(&decoded(url.path())), key(&format!("{name}/-/{file_name}")), format!("{PROTOCOL} {name}@{version}")];
        let file = Arc::new(Handed {
            kind: PackageType::NPM,
            name: name.to_owned(),
            version: version.to_string(),
            file_name,
            url,
            checksum,
            published,
        });
        keys.into_iter().for_each(|key| proxy.hand_out(key, file.clone()));
    }
    Ok(listed)
}

fn checksum(dist: &Dist<'_>) -> Option<Checksum> {
    let integrity = dist.integrity.as_deref().into_iter().flat_map(ecosystem::npm::integrity);
    let shasum = dist.shasum.as_deref().and_then(|hex| Checksum::from_hex(Algorithm::Sha1, hex));
    integrity.chain(shasum).max_by_key(Checksum::algorithm)
}

/// Seconds since 1970 of `2026-01-31T23:59:59.000Z`.
pub(super) fn seconds(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// Where the file of a version is here, by its address at the registry.
type Lead<'a> = &'a dyn Fn(&str, &Url) -> String;

/// The path that every client makes of a name and a version by itself.
fn standard(name: &str, version: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    format!("{name}/-/{last}-{version}.tgz")
}

/// The document without some versions. Tags that led to one of them lead to the highest stable version below; tarballs are
/// here when it is said where.
fn filtered(
    document: &[u8],
    withheld: &BTreeMap<&str, &Why>,
    lead: Option<Lead<'_>>,
    page: &Url,
) -> serde_json::Result<Vec<u8>> {
    let fields: Members = serde_json::from_slice(document)?;
    let versions = fields.0.iter().find(|(field, _)| field == "versions").map(|(_, raw)| raw.get());
    let Members(versions) = versions.map(serde_json::from_str).transpose()?.unwrap_or_default();
    let versions: Vec<(String, &RawValue)> =
        versions.into_iter().filter(|(version, _)| !withheld.contains_key(version.as_str())).collect();
    let mut out = Vec::with_capacity(document.len());
    let member = |out: &mut Vec<u8>, field: &str, text: &str| {
        out.push(if out.is_empty() { b'{' } else { b',' });
        out.extend_from_slice(serde_json::Value::from(field).to_string().as_bytes());
        out.push(b':');
        out.extend_from_slice(text.as_bytes());
    };
    for (field, raw) in &fields.0 {
        match field.as_str() {
            "versions" => {
                let mut inside = Vec::new();
                for (version, raw) in &versions {
                    member(
                        &mut inside,
                        version,
                        &lead.map_or(Ok(raw.get().into()), |lead| here(raw, version, lead, page))?,
                    );
                }
                if inside.is_empty() {
                    inside.push(b'{');
                }
                inside.push(b'}');
                member(&mut out, field, &String::from_utf8_lossy(&inside));
            }
            "time" | "dist-tags" => {
                let mut value: serde_json::Value = serde_json::from_str(raw.get())?;
                match value.as_object_mut() {
                    Some(times) if field == "time" => {
                        times.retain(|version, _| !withheld.contains_key(version.as_str()));
                    }
                    Some(tags) => retag(tags, &versions, withheld),
                    None => {}
                }
                member(&mut out, field, &value.to_string());
            }
            _ => member(&mut out, field, raw.get()),
        }
    }
    if out.is_empty() {
        out.push(b'{');
    }
    out.push(b'}');
    Ok(out)
}

/// A version whose tarball is here.
fn here<'a>(raw: &'a RawValue, version: &str, lead: Lead<'_>, page: &Url) -> serde_json::Result<Cow<'a, str>> {
    let one: One = serde_json::from_str(raw.get())?;
    let tarball = &*one.dist.tarball;
    let Ok(url) = page.join(tarball) else { return Ok(raw.get().into()) };
    let here = lead(version, &url);
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (old, new) = (quoted(tarball), quoted(&here));
    match raw.get().contains(&old) {
        true => Ok(raw.get().replace(&old, &new).into()),
        // It is written with other escapes.
        false => {
            let mut value: serde_json::Value = serde_json::from_str(raw.get())?;
            value["dist"]["tarball"] = here.into();
            Ok(value.to_string().into())
        }
    }
}

/// Every tag leads to a version that is there: the highest stable one below what it named.
fn retag(
    tags: &mut serde_json::Map<String, serde_json::Value>,
    versions: &[(String, &RawValue)],
    withheld: &BTreeMap<&str, &Why>,
) {
    let gone: Vec<(String, String)> = tags
        .iter()
        .filter_map(|(tag, version)| Some((tag.clone(), version.as_str()?.to_owned())))
        .filter(|(_, version)| withheld.contains_key(version.as_str()))
        .collect();
    for (tag, old) in gone {
        let old = Version(old);
        let all = versions.iter().map(|(version, _)| Version(version.clone()));
        let below = all.filter(|one| Npm.order(one, &old).is_lt());
        let (stable, other): (Vec<_>, Vec<_>) = below.partition(|one| !Npm.is_prerelease(one));
        let highest = |list: Vec<Version>| list.into_iter().max_by(|a, b| Npm.order(a, b));
        // Who asked for a pre-release by its tag gets the one before, if there is no stable one.
        match highest(stable).or_else(|| highest(other)) {
            Some(version) => tags.insert(tag, version.0.into()),
            None => tags.remove(&tag),
        };
    }
}

/// The members of an object, in their order, unread.
#[derive(Default)]
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut out = Vec::new();
                while let Some(entry) = map.next_entry::<String, &'de RawValue>()? {
                    out.push(entry);
                }
                Ok(Members(out))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// The document of one version, out of the packument.
fn one(document: &Document, name: &str, wanted: &str) -> Reply {
    let value: serde_json::Value = serde_json::from_slice(&document.body).unwrap_or_default();
    let version = value["dist-tags"][wanted].as_str().unwrap_or(wanted);
    match value["versions"].get(version) {
        Some(one) => Reply::new(FULL, one.to_string()),
        None => Reply::missing(&format!("{name} has no version {wanted} that may be used")),
    }
}

/// The key of a file that a lockfile names by its address.
pub(super) fn key_of(url: &Url) -> String {
    key(&decoded(url.path()))
}
