//! What formats without edges share: a project, and packages that it asks for.

use model::{Dependency, NodeId, PackageType, Scope, Source, Why};

use super::{Reading, base};

/// A graph of one project and what it asks for.
pub(super) struct Flat {
    pub reading: Reading,
    project: Option<NodeId>,
}

impl Flat {
    pub fn new(path: &str, kind: PackageType) -> Self {
        let mut reading = Reading::new(path);
        let project = Dependency::new(kind, base(path)).source(Source::Path(path.into())).line(1);
        let project = reading.graph.root(project);
        Self { reading, project }
    }

    /// A package for a reason. Its id is for those formats that do have edges.
    pub fn add(&mut self, package: Dependency, why: Why<'_>) -> Option<NodeId> {
        let id = self.reading.add(package)?;
        self.ask(id, why);
        Some(id)
    }

    /// The project asks for a package that is there already.
    pub fn ask(&mut self, id: NodeId, why: Why<'_>) {
        if let Some(project) = self.project {
            self.reading.graph.connect(project, id, why);
        }
    }

    /// A package that the project needs.
    pub fn need(&mut self, package: Dependency) -> Option<NodeId> {
        self.add(package, Why::new(Scope::Normal))
    }
}
