//! Tar entries with every field in the test's hand.

/// One tar header and its data.
#[derive(Debug, Clone)]
pub struct TarEntry {
    /// The name field; cut to its hundred bytes.
    pub name: Vec<u8>,
    /// The type.
    pub kind: u8,
    /// The data, padded to whole blocks.
    pub data: Vec<u8>,
    /// The size field's bytes, when they are not to be the data's length.
    pub size: Option<Vec<u8>>,
    /// The link's target.
    pub link: Vec<u8>,
    /// The mode.
    pub mode: u32,
    /// The magic and version.
    pub magic: Vec<u8>,
    /// The ustar prefix.
    pub prefix: Vec<u8>,
    /// Whether the checksum is right.
    pub sound: bool,
}

impl TarEntry {
    /// A regular file.
    pub fn file(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.into(),
            kind: b'0',
            data: data.into(),
            size: None,
            link: Vec::new(),
            mode: 0o644,
            magic: b"ustar\x0000".into(),
            prefix: Vec::new(),
            sound: true,
        }
    }

    /// A PAX header with these records, for the entry that follows or, with `g`, for all.
    pub fn pax<'a>(kind: u8, records: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let data = records.into_iter().flat_map(|(key, value)| pax_record(key, value)).collect::<Vec<_>>();
        Self { kind, ..Self::file("PaxHeader", &data) }
    }

    /// A GNU long name (`L`) or long link (`K`).
    pub fn long(kind: u8, text: &str) -> Self {
        let data = [text.as_bytes(), b"\0"].concat();
        Self { kind, magic: b"ustar  \0".into(), ..Self::file("././@LongLink", &data) }
    }

    /// The header and the padded data.
    pub fn build(&self) -> Vec<u8> {
        let mut block = vec![0; 512];
        let mut put = |at: usize, len: usize, bytes: &[u8]| {
            let bytes = &bytes[..bytes.len().min(len)];
            block[at..at + bytes.len()].copy_from_slice(bytes);
        };
        put(0, 100, &self.name);
        put(100, 8, format!("{:07o}", self.mode).as_bytes());
        put(108, 8, b"0000000");
        put(116, 8, b"0000000");
        let size = format!("{:011o}", self.data.len()).into_bytes();
        put(124, 12, self.size.as_ref().unwrap_or(&size));
        put(136, 12, b"00000000000");
        put(148, 8, b"        ");
        put(156, 1, &[self.kind]);
        put(157, 100, &self.link);
        put(257, 8, &self.magic);
        put(345, 155, &self.prefix);
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum::<u32>() + u32::from(!self.sound);
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block.extend_from_slice(&self.data);
        block.resize(block.len().next_multiple_of(512), 0);
        block
    }
}

/// The two zero blocks that end a tar stream.
pub fn tar_end() -> Vec<u8> {
    vec![0; 1024]
}

fn pax_record(key: &str, value: &str) -> Vec<u8> {
    let body = key.len() + value.len() + 3;
    let mut length = body + 1;
    while length != body + length.to_string().len() {
        length = body + length.to_string().len();
    }
    format!("{length} {key}={value}\n").into_bytes()
}
