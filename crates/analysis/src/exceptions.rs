//! Findings that a person has looked at and holds to be harmless: data, never code.
//!
//! An exception names a package, a rule and the exact bytes of the file that it is about, and it ends on a day. A finding that
//! is covered stays in the report with the reason, and weighs nothing. As soon as the file changes by one byte, it counts again.

use std::sync::LazyLock;

use model::{Digest, Finding};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::subject::Subject;

/// Lazaret's own exceptions.
const OWN: &str = include_str!("../data/exceptions.toml");

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The packages, as a purl in which `*` stands for any text: `pkg:pypi/name@1.*`. Without `@`, every version.
    pub purl: String,
    /// The rule.
    pub rule: String,
    /// The sha256 of the file in which the finding lies.
    pub sha256: String,
    /// Why it is harmless: a sentence for whoever reads the report.
    pub reason: String,
    /// The last day on which it applies.
    pub expires: Day,
}

/// A day of the calendar, `2027-01-31`. Days are in order as their texts are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(String);

impl Day {
    /// The day that is so many seconds after the start of 1970, in UTC.
    pub fn of_seconds(seconds: u64) -> Self {
        // The civil calendar from a count of days: years begin in March, so that the leap day is the last of a year.
        let days = seconds / 86_400 + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = 400 * era + year_of_era + u64::from(month <= 2);
        Self(format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok());
        let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let valid = shaped
            && number(0..4).is_some()
            && number(5..7).is_some_and(|month| (1..=12).contains(&month))
            && number(8..10).is_some_and(|day| (1..=31).contains(&day));
        if valid { Ok(Self(text)) } else { Err(format!("\"{text}\" is no day of the form 2027-01-31")) }
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0
    }
}

/// Reads `[[exceptions]]` of a TOML document. Other parts of the document are left to others.
///
/// # Errors
/// A sentence for the user: what is wrong, and where.
pub fn read(text: &str) -> Result<Vec<Exception>, String> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        exceptions: Vec<Exception>,
    }
    let document: Document = toml::from_str(text).map_err(|error| error.to_string())?;
    for one in &document.exceptions {
        one.sha256.parse::<Digest>().map_err(|wrong| format!("an exception for {}: {wrong}", one.purl))?;
        if !one.purl.starts_with("pkg:") {
            return Err(format!("\"{}\" is no purl; an exception is for one such as pkg:npm/name@1.*", one.purl));
        }
    }
    Ok(document.exceptions)
}

/// Lazaret's own exceptions and these, as far as they apply on a day. Without a day none does.
pub(crate) fn in_force(user: &[Exception], today: Option<&Day>) -> Vec<Exception> {
    static OURS: LazyLock<Vec<Exception>> = LazyLock::new(|| read(OWN).expect("a test reads our own exceptions"));
    let Some(today) = today else { return Vec::new() };
    OURS.iter().chain(user).filter(|one| *today <= one.expires).cloned().collect()
}

/// Marks the findings that are covered.
pub(crate) fn apply(exceptions: &[Exception], subject: &Subject, findings: &mut [Finding]) {
    for finding in findings {
        if let Some(place) = finding.places.first() {
            finding.excepted = reason(exceptions, subject, &finding.rule, &place.path);
        }
    }
}

/// Why a finding of this rule in this file weighs nothing, if it is covered.
pub(crate) fn reason(exceptions: &[Exception], subject: &Subject, rule: &str, path: &str) -> Option<String> {
    if !exceptions.iter().any(|one| one.rule == rule) {
        return None;
    }
    let purl = purl(subject);
    let file = subject.tree.files.iter().find(|file| file.path == path)?;
    let sha256 = Digest(sha2::Sha256::digest(&file.bytes).into()).to_string();
    let found = exceptions
        .iter()
        .find(|one| one.rule == rule && covers(&one.purl, &purl) && one.sha256.eq_ignore_ascii_case(&sha256));
    found.map(|one| one.reason.clone())
}

/// The package as the asker names it, else as it names itself: the bytes of the file are what binds an exception.
fn purl(subject: &Subject) -> String {
    let (target, facts) = (&subject.target, &subject.facts);
    let ecosystem = target.ecosystem.or(facts.ecosystem).map_or("generic", model::Ecosystem::as_str);
    let name = target.name.as_ref().or(facts.name.as_ref()).map(String::as_str).unwrap_or_default();
    let version = target.version.as_ref().or(facts.version.as_ref()).map(String::as_str).unwrap_or_default();
    let name = name.replacen('@', "%40", 1).to_ascii_lowercase();
    let name = if ecosystem == "pypi" { name.replace(['_', '.'], "-") } else { name };
    format!("pkg:{ecosystem}/{name}@{version}")
}

fn covers(pattern: &str, purl: &str) -> bool {
    if pattern.contains('@') { matches(pattern, purl) } else { matches(&format!("{pattern}@*"), purl) }
}

/// Whether a text is of a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_exceptions_can_be_read() {
        let own = read(OWN).unwrap();
        assert!(own.iter().all(|one| crate::rules::all().any(|rule| rule.id == one.rule)), "{own:?}");
        assert!(own.iter().all(|one| one.reason.ends_with('.')), "{own:?}");
    }

    #[test]
    fn patterns_cover_names_and_versions() {
        for (pattern, purl, covered) in [
            ("pkg:pypi/keras", "pkg:pypi/keras@3.1", true),
            ("pkg:pypi/keras", "pkg:pypi/keras-extra@3.1", false),
            ("pkg:pypi/keras@3.*", "pkg:pypi/keras@3.1", true),
            ("pkg:pypi/keras@3.*", "pkg:pypi/keras@4.1", false),
            ("pkg:npm/%40own/*", "pkg:npm/%40own/tool@1.0.0", true),
            ("pkg:npm/a*b@*", "pkg:npm/acb@1", true),
            ("pkg:npm/a*b@*", "pkg:npm/ac@1", false),
        ] {
            assert_eq!(covers(pattern, purl), covered, "{pattern} {purl}");
        }
    }

    #[test]
    fn days_are_counted_and_compared() {
        let of = |seconds| String::from(Day::of_seconds(seconds));
        assert_eq!(of(0), "1970-01-01");
        assert_eq!(of(951_782_400), "2000-02-29");
        assert_eq!(of(1_798_761_599), "2026-12-31");
        assert!(Day::try_from("2027-13-01".to_owned()).is_err());
        assert!(Day::try_from("2026-12-31".to_owned()).unwrap() < Day::try_from("2027-01-01".to_owned()).unwrap());
    }

    #[test]
    fn nothing_applies_without_a_day_or_after_the_last() {
        let text = "[[exceptions]]\npurl = 'pkg:npm/a'\nrule = 'b'\nreason = 'It was read.'\nexpires = '2026-01-31'\n\
                    sha256 = '0000000000000000000000000000000000000000000000000000000000000000'";
        let user = read(text).unwrap();
        let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
        assert!(in_force(&user, None).is_empty());
        assert!(in_force(&user, Some(&day("2026-01-31"))).contains(&user[0]));
        assert!(!in_force(&user, Some(&day("2026-02-01"))).contains(&user[0]));
        assert!(read(&text.replace("pkg:", "")).is_err());
    }
}
