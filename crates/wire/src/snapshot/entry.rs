//! One entry: what is said, by whom, when, and of which versions and bytes.

use jiff::Timestamp;
use model::{Decision, PackageType, Record};
use serde::{Deserialize, Serialize};

use super::{
    Event, Extent, Fingerprint,
    bytes::{Cursor, put_number, put_piece},
    extent::Raw,
    table::Table,
};

/// Stands in a stored reason for the name of the package, so that a million reasons are one text.
const NAME: char = '\u{1}';
/// The flag of an id that ends in a number.
const NUMERIC: u8 = 1;

/// An entry with the package of which it speaks, as it is imported and built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The package; none when the entry speaks of bytes under whatever name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Named>,
    /// What is said.
    #[serde(flatten)]
    pub record: Record,
    /// Of which versions and bytes.
    #[serde(flatten)]
    pub extent: Extent,
    /// The trust in the source: of two sources, the one of the smaller rank is believed more.
    #[serde(default)]
    pub rank: u32,
}

/// A package by its type and normalised name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Named {
    /// The type.
    #[serde(rename = "type")]
    pub kind: PackageType,
    /// The name.
    pub name: String,
}

impl Named {
    pub(super) fn key(kind: &str, name: &str) -> Vec<u8> {
        let mut key = Vec::with_capacity(kind.len() + 1 + name.len());
        key.extend_from_slice(kind.as_bytes());
        key.push(b'/');
        key.extend_from_slice(name.as_bytes());
        key
    }

    /// The package of a key; none for the key of bytes without a package.
    pub(super) fn of_key(key: &[u8]) -> Option<Self> {
        let key = std::str::from_utf8(key).ok().filter(|key| !key.starts_with('\0'))?;
        let (kind, name) = key.split_once('/')?;
        Some(Self { kind: PackageType::new(kind), name: name.to_owned() })
    }
}

/// An entry where it lies in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry<'s> {
    pub(super) kind: Kind<'s>,
    pub(super) id: Id<'s>,
    pub(super) time: u32,
    pub(super) raw: Raw<'s>,
}

/// What many entries have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind<'s> {
    pub source: &'s str,
    pub decision: u32,
    pub rank: u32,
    pub reviewer: &'s str,
    pub reason: &'s str,
    pub held: &'s str,
}

/// An id: a start that many have, and its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id<'s> {
    pub start: &'s str,
    pub end: End<'s>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End<'s> {
    Number(u64),
    Text(&'s str),
}

impl<'s> Id<'s> {
    fn new(id: &'s str) -> Self {
        let digits = id.len() - id.bytes().rev().take_while(u8::is_ascii_digit).count();
        // Zeros before the number belong to the start, and so does what is too long for a number.
        let digits = digits.max(id.len().saturating_sub(18));
        let zeros = id[digits..].bytes().take_while(|digit| *digit == b'0').count();
        let number = digits + zeros;
        match id[number..].parse() {
            Ok(end) => Self { start: &id[..number], end: End::Number(end) },
            Err(_) => {
                let start = id.find('-').map_or(0, |at| at + 1);
                Self { start: &id[..start], end: End::Text(&id[start..]) }
            }
        }
    }
}

impl<'s> Entry<'s> {
    /// What is said of the package of this name.
    pub fn record(&self, name: &str) -> Record {
        let Kind { source, reviewer, reason, held, .. } = self.kind;
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Record {
            id: match self.id.end {
                End::Number(number) => format!("{}{number}", self.id.start),
                End::Text(text) => [self.id.start, text].concat(),
            },
            decision: decision(self.kind.decision),
            reason: if reason.contains(NAME) { reason.replace(NAME, name) } else { reason.to_owned() },
            source: source.to_owned(),
            reviewer: some(reviewer),
            at: said(self.time),
            held: some(held),
        }
    }

    /// The trust in its source: a smaller rank is more.
    pub fn rank(&self) -> u32 {
        self.kind.rank
    }

    /// The name of its source.
    pub fn source(&self) -> &'s str {
        self.kind.source
    }

    /// Whether it speaks of every version.
    pub fn every(&self) -> bool {
        self.raw.every()
    }

    /// Whether it names a version; `same` says which spellings are equal to the one at hand.
    pub fn names_version(&self, same: impl FnMut(&str) -> bool) -> bool {
        self.raw.names_version(same)
    }

    /// The ranges that it names: whoever knows the order of versions says what lies in them.
    pub fn ranges(&self) -> Vec<Vec<Event>> {
        if self.raw.has_ranges() { self.raw.ranges() } else { Vec::new() }
    }

    /// Of which versions and bytes it speaks.
    pub fn extent(&self) -> Extent {
        self.raw.owned()
    }

    pub(super) fn has_digest(&self, key: &[u8; 18]) -> bool {
        self.raw.has_digest(key)
    }

    /// The entry with its package, as it could be built from again. Digests stay cut.
    pub(super) fn statement(&self, key: &[u8]) -> Statement {
        let package = Named::of_key(key);
        let name = package.as_ref().map_or("", |package| package.name.as_str());
        let (record, mut extent) = (self.record(name), self.extent());
        if package.is_none() {
            extent.digests.extend(Fingerprint::of_key(key));
        }
        Statement { package, record, extent, rank: self.kind.rank }
    }

    pub(super) fn write(&self, kind: u32, start: u32, out: &mut Vec<u8>) {
        let numeric = matches!(self.id.end, End::Number(_));
        out.push(self.raw.flags | if numeric { NUMERIC } else { 0 });
        put_number(out, kind.into());
        put_number(out, start.into());
        match self.id.end {
            End::Number(number) => put_number(out, number),
            End::Text(text) => put_piece(out, text.as_bytes()),
        }
        out.extend_from_slice(&self.time.to_le_bytes());
        out.extend_from_slice(self.raw.bytes);
    }

    fn read<B: AsRef<[u8]>>(table: &'s Table<B>, cursor: &mut Cursor<'s>) -> Option<Self> {
        let flags = cursor.byte()?;
        let [decision, rank, source, reviewer, reason, held] = table.kind(cursor.number()?)?;
        let start = table.text(u32::try_from(cursor.number()?).ok()?)?;
        let end = if flags & NUMERIC != 0 { End::Number(cursor.number()?) } else { End::Text(cursor.text()?) };
        let kind = Kind {
            source: table.text(source)?,
            decision,
            rank,
            reviewer: table.text(reviewer)?,
            reason: table.text(reason)?,
            held: table.text(held)?,
        };
        let time = cursor.u32()?;
        Some(Self { kind, id: Id { start, end }, time, raw: Raw::read(flags, cursor)? })
    }
}

