//! What a zip header, central or local, claims of an entry.

/// The signature of a local header.
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
/// The signature of a central header.
pub(super) const CENTRAL: &[u8] = b"PK\x01\x02";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// One header's claims.
#[derive(Clone)]
pub(super) struct Claim {
    pub name: Vec<u8>,
    /// The name in the Info-ZIP Unicode extra field.
    pub unicode_name: Option<Vec<u8>>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    /// Where the local header stands.
    pub offset: usize,
    pub multi_disk: bool,
    mode: u32,
}

impl Claim {
    /// Reads a central header at `pos`; also where the next one stands. `base` is what stands before the zip.
    pub fn central(bytes: &[u8], pos: usize, base: usize) -> Option<(Self, usize)> {
        let header = bytes.get(pos..)?.first_chunk::<46>()?;
        if !header.starts_with(CENTRAL) {
            return None;
        }
        let (name_len, extra_len, comment_len) = (u16_at(header, 28), u16_at(header, 30), u16_at(header, 32));
        let name_start = pos + 46;
        let extra_start = name_start + usize::from(name_len);
        let next = extra_start + usize::from(extra_len) + usize::from(comment_len);
        let extra = bytes.get(extra_start..extra_start + usize::from(extra_len))?;
        let (packed, size, offset) = (u32_at(header, 20), u32_at(header, 24), u32_at(header, 42));
        let mut sizes = Zip64 { size: size.into(), packed: packed.into(), offset: offset.into() };
        sizes.widen(extra);
        // The upper byte says on which system the mode was written: 3 is Unix, 19 is macOS.
        let unix = matches!(u16_at(header, 4) >> 8, 3 | 19);
        let claim = Self {
            name: bytes.get(name_start..extra_start)?.to_vec(),
            unicode_name: field(extra, 0x7075).and_then(|field| field.get(5..)).map(<[u8]>::to_vec),
            flags: u16_at(header, 8),
            method: u16_at(header, 10),
            crc: u32_at(header, 16),
            packed: sizes.packed,
            size: sizes.size,
            offset: usize::try_from(sizes.offset).ok()?.checked_add(base)?,
            multi_disk: !matches!(u16_at(header, 34), 0 | 0xffff),
            mode: if unix { u32_at(header, 38) >> 16 } else { 0 },
        };
        (next <= bytes.len()).then_some((claim, next))
    }

    /// Reads a local header at `offset`; also where its data starts.
    pub fn local(bytes: &[u8], offset: usize) -> Option<(Self, usize)> {
        let header = bytes.get(offset..)?.first_chunk::<30>()?;
        if !header.starts_with(LOCAL) {
            return None;
        }
        let name_start = offset + 30;
        let extra_start = name_start + usize::from(u16_at(header, 26));
        let data = extra_start + usize::from(u16_at(header, 28));
        let extra = bytes.get(extra_start..data)?;
        let (packed, size) = (u32_at(header, 18), u32_at(header, 22));
        let mut sizes = Zip64 { size: size.into(), packed: packed.into(), offset: 0 };
        sizes.widen(extra);
        let claim = Self {
            name: bytes.get(name_start..extra_start)?.to_vec(),
            unicode_name: None,
            flags: u16_at(header, 6),
            method: u16_at(header, 8),
            crc: u32_at(header, 14),
            packed: sizes.packed,
            size: sizes.size,
            offset,
            multi_disk: false,
            mode: 0,
        };
        Some((claim, data))
    }

    /// A local header that leaves its sizes to a descriptor behind the data takes them from the directory.
    pub fn completed(mut self, central: &Self) -> Self {
        if self.has_descriptor() {
            let fill = |own: &mut u64, other: u64| {
                if matches!(*own, 0 | 0xffff_ffff) {
                    *own = other;
                }
            };
            fill(&mut self.packed, central.packed);
            fill(&mut self.size, central.size);
            if self.crc == 0 {
                self.crc = central.crc;
            }
        }
        self.mode = central.mode;
        self
    }

    pub fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }

    pub fn is_encrypted(&self) -> bool {
        self.flags & 0x41 != 0 || self.method == 99
    }

    pub fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }

    pub fn is_executable(&self) -> bool {
        self.mode & 0o111 != 0
    }

    pub fn is_setuid(&self) -> bool {
        self.mode & 0o6000 != 0
    }
}

/// Where an entry really ends when a descriptor follows its data.
pub(super) fn skip_descriptor(bytes: &[u8], end: usize, claim: &Claim) -> usize {
    if !claim.has_descriptor() {
        return end;
    }
    let Some(rest) = bytes.get(end..) else { return end };
    let after = rest.strip_prefix(DESCRIPTOR);
    let (body, signature) = after.map_or((rest, 0), |after| (after, DESCRIPTOR.len()));
    let narrow = body.get(4..).and_then(|rest| rest.first_chunk()).map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    let wide = body.get(4..).and_then(|rest| rest.first_chunk()).map(|bytes| u64::from_le_bytes(*bytes));
    let length = match () {
        () if wide == Some(claim.packed) && body.len() >= 20 && narrow_size(body) != Some(claim.size) => 20,
        () if narrow == Some(claim.packed) && body.len() >= 12 => 12,
        () if after.is_some() => 12,
        () => return end,
    };
    (end + signature + length).min(bytes.len())
}

fn narrow_size(body: &[u8]) -> Option<u64> {
    body.get(8..)?.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)))
}

struct Zip64 {
    size: u64,
    packed: u64,
    offset: u64,
}

impl Zip64 {
    /// Takes from the zip64 extra field what 32 bits could not hold.
    fn widen(&mut self, extra: &[u8]) {
        let Some(mut rest) = field(extra, 1) else { return };
        for value in [&mut self.size, &mut self.packed, &mut self.offset] {
            if *value == 0xffff_ffff
                && let Some((wide, after)) = rest.split_first_chunk()
            {
                *value = u64::from_le_bytes(*wide);
                rest = after;
            }
        }
    }
}

/// An extra field's content.
fn field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while let Some((&[a, b, c, d], rest)) = extra.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes([c, d]));
        if u16::from_le_bytes([a, b]) == wanted {
            return rest.get(..length);
        }
        extra = rest.get(length..)?;
    }
    None
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |two| u16::from_le_bytes(*two))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight))
}
