//! Identifiers of letters that look like others.

use unicode_normalization::UnicodeNormalization;

use super::{MarkKind, Page};

/// Whether a character is worth a look: it is not ASCII, but may be taken for an ASCII letter.
pub(super) fn is_suspect(letter: char) -> bool {
    match letter {
        '\u{1D400}'..='\u{1D7FF}' | '\u{FF21}'..='\u{FF5A}' | '\u{2102}'..='\u{2149}' | '\u{1D43}'..='\u{1D6A}' => {
            compatible(letter).is_some()
        }
        _ => lookalike(letter).is_some(),
    }
}

/// Looks at the identifier around a suspect character; answers where it ends.
pub(super) fn judge(page: &mut Page<'_>, offset: usize) -> usize {
    let text = page.text;
    let part = |letter: char| letter == '_' || letter.is_alphanumeric();
    let start =
        text[..offset].char_indices().rev().take_while(|(_, letter)| part(*letter)).last().map_or(offset, |(at, _)| at);
    let end =
        text[offset..].char_indices().find(|(_, letter)| !part(*letter)).map_or(text.len(), |(at, _)| offset + at);
    let word = &text[start..end];
    if word.len() > 512 || page.is_quoted(start) {
        return end;
    }
    let meant: Option<String> = word
        .chars()
        .map(|letter| if letter.is_ascii() { Some(letter) } else { compatible(letter).or_else(|| lookalike(letter)) })
        .collect();
    let Some(meant) = meant else { return end };
    let mathematical = word.chars().any(|letter| !letter.is_ascii() && compatible(letter).is_some());
    // A word wholly in another script is that script's; one mixed with Latin letters pretends.
    let mixed = word.chars().any(|letter| letter.is_ascii_alphabetic());
    // One letter alone is a formula's.
    if (mathematical && word.chars().count() > 1) || (mixed && !mathematical) {
        let detail = format!("\"{word}\" reads as \"{meant}\"");
        page.mark(MarkKind::Confusable, start, end - start, detail, Some(meant));
    }
    end
}

/// The ASCII letter to which Python's own normalisation brings a character.
fn compatible(letter: char) -> Option<char> {
    let mut normal = std::iter::once(letter).nfkc();
    let first = normal.next()?;
    (normal.next().is_none() && first.is_ascii_alphanumeric() && first != letter).then_some(first)
}

/// The Latin letter for which a Cyrillic or Greek one is taken. Greek letters that formulas use are not in it.
fn lookalike(letter: char) -> Option<char> {
    const PAIRS: &[(&str, &str)] = &[
        ("авеікмнорстхуѕјһԁԛԝӏ", "abeikmhopctxysjhdqwl"),
        ("АВЕКМНОРСТХЅІЈ", "ABEKMHOPCTXSIJ"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo"),
    ];
    if !('\u{370}'..='\u{52F}').contains(&letter) {
        return None;
    }
    PAIRS.iter().find_map(|(from, to)| from.chars().zip(to.chars()).find(|(from, _)| *from == letter).map(|(_, to)| to))
}
