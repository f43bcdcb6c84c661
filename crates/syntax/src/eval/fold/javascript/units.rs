//! Texts as JavaScript counts them: in units of UTF-16.

use std::{cell::RefCell, rc::Rc};

/// A text in which units can be counted.
pub(super) struct View<'t> {
    text: &'t str,
    /// The units, when the text is not plain ASCII.
    wide: Option<Rc<[u16]>>,
}

/// A text and, when it is not ASCII, its units.
type Kept = (Rc<str>, Option<Rc<[u16]>>);

thread_local! {
    /// The last long text that was looked at: loops ask for one unit of the same text after the other.
    static LAST: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// Texts up to this are looked at anew each time.
const SHORT: usize = 64;

pub(super) fn view(text: &Rc<str>) -> View<'_> {
    if text.len() <= SHORT {
        return View { text, wide: widen(text) };
    }
    let known = LAST.with_borrow(|last| match last {
        Some((own, wide)) if Rc::ptr_eq(own, text) => Some(wide.clone()),
        _ => None,
    });
    let wide = known.unwrap_or_else(|| {
        let wide = widen(text);
        LAST.set(Some((text.clone(), wide.clone())));
        wide
    });
    View { text, wide }
}

fn widen(text: &str) -> Option<Rc<[u16]>> {
    if text.is_ascii() { None } else { Some(text.encode_utf16().collect()) }
}

impl View<'_> {
    pub fn len(&self) -> usize {
        self.wide.as_ref().map_or(self.text.len(), |wide| wide.len())
    }

    pub fn unit(&self, at: usize) -> Option<u16> {
        match &self.wide {
            None => self.text.as_bytes().get(at).map(|byte| (*byte).into()),
            Some(wide) => wide.get(at).copied(),
        }
    }

    /// The code point that starts at a unit.
    pub fn point(&self, at: usize) -> Option<u32> {
        let first = self.unit(at)?;
        match (first, self.unit(at + 1)) {
            (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) => {
                Some(0x10000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(low) - 0xDC00))
            }
            _ => Some(first.into()),
        }
    }

    /// The text between two units. Half a pair becomes U+FFFD.
    pub fn cut(&self, start: usize, end: usize) -> String {
        let end = end.min(self.len());
        if start >= end {
            return String::new();
        }
        match &self.wide {
            None => self.text[start..end].to_owned(),
            Some(wide) => String::from_utf16_lossy(&wide[start..end]),
        }
    }

    pub fn cut_one(&self, at: usize) -> Option<String> {
        (at < self.len()).then(|| self.cut(at, at + 1))
    }

    /// How many units stand before a byte of the text.
    pub fn units_before(&self, byte: usize) -> usize {
        match self.wide {
            None => byte,
            Some(_) => self.text[..byte].encode_utf16().count(),
        }
    }

    /// The byte at which a unit starts.
    pub fn byte_of(&self, unit: usize) -> usize {
        if self.wide.is_none() {
            return unit.min(self.text.len());
        }
        let mut units = 0;
        for (byte, one) in self.text.char_indices() {
            if units >= unit {
                return byte;
            }
            units += one.len_utf16();
        }
        self.text.len()
    }
}
