//! A package publishes packages: it spreads like a worm.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let publishes = source
            .behaviours(&[Action::PackagePublish, Action::ProcExec])
            .filter(|seen| seen.behaviour.action == Action::PackagePublish || is_publication(seen.text()));
        let Some(seen) = publishes.min_by_key(|seen| seen.phase()) else { continue };
        // With a token that lies about, and not one that its user hands over.
        let takes_token = source.behaviours(&[Action::EnvRead, Action::FileRead]).any(|one| {
            let text = one.text();
            matches!(text, "NPM_TOKEN" | "NODE_AUTH_TOKEN" | "TWINE_PASSWORD" | "PYPI_TOKEN" | "CARGO_REGISTRY_TOKEN")
                || text.ends_with(".npmrc")
                || text.ends_with(".pypirc")
        });
        let note = format!("Packages are published: {}.", short(seen.text(), 100));
        if seen.phase() <= Phase::Startup || seen.phase().is_automatic() && takes_token {
            // Many an honest `setup.py` has a publishing branch for its author.
            let own_tool = seen.source.path.ends_with("setup.py");
            let report = if own_tool { Report::indicator(Confidence::Low, note) } else { Report::proof(note) };
            sink.report(report.seen(seen));
        } else if seen.phase().is_automatic() {
            sink.report(Report::indicator(Confidence::Medium, note).seen(seen));
        }
    }
}

fn is_publication(text: &str) -> bool {
    ["npm publish", "yarn publish", "pnpm publish", "twine upload", "cargo publish", "gem push"]
        .iter()
        .any(|command| text.split(['&', ';', '|', '\n', '\'', '"']).any(|part| part.trim_start().starts_with(command)))
}
