//! The package as the rules see it: its files, manifests and sources.

use artifact::{File, Tree};
use model::{Coverage, Ecosystem, Facts, Gap, GapKind, Parsed, Problem, Target};
use rustc_hash::FxHashMap;
use syntax::Language;

use crate::{
    binary::{self, Binary},
    package::{self, Package},
    phase,
    rules::query::host_of,
    source::Source,
};

/// So many bytes of compiled files are looked at in one package.
const BINARY_BYTES: usize = 96 << 20;

/// The package as the rules see it.
pub struct Subject {
    /// What the asker knew of it.
    pub target: Target,
    /// The unpacked artifact.
    pub tree: Tree,
    /// What it says of itself.
    pub facts: Facts,
    /// `package.json`, if it is an npm package.
    pub npm: Option<ecosystem::npm::manifest::Manifest>,
    /// `pyproject.toml`, if there is one.
    pub pyproject: Option<ecosystem::pypi::manifest::Pyproject>,
    /// `Cargo.toml`, if it is a crate.
    pub cargo: Option<ecosystem::cargo::manifest::Manifest>,
    /// The gem's specification, if it is a gem.
    pub gem: Option<ecosystem::gem::manifest::Specification>,
    /// Every source text.
    pub sources: Vec<Source>,
    /// Every compiled file: its path, and what it could do.
    pub binaries: Vec<(String, Binary)>,
    /// Oddities of the container and its files.
    pub problems: Vec<Problem>,
    /// The addresses by which the package says where it is at home.
    addresses: Vec<String>,
    /// The folder that holds the whole package.
    root: Option<String>,
    /// Sources by their path below that folder.
    by_path: FxHashMap<String, usize>,
}

/// Domains below which anybody can have a host. Sorted.
const SHARED: &[&str] = &[
    "amazonaws.com",
    "appspot.com",
    "azurewebsites.net",
    "cloudfront.net",
    "github.com",
    "github.io",
    "gitlab.io",
    "googleapis.com",
    "herokuapp.com",
    "netlify.app",
    "ngrok.io",
    "pages.dev",
    "readthedocs.io",
    "vercel.app",
    "windows.net",
    "workers.dev",
];

/// The steps that following calls and loops may take in a whole package, what every file gets when they are used up, and how
/// much of that there is. Of ten thousand files the last ones are read once and no more.
const MOST_STEPS: u64 = 6_000_000;
const LEAST_STEPS: u64 = 60_000;
const SPARE_STEPS: u64 = 4_000_000;

/// The steps that are left for a package.
struct Purse {
    steps: u64,
    spare: u64,
}

impl Purse {
    /// What the next file may spend.
    fn grant(&self) -> u64 {
        self.steps.max(LEAST_STEPS.min(self.spare / 32)).max(1_000)
    }

    fn pay(&mut self, spent: u64) {
        let own = spent.min(self.steps);
        self.steps -= own;
        self.spare = self.spare.saturating_sub(spent - own);
    }
}

impl Subject {
    /// Reads everything in an opened artifact.
    pub fn read(target: &Target, parsed: Parsed<Tree>, careful: bool) -> Self {
        let Parsed { value: tree, problems } = parsed;
        let mut subject = Self {
            target: target.clone(),
            facts: Facts { format: tree.format.as_str().into(), ..Facts::default() },
            npm: None,
            pyproject: None,
            cargo: None,
            gem: None,
            sources: Vec::new(),
            binaries: Vec::new(),
            problems,
            addresses: Vec::new(),
            root: root_of(&tree),
            by_path: FxHashMap::default(),
            tree,
        };
        subject.read_manifests();
        subject.read_sources(careful);
        subject.read_binaries();
        phase::assign(&mut subject);
        let mut more: Vec<Problem> = subject.sources.iter().flat_map(|source| source.problems.clone()).collect();
        subject.problems.append(&mut more);
        subject
    }

