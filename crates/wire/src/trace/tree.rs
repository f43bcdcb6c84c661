//! Who started whom: the processes of a run as trees, one for each step.

use std::collections::{BTreeMap, BTreeSet};

use model::{Event, Trace, TraceDeed};

/// One line of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Branch {
    /// How deep it stands, from 0.
    pub depth: usize,
    /// The process.
    pub process: u32,
    /// What it runs: the command line of its last start, or none when it only ran its parent's program.
    pub command: Option<String>,
    /// How it ended; none when it was stopped or its end was not seen.
    pub exit: Option<i32>,
}

/// Processes deeper than this are told at this depth: a chain of a thousand forks is not a picture.
const DEPTH: usize = 12;

/// The processes of a step that started a program or did something, parents before children.
pub(crate) fn of_step(trace: &Trace, step: u32) -> Vec<Branch> {
    let mut nodes: BTreeMap<u32, Node> = BTreeMap::new();
    for event in trace.events.iter().filter(|event| event.step == step && event.process != 0) {
        note(&mut nodes, event);
    }
    let known: BTreeSet<u32> = nodes.keys().copied().collect();
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut roots = Vec::new();
    for (process, node) in &nodes {
        if node.parent != *process && known.contains(&node.parent) {
            children.entry(node.parent).or_default().push(*process);
        } else {
            roots.push(*process);
        }
    }
    let mut lines = Vec::new();
    // A stack and a set instead of recursion: numbers come from the kernel, but may be used again.
    let mut seen = BTreeSet::new();
    let mut stack: Vec<(u32, usize)> = roots.into_iter().rev().map(|root| (root, 0)).collect();
    while let Some((process, depth)) = stack.pop() {
        if !seen.insert(process) {
            continue;
        }
        let node = &nodes[&process];
        let shown = node.commands.last().is_some();
        for (at, command) in node.commands.iter().enumerate() {
            let exit = node.exit.filter(|_| at + 1 == node.commands.len());
            lines.push(Branch { depth: depth.min(DEPTH), process, command: Some(command.clone()), exit });
        }
        // A fork that runs no program of its own is told only when it did something worth telling.
        if !shown && node.deeds > 0 {
            lines.push(Branch { depth: depth.min(DEPTH), process, command: None, exit: node.exit });
        }
        let below = if shown || node.deeds > 0 { depth + 1 } else { depth };
        stack.extend(children.get(&process).into_iter().flatten().rev().map(|child| (*child, below)));
    }
    lines
}

#[derive(Default)]
struct Node {
    parent: u32,
    commands: Vec<String>,
    exit: Option<i32>,
    deeds: u32,
}

fn note(nodes: &mut BTreeMap<u32, Node>, event: &Event) {
    let node = nodes.entry(event.process).or_default();
    if node.parent == 0 {
        node.parent = event.parent;
    }
    match &event.deed {
        TraceDeed::Exec { argv, path, .. } => {
            node.commands.push(if argv.is_empty() { path.clone() } else { argv.join(" ") });
        }
        TraceDeed::Exit { code } => node.exit = Some(*code),
        TraceDeed::Fork { child } => {
            let (parent, child) = (event.process, *child);
            nodes.entry(child).or_default().parent = parent;
        }
        _ => node.deeds += 1,
    }
}
