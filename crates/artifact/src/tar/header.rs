//! One 512-byte tar header.

use crate::{Oddity, session::Level};

/// A header whose checksum holds.
pub(super) struct Header<'b> {
    block: &'b [u8],
}

impl<'b> Header<'b> {
    /// The largest size that eleven octal digits hold.
    pub const OCTAL_MAX: u64 = (8 << 30) - 1;

    pub fn new(block: &'b [u8]) -> Self {
        Self { block }
    }

    /// The name; in ustar with its prefix.
    pub fn path(&self) -> Vec<u8> {
        let name = until_nul(self.field(0, 100));
        let prefix = until_nul(self.field(345, 500));
        if self.field(257, 263) == b"ustar\0" && !prefix.is_empty() {
            [prefix, b"/", name].concat()
        } else {
            name.to_vec()
        }
    }

    /// The link's target.
    pub fn link(&self) -> &'b [u8] {
        until_nul(self.field(157, 257))
    }

    /// The type.
    pub fn kind(&self) -> u8 {
        self.block.get(156).copied().unwrap_or_default()
    }

    /// Whether more maps of holes follow the header of a GNU sparse file.
    pub fn has_more_maps(&self) -> bool {
        self.kind() == b'S' && self.block.get(482) == Some(&1)
    }

    pub fn executable(&self) -> bool {
        self.mode() & 0o111 != 0
    }

    pub fn setuid(&self) -> bool {
        self.mode() & 0o6000 != 0
    }

    /// The size; its oddities are noted.
    pub fn size(&self, level: &mut Level<'_, '_>) -> u64 {
        let number = number(self.field(124, 136));
        let odd = match number {
            Number::Octal(size) => return size,
            Number::Base256(size) if size > Self::OCTAL_MAX => return size,
            Number::Base256(_) => Oddity::Base256Size,
            Number::Negative => Oddity::NegativeSize,
            Number::Bad => Oddity::BadNumber,
        };
        let path = level.name(&self.path()).path;
        match number {
            Number::Base256(size) => {
                level.note(
                    odd,
                    &path,
                    format!("the size {size} is written in base-256, which some readers do not know"),
                );
                size
            }
            Number::Negative => {
                level.note(odd, &path, "the size is below zero");
                0
            }
            _ => {
                level.note(odd, &path, "the size is no number");
                0
            }
        }
    }

    fn mode(&self) -> u64 {
        match number(self.field(100, 108)) {
            Number::Octal(mode) | Number::Base256(mode) => mode,
            _ => 0,
        }
    }

    fn field(&self, start: usize, end: usize) -> &'b [u8] {
        self.block.get(start..end).unwrap_or_default()
    }
}

/// Whether the header's checksum is right. Old writers summed signed bytes, so both sums count.
pub(super) fn checksum_holds(block: &[u8]) -> bool {
    let (Some(before), Some(field), Some(after)) = (block.get(..148), block.get(148..156), block.get(156..512)) else {
        return false;
    };
    let Number::Octal(stored) = number(field) else { return false };
    let blanks = 8 * i64::from(b' ');
    let unsigned: i64 = before.iter().chain(after).map(|byte| i64::from(*byte)).sum::<i64>() + blanks;
    let high: i64 = before.iter().chain(after).filter(|byte| **byte >= 0x80).count() as i64;
    let stored = i64::try_from(stored).unwrap_or(-1);
    // An all-zero block has the sum of its blanks; no real header has an empty checksum field.
    field.iter().any(u8::is_ascii_digit) && (stored == unsigned || stored == unsigned - 256 * high)
}

#[derive(Clone, Copy)]
enum Number {
    Octal(u64),
    Base256(u64),
    Negative,
    Bad,
}

/// A numeric field: octal text, or GNU's base-256 when the first bit is set.
fn number(field: &[u8]) -> Number {
    let Some((&first, rest)) = field.split_first() else { return Number::Bad };
    if first == 0xff {
        return Number::Negative;
    }
    if first & 0x80 != 0 {
        let start = u64::from(first & 0x7f);
        if first & 0x40 != 0 {
            return Number::Negative;
        }
        let value = rest.iter().try_fold(start, |value, byte| value.checked_mul(256)?.checked_add((*byte).into()));
        return value.map_or(Number::Base256(u64::MAX), Number::Base256);
    }
    let text = until_nul(field);
    let text = text.trim_ascii();
    if text.first() == Some(&b'-') {
        return Number::Negative;
    }
    let value = text.iter().try_fold(0u64, |value, byte| match byte {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add((byte - b'0').into()),
        _ => None,
    });
    value.map_or(Number::Bad, Number::Octal)
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}
