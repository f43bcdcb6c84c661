//! Data on stdout or into a file, talk on stderr.

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;

/// Where a report goes.
pub enum Output {
    /// To stdout.
    Stdout,
    /// To a file, which is opened before anything runs, so that a wrong path is known at once.
    File(File, PathBuf),
}

impl Output {
    /// Opens the file, or takes stdout when there is none.
    pub fn open(path: Option<&Path>) -> io::Result<Self> {
        match path {
            None => Ok(Self::Stdout),
            Some(path) => Ok(Self::File(File::create(path)?, path.into())),
        }
    }

    /// Writes the report. Colour is for terminals, and for those who did not set `NO_COLOR`.
    pub fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        match self {
            Self::Stdout => {
                let stdout = io::stdout();
                let choice = AutoStream::choice(&stdout);
                let mut out = BufWriter::new(AutoStream::new(stdout, choice));
                ignore_hang_up(write(&mut out).and_then(|()| out.flush()))
                    .context("the report could not be written to stdout")
            }
            Self::File(file, path) => {
                let mut out = BufWriter::new(AutoStream::new(file, ColorChoice::Never));
                write(&mut out)
                    .and_then(|()| out.flush())
                    .with_context(|| format!("the report could not be written to {}", path.display()))
            }
        }
    }
}

/// Prints text as it is. Who stops reading has read enough.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    ignore_hang_up(out.write_all(text.as_bytes()).and_then(|()| out.flush())).context("stdout could not be written to")
}

/// Says something to the user, beside the data. Nobody can be told when stderr is gone.
pub fn talk(sentence: &str) {
    let _ = writeln!(anstream::stderr(), "{}", escaped(sentence));
}

/// Whether somebody watches.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Text with whatever of it could act on a terminal spelled out, line by line.
pub fn escaped(text: &str) -> String {
    text.lines().map(wire::text::visible).collect::<Vec<_>>().join("\n")
}

fn ignore_hang_up(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
