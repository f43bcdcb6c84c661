//! PAX records: `length key=value` lines that override the header which follows.

/// The records that matter here.
#[derive(Default)]
pub(super) struct Pax {
    pub path: Option<Vec<u8>>,
    pub link: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub sparse: bool,
    /// Whether one header gives two different names.
    pub ambiguous: bool,
}

impl Pax {
    /// Reads a header's records; false when one of them breaks the grammar.
    pub fn parse(payload: &[u8]) -> (Self, bool) {
        let (mut pax, mut rest, mut sane) = (Self::default(), payload, true);
        while !rest.is_empty() {
            let Some((key, value, after)) = record(rest) else {
                return (pax, sane && rest.iter().all(|byte| *byte == 0));
            };
            sane &= pax.apply(key, value);
            rest = after;
        }
        (pax, sane)
    }

    /// Takes over what another header says.
    pub fn merge(&mut self, other: Self) {
        self.path = other.path.or(self.path.take());
        self.link = other.link.or(self.link.take());
        self.size = other.size.or(self.size);
    }

    fn apply(&mut self, key: &[u8], value: &[u8]) -> bool {
        match key {
            b"path" => {
                self.ambiguous |= self.path.as_deref().is_some_and(|path| path != value);
                self.path = Some(value.to_vec());
            }
            b"GNU.sparse.name" => {
                self.sparse = true;
                self.path = Some(value.to_vec());
            }
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => match str::from_utf8(value).ok().and_then(|text| text.parse().ok()) {
                Some(size) => self.size = Some(size),
                None => return false,
            },
            key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
        true
    }
}

/// One record, and what follows it.
fn record(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = rest.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = str::from_utf8(rest.get(..blank)?).ok()?.parse().ok()?;
    let line = rest.get(blank + 1..length)?.strip_suffix(b"\n")?;
    let equals = line.iter().position(|byte| *byte == b'=')?;
    Some((line.get(..equals)?, line.get(equals + 1..)?, rest.get(length..)?))
}
