//! A pool of miners was spoken to, or a miner was started.

use model::{Phase, TraceDeed};

use super::course::Course;
use crate::rules::{Report, Sink};

/// Words of a miner's command line.
const WORDS: &[&str] = &["stratum+tcp://", "stratum+ssl://", "--donate-level", "--rig-id", "--coin=", "--algo=rx", "-a rx/0"];

/// Programs that mine.
const MINERS: &[&str] = &["xmrig", "xmr-stak", "cpuminer", "minerd", "t-rex", "nbminer", "lolminer", "phoenixminer", "ethminer"];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    for event in course.events() {
        let what = match &event.deed {
            TraceDeed::Raw { protocol, address, .. } if protocol == "stratum" => {
                format!("The protocol of mining pools was spoken with {address}.")
            }
            TraceDeed::Exec { path, argv, .. } => {
                let line = argv.join(" ");
                let program = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
                let mines = WORDS.iter().any(|word| line.contains(word)) || MINERS.iter().any(|one| program.starts_with(one));
                if !mines {
                    continue;
                }
                format!("A miner was started: {program}.")
            }
            _ => continue,
        };
        let called = course.phase(event) == Phase::Runtime;
        let report = if called { Report::indicator(model::Confidence::High, what) } else { Report::proof(what) };
        sink.report(report.event(course, event));
        return;
    }
}
