//! CPython's marshalled code objects, of any version since 2.7: their constants and names, never their bytecode.

/// What a marshalled value holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marshalled {
    /// Constant texts, and constant bytes that are text, in the order in which they stand.
    pub constants: Vec<String>,
    /// Names: of globals, attributes, variables, functions and modules.
    pub names: Vec<String>,
    /// Constant bytes of some length that are not text.
    pub blobs: Vec<Vec<u8>>,
    /// How many code objects there are.
    pub codes: usize,
}

/// Deeper nesting than this is refused: no compiler writes it.
const DEEPEST: u32 = 64;
/// More objects than this are refused.
const MOST_OBJECTS: usize = 400_000;
/// The fewest bytes that make a blob.
const SMALLEST_BLOB: usize = 32;

/// The constant texts and the names of a marshalled code object. None when it is not one.
pub fn marshal(bytes: &[u8]) -> Option<Vec<String>> {
    let found = marshalled(bytes)?;
    Some(found.constants.into_iter().chain(found.names).collect())
}

/// What a marshalled code object holds. None when it is not one.
pub fn marshalled(bytes: &[u8]) -> Option<Marshalled> {
    if bytes.first()? & !Reader::FLAG != b'c' {
        return None;
    }
    let mut best: Option<Marshalled> = None;
    for layout in [Layout::Since311, Layout::Since38, Layout::Since30, Layout::Python2] {
        let mut reader =
            Reader { bytes, at: 0, layout, refs: Vec::new(), objects: 0, depth: 0, found: Marshalled::default() };
        let whole = reader.object(Use::Constant).is_some();
        if whole {
            return Some(reader.found);
        }
        // A torn object still tells something, when its layout was right up to there.
        let weight = |found: &Marshalled| found.constants.len() + found.names.len();
        if reader.found.codes > 1 && best.as_ref().is_none_or(|best| weight(best) < weight(&reader.found)) {
            best = Some(reader.found);
        }
    }
    best.filter(|best| best.names.len() >= 3)
}

/// What a `.pyc` file holds, whatever the length of its header.
pub fn pyc(bytes: &[u8]) -> Option<Marshalled> {
    if bytes.get(2..4)? != b"\r\n" {
        return None;
    }
    [16, 12, 8].into_iter().find_map(|header| marshalled(bytes.get(header..)?))
}

/// How a code object is laid out.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Since311,
    Since38,
    Since30,
    Python2,
}

/// What an object that is read is for.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Constant,
    Name,
    Nothing,
}

/// The kind of an object, as far as the layout of a code object fixes it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bytes,
    Text,
    Tuple,
    Other,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    layout: Layout,
    refs: Vec<Kind>,
    objects: usize,
    depth: u32,
    found: Marshalled,
}

