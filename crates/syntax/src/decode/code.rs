//! Whether a text is code.

use memchr::memmem;

use crate::Language;

/// How far a text is looked at.
const LOOKED_AT: usize = 16 << 10;

/// Where a word must stand to count.
#[derive(Clone, Copy, PartialEq)]
enum At {
    /// At the start of a statement: of a line, or after `;`, `{`, `:` or `&&`.
    Start,
    /// Not right behind a letter or digit.
    Word,
    /// Anywhere.
    Any,
}

use At::{Any, Start, Word};

/// What tells a language: text, place, weight.
type Sign = (&'static str, At, u32);

const PYTHON: &[Sign] = &[
    ("import ", Start, 2),
    ("from ", Start, 1),
    ("def ", Start, 2),
    ("class ", Start, 1),
    ("exec(", Word, 3),
    ("exec((_)(b'", Any, 4),
    ("import base64", Start, 2),
    ("eval(", Word, 2),
    ("eval(compile(", Word, 3),
    ("exec(compile(", Word, 2),
    ("chr(ord(", Word, 2),
    ("__import__(", Word, 4),
    ("lambda ", Word, 1),
    ("lambda:", Word, 2),
    ("print(", Word, 2),
    ("os.system(", Word, 4),
    ("subprocess.", Word, 3),
    ("requests.", Word, 2),
    ("urllib", Word, 2),
    ("b64decode(", Any, 2),
    ("elif ", Start, 2),
    ("except ", Start, 1),
    ("except:", Start, 2),
    ("try:", Start, 3),
    ("return ", Start, 1),
    ("self.", Word, 1),
    ("__name__", Word, 2),
    ("os.environ", Word, 3),
    ("os.path.", Word, 3),
    ("with open(", Start, 3),
    ("if not ", Start, 1),
    ("marshal.loads(", Any, 4),
    ("builtins", Word, 1),
    ("getattr(", Word, 2),
    ("sys.", Word, 1),
    ("platform.system()", Any, 3),
    (" == \"nt\"", Any, 2),
    ("socket.socket(", Any, 3),
];

const JAVASCRIPT: &[Sign] = &[
    ("function(", Word, 2),
    ("function (", Word, 2),
    ("function ", Word, 1),
    ("require(", Word, 3),
    ("const ", Start, 2),
    ("let ", Start, 1),
    ("var ", Start, 2),
    ("=>", Any, 1),
    ("=> {", Any, 2),
    ("=>{", Any, 2),
    ("module.exports", Word, 4),
    ("eval(", Word, 2),
    ("process.env", Word, 3),
    ("process.", Word, 1),
    ("child_process", Any, 3),
    ("JSON.", Word, 1),
    (".then(", Any, 2),
    ("async ", Word, 1),
    ("await ", Word, 1),
    ("new ", Word, 1),
    ("===", Any, 1),
    ("Buffer.from(", Word, 3),
    ("atob(", Word, 2),
    ("String.fromCharCode", Word, 3),
    ("document.", Word, 2),
    ("window.", Word, 2),
    ("globalThis", Word, 2),
    ("fetch(", Word, 2),
    ("XMLHttpRequest", Word, 3),
    ("console.log(", Word, 2),
    ("import ", Start, 1),
    ("export ", Start, 1),
    ("return ", Word, 1),
    ("typeof ", Word, 2),
    ("});", Any, 1),
    ("){", Any, 1),
];

const SHELL: &[Sign] = &[
    ("#!/bin/", Any, 5),
    ("#!/usr/bin/env ", Any, 2),
    ("curl ", Start, 3),
    ("curl -", Word, 3),
    ("wget ", Word, 3),
    ("chmod ", Start, 3),
    ("chmod +x", Word, 4),
    ("| sh", Any, 3),
    ("| bash", Any, 3),
    ("|bash", Any, 3),
    ("|sh", Any, 2),
    ("bash -", Word, 3),
    ("sh -c", Word, 3),
    ("/dev/tcp/", Any, 5),
    ("nohup ", Start, 3),
    ("/dev/null", Any, 2),
    ("sudo ", Start, 2),
    ("echo ", Start, 1),
    ("export ", Start, 1),
    ("mkdir -p", Word, 2),
    ("$(", Any, 1),
    ("fi\n", Start, 1),
    ("crontab", Word, 3),
    ("rm -rf", Word, 3),
    ("cd /", Start, 2),
];

const POWERSHELL: &[Sign] = &[
    ("powershell", Word, 3),
    ("iex ", Word, 2),
    ("iex(", Word, 3),
    ("invoke-expression", Word, 4),
    ("invoke-webrequest", Word, 4),
    ("invoke-restmethod", Word, 4),
    ("iwr ", Word, 3),
    ("new-object ", Word, 4),
    ("net.webclient", Any, 3),
    ("downloadstring(", Any, 4),
    ("downloadfile(", Any, 4),
    ("start-process", Word, 4),
    ("$env:", Any, 3),
    ("set-executionpolicy", Word, 4),
    ("write-host", Word, 3),
    ("$erroractionpreference", Any, 4),
    ("add-type", Word, 3),
    ("[system.", Any, 2),
    ("[convert]::", Any, 3),
    ("start-sleep", Word, 2),
    ("out-null", Word, 3),
    ("add-mppreference", Word, 4),
];

const RUBY: &[Sign] = &[
    ("require '", Start, 3),
    ("require \"", Start, 3),
    ("require_relative ", Start, 4),
    ("def ", Start, 1),
    ("end\n", Start, 2),
    ("puts ", Start, 2),
    ("module ", Start, 1),
    (" do |", Any, 3),
    ("Net::HTTP", Word, 4),
    ("Gem::", Word, 3),
    ("ENV[", Word, 2),
    (".each ", Any, 1),
    ("unless ", Word, 2),
];

/// As much of a word as counts for the length of a text.
const LONGEST_WORD: usize = 60;
/// The least weight of signs that makes code.
const ENOUGH: u32 = 4;

/// The language in which a text is written, when it looks like code at all. Prose, data formats, markup, certificates and
/// tables are not code.
pub fn looks_like_code(text: &str) -> Option<Language> {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text[..end].trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    if text.len() < 12 || !is_printable(text) || is_data(text) {
        return None;
    }
    if text.starts_with("#!") {
        return Language::of("", text.as_bytes());
    }
    let lower = text.to_ascii_lowercase();
    let marks =
        text.bytes().filter(|byte| matches!(byte, b'(' | b')' | b'{' | b'}' | b'=' | b';' | b'[' | b'|')).count();
    // A blob inside of code is one long word, and says nothing of the rest.
    let length: usize = text.split_ascii_whitespace().map(|word| word.len().min(LONGEST_WORD) + 1).sum();
    let dense = marks * 40 >= length;
    let scores = [
        (Language::Python, weigh(text, PYTHON)),
        (Language::JavaScript, weigh(text, JAVASCRIPT)),
        (Language::PowerShell, weigh(&lower, POWERSHELL)),
        (Language::Ruby, weigh(text, RUBY)),
        (Language::Shell, weigh(text, SHELL)),
    ];
    let (language, score) = scores.into_iter().rev().max_by_key(|(_, score)| *score)?;
    // Shell lines have few brackets; the words of prose are many and its marks are few.
    let enough = match language {
        Language::Shell | Language::PowerShell => ENOUGH + u32::from(!dense),
        _ if dense => ENOUGH,
        _ => ENOUGH * 3,
    };
    (score >= enough).then_some(language)
}

/// The weight of all signs that a text shows. Each sign counts up to three times its weight, so that one word repeated over
/// and over proves little.
fn weigh(text: &str, signs: &[Sign]) -> u32 {
    signs.iter().map(|(sign, at, weight)| weight * count(text.as_bytes(), sign.as_bytes(), *at, 3)).sum()
}

fn count(text: &[u8], sign: &[u8], at: At, most: usize) -> u32 {
    memmem::find_iter(text, sign).filter(|found| stands(text, *found, at)).take(most).count() as u32
}

fn stands(text: &[u8], found: usize, at: At) -> bool {
    let before = &text[..found];
    match at {
        Any => true,
        Word => before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_'),
        Start => {
            let blank = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            match before.len() - blank {
                0 => true,
                end => matches!(before[end - 1], b'\n' | b'\r' | b';' | b'{' | b'}' | b':' | b'&' | b')'),
            }
        }
    }
}

fn is_printable(text: &str) -> bool {
    let odd =
        text.chars().filter(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}')).count();
    let foreign =
        text.chars().filter(|letter| matches!(*letter, '\u{80}'..='\u{FF}' | char::REPLACEMENT_CHARACTER)).count();
    odd * 200 <= text.len() && foreign * 10 <= text.len()
}

/// JSON, markup, PEM and style sheets.
pub(super) fn is_data(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.first().copied().unwrap_or_default() {
        b'<' => !text.starts_with("<#"),
        b'{' | b'[' => {
            let next = bytes[1..].iter().find(|byte| !byte.is_ascii_whitespace());
            matches!(next, Some(b'"' | b'{' | b'[' | b'}' | b']' | b'0'..=b'9' | b'-'))
        }
        b'-' => text.starts_with("-----BEGIN"),
        b'@' => text.starts_with("@charset") || text.starts_with("@import") || text.starts_with("@font-face"),
        b'%' => text.starts_with("%PDF") || text.starts_with("%!PS"),
        _ => false,
    }
}
