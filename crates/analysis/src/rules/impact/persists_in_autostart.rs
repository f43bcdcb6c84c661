//! Something is put where the machine or the user's shell starts it again.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{
        Report, Sink,
        query::{Seen, short},
    },
    subject::Subject,
};

/// Where systems look for what to start; in lower case with `/`.
const PLACES: &[(&str, &str)] = &[
    (".bash_profile", "the user's shell"),
    (".bashrc", "the user's shell"),
    (".config/autostart", "the user's desktop"),
    (".config/fish/config.fish", "the user's shell"),
    (".profile", "the user's shell"),
    (".zprofile", "the user's shell"),
    (".zshenv", "the user's shell"),
    (".zshrc", "the user's shell"),
    ("/etc/cron.", "cron"),
    ("/etc/crontab", "cron"),
    ("/etc/init.d/", "the system"),
    ("/etc/ld.so.preload", "every program"),
    ("/etc/profile.d/", "every shell"),
    ("/etc/rc.local", "the system"),
    ("/var/spool/cron", "cron"),
    ("launchagents/", "launchd"),
    ("launchdaemons/", "launchd"),
    ("microsoft.powershell_profile.ps1", "PowerShell"),
    ("sitecustomize.py", "every start of Python"),
    ("start menu/programs/startup", "Windows at login"),
    ("systemd/system/", "systemd"),
    ("systemd/user/", "systemd"),
    ("usercustomize.py", "every start of Python"),
];

/// Keys of the Windows registry that start programs.
const KEYS: &[&str] =
    &["currentversion/run", "currentversion/runonce", "winlogon/shell", "winlogon/userinit", "/policies/explorer/run"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::FileWrite, Action::WinregWrite, Action::ProcExec]) {
        if seen.source.is_aside {
            continue;
        }
        let text = seen.text().replace('\\', "/").replace("//", "/").to_ascii_lowercase();
        if opens_door(seen, &text) {
            let note = format!("A key is added with which somebody may log in: {}.", short(seen.text(), 100));
            let report = if seen.phase().is_automatic() {
                Report::proof(note)
            } else {
                Report::indicator(Confidence::Medium, note)
            };
            sink.report(report.seen(seen));
            continue;
        }
        let Some(starter) = starter(seen, &text) else { continue };
        let note = format!("Something is put where {starter} starts it again: {}.", short(seen.text(), 120));
        let sure = match seen.phase() {
            // The program itself stands in the code.
            Phase::Runtime if starter == "Windows at login" && holds_a_program(seen) => Confidence::High,
            Phase::Runtime => Confidence::Low,
            _ => Confidence::High,
        };
        sink.report(Report::indicator(sure, note).seen(seen));
    }
}

fn opens_door(seen: Seen<'_>, text: &str) -> bool {
    seen.behaviour.action == Action::FileWrite && text.ends_with("authorized_keys")
}

/// Who starts it.
fn starter(seen: Seen<'_>, text: &str) -> Option<&'static str> {
    match seen.behaviour.action {
        Action::FileWrite if seen.behaviour.has("persistence") => Some("cron"),
        Action::FileWrite => PLACES.iter().find(|(place, _)| stands_in(text, place)).map(|(_, starter)| *starter),
        Action::WinregWrite => {
            (seen.behaviour.has("autostart") || KEYS.iter().any(|key| text.contains(key))).then_some("Windows at login")
        }
        _ => seen.behaviour.has("persistence").then_some("the system"),
    }
}

/// Whether a place stands in a path: folders as they are, files at its end.
fn stands_in(path: &str, place: &str) -> bool {
    if place.starts_with('/') || place.ends_with('/') || place.contains('/') {
        return path.contains(place);
    }
    path == place || path.strip_suffix(place).is_some_and(|before| before.ends_with('/'))
}

/// Whether what is written is a program that stands in the code of the package.
fn holds_a_program(seen: Seen<'_>) -> bool {
    seen.behaviour.has("decoded")
        || seen.source.layers_at(&seen.behaviour.place).any(|layer| layer.how.last().is_some_and(|how| how == "file"))
}
