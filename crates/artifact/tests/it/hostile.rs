//! Every recipe of `fixtures/hostile`: what it tries is named, and the rest is read.

use std::collections::BTreeSet;

use artifact::{Limits, Oddity, open_named};
use testkit::archive::{Case, Expected, hostile};

#[test]
fn every_lie_is_named() {
    let cases = hostile();
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn every_oddity_has_a_case() {
    let told: BTreeSet<String> = hostile().into_iter().flat_map(|case| case.expect.problems).collect();
    let missing: Vec<&str> =
        Oddity::ALL.iter().map(|oddity| oddity.code()).filter(|code| !told.contains(*code)).collect();
    // No recipe makes an archive that contains itself; that has a test beside the code.
    assert_eq!(missing, ["quine"]);
    assert!(Oddity::ALL.iter().all(|oddity| Oddity::from_code(oddity.code()) == Some(*oddity)));
}

/// What is wrong with a case's outcome.
fn judge(case: &Case) -> Option<String> {
    let limits = limits(case);
    let bytes = case.build.build();
    let seen = match open_named(&bytes, &case.file_name, &limits) {
        Err(_) => Expected { refused: true, ..Expected::default() },
        Ok(parsed) => {
            let once = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>();
            let tree = parsed.value;
            let kind = |gap: &model::Gap| format!("{:?}", gap.kind).to_lowercase();
            Expected {
                problems: once(parsed.problems.into_iter().map(|problem| problem.code).collect()),
                gaps: once(tree.gaps.iter().map(kind).collect()),
                files: case.expect.files.as_ref().map(|_| tree.files.iter().map(|file| file.path.clone()).collect()),
                format: case.expect.format.as_ref().map(|_| tree.format.as_str().to_owned()),
                refused: false,
            }
        }
    };
    (seen != case.expect).then(|| format!("{}:\n  wanted {:?}\n  got    {seen:?}", case.name, case.expect))
}

fn limits(case: &Case) -> Limits {
    let mut limits = Limits::default();
    for (field, value) in &case.limits {
        match field.as_str() {
            "total_bytes" => limits.total_bytes = *value,
            "file_bytes" => limits.file_bytes = *value,
            "entries" => limits.entries = *value,
            "depth" => limits.depth = u32::try_from(*value).expect("a small number"),
            "ratio" => limits.ratio = u32::try_from(*value).expect("a small number"),
            other => panic!("{}: {other} is no limit", case.name),
        }
    }
    limits
}
