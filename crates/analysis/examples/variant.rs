//! Prints variants of the evasion suite, and what is found in them: `cargo run -p analysis --example variant -- WORDS`.

use analysis::{Analyser, Limits, UserRules};
use model::Target;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    for variant in testkit::hide::variants() {
        let name = variant.name();
        if !words.iter().all(|word| name.split(' ').any(|own| own == word)) {
            continue;
        }
        println!("=== {name}");
        for (path, bytes) in variant.files.iter().filter(|(path, _)| !path.ends_with("PKG-INFO")) {
            println!("--- {path}\n{}", String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]));
        }
        let target = Target { file_name: "x-1.0.tar.gz".into(), ecosystem: None, name: None, version: None };
        let work = || analyser.analyse(&target, &variant.archive(), &Limits::default(), false);
        let analysis = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work);
            thread.expect("a thread starts").join().expect("no panic")
        });
        println!("{} {}", analysis.verdict.decision, analysis.verdict.score.0);
        for one in &analysis.verdict.findings {
            println!("  {:?} {} {} {}", one.kind, one.phase, one.rule, one.note);
        }
    }
}
