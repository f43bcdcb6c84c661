//! `lazaret allow`: an exception for one version, with a reason and an end.

use gate::guard::{
    allowed::{self, Allowed},
    log::{Log, Said},
};
use gate::policy::Subject;
use wire::{Exit, log::Event};

use super::{
    guard::{now, state},
    surroundings::environment,
};
use crate::output::{escaped, print, talk};

/// The arguments of `allow`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The release, as a purl with its version: pkg:npm/name@1.2.3; without one, list what is allowed
    #[arg(value_name = "PURL", requires = "reason")]
    purl: Option<String>,
    /// Why it may be used, for those who read the log
    #[arg(long)]
    reason: Option<String>,
    /// For how many days
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let state = state(&environment())?;
    let now = now();
    let (Some(purl), Some(reason)) = (&arguments.purl, &arguments.reason) else {
        let line = |one: &Allowed| {
            let left = (one.until - now) / 86_400;
            format!("{}  {} days left  {}\n", escaped(&one.purl), left.max(0), escaped(&one.reason))
        };
        let text: String = allowed::all(&state).iter().filter(|one| now <= one.until).map(line).collect();
        print(&text)?;
        return Ok(Exit::Clean);
    };
    let subject = match Subject::of_purl(purl) {
        Ok(subject) if !subject.version.is_empty() && !reason.trim().is_empty() => subject,
        Ok(subject) => {
            let what = if subject.version.is_empty() { "a version: pkg:npm/name@1.2.3" } else { "a reason" };
            talk(&format!("error: an exception is for one version and needs {what}"));
            return Ok(Exit::Usage);
        }
        Err(why) => {
            talk(&format!("error: {why}"));
            return Ok(Exit::Usage);
        }
    };
    // As the guard writes it, whatever spelling was used.
    let kind = model::PackageType::new(&subject.ecosystem);
    let purl = model::Dependency::new(kind, subject.name).version(&subject.version).purl();
    let until = now + i64::from(arguments.days) * 86_400;
    allowed::add(&state, Allowed { purl: purl.clone(), reason: reason.clone(), until }, now)?;
    Log::new(&state).append("", now, &[Said::new(Event::Allowed, &purl, reason)])?;
    talk(&format!("{purl} may pass for {} days; the guard's log says why", arguments.days));
    Ok(Exit::Clean)
}
