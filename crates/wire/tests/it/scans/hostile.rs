//! What a package says acts in no format.

use super::{project, written};

#[test]
fn no_format_lets_a_character_act() {
    for format in wire::scan::FORMATS {
        let text = written(format.name()).replace("\r\n", "\n");
        let acting = text
            .chars()
            .find(|&c| c != '\n' && (wire::text::is_deceptive(c) || c == '\u{ffff}' && format.name() == "junit"));
        assert_eq!(acting, None, "{} lets a character through", format.name());
        let obeyed = text.lines().find(|line| line.trim_start().starts_with("::") && format.name() != "github");
        assert_eq!(obeyed, None, "{} lets a workflow command through", format.name());
    }
}

#[test]
fn workflow_commands_are_all_our_own() {
    let text = written("github");
    let ours =
        ["::error file=", "::warning file=", "::notice title=Lazaret::", "::notice title=Lazaret could not finish::"];
    for line in text.lines() {
        assert!(ours.iter().any(|start| line.starts_with(start)), "{line}");
        let properties = line.split("::").nth(1).expect("a command");
        assert!(
            !properties.contains("script>alert(1)</script>]]>|@team [l](http:"),
            "a colon ends the properties: {line}"
        );
    }
    assert!(text.contains("%2C") && text.contains("%25"), "commas and per cent signs are escaped: {text}");
}

#[test]
fn html_holds_no_tag_and_no_attribute_of_a_package() {
    for text in [written("html"), crate::written(wire::report::format("html").expect("listed"))] {
        assert_eq!(text.matches("<script").count(), 1, "only our own");
        assert!(
            !text.contains("onload=") && !text.contains("javascript:") && !text.contains("src="),
            "nothing is fetched"
        );
        assert!(!text.contains("=x\"'"), "a quote leaves an attribute");
        assert!(text.contains("default-src 'none'"));
        for start in ["http://", "https://"] {
            let followed = text.match_indices(&format!("href=\"{start}")).count();
            assert_eq!(followed, 0, "no link leads out");
        }
        balanced(&text);
    }
}

/// Every element that is opened is closed, in order.
fn balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "in {}", &rest[..end.min(80)]);
        } else if !tag.ends_with('/') && !["!DOCTYPE", "meta", "br", "input"].contains(&name) {
            open.push(name);
        }
        rest = &rest[end + 1..];
        if (name == "style" || name == "script") && !tag.starts_with('/') {
            rest = &rest[rest.find("</").expect("it is closed")..];
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_policy_of_a_page_names_its_style_and_script() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use sha2::{Digest as _, Sha256};
    let text = written("html");
    for name in ["style", "script"] {
        let start = text.find(&format!("<{name}>")).expect("there is one") + name.len() + 2;
        let body = &text[start..start + text[start..].find(&format!("</{name}>")).expect("it ends")];
        let digest = STANDARD.encode(Sha256::digest(body));
        assert!(text.contains(&format!("{name}-src 'sha256-{digest}'")), "{name}");
    }
}

#[test]
fn markdown_carries_no_html_and_no_links() {
    let page = written("markdown");
    let mut fence: Option<&str> = None;
    for line in page.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("text")),
            None => {}
        }
        if fence.is_some() || line.starts_with("```") {
            continue;
        }
        let outside = outside_of_code(line);
        assert!(!outside.contains("<script") && !outside.contains("[l](") && !outside.contains("@team"), "{outside}");
    }
    let rows = page.lines().filter(|line| line.starts_with('|'));
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 4, "{row}");
    }
}

/// A line of Markdown without its code spans and without what is escaped.
fn outside_of_code(line: &str) -> String {
    let (mut outside, mut rest) = (String::new(), line);
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|c| *c == '`').count();
        if c == '\\' {
            rest = rest.get(2..).unwrap_or_default();
        } else if run > 0 {
            let fence = "`".repeat(run);
            let body = &rest[run..];
            let ends = body.match_indices(&fence).map(|(at, _)| at);
            let mut ends = ends.filter(|at| !body[at + run..].starts_with('`') && !body[..*at].ends_with('`'));
            rest = &body[ends.next().expect("a span ends") + run..];
        } else {
            outside.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    outside
}

#[test]
fn junit_is_xml_with_the_counts_that_it_states() {
    let text = written("junit");
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut names: Vec<String> = Vec::new();
    loop {
        match reader.read_event().expect("well formed") {
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                tag.attributes().for_each(|one| drop(one.expect("an attribute")));
                names.push(tag.name().as_ref().to_owned());
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    let count = |name: &str| names.iter().filter(|one| *one == name).count();
    let stated = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        count("testcase"),
        count("failure"),
        count("error"),
        count("skipped")
    );
    assert!(text.contains(&stated), "{stated}");
    assert_eq!((count("testcase"), count("failure"), count("error"), count("skipped")), (13, 3, 1, 1));
}

#[test]
fn csv_has_a_row_for_each_package_and_no_formula() {
    let text = written("csv");
    let rows: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 1 + project::scan().packages.len());
    let columns = rows[0].split("\",\"").count();
    for row in rows {
        let inside = row.strip_prefix('"').and_then(|row| row.strip_suffix('"')).expect("in quotes");
        let cells: Vec<&str> = inside.split("\",\"").collect();
        assert_eq!(cells.len(), columns, "{row}");
        let formula = cells.iter().find(|cell| cell.starts_with(['=', '+', '-', '@']));
        assert_eq!(formula, None);
    }
}

#[test]
fn dot_has_a_node_for_each_package() {
    let text = written("dot");
    let nodes = text.lines().filter(|line| line.starts_with("  n") && line.contains("[label=")).count();
    assert_eq!(nodes, project::scan().packages.len());
    for line in text.lines() {
        let marks = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
        assert_eq!(marks % 2, 0, "{line}");
    }
}
