//! Files that are run again later were written: at the next login, start, commit or hour.

use model::{Confidence, Phase, TraceDeed};

use super::{
    baseline::baseline,
    course::{Course, is_in_home},
};
use crate::rules::{Report, Sink};

/// Parts of paths, and what runs them.
const PLACES: &[(&str, &str)] = &[
    ("/.bashrc", "every shell"),
    ("/.bash_profile", "every login"),
    ("/.profile", "every login"),
    ("/.zshrc", "every shell"),
    ("/.zshenv", "every shell"),
    ("/.zprofile", "every login"),
    ("/.config/fish/", "every shell"),
    ("/.config/autostart/", "every login"),
    ("/.config/systemd/user/", "systemd"),
    ("/etc/systemd/", "systemd"),
    ("/etc/cron", "cron"),
    ("/var/spool/cron", "cron"),
    ("/etc/rc.local", "every start"),
    ("/etc/profile", "every login"),
    ("/etc/ld.so.preload", "every program"),
    ("/Library/LaunchAgents/", "every login"),
    ("/Library/LaunchDaemons/", "every start"),
    ("/Start Menu/Programs/Startup/", "every login"),
    ("/.ssh/authorized_keys", "whoever holds the key"),
    ("/.ssh/rc", "every login over the network"),
    ("/.config/git/hooks/", "git"),
    ("/.git/hooks/", "git"),
    ("/.github/workflows/", "the runner of the code host"),
    ("/sitecustomize.py", "every start of Python"),
    ("/usercustomize.py", "every start of Python"),
    ("/.local/lib/python", "Python"),
    ("/.node_modules/", "Node"),
    ("/.xinitrc", "every login"),
    ("/.vimrc", "the editor"),
];

/// Programs that are handed such a thing.
const COMMANDS: &[(&str, &str)] = &[("crontab", "cron"), ("systemctl", "systemd"), ("launchctl", "every login"), ("schtasks", "the scheduler")];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut told = std::collections::BTreeSet::new();
    for event in course.events() {
        let (what, runner) = match &event.deed {
            TraceDeed::Open { path, write: true, .. } | TraceDeed::Rename { to: path, .. } => {
                let outside = is_in_home(path) || path.starts_with("/etc/") || path.starts_with("/var/") || path.contains("/.git");
                let Some((_, runner)) = PLACES.iter().find(|(part, _)| path.contains(part)).filter(|_| outside) else { continue };
                if path.contains("/node_modules/") || path.ends_with(".pyc") {
                    continue;
                }
                (path.clone(), *runner)
            }
            TraceDeed::Exec { path, argv, .. } => {
                let program = path.rsplit('/').next().unwrap_or(path);
                let Some((_, runner)) = COMMANDS.iter().find(|(name, _)| *name == program) else { continue };
                let asks = argv.iter().any(|word| matches!(word.as_str(), "-l" | "status" | "list" | "is-active"));
                if asks {
                    continue;
                }
                (argv.join(" "), *runner)
            }
            _ => continue,
        };
        let own = course.is_below(event, |program| baseline().is_installer(program) || program == "git");
        if own || !told.insert(what.clone()) {
            continue;
        }
        let tried = if event.ok { "was written" } else { "was to be written" };
        let note = format!("{what} {tried}: {runner} runs it again.");
        let report = match course.phase(event) {
            Phase::Runtime => Report::indicator(Confidence::Medium, note),
            _ => Report::proof(note),
        };
        sink.report(report.event(course, event));
    }
}
