//! The links of an HTML page, put elsewhere.

/// A start tag of a link.
pub(super) struct Anchor<'a>(&'a str);

impl Anchor<'_> {
    /// The value of an attribute, its entities undone.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        attributes(self.0)
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| plain(value))
    }
}

/// The page with every link led to where `place` says, and without those for which it says nothing.
pub(super) fn relinked(page: &str, mut place: impl FnMut(&Anchor<'_>) -> Option<String>) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(start) = find_anchor(rest) {
        out.push_str(&rest[..start]);
        let tag = &rest[start..];
        let inside_end = end_of_tag(tag);
        let inside = &tag[2..inside_end];
        let after = tag.get(inside_end + 1..).unwrap_or_default();
        let close = find(after, "</a>").map_or(after.len(), |at| at + 4);
        if let Some(to) = place(&Anchor(inside)) {
            out.push_str(&format!("<a href=\"{}\"", escaped(&to)));
            for (name, value) in attributes(inside) {
                if !name.eq_ignore_ascii_case("href") {
                    out.push_str(&format!(" {name}=\"{}\"", escaped(&plain(value))));
                }
            }
            out.push('>');
            out.push_str(&after[..close]);
        }
        rest = &after[close..];
    }
    out.push_str(rest);
    // A base would lead the links away again; they are absolute now.
    match find(&out, "<base") {
        Some(at) => {
            let end = at + end_of_tag(&out[at..]) + 1;
            format!("{}{}", &out[..at], out.get(end..).unwrap_or_default())
        }
        None => out,
    }
}

fn find_anchor(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(2)).find(|at| {
        bytes[*at] == b'<' && bytes[at + 1].eq_ignore_ascii_case(&b'a') && bytes[at + 2].is_ascii_whitespace()
    })
}

fn find(text: &str, wanted: &str) -> Option<usize> {
    let (bytes, wanted) = (text.as_bytes(), wanted.as_bytes());
    bytes.windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))
}

/// Where a tag ends: at the first `>` outside of quotes.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// The attributes as they are written: name and value.
fn attributes(text: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
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
        }
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') && !name.is_empty() {
            out.push((name, value));
        } else if end == 0 {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    out
}

fn plain(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_led_elsewhere_or_left_out() {
        let page = "<html><base href=\"/x/\"><body><A data-requires-python='&gt;=3.8' HREF=\"../a-1.whl#sha256=00\">a</a>\n<a href=b-2.whl>b</a></body>";
        let out = relinked(page, |anchor| {
            let href = anchor.attribute("href").expect("a link");
            href.contains("a-1").then(|| format!("http://here/{}", href.trim_start_matches("../")))
        });
        let expected =
            "<html><body><a href=\"http://here/a-1.whl#sha256=00\" data-requires-python=\"&gt;=3.8\">a</a>\n</body>";
        assert_eq!(out, expected);
    }
}
