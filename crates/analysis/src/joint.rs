//! Two witnesses: what the source says, and what was seen in the sandbox.

use model::{Analysis, Finding, Gap, Trace};

use crate::{judge, rules};

/// What the rules about traces find in one. With an analysis of the source, each finding says whether that foresaw it.
/// The gaps are the trace's own and those of rules that failed.
pub fn analyse_trace(trace: &Trace, foreseen: Option<&Analysis>) -> (Vec<Finding>, Vec<Gap>) {
    let (findings, failed) = rules::trace::run(trace, foreseen);
    let mut gaps = trace.gaps.clone();
    gaps.extend(failed);
    (findings, gaps)
}

/// Makes one verdict of both: the findings of the trace are added to those of the source, and all are judged together.
pub fn join_trace(analysis: &mut Analysis, trace: &Trace) {
    let (findings, gaps) = analyse_trace(trace, Some(analysis));
    analysis.verdict.coverage.gaps.extend(gaps);
    analysis.verdict.coverage.gaps.sort();
    analysis.verdict.coverage.gaps.dedup();
    for finding in findings {
        judge::add(&mut analysis.verdict, finding);
    }
    // Gaps alone may change what can be said, too.
    judge::again(&mut analysis.verdict);
}
