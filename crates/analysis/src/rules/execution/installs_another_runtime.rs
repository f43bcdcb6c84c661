//! An install hook brings another runtime along and runs a bundled program under it, where no guard of the first one looks.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// Runtimes, with words by which they are fetched or installed.
const RUNTIMES: &[(&str, &[&str])] = &[
    ("bun", &["bun.sh/install", "bun.com/install", "oven-sh/bun", "install -g bun", "install bun", "/bun-linux", "/bun-darwin", "/bun-windows"]),
    ("deno", &["deno.land/install", "denoland/deno/releases", "install -g deno"]),
    ("python", &["python-build-standalone", "python.org/ftp", "get-pip.py"]),
    ("node", &["nodejs.org/dist", "nodejs.org/download"]),
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let own = subject.facts.name.clone().unwrap_or_default();
    for source in subject.sources.iter().filter(|source| !source.is_aside && source.phase <= Phase::Startup) {
        for (runtime, words) in RUNTIMES {
            if own.contains(runtime) {
                continue;
            }
            let fetched = source
                .behaviours(&[Action::NetFetch, Action::PackageInstall, Action::ProcExec])
                .find(|seen| words.iter().any(|word| seen.text().contains(word) || seen.behaviour.action == Action::PackageInstall && seen.text() == *runtime));
            let Some(fetched) = fetched else { continue };
            let started = source
                .behaviours(&[Action::ProcExec, Action::CodeEval])
                .any(|seen| seen.text().contains(runtime) || seen.behaviour.api == *runtime);
            let note = format!("An install hook fetches the runtime {runtime}{}.", if started { " and runs a program under it" } else { "" });
            let report = if started { Report::proof(note) } else { Report::indicator(Confidence::Low, note) };
            sink.report(report.seen(fetched));
        }
    }
}
