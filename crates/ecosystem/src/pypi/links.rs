//! The links of an HTML page, as PEP 503 asks for them: each file is an anchor.

use url::Url;

use super::{File, Listing};
use crate::{Page, ReadError};

/// Reads every anchor that leads to a file. A page without any is a web page of another kind.
pub(super) fn read(page: &Page<'_>) -> Result<Listing, ReadError> {
    let text = String::from_utf8_lossy(page.body);
    let mut base = page.url.clone();
    let (mut files, mut status) = (Vec::new(), None);
    for tag in Tags(&text) {
        if tag.name.eq_ignore_ascii_case("meta") && tag.attribute("name").as_deref() == Some("pypi:project-status") {
            status = tag.attribute("content");
        }
        let Some(href) = tag.attribute("href") else { continue };
        match tag.name.to_ascii_lowercase().as_str() {
            "base" => base = page.url.join(&href).unwrap_or(base),
            "a" => files.extend(file(&base, &href, &tag)),
            _ => {}
        }
    }
    let is_index = !files.is_empty() || text.contains("Links for") || text.contains("pypi:repository-version");
    if is_index { Ok(Listing { files, status }) } else { Err(ReadError::Html) }
}

fn file(base: &Url, href: &str, tag: &Tag<'_>) -> Option<File> {
    let url = base.join(href).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let yanked = tag.attribute("data-yanked").map(|reason| match reason.as_str() {
        "" => "yanked".to_owned(),
        reason => format!("yanked: {reason}"),
    });
    let file = File::new(url, std::iter::empty(), None, yanked);
    // Navigation links of mirrors lead to folders and pages, not to files.
    file.artifact.file_name.contains('.').then_some(file).filter(|file| !file.artifact.file_name.ends_with(".html"))
}

/// A start tag: its name and the text of its attributes.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
}

impl Tag<'_> {
    /// The value of an attribute, with its entities undone. One without a value is empty.
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let name = &rest[..end];
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                (value, rest) = match after.chars().next() {
                    Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                    _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
                };
                rest = rest.trim_start();
            } else if end == 0 {
                // A stray sign; step over it.
                rest = rest.get(1..).unwrap_or_default();
            }
            if name.eq_ignore_ascii_case(wanted) {
                return Some(unescape(value));
            }
        }
        None
    }
}

/// The start tags of a text, comments left out.
struct Tags<'a>(&'a str);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let (_, rest) = self.0.split_once('<')?;
            if let Some(comment) = rest.strip_prefix("!--") {
                self.0 = comment.split_once("-->")?.1;
                continue;
            }
            let end = end_of_tag(rest);
            let inside = &rest[..end];
            self.0 = &rest[end..];
            if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let inside = inside.trim_end_matches('/');
            let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
            return Some(Tag { name, attributes });
        }
    }
}

/// Where the tag ends: at the first `>` that stands in no quotes.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = after.get(..after.len().min(10)).and_then(|head| head.split_once(';')).and_then(|(entity, _)| {
            let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
            let c = match entity {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => match entity.strip_prefix('#') {
                    Some(number) => match number.strip_prefix(['x', 'X']) {
                        Some(hex) => code(hex, 16),
                        None => code(number, 10),
                    },
                    None => None,
                },
            };
            c.map(|c| (c, entity.len() + 1))
        });
        match known {
            Some((c, length)) => {
                out.push(c);
                rest = &after[length..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
