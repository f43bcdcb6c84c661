//! Every format on one standard report, against its snapshot and its public schema.

mod changes;
mod project;
mod scans;
mod schemas;
mod snapshots;
mod standard;
mod traces;
mod trust;

use wire::{Exit, FORMATS, Format, report};

/// A report in a format, as text.
fn written(format: &dyn Format) -> String {
    let mut out = Vec::new();
    format.write(&standard::report(), &mut out).expect("writing to memory");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// The terminal report without its styles.
fn plain(styled: &str) -> String {
    let mut text = String::new();
    let mut rest = styled;
    while let Some(at) = rest.find("\u{1b}[") {
        text.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, tail)| tail);
    }
    text + rest
}

#[test]
fn the_standard_report_in_every_format() {
    for format in FORMATS {
        let text = plain(&written(*format));
        insta::with_settings!({ omit_expression => true, snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format.name(), text);
        });
    }
}

#[test]
fn the_brief_report_names_only_what_is_not_clean() {
    let text = plain(&written(&report::Terminal { brief: true }));
    let labels = ["evil-helper", "odd-tool", "half-read", "no-such-thing"];
    assert_eq!(text.lines().count(), labels.len(), "{text}");
    for label in labels {
        assert!(text.contains(label), "{label} is missing in:\n{text}");
    }
}

#[test]
fn no_format_lets_package_text_act() {
    for format in FORMATS {
        let text = written(*format);
        let ours = plain(&text);
        let acting = ours.chars().find(|&c| c != '\n' && wire::text::is_deceptive(c));
        assert_eq!(acting, None, "{} lets a character through", format.name());
        let obeyed = ours.lines().find(|line| line.trim_start().starts_with("::"));
        assert_eq!(obeyed, None, "{} lets a workflow command through", format.name());
    }
}

#[test]
fn markdown_carries_no_html_and_no_links() {
    let page = written(report::format("markdown").expect("listed"));
    let mut fence: Option<&str> = None;
    for line in page.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("text")),
            None => {
                let outside: String = line.split('`').step_by(2).collect();
                assert!(!outside.contains("<script") || outside.contains("\\<script"), "{line}");
                assert!(!outside.contains("[here]"), "{line}");
            }
        }
    }
    assert_eq!(fence, None, "every block is closed");
}

#[test]
fn formats_have_distinct_names_and_are_found_by_them() {
    for format in FORMATS {
        assert_eq!(report::format(format.name()).map(Format::name), Some(format.name()));
    }
    assert_eq!(FORMATS[0].name(), "terminal", "the first is the default");
    assert!(report::format("yaml").is_none());
}

#[test]
fn exit_codes_are_pinned() {
    let codes: Vec<u8> = Exit::ALL.iter().map(|one| one.code()).collect();
    assert_eq!(codes, [0, 4, 30, 3, 2, 40, 10, 20, 1], "from the lightest to the weightiest");
    for exit in Exit::ALL {
        assert_eq!(Exit::from_code(exit.code()), Some(*exit));
    }
    assert_eq!(Exit::from_code(5), None);
    assert_eq!(standard::report().exit(), Exit::Malicious);
}

#[test]
fn a_benign_decision_with_a_gap_is_still_incomplete() {
    let mut analysis = standard::clean();
    assert_eq!(Exit::of(&analysis), Exit::Clean);
    analysis.verdict.coverage.gaps.push(model::Gap::new(model::GapKind::Limit, "big.js", "It is too large."));
    assert_eq!(Exit::of(&analysis), Exit::Incomplete);
}
