//! What a step prints: the end of it is kept, and there is a ceiling.

use std::{
    collections::VecDeque,
    fs::File,
    io::Read,
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::kernel;

/// How much of the end is kept.
const KEPT: usize = 64 << 10;

/// A thread that empties the pipe of a step.
pub(super) struct Output {
    reader: Option<JoinHandle<VecDeque<u8>>>,
    flooded: Arc<AtomicBool>,
}

impl Output {
    /// Starts to read. Beyond the ceiling the pipe is closed, and whoever prints on gets a signal.
    pub fn read(pipe: OwnedFd, most: u64) -> Self {
        let flooded = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&flooded);
        let reader = thread::Builder::new().name("output".into()).spawn(move || drain(File::from(pipe), most, &flag));
        Self { reader: reader.ok(), flooded }
    }

    /// Whether the ceiling was hit.
    pub fn is_flooded(&self) -> bool {
        self.flooded.load(Ordering::Relaxed)
    }

    /// The end of what was printed. Everything that could print has ended.
    pub fn end(self) -> String {
        let kept = self.reader.and_then(|reader| reader.join().ok()).unwrap_or_default();
        String::from_utf8_lossy(&kept.into_iter().collect::<Vec<_>>()).into_owned()
    }
}

fn drain(mut pipe: File, most: u64, flooded: &AtomicBool) -> VecDeque<u8> {
    kernel::block_ticks();
    let mut kept = VecDeque::with_capacity(KEPT);
    let (mut piece, mut seen) = ([0; 8192], 0);
    loop {
        match pipe.read(&mut piece) {
            Ok(0) => return kept,
            Ok(length) => {
                kept.extend(&piece[..length]);
                kept.drain(..kept.len().saturating_sub(KEPT));
                seen += length as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return kept,
        }
        if seen > most {
            flooded.store(true, Ordering::Relaxed);
            return kept;
        }
    }
}
