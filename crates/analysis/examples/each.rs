//! Judges archives one by one and prints how much CPU time each took: `cargo run --release -p analysis --example each -- FILE...`, or `-` for a
//! list of files on standard input. Archives are only read in memory.

use std::{fs, io::BufRead, time::Duration};

use analysis::{Analyser, Limits, UserRules};
use model::{Kind, Target};

fn main() {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if paths == ["-"] {
        paths = std::io::stdin().lock().lines().map_while(Result::ok).collect();
    }
    let work = move || {
        let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
        for path in &paths {
            let Ok(bytes) = fs::read(path) else { continue };
            let file_name = path.rsplit('/').next().unwrap_or(path).to_owned();
            let target = Target { file_name, ecosystem: None, name: None, version: None };
            let start = cpu();
            let analysis = analyser.analyse(&target, &bytes, &Limits::default(), false);
            let verdict = &analysis.verdict;
            let took = (cpu() - start).as_millis();
            println!("{took} ms {} bytes {} {} {path}", verdict.coverage.bytes, verdict.decision, verdict.score.0);
            for finding in verdict.findings.iter().filter(|finding| finding.kind != Kind::Capability) {
                let place =
                    finding.places.first().map(|place| format!("{}:{}", place.path, place.line)).unwrap_or_default();
                println!("    {} {} {} {place} {}", finding.rule, finding.kind, finding.phase, finding.note);
            }
            if verdict.decision == model::Decision::Benign {
                for one in &analysis.capabilities {
                    println!(
                        "    can {} {} {:?} {}:{}",
                        one.action, one.phase, one.objects, one.place.path, one.place.line
                    );
                }
            }
            for gap in &verdict.coverage.gaps {
                println!("    gap {} {}", gap.path, gap.detail);
            }
        }
    };
    std::thread::Builder::new().stack_size(512 << 20).spawn(work).expect("a thread").join().expect("no panic");
}

/// The CPU time of this thread, as the kernel of Linux counts it; elsewhere nothing.
fn cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}
