//! RubyGems and Bundler: `.gemrc` and mirrors.

use std::path::PathBuf;

use model::Ecosystem;

use super::{Discovered, Environment, asked};

/// Reads a mirror for all sources, then the sources of `.gemrc`.
pub(super) fn read(environment: &Environment, found: &mut Discovered) {
    if found.has(Ecosystem::Gem) {
        return;
    }
    if let Some(url) = environment.var("BUNDLE_MIRROR__ALL") {
        found.add(Ecosystem::Gem, url, "the variable BUNDLE_MIRROR__ALL", None);
        return;
    }
    let bundle = [Some(environment.cwd.join(".bundle/config")), environment.at_home(".bundle/config")];
    for path in bundle.into_iter().flatten() {
        let Some(text) = environment.text(&path) else { continue };
        let mirror =
            text.lines().enumerate().find_map(|(at, line)| Some((at, line.strip_prefix("BUNDLE_MIRROR__ALL:")?)));
        if let Some((at, url)) = mirror {
            found.add(Ecosystem::Gem, unquoted(url), format!("{}, line {}", environment.shown(&path), at + 1), None);
            return;
        }
    }
    let named = environment.var("GEMRC").map(PathBuf::from);
    let config = environment.config_home().map(|folder| folder.join("gem").join("gemrc"));
    let paths = [named, environment.at_home(".gemrc"), config, Some(environment.at_root("etc/gemrc"))];
    for path in paths.into_iter().flatten() {
        let Some(text) = environment.text(&path) else { continue };
        let shown = environment.shown(&path);
        for (line, url) in sources(&text) {
            found.add(Ecosystem::Gem, url, format!("{shown}, line {line}"), None);
        }
        if found.has(Ecosystem::Gem) {
            return;
        }
    }
    asked::gem(environment, found);
}

/// The items under `:sources:` with their lines.
fn sources(text: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match line.trim().strip_prefix("- ").filter(|_| inside) {
            Some(item) => out.push((at + 1, unquoted(item))),
            None => inside = matches!(line.trim_end(), ":sources:" | "sources:"),
        }
    }
    out
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}
