//! Which container formats there are, told by content alone.

use std::fmt;

/// The format of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A tar stream.
    Tar,
    /// A tar stream in gzip: sdist, npm tarball, crate.
    TarGz,
    /// A tar stream in bzip2.
    TarBz2,
    /// A tar stream in xz.
    TarXz,
    /// A tar stream in zstandard.
    TarZst,
    /// A zip: wheel, jar, nupkg, vsix.
    Zip,
    /// A gem: a tar stream with `metadata.gz` and `data.tar.gz`.
    Gem,
    /// A single file in gzip.
    Gzip,
    /// A single file in bzip2.
    Bzip2,
    /// A single file in xz.
    Xz,
    /// A single file in zstandard.
    Zstd,
    /// No container: the artifact is one file.
    RawFile,
}

impl Format {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tar => "tar",
            Self::TarGz => "tar.gz",
            Self::TarBz2 => "tar.bz2",
            Self::TarXz => "tar.xz",
            Self::TarZst => "tar.zst",
            Self::Zip => "zip",
            Self::Gem => "gem",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::RawFile => "file",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
