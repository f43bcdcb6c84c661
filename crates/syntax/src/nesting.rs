//! How deep a text nests, found out before a parser sees it.
//!
//! Recursive parsers can be made to abort by a few kilobytes of nested source, and no handler catches that. So one pass over
//! the bytes counts everything for which such a parser calls itself: brackets, templates and interpolations, unclosed control
//! statements, runs of unary operators, ternary, arrow and assignment chains, indentation. The count is an estimate: a text
//! that fools it costs a worker process, and that is noticed.

use crate::Language;

/// Beyond this depth a text goes to the parsers that cannot be made to abort. Honest code stays far below, even bundles.
pub const MOST: usize = 2_000;

/// The depth of a text.
pub fn depth(text: &str, language: Language) -> usize {
    // One copy of the scanner each for the two languages whose files are large.
    match language {
        Language::JavaScript => Scanner::<JAVASCRIPT>::new(text.as_bytes(), language).run(),
        Language::Python => Scanner::<PYTHON>::new(text.as_bytes(), language).run(),
        _ => Scanner::<OTHER>::new(text.as_bytes(), language).run(),
    }
}

const JAVASCRIPT: u8 = 0;
const PYTHON: u8 = 1;
const OTHER: u8 = 2;

/// What a byte is to the scanner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Nothing of interest.
    Plain,
    /// A byte of a word.
    Word,
    Blank,
    Line,
    Open,
    Close,
    Quote,
    Slash,
    Hash,
    /// `;` and `,`: they end chains.
    Separator,
    /// Any other operator.
    Operator,
    Backslash,
}

const CLASSES: [Class; 256] = {
    let mut table = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80..=0xFF => Class::Word,
            b' ' | b'\t' | 0x0B | 0x0C => Class::Blank,
            b'\n' | b'\r' => Class::Line,
            b'(' | b'[' | b'{' => Class::Open,
            b')' | b']' | b'}' => Class::Close,
            b'"' | b'\'' | b'`' => Class::Quote,
            b'/' => Class::Slash,
            b'#' => Class::Hash,
            b';' | b',' => Class::Separator,
            b'!' | b'~' | b'+' | b'-' | b'*' | b'=' | b'<' | b'>' | b'?' | b':' | b'&' | b'|' | b'%' | b'^' | b'@' => {
                Class::Operator
            }
            b'\\' => Class::Backslash,
            _ => Class::Plain,
        };
        byte += 1;
    }
    table
};

/// What follows when a bracket closes.
#[derive(Clone, Copy)]
enum Resume {
    Code,
    /// A text with interpolations goes on: its quote, and whether it has three of them.
    Text(u8, bool),
}

/// An open bracket.
struct Level {
    resume: Resume,
    /// Chains that are open in it: control statements, ternaries, arrows, assignments.
    chain: usize,
    /// Whether we are in the parameters of a Python `lambda`, whose commas end nothing.
    parameters: bool,
}

struct Scanner<'t, const KIND: u8> {
    bytes: &'t [u8],
    at: usize,
    language: Language,
    levels: Vec<Level>,
    /// The chains of all levels.
    chains: usize,
    /// Unary operators in a row.
    unary: usize,
    /// Open JSX elements.
    elements: usize,
    /// Brackets that close nothing: recovering from them costs tree-sitter as much as nesting.
    stray: usize,
    /// The widths of the indented blocks that are open.
    indents: Vec<usize>,
    /// The last byte that was neither blank nor comment.
    last: u8,
    /// Whether that byte ended a keyword, after which an operand is expected.
    after_keyword: bool,
    deepest: usize,
}

impl<'t, const KIND: u8> Scanner<'t, KIND> {
    fn new(bytes: &'t [u8], language: Language) -> Self {
        let levels = vec![Level { resume: Resume::Code, chain: 0, parameters: false }];
        Self {
            bytes,
            at: 0,
            language,
            levels,
            chains: 0,
            unary: 0,
            elements: 0,
            stray: 0,
            indents: Vec::new(),
            last: b';',
            after_keyword: false,
            deepest: 0,
        }
    }

    fn run(mut self) -> usize {
        if KIND == PYTHON {
            self.indent();
        }
        while let Some(&byte) = self.bytes.get(self.at) {
            match CLASSES[byte as usize] {
                Class::Blank => self.at += 1,
                Class::Word => self.word(),
                Class::Plain => self.passed(1),
                Class::Line => self.line(),
                Class::Open => self.open(Resume::Code),
                Class::Close => self.close(),
                Class::Quote => self.quote(byte, false),
                Class::Slash => self.slash(),
                Class::Hash => self.hash(),
                Class::Separator => self.separator(byte),
                Class::Operator => self.operator(byte),
                Class::Backslash => self.at += 2,
            }
        }
        self.deepest
    }

