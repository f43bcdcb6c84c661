//! The database of verdicts as one file that is looked up where it lies: mapped into memory, never parsed.
//!
//! `docs/snapshot.md` describes every byte. A reader takes each number in a file for hostile: damaged bytes give wrong
//! answers at most, and [`Snapshot::verify`] tells them.

mod advisory;
mod bytes;
mod delta;
mod entry;
mod extent;
mod layout;
mod table;
mod table_writer;
mod write;

use model::{Checksum, Digest};
use serde::{Deserialize, Serialize};

pub use advisory::{Advisories, Advisory, build_advisories};
pub use delta::{Delta, Inapplicable, delta};
pub use entry::{Entry, Named, Statement};
pub use extent::{Event, Extent, Fingerprint};
pub use write::build;

use layout::Content;
use table::Table;

/// The how-manieth edition of a database a file is, and for how long it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Edition {
    /// Its number; it only grows.
    pub sequence: u64,
    /// When it was made, in seconds since 1970.
    pub made: i64,
    /// After when it is stale, in seconds since 1970.
    pub expires: i64,
}

/// Why bytes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Something else altogether.
    #[error("it is no such file of Lazaret")]
    Foreign,
    /// Made for another Lazaret.
    #[error("it has version {0} of the format, which this Lazaret does not read; update Lazaret or the database")]
    Version(u32),
    /// Cut off, or longer than it says.
    #[error("it is damaged: it has {has} bytes and should have {should}")]
    Length {
        /// Bytes that are there.
        has: u64,
        /// Bytes that its header promises.
        should: u64,
    },
    /// The numbers of its header fit no file.
    #[error("it is damaged: its header makes no sense")]
    Header,
    /// Its content is not what was written.
    #[error("it is damaged: its content does not fit its digest")]
    Content,
}

/// Why no file can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// More packages than a file can number.
    #[error("more than 16 million packages do not fit into one file")]
    TooMany,
    /// A part would have more than 4 GiB.
    #[error("a part of the file would be larger than 4 GiB")]
    TooLarge,
    /// No seed spreads the keys.
    #[error("the keys cannot be spread evenly, whatever the seed: some of them were made to collide")]
    Crowded,
}

/// A snapshot over bytes that somebody else holds: a mapped file, or a buffer.
#[derive(Debug)]
pub struct Snapshot<B> {
    table: Table<B>,
}

impl<B: AsRef<[u8]>> Snapshot<B> {
    /// Looks at the header, and at nothing else.
    ///
    /// # Errors
    /// When the bytes are no snapshot, are cut off, or have another version of the format.
    pub fn open(bytes: B) -> Result<Self, Unusable> {
        Table::open(bytes, Content::Verdicts).map(|table| Self { table })
    }

    /// Reads all of it and compares it with its digest.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn verify(&self) -> Result<(), Unusable> {
        self.table.verify()
    }

    /// The digest that it states of itself.
    pub fn digest(&self) -> Digest {
        self.table.digest()
    }

    /// Its number, and its times.
    pub fn edition(&self) -> Edition {
        self.table.edition()
    }

    /// How many entries it holds.
    pub fn records(&self) -> u64 {
        self.table.records()
    }

    /// How many packages, and artifacts without one, it speaks of.
    pub fn packages(&self) -> u32 {
        self.table.packages()
    }

    /// All of its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.table.all()
    }

    /// Every entry that speaks of a package, by its type and normalised name.
    pub fn package<'s>(&'s self, kind: &str, name: &str) -> impl Iterator<Item = Entry<'s>> + use<'s, B> {
        let payload = self.table.get(&Named::key(kind, name)).unwrap_or_default();
        entry::entries(&self.table, payload)
    }

    /// Every entry that names these bytes, and the package that they were published as, where one is known.
    pub fn artifact(&self, checksum: &Checksum) -> Vec<(Option<Named>, Entry<'_>)> {
        let Ok(fingerprint) = Fingerprint::try_from(checksum) else { return Vec::new() };
        let wanted = fingerprint.key();
        let mut found = Vec::new();
        for ordinal in self.table.probe(&wanted) {
            let Some((key, payload)) = self.table.item(ordinal) else { continue };
            let own = key == wanted;
            let entries = entry::entries(&self.table, payload).filter(|entry| own || entry.has_digest(&wanted));
            found.extend(entries.map(|entry| (Named::of_key(&key), entry)));
        }
        found
    }

    /// Everything in it, in the order of the packages. Digests are cut to what a snapshot keeps of them.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        self.table.items().flat_map(|(key, payload)| {
            entry::entries(&self.table, payload).map(move |entry| entry.statement(&key)).collect::<Vec<_>>()
        })
    }
}
