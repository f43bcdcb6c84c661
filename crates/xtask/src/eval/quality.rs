//! `docs/quality.md` and `docs/quality.svg`: the figures as they are committed. Only the section on time may differ between two
//! runs of the same program on the same archives.

use std::{fmt::Write as _, fs, path::Path};

use analysis::judge::Table;
use model::Decision;

use super::{
    Judged,
    figures::{self, Alarms, Recall},
    plot,
    row::MALICIOUS,
};

pub fn write(folder: &Path, judged: &[Judged], since: &str) -> anyhow::Result<()> {
    let bins = figures::calibration(judged);
    fs::write(folder.join("quality.svg"), plot::calibration(&bins))?;
    let mut page = String::from(
        "# How well Lazaret judges\n\n\
         Written by `cargo xtask eval --quality docs`; do not edit. The archives are those of the development sets: other\n\
         families and packages decide how good Lazaret really is. Families whose label is doubtful are left out.\n",
    );
    recall(&mut page, judged, since);
    alarms(&mut page, judged);
    precision(&mut page, judged);
    calibration(&mut page, &bins);
    evasion(&mut page, judged);
    rules(&mut page, judged);
    misses(&mut page, judged);
    false_alarms(&mut page, judged);
    times(&mut page, judged);
    Ok(fs::write(folder.join("quality.md"), page)?)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn recall(page: &mut String, judged: &[Judged], since: &str) {
    page.push_str(
        "\n## What is found\n\nA family counts by the share of its archives that are found.\n\n\
         | malware | families | archives | suspicious or malicious: families | archives | malicious: families | archives |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut line = |name: &str, recall: Recall| {
        let shares = [recall.alarmed.0, recall.alarmed.1, recall.blocked.0, recall.blocked.1].map(percent);
        let _ = writeln!(page, "| {name} | {} | {} | {} |", recall.families, recall.archives, shares.join(" | "));
    };
    line("all families", figures::recall(judged.iter()));
    line(
        &format!("first seen from {since} on"),
        figures::recall(judged.iter().filter(|one| one.row.sample.seen.as_str() >= since)),
    );
    let noise = || judged.iter().filter(|one| one.row.sample.noise);
    let found = noise().filter(|one| one.is_alarm()).count();
    let _ =
        writeln!(page, "\nOf {} archives with a doubtful label, {found} are suspicious or malicious.", noise().count());
}

fn alarms(page: &mut String, judged: &[Judged]) {
    page.push_str(
        "\n## What is falsely found\n\n\
         | honest archives | number | malicious | suspicious | alarms | inconclusive |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let (bands, all) = figures::alarms(judged);
    let mut line = |name: &str, alarms: Alarms| {
        let Alarms { archives, malicious, suspicious, inconclusive } = alarms;
        let share = 100.0 * alarms.share();
        let _ = writeln!(page, "| {name} | {archives} | {malicious} | {suspicious} | {share:.2} % | {inconclusive} |");
    };
    bands.iter().for_each(|((set, band), alarms)| line(&format!("{set}, {band}"), *alarms));
    line("all", all);
}

fn precision(page: &mut String, judged: &[Judged]) {
    let recall = figures::recall(judged.iter());
    let (_, all) = figures::alarms(judged);
    let blocked = all.malicious as f64 / all.archives.max(1) as f64;
    page.push_str(
        "\n## How often an alarm is right\n\n\
         By how much of all packages is malware. With no false alarm among N packages, up to 3/N are possible (95 %); the last\n\
         column reckons with that.\n\n\
         | tier | found | falsely found | 1 in 5 | 1 in 100 | 1 in 1000 | 1 in 1000, at worst |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (name, found, falsely, count) in [
        ("malicious", recall.blocked.0, blocked, all.malicious),
        ("suspicious or malicious", recall.alarmed.0, all.share(), all.malicious + all.suspicious),
    ] {
        let worst = worst(count, all.archives);
        let shares = [0.2, 0.01, 0.001].map(|base| percent(figures::precision(found, falsely, base)));
        let last = percent(figures::precision(found, worst, 0.001));
        let _ = writeln!(
            page,
            "| {name} | {} | {:.2} % | {} | {last} |",
            percent(found),
            100.0 * falsely,
            shares.join(" | ")
        );
    }
}

/// The highest rate that so many alarms among so many packages allow (one-sided 95 %; close enough to the exact bound).
fn worst(alarms: usize, packages: usize) -> f64 {
    let alarms = alarms as f64;
    (alarms + 1.0 + 1.65 * (alarms + 1.0).sqrt() + if alarms == 0.0 { 0.35 } else { 0.0 }) / packages.max(1) as f64
}

fn calibration(page: &mut String, bins: &[figures::Bin]) {
    let table = Table::committed();
    let malware: f64 = bins.iter().map(|bin| bin.malware).sum();
    let honest: f64 = bins.iter().map(|bin| bin.honest).sum();
    // How many points a score loses where there are so many honest packages for each malicious one.
    let away = |others: f64| (10.0 * (malware / honest.max(1.0) * others).max(1e-9).log10()).round() as i32;
    let _ = write!(
        page,
        "\n## Whether the score is true\n\n\
         ![Stated probability against the observed share of malware](quality.svg)\n\n\
         The score is the probability that a package is malware, among packages as they are mixed here: every family and every\n\
         honest package counts as one. The curve is drawn from scores by weights that were fitted without the package's own\n\
         campaign or name (ten folds), so nothing is judged by what was learnt from it.\n\n\
         | points | stated | malware among them | 95 % | families | honest packages |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (at, bin) in bins.iter().enumerate() {
        let name = match (bin.from, bins.get(at + 1)) {
            (i32::MIN, Some(next)) => format!("below {}", next.from),
            (from, Some(next)) => format!("{from} to {}", next.from - 1),
            (from, None) => format!("from {from} on"),
        };
        let (low, high) = bin.bounds();
        let _ = writeln!(
            page,
            "| {name} | {} | {} | {} to {} | {:.1} | {:.1} |",
            percent(bin.stated),
            percent(bin.observed()),
            percent(low),
            percent(high),
            bin.malware,
            bin.honest,
        );
    }
    let _ = write!(
        page,
        "\nA verdict is a sum that can be checked by hand: {} points to start with, and for each rule what\n\
         `crates/analysis/data/weights.txt` says. Ten points more mean that malware is ten times as likely, three points twice as\n\
         likely; 0 points are 50 %, 10 points 91 %, -10 points 9 %. From {} points on a package is suspicious, from {} on\n\
         malicious, if rules of two groups speak and what is left without the heaviest rule is still suspicious. A proof decides\n\
         alone.\n\n\
         **Where malware is rarer, the same points mean less.** Take away 10 x log10(odds here / odds there): these sets hold\n\
         {malware:.0} families and {honest:.0} honest packages; where one release in a thousand is malware, take {} points away,\n\
         where one in a hundred, {}. The decisions do not change: they are held to what honest packages score.\n",
        table.base,
        table.suspicious,
        table.malicious,
        away(999.0),
        away(99.0),
    );
}

fn evasion(page: &mut String, judged: &[Judged]) {
    let ([all, found, malicious], techniques, hidings) = figures::evasion(judged);
    if all == 0 {
        return;
    }
    let _ = write!(
        page,
        "\n## What cannot be hidden\n\n\
         Our own inert variants: every technique, hidden in every way. {found} of {all} are found ({}), {malicious} are\n\
         malicious.\n",
        percent(found as f64 / all as f64),
    );
    for (title, rows) in [("technique", techniques), ("way of hiding", hidings)] {
        let _ = writeln!(page, "\n| {title} | variants | found | malicious |\n| --- | ---: | ---: | ---: |");
        for (name, [all, found, malicious]) in rows {
            let _ = writeln!(page, "| {name} | {all} | {found} | {malicious} |");
        }
    }
}

fn rules(page: &mut String, judged: &[Judged]) {
    page.push_str(
        "\n## What each rule contributes\n\n\
         Fires: in how many families and honest archives. Only it: families that have an archive which is found (or malicious)\n\
         only with this rule, and honest archives that only it alarms.\n\n\
         | rule | fires: families | honest | only it finds | only it makes malicious | only it alarms |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (rule, worth) in figures::worth(judged) {
        let ((families, honest), (alone, alarms), blocks) = (worth.fires, worth.alone, worth.blocks_alone);
        let _ = writeln!(page, "| {rule} | {families} | {honest} | {alone} | {blocks} | {alarms} |");
    }
}

/// What was seen of it, in one line, without a word of the package.
fn reason(one: &Judged) -> String {
    let shares = &one.judgement.balance.shares;
    let seen: Vec<String> = shares.iter().take(5).map(|share| format!("{} +{}", share.rule, share.points)).collect();
    let mut gaps: Vec<&str> = one.row.gaps.iter().map(|gap| gap_word(gap.kind)).collect();
    gaps.dedup();
    let gaps = if gaps.is_empty() { String::new() } else { format!("; not looked at: {}", gaps.join(", ")) };
    if seen.is_empty() { format!("no finding{gaps}") } else { format!("{}{gaps}", seen.join(", ")) }
}

const fn gap_word(kind: model::GapKind) -> &'static str {
    match kind {
        model::GapKind::Limit => "limit",
        model::GapKind::Unreadable => "unreadable",
        model::GapKind::Budget => "budget",
        model::GapKind::WorkerDied => "worker died",
        model::GapKind::RuleFailed => "rule failed",
        model::GapKind::Encrypted => "encrypted",
    }
}

fn misses(page: &mut String, judged: &[Judged]) {
    page.push_str(
        "\n## Every miss\n\n| family | archives missed | seen in the first of them |\n| --- | ---: | --- |\n",
    );
    for (family, all) in figures::families(judged.iter()) {
        let missed: Vec<&&Judged> = all.iter().filter(|one| !one.is_alarm()).collect();
        if let Some(first) = missed.first() {
            let _ = writeln!(page, "| {family} | {} of {} | {} |", missed.len(), all.len(), reason(first));
        }
    }
}

fn false_alarms(page: &mut String, judged: &[Judged]) {
    page.push_str(
        "\n## Every false alarm\n\n| list | archive | verdict | score | why |\n| --- | --- | --- | ---: | --- |\n",
    );
    for one in judged.iter().filter(|one| one.row.is_honest() && one.is_alarm()) {
        let sample = &one.row.sample;
        let (decision, score) = (one.judgement.decision, one.judgement.score.0);
        let decision = if decision == Decision::Malicious { "**malicious**" } else { decision.as_str() };
        let _ = writeln!(
            page,
            "| {}, {} | {} | {decision} | {score} | {} |",
            sample.set,
            sample.tag,
            sample.file,
            reason(one)
        );
    }
}

fn times(page: &mut String, judged: &[Judged]) {
    page.push_str(
        "\n## What it costs\n\n\
         Processor time of the worker for each archive, in milliseconds, as the kernel counts it; the worker's start is not in it.\n\n\
         | set | archives | median | 95th percentile | most |\n| --- | ---: | ---: | ---: | ---: |\n",
    );
    let mut sets: Vec<&str> = judged.iter().map(|one| one.row.sample.set.as_str()).collect();
    sets.sort_unstable();
    sets.dedup();
    for set in sets {
        let mut times: Vec<u64> =
            judged.iter().filter(|one| one.row.sample.set == set).filter_map(|one| one.row.cpu).collect();
        times.sort_unstable();
        let Some(last) = times.len().checked_sub(1) else { continue };
        let at = |share: f64| times[(last as f64 * share).round() as usize] as f64 / 1000.0;
        let name = if set == MALICIOUS { "malware" } else { set };
        let _ = writeln!(page, "| {name} | {} | {:.1} | {:.1} | {:.1} |", times.len(), at(0.5), at(0.95), at(1.0));
    }
}