    fn javascript(&self) -> bool {
        KIND == JAVASCRIPT
    }

    fn peek(&self, offset: usize) -> u8 {
        self.bytes.get(self.at + offset).copied().unwrap_or(b'\n')
    }

    /// Notes that bytes of an operand or operator are behind us.
    fn passed(&mut self, count: usize) {
        self.last = self.bytes[self.at];
        self.at += count;
        self.unary = 0;
        self.after_keyword = false;
    }

    #[inline]
    fn note(&mut self) {
        let depth = self.levels.len() - 1 + self.chains + self.unary + self.elements + self.indents.len();
        self.deepest = self.deepest.max(depth);
    }

    fn open(&mut self, resume: Resume) {
        self.passed(1);
        self.levels.push(Level { resume, chain: 0, parameters: false });
        self.note();
    }

    fn close(&mut self) {
        let byte = self.bytes[self.at];
        self.passed(1);
        let mut resume = Resume::Code;
        let was_open = self.levels.len() > 1;
        if was_open && let Some(level) = self.levels.pop() {
            self.chains -= level.chain;
            resume = level.resume;
        }
        if KIND == OTHER && self.levels.len() == 1 && !was_open {
            self.stray += 1;
            self.deepest = self.deepest.max(self.stray);
        }
        match resume {
            Resume::Text(quote, triple) => self.text(quote, triple, true),
            Resume::Code if byte == b'}' && self.javascript() && !self.goes_on(true) => self.end_chain(),
            Resume::Code => {}
        }
    }

    fn separator(&mut self, byte: u8) {
        self.passed(1);
        if byte == b',' && self.levels.last().is_some_and(|level| level.parameters) {
            return;
        }
        if byte == b',' || !self.javascript() || !self.goes_on(false) {
            self.end_chain();
        }
    }

