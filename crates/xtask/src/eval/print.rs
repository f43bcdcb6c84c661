//! The figures for whoever sits at the terminal, with every miss and false alarm.

use model::Kind;

use super::{
    Judged,
    figures::{self, Recall},
};

pub fn print(judged: &[Judged], since: &str, list_all: bool) {
    print_recall(judged, since, list_all);
    print_alarms(judged);
    print_evasion(judged);
    println!(
        "{:48} {:>18} {:>14} {:>12} {:>12}",
        "rule", "malicious families", "benign files", "only it", "alarms alone"
    );
    for (rule, worth) in figures::worth(judged) {
        let ((families, honest), (alone, alarms)) = (worth.fires, worth.alone);
        println!("{rule:48} {families:>18} {honest:>14} {alone:>12} {alarms:>12}");
    }
}

fn print_recall(judged: &[Judged], since: &str, list_all: bool) {
    let all = figures::recall(judged.iter());
    if all.families == 0 {
        return;
    }
    let line = |word: &str, (families, archives): (f64, f64)| {
        println!("  {word:24} {:5.1} % of families  {:5.1} % of archives", 100.0 * families, 100.0 * archives);
    };
    let block = |title: &str, recall: Recall| {
        println!("{title}: {} families, {} archives", recall.families, recall.archives);
        line("suspicious or malicious", recall.alarmed);
        line("malicious", recall.blocked);
    };
    block("recall without noise", all);
    let late = figures::recall(judged.iter().filter(|one| one.row.sample.seen.as_str() >= since));
    if late.families > 0 {
        block(&format!("families first seen from {since} on"), late);
    }
    let noise = || judged.iter().filter(|one| one.row.sample.noise);
    let found = noise().filter(|one| one.is_alarm()).count();
    println!("  with a noise mark: {found} of {} suspicious or malicious", noise().count());
    println!("misses:");
    for (family, all) in figures::families(judged.iter()) {
        for one in all.iter().filter(|one| list_all || !one.is_alarm()) {
            println!("  {family} {}", line_of(one));
        }
    }
}

fn print_alarms(judged: &[Judged]) {
    let (bands, all) = figures::alarms(judged);
    if all.archives == 0 {
        return;
    }
    for ((set, band), alarms) in &bands {
        println!(
            "benign {set} {band}: {} archives, {} malicious, {} suspicious ({:.2} %), {} inconclusive",
            alarms.archives,
            alarms.malicious,
            alarms.suspicious,
            100.0 * alarms.share(),
            alarms.inconclusive,
        );
    }
    println!(
        "benign in all: {} archives, {} malicious, {} suspicious ({:.2} %)",
        all.archives,
        all.malicious,
        all.suspicious,
        100.0 * all.share()
    );
    println!("false alarms:");
    for one in judged.iter().filter(|one| one.row.is_honest() && one.is_alarm()) {
        println!("  {} {} {}", one.row.sample.set, one.row.sample.tag, line_of(one));
    }
}

fn print_evasion(judged: &[Judged]) {
    let ([all, found, malicious], techniques, hidings) = figures::evasion(judged);
    if all == 0 {
        return;
    }
    println!("evasion: {found} of {all} found ({:.1} %), {malicious} malicious", 100.0 * found as f64 / all as f64);
    for (name, [all, found, malicious]) in techniques.iter().chain(&hidings).filter(|(_, found)| found[1] < found[0]) {
        println!("  {name:48} {found:>4} of {all:>4} found, {malicious:>4} malicious");
    }
}

fn line_of(one: &Judged) -> String {
    let judgement = &one.judgement;
    let mut rules: Vec<String> = Vec::new();
    for finding in one.row.findings.iter().filter(|finding| finding.kind != Kind::Capability) {
        let place = finding.places.first().map(|place| format!("{}:{}", place.path, place.line)).unwrap_or_default();
        let points = judgement.balance.share(&finding.rule).unwrap_or_default();
        let text = format!("{}/{}/{} +{points} {place}", finding.rule, finding.kind, finding.phase);
        if rules.len() < 5 && !rules.iter().any(|old| old.starts_with(&format!("{}/", finding.rule))) {
            rules.push(text);
        }
    }
    let gaps = one.row.gaps.first().map(|gap| format!(" gap: {}", gap.detail)).unwrap_or_default();
    let (decision, score, points) = (judgement.decision, judgement.score.0, judgement.balance.points);
    format!("{} {decision} {score} ({points:+}) [{}]{gaps}", one.row.sample.file, rules.join("; "))
}
