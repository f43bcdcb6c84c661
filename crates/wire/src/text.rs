//! Hostile prose made harmless: what a package says is shown, never obeyed.

use std::{borrow::Cow, fmt::Write};

use model::IndicatorKind;

/// Whether a character can act on a terminal, reorder or hide text, or pass for nothing at all.
pub const fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'       // controls, C1 among them: some terminals obey U+009B
        | '\u{ad}' | '\u{34f}' | '\u{61c}'          // soft hyphen, grapheme joiner, Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'                   // zero width, direction marks
        | '\u{2028}'..='\u{202e}'                   // line separators, embeddings and overrides
        | '\u{2060}'..='\u{206f}'                   // invisible operators, isolates
        | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{fe00}'..='\u{fe0f}'                   // variation selectors: code has been hidden in them
        | '\u{e000}'..='\u{f8ff}'                   // private use: likewise
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{10ffff}'                // tags, further selectors, private planes
    )
}

/// Text of a package as a person may see it, on one line: every deceptive character stands as `\u{..}`.
/// Every report passes every word of a package through here.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_deceptive(c) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A line of source code as a person may see it: tabs become four spaces, and what is longer than `width` is cut.
pub fn code_line(line: &str, width: usize) -> String {
    let line = line.trim_end_matches(['\r', '\n']);
    let spaced = line.replace('\t', "    ");
    cut(&visible(&spaced), width)
}

/// At most `width` characters; the cut is shown.
pub fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.into(),
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Text for the body of a Markdown page, so that it can neither format, link, mention anybody nor carry HTML.
pub fn markdown(text: &str) -> String {
    let shown = visible(text);
    let mut escaped = String::with_capacity(shown.len() + 16);
    for (at, c) in shown.char_indices() {
        let special = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '@' | '$' => true,
            // Bare addresses become links by themselves unless their marks are broken.
            ':' => shown[at..].starts_with("://"),
            '.' => shown[..at].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Text as a Markdown code span: its fence is longer than any run of backticks inside.
pub fn markdown_code(text: &str) -> String {
    let shown = visible(text);
    if shown.trim().is_empty() {
        return "` `".into();
    }
    let fence = "`".repeat(longest_run(&shown) + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// The same in a table, where a pipe would end the cell even inside a span.
pub fn markdown_cell(text: &str) -> String {
    markdown_code(text).replace('|', "\\|")
}

/// Lines as a fenced Markdown block. Who shows hostile lines begins each with a mark of their own: a CI runner obeys
/// lines of a log that begin with a command.
pub fn markdown_block(lines: impl Iterator<Item = String>) -> String {
    let body: Vec<String> = lines.map(|line| code_line(&line, 200)).collect();
    let longest = body.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", body.join("\n"))
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Text for HTML and XML, as content or in an attribute with quotes: it can neither open a tag nor leave its place.
pub fn html(text: &str) -> String {
    let shown = visible(text);
    let mut escaped = String::with_capacity(shown.len() + 16);
    for c in shown.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // No XML may hold these two, not even escaped.
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Text as an identifier in the sense of RFC 3986: what may not stand in one is percent-encoded.
pub fn iri(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte) {
            encoded.push(byte as char);
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// An indicator of compromise that nobody can follow by accident: `hxxps://host[.]example`.
pub fn defanged(kind: IndicatorKind, value: &str) -> String {
    let shown = visible(value);
    match kind {
        IndicatorKind::Url => {
            let (scheme, rest) = shown.split_once("://").unwrap_or(("", &shown));
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            format!("{}://{}{path}", scheme.replace("tt", "xx"), host.replace('.', "[.]"))
        }
        IndicatorKind::Host | IndicatorKind::Ip => shown.replace('.', "[.]"),
        IndicatorKind::Email => shown.replace('@', "[@]").replace('.', "[.]"),
        _ => shown.into_owned(),
    }
}

/// A count with its noun: `1 file`, `2 files`.
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Bytes in the unit in which a person would say it.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return count(bytes, "byte");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 10.0 { format!("{value:.1} {}", UNITS[unit]) } else { format!("{value:.0} {}", UNITS[unit]) }
}

/// Words broken into lines of at most `width` characters. Runs of white space count as one space.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let size = word.chars().count();
        // A word that a CI runner would take for a command must not come to stand at the start of a line.
        let command = word.starts_with("::") || word.starts_with("##[");
        if length > 0 && length + 1 + size > width && !command {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += size;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_bidi_and_invisible_characters_are_spelled_out() {
        assert_eq!(visible("plain – text 日本語 é"), "plain – text 日本語 é");
        assert_eq!(visible("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(visible("a\u{9b}31mb"), "a\\u{9b}31mb");
        assert_eq!(visible("a\u{202e}b\u{2066}c\u{200b}d\u{feff}"), "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{feff}");
        assert_eq!(visible("x\u{fe0f}\u{e0101}\u{e001}"), "x\\u{fe0f}\\u{e0101}\\u{e001}");
        assert_eq!(visible("one\ntwo\r\n"), "one\\u{a}two\\u{d}\\u{a}");
    }

    #[test]
    fn markdown_neither_formats_nor_links_nor_mentions() {
        assert_eq!(markdown("**a** [b](http://c.example)"), r"\*\*a\*\* \[b\](http\://c.example)");
        assert_eq!(markdown("<img src=x> @team www.x.example"), r"\<img src=x\> \@team www\.x.example");
        assert_eq!(markdown_code("a`b``c"), "```a`b``c```");
        assert_eq!(markdown_code("`"), "`` ` ``");
        assert!(markdown_block(["```", "x"].map(String::from).into_iter()).starts_with("````text\n```\n"));
    }

    #[test]
    fn html_opens_no_tag_and_leaves_no_attribute() {
        assert_eq!(
            html("<a href=\"x\" onload='y'>&\u{1b}\u{fffe}"),
            "&lt;a href=&quot;x&quot; onload=&#39;y&#39;&gt;&amp;\\u{1b}\\u{fffe}"
        );
        assert_eq!(iri("pkg:npm/a b@1\n\"é"), "pkg:npm/a%20b@1%0A%22%C3%A9");
    }

    #[test]
    fn indicators_cannot_be_followed() {
        let rows = [
            (IndicatorKind::Url, "https://c2.example/a.b?c=d", "hxxps://c2[.]example/a.b?c=d"),
            (IndicatorKind::Host, "c2.example", "c2[.]example"),
            (IndicatorKind::Ip, "198.51.100.7", "198[.]51[.]100[.]7"),
            (IndicatorKind::Email, "a@mail.example", "a[@]mail[.]example"),
            (IndicatorKind::Path, "/tmp/x.sh", "/tmp/x.sh"),
        ];
        for (kind, value, shown) in rows {
            assert_eq!(defanged(kind, value), shown);
        }
    }

    #[test]
    fn sizes_and_counts_read_as_people_say_them() {
        let read: Vec<String> = [1, 999, 1000, 34_560, 999_950, 5_200_000].map(size).to_vec();
        assert_eq!(read, ["1 byte", "999 bytes", "1.0 kB", "35 kB", "1.0 MB", "5.2 MB"]);
        assert_eq!((count(1, "file"), count(0, "file")), ("1 file".into(), "0 files".into()));
    }

    #[test]
    fn words_wrap_and_long_lines_are_cut() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("one two ::error::x", 7), ["one two ::error::x"]);
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(code_line("\tx\r\n", 80), "    x");
    }
}
