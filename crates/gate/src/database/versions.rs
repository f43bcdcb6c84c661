//! Whether a version is one that an entry speaks of. The ecosystem's own order counts; worlds that Lazaret has no registry
//! for are ordered by their numbers.

use std::cmp::Ordering;

use model::{PackageType, Version};
use wire::snapshot::Event;

/// Whether two spellings mean the same version.
pub fn same(kind: &PackageType, one: &str, other: &str) -> bool {
    one == other
        || match kind.ecosystem() {
            Some(ecosystem) => {
                ecosystem::registry(ecosystem).same_version(&Version(one.into()), &Version(other.into()))
            }
            None => one.trim_start_matches('v') == other.trim_start_matches('v'),
        }
}

/// Which of two versions is newer.
pub fn order(kind: &PackageType, one: &str, other: &str) -> Ordering {
    match kind.ecosystem() {
        _ if same(kind, one, other) => Ordering::Equal,
        Some(ecosystem) => ecosystem::registry(ecosystem).order(&Version(one.into()), &Version(other.into())),
        None => by_numbers(one, other),
    }
}

/// Whether a version lies in a range. Its events are taken in the order of their versions, however they are written.
pub fn lies_in(kind: &PackageType, version: &str, range: &[Event]) -> bool {
    let mut events: Vec<&Event> = range.iter().collect();
    events.sort_by(|a, b| turn_order(kind, a, b));
    let reached = |event: &Event| match (event.version(), event) {
        ("0", Event::Introduced(_)) => Ordering::Greater,
        (turn, _) => order(kind, version, turn),
    };
    events.iter().fold(false, |inside, event| match event {
        Event::Introduced(_) => inside || reached(event).is_ge(),
        Event::Fixed(_) => inside && reached(event).is_lt(),
        Event::LastAffected(_) => inside && reached(event).is_le(),
    })
}

/// The first version after this one that some range names as fixed.
pub fn first_fixed(kind: &PackageType, version: &str, ranges: &[Vec<Event>]) -> Option<String> {
    let fixed = ranges.iter().flatten().filter_map(|event| match event {
        Event::Fixed(fixed) if order(kind, fixed, version).is_gt() => Some(fixed),
        _ => None,
    });
    fixed.min_by(|a, b| order(kind, a, b)).cloned()
}

fn turn_order(kind: &PackageType, one: &Event, other: &Event) -> Ordering {
    let first = |event: &Event| matches!(event, Event::Introduced(version) if version == "0");
    match (first(one), first(other)) {
        (false, false) => order(kind, one.version(), other.version()),
        (a, b) => b.cmp(&a),
    }
}

/// Part by part, numbers as numbers. What follows a hyphen comes before the version without it.
fn by_numbers(one: &str, other: &str) -> Ordering {
    let split = |text: &str| -> (String, Option<String>) {
        let text = text.trim_start_matches('v').split('+').next().unwrap_or_default().to_owned();
        match text.split_once('-') {
            Some((release, before)) => (release.to_owned(), Some(before.to_owned())),
            None => (text, None),
        }
    };
    let ((a, a_before), (b, b_before)) = (split(one), split(other));
    parts(&a, &b, "0").then_with(|| match (a_before, b_before) {
        (Some(a), Some(b)) => parts(&a, &b, ""),
        (a, b) => a.is_none().cmp(&b.is_none()),
    })
}

fn parts(one: &str, other: &str, missing: &str) -> Ordering {
    let (mut left, mut right) = (one.split('.'), other.split('.'));
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or(missing), b.unwrap_or(missing)),
        };
        let found = match (a.parse::<u64>(), b.parse::<u64>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (a_number, b_number) => b_number.is_ok().cmp(&a_number.is_ok()).then_with(|| a.cmp(b)),
        };
        if found.is_ne() {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(events: &[(&str, &str)]) -> Vec<Event> {
        let event = |(kind, version): &(&str, &str)| match *kind {
            "introduced" => Event::Introduced((*version).into()),
            "fixed" => Event::Fixed((*version).into()),
            _ => Event::LastAffected((*version).into()),
        };
        events.iter().map(event).collect()
    }

    #[test]
    fn ranges_begin_and_end_where_they_say() {
        let events = range(&[("fixed", "1.10.0"), ("introduced", "1.2.0"), ("introduced", "2.0.0"), ("last", "2.1.0")]);
        for (version, inside) in
            [("1.1.9", false), ("1.2.0", true), ("1.9.0", true), ("1.10.0", false), ("2.1.0", true), ("2.1.1", false)]
        {
            for kind in [PackageType::NPM, PackageType::PYPI, PackageType::GOLANG, PackageType::MAVEN] {
                assert_eq!(lies_in(&kind, version, &events), inside, "{kind} {version}");
            }
        }
    }

    #[test]
    fn a_range_from_zero_has_every_version_before_its_end() {
        let events = range(&[("introduced", "0"), ("fixed", "1.0.0")]);
        assert!(lies_in(&PackageType::NPM, "0.0.0-alpha", &events));
        assert!(lies_in(&PackageType::NPM, "1.0.0-rc.1", &events));
        assert!(!lies_in(&PackageType::NPM, "1.0.0", &events));
    }

    #[test]
    fn spellings_of_one_version_are_the_same() {
        assert!(same(&PackageType::PYPI, "1.0", "1.0.0"));
        assert!(same(&PackageType::GOLANG, "v1.2.3", "1.2.3"));
        assert!(!same(&PackageType::NPM, "1.0.0", "1.0"));
    }

    #[test]
    fn pre_releases_come_before_their_release() {
        assert!(order(&PackageType::NUGET, "1.0.0-beta.2", "1.0.0").is_lt());
        assert!(order(&PackageType::NUGET, "1.0.0-beta.2", "1.0.0-beta.10").is_lt());
        assert!(order(&PackageType::COMPOSER, "1.0", "1.0.0").is_eq());
    }
}
