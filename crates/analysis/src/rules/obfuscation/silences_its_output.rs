//! What the program would print is thrown away while it does something that its user might notice.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// What somebody would want to do in silence.
const SECRET: &[Action] =
    &[Action::NetFetch, Action::NetSend, Action::NetConnect, Action::CodeEval, Action::DataDecrypt, Action::ProcExec];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let silence = source
            .behaviours(&[Action::OutputSilence])
            .filter(|seen| seen.phase().is_automatic())
            .min_by_key(|seen| seen.phase());
        let Some(silence) = silence else { continue };
        let secret = source.behaviours(SECRET).find(|seen| seen.phase() == silence.phase());
        if let Some(secret) = secret {
            let note = format!(
                "Output is silenced ({}) in a file that also does {}.",
                silence.behaviour.api, secret.behaviour.action
            );
            sink.report(Report::indicator(Confidence::Low, note).seen(silence).at(secret.place()));
        }
    }
}
