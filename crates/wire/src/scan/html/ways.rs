//! The ways that brought in what is blocked or warned of, drawn as one graph.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use model::Answer;

use super::super::{Package, Scan};
use crate::{
    page::{self, Node},
    text::count,
};

/// Boxes that a reader can still take in.
const MOST: usize = 60;

/// Draws the graph; nothing when there is nothing to show.
pub(super) fn draw(scan: &Scan<'_>, packages: &[(usize, &Package)], out: &mut dyn Write) -> io::Result<()> {
    let wanted: Vec<_> = packages.iter().filter(|(_, one)| one.ruling.answer > Answer::Allow).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let mut ways = Ways::new(scan);
    let hidden = wanted.iter().filter(|(_, package)| !ways.add(package)).count();
    ways.cross();
    writeln!(out, "<h2>What brought it in</h2>\n<figure>")?;
    let caption = "Ways from the project to the packages that are blocked or warned of";
    out.write_all(page::draw(&ways.nodes, &ways.edges, caption).as_bytes())?;
    let more = if hidden > 0 {
        format!(" The ways to {} more are not drawn.", count(hidden as u64, "package"))
    } else {
        String::new()
    };
    writeln!(out, "<figcaption>{caption}.{more}</figcaption>\n</figure>")
}

struct Ways<'a> {
    scan: &'a Scan<'a>,
    numbers: BTreeMap<&'a str, usize>,
    nodes: Vec<Node>,
    edges: Vec<(usize, usize)>,
    drawn: BTreeMap<&'a str, usize>,
}

impl<'a> Ways<'a> {
    fn new(scan: &'a Scan<'a>) -> Self {
        let root = Node { layer: 0, title: scan.project.clone(), small: String::new(), class: "root", anchor: None };
        let numbers = scan.packages.iter().enumerate().map(|(at, one)| (one.purl.as_str(), at)).collect();
        Self { scan, numbers, nodes: vec![root], edges: Vec::new(), drawn: BTreeMap::new() }
    }

    /// Adds the way to a package, if there is room for it.
    fn add(&mut self, package: &'a Package) -> bool {
        let alone = [package.purl.clone()];
        let purls: &[String] = if package.path.is_empty() { &alone } else { &package.path };
        // Looked up, so that the names live as long as the scan does.
        let way: Vec<usize> = purls.iter().filter_map(|purl| self.numbers.get(purl.as_str()).copied()).collect();
        let new = way.iter().filter(|at| !self.drawn.contains_key(self.scan.packages[**at].purl.as_str())).count();
        if self.nodes.len() + new > MOST {
            return false;
        }
        let mut above = 0;
        for (step, at) in way.into_iter().enumerate() {
            let one = &self.scan.packages[at];
            let number = match self.drawn.get(one.purl.as_str()) {
                Some(number) => *number,
                None => {
                    self.nodes.push(node(at, one, step + 1));
                    self.drawn.insert(&one.purl, self.nodes.len() - 1);
                    self.nodes.len() - 1
                }
            };
            if !self.edges.contains(&(above, number)) {
                self.edges.push((above, number));
            }
            above = number;
        }
        true
    }

    /// Adds the other ways between what is drawn already, as far as they lead to the right.
    fn cross(&mut self) {
        for (from, to) in &self.scan.edges {
            let (Some(from), Some(to)) = (self.scan.packages.get(*from), self.scan.packages.get(*to)) else { continue };
            let (Some(&from), Some(&to)) = (self.drawn.get(from.purl.as_str()), self.drawn.get(to.purl.as_str()))
            else {
                continue;
            };
            if self.nodes[from].layer < self.nodes[to].layer && !self.edges.contains(&(from, to)) {
                self.edges.push((from, to));
            }
        }
    }
}

fn node(at: usize, package: &Package, layer: usize) -> Node {
    let class = match package.ruling.answer {
        Answer::Block => "block",
        Answer::Warn => "warn",
        Answer::Allow => "",
    };
    Node {
        layer,
        title: package.name.clone(),
        small: package.version.clone().unwrap_or_default(),
        class,
        anchor: package.is_notable().then(|| format!("p{at}")),
    }
}