    fn chain(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.chain += 1;
            self.chains += 1;
            self.note();
        }
    }

    fn parameters(&mut self, begin: bool) {
        if let Some(level) = self.levels.last_mut() {
            level.parameters = begin;
        }
    }

    fn unchain(&mut self) {
        if let Some(level) = self.levels.last_mut().filter(|level| level.chain > 0) {
            level.chain -= 1;
            self.chains -= 1;
        }
    }

    fn end_chain(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.chains -= level.chain;
            level.chain = 0;
        }
    }

    /// Whether a statement goes on after its `;` or `}`: an `else` follows, or (after a bracket) anything but a new word.
    fn goes_on(&self, bracket: bool) -> bool {
        let rest = &self.bytes[self.at..];
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = &rest[blank..];
        match rest.first().map(|byte| CLASSES[*byte as usize]) {
            Some(Class::Word) => [b"else".as_slice(), b"catch", b"finally"].iter().any(|word| rest.starts_with(word)),
            Some(Class::Slash) => true,
            Some(_) => bracket,
            None => false,
        }
    }

    fn line(&mut self) {
        self.at += 1;
        match KIND {
            PYTHON => {
                if self.levels.len() == 1 {
                    self.end_chain();
                    self.unary = 0;
                    self.indent();
                }
            }
            JAVASCRIPT => {
                // Where a semicolon may be left out, a line that starts with a word ends the chains of the line before.
                let before = CLASSES[self.last as usize];
                if self.chains > 0 && !self.after_keyword && matches!(before, Class::Word | Class::Close | Class::Quote)
                {
                    let rest = &self.bytes[self.at..];
                    let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                    let word = word_of(&rest[blank..]);
                    if !word.is_empty() && !is_control(word) && !matches!(word, b"else" | b"in" | b"of" | b"instanceof")
                    {
                        self.end_chain();
                    }
                }
            }
            _ => self.end_chain(),
        }
    }

    /// Measures the indentation of a Python line.
    fn indent(&mut self) {
        let start = self.at;
        while matches!(self.peek(0), b' ' | b'\t' | 0x0C) && self.at < self.bytes.len() {
            self.at += 1;
        }
        if matches!(self.peek(0), b'\n' | b'\r' | b'#') {
            return;
        }
        let width = self.at - start;
        while self.indents.last().is_some_and(|outer| *outer > width) {
            self.indents.pop();
        }
        if width > self.indents.last().copied().unwrap_or_default() {
            self.indents.push(width);
            self.note();
        }
    }

    fn word(&mut self) {
        let word = word_of(&self.bytes[self.at..]);
        let (last, unary) = (self.last, self.unary);
        self.at += word.len();
        self.last = b'a';
        self.unary = 0;
        self.after_keyword = false;
        match KIND {
            JAVASCRIPT if (2..=10).contains(&word.len()) && last != b'.' => self.javascript_word(word, unary),
            PYTHON if word.len() <= 6 => self.python_word(word, unary),
            _ => {}
        }
    }

    fn javascript_word(&mut self, word: &[u8], unary: usize) {
        match word {
            b"typeof" | b"void" | b"delete" | b"await" | b"new" | b"yield" => {
                self.unary = unary + 1;
                self.after_keyword = true;
                self.note();
            }
            b"const" | b"let" | b"var" | b"import" | b"export" | b"function" | b"class" => {
                self.elements = 0;
                self.end_chain();
                self.after_keyword = true;
            }
            b"return" | b"throw" | b"case" | b"default" => {
                self.end_chain();
                self.after_keyword = true;
            }
            b"in" | b"of" | b"instanceof" | b"else" => self.after_keyword = true,
            _ if is_control(word) => {
                self.chain();
                self.after_keyword = true;
            }
            _ => {}
        }
    }

    fn python_word(&mut self, word: &[u8], unary: usize) {
        match word {
            b"not" | b"await" | b"yield" => {
                self.unary = unary + 1;
                self.after_keyword = true;
                self.note();
            }
            b"lambda" | b"else" => {
                self.chain();
                self.parameters(word == b"lambda");
                self.after_keyword = true;
            }
            b"and" | b"or" | b"in" | b"if" | b"is" | b"return" => self.after_keyword = true,
            _ if matches!(self.peek(0), b'"' | b'\'') && is_prefix(word) => {
                let interpolates = word.iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'));
                self.quote(self.peek(0), interpolates);
            }
            _ => {}
        }
    }

    /// Whether an operand is expected here, so that an operator is a unary one, `/` begins a pattern and `<` an element.
    fn wants_operand(&self) -> bool {
        self.after_keyword
            || !matches!(CLASSES[self.last as usize], Class::Word | Class::Close | Class::Quote | Class::Plain)
    }

    fn operator(&mut self, byte: u8) {
        let (next, wants_operand, unary) = (self.peek(1), self.wants_operand(), self.unary);
        match (byte, next) {
            (b'=', b'>') if self.javascript() => {
                self.passed(2);
                self.chain();
            }
            (b'=' | b'!' | b'<' | b'>', b'=') => self.passed(2),
            (b'=' | b':', _) if self.javascript() => {
                self.passed(1);
                self.chain();
            }
            (b':', _) => {
                self.passed(1);
                self.parameters(false);
            }
            // Long pipelines take tree-sitter's shell quadratic time and memory.
            (b'|', _) if KIND == OTHER => {
                self.passed(1);
                self.chain();
            }
            (b'?', b'.' | b'?') => self.passed(2),
            (b'?', _) => {
                self.passed(1);
                self.chain();
            }
            (b'*', b'*') if !wants_operand => {
                self.passed(2);
                self.chain();
            }
            (b'<' | b'>', _) if self.javascript() => self.angle(byte, next, wants_operand),
            (b'!' | b'~' | b'+' | b'-' | b'*' | b'&', _) if wants_operand || byte == b'!' => {
                self.passed(1);
                self.unary = unary + 1;
                self.note();
            }
            _ => self.passed(1),
        }
        // However it is spelled, an operand is expected after an operator.
        self.last = byte;
    }

    /// `<` and `>`: elements of JSX where an operand is expected, type arguments (or a comparison) behind a word.
    fn angle(&mut self, byte: u8, next: u8, wants_operand: bool) {
        let names = matches!(CLASSES[next as usize], Class::Word) || next == b'>';
        let closes_itself = self.last == b'/';
        self.passed(1);
        match byte {
            b'<' if next == b'/' => {
                self.elements = self.elements.saturating_sub(1);
                self.at += 1;
            }
            b'<' if wants_operand && names => {
                self.elements += 1;
                self.note();
            }
            b'<' if names => self.chain(),
            b'>' if closes_itself => self.elements = self.elements.saturating_sub(1),
            b'>' => self.unchain(),
            _ => {}
        }
    }

    fn hash(&mut self) {
        match self.language {
            // Elsewhere `#` begins a comment only at the start of a word (`$#`, `a#b`).
            Language::Python => self.skip_line(),
            Language::Shell | Language::Ruby | Language::PowerShell
                if self.at == 0 || self.bytes[self.at - 1].is_ascii_whitespace() =>
            {
                self.skip_line();
            }
            _ => self.passed(1),
        }
    }

    fn slash(&mut self) {
        let comments = matches!(self.language, Language::JavaScript | Language::Rust);
        match self.peek(1) {
            b'/' if comments => self.skip_line(),
            b'*' if comments => {
                let rest = &self.bytes[self.at + 2..];
                self.at += 2 + memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
            }
            _ if self.javascript() && (self.wants_operand() || self.last == b'}') => self.pattern(),
            _ => self.passed(1),
        }
    }

    /// Skips a regular expression. One that does not end on its line was a division.
    fn pattern(&mut self) {
        let mut end = self.at + 1;
        let mut set = false;
        loop {
            match self.bytes.get(end) {
                None | Some(b'\n' | b'\r') => return self.passed(1),
                Some(b'\\') => end += 1,
                Some(b'[') => set = true,
                Some(b']') => set = false,
                Some(b'/') if !set => break,
                Some(_) => {}
            }
            end += 1;
        }
        self.passed(1);
        self.at = end + 1;
        self.last = b')';
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    fn quote(&mut self, quote: u8, interpolates: bool) {
        match self.language {
            // A lifetime or a character: neither nests.
            Language::Rust if quote == b'\'' => {
                let skip = if self.peek(1) == b'\\' || self.peek(2) == b'\'' { 3 } else { 1 };
                self.passed(skip);
            }
            Language::Python if self.peek(1) == quote && self.peek(2) == quote => {
                self.passed(3);
                self.text(quote, true, interpolates);
            }
            Language::Python => {
                self.passed(1);
                self.text(quote, false, interpolates);
            }
            Language::JavaScript => {
                self.passed(1);
                self.text(quote, false, quote == b'`');
            }
            // Command substitutions nest through backquotes and double quotes: what is in them is counted as code.
            Language::Shell | Language::PowerShell if quote != b'\'' => self.passed(1),
            Language::Ruby if quote == b'`' => self.passed(1),
            _ => {
                self.passed(1);
                self.text(quote, true, false);
            }
        }
    }

    /// Skips a text to its end, or to an interpolation in it. `long` texts go over several lines; of Python's, three quotes
    /// end them.
    fn text(&mut self, quote: u8, long: bool, interpolates: bool) {
        let triple = long && KIND == PYTHON;
        let escapes = !matches!(self.language, Language::Shell | Language::PowerShell);
        loop {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            match byte {
                b'\\' if escapes => self.at += 2,
                b'\n' | b'\r' if !long && quote != b'`' => break,
                _ if byte == quote && triple => {
                    self.at += 1;
                    if self.peek(0) == quote && self.peek(1) == quote {
                        self.at += 2;
                        break;
                    }
                }
                _ if byte == quote => {
                    self.at += 1;
                    break;
                }
                b'$' if interpolates && self.javascript() && self.peek(1) == b'{' => {
                    self.at += 1;
                    return self.open(Resume::Text(quote, long));
                }
                b'{' if interpolates && !self.javascript() => {
                    if self.peek(1) != b'{' {
                        return self.open(Resume::Text(quote, long));
                    }
                    self.at += 2;
                }
                _ if interpolates => self.at += 1,
                _ => self.skip_in_text(quote, long),
            }
        }
        self.last = b'"';
    }

    /// Goes to the next byte of a plain text that may matter.
    fn skip_in_text(&mut self, quote: u8, long: bool) {
        let rest = &self.bytes[self.at..];
        let next = if long { memchr::memchr2(quote, b'\\', rest) } else { memchr::memchr3(quote, b'\\', b'\n', rest) };
        self.at += next.unwrap_or(rest.len()).max(1);
    }
}

#[inline]
fn word_of(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| CLASSES[*byte as usize] != Class::Word).unwrap_or(bytes.len());
    &bytes[..end]
}

/// Words whose statement holds another statement without a bracket.
fn is_control(word: &[u8]) -> bool {
    matches!(word, b"if" | b"for" | b"while" | b"do" | b"with")
}

/// The letters before a Python text.
fn is_prefix(word: &[u8]) -> bool {
    word.len() <= 2 && word.iter().all(|byte| b"rRbBuUfFtT".contains(byte))
}
