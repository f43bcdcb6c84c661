//! Findings as people read them: the same rule in many places is one entry.

use model::{Analysis, Balance, Confidence, Finding, GapKind, Group, Kind, Phase, Place};

/// One rule's statement, with every further place where it holds.
pub(crate) struct Entry<'a> {
    /// The weightiest finding of the rule.
    pub lead: &'a Finding,
    /// The others.
    pub further: Vec<Further<'a>>,
    /// The decoded text of the first finding that has one.
    pub decoded: Option<&'a str>,
    /// What the rule adds to the points, in the rule's first entry.
    pub points: Option<i32>,
}

/// A further place of an entry.
pub(crate) struct Further<'a> {
    /// Where.
    pub place: &'a Place,
    /// When it runs, if not when the lead does.
    pub phase: Option<Phase>,
    /// What was seen there, if it is not what the lead says.
    pub note: Option<&'a str>,
}

/// The findings of an analysis, the weightiest first, one entry for each rule and kind.
pub(crate) fn entries(analysis: &Analysis) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for finding in &analysis.verdict.findings {
        let same = |entry: &&mut Entry<'_>| {
            let lead = entry.lead;
            lead.rule == finding.rule && lead.kind == finding.kind && lead.excepted == finding.excepted
        };
        let Some(entry) = entries.iter_mut().find(same) else {
            let further = finding
                .places
                .iter()
                .skip(1)
                .filter(|place| !is_step(finding, place))
                .map(|place| Further { place, phase: None, note: None })
                .collect();
            let points = points(analysis, finding);
            entries.push(Entry { lead: finding, further, decoded: finding.decoded.as_deref(), points });
            continue;
        };
        let phase = (finding.phase != entry.lead.phase).then_some(finding.phase);
        let note = (finding.note != entry.lead.note).then_some(finding.note.as_str());
        entry.further.extend(finding.places.iter().map(|place| Further { place, phase, note }));
        entry.decoded = entry.decoded.or(finding.decoded.as_deref());
    }
    entries
}

/// What a finding adds to the points of its package. A rule counts once: its first finding that weighs has its share.
pub(crate) fn points(analysis: &Analysis, finding: &Finding) -> Option<i32> {
    let weighs = |one: &&Finding| one.rule == finding.rule && one.kind != Kind::Capability && one.excepted.is_none();
    let first = analysis.verdict.findings.iter().find(weighs)?;
    std::ptr::eq(first, finding).then(|| analysis.verdict.balance.share(&finding.rule)).flatten()
}

/// The sum of a verdict, as a person checks it: "-19 to start with, +30 hides-code, +8 reads-keys: 19 points".
pub(crate) fn sum(balance: &Balance) -> String {
    let shares: Vec<String> =
        balance.shares.iter().map(|share| format!(", {:+} {}", share.points, share.rule)).collect();
    format!("{:+} to start with{}: {}", balance.base, shares.concat(), count_points(balance.points))
}

/// Points as a word.
pub(crate) fn count_points(points: i32) -> String {
    format!("{points:+} point{}", if points.abs() == 1 { "" } else { "s" })
}

/// Whether the chain shows this place already.
fn is_step(finding: &Finding, place: &Place) -> bool {
    finding.steps.iter().any(|step| step.place == *place)
}

/// Lines of decoded text, and what of it is shown.
pub(crate) struct Decoded<'a> {
    /// The lines that are shown, with their numbers.
    pub lines: Vec<(usize, &'a str)>,
    /// The line of the finding, when it lies in this text.
    pub marked: Option<usize>,
    /// How many lines stand before and after the shown ones.
    pub hidden: (usize, usize),
}

impl<'a> Entry<'a> {
    /// At most so many lines of the decoded text: from its start, unless the finding lies further down.
    pub fn decoded(&self, most: usize) -> Option<Decoded<'a>> {
        let text = self.decoded?;
        // The text of the lead is that in which its place lies; the text of another finding is only shown.
        let own = self.lead.decoded.as_deref() == Some(text);
        let place = self.lead.places.first().filter(|place| own && place.layer.is_some());
        let marked = place.map(|place| place.line as usize);
        let start = marked.filter(|line| *line > most).map_or(0, |line| line - most / 2);
        let all = text.lines().count();
        let start = start.min(all.saturating_sub(most));
        let lines: Vec<_> = text.lines().enumerate().skip(start).take(most).map(|(at, line)| (at + 1, line)).collect();
        let hidden = (start, all - start - lines.len());
        Some(Decoded { lines, marked, hidden })
    }

    /// Whether the lines around the place are those of the decoded text, which is shown as well.
    pub fn excerpt_is_decoded(&self) -> bool {
        self.lead.decoded.is_some() && self.lead.places.first().is_some_and(|place| place.layer.is_some())
    }
}

/// A place as every report writes it: `path:line:column`, with a word when it lies in decoded text.
pub(crate) fn spot(place: &Place) -> String {
    let path = if place.path.is_empty() { "(the whole package)" } else { &place.path };
    let layer = if place.layer.is_some() { " (in the decoded text)" } else { "" };
    match (place.line, place.column) {
        (0, _) => format!("{path}{layer}"),
        (line, 0) => format!("{path}:{line}{layer}"),
        (line, column) => format!("{path}:{line}:{column}{layer}"),
    }
}

/// When code runs, for the end of "runs ...".
pub(crate) const fn when(phase: Phase) -> &'static str {
    match phase {
        Phase::Install => "at install",
        Phase::Build => "at build",
        Phase::Startup => "at interpreter startup",
        Phase::Import => "at import",
        Phase::Runtime => "at runtime, when called",
    }
}

/// How sure, as a word.
pub(crate) const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// A rule's group, as a word.
pub(crate) const fn group(group: Group) -> &'static str {
    match group {
        Group::Execution => "execution",
        Group::Obfuscation => "obfuscation",
        Group::Dropper => "dropper",
        Group::Exfiltration => "exfiltration",
        Group::Credentials => "credentials",
        Group::Impact => "impact",
        Group::Archive => "archive",
        Group::Custom => "custom",
    }
}

/// Why something was not looked at, as a word.
pub(crate) const fn gap(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Limit => "limit",
        GapKind::Unreadable => "unreadable",
        GapKind::Budget => "budget",
        GapKind::WorkerDied => "worker died",
        GapKind::RuleFailed => "rule failed",
        GapKind::Encrypted => "encrypted",
    }
}
