//! Where unpacked bytes go: a buffer that knows when to stop.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

use crate::{Limits, session::Session, tar};

/// Why a stream was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It is larger than one file may be.
    File,
    /// There is no room left for this artifact.
    Total,
    /// It unpacks to too many times its packed size.
    Ratio,
}

/// A growing buffer under ceilings.
pub(crate) struct Sink {
    /// What was unpacked so far.
    pub out: Vec<u8>,
    /// Why the stream was cut, if it was.
    pub cut: Option<Cut>,
    packed: u64,
    /// How much of the input was needed for what is here, when that is known.
    consumed: Option<u64>,
    ratio: u64,
    total_cap: u64,
    cap: u64,
    may_be_tar: bool,
}

/// How a deflate stream ended.
pub(crate) struct Inflated {
    /// Bytes of input that belong to the stream.
    pub consumed: usize,
    /// Whether the stream came to its own end.
    pub ended: bool,
    /// Whether the stream is broken.
    pub broken: bool,
}

const CHUNK: usize = 64 << 10;

impl Sink {
    /// A sink for one file.
    pub fn for_file(session: &Session<'_>, packed: usize) -> Self {
        Self::new(session, packed, false)
    }

    /// A sink for a stream that may hold a tar, which has only the ceiling of the whole artifact.
    pub fn for_stream(session: &Session<'_>, packed: usize) -> Self {
        Self::new(session, packed, true)
    }

    fn new(session: &Session<'_>, packed: usize, may_be_tar: bool) -> Self {
        let total_cap = session.room();
        Self {
            out: Vec::new(),
            cut: None,
            packed: packed as u64,
            consumed: None,
            ratio: session.limits.ratio.into(),
            total_cap,
            cap: session.limits.file_bytes.min(total_cap),
            may_be_tar,
        }
    }

    /// How many times its packed size the stream is by now.
    pub fn grown(&self) -> u64 {
        self.out.len() as u64 / self.consumed.unwrap_or(self.packed).max(1)
    }

    /// The most memory that a decompressor's window may take.
    pub fn window(&self) -> u64 {
        self.total_cap.clamp(8 << 20, 128 << 20)
    }

    /// Reads everything that the reader gives, up to the ceilings.
    pub fn drain(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        while self.cut.is_none() {
            let count = match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.out.extend_from_slice(chunk.get(..count).unwrap_or_default());
            self.check();
        }
        Ok(())
    }

    /// Inflates a raw deflate stream, up to the ceilings. `expected` is a hint that costs nothing when it lies.
    pub fn inflate(&mut self, input: &[u8], expected: u64, machine: &mut Decompress) -> Inflated {
        machine.reset(false);
        let likely = expected.min(self.packed.saturating_mul(1_032)).max(256);
        self.grow(likely);
        let mut consumed = 0;
        loop {
            if self.out.len() == self.out.capacity() {
                self.grow((self.out.len() as u64).max(CHUNK as u64));
            }
            let (before_in, before_out) = (machine.total_in(), self.out.len());
            let rest = input.get(consumed..).unwrap_or_default();
            let status = machine.decompress_vec(rest, &mut self.out, FlushDecompress::None);
            consumed = consumed.saturating_add((machine.total_in() - before_in) as usize);
            self.check();
            match status {
                Ok(Status::StreamEnd) => return Inflated { consumed, ended: true, broken: false },
                Err(_) => return Inflated { consumed, ended: false, broken: true },
                Ok(_) if self.cut.is_some() => {
                    self.consumed = Some(consumed as u64);
                    return Inflated { consumed, ended: false, broken: false };
                }
                // No progress although there was room: the input is at its end.
                Ok(_) if machine.total_in() == before_in && self.out.len() == before_out => {
                    return Inflated { consumed, ended: false, broken: false };
                }
                Ok(_) => {}
            }
        }
    }

    /// Makes room for `more` bytes, but never for more than one byte over the ceiling.
    fn grow(&mut self, more: u64) {
        let left = self.cap.saturating_add(1).saturating_sub(self.out.len() as u64);
        self.out.reserve_exact(usize::try_from(more.min(left)).unwrap_or(usize::MAX));
    }

    fn check(&mut self) {
        if self.may_be_tar && self.out.len() >= 512 {
            self.may_be_tar = false;
            if tar::sniff(&self.out) {
                self.cap = self.total_cap;
            }
        }
        let len = self.out.len() as u64;
        if len > self.cap {
            self.cut = Some(if self.cap == self.total_cap { Cut::Total } else { Cut::File });
            self.out.truncate(usize::try_from(self.cap).unwrap_or(usize::MAX));
        } else if len > Limits::RATIO_FLOOR && self.ratio > 0 && self.grown() > self.ratio {
            self.cut = Some(Cut::Ratio);
        }
    }
}
