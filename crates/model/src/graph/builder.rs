//! Building a graph, within bounds.

use std::{collections::HashSet, sync::Arc};

use super::{Dependency, DependencyGraph, Edge, Flags, NodeId, Scope, Why};

/// Far above any project, far below any machine: the whole of a registry's most tangled company repository has 20,000.
const MAX_PACKAGES: usize = 500_000;
const MAX_EDGES: usize = 4_000_000;

/// A graph that is being read from a project's files.
#[derive(Debug, Default)]
pub struct GraphBuilder {
    graph: DependencyGraph,
    words: HashSet<Arc<str>>,
    file: u32,
    is_cut: bool,
}

impl GraphBuilder {
    /// A graph without packages, read from this file.
    pub fn new(file: &str) -> Self {
        let graph = DependencyGraph { files: vec![file.into()], ..DependencyGraph::default() };
        Self { graph, ..Self::default() }
    }

    /// From now on, packages are read from this file.
    pub fn file(&mut self, path: &str) {
        let known = self.graph.files.iter().position(|one| one == path);
        let at = known.unwrap_or_else(|| {
            self.graph.files.push(path.into());
            self.graph.files.len() - 1
        });
        self.file = at as u32;
    }

    /// A package. Nothing, once there are too many.
    pub fn add(&mut self, mut package: Dependency) -> Option<NodeId> {
        if self.graph.packages.len() >= MAX_PACKAGES {
            self.is_cut = true;
            return None;
        }
        package.place.file = self.file;
        self.graph.packages.push(package);
        Some(NodeId(self.graph.packages.len() as u32 - 1))
    }

    /// A package of the project itself.
    pub fn root(&mut self, package: Dependency) -> Option<NodeId> {
        let id = self.add(package)?;
        self.graph.roots.push(id);
        Some(id)
    }

    /// A package that is there already, to be changed.
    pub fn package_mut(&mut self, id: NodeId) -> &mut Dependency {
        &mut self.graph.packages[id.at()]
    }

    /// A package of this graph.
    pub fn package(&self, id: NodeId) -> &Dependency {
        &self.graph.packages[id.at()]
    }

    /// The packages so far.
    pub fn packages(&self) -> &[Dependency] {
        &self.graph.packages
    }

    /// One package asks for another.
    pub fn connect(&mut self, from: NodeId, to: NodeId, why: Why<'_>) {
        if self.graph.edges.len() >= MAX_EDGES {
            self.is_cut = true;
            return;
        }
        let (group, requirement) = (self.word(why.group), self.word(why.requirement));
        self.graph.edges.push(Edge { from, to, scope: why.scope, group, requirement });
    }

    /// One text for all edges that say the same.
    fn word(&mut self, text: Option<&str>) -> Option<Arc<str>> {
        let text = text?;
        if let Some(known) = self.words.get(text) {
            return Some(Arc::clone(known));
        }
        let new: Arc<str> = text.into();
        self.words.insert(Arc::clone(&new));
        Some(new)
    }

    /// Whether packages or edges were left out because there are too many.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The graph. What the edges tell about a package replaces the flags that the file gives it.
    pub fn finish(mut self) -> DependencyGraph {
        self.graph.edges.sort_unstable();
        self.graph.edges.dedup();
        derive_flags(&mut self.graph);
        self.graph
    }
}

/// A package is for development when every way to it leads over a development edge; optional, when of the ways that make
/// it what it is, every one leads over an optional edge; and so for peers. Packages that no way leads to keep their flags.
fn derive_flags(graph: &mut DependencyGraph) {
    let all = reached(graph, |_| true);
    let production = reached(graph, |scope| scope != Scope::Dev);
    let certain = reached(graph, |scope| scope != Scope::Optional);
    let certain_production = reached(graph, |scope| !matches!(scope, Scope::Dev | Scope::Optional));
    let asked = reached(graph, |scope| scope != Scope::Peer);
    for (at, package) in graph.packages.iter_mut().enumerate().filter(|(at, _)| all[*at]) {
        let certain = if production[at] { certain_production[at] } else { certain[at] };
        package.flags = Flags { dev: !production[at], optional: !certain, peer: !asked[at] };
    }
}

/// What can be reached from the roots over some of the edges.
fn reached(graph: &DependencyGraph, follow: impl Fn(Scope) -> bool) -> Vec<bool> {
    let mut seen = vec![false; graph.packages.len()];
    let mut next = graph.roots.clone();
    next.iter().for_each(|root| seen[root.at()] = true);
    while let Some(id) = next.pop() {
        for edge in graph.edges_of(id).iter().filter(|edge| follow(edge.scope)) {
            if !std::mem::replace(&mut seen[edge.to.at()], true) {
                next.push(edge.to);
            }
        }
    }
    seen
}
