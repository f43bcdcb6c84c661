//! Archives for tests, made in memory: honest ones from a list of files, lying ones header by header, and the hostile
//! fixtures, which are stored as recipes so that nothing in the repository can be opened by accident.

mod recipe;
mod tar;
mod zip;

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

pub use self::{
    recipe::{Case, Expected, Recipe, hostile},
    tar::{TarEntry, tar_end},
    zip::{ZipEntry, ZipFile},
};

/// A file of an archive: its path and its content.
pub type Entry<'a> = (&'a str, &'a [u8]);

/// A tar stream.
pub fn tar(files: &[Entry<'_>]) -> Vec<u8> {
    let mut out: Vec<u8> = files.iter().flat_map(|(path, bytes)| TarEntry::file(path, bytes).build()).collect();
    out.extend(tar_end());
    out
}

/// A tar stream in gzip: an sdist, an npm tarball or a crate.
pub fn tgz(files: &[Entry<'_>]) -> Vec<u8> {
    gzip(&tar(files))
}

/// A zip: a wheel or a jar.
pub fn zip(files: &[Entry<'_>]) -> Vec<u8> {
    let entries = files.iter().map(|(path, bytes)| ZipEntry::new(path, bytes)).collect();
    ZipFile { entries, ..ZipFile::default() }.build()
}

/// A gem with this metadata (YAML) and these files.
pub fn gem(metadata: &str, files: &[Entry<'_>]) -> Vec<u8> {
    let (metadata, data) = (gzip(metadata.as_bytes()), tgz(files));
    let sum = |bytes: &[u8]| {
        use sha2::Digest;
        data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
    };
    let sums = format!("---\nSHA256:\n  metadata.gz: {}\n  data.tar.gz: {}\n", sum(&metadata), sum(&data));
    tar(&[("metadata.gz", &metadata), ("data.tar.gz", &data), ("checksums.yaml.gz", &gzip(sums.as_bytes()))])
}

/// Bytes in gzip; the same bytes always give the same result.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

/// Bytes in bzip2.
pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

/// Bytes in xz.
pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).expect("the preset is valid");
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

/// Bytes in zstandard.
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}