impl<'a> Reader<'a> {
    /// Set in a type byte when the object may be referred to later.
    const FLAG: u8 = 0x80;

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn int(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A count or length: never negative, never more than there are bytes.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.int()?).ok().filter(|count| *count <= self.bytes.len())
    }

    fn object(&mut self, purpose: Use) -> Option<Kind> {
        self.objects += 1;
        if self.depth >= DEEPEST || self.objects > MOST_OBJECTS {
            return None;
        }
        let byte = self.byte()?;
        let flagged = byte & Self::FLAG != 0;
        let code = byte & !Self::FLAG;
        if code == b'r' {
            let index = self.count()?;
            return self.refs.get(index).copied();
        }
        // A container takes its number before its parts do.
        let slot = self.refs.len();
        if flagged {
            self.refs.push(Kind::Other);
        }
        self.depth += 1;
        let kind = self.content(code, purpose)?;
        self.depth -= 1;
        if flagged {
            self.refs[slot] = kind;
        }
        Some(kind)
    }

    fn content(&mut self, code: u8, purpose: Use) -> Option<Kind> {
        match code {
            b'N' | b'F' | b'T' | b'S' | b'.' | b'0' => {}
            b'i' => {
                self.take(4)?;
            }
            b'I' | b'g' => {
                self.take(8)?;
            }
            b'y' => {
                self.take(16)?;
            }
            b'f' => {
                let length = self.byte()?;
                self.take(usize::from(length))?;
            }
            b'x' => {
                for _ in 0..2 {
                    let length = self.byte()?;
                    self.take(usize::from(length))?;
                }
            }
            b'l' => {
                let digits = self.int()?.unsigned_abs() as usize;
                self.take(digits.checked_mul(2)?)?;
            }
            b's' => {
                let length = self.count()?;
                let bytes = self.take(length)?;
                self.note_bytes(bytes, purpose);
                return Some(Kind::Bytes);
            }
            b't' | b'u' | b'a' | b'A' => {
                let length = self.count()?;
                let bytes = self.take(length)?;
                self.note_text(bytes, purpose);
                if code == b't' && self.layout == Layout::Python2 {
                    // Python 2 numbers its interned texts; they are bytes there.
                    self.refs.push(Kind::Bytes);
                    return Some(Kind::Bytes);
                }
                return Some(Kind::Text);
            }
            b'z' | b'Z' => {
                let length = self.byte()?;
                let bytes = self.take(usize::from(length))?;
                self.note_text(bytes, purpose);
                return Some(Kind::Text);
            }
            b'R' if self.layout == Layout::Python2 => {
                let index = self.count()?;
                return self.refs.get(index).copied();
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.count()?;
                return self.items(count, purpose);
            }
            b')' => {
                let count = usize::from(self.byte()?);
                return self.items(count, purpose);
            }
            b'{' => while self.pair(purpose)? {},
            b':' => {
                self.items(3, Use::Nothing)?;
            }
            b'c' => self.code(purpose)?,
            _ => return None,
        }
        Some(Kind::Other)
    }

    fn items(&mut self, count: usize, purpose: Use) -> Option<Kind> {
        for _ in 0..count {
            self.object(purpose)?;
        }
        Some(Kind::Tuple)
    }

    /// One pair of a dictionary; false at its end.
    fn pair(&mut self, purpose: Use) -> Option<bool> {
        if self.bytes.get(self.at)? & !Self::FLAG == b'0' {
            self.at += 1;
            return Some(false);
        }
        self.object(purpose)?;
        self.object(purpose)?;
        Some(true)
    }

    /// A code object. Each part's kind is checked, so that a wrong layout is noticed at once.
    fn code(&mut self, _purpose: Use) -> Option<()> {
        let numbers = match self.layout {
            Layout::Python2 => 4,
            Layout::Since30 | Layout::Since311 => 5,
            Layout::Since38 => 6,
        };
        for _ in 0..numbers {
            self.int()?;
        }
        self.expect(Kind::Bytes, Use::Nothing)?;
        self.found.codes += 1;
        self.expect(Kind::Tuple, Use::Constant)?;
        self.expect(Kind::Tuple, Use::Name)?;
        self.expect(Kind::Tuple, Use::Name)?;
        let name = if self.layout == Layout::Python2 { Kind::Bytes } else { Kind::Text };
        if self.layout == Layout::Since311 {
            self.expect(Kind::Bytes, Use::Nothing)?;
            self.expect(name, Use::Nothing)?;
            self.expect(name, Use::Name)?;
            self.expect(name, Use::Nothing)?;
            self.int()?;
            self.expect(Kind::Bytes, Use::Nothing)?;
            self.expect(Kind::Bytes, Use::Nothing)
        } else {
            self.expect(Kind::Tuple, Use::Nothing)?;
            self.expect(Kind::Tuple, Use::Nothing)?;
            self.expect(name, Use::Nothing)?;
            self.expect(name, Use::Name)?;
            self.int()?;
            self.expect(Kind::Bytes, Use::Nothing)
        }
    }

    fn expect(&mut self, kind: Kind, purpose: Use) -> Option<()> {
        (self.object(purpose)? == kind).then_some(())
    }

    fn note_text(&mut self, bytes: &[u8], purpose: Use) {
        let list = match purpose {
            Use::Constant => &mut self.found.constants,
            Use::Name => &mut self.found.names,
            Use::Nothing => return,
        };
        if !bytes.is_empty() {
            list.push(String::from_utf8_lossy(bytes).into_owned());
        }
    }

    fn note_bytes(&mut self, bytes: &[u8], purpose: Use) {
        if purpose == Use::Nothing || bytes.is_empty() {
            return;
        }
        let text = std::str::from_utf8(bytes)
            .is_ok_and(|text| !text.chars().any(|letter| letter.is_control() && !letter.is_whitespace()));
        if text {
            self.note_text(bytes, purpose);
        } else if bytes.len() >= SMALLEST_BLOB {
            self.found.blobs.push(bytes.to_vec());
        }
    }
}
