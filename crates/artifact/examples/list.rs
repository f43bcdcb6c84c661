//! Opens files in memory and prints what they hold and how they lie.
//!
//! `cargo run --release -p artifact --example list -- [--files] FILE...`

use std::{collections::BTreeMap, env, fs, time::Instant};

use artifact::{Limits, open_named};

fn main() {
    let mut codes: BTreeMap<String, (u64, u64, String)> = BTreeMap::new();
    let (mut opened, mut bytes_in, mut bytes_out, mut files, mut millis) = (0u64, 0u64, 0u64, 0u64, Vec::new());
    let verbose = env::args().any(|argument| argument == "--files");
    for path in env::args().skip(1).filter(|argument| argument != "--files") {
        let Ok(bytes) = fs::read(&path) else {
            println!("{path}: cannot be read");
            continue;
        };
        let start = Instant::now();
        let parsed = match open_named(&bytes, &path, &Limits::default()) {
            Ok(parsed) => parsed,
            Err(refused) => {
                println!("{path}: refused: {refused}");
                continue;
            }
        };
        let took = start.elapsed().as_secs_f64() * 1e3;
        let tree = &parsed.value;
        opened += 1;
        bytes_in += bytes.len() as u64;
        bytes_out += tree.bytes();
        files += tree.files.len() as u64;
        millis.push((took, path.clone()));
        if verbose {
            println!("{path}: {} of {} files, {took:.2} ms", tree.format, tree.files.len());
            for file in &tree.files {
                println!("  {:>9} {}", file.bytes.len(), file.path.escape_debug());
            }
        }
        let mut here: BTreeMap<String, u64> = BTreeMap::new();
        for problem in &parsed.problems {
            *here.entry(problem.code.clone()).or_default() += 1;
            if verbose {
                println!("  {} {}: {}", problem.code, problem.path.escape_debug(), problem.detail);
            }
        }
        for gap in &tree.gaps {
            *here.entry(format!("gap {:?}", gap.kind)).or_default() += 1;
            println!("{path}: gap {:?} {}: {}", gap.kind, gap.path.escape_debug(), gap.detail);
        }
        for (code, count) in here {
            let sum = codes.entry(code).or_insert((0, 0, path.clone()));
            sum.0 += 1;
            sum.1 += count;
        }
    }
    println!("{opened} artifacts, {files} files, {bytes_in} bytes packed, {bytes_out} unpacked");
    millis.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = millis.iter().map(|(took, _)| took).sum();
    if let (Some(median), Some(worst)) = (millis.get(millis.len() / 2), millis.last()) {
        println!("{total:.0} ms in all, median {:.2} ms, worst {:.1} ms ({})", median.0, worst.0, worst.1);
    }
    for (code, (artifacts, count, first)) in codes {
        println!("{artifacts:>6} artifacts {count:>7} times  {code}  (first: {first})");
    }
}
