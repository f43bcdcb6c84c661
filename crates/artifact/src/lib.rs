//! Untrusted bytes in, inert [`Tree`] out: the only unpacker of the house.
//!
//! Everything happens in memory, under [`Limits`] that the caller must choose. Every way in which an archive can lie is a
//! named [`Oddity`] and becomes a [`model::Problem`]; reading goes on after each. Only ceilings refuse or cut, and a cut is
//! always a [`model::Gap`].
//!
//! Where readers are known to disagree (which size counts, which name, what stands after the end), the tree holds what
//! *any* of them would see: a scanner that sides with one reader is blind to the packages that are made for another.
#![warn(missing_docs)]

mod bzip2;
mod close;
mod format;
mod gem;
mod gzip;
mod limits;
mod name;
mod nest;
mod oddity;
mod session;
mod sink;
mod stream;
mod tar;
mod tree;
mod xz;
mod zip;
mod zstd;

pub use format::Format;
pub use limits::{Limits, Refused};
pub use oddity::Oddity;
pub use tree::{Bytes, File, Link, Tree};

use model::Parsed;

/// Opens an artifact of any format, told by its content, and every archive inside it.
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Parsed<Tree>, Refused> {
    open_named(bytes, "", limits)
}

/// The same for a file whose name is known. The name never decides how the bytes are read; it is compared with the
/// format, and names the one file of an artifact that is no container.
pub fn open_named(bytes: &[u8], file_name: &str, limits: &Limits) -> Result<Parsed<Tree>, Refused> {
    let size = bytes.len() as u64;
    if size == 0 {
        return Err(Refused::Empty);
    }
    if size > limits.total_bytes {
        return Err(Refused::TooLarge { size, limit: limits.total_bytes });
    }
    Ok(nest::open(bytes, file_name, limits))
}