/// The entries of one package. It ends early where the file is damaged.
pub(super) fn entries<'s, B: AsRef<[u8]>>(
    table: &'s Table<B>,
    payload: &'s [u8],
) -> impl Iterator<Item = Entry<'s>> + use<'s, B> {
    let mut cursor = Cursor(payload);
    std::iter::from_fn(move || if cursor.0.is_empty() { None } else { Entry::read(table, &mut cursor) })
}

/// The texts of a statement in the form in which they are kept.
pub(super) struct Packed {
    pub key: Vec<u8>,
    record: Record,
    reason: String,
    rank: u32,
    time: u32,
    flags: u8,
    extent: Vec<u8>,
}

impl Packed {
    /// One for the package, or one for each digest where there is none.
    pub fn of(statement: &Statement) -> Vec<Self> {
        let Statement { package, record, extent, rank } = statement;
        let mut extent = extent.clone();
        extent.versions.sort();
        extent.versions.dedup();
        extent.ranges.sort();
        extent.digests.sort();
        extent.digests.dedup();
        let name = package.as_ref().map(|package| package.name.as_str());
        let pack = |key: Vec<u8>, extent: &Extent| {
            let (flags, extent) = extent.write();
            Self {
                key,
                record: record.clone(),
                reason: kept(record, name),
                rank: *rank,
                time: time(record),
                flags,
                extent,
            }
        };
        match package {
            Some(package) => vec![pack(Named::key(package.kind.as_str(), &package.name), &extent)],
            None => extent.digests.iter().map(|digest| pack(digest.key().to_vec(), &Extent::default())).collect(),
        }
    }

    pub fn entry(&self) -> Entry<'_> {
        let Record { id, decision, source, reviewer, held, .. } = &self.record;
        let kind = Kind {
            source,
            decision: number(*decision),
            rank: self.rank,
            reviewer: reviewer.as_deref().unwrap_or_default(),
            reason: &self.reason,
            held: held.as_deref().unwrap_or_default(),
        };
        let raw = Raw { flags: self.flags, bytes: &self.extent };
        Entry { kind, id: Id::new(id), time: self.time, raw }
    }
}

/// The reason without control characters, and with a mark in place of the package's name.
fn kept(record: &Record, name: Option<&str>) -> String {
    let plain: String = record.reason.chars().filter(|c| !c.is_control()).collect();
    // A name of a letter or two stands in words that are about something else.
    match name.filter(|name| name.len() > 2) {
        Some(name) => plain.replace(name, &NAME.to_string()),
        None => plain,
    }
}

fn time(record: &Record) -> u32 {
    let time = record.at.parse::<Timestamp>().map_or(0, |time| time.as_second());
    u32::try_from(time).unwrap_or_default()
}

/// The other way round; nobody said when, where it is 0. By hand, since it is a good part of what an answer costs.
fn said(time: u32) -> String {
    if time == 0 {
        return String::new();
    }
    let (days, second) = (time / 86_400, time % 86_400);
    // Years start in March, so that the day which some have more is the last one.
    let day = days + 719_468;
    let era_day = day % 146_097;
    let era_year = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    let march = (5 * year_day + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = day / 146_097 * 400 + era_year + u32::from(month < 3);
    let mut text = Vec::with_capacity(20);
    let parts = [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (year_day - (153 * march + 2) / 5 + 1, 2, b'T'),
        (second / 3_600, 2, b':'),
        (second / 60 % 60, 2, b':'),
        (second % 60, 2, b'Z'),
    ];
    for (value, digits, sign) in parts {
        (0..digits).rev().for_each(|place| text.push(b'0' + (value / 10_u32.pow(place) % 10) as u8));
        text.push(sign);
    }
    String::from_utf8(text).unwrap_or_default()
}

fn number(decision: Decision) -> u32 {
    match decision {
        Decision::Unknown => 0,
        Decision::Benign => 1,
        Decision::Inconclusive => 2,
        Decision::Suspicious => 3,
        Decision::Malicious => 4,
    }
}

fn decision(number: u32) -> Decision {
    match number {
        1 => Decision::Benign,
        2 => Decision::Inconclusive,
        3 => Decision::Suspicious,
        4 => Decision::Malicious,
        _ => Decision::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_everybody_does() {
        for time in (1..u32::MAX).step_by(40_009).chain([1_709_164_800, 951_782_400, 4_102_444_799, u32::MAX]) {
            let expected = Timestamp::from_second(time.into()).expect("a time").to_string();
            assert_eq!(said(time), expected);
        }
        assert_eq!(said(0), "");
    }
}
