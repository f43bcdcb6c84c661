//! Points in time as documents write them: `2026-01-31T23:59:59Z`, and seconds since 1970 in memory.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// A point in time for people and documents.
pub fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| format!("{seconds} seconds after 1970"), |time| time.to_string())
}

pub(super) fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment(*seconds))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse::<Timestamp>().map(|time| time.as_second()).map_err(D::Error::custom)
}
