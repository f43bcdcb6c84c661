//! The base score of CVSS 3, out of its vector.

/// The score of a vector such as `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`.
pub(super) fn score(vector: &str) -> Option<f64> {
    let rest = vector.strip_prefix("CVSS:3.1/").or_else(|| vector.strip_prefix("CVSS:3.0/"))?;
    let value = |metric: &str| rest.split('/').find_map(|part| part.strip_prefix(metric)?.strip_prefix(':'));
    let pick = |metric: &str, values: &[(&str, f64)]| {
        let value = value(metric)?;
        values.iter().find(|(name, _)| *name == value).map(|(_, weight)| *weight)
    };
    let changed = value("S")? == "C";
    let impacts = [("H", 0.56), ("L", 0.22), ("N", 0.0)];
    let miss =
        ["C", "I", "A"].into_iter().try_fold(1.0, |rest, metric| Some(rest * (1.0 - pick(metric, &impacts)?)))?;
    let base = 1.0 - miss;
    let impact = if changed { 7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15) } else { 6.42 * base };
    let privileges =
        if changed { [("N", 0.85), ("L", 0.68), ("H", 0.5)] } else { [("N", 0.85), ("L", 0.62), ("H", 0.27)] };
    let ease = 8.22
        * pick("AV", &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?
        * pick("AC", &[("L", 0.77), ("H", 0.44)])?
        * pick("PR", &privileges)?
        * pick("UI", &[("N", 0.85), ("R", 0.62)])?;
    if impact <= 0.0 {
        return Some(0.0);
    }
    let sum = if changed { 1.08 * (impact + ease) } else { impact + ease };
    // Rounded up to one digit; the small number keeps what is exact from being rounded up as well.
    Some(((sum.min(10.0) * 100_000.0).round() / 10_000.0 - 1e-6).ceil() / 10.0)
}

/// The word for a score.
pub(super) fn word(score: f64) -> &'static str {
    match score {
        9.0.. => "critical",
        7.0.. => "high",
        4.0.. => "medium",
        0.1.. => "low",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_have_the_scores_that_the_specification_gives() {
        for (vector, expected) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", 5.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ] {
            assert_eq!(score(vector), Some(expected), "{vector}");
        }
        assert_eq!(score("CVSS:4.0/AV:N"), None);
        assert_eq!((word(9.8), word(6.1), word(0.0)), ("critical", "medium", "unknown"));
    }
}
