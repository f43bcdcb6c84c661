//! Files of the user are destroyed.

use model::{Action, Confidence, Role};

use crate::{
    rules::{
        Report, Sink,
        query::{Seen, short},
    },
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::FileDelete, Action::ProcExec]) {
        if seen.source.is_aside {
            continue;
        }
        let what = match seen.behaviour.action {
            Action::FileDelete => deleted(seen),
            _ => destroyed(seen),
        };
        let Some(what) = what else { continue };
        let report = if seen.phase().is_automatic() {
            Report::proof(format!("{what}."))
        } else {
            Report::indicator(Confidence::Medium, format!("{what}."))
        };
        sink.report(report.seen(seen));
    }
}

fn deleted(seen: Seen<'_>) -> Option<String> {
    let path = seen.text().trim().trim_matches(['\'', '"']).replace('\\', "/");
    let path = path.trim_end_matches('*').trim_end_matches('/');
    let root = matches!(path, "" if !seen.text().trim().is_empty());
    let whole = root
        || matches!(
            path.to_ascii_lowercase().as_str(),
            "~" | "$home"
                | "${home}"
                | "c:"
                | "c:/users"
                | "c:/windows"
                | "/home"
                | "/root"
                | "/users"
                | "/etc"
                | "/usr"
                | "/boot"
                | "/var"
                | "%userprofile%"
                | "c:/windows/system32"
        );
    let recursive =
        seen.behaviour.has("recursive") || seen.behaviour.api.ends_with("rmtree") || seen.behaviour.has("wipes");
    if whole && recursive {
        return Some(format!("Everything below {} is deleted", short(seen.text(), 40)));
    }
    let home = seen.behaviour.object.text.is_empty() && recursive;
    let from_home = home
        && seen.source.origins(seen.id).iter().any(|(id, role)| {
            let from = seen.source.behaviour(*id);
            *role == Role::Path && from.action == Action::HostInfo && from.object.text == "home"
        });
    from_home.then(|| "Everything in the user's home folder is deleted".to_owned())
}

/// Commands that destroy or stop the machine.
fn destroyed(seen: Seen<'_>) -> Option<String> {
    let text = seen.text().to_ascii_lowercase();
    let stops = seen.behaviour.has("shutdown");
    let destroys = seen.behaviour.has("destructive")
        || text.contains("vssadmin delete shadows")
        || text.contains("cipher /w:")
        || text.starts_with("mkfs")
        || text.contains("format c:")
        || text.contains("of=/dev/sda")
        || text.contains("del /f /s /q c:\\");
    if destroys {
        Some(format!("The machine's data is destroyed: {}", short(seen.text(), 80)))
    } else if stops && seen.phase().is_automatic() {
        Some(format!("The machine is stopped: {}", short(seen.text(), 80)))
    } else {
        None
    }
}
