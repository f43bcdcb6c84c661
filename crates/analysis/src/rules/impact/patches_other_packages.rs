//! Code of other packages or programs is overwritten.

use model::{Action, Confidence, Known};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// Programs that thieves change, by the folder of their code.
const PROGRAMS: &[(&str, &str)] = &[
    ("atomic/resources/app", "Atomic Wallet"),
    ("atomic wallet/resources/app", "Atomic Wallet"),
    ("exodus/app-", "Exodus"),
    ("exodus.app/contents/resources", "Exodus"),
    ("exodus/resources/app", "Exodus"),
    ("ledger live/resources/app", "Ledger Live"),
    ("trezor suite/resources/app", "Trezor Suite"),
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let own = subject.facts.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    for seen in subject.behaviours(&[Action::FileWrite]) {
        if seen.source.is_aside || seen.behaviour.object.known == Known::Unknown {
            continue;
        }
        let path = seen.text().replace('\\', "/").to_ascii_lowercase();
        if let Some((_, program)) = PROGRAMS.iter().find(|(folder, _)| path.contains(folder)) {
            sink.report(Report::proof(format!("The code of {program} is overwritten.")).seen(seen));
            continue;
        }
        let Some(other) =
            package_in(&path).filter(|other| !other.contains("{}") && *other != own && !same(other, &own))
        else {
            continue;
        };
        if seen.phase().is_automatic() && is_code(&path) {
            let note = format!("Code of another package, {}, is overwritten.", short(&other, 60));
            sink.report(Report::indicator(Confidence::High, note).seen(seen));
        }
    }
}

/// The package in whose installed folder a path lies.
fn package_in(path: &str) -> Option<String> {
    let (_, rest) = path
        .rsplit_once("node_modules/")
        .or_else(|| path.rsplit_once("site-packages/"))
        .or_else(|| path.rsplit_once("dist-packages/"))?;
    let mut parts = rest.split('/');
    let first = parts.next()?;
    let name = if first.starts_with('@') { format!("{first}/{}", parts.next()?) } else { first.to_owned() };
    // `.cache`, `.bin` and the like belong to nobody; a file right below is no package's.
    (!name.starts_with('.') && parts.next().is_some()).then_some(name)
}

fn same(other: &str, own: &str) -> bool {
    let plain = |name: &str| name.replace(['-', '_', '.'], "");
    !own.is_empty()
        && (plain(other) == plain(own)
            || own.split('/').next().is_some_and(|scope| scope.starts_with('@') && other.starts_with(scope)))
}

fn is_code(path: &str) -> bool {
    [".js", ".mjs", ".cjs", ".py", ".node", ".so", ".pyd", ".asar", "package.json", ".ts"]
        .iter()
        .any(|end| path.ends_with(end))
}
