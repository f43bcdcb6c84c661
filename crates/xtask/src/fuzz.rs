//! `cargo xtask fuzz [SECONDS]`: mutates the input of every reader for so long, a minute by default.

use std::process::Command;

use anyhow::{Context, bail};

/// The crates whose tests mutate input, and a word in the names of those tests.
const READERS: &[(&str, &str)] =
    &[("artifact", "mutat"), ("ecosystem", "mutat"), ("syntax", "mutated"), ("wire", "mutated")];

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let seconds = arguments.first().map_or("60", String::as_str);
    seconds.parse::<u32>().context("the number of seconds is no number")?;
    for (crate_name, word) in READERS {
        println!("{crate_name}: {seconds} s");
        let status = Command::new(env!("CARGO"))
            .args(["test", "--quiet", "--package", crate_name, "--", word])
            .env("LAZARET_FUZZ_SECONDS", seconds)
            .status()?;
        if !status.success() {
            bail!("the readers of {crate_name} have failed");
        }
    }
    Ok(())
}
