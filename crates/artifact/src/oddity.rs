//! The threat model: one variant for each way in which an archive can lie.

use std::fmt;

macro_rules! oddities {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// A way in which an archive lies or is broken. None of them stops the reading.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Oddity {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Oddity {
            /// Every oddity.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code of its problems.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The oddity of this code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

oddities! {
    /// A name climbs out of the folder into which the archive is unpacked.
    PathTraversal = "path-traversal",
    /// A name has `..` parts but stays inside.
    ParentInPath = "parent-in-path",
    /// A name starts at the root of the file system.
    AbsolutePath = "absolute-path",
    /// A name starts with a drive letter.
    DriveLetter = "drive-letter",
    /// A name has backslashes, which are separators on Windows only.
    BackslashInName = "backslash-in-name",
    /// A name has a NUL, at which some readers stop.
    NulInName = "nul-in-name",
    /// A name has control characters.
    ControlInName = "control-character-in-name",
    /// A name has characters that turn the direction of text.
    BidiInName = "bidi-in-name",
    /// A name has characters that nobody sees.
    InvisibleInName = "invisible-character-in-name",
    /// A name is not UTF-8.
    NonUtf8Name = "non-utf8-name",
    /// A name is longer than the limit; it was cut.
    NameTooLong = "name-too-long",
    /// A file has no name.
    EmptyName = "empty-name",
    /// The archive gives one entry two names, and readers disagree which counts.
    NameConfusion = "name-confusion",
    /// A symbolic or hard link points out of the archive.
    EscapingLink = "escaping-link",
    /// A file lies below a symbolic link of the same archive, so that it is written wherever the link points.
    WritesThroughLink = "writes-through-link",
    /// A device node.
    Device = "device",
    /// A named pipe.
    Fifo = "fifo",
    /// A file runs with the rights of its owner or group.
    Setuid = "setuid-file",
    /// Two entries have the same name and different bytes.
    DuplicateEntry = "duplicate-entry",
    /// Two files differ only in the case of their names.
    CaseCollision = "case-collision",
    /// Two names differ only in how Unicode composes them.
    UnicodeCollision = "unicode-collision",
    /// One name is a file and a folder.
    FileAsDirectory = "file-as-directory",
    /// A folder, link or device carries data or claims to.
    DataOnNonFile = "data-on-non-file",
    /// An entry has a type that the format does not know.
    UnknownEntryType = "unknown-entry-type",
    /// A file with holes, which readers put together differently.
    SparseFile = "sparse-file",
    /// Two places give an entry different sizes (PAX and ustar), and readers disagree which counts.
    SizeConfusion = "size-confusion",
    /// A size below zero.
    NegativeSize = "negative-size",
    /// A size in base-256 that octal digits could have held.
    Base256Size = "base256-size",
    /// A number that is none.
    BadNumber = "bad-number",
    /// A header with a wrong checksum or signature in the middle of the archive.
    BadHeader = "bad-header",
    /// A PAX record that breaks its own grammar.
    BadPaxRecord = "bad-pax-record",
    /// A global PAX header gives names, links or sizes to all entries.
    GlobalOverride = "global-override",
    /// A header that speaks of a following entry which never comes.
    DanglingHeader = "dangling-header",
    /// Entries after the mark that ends the archive.
    EntriesAfterEnd = "entries-after-end",
    /// Data after the end of the archive or stream.
    TrailingData = "trailing-data",
    /// Data before the beginning of the archive.
    PrefixData = "prefix-data",
    /// Data between the entries that belongs to none.
    HiddenData = "hidden-data",
    /// More than one gzip member, of which some readers see only the first.
    ExtraGzipMember = "extra-gzip-member",
    /// A zip entry that the central directory does not list.
    UnlistedEntry = "unlisted-entry",
    /// The zip has no central directory, or it could not be found.
    NoCentralDirectory = "no-central-directory",
    /// More than one end record, and readers disagree which counts.
    ExtraEndRecord = "extra-end-record",
    /// The end record counts other entries than there are.
    EntryCountMismatch = "entry-count-mismatch",
    /// The zip64 record and the plain one disagree.
    Zip64Confusion = "zip64-confusion",
    /// The local header gives another name than the central directory.
    LocalNameMismatch = "local-name-mismatch",
    /// The local header gives another size or checksum than the central directory.
    LocalSizeMismatch = "local-size-mismatch",
    /// The local header gives another compression than the central directory.
    LocalMethodMismatch = "local-method-mismatch",
    /// Two zip entries share bytes of the archive.
    OverlappingEntries = "overlapping-entries",
    /// The zip claims to be spread over several disks.
    MultiDisk = "multi-disk",
    /// An entry is encrypted.
    EncryptedEntry = "encrypted-entry",
    /// An entry claims to be encrypted and is not.
    FalseEncryption = "false-encryption",
    /// An entry is packed in a way that Lazaret cannot unpack.
    UnsupportedMethod = "unsupported-method",
    /// The unpacked bytes do not match their checksum.
    WrongChecksum = "wrong-checksum",
    /// The unpacked size is not the one that was promised.
    WrongSize = "wrong-size",
    /// The packed data is broken.
    CorruptData = "corrupt-data",
    /// The archive ends too early.
    Truncated = "truncated",
    /// The bytes are more than one archive at once, and readers disagree which.
    Polyglot = "polyglot",
    /// The content is of another type than the name says.
    ContentUnlikeName = "content-unlike-name",
    /// A gem has entries that gems do not have.
    UnexpectedGemEntry = "unexpected-gem-entry",
    /// A small stream unpacks to a huge one.
    CompressionBomb = "compression-bomb",
    /// More entries than the limit.
    TooManyEntries = "too-many-entries",
    /// Archives stand deeper inside one another than the limit.
    TooDeep = "too-deep",
    /// An archive contains itself.
    Quine = "quine",
    /// The archive has no entries.
    EmptyArchive = "empty-archive",
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
