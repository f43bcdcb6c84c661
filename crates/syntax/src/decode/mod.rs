//! Decoders: bytes in, bytes out, bounded; nothing is ever run.
//!
//! Every decoder takes the most bytes that it may answer with. It cuts there, so an answer of exactly `limit` bytes may be
//! incomplete. `None` means that the input is not of that kind. None of them panics, whatever the input.

mod cipher;
mod code;
mod compressed;
mod guess;
mod marshal;
mod pickle;
mod text;

pub use cipher::{aes_cbc, aes_ctr, aes_ecb, aes_gcm, cryptojs, fernet, rc4, unpad, xor};
pub use code::looks_like_code;
pub use compressed::{bz2, deflate, gzip, inflate, lzma, raw_lzma, xz, zlib};
pub use guess::{Guess, What, guess, magic};
pub use marshal::{Marshalled, marshal, marshalled, pyc};
pub use pickle::pickled_calls;
pub use text::{
    ascii85, base16, base32, base64, base64_lenient, base85, data_url, escapes, html_entities, latin1, percent,
    powershell_command, quoted_printable, reverse, rot13, utf16, uu, z85,
};

#[cfg(test)]
mod tests;
