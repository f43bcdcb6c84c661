//! The bodies that each registry sends.

use std::net::SocketAddr;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use super::{Answer, Published, Seen, State};

pub(super) fn answer(state: &State, address: SocketAddr, seen: &Seen) -> Answer {
    let base = format!("http://{address}");
    let path =
        seen.path.split('?').next().unwrap_or_default().replace("%2F", "/").replace("%2f", "/").replace("%2B", "+");
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let found = match parts[..] {
        ["npm", "files", name] => file(state, "npm", name),
        ["npm", ref rest @ ..] => {
            let short = seen.header("accept").is_some_and(|accept| accept.contains(SHORT));
            npm(state, &base, rest, short)
        }
        ["pypi", "simple", name] => {
            let json = seen.header("accept").is_some_and(|accept| accept.contains("json"));
            pypi(state, name, json && !state.manners.html_only)
        }
        ["pypi", "files", name] => file(state, "pypi", name),
        ["cargo", "config.json"] => Some(config(state, &base)),
        ["cargo", "dl", name, version, "download"] => file(state, "cargo", &format!("{name}-{version}.crate")),
        ["cargo", "files", name] => file(state, "cargo", name),
        ["cargo", .., name] => cargo(state, name),
        ["gem", "info", name] => gem(state, name),
        ["gem", "gems", name] => file(state, "gem", name),
        _ => None,
    };
    found.unwrap_or_else(|| Answer::new(404, "text/plain", "not found"))
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn of<'a>(state: &'a State, ecosystem: &'a str, name: &'a str) -> Vec<&'a Published> {
    let same =
        |one: &str| one == name || (ecosystem == "pypi" && one.replace(['_', '.'], "-").eq_ignore_ascii_case(name));
    state.published.iter().filter(|one| one.ecosystem == ecosystem && same(&one.name)).collect()
}

fn file(state: &State, ecosystem: &str, name: &str) -> Option<Answer> {
    let one = state.published.iter().find(|one| one.ecosystem == ecosystem && one.file_name == name)?;
    Some(Answer::new(200, "application/octet-stream", one.bytes.clone()))
}

/// The short form of npm's packument.
const SHORT: &str = "application/vnd.npm.install-v1+json";

fn npm(state: &State, base: &str, parts: &[&str], short: bool) -> Option<Answer> {
    let (name, version) = match parts {
        [scope, name] if scope.starts_with('@') => (format!("{scope}/{name}"), None),
        [scope, name, version] if scope.starts_with('@') => (format!("{scope}/{name}"), Some(*version)),
        [name] => ((*name).to_owned(), None),
        [name, version] => ((*name).to_owned(), Some(*version)),
        _ => return None,
    };
    let published = of(state, "npm", &name);
    let latest = &published.last()?.version;
    let document = |one: &Published| {
        let mut document = json!({
            "name": one.name,
            "version": one.version,
            "dist": {
                "tarball": format!("{base}/npm/files/{}", one.file_name),
                "integrity": format!("sha512-{}", BASE64.encode(&Sha512::digest(&one.bytes))),
            },
        });
        if let Some(reason) = &one.yanked {
            document["deprecated"] = json!(reason);
        }
        for (key, value) in one.manifest.as_object().into_iter().flatten() {
            document[key] = value.clone();
        }
        document
    };
    let body = match version {
        Some(_) if state.manners.lists_only => return None,
        Some(version) => {
            let version = if version == "latest" { latest } else { version };
            document(published.iter().find(|one| one.version == version)?)
        }
        None => {
            let versions: serde_json::Map<String, Value> =
                published.iter().map(|one| (one.version.clone(), document(one))).collect();
            let mut body = json!({ "name": name, "dist-tags": { "latest": latest }, "versions": versions });
            let dates = published.iter().filter_map(|one| Some((one.version.clone(), json!(one.date.as_ref()?))));
            let dates: serde_json::Map<String, Value> = dates.collect();
            if let Some(modified) = dates.values().max_by_key(|date| date.to_string()).cloned() {
                body[if short { "modified" } else { "time" }] = if short { modified } else { json!(dates) };
            }
            body
        }
    };
    Some(Answer::new(200, if short && version.is_none() { SHORT } else { "application/json" }, body.to_string()))
}

fn pypi(state: &State, name: &str, as_json: bool) -> Option<Answer> {
    let published = of(state, "pypi", name);
    if published.is_empty() {
        return None;
    }
    if as_json {
        let file = |one: &&Published| {
            let mut file = json!({
                "filename": one.file_name,
                "url": format!("../../files/{}", one.file_name),
                "hashes": { "sha256": sha256(&one.bytes) },
                "size": one.bytes.len(),
                "yanked": one.yanked.as_ref().map_or(json!(false), |reason| json!(reason)),
            });
            if let Some(date) = &one.date {
                file["upload-time"] = json!(date);
            }
            file
        };
        let files: Vec<_> = published.iter().map(file).collect();
        let body = json!({ "meta": { "api-version": "1.1" }, "name": name, "files": files });
        return Some(Answer::new(200, "application/vnd.pypi.simple.v1+json", body.to_string()));
    }
    let mut body = format!("<!DOCTYPE html>\n<html><head><title>Links for {name}</title></head><body>\n");
    for one in published {
        let yanked = one.yanked.as_ref().map(|reason| format!(" data-yanked=\"{reason}\"")).unwrap_or_default();
        let (file, hash) = (&one.file_name, sha256(&one.bytes));
        body.push_str(&format!("<a href=\"../../files/{file}#sha256={hash}\"{yanked}>{file}</a><br/>\n"));
    }
    Some(Answer::new(200, "text/html", body + "</body></html>\n"))
}

fn config(state: &State, base: &str) -> Answer {
    let download = state.manners.download.as_deref().unwrap_or("{base}/cargo/dl").replace("{base}", base);
    Answer::new(200, "application/json", json!({ "dl": download, "api": base }).to_string())
}

fn cargo(state: &State, name: &str) -> Option<Answer> {
    let same = |one: &&Published| one.ecosystem == "cargo" && one.name.eq_ignore_ascii_case(name);
    let line = |one: &Published| {
        let (yanked, cksum) = (one.yanked.is_some(), sha256(&one.bytes));
        let mut line = json!({
            "name": one.name, "vers": one.version, "deps": [], "cksum": cksum, "features": {}, "yanked": yanked,
        });
        if let Some(date) = &one.date {
            line["pubtime"] = json!(date);
        }
        for (key, value) in one.manifest.as_object().into_iter().flatten() {
            line[key] = value.clone();
        }
        line.to_string()
    };
    let lines: Vec<_> = state.published.iter().filter(same).map(line).collect();
    (!lines.is_empty()).then(|| Answer::new(200, "text/plain", lines.join("\n") + "\n"))
}

fn gem(state: &State, name: &str) -> Option<Answer> {
    // A yanked gem is not listed at all.
    let published = of(state, "gem", name).into_iter().filter(|one| one.yanked.is_none());
    let line = |one: &Published| {
        let full = one.file_name.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".gem")?;
        Some(format!("{full} dependency:>= 1.0&< 3|checksum:{},ruby:>= 2.7\n", sha256(&one.bytes)))
    };
    let lines: Vec<_> = published.filter_map(line).collect();
    (!lines.is_empty()).then(|| Answer::new(200, "text/plain", format!("---\n{}", lines.concat())))
}
