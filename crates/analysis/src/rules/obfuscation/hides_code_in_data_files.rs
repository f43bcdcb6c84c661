//! A file that seems to hold data is read and run.

use model::{Action, Confidence, Role};
use syntax::{Language, decode};

use super::hidden_code::is_spelled_out;
use crate::{
    rules::{
        Report, Sink,
        query::{Chain, short},
    },
    subject::Subject,
};

/// Endings of files that are looked at or configured, and never run.
const DATA: &[&str] = &[
    "avi", "bin", "bmp", "cfg", "csv", "dat", "data", "db", "doc", "docx", "gif", "gz", "ico", "ini", "jpeg", "jpg",
    "json", "key", "log", "md", "mp3", "mp4", "otf", "pak", "pdf", "pem", "png", "rst", "svg", "toml", "ttf", "txt",
    "wav", "webp", "woff", "woff2", "xml", "yaml", "yml", "zlib",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::FileRead], &[Action::CodeEval]) {
        let path = chain.from.text();
        if chain.to.source.is_aside || !matches!(chain.role, Role::Code) || !is_data(path) {
            continue;
        }
        let decoders = decoders_on_the_way(&chain);
        let hidden = hidden_code_in(subject, path);
        let automatic = chain.phase().is_automatic();
        let name = short(path, 80);
        let report = match (&hidden, decoders.is_empty()) {
            (Some(language), _) if automatic => {
                Report::proof(format!("The file {name} holds {language} under the name of data, and it is run."))
            }
            (Some(language), _) => Report::indicator(
                Confidence::High,
                format!("The file {name} holds {language} under the name of data, and it is run."),
            ),
            (None, false) => {
                let sure = if automatic { Confidence::High } else { Confidence::Medium };
                Report::indicator(
                    sure,
                    format!("What the file {name} holds is decoded ({}) and run.", decoders.join(", ")),
                )
            }
            (None, true) => Report::indicator(Confidence::Low, format!("What the file {name} holds is run as code.")),
        };
        sink.report(report.chain(&chain));
    }
}

fn is_data(path: &str) -> bool {
    let name = path.trim_end_matches("{}").rsplit(['/', '\\']).next().unwrap_or_default();
    // `README.md` and `VERSION.txt` are read by many a setup script.
    let upper = name.to_ascii_uppercase();
    !["README", "VERSION", "CHANGES", "HISTORY", "REQUIREMENTS"].iter().any(|own| upper.starts_with(own))
        && name.rsplit_once('.').is_some_and(|(_, ending)| DATA.contains(&ending.to_ascii_lowercase().as_str()))
}

fn decoders_on_the_way(chain: &Chain<'_>) -> Vec<String> {
    let source = chain.to.source;
    let mut names: Vec<String> = source
        .origins(chain.to.id)
        .into_iter()
        .map(|(id, _)| source.behaviour(id))
        .filter(|one| matches!(one.action, Action::DataDecode | Action::DataDecrypt))
        .map(|one| if one.object.text.is_empty() { "a cipher".to_owned() } else { one.object.text.clone() })
        .filter(|name| !matches!(name.as_str(), "json" | "pickle" | "yaml" | "url" | "html" | "percent" | "escapes"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The language of the code in a file of the package that is no source by its name.
fn hidden_code_in(subject: &Subject, path: &str) -> Option<&'static str> {
    let name = path.rsplit(['/', '\\']).next()?.trim_start_matches("{}");
    let file = subject.tree.files.iter().find(|file| !name.is_empty() && file.name() == name)?;
    if let Some(guess) = decode::guess(&file.bytes) {
        return guess.what.is_runnable().then(|| guess.what.as_str());
    }
    let text = std::str::from_utf8(&file.bytes).ok()?;
    let language = decode::looks_like_code(text)?;
    // Assignments of plain values are a way to write settings.
    let calls = text.contains('(') && !is_spelled_out(text, "True False None version author name");
    (calls && language != Language::Shell).then(|| language.as_str())
}
