//! Spans of time as policies write them: `36h`, `7d`, or hours as a number.

/// The hours in a text, or nothing when it is no span.
pub(super) fn hours(text: &str) -> Option<f64> {
    let (number, factor) = match text.strip_suffix('d') {
        Some(days) => (days, 24.0),
        None => (text.strip_suffix('h').unwrap_or(text), 1.0),
    };
    let number: f64 = number.trim().parse().ok()?;
    (number.is_finite() && (0.0..=1e6).contains(&number)).then_some(number * factor)
}

/// Hours as people say them.
pub(super) fn shown(hours: f64) -> String {
    let (number, unit) = match hours {
        hours if hours < 1.0 => ((hours * 60.0).round(), "minute"),
        hours if hours < 48.0 => (hours.round(), "hour"),
        hours => ((hours / 24.0).floor(), "day"),
    };
    format!("{number} {unit}{}", if number == 1.0 { "" } else { "s" })
}
