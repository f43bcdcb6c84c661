//! `cargo run -p ecosystem --example graph FILE`: what a project's file says about its dependencies.

use std::{env, fs, path::Path, process::ExitCode, time::Instant};

use ecosystem::lockfile::{Files, lockfile};

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("usage: graph FILE");
        return ExitCode::FAILURE;
    };
    let (Some(format), Ok(bytes)) = (lockfile(&path), fs::read(&path)) else {
        eprintln!("{path} is of no known format, or cannot be read");
        return ExitCode::FAILURE;
    };
    let mut files = Files::new(&path, &bytes);
    for wanted in format.wants(&files).into_iter().filter(|wanted| Path::new(wanted).is_file()) {
        if let Ok(bytes) = fs::read(&wanted) {
            files.add(&wanted, bytes.leak());
        }
    }
    let start = Instant::now();
    let parsed = format.read(&files);
    let (graph, taken) = (parsed.value, start.elapsed());
    if graph.packages().len() < 1000 {
        for edge in graph.edges() {
            let (from, to) = (graph.package(edge.from), graph.package(edge.to));
            println!("{} -> {} {:?} line {} {:?}", from.purl(), to.purl(), edge.scope, to.place.line, to.source);
        }
    }
    parsed
        .problems
        .iter()
        .take(20)
        .for_each(|problem| println!("{}: {}: {}", problem.path, problem.code, problem.detail));
    let (packages, edges, problems) = (graph.packages().len(), graph.edges().len(), parsed.problems.len());
    eprintln!("{}: {packages} packages, {edges} edges, {problems} problems, {taken:?}", format.name());
    ExitCode::SUCCESS
}
