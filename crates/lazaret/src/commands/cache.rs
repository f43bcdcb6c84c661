//! `lazaret cache`: what is kept on this machine, and how to be rid of it.

use clap::Subcommand;
use wire::Exit;

use crate::output::print;

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Show where the cache is, and how full
    Status,
    /// Delete everything in it
    Clear,
}

pub fn run(action: Action) -> anyhow::Result<Exit> {
    match action {
        Action::Status => print("cache: none yet\n")?,
        Action::Clear => print("cache: nothing to delete\n")?,
    }
    Ok(Exit::Clean)
}
