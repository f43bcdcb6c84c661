//! An entry's name, made harmless.

use crate::{Limits, Oddity};

/// What became of an entry's raw name.
pub(crate) struct Name {
    /// Relative, `/`-separated, without `.` and `..`; empty when nothing is left.
    pub path: String,
    /// Whether the raw name ends with a separator.
    pub folder: bool,
    /// What was odd.
    pub oddities: Vec<Oddity>,
}

/// Normalises a raw name. Whatever it says, the result lies below the root.
pub(crate) fn normalise(raw: &[u8], limits: &Limits) -> Name {
    let mut oddities = Vec::new();
    let mut raw = raw;
    if let Some(nul) = memchr::memchr(0, raw) {
        oddities.push(Oddity::NulInName);
        raw = raw.get(..nul).unwrap_or_default();
    }
    if raw.len() > limits.name_bytes {
        oddities.push(Oddity::NameTooLong);
        raw = raw.get(..limits.name_bytes).unwrap_or_default();
    }
    let text = match str::from_utf8(raw) {
        Ok(text) => text.into(),
        Err(_) => {
            oddities.push(Oddity::NonUtf8Name);
            String::from_utf8_lossy(raw)
        }
    };
    if !raw.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        oddities.extend(strange_characters(&text));
    }
    let mut text = text.into_owned();
    if text.contains('\\') {
        oddities.push(Oddity::BackslashInName);
        text = text.replace('\\', "/");
    }
    let folder = text.ends_with('/');
    let path = below_root(&text, &mut oddities);
    Name { path, folder, oddities }
}

/// Whether a link's target starts at a root.
pub(crate) fn is_rooted(target: &str) -> bool {
    target.starts_with('/') || has_drive(target)
}

fn below_root(text: &str, oddities: &mut Vec<Oddity>) -> String {
    let mut rest = text;
    if rest.starts_with('/') {
        oddities.push(Oddity::AbsolutePath);
    }
    if has_drive(rest.trim_start_matches('/')) {
        oddities.push(Oddity::DriveLetter);
        rest = rest.trim_start_matches('/').get(2..).unwrap_or_default();
    }
    let (mut parts, mut climbs, mut parents) = (Vec::new(), false, false);
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parents = true;
                climbs |= parts.pop().is_none();
            }
            part => parts.push(part),
        }
    }
    if climbs {
        oddities.push(Oddity::PathTraversal);
    } else if parents {
        oddities.push(Oddity::ParentInPath);
    }
    parts.join("/").replace('!', "%21")
}

fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn strange_characters(text: &str) -> Vec<Oddity> {
    let mut found = Vec::new();
    let mut see = |oddity| {
        if !found.contains(&oddity) {
            found.push(oddity);
        }
    };
    let mut before = ' ';
    for letter in text.chars() {
        match letter {
            // A joiner after a pictograph makes one picture of two.
            '\u{200d}' if matches!(before, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}') => {}
            letter if letter.is_control() => see(Oddity::ControlInName),
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                see(Oddity::BidiInName);
            }
            '\u{00ad}'
            | '\u{034f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2064}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' => see(Oddity::InvisibleInName),
            _ => {}
        }
        before = letter;
    }
    found
}
