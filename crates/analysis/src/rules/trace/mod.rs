//! Rules about what a package did while it ran. They read events, and their pages' examples are short lists of events.

mod baseline;
mod course;

use std::panic::{AssertUnwindSafe, catch_unwind};

use model::{Analysis, Finding, Gap, GapKind, Group, RuleMeta, Trace};

use super::{Page, Sink};

pub use course::Course;

/// One rule about events.
pub struct TraceRule {
    /// The id: it reads after "this package". What was seen has happened, so ids are in the past.
    pub id: &'static str,
    /// The page, in Markdown.
    pub page: &'static str,
    check: fn(&Course, &mut Sink),
    /// Rules about the source that foresee the same.
    foresee: &'static [&'static str],
}

macro_rules! trace_rules {
    ($($module:ident = $id:literal foreseen by [$($foreseen:literal),*],)*) => {
        $(mod $module;)*

        /// The rules about events, in the order of the catalogue.
        static RULES: &[TraceRule] = &[$(TraceRule {
            id: $id,
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/", $id, ".md")),
            check: $module::check,
            foresee: &[$($foreseen),*],
        },)*];
    };
}

trace_rules! {
    sent_planted_secrets = "sent-planted-secrets" foreseen by [
        "reads-credential-files-and-sends", "sends-environment", "sends-named-secrets", "sends-private-keys",
        "sweeps-developer-secrets", "steals-wallets", "steals-browser-data", "steals-discord-tokens", "steals-sessions",
        "takes-ci-secrets", "forwards-secret-arguments", "uploads-files-it-finds", "exfiltrates-by-dns", "asks-cloud-metadata"
    ],
    read_secrets_then_sent = "read-secrets-then-sent" foreseen by [
        "reads-credential-files-and-sends", "sends-private-keys", "sweeps-developer-secrets", "steals-wallets",
        "steals-browser-data", "steals-discord-tokens", "steals-sessions", "uploads-files-it-finds"
    ],
    ran_what_it_fetched = "ran-what-it-fetched" foreseen by [
        "runs-downloaded-code", "runs-downloaded-file", "pipes-download-to-shell", "uses-system-binaries-to-download",
        "installs-another-runtime", "fetches-from-anonymous-host"
    ],
    fetched_second_stage = "fetched-second-stage" foreseen by [
        "runs-downloaded-code", "runs-downloaded-file", "pipes-download-to-shell", "fetches-from-anonymous-host",
        "resolves-address-from-dead-drop", "talks-to-network-at-install"
    ],
    ran_what_it_wrote = "ran-what-it-wrote" foreseen by [
        "embeds-executable", "runs-decoded-code", "runs-downloaded-file", "loads-shellcode", "ships-standalone-executable"
    ],
    sent_data_unasked = "sent-data-unasked" foreseen by [
        "talks-to-network-at-install", "talks-to-network-when-imported", "sends-host-identity-at-install",
        "sends-environment", "posts-to-chat-webhook", "calls-out-of-band-service"
    ],
    persisted_on_the_machine = "persisted-on-the-machine" foreseen by [
        "persists-in-autostart", "runs-code-at-interpreter-start", "writes-workflows"
    ],
    changed_what_is_not_its_own = "changed-what-is-not-its-own" foreseen by [
        "patches-other-packages", "rewrites-agent-instructions", "runs-in-editor-or-agent", "leaves-files-at-install"
    ],
    published_while_it_ran = "published-while-it-ran" foreseen by ["publishes-itself", "writes-workflows"],
    spoke_to_a_mining_pool = "spoke-to-a-mining-pool" foreseen by ["mines-coins"],
    handed_out_a_shell = "handed-out-a-shell" foreseen by ["opens-reverse-shell", "runs-remote-commands"],
    wiped_what_it_found = "wiped-what-it-found" foreseen by ["wipes-files", "erases-its-traces"],
    looked_for_watchers = "looked-for-watchers" foreseen by ["evades-sandboxes"],
    tried_refused_calls = "tried-refused-calls" foreseen by ["loads-shellcode"],
    did_what_its_source_hides = "did-what-its-source-hides" foreseen by [],
}

/// Every rule about events, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static TraceRule> {
    RULES.iter()
}

/// What is known of each, from its page.
pub(super) fn metas() -> impl Iterator<Item = RuleMeta> {
    all().map(|rule| Page::parse(rule.page).meta(rule.id))
}

/// What the rules find in a trace. Each finding says what was seen in the sandbox, and, when the source was read as well,
/// whether it says so too. A rule that fails is a gap.
pub(crate) fn run(trace: &Trace, foreseen: Option<&Analysis>) -> (Vec<Finding>, Vec<Gap>) {
    let course = Course::new(trace, foreseen);
    let mut sink = Sink::default();
    for rule in all() {
        let group = super::metas().iter().find(|meta| meta.id == rule.id).map_or(Group::Custom, |meta| meta.group);
        sink.rule = (rule.id, group);
        let before = sink.findings.len();
        if catch_unwind(AssertUnwindSafe(|| (rule.check)(&course, &mut sink))).is_err() {
            sink.findings.truncate(before);
            sink.gaps.push(Gap::new(GapKind::RuleFailed, "", format!("the rule {} failed", rule.id)));
        }
        let witness = foreseen.map(|analysis| other_witness(rule, analysis));
        for finding in &mut sink.findings[before..] {
            let witness = witness.as_deref().unwrap_or_default();
            finding.note = format!("Seen in the sandbox: {}{witness}", finding.note);
        }
    }
    (sink.findings, sink.gaps)
}

/// What the source says of the same.
fn other_witness(rule: &TraceRule, analysis: &Analysis) -> String {
    let foresaw = |id: &&&str| analysis.verdict.findings.iter().any(|finding| finding.rule == ***id);
    let said: Vec<&str> = rule.foresee.iter().filter(foresaw).copied().collect();
    match said.as_slice() {
        [] if rule.foresee.is_empty() => String::new(),
        [] => " The source does not show it.".to_owned(),
        said => format!(" The source says so too ({}).", said.join(", ")),
    }
}
