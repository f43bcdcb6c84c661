//! Every format of a scan on the standard scan, against its snapshot and its public schema.

mod hostile;
mod schemas;

use wire::scan::{FORMATS, Format, format};

use crate::{plain, project};

/// The standard scan in a format, as text.
fn written(name: &str) -> String {
    write(format(name).expect("listed"), &project::scan())
}

fn write(format: &dyn Format, scan: &wire::scan::Scan<'_>) -> String {
    let mut out = Vec::new();
    format.write(scan, &mut out).expect("writing to memory");
    plain(&String::from_utf8(out).expect("reports are UTF-8"))
}

#[test]
fn the_standard_scan_in_every_format() {
    for format in FORMATS {
        let text = written(format.name());
        insta::with_settings!({ omit_expression => true, snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("scan-{}", format.name()), text);
        });
    }
}

#[test]
fn formats_have_distinct_names_and_are_found_by_them() {
    for one in FORMATS {
        assert_eq!(format(one.name()).map(Format::name), Some(one.name()));
    }
    assert_eq!(FORMATS[0].name(), "terminal", "the first is the default");
    assert!(format("yaml").is_none());
}

#[test]
fn every_format_is_the_same_every_time() {
    for format in FORMATS {
        assert_eq!(written(format.name()), written(format.name()));
    }
}

#[test]
fn every_format_for_people_says_how_many_were_not_checked() {
    let said = ["terminal", "markdown", "step-summary", "html", "junit", "github", "gitlab", "bitbucket", "spdx"];
    for name in said {
        assert!(written(name).contains("not checked"), "{name}");
    }
    let last = |name| written(name).lines().rfind(|line| !line.trim().is_empty()).map(String::from);
    for name in ["markdown", "step-summary", "github"] {
        assert!(
            last(name).is_some_and(|line| line.contains("1 of 12 packages not checked")),
            "{name}: {:?}",
            last(name)
        );
    }
}

#[test]
fn what_nobody_looked_at_is_never_called_fine() {
    let mut scan = project::scan();
    scan.packages.retain(|one| one.decision == model::Decision::Unknown);
    scan.edges.clear();
    for name in ["markdown", "step-summary", "html"] {
        let text = write(format(name).expect("listed"), &scan).to_lowercase();
        assert!(text.contains("not everything was checked") && !text.contains("nothing to block"), "{name}");
    }
}

#[test]
fn an_empty_scan_and_a_large_one_can_be_written_in_every_format() {
    let mut scan = project::scan();
    scan.packages.clear();
    scan.edges.clear();
    for format in FORMATS {
        assert!(!write(*format, &scan).is_empty(), "{}", format.name());
    }
    let mut scan = project::scan();
    let model = scan.packages.clone();
    scan.packages = (0..3000).map(|at| numbered(&model[at % model.len()], at)).collect();
    scan.edges = (1..3000).map(|at| (at - 1, at)).chain([(2999, 0), (7, 7), (5, 999_999)]).collect();
    let page = write(format("markdown").expect("listed"), &scan);
    assert!(page.chars().count() <= 65_536, "{} characters", page.chars().count());
    assert!(
        page.contains("more blocked") && page.contains("of 3000 packages not checked"),
        "{}",
        &page[page.len() - 800..]
    );
    let summary = write(format("step-summary").expect("listed"), &scan);
    assert!(summary.len() < 1 << 20, "{} bytes", summary.len());
    let commands = write(format("github").expect("listed"), &scan);
    for kind in ["::error ", "::warning "] {
        assert_eq!(commands.lines().filter(|line| line.starts_with(kind)).count(), 10, "{kind}");
    }
    let insights: serde_json::Value =
        serde_json::from_str(&write(format("bitbucket").expect("listed"), &scan)).expect("JSON");
    let parts = insights["annotations"].as_array().expect("parts");
    assert_eq!(parts.len(), 10);
    assert!(parts.iter().all(|part| part.as_array().is_some_and(|part| part.len() == 100)));
    assert!(
        insights["report"]["details"].as_str().is_some_and(|text| text.contains("more annotations")),
        "{}",
        insights["report"]
    );
    let html = write(format("html").expect("listed"), &scan);
    assert!(html.contains("more are not drawn") && html.matches("<article").count() <= 900, "the rest are rows");
    assert!(html.contains("2999"), "and the last is there as well");
}

fn numbered(package: &wire::scan::Package, at: usize) -> wire::scan::Package {
    let mut one = package.clone();
    one.name = format!("{}-{at}", one.name);
    one.purl = format!("pkg:{}/{}@{}", one.kind, one.name, one.version.as_deref().unwrap_or("1"));
    one.path = vec![one.purl.clone()];
    one
}
