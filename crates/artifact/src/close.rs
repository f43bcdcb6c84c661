//! What can be said of a level only when all its entries are known: collisions, links.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::{File, Link, Oddity, name, session::Level};

/// So much work may go into following links; past it a link counts as escaping only by its own words.
const LINK_WORK: usize = 16 << 20;
/// So many links in a chain are followed, as systems do.
const LINK_HOPS: u32 = 40;

impl Level<'_, '_> {
    /// The files of this level.
    pub fn own_files(&self) -> impl Iterator<Item = &File> {
        self.session.files.iter().skip(self.first_file)
    }

    /// The links of this level.
    pub fn own_links(&self) -> impl Iterator<Item = &Link> {
        self.session.links.iter().skip(self.first_link)
    }

    /// Judges the level as a whole.
    pub fn close(mut self) {
        self.add_leftovers();
        let mut said = self.collisions();
        said.extend(self.nestings());
        said.extend(self.escapes());
        for (oddity, path, detail) in said {
            self.session.note(oddity, path, detail);
        }
    }

    /// Names that are one name on systems which fold case or compose Unicode.
    fn collisions(&self) -> Vec<Said> {
        let mut said = Vec::new();
        let mut seen: HashMap<String, &File> = HashMap::new();
        for file in self.own_files() {
            let Some(first) = seen.insert(fold(&file.path), file) else { continue };
            if first.path == file.path || first.bytes == file.bytes {
                continue;
            }
            let by_case = first.path.to_lowercase() == file.path.to_lowercase();
            let oddity = if by_case { Oddity::CaseCollision } else { Oddity::UnicodeCollision };
            said.push((
                oddity,
                file.path.clone(),
                format!("on some systems it is the same file as \"{}\"", first.path),
            ));
        }
        said
    }

    /// Files below other files or links.
    fn nestings(&self) -> Vec<Said> {
        let files = self.own_files().map(|file| (file.path.as_str(), false));
        let links = self.own_links().filter(|link| !link.hard).map(|link| (link.path.as_str(), true));
        let mut all: Vec<(&str, bool)> = files.chain(links).collect();
        all.sort_by(|(a, _), (b, _)| parts_first(a).cmp(parts_first(b)));
        let (mut said, mut above): (Vec<Said>, Vec<(&str, bool)>) = (Vec::new(), Vec::new());
        for (path, link) in all {
            let below = |outer: &str| path.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
            while above.last().is_some_and(|(outer, _)| !below(outer)) {
                above.pop();
            }
            if let Some((outer, through)) = above.last() {
                match through {
                    true => say(&mut said, Oddity::WritesThroughLink, path, || {
                        format!("\"{outer}\" is a link; this lies where it points")
                    }),
                    false => {
                        say(&mut said, Oddity::FileAsDirectory, path, || format!("\"{outer}\" is a file and a folder"))
                    }
                }
            }
            above.push((path, link));
        }
        said
    }

    /// Links that point out of this level.
    fn escapes(&mut self) -> Vec<Said> {
        let prefix = self.prefix.as_str();
        let links = self.session.links.get_mut(self.first_link..).unwrap_or_default();
        let plain = |link: &Link| link.target.replace('\\', "/");
        let own: Vec<(String, String)> = links
            .iter()
            .map(|link| (link.path.strip_prefix(prefix).unwrap_or_default().to_owned(), plain(link)))
            .collect();
        let targets: HashMap<&str, &str> = links
            .iter()
            .zip(&own)
            .filter(|(link, _)| !link.hard)
            .map(|(_, (path, target))| (path.as_str(), target.as_str()))
            .collect();
        let (mut said, mut work) = (Vec::new(), LINK_WORK);
        for (link, (path, target)) in links.iter_mut().zip(&own) {
            // A hard link's target is a name of the archive, seen from its root.
            let from = if link.hard { "" } else { path };
            link.escapes = leaves(from, target, &targets, &mut work);
            if link.escapes {
                let detail = || format!("the link points to \"{}\", out of the archive", link.target.escape_debug());
                say(&mut said, Oddity::EscapingLink, &link.path, detail);
            }
        }
        said
    }
}

type Said = (Oddity, String, String);

/// Says something of a path. After many, only that it is so: nobody reads them, and the words would fill the memory.
fn say(said: &mut Vec<Said>, oddity: Oddity, path: &str, detail: impl FnOnce() -> String) {
    if said.len() < 200 {
        said.push((oddity, path.into(), detail()));
    } else {
        said.push((oddity, String::new(), String::new()));
    }
}

/// Whether a target leads out of the archive, other links of the archive followed as a system would follow them.
fn leaves(from: &str, target: &str, links: &HashMap<&str, &str>, work: &mut usize) -> bool {
    if name::is_rooted(target) {
        return true;
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut todo: Vec<&str> = target.rsplit('/').chain(folder.rsplit('/')).collect();
    let (mut here, mut hops) = (String::new(), 0);
    while let Some(part) = todo.pop() {
        match part {
            "" | "." => continue,
            ".." if here.is_empty() => return true,
            ".." => {
                here.truncate(here.rfind('/').unwrap_or(0));
                continue;
            }
            part => {
                if !here.is_empty() {
                    here.push('/');
                }
                here.push_str(part);
            }
        }
        *work = work.saturating_sub(here.len());
        if *work == 0 {
            continue;
        }
        let Some(next) = links.get(here.as_str()) else { continue };
        hops += 1;
        if name::is_rooted(next) {
            return true;
        }
        if hops > LINK_HOPS {
            return false;
        }
        *work = work.saturating_sub(next.len());
        here.truncate(here.rfind('/').unwrap_or(0));
        todo.extend(next.rsplit('/'));
    }
    false
}

/// The name on a system that folds case and composes Unicode.
fn fold(path: &str) -> String {
    if path.is_ascii() { path.to_ascii_lowercase() } else { path.nfc().flat_map(char::to_lowercase).nfc().collect() }
}

/// The bytes of a path with the separator first in order, so that what lies below a path follows it at once.
fn parts_first(path: &str) -> impl Iterator<Item = u8> + '_ {
    path.bytes().map(|byte| if byte == b'/' { 0 } else { byte })
}
