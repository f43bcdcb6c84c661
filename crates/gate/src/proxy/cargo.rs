//! crates.io and its kin: lines of the sparse index are left out, crates are gated.

use std::sync::Arc;

use ecosystem::{Registry as _, cargo::Cargo};
use model::{Algorithm, Checksum, Ecosystem, PackageName, PackageType};
use net::NetError;
use serde::Deserialize;
use url::Url;

use super::{
    Handed, Proxy, Release,
    ask::{Ask, decoded},
    npm::seconds,
    reply::Reply,
};
use crate::inspect::Analyst;

/// The word for it in addresses.
pub(super) const PROTOCOL: &str = "cargo";

pub(super) async fn answer<A: Analyst>(proxy: &Proxy<A>, ask: &Ask) -> Reply {
    if !ask.is_reading() {
        return Reply::error(403, "a guarded command publishes nothing; run it without lazaret guard").plain();
    }
    let path = decoded(&ask.path);
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["config.json"] => {
            let configuration = serde_json::json!({ "dl": format!("{}/dl", ask.base) });
            Reply::new("application/json", configuration.to_string())
        }
        ["dl", name, version, "download"] => match file_of(proxy, name, version).await {
            Ok(file) => proxy.gate(&file).await.plain(),
            Err(reply) => reply.plain(),
        },
        [.., name] => match lines(proxy, name).await {
            Ok(lines) => Reply::new("text/plain", lines),
            Err(reply) => reply.plain(),
        },
        [] => Reply::missing("this address names no crate"),
    }
}

/// A crate of a version: one that a listing has named, or one that only a lockfile has.
pub(super) async fn file_of<A: Analyst>(proxy: &Proxy<A>, name: &str, version: &str) -> Result<Arc<Handed>, Reply> {
    let key = key(name, version);
    if let Some(file) = proxy.handed(&key) {
        return Ok(file);
    }
    lines(proxy, name).await?;
    proxy.handed(&key).ok_or_else(|| Reply::missing(&format!("the registry lists no {name} {version}")))
}

fn key(name: &str, version: &str) -> String {
    format!("{PROTOCOL} {} {version}", name.to_ascii_lowercase())
}

#[derive(Deserialize)]
struct Line {
    name: String,
    vers: String,
    cksum: String,
    pubtime: Option<String>,
}

/// The index file without the lines of versions that must not be chosen.
async fn lines<A: Analyst>(proxy: &Proxy<A>, name: &str) -> Result<String, Reply> {
    let endpoints = proxy.upstream.candidates(Ecosystem::Cargo, name);
    let endpoints = endpoints.map_err(|error| Reply::error(502, &error.to_string()))?;
    let base = endpoints.first().map(|one| one.url.clone());
    let base = base.ok_or_else(|| Reply::error(502, "no registry for cargo is known"))?;
    let wrong = |error: NetError| {
        if !matches!(error, NetError::NotFound { .. }) {
            proxy.desk.ledger.failed(&format!("cargo:{name}"), &error.to_string());
        }
        Reply::failed(&error)
    };
    let configuration = proxy.upstream.configuration(&base).await.map_err(wrong)?;
    let request = Cargo.metadata_request(&PackageName::from_normalised(name.to_owned()));
    let answer = proxy.upstream.document(&request.address(&base), request.accept).await.map_err(wrong)?;
    let text = String::from_utf8_lossy(&answer.bytes);
    let mut out = String::with_capacity(text.len());
    for text in text.lines().filter(|line| !line.trim().is_empty()) {
        // What cannot be read cannot be judged, and cargo cannot use it either.
        let Ok(line) = serde_json::from_str::<Line>(text) else { continue };
        if list(proxy, configuration, line) {
            out.push_str(text);
            out.push('\n');
        }
    }
    Ok(out)
}

fn list<A: Analyst>(proxy: &Proxy<A>, configuration: &[u8], line: Line) -> bool {
    let Line { name, vers, cksum, pubtime } = line;
    let checksum = Checksum::from_hex(Algorithm::Sha256, &cksum);
    let Some(url): Option<Url> = ecosystem::cargo::download(configuration, &name, &vers, &cksum).ok() else {
        return false;
    };
    let published = pubtime.as_deref().and_then(seconds);
    let checksums: Vec<Checksum> = checksum.iter().cloned().collect();
    let kind = PackageType::CARGO;
    let release = Release { kind: &kind, name: &name, version: &vers, published, checksums: &checksums };
    let verdict = proxy.desk.list(&release);
    if let Err(why) = &verdict {
        proxy.desk.ledger.withheld(&kind, &name, &vers, why.clone());
    }
    let key = key(&name, &vers);
    let file_name = format!("{name}-{vers}.crate");
    proxy.hand_out(key, Arc::new(Handed { kind, name, version: vers, file_name, url, checksum, published }));
    verdict.is_ok()
}
