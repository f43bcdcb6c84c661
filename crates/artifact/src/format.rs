//! Which container formats there are, told by content alone.

use std::fmt;

use model::Problem;

use crate::{
    Oddity, bzip2, gzip,
    session::{Level, Source},
    sink::Sink,
    tar, xz, zip, zstd,
};

/// Every reader, in the order in which they are asked.
pub(crate) const FORMATS: &[Reader] =
    &[gzip::READER, bzip2::READER, xz::READER, zstd::READER, tar::READER, zip::READER];

/// A reader of one format.
pub(crate) struct Reader {
    /// Whether the bytes are of this format.
    pub sniff: fn(&[u8]) -> bool,
    pub shape: Shape,
}

/// What a format holds.
pub(crate) enum Shape {
    /// One stream of bytes, packed. The sink holds what was unpacked, however it ended.
    Stream {
        alone: Format,
        with_tar: Format,
        suffix: &'static str,
        read: fn(Source<'_>, &mut Sink, &mut Level<'_, '_>),
    },
    /// Many entries.
    Container { format: Format, read: fn(Source<'_>, &mut Level<'_, '_>) },
}

impl Reader {
    /// The format's own word.
    pub fn word(&self) -> &'static str {
        match &self.shape {
            Shape::Stream { alone: format, .. } | Shape::Container { format, .. } => format.as_str(),
        }
    }
}

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

    /// Compares a container with its file name: a wheel named `.tar.gz` or a zip named `.png` is worth a word.
    pub fn check_name(self, file_name: &str) -> Option<Problem> {
        let lower = file_name.rsplit(['/', '!']).next().unwrap_or_default().to_ascii_lowercase();
        let stem = |suffix: &&str| lower.ends_with(*suffix);
        let (_, fits) = EXPECTED.iter().find(|(suffixes, _)| suffixes.iter().any(stem))?;
        if fits.contains(&self) || (self == Self::RawFile && fits.is_empty()) {
            return None;
        }
        let detail = format!("by its content it is a {self}");
        Some(Problem::new(Oddity::ContentUnlikeName.code(), file_name, detail))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which formats a name may hold. An empty list means that it is no container at all. Names that are not listed may hold
/// anything: many document formats are zips.
const EXPECTED: &[(&[&str], &[Format])] = &[
    (&[".tar.gz", ".tgz", ".crate"], &[Format::TarGz]),
    (&[".tar.bz2", ".tbz2", ".tbz"], &[Format::TarBz2]),
    (&[".tar.xz", ".txz"], &[Format::TarXz]),
    (&[".tar.zst", ".tzst"], &[Format::TarZst]),
    (&[".tar"], &[Format::Tar]),
    (&[".gem"], &[Format::Gem]),
    (&[".whl", ".zip", ".jar", ".nupkg", ".vsix", ".egg", ".war", ".apk", ".docx", ".xlsx", ".pptx"], &[Format::Zip]),
    (&[".gz"], &[Format::Gzip, Format::TarGz]),
    (&[".bz2"], &[Format::Bzip2, Format::TarBz2]),
    (&[".xz"], &[Format::Xz, Format::TarXz]),
    (&[".zst"], &[Format::Zstd, Format::TarZst]),
    (
        &[
            ".py", ".pyi", ".js", ".mjs", ".cjs", ".ts", ".json", ".rb", ".rs", ".sh", ".html", ".css", ".md", ".txt",
            ".rst", ".xml", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".c", ".h", ".png", ".jpg", ".jpeg", ".gif",
            ".ico", ".webp", ".bmp", ".mp3", ".mp4", ".wav", ".ogg", ".pdf", ".woff", ".woff2", ".ttf", ".otf",
            ".wasm", ".log", ".lock", ".csv",
        ],
        &[],
    ),
];
