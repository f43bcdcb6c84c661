//! The machine works for somebody's coins.

use model::{Action, Confidence};

use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::TALKS,
        query::{Seen, host_of, short},
    },
    source::Source,
    subject::Subject,
};

const MINERS: &[&str] = &[
    "xmrig",
    "xmr-stak",
    "cpuminer",
    "minerd",
    "ethminer",
    "nbminer",
    "t-rex",
    "lolminer",
    "phoenixminer",
    "teamredminer",
    "ccminer",
    "srbminer-multi",
];

/// Pools in which miners work together.
const POOLS: &[&str] = &[
    "2miners.com",
    "c3pool.com",
    "ethermine.org",
    "f2pool.com",
    "gulf.moneroocean.stream",
    "hashvault.pro",
    "herominers.com",
    "hiveon.net",
    "minexmr.com",
    "moneroocean.stream",
    "nanopool.org",
    "nicehash.com",
    "supportxmr.com",
    "unmineable.com",
    "xmrpool.eu",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    let mut told = false;
    for seen in source.behaviours(&[
        Action::ProcExec,
        Action::NetFetch,
        Action::NetConnect,
        Action::FileWrite,
        Action::PackageInstall,
    ]) {
        let Some(what) = miner_in(seen) else { continue };
        told = true;
        let note = format!("A miner of coins is brought along or run: {}.", short(&what, 100));
        let runs = seen.behaviour.action == Action::ProcExec;
        let report = if seen.phase().is_automatic() {
            Report::proof(note)
        } else if runs {
            Report::indicator(Confidence::High, note)
        } else {
            Report::indicator(Confidence::Medium, note)
        };
        sink.report(report.seen(seen));
    }
    if told {
        return;
    }
    let pool = source.seen.literals.iter().find(|one| is_pool(&one.text));
    let acts = source.behaviours(&[Action::ProcExec]).chain(source.behaviours(TALKS)).min_by_key(|seen| seen.phase());
    if let (Some(pool), Some(acts)) = (pool, acts) {
        let note = format!("The code holds the address of a pool of miners: {}.", short(&pool.text, 80));
        let report =
            if acts.phase().is_automatic() { Report::proof(note) } else { Report::indicator(Confidence::High, note) };
        sink.report(report.phase(acts.phase()).at(pool.place.clone()).at(acts.place()));
    }
}

fn miner_in(seen: Seen<'_>) -> Option<String> {
    let text = seen.text().to_ascii_lowercase();
    if text.is_empty() {
        return None;
    }
    if is_pool(&text) || seen.behaviour.action == Action::ProcExec && pays_a_wallet(seen.text()) {
        return Some(seen.text().to_owned());
    }
    let mut words =
        text.split(|one: char| one.is_whitespace() || matches!(one, '/' | '\\' | '\'' | '"' | ';' | '|' | '&' | '='));
    let named = words.any(|word| {
        MINERS.iter().any(|miner| {
            word.strip_prefix(miner).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        })
    });
    named.then(|| seen.text().to_owned())
}

/// Whether a command names a wallet and a host with a port: whatever the program is called, that is how a miner is told for
/// whom it works.
fn pays_a_wallet(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches(['\'', '"'])).collect();
    let names = |option: &str| matches!(option, "-w" | "--wallet" | "-u" | "--user" | "-wal" | "--address");
    let is_wallet = |word: &str| {
        let own = word.split(['.', '+', '/']).next().unwrap_or(word);
        own.len() >= 34
            && own.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && own.bytes().any(|byte| byte.is_ascii_digit())
            && own.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let has_port = |word: &str| {
        let address = word.split_once("://").map_or(word, |(_, rest)| rest);
        address.rsplit_once(':').is_some_and(|(host, port)| host.contains('.') && port.parse::<u16>().is_ok())
    };
    words.windows(2).any(|pair| names(pair[0]) && is_wallet(pair[1])) && words.iter().any(|word| has_port(word))
}

/// The address of a pool.
fn is_pool(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower.contains("stratum+tcp://") || lower.contains("stratum+ssl://") || lower.contains("stratum1+tcp://") {
        return lower.len() > 20 && !lower.ends_with("://");
    }
    lower.split_whitespace().any(|word| {
        let port = word
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.len() >= 4 && port.bytes().all(|byte| byte.is_ascii_digit()));
        port && host_of(word).is_some_and(|host| POOLS.iter().any(|pool| host.ends_with(pool)))
    })
}
