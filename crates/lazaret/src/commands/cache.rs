//! `lazaret cache`: what is kept on this machine, and how to be rid of it.

use clap::Subcommand;
use net::{Cache, Status, discover::discover_own};
use wire::{
    Exit,
    text::{count, size},
};

use super::surroundings::environment;
use crate::output::{escaped, print};

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Show where the cache is, and how full
    Status,
    /// Delete everything in it
    Clear,
}

pub fn run(action: Action) -> anyhow::Result<Exit> {
    let cache = open()?;
    match action {
        Action::Status => print(&described(&cache.status()))?,
        Action::Clear => {
            let held = cache.clear()?;
            let files = held.spaces.iter().map(|(_, files, _)| files).sum();
            print(&format!("deleted {}, {}\n", count(files, "file"), size(held.bytes())))?;
        }
    }
    Ok(Exit::Clean)
}

/// The user's cache.
pub fn open() -> anyhow::Result<Cache> {
    let environment = environment();
    let limit = discover_own(&environment).cache_limit;
    Ok(Cache::of_user(&environment, limit)?)
}

/// A cache in a few lines.
pub fn described(status: &Status) -> String {
    let path = status.path.display().to_string();
    let mut text = format!("{}\n  {} of at most {}\n", escaped(&path), size(status.bytes()), size(status.limit));
    for (space, files, bytes) in &status.spaces {
        text += &format!("  {:<10} {:>12}  {}\n", space.as_str(), count(*files, "file"), size(*bytes));
    }
    text
}
