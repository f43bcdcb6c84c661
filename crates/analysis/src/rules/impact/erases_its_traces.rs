//! The code removes what it did, and itself.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{
        Report, Sink,
        query::{Seen, short},
    },
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::FileDelete, Action::ProcExec, Action::FileWrite]) {
        if seen.source.is_aside || !seen.phase().is_automatic() {
            continue;
        }
        let text = seen.text();
        if seen.behaviour.has("covers-tracks")
            || text.ends_with(".bash_history") && seen.behaviour.action == Action::FileDelete
        {
            let note = format!("Records of what was done are removed: {}.", short(text, 80));
            sink.report(Report::indicator(Confidence::High, note).seen(seen));
        } else if seen.behaviour.action == Action::FileDelete && is_itself(seen) {
            let note = "The code deletes its own file after it ran.";
            let sure = if seen.phase() < Phase::Import { Confidence::High } else { Confidence::Medium };
            sink.report(Report::indicator(sure, note).seen(seen));
        } else if seen.phase() == Phase::Install && replaces_manifest(seen) {
            let note =
                "The package replaces its own manifest after installation: what was run is not to be seen any more.";
            sink.report(Report::indicator(Confidence::High, note).seen(seen));
        }
    }
}

fn is_itself(seen: Seen<'_>) -> bool {
    let text = seen.text().replace('\\', "/");
    let name = seen.source.path.rsplit(['/', '!']).next().unwrap_or_default();
    if matches!(text.as_str(), "__file__" | "__filename" | "$0" | "{}/$0") {
        return true;
    }
    let own = text == name
        || text == format!("{{}}/{name}")
        || text == format!("./{name}")
        || text.ends_with(&format!("__dirname/{name}"));
    own && !name.is_empty()
        && matches!(name.rsplit_once('.'), Some((_, "js" | "cjs" | "mjs" | "py" | "sh" | "pth" | "ts")))
}

/// `package.md` becomes `package.json`: beside the script that runs, and not in the user's folder.
fn replaces_manifest(seen: Seen<'_>) -> bool {
    seen.behaviour.action == Action::FileWrite && seen.text().ends_with("__dirname/package.json")
}
