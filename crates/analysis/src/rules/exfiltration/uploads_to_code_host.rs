//! A repository or a snippet is made or changed with somebody's token: that is how worms carry their loot away.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{
        Report, Sink,
        query::{Seen, host_of, short},
    },
    subject::Subject,
};

/// Hosts of code.
const HOSTS: &[&str] = &["api.github.com", "gitlab.com", "api.bitbucket.org", "codeberg.org"];

/// Paths below which something is made or opened up.
const MAKES: &[&str] = &["/user/repos", "/orgs/", "/gists", "/keys", "/contents/", "/git/refs", "/api/v4/projects", "/actions/runners", "/collaborators/"];

/// Commands that do.
const COMMANDS: &[&str] =
    &["gh repo create", "gh gist create", "gh repo edit", "gh repo deploy-key", "gh secret list", "gh api -X", "gh api --method"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::NetSend, Action::ProcExec]) {
        if seen.source.is_aside || !makes(seen) {
            continue;
        }
        let note = format!("Something is made or opened up on a host of code: {}.", short(seen.text(), 80));
        let report = match seen.phase() {
            Phase::Install | Phase::Build | Phase::Startup => Report::proof(note),
            Phase::Import => Report::indicator(Confidence::High, note),
            Phase::Runtime => Report::indicator(Confidence::Low, note),
        };
        sink.report(report.seen(seen));
    }
}

fn makes(seen: Seen<'_>) -> bool {
    let text = seen.text();
    if seen.behaviour.action == Action::ProcExec {
        return COMMANDS.iter().any(|command| text.contains(command));
    }
    host_of(text).is_some_and(|host| HOSTS.contains(&host.as_str())) && MAKES.iter().any(|path| text.contains(path))
}
