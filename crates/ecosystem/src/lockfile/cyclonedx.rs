//! Bills of materials of CycloneDX, as JSON and as XML, of every version.
//!
//! Format: <https://cyclonedx.org/specification/overview/>.

use model::{Checksum, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::of_word, index::Index, purl::purl, shown};
use crate::document::{Document, Node};

/// The bills of materials of CycloneDX.
#[derive(Debug, Clone, Copy)]
pub struct CycloneDx;

impl Lockfile for CycloneDx {
    fn name(&self) -> &'static str {
        "CycloneDX"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path).to_ascii_lowercase();
        let is_plain = matches!(&*name, "bom.json" | "bom.xml" | "sbom.json" | "sbom.xml");
        is_plain || name.ends_with(".cdx.json") || name.ends_with(".cdx.xml") || name.ends_with(".cyclonedx.json")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let is_xml = files.text().trim_start().starts_with('<');
        // A bill without a telling name may be one of SPDX.
        if !is_xml && files.text().contains("\"spdxVersion\"") && !files.text().contains("\"bomFormat\"") {
            return super::spdx::Spdx.read(files);
        }
        let mut bill =
            Bill { reading: Reading::new(files.path()), index: Index::default(), all: Vec::new(), root: None };
        if is_xml {
            let document = Document::xml(files.text());
            bill.reading.syntax(&document);
            let root = document.root().children().next().unwrap_or(document.root());
            bill.read(root, Form::Xml);
        } else {
            let document = Document::json(files.text());
            bill.reading.syntax(&document);
            bill.read(document.root(), Form::Json);
        }
        bill.reading.finish()
    }
}

/// In which of its two forms a bill is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Xml,
}

impl Form {
    fn text<'d>(self, node: Node<'d, '_>, key: &str) -> &'d str {
        node.get(key).map_or("", Node::text)
    }

    fn attribute<'d>(self, node: Node<'d, '_>, key: &str) -> &'d str {
        match self {
            Self::Json => self.text(node, key),
            Self::Xml => self.text(node, &format!("@{key}")),
        }
    }
}

struct Bill {
    reading: Reading,
    index: Index,
    all: Vec<(NodeId, Scope)>,
    root: Option<NodeId>,
}

impl Bill {
    fn read(&mut self, root: Node<'_, '_>, form: Form) {
        if root.get("components").is_none() && root.get("metadata").is_none() {
            self.reading.problem("not-this-format", 0, "it has no components");
        }
        let subject = root.get("metadata").and_then(|metadata| metadata.get("component"));
        let project = match subject {
            Some(subject) => self.described(subject, form),
            None => Dependency::new(PackageType::GENERIC, base(&self.reading.path)).line(1),
        };
        let Some(id) = self.reading.graph.root(project.source(Source::Path(".".into()))) else { return };
        self.root = Some(id);
        if let Some(subject) = subject {
            self.name(subject, form, id);
            self.components(subject, form);
        }
        self.components(root, form);
        self.edges(root, form);
    }

    /// Components may hold components; the document's own limit bounds the depth.
    fn components(&mut self, holder: Node<'_, '_>, form: Form) {
        let mut open: Vec<Node<'_, '_>> = holder.inside("components").collect();
        open.reverse();
        while let Some(component) = open.pop() {
            let package = self.described(component, form);
            let scope = match form.text(component, "scope") {
                "optional" | "excluded" => Scope::Optional,
                _ => Scope::Normal,
            };
            // Files and operating systems are listed too; they are no packages, unless they say so by a purl.
            let is_file = matches!(form.attribute(component, "type"), "file" | "data" | "cryptographic-asset");
            if !(is_file && component.get("purl").is_none()) {
                let Some(id) = self.reading.add(package) else { return };
                self.name(component, form, id);
                self.all.push((id, scope));
            }
            let inner: Vec<Node<'_, '_>> = component.inside("components").collect();
            open.extend(inner.into_iter().rev());
        }
    }

    fn name(&mut self, component: Node<'_, '_>, form: Form, id: NodeId) {
        let reference = form.attribute(component, "bom-ref");
        let keys = [reference, form.text(component, "purl")];
        keys.into_iter().filter(|key| !key.is_empty()).for_each(|key| self.index.insert(key, id));
    }

    fn described(&mut self, component: Node<'_, '_>, form: Form) -> Dependency {
        let address = form.text(component, "purl");
        let (group, name) = (form.text(component, "group"), form.text(component, "name"));
        let named = || {
            let name = if group.is_empty() { name.to_owned() } else { format!("{group}/{name}") };
            Dependency::new(PackageType::GENERIC, name)
        };
        let package = purl(address).unwrap_or_else(named);
        if !address.is_empty() && package.kind == PackageType::GENERIC && !address.starts_with("pkg:generic") {
            self.reading.problem("malformed-purl", component.line(), format!("{} is no purl", shown(address)));
        }
        let package = match package.version {
            Some(_) => package,
            None => package.version(form.text(component, "version")),
        };
        // Some tools write the hashes beside the addresses of the files.
        let files = component.inside("externalReferences");
        let files = files.filter(|file| form.attribute(*file, "type").starts_with("distribution"));
        let hashes = component.inside("hashes").chain(files.flat_map(|file| file.inside("hashes")));
        let hashes = hashes.filter_map(|hash| match form {
            Form::Json => of_word(form.text(hash, "alg"), form.text(hash, "content")),
            Form::Xml => of_word(form.attribute(hash, "alg"), hash.text()),
        });
        let hashes: Vec<Checksum> = hashes.collect();
        package.checksums(hashes).line(component.line())
    }

    fn edges(&mut self, root: Node<'_, '_>, form: Form) {
        let Some(project) = self.root else { return };
        let mut is_told = vec![false; self.reading.graph.packages().len()];
        for entry in root.inside("dependencies") {
            let reference = form.attribute(entry, "ref");
            let Some(from) = self.index.first(reference) else {
                self.reading.problem("missing-package", entry.line(), format!("{} is no component", shown(reference)));
                continue;
            };
            let targets: Vec<Node<'_, '_>> = match form {
                Form::Json => entry.inside("dependsOn").collect(),
                Form::Xml => entry.named("dependency").collect(),
            };
            for target in targets {
                let reference = if form == Form::Json { target.text() } else { form.attribute(target, "ref") };
                match self.index.first(reference) {
                    Some(to) => {
                        is_told[to.0 as usize] = true;
                        let scope = self
                            .all
                            .binary_search_by_key(&to, |(id, _)| *id)
                            .map_or(Scope::Normal, |at| self.all[at].1);
                        self.reading.graph.connect(from, to, Why::new(scope));
                    }
                    None => {
                        let detail = format!("{} is no component", shown(reference));
                        self.reading.problem("missing-package", target.line(), detail);
                    }
                }
            }
        }
        // What no edge leads to is there for the project.
        for (id, scope) in std::mem::take(&mut self.all) {
            if !is_told[id.0 as usize] {
                self.reading.graph.connect(project, id, Why::new(scope));
            }
        }
    }
}
