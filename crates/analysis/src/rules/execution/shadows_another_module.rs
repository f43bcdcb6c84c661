//! The package installs a module under the name of another, famous one.

use model::{Confidence, Ecosystem, Phase, Place};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// Famous modules whose package has the same name, so that any other package that ships them takes their place. Sorted.
const FAMOUS: &[&str] = &[
    "aiohttp", "boto3", "botocore", "certifi", "charset_normalizer", "click", "colorama", "cryptography", "django", "fastapi", "flask",
    "httpx", "idna", "jinja2", "numpy", "packaging", "pandas", "paramiko", "pip", "psutil", "pydantic", "pytest", "requests", "rich",
    "scipy", "selenium", "setuptools", "six", "sqlalchemy", "torch", "tqdm", "transformers", "urllib3", "werkzeug", "wheel",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    if subject.facts.ecosystem != Some(Ecosystem::Pypi) {
        return;
    }
    let own = subject.facts.name.as_deref().unwrap_or_default().to_ascii_lowercase().replace(['-', '.'], "_");
    if own.is_empty() {
        return;
    }
    for source in &subject.sources {
        let inner = subject.inner(&source.path);
        let inner = inner.strip_prefix("src/").unwrap_or(inner);
        let Some(module) = inner.strip_suffix("/__init__.py").or_else(|| inner.strip_suffix(".py")) else { continue };
        let Some(famous) = FAMOUS.iter().find(|famous| **famous == module) else { continue };
        if own.contains(famous) {
            continue;
        }
        let place = Place { path: source.path.clone(), line: 1, column: 1, layer: None };
        let note = format!("The package {own} installs a module {famous}, which takes the place of the real one.");
        sink.report(Report::indicator(Confidence::High, note).phase(Phase::Import).at(place));
    }
}
