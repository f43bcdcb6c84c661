//! `lazaret doctor`: what Lazaret found on this machine, and what is missing.

use std::fmt::{self, Write};

use engine::{State, Wall};
use gate::guard::MANAGERS;
use model::Ecosystem;
use net::{Discovered, Environment, Shown, discover};
use wire::Exit;

use super::{cache, setup, surroundings::environment};
use crate::output::{escaped, print};

pub fn run() -> anyhow::Result<Exit> {
    let mut environment = environment();
    // Clients are asked again: who runs this has just changed something.
    environment.fresh = true;
    let mut text = format!("Lazaret {}, {} built-in rules\n\n", env!("CARGO_PKG_VERSION"), engine::rules().len());
    registries(&mut text, &discover(&environment))?;
    walls(&mut text, "Walls around the analysis", &sandbox::walls())?;
    let launcher = sandbox::Launcher::default();
    let layers = sandbox::detonation_layers(&launcher);
    walls(&mut text, "Layers around a package that is run", &layers)?;
    managers(&mut text, &environment)?;
    walls(&mut text, "Walls around install scripts", &sandbox::protection_layers(&launcher))?;
    text += "\nCache\n  ";
    match cache::open() {
        Ok(cache) => text += &cache::described(&cache.status()),
        Err(error) => writeln!(text, "none: {}", escaped(&error.to_string()))?,
    }
    print(&text)?;
    Ok(Exit::Clean)
}

fn registries(text: &mut String, found: &Discovered) -> fmt::Result {
    writeln!(text, "Registries")?;
    for ecosystem in Ecosystem::ALL {
        let name = ecosystem.as_str();
        let endpoints = found.endpoints.iter().filter(|one| one.ecosystem == ecosystem);
        for one in endpoints.clone() {
            let scope = one.scope.as_ref().map(|scope| format!(" for {scope}")).unwrap_or_default();
            let (url, origin) = (Shown::from(&one.url).to_string(), escaped(&one.origin));
            writeln!(text, "  {name:<5} {}{}  (from {origin})", escaped(&url), escaped(&scope))?;
        }
        if !endpoints.clone().any(|one| one.scope.is_none()) {
            let advice = found.candidates(ecosystem, "any").err().map(|error| error.to_string()).unwrap_or_default();
            writeln!(text, "  {name:<5} NONE: {}", escaped(&advice))?;
        }
    }
    let places: Vec<String> = found.credentials.places().collect();
    let places = if places.is_empty() { "none".into() } else { escaped(&places.join(", ")) };
    writeln!(text, "  credentials, sent nowhere else: {places}")?;
    for file in &found.authorities {
        writeln!(text, "  trusts the authorities in {}", escaped(&file.display().to_string()))?;
    }
    found.notes.iter().try_for_each(|note| writeln!(text, "  note: {}", escaped(note)))
}

/// One line for each package manager that is found: what stands before it, and what the guard cannot do for it.
fn managers(text: &mut String, environment: &Environment) -> fmt::Result {
    writeln!(text, "\nPackage managers")?;
    let path = environment.var("PATH").unwrap_or_default();
    let shims = setup::folder(environment).unwrap_or_default();
    let mut none = true;
    for program in MANAGERS.iter().flat_map(|one| one.programs()) {
        let mut found = std::env::split_paths(path).map(|folder| folder.join(program)).filter(|path| path.is_file());
        let Some(first) = found.next() else { continue };
        none = false;
        let state = match first.parent() {
            Some(folder) if folder == shims => "guarded wherever it is started from this path".to_owned(),
            _ if shims.join(program).is_file() => "its shim is not the first in your PATH: open a new shell".to_owned(),
            _ if program.starts_with("py") => format!("guarded when you write lazaret guard {program} -m pip ..."),
            _ => format!("guarded when you write lazaret guard {program} ..., or after lazaret setup"),
        };
        let limit = if *program == "poetry" { "; its downloads cannot be, only its lockfile" } else { "" };
        writeln!(text, "  {program:<8} {}  {state}{limit}", escaped(&first.display().to_string()))?;
    }
    if none {
        writeln!(text, "  none of those that can be guarded is in your PATH")?;
    }
    Ok(())
}

fn walls(text: &mut String, title: &str, walls: &[Wall]) -> fmt::Result {
    writeln!(text, "\n{title}")?;
    let width = walls.iter().map(|wall| wall.name.len()).max().unwrap_or(0);
    for wall in walls {
        let state = match &wall.state {
            State::Standing => "standing".into(),
            State::Partial(why) => format!("in part: {why}"),
            State::Missing(why) => format!("MISSING: {why}"),
        };
        writeln!(text, "  {:<width$}  {} ({})", wall.name, escaped(&state), wall.purpose)?;
    }
    Ok(())
}
