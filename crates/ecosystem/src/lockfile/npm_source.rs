//! Where a JavaScript package comes from, told from what lockfiles write behind `resolved`.

use model::{Address, Source};

/// The source in a text like `https://registry.example/thing/-/thing-1.0.0.tgz`. An address counts as a registry's only
/// when it has the shape of one and names this very package and version: that is what a poisoned lockfile lacks.
pub(super) fn npm_source(name: &str, version: &str, resolved: &str) -> Source {
    let (address, fragment) = resolved.split_once('#').map_or((resolved, None), |(one, two)| (one, Some(two)));
    let lower = address.to_ascii_lowercase();
    let is_file = lower.starts_with("file:") || lower.starts_with("link:") || lower.starts_with("portal:");
    let is_web = lower.starts_with("http://") || lower.starts_with("https://");
    let is_hosted = ["github:", "gitlab:", "bitbucket:", "gist:"].iter().any(|host| lower.starts_with(host));
    if address.is_empty() {
        Source::Unknown
    } else if is_file || address.starts_with(['.', '/']) {
        Source::Path(address.split_once(':').map_or(address, |(_, path)| path).to_owned())
    } else if lower.starts_with("git") || lower.ends_with(".git") || lower.starts_with("ssh:") || is_hosted {
        let revision = fragment.map(|text| text.rsplit("commit=").next().unwrap_or(text).to_owned());
        Source::Git(Address::new(address), revision)
    } else if is_web && is_registry_file(name, version, address) {
        Source::Registry(Some(Address::new(address)))
    } else if is_web {
        Source::Url(Address::new(address))
    } else if lower.contains(':') {
        Source::Unknown
    } else {
        // npm writes the folders of workspaces bare.
        Source::Path(address.to_owned())
    }
}

/// Whether an address ends as registries' addresses of this package's file do.
fn is_registry_file(name: &str, version: &str, address: &str) -> bool {
    let path =
        address.split('?').next().unwrap_or_default().replace("%2f", "/").replace("%2F", "/").replace("%40", "@");
    let bare = name.rsplit('/').next().unwrap_or(name);
    let version = version.split('+').next().unwrap_or(version);
    // GitHub's registry: /download/@scope/name/1.0.0/<hash>
    if path.contains(&format!("/download/{name}/{version}/")) {
        return true;
    }
    let Some((folder, file)) = path.rsplit_once("/-/") else { return false };
    let files = [format!("{bare}-{version}"), format!("{name}-{version}")];
    folder.ends_with(&format!("/{name}")) && files.iter().any(|start| is_archive(file, start))
}

/// Build metadata may follow the version.
fn is_archive(file: &str, start: &str) -> bool {
    let rest = file.strip_prefix(start).and_then(|rest| rest.strip_suffix(".tgz").or(rest.strip_suffix(".tar.gz")));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('+') || rest.starts_with("%2B"))
}

/// A name and what stands behind its `@`; the one of a scope separates nothing.
pub(super) fn split_name(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at)?;
    Some((&text[..at], &text[at + 1..]))
}
