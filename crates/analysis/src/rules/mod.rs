//! The rules: one file each, one page each in `rules/<id>.md`, one line each in the list of its folder.

mod archive;
mod credentials;
mod dropper;
pub(crate) mod execution;
pub(crate) mod exfiltration;
mod impact;
mod obfuscation;
mod page;
pub mod query;
pub mod trace;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

use model::{Confidence, Finding, Gap, GapKind, Group, Kind, Phase, Place, RuleMeta, Step};

pub use page::{Example, ExampleFile, Page};

use crate::subject::Subject;

/// One rule.
pub struct Rule {
    /// The id: it reads after "this package".
    pub id: &'static str,
    /// The page, in Markdown.
    pub page: &'static str,
    /// Looks at a package and states findings.
    pub check: fn(&Subject, &mut Sink),
}

/// Makes a folder's list: for each rule its module, and its id, which is also the name of its page.
macro_rules! rules {
    ($($module:ident = $id:literal,)*) => {
        $(mod $module;)*

        /// The rules of this folder, in the order of the catalogue.
        pub(super) static RULES: &[crate::rules::Rule] = &[$(crate::rules::Rule {
            id: $id,
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/", $id, ".md")),
            check: $module::check,
        },)*];
    };
}
use rules;

/// Every rule, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        execution::RULES,
        obfuscation::RULES,
        dropper::RULES,
        exfiltration::RULES,
        credentials::RULES,
        impact::RULES,
        archive::RULES,
    ]
    .into_iter()
    .flatten()
}

/// What is known of each rule, from its page: those about sources first, then those about traces.
pub fn metas() -> &'static [RuleMeta] {
    static METAS: LazyLock<Vec<RuleMeta>> = LazyLock::new(|| {
        let about_sources = all().map(|rule| Page::parse(rule.page).meta(rule.id));
        about_sources.chain(trace::metas()).collect()
    });
    &METAS
}

/// Runs every rule. A rule that fails is a gap, and the others go on.
pub fn run(subject: &Subject, sink: &mut Sink) {
    for (rule, meta) in all().zip(metas()) {
        sink.rule = (rule.id, meta.group);
        let before = sink.findings.len();
        if catch_unwind(AssertUnwindSafe(|| (rule.check)(subject, sink))).is_err() {
            sink.findings.truncate(before);
            sink.gaps.push(Gap::new(GapKind::RuleFailed, "", format!("the rule {} failed", rule.id)));
        }
    }
}

/// Takes the findings of the rules.
pub struct Sink {
    rule: (&'static str, Group),
    /// The findings so far.
    pub findings: Vec<Finding>,
    /// The rules that failed.
    pub gaps: Vec<Gap>,
}

impl Default for Sink {
    fn default() -> Self {
        Self { rule: ("", Group::Custom), findings: Vec::new(), gaps: Vec::new() }
    }
}

/// More findings of one rule than this tell nothing more.
const MOST_OF_A_RULE: usize = 50;

impl Sink {
    /// States a finding of the rule at hand.
    pub fn report(&mut self, report: Report) {
        let (rule, group) = self.rule;
        if self.findings.iter().filter(|old| old.rule == rule).count() >= MOST_OF_A_RULE {
            return;
        }
        self.findings.push(Finding {
            rule: rule.into(),
            kind: report.kind,
            confidence: report.confidence,
            group,
            phase: report.phase,
            note: report.note,
            places: report.places,
            steps: report.steps,
            excerpt: None,
            decoded: report.decoded,
            excepted: None,
        });
    }

    /// States a finding of the user's own rule.
    pub fn report_custom(&mut self, rule: &str, report: Report) {
        self.rule = ("", Group::Custom);
        self.report(report);
        if let Some(last) = self.findings.last_mut() {
            last.rule = rule.to_owned();
        }
    }
}

/// A finding in the making.
pub struct Report {
    kind: Kind,
    confidence: Confidence,
    phase: Phase,
    note: String,
    places: Vec<Place>,
    steps: Vec<Step>,
    decoded: Option<String>,
}

impl Report {
    /// This decides alone.
    pub fn proof(note: impl Into<String>) -> Self {
        Self::new(Kind::Proof, Confidence::High, note)
    }

    /// Attackers do this.
    pub fn indicator(confidence: Confidence, note: impl Into<String>) -> Self {
        Self::new(Kind::Indicator, confidence, note)
    }

    /// The package can do this.
    pub fn capability(note: impl Into<String>) -> Self {
        Self::new(Kind::Capability, Confidence::Medium, note)
    }

    fn new(kind: Kind, confidence: Confidence, note: impl Into<String>) -> Self {
        Self {
            kind,
            confidence,
            phase: Phase::Runtime,
            note: note.into(),
            places: Vec::new(),
            steps: Vec::new(),
            decoded: None,
        }
    }

    /// When the code runs.
    pub fn phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }

    /// Where; the decisive place first.
    pub fn at(mut self, place: Place) -> Self {
        self.places.push(place);
        self
    }

    /// One step of a chain, in the order in which data goes.
    pub fn step(mut self, place: Place, note: impl Into<String>) -> Self {
        self.steps.push(Step { place, note: note.into() });
        self
    }

    /// What hidden code says.
    pub fn decoded(mut self, text: Option<String>) -> Self {
        self.decoded = text;
        self
    }
}