    /// The path of a file below the package's top folder.
    pub fn inner<'p>(&self, path: &'p str) -> &'p str {
        package::inner(self.root.as_deref(), path)
    }

    /// A file below the top folder.
    pub fn file(&self, inner: &str) -> Option<&File> {
        self.tree.files.iter().find(|file| self.inner(&file.path) == inner)
    }

    /// The source of this path below the top folder.
    pub fn source_at(&self, inner: &str) -> Option<usize> {
        self.by_path.get(inner).copied()
    }

    /// Whether a host is the one that the package names as its home: the same domain, where that is not shared by many; or one
    /// that is called as the package is.
    pub fn is_own_host(&self, host: &str) -> bool {
        let domain = |host: &str| {
            let mut labels = host.rsplit('.');
            let (last, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
            (second.len() > 3 && labels.next().is_some() || host.matches('.').count() == 1)
                .then(|| format!("{second}.{last}"))
        };
        let Some(own) = domain(host).filter(|own| !SHARED.contains(&own.as_str())) else { return false };
        let named = own.split('.').next().is_some_and(|label| {
            label.len() > 3
                && self
                    .facts
                    .name
                    .as_deref()
                    .unwrap_or_default()
                    .split(['@', '/'])
                    .any(|part| part.eq_ignore_ascii_case(label))
        });
        if named {
            return true;
        }
        self.addresses
            .iter()
            .any(|address| host_of(address).and_then(|home| domain(&home)).is_some_and(|home| home == own))
    }

    fn read_manifests(&mut self) {
        let text_of = |subject: &Self, name: &str| subject.file(name).map(|file| file.bytes.clone());
        if let Some(bytes) = text_of(self, "package.json") {
            self.npm = Some(ecosystem::npm::manifest::read(&bytes).value);
        }
        if let Some(bytes) = text_of(self, "pyproject.toml") {
            self.pyproject = Some(ecosystem::pypi::manifest::read_pyproject(&bytes).value);
        }
        if let Some(bytes) = text_of(self, "Cargo.toml") {
            self.cargo = Some(ecosystem::cargo::manifest::read(&bytes).value);
        }
        let gem = self
            .tree
            .files
            .iter()
            .find(|file| file.path.ends_with("metadata.gz!metadata") || file.path == "metadata.gz!");
        self.gem = gem.map(|file| ecosystem::gem::manifest::read_yaml(&file.bytes));
        if self.gem.is_none() {
            let spec = self.tree.files.iter().find(|file| file.depth == 0 && file.path.ends_with(".gemspec"));
            self.gem = spec.map(|file| ecosystem::gem::manifest::read_gemspec(&file.bytes));
        }
        self.facts.ecosystem = self.target.ecosystem.or_else(|| self.guess_ecosystem());
        (self.facts.name, self.facts.version) = self.own_name();
    }

    fn guess_ecosystem(&self) -> Option<Ecosystem> {
        let has = |test: &dyn Fn(&str) -> bool| self.tree.files.iter().any(|file| test(self.inner(&file.path)));
        if self.gem.is_some() {
            Some(Ecosystem::Gem)
        } else if has(&|path| path == "PKG-INFO" || path == "setup.py" || path.ends_with(".dist-info/METADATA")) {
            Some(Ecosystem::Pypi)
        } else if self.cargo.is_some() && self.npm.is_none() {
            Some(Ecosystem::Cargo)
        } else if self.npm.is_some() {
            Some(Ecosystem::Npm)
        } else if self.pyproject.is_some() || has(&|path| path.ends_with(".py") || path.ends_with(".pth")) {
            Some(Ecosystem::Pypi)
        } else if has(&|path| Language::of(path, b"") == Some(Language::JavaScript)) {
            Some(Ecosystem::Npm)
        } else if has(&|path| path.ends_with(".rb")) {
            Some(Ecosystem::Gem)
        } else if has(&|path| path.ends_with(".rs")) {
            Some(Ecosystem::Cargo)
        } else {
            None
        }
    }

    fn own_name(&mut self) -> (Option<String>, Option<String>) {
        match self.facts.ecosystem {
            Some(Ecosystem::Npm) => self.npm.as_ref().map(|one| (one.name.clone(), one.version.clone())),
            Some(Ecosystem::Cargo) => self.cargo.as_ref().map(|one| (one.name.clone(), one.version.clone())),
            Some(Ecosystem::Gem) => self.gem.as_ref().map(|one| (one.name.clone(), one.version.clone())),
            Some(Ecosystem::Pypi) => {
                let metadata = self.tree.files.iter().find(|file| {
                    let path = self.inner(&file.path);
                    path == "PKG-INFO" || path.ends_with(".dist-info/METADATA") && path.matches('/').count() == 1
                });
                metadata.map(|file| {
                    let metadata = ecosystem::pypi::manifest::read_metadata(&file.bytes).value;
                    self.addresses.extend(metadata.addresses);
                    (metadata.name, metadata.version)
                })
            }
            None => None,
        }
        .unwrap_or_default()
    }

    fn read_sources(&mut self, careful: bool) {
        let package = Package::new(&self.tree, self.root.as_deref());
        let mut found = Vec::new();
        for (at, file) in self.tree.files.iter().enumerate() {
            let inner = self.inner(&file.path);
            if file.nested || inner.ends_with(".pyi") || inner.ends_with(".d.ts") {
                continue;
            }
            if let Some(language) = Language::of(inner, &file.bytes) {
                found.push((phase::turn(self, inner), at, language));
            }
        }
        // What runs by itself is read first, while there is most to spend; the sources stand as the files do all the same.
        found.sort_by_key(|(turn, at, _)| (*turn, *at));
        let mut purse = Purse { steps: MOST_STEPS, spare: SPARE_STEPS };
        let mut sources: Vec<(usize, Source)> = Vec::with_capacity(found.len());
        for (_, at, language) in found {
            let file = &self.tree.files[at];
            let (text, _) = syntax::text::decode(&file.bytes);
            let text = if file.path.ends_with(".pth") { import_lines(&text).into() } else { text };
            let source = Source::read(&package, &file.path, language, text, careful, purse.grant());
            purse.pay(source.seen.steps);
            sources.push((at, source));
        }
        sources.sort_by_key(|(at, _)| *at);
        let mut sources: Vec<Source> = sources.into_iter().map(|(_, source)| source).collect();
        for (at, source) in sources.iter().enumerate() {
            self.by_path.insert(self.inner(&source.path).to_owned(), at);
        }
        // The scripts share the path of their manifest, which nobody imports.
        sources.extend(self.script_sources(careful));
        self.sources = sources;
    }

    fn read_binaries(&mut self) {
        let mut left = BINARY_BYTES;
        for file in self.tree.files.iter().filter(|file| !file.nested && !file.shadowed) {
            // What is larger than what is left is looked at no more; its size is no sign of anything.
            if file.bytes.len() <= left
                && let Some(found) = binary::look(&file.bytes)
            {
                left -= file.bytes.len();
                self.binaries.push((file.path.clone(), found));
            }
        }
    }

    /// The scripts of `package.json` are shell sources of their own.
    fn script_sources(&self, careful: bool) -> Vec<Source> {
        let (Some(npm), Some(file)) = (&self.npm, self.file("package.json")) else { return Vec::new() };
        if self.facts.ecosystem != Some(Ecosystem::Npm) {
            return Vec::new();
        }
        let manifest = String::from_utf8_lossy(&file.bytes).into_owned();
        let alone = Package::new(&self.tree, None);
        let mut sources = Vec::new();
        for (name, script) in &npm.scripts {
            if !phase::runs_at_install(name) {
                continue;
            }
            let line = manifest
                .lines()
                .position(|line| line.contains(&format!("\"{name}\"")) && line.contains(':'))
                .map_or(1, |at| at as u32 + 1);
            let mut source =
                Source::read(&alone, &file.path, Language::Shell, script.as_str().into(), careful, LEAST_STEPS);
            source.pin(line);
            source.text = manifest.clone();
            source.phase = model::Phase::Install;
            source.is_program = true;
            source.is_aside = false;
            sources.push(source);
        }
        sources
    }

    /// What was and was not looked at.
    pub fn coverage(&self) -> Coverage {
        let mut gaps: Vec<Gap> = self.tree.gaps.clone();
        gaps.extend(self.sources.iter().flat_map(|source| source.seen.gaps.clone()));
        if self.tree.files.is_empty() {
            gaps.push(Gap::new(GapKind::Unreadable, "", "the package holds no file"));
        }
        Coverage {
            files: self.tree.files.len() as u64,
            parsed: self.sources.len() as u64,
            bytes: self.tree.bytes(),
            gaps,
        }
    }
}

