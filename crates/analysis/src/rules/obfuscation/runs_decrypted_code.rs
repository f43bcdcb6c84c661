//! Code stands in the file encrypted, and is decrypted and run.

use model::Confidence;

use super::hidden_code::HiddenCode;
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for hidden in HiddenCode::all(subject) {
        if !hidden.encrypted || hidden.file.is_some() && hidden.code.is_none() && !hidden.run.phase().is_automatic() {
            continue;
        }
        let ways = hidden.ways();
        let report = match hidden.code {
            Some(code) => {
                let note = format!(
                    "Code that is {ways} is run, and its key lies beside it; decrypted, it is {} bytes of {}.",
                    code.text.len(),
                    code.language
                );
                Report::proof(note)
            }
            None => {
                let note = format!("Code that is {ways} is run; what it says could not be worked out.");
                let automatic = hidden.run.phase().is_automatic();
                // A token of Fernet stands in the text: the code is there, and only its key could not be found.
                if automatic && (hidden.how.len() >= 3 || hidden.run.source.text.contains("gAAAAA")) {
                    Report::proof(note)
                } else {
                    Report::indicator(if automatic { Confidence::High } else { Confidence::Medium }, note)
                }
            }
        };
        sink.report(report.seen_with_decoder(&hidden));
    }
}
