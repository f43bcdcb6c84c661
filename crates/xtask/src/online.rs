//! `cargo xtask online`: the checks that need the outside world, apart from those that must hold offline.

use std::process::Command;

use anyhow::{Context, ensure};

/// Asks the advisory database about every dependency.
pub fn run(_arguments: &[String]) -> anyhow::Result<()> {
    let status = Command::new("cargo")
        .args(["deny", "check", "advisories"])
        .status()
        .context("cargo-deny could not be started; ./test installs it")?;
    ensure!(status.success(), "cargo deny found something, or could not reach the advisory database");
    Ok(())
}
