//! What the lockfile says, before the command runs.

use std::path::{Path, PathBuf};

use ecosystem::lockfile::{Files, lockfile};
use model::{Dependency, DependencyGraph, PackageType, Source};
use url::Url;

use super::Manager;
use crate::{
    inspect::Analyst,
    proxy::{Cause, Handed, Proxy, Release},
};

/// The lockfile that the manager reads, in this folder or the nearest above.
pub(super) fn find(manager: &dyn Manager, folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find_map(|folder| manager.lockfiles().iter().map(|name| folder.join(name)).find(|path| path.is_file()))
}

/// Reads it.
pub(super) fn read(path: &Path) -> Option<DependencyGraph> {
    let bytes = std::fs::read(path).ok()?;
    let name = path.to_string_lossy();
    let format = lockfile(&name)?;
    let mut files = Files::new(&name, &bytes);
    let wanted: Vec<(String, Vec<u8>)> =
        format.wants(&files).into_iter().filter_map(|path| Some((path.clone(), std::fs::read(path).ok()?))).collect();
    for (path, bytes) in &wanted {
        files.add(path, bytes);
    }
    Some(format.read(&files).value)
}

/// Looks everything up that the lockfile pins: when the command installs just that, what is known as malware stops it
/// before it starts. The addresses are remembered, so that the files need no listing.
pub(super) fn check<A: Analyst>(proxy: &Proxy<A>, graph: &DependencyGraph, binding: bool) {
    for (_, one) in graph.dependencies() {
        let Some(version) = &one.version else {
            unpinned(proxy, one);
            continue;
        };
        let release = Release {
            kind: &one.kind,
            name: &one.name,
            version: version.as_str(),
            published: None,
            checksums: &one.checksums,
        };
        match &one.source {
            Source::Git(address, _) => proxy.desk.ledger.unchecked(&one.purl(), &format!("it comes from {address}")),
            Source::Path(_) | Source::Bundled => continue,
            Source::Registry(_) | Source::Url(_) | Source::Unknown => {}
        }
        if binding && let Err(why) = proxy.desk.list(&release) {
            proxy.desk.ledger.block(&one.purl(), why);
        }
        if one.kind == PackageType::NPM {
            hand_out(proxy, one, version.as_str());
        }
    }
}

fn unpinned<A: Analyst>(proxy: &Proxy<A>, one: &Dependency) {
    if let Source::Git(address, _) = &one.source {
        proxy.desk.ledger.unchecked(&one.purl(), &format!("it comes from {address}"));
    }
}

fn hand_out<A: Analyst>(proxy: &Proxy<A>, one: &Dependency, version: &str) {
    let (Source::Registry(Some(address)) | Source::Url(address)) = &one.source else { return };
    let Ok(url) = Url::parse(address.as_str()) else { return };
    if !matches!(url.scheme(), "http" | "https") {
        return;
    }
    let file_name = url.path().rsplit('/').next().unwrap_or_default().to_owned();
    proxy.hand_out_by_address(Handed {
        kind: one.kind.clone(),
        name: one.name.clone(),
        version: version.to_owned(),
        file_name,
        url,
        checksum: one.checksums.iter().max_by_key(|one| one.algorithm()).cloned(),
        published: None,
    });
}

/// Looks at the files whose addresses stand in the command itself: their bytes come from elsewhere, so this is the only look
/// before they are used.
pub(super) async fn addresses<A: Analyst>(proxy: &Proxy<A>, manager: &dyn Manager, call: &super::Call) {
    const ENDS: [&str; 8] = [".tgz", ".tar.gz", ".whl", ".zip", ".tar.bz2", ".tar.xz", ".crate", ".tar"];
    for argument in &call.arguments {
        // `name @ https://...`, too.
        let address = argument.rsplit(' ').next().unwrap_or(argument);
        let Ok(url) = Url::parse(address) else { continue };
        let is_file = ENDS.iter().any(|end| url.path().to_ascii_lowercase().ends_with(end));
        if matches!(url.scheme(), "http" | "https") && is_file {
            let kind = PackageType::from(manager.ecosystem());
            let name = url.path().rsplit('/').next().unwrap_or_default().to_owned();
            let release = Release { kind: &kind, name: &name, version: "", published: None, checksums: &[] };
            proxy.look_at(&release, Some(url)).await;
        } else if address.starts_with("git+") || matches!(url.scheme(), "git" | "ssh") {
            proxy.desk.ledger.unchecked(address, "it comes from a repository, which is fetched by other means");
        }
    }
}

/// Whether the lockfile or the command brings malware.
pub(super) fn is_malicious(summary: &crate::proxy::Summary) -> bool {
    summary.blocked.iter().any(|one| one.why.cause == Cause::Malicious)
}