/// The folder that holds the whole package. A wheel has none even when all its files lie in one folder. Entries that try to
/// leave the archive have no folder of their own and do not count: they must not change what the others are.
fn root_of(tree: &Tree) -> Option<String> {
    let mut tops = tree.files.iter().filter(|file| file.depth == 0 && !file.path.starts_with('!'));
    let first = tops.next()?;
    let root = first.path.split_once('/').map_or("", |(root, _)| root);
    let inside = |file: &File| file.path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    let whole = tree.files.iter().filter(|file| file.depth == 0 && !file.path.starts_with('!'));
    let (within, strays): (Vec<&File>, Vec<&File>) = whole.partition(|file| inside(file));
    let named = !root.is_empty()
        && (strays.is_empty() || within.len() > 1 && strays.len() == 1 && !strays[0].path.contains('/'));
    if !named || matches!(root, "data.tar.gz" | "src" | "lib") {
        return None;
    }
    let package = format!("{root}/__init__.py");
    (!tree.files.iter().any(|file| file.path == package)).then(|| root.to_owned())
}

/// The lines of a `.pth` file that Python runs: those that start with `import`. The others stay as empty lines.
fn import_lines(text: &str) -> String {
    text.lines()
        .map(|line| if line.starts_with("import ") || line.starts_with("import\t") { line } else { "" })
        .collect::<Vec<_>>()
        .join("\n")
}
