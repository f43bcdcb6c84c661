//! Loads targets and says what came, without analysing it: `cargo run -p gate --example load -- pkg:npm/express@4.18.2`.

use std::{sync::Arc, time::Instant};

use gate::inspect::{Analyst, Inspector, Options, Spec};
use model::{Analysis, Target};
use net::Environment;

struct Nobody;

impl Analyst for Nobody {
    fn ruleset(&self) -> &str {
        ""
    }

    async fn analyse(&self, _: Target, _: Vec<u8>) -> Analysis {
        unreachable!("targets are only loaded here")
    }
}

#[tokio::main]
async fn main() {
    let environment = Environment::of_process(net::Cache::folder(&Environment::of_process(None)).as_deref());
    let inspector = Arc::new(Inspector::new(Nobody, Options::new(environment)));
    for text in std::env::args().skip(1) {
        let start = Instant::now();
        let loaded = match Spec::parse(&text) {
            Ok(spec) => inspector.load(&spec).await,
            Err(error) => Err(error),
        };
        let time = start.elapsed().as_millis();
        match loaded {
            Ok(parts) => parts.into_iter().for_each(|part| match part {
                Ok(one) => {
                    println!("{}: {} bytes, {}, {time} ms {:?}", one.label, one.bytes.len(), one.sha256, one.notes)
                }
                Err((label, error)) => println!("{label}: {error}"),
            }),
            Err(error) => println!("{text}: {error} [{} ms, usage: {}]", time, error.is_usage()),
        }
    }
}
