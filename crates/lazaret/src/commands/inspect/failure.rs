//! Why a target could not be had, as reports write it.

use gate::inspect::TargetError;
use net::NetError;
use wire::{Exit, Failure};

/// The failure of one target.
pub fn failure(error: &TargetError) -> Failure {
    let exit = match error {
        TargetError::Fault(_) => Exit::Broken,
        _ if error.is_usage() => Exit::Usage,
        _ => Exit::Unavailable,
    };
    // Each message says already what to do next, after its semicolon.
    let message = error.to_string();
    let (message, hint) = match message.split_once("; ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
        None => (message, None),
    };
    Failure { code: code(error).into(), message, hint, exit }
}

/// A target without content.
pub fn empty() -> Failure {
    Failure {
        code: "empty".into(),
        message: "there is nothing in it that could be looked at".into(),
        hint: Some("check that the file is whole".into()),
        exit: Exit::Unavailable,
    }
}

/// The cause, in one word for programs.
const fn code(error: &TargetError) -> &'static str {
    match error {
        TargetError::Usage(_) => "malformed-target",
        TargetError::NoFile(_) => "no-such-file",
        TargetError::Unreadable { .. } => "unreadable-file",
        TargetError::NoRegularFile(_) => "not-a-file",
        TargetError::TooLarge { .. } => "too-large",
        TargetError::NoRegistry(_) => "no-registry",
        TargetError::UnknownPackage { .. } => "unknown-package",
        TargetError::UnknownVersion { .. } => "unknown-version",
        TargetError::NoArtifact { .. } => "no-artifact",
        TargetError::Net(error) => network(error),
        TargetError::Quarantined { .. } => "quarantined",
        TargetError::Pinned { .. } => "pinned-hash-mismatch",
        TargetError::Offline => "offline",
        TargetError::Answer { .. } => "unusable-answer",
        TargetError::Fault(_) => "fault",
    }
}

const fn network(error: &NetError) -> &'static str {
    match error {
        NetError::NotFound { .. } => "not-found",
        NetError::Denied { .. } => "access-denied",
        NetError::Limited { .. } => "rate-limited",
        NetError::Server { .. } => "registry-out-of-order",
        NetError::Mismatch { .. } => "hash-mismatch",
        NetError::Truncated { .. } => "incomplete-download",
        NetError::TooLarge { .. } => "too-large",
        NetError::TimedOut { .. } => "timed-out",
        _ => "network",
    }
}
