//! A shell whose input and output is a connection.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink, exfiltration::destination::{Destination, Sort}, query::Seen},
    source::Source,
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        if !check_flags(source, sink) {
            check_parts(source, sink);
        }
    }
}

/// A command that is a reverse shell by itself: `nc -e`, `bash -i >& /dev/tcp/...`.
fn check_flags(source: &Source, sink: &mut Sink) -> bool {
    let flagged: Vec<Seen<'_>> = source
        .behaviours(&[Action::NetConnect, Action::ProcExec])
        .filter(|seen| seen.behaviour.has("reverse-shell"))
        .collect();
    for seen in &flagged {
        let to = Destination::of(*seen);
        let note = format!("A shell is opened for {}.", to.words());
        let report =
            if seen.phase().is_automatic() { Report::proof(note) } else { Report::indicator(Confidence::High, note) };
        sink.report(report.seen(*seen));
    }
    !flagged.is_empty()
}

/// A connection, and a shell that is tied to it.
fn check_parts(source: &Source, sink: &mut Sink) {
    let Some(connection) = source.behaviours(&[Action::NetConnect]).find(|seen| !Destination::of(*seen).is_near())
    else {
        return;
    };
    let redirected = source.behaviours(&[Action::OutputSilence]).any(|seen| seen.behaviour.has("redirected"));
    for shell in source.behaviours(&[Action::ProcExec]).filter(|seen| is_shell(*seen)) {
        let tied = redirected
            || shell.behaviour.has("terminal")
            // `connection.pipe(shell.stdin)`
            || source.behaviours(&[Action::NetReceive]).any(|seen| seen.behaviour.api.ends_with(".pipe"))
            || shell.chains(&[Action::NetConnect, Action::NetReceive]).next().is_some()
            || source.behaviours(&[Action::NetSend, Action::NetConnect]).any(|to| to.chains(&[Action::ProcExec]).any(|chain| chain.from.id == shell.id));
        if !tied {
            continue;
        }
        let note = format!("A shell is tied to a connection with {}.", Destination::of(connection).words());
        let to = Destination::of(connection);
        let report = if shell.phase().is_automatic() || redirected && to.host.is_some() || to.sort == Sort::Bare {
            Report::proof(note)
        } else {
            Report::indicator(Confidence::High, note)
        };
        sink.report(report.seen(shell).step(connection.place(), connection.words()).step(shell.place(), shell.words()));
        return;
    }
}

/// A shell without a command.
fn is_shell(seen: Seen<'_>) -> bool {
    let text = seen.text().replace(['\'', '"'], "");
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let shell = matches!(
        first.trim_end_matches(".exe"),
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "cmd" | "powershell" | "pwsh"
    );
    shell
        && words.all(|word| matches!(word, "-i" | "-l" | "-li" | "-il" | "--login" | "-NoLogo" | "-NoProfile" | "-nop"))
}
