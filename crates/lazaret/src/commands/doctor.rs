//! `lazaret doctor`: what Lazaret found on this machine, and what is missing.

use std::fmt::Write;

use engine::{State, Wall};
use wire::Exit;

use crate::output::{escaped, print};

pub fn run() -> anyhow::Result<Exit> {
    let mut text = String::new();
    walls(&mut text, &sandbox::walls())?;
    print(&text)?;
    Ok(Exit::Clean)
}

fn walls(text: &mut String, walls: &[Wall]) -> std::fmt::Result {
    writeln!(text, "Walls around the analysis")?;
    for wall in walls {
        let state = match &wall.state {
            State::Standing => "standing".into(),
            State::Partial(why) => format!("in part: {why}"),
            State::Missing(why) => format!("MISSING: {why}"),
        };
        writeln!(text, "  {:<12} {} ({})", wall.name, escaped(&state), wall.purpose)?;
    }
    Ok(())
}
