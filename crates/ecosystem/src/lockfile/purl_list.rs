//! A list of purls, one a line, as other tools print it. What follows a `#` at the start or after a blank is a comment.

use model::{DependencyGraph, PackageType, Parsed};

use super::{Files, Lockfile, base, flat::Flat, purl::purl, shown};

/// A list of purls.
#[derive(Debug, Clone, Copy)]
pub struct PurlList;

impl Lockfile for PurlList {
    fn name(&self) -> &'static str {
        "purls"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path);
        name == "purls.txt" || name.ends_with(".purls")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::GENERIC);
        for (number, line) in (1..).zip(files.text().lines()) {
            let text = line.split(" #").next().unwrap_or_default().trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match purl(text) {
                Some(package) => _ = flat.need(package.line(number)),
                None => flat.reading.problem("malformed-purl", number, format!("{} is no purl", shown(text))),
            }
        }
        flat.reading.finish()
    }
}
