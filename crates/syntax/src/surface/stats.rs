//! Figures by which minified, obfuscated and hand-written text differ.

/// Figures of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stats {
    /// How many lines it has.
    pub lines: usize,
    /// The bytes of its longest line.
    pub longest_line: usize,
    /// The bytes of all of it.
    pub bytes: usize,
    /// How many identifiers and words stand in it, outside of text literals.
    pub identifiers: usize,
    /// Their mean length.
    pub mean_identifier: f64,
    /// The share of one-letter identifiers.
    pub one_letter: f64,
    /// The share of identifiers such as `_0x3fa2`.
    pub hexadecimal: f64,
    /// The entropy of the content of text literals, in bits a byte.
    pub literal_entropy: f64,
    /// The share of bytes inside of text literals.
    pub literals: f64,
    /// The share of blanks and line ends.
    pub blank: f64,
    /// The share of bytes that are not ASCII.
    pub foreign: f64,
}

impl Stats {
    /// Whether a minifier wrote it: long lines, few blanks, short names.
    pub fn is_minified(&self) -> bool {
        let mean_line = self.bytes / self.lines.max(1);
        let dense = self.longest_line > 500 && (mean_line > 150 || self.blank < 0.08);
        dense
            && self.hexadecimal < 0.05
            && self.identifiers > 20
            && (self.one_letter > 0.18 || self.mean_identifier < 5.0)
    }
}

/// Works out the figures of a text. It reads every byte once; ask only when they matter.
pub fn stats(text: &str) -> Stats {
    let bytes = text.as_bytes();
    let mut stats = Stats { bytes: bytes.len(), ..Stats::default() };
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]) {
        stats.lines += usize::from(end > start || end < bytes.len());
        stats.longest_line = stats.longest_line.max(end - start);
        start = end + 1;
    }
    let mut counts = [0u32; 256];
    let (mut length, mut short, mut hex, mut inside) = (0, 0, 0, 0usize);
    walk(text, |token| match token {
        Token::Word(_, word) => {
            stats.identifiers += 1;
            length += word.len();
            short += usize::from(word.len() == 1);
            hex += usize::from(is_hex_name(word));
        }
        Token::Literal(content) => {
            inside += content.len();
            for byte in content {
                counts[*byte as usize] += 1;
            }
        }
    });
    let share = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    stats.mean_identifier = share(length, stats.identifiers);
    stats.one_letter = share(short, stats.identifiers);
    stats.hexadecimal = share(hex, stats.identifiers);
    stats.literals = share(inside, bytes.len());
    stats.blank = share(bytes.iter().filter(|byte| byte.is_ascii_whitespace()).count(), bytes.len());
    stats.foreign = share(bytes.iter().filter(|byte| !byte.is_ascii()).count(), bytes.len());
    stats.literal_entropy = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / inside as f64)
        .map(|p| -p * p.log2())
        .sum();
    stats
}

/// Names made of letters that are mistaken for each other.
#[derive(Default)]
pub(super) struct UnreadableNames {
    /// How many such names there are.
    pub(super) count: usize,
    /// How many names there are in all.
    pub(super) all: usize,
    /// Where the first stands.
    pub(super) first: usize,
    /// The first.
    pub(super) example: String,
}

/// Counts the unreadable names of a text.
pub(super) fn unreadable(text: &str) -> UnreadableNames {
    let mut names = UnreadableNames::default();
    walk(text, |token| {
        let Token::Word(at, word) = token else { return };
        names.all += 1;
        if is_unreadable(word) {
            if names.count == 0 {
                names.first = at;
                names.example = String::from_utf8_lossy(&word[..word.len().min(40)]).into_owned();
            }
            names.count += 1;
        }
    });
    names
}

/// Whether a name is made of `I l 1`, of `O 0 o`, or of nothing but underscores. Dunder and short names are not.
fn is_unreadable(word: &[u8]) -> bool {
    let made_of = |letters: &[u8]| word.iter().all(|byte| letters.contains(byte));
    let mixes = word.windows(2).filter(|pair| pair[0] != pair[1]).count();
    match word.len() {
        0..=4 => false,
        _ if made_of(b"_") => true,
        5 => false,
        _ => mixes >= 2 && (made_of(b"Il1i|_") || made_of(b"O0o_Q")),
    }
}

fn is_hex_name(word: &[u8]) -> bool {
    word.strip_prefix(b"_0x")
        .or_else(|| word.get(2..).and_then(|rest| rest.strip_prefix(b"_0x")))
        .is_some_and(|digits| digits.len() >= 3 && digits.iter().all(u8::is_ascii_hexdigit))
}

enum Token<'a> {
    Word(usize, &'a [u8]),
    Literal(&'a [u8]),
}

/// Goes over the identifiers and one-line text literals of a text, whatever its language.
fn walk<'a>(text: &'a str, mut visit: impl FnMut(Token<'a>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | 0x80.. => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..))
                    .count();
                visit(Token::Word(at, &bytes[at..at + length]));
                at += length;
            }
            b'0'..=b'9' => at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count(),
            quote @ (b'"' | b'\'' | b'`') => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = at.min(bytes.len());
                visit(Token::Literal(&bytes[start..at]));
                at += 1;
            }
            _ => at += 1,
        }
    }
}
