//! What a pickle calls while it is read. Nothing is built: only names, texts and calls are followed.

use std::rc::Rc;

/// More operations than this are not followed.
const MOST: usize = 100_000;

#[derive(Clone)]
enum Item {
    Mark,
    Name(String),
    Text(String),
    Many(Rc<[Item]>),
    Other,
}

/// The functions that are called, and the texts that they are given.
pub fn pickled_calls(bytes: &[u8]) -> Vec<(String, Vec<String>)> {
    let mut reader = Reader { bytes, at: 0, stack: Vec::new(), memory: Vec::new(), calls: Vec::new() };
    for _ in 0..MOST {
        if reader.step().is_none() {
            break;
        }
    }
    reader.calls
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    stack: Vec<Item>,
    memory: Vec<(usize, Item)>,
    calls: Vec<(String, Vec<String>)>,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let part = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(part)
    }

    fn line(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.at..)?;
        let end = memchr::memchr(b'\n', rest)?;
        self.at += end + 1;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    fn number(&mut self, width: usize) -> Option<usize> {
        let bytes = self.take(width)?;
        Some(bytes.iter().take(8).rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn counted(&mut self, width: usize) -> Option<()> {
        let length = self.number(width)?;
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.stack.push(Item::Text(text));
        Some(())
    }

    fn since_mark(&mut self) -> Vec<Item> {
        let at = self.stack.iter().rposition(|item| matches!(item, Item::Mark)).unwrap_or(0);
        let mut items = self.stack.split_off(at);
        items.retain(|item| !matches!(item, Item::Mark));
        items
    }

    /// One operation; none at the end.
    fn step(&mut self) -> Option<()> {
        match self.number(1)? as u8 {
            b'.' => return None,
            b'(' => self.stack.push(Item::Mark),
            b'c' => {
                let name = format!("{}.{}", self.line()?, self.line()?);
                self.stack.push(Item::Name(name));
            }
            0x93 => {
                let (name, module) = (self.stack.pop()?, self.stack.pop()?);
                let (Item::Text(name), Item::Text(module)) = (name, module) else { return None };
                self.stack.push(Item::Name(format!("{module}.{name}")));
            }
            b'i' => {
                let name = format!("{}.{}", self.line()?, self.line()?);
                let items = self.since_mark();
                self.call(Item::Name(name), Item::Many(items.into()));
            }
            b'o' => {
                let mut items = self.since_mark();
                let callee = if items.is_empty() { Item::Other } else { items.remove(0) };
                self.call(callee, Item::Many(items.into()));
            }
            b'R' | 0x81 => {
                let (arguments, callee) = (self.stack.pop()?, self.stack.pop()?);
                self.call(callee, arguments);
            }
            b'V' | b'S' => {
                let line = self.line()?;
                self.stack.push(Item::Text(unescape(line.trim_matches(['\'', '"']))));
            }
            b'X' | b'T' | b'B' => self.counted(4)?,
            0x8c | b'U' | b'C' => self.counted(1)?,
            0x8d | 0x8e | 0x96 => self.counted(8)?,
            b't' | b'l' | b'd' | 0x90 | 0x91 => {
                let items = self.since_mark();
                self.stack.push(Item::Many(items.into()));
            }
            code @ 0x85..=0x87 => {
                let at = self.stack.len().checked_sub(usize::from(code - 0x84))?;
                let items = self.stack.split_off(at);
                self.stack.push(Item::Many(items.into()));
            }
            b'e' | b'u' => drop(self.since_mark()),
            b'a' | b'b' | b'0' => drop(self.stack.pop()),
            b's' => self.stack.truncate(self.stack.len().saturating_sub(2)),
            b'2' => self.stack.extend(self.stack.last().cloned()),
            b'1' => drop(self.since_mark()),
            b')' | b']' | b'}' | 0x8f => self.stack.push(Item::Many(Rc::from([]))),
            b'N' | 0x88 | 0x89 => self.stack.push(Item::Other),
            b'I' | b'F' | b'L' | b'P' => {
                self.line()?;
                self.stack.push(Item::Other);
            }
            b'K' => self.other(1)?,
            b'M' => self.other(2)?,
            b'J' => self.other(4)?,
            b'G' => self.other(8)?,
            0x8a => {
                let length = self.number(1)?;
                self.other(length)?;
            }
            0x80 => drop(self.take(1)?.len()),
            0x95 => drop(self.take(8)?.len()),
            0x94 => self.keep(self.memory.len()),
            b'p' => {
                let at = self.line()?.parse().ok()?;
                self.keep(at);
            }
            b'q' => {
                let at = self.number(1)?;
                self.keep(at);
            }
            b'r' => {
                let at = self.number(4)?;
                self.keep(at);
            }
            b'g' => {
                let at = self.line()?.parse().ok()?;
                self.recall(at);
            }
            b'h' => {
                let at = self.number(1)?;
                self.recall(at);
            }
            b'j' => {
                let at = self.number(4)?;
                self.recall(at);
            }
            _ => return None,
        }
        Some(())
    }

    fn other(&mut self, length: usize) -> Option<()> {
        self.take(length)?;
        self.stack.push(Item::Other);
        Some(())
    }

    fn keep(&mut self, at: usize) {
        if let Some(item) = self.stack.last() {
            self.memory.push((at, item.clone()));
        }
    }

    fn recall(&mut self, at: usize) {
        let item = self.memory.iter().rev().find(|(own, _)| *own == at).map_or(Item::Other, |(_, item)| item.clone());
        self.stack.push(item);
    }

    fn call(&mut self, callee: Item, arguments: Item) {
        if let Item::Name(name) = callee {
            let mut texts = Vec::new();
            flatten(&arguments, &mut texts, 0);
            self.calls.push((name, texts));
        }
        self.stack.push(Item::Other);
    }
}

fn flatten(item: &Item, texts: &mut Vec<String>, depth: u32) {
    match item {
        Item::Text(text) => texts.push(text.clone()),
        Item::Many(items) if depth < 4 => items.iter().take(8).for_each(|item| flatten(item, texts, depth + 1)),
        _ => {}
    }
}

/// `\uNNNN` and `\n` of the oldest form.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match (rest[at + 1..].chars().next(), code.and_then(char::from_u32)) {
            (Some('u'), Some(one)) => {
                out.push(one);
                rest = &rest[at + 6..];
            }
            (Some('n'), _) => {
                out.push('\n');
                rest = &rest[at + 2..];
            }
            (Some(one), _) => {
                out.push(one);
                rest = &rest[at + 1 + one.len_utf8()..];
            }
            (None, _) => rest = "",
        }
    }
    out + rest
}
