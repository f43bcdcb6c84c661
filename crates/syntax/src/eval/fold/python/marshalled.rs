//! Plain data in Python's `marshal` form. Code objects are left to the reader of layers.

use super::{MOST_ITEMS, Machine, Shape, Value};
use crate::eval::value::Map;

/// A text, byte string, number or collection; none when it is, or holds, anything else.
pub(super) fn read<'a>(machine: &mut Machine<'a>, data: &[u8]) -> Option<Value<'a>> {
    if !machine.spend(data.len() as u64 / 8) {
        return None;
    }
    let mut reader = Reader { data, at: 0, items: 0, known: Vec::new() };
    reader.value(0)
}

struct Reader<'d, 'a> {
    data: &'d [u8],
    at: usize,
    items: usize,
    /// Values that later ones refer to by number.
    known: Vec<Value<'a>>,
}

impl<'a> Reader<'_, 'a> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let part = self.data.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(part)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|part| part[0])
    }

    fn number(&mut self) -> Option<i32> {
        self.take(4).and_then(|part| part.try_into().ok()).map(i32::from_le_bytes)
    }

    fn length(&mut self) -> Option<usize> {
        self.number().and_then(|length| usize::try_from(length).ok())
    }

    fn value(&mut self, depth: u32) -> Option<Value<'a>> {
        self.items += 1;
        if depth > 32 || self.items > MOST_ITEMS {
            return None;
        }
        let kind = self.byte()?;
        let slot = (kind & 0x80 != 0).then(|| {
            self.known.push(Value::default());
            self.known.len() - 1
        });
        let value = match kind & 0x7F {
            b'N' => Shape::Null.into(),
            b'T' => Shape::Bool(true).into(),
            b'F' => Shape::Bool(false).into(),
            b'i' => Shape::Int(self.number()?.into()).into(),
            b's' => {
                let length = self.length()?;
                Value::bytes(self.take(length)?)
            }
            b'u' | b't' | b'a' | b'A' => {
                let length = self.length()?;
                Value::text(String::from_utf8_lossy(self.take(length)?).into_owned())
            }
            b'z' | b'Z' => {
                let length = self.byte()?.into();
                Value::text(String::from_utf8_lossy(self.take(length)?).into_owned())
            }
            b')' => {
                let length = self.byte()?.into();
                self.list(length, depth)?
            }
            b'(' | b'[' | b'<' | b'>' => {
                let length = self.length()?;
                self.list(length, depth)?
            }
            b'{' => self.map(depth)?,
            b'r' => {
                let at = self.length()?;
                return self.known.get(at).cloned();
            }
            _ => return None,
        };
        if let Some(slot) = slot {
            self.known[slot] = value.clone();
        }
        Some(value)
    }

    fn list(&mut self, length: usize, depth: u32) -> Option<Value<'a>> {
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(self.value(depth + 1)?);
        }
        Some(Value::list(items))
    }

    fn map(&mut self, depth: u32) -> Option<Value<'a>> {
        let mut map = Map::default();
        while self.data.get(self.at)? & 0x7F != b'0' {
            let key = self.value(depth + 1)?;
            let value = self.value(depth + 1)?;
            map.insert(super::collections::key_of(&key)?, value);
        }
        Some(Value::map(map))
    }
}
