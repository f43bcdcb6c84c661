//! `conda-lock.yml`, `conan.lock`, `.terraform.lock.hcl` and `mix.lock`.

use model::{Address, Checksum, Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{
    Files, Lockfile, base,
    checksums::{bare_hex, of_word},
    flat::Flat,
    index::Index,
    purl::named,
};
use crate::document::Document;

/// The lockfile of conda-lock, which has packages of pip as well.
#[derive(Debug, Clone, Copy)]
pub struct CondaLock;

/// The lockfile of Conan, of version 2.
#[derive(Debug, Clone, Copy)]
pub struct ConanLock;

/// The lockfile of Terraform's providers.
#[derive(Debug, Clone, Copy)]
pub struct TerraformLock;

/// The lockfile of Elixir.
#[derive(Debug, Clone, Copy)]
pub struct MixLock;

impl Lockfile for CondaLock {
    fn name(&self) -> &'static str {
        "conda-lock"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path);
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        is_yaml && (name.starts_with("conda-lock.") || name.contains(".conda-lock."))
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::CONDA);
        let document = Document::yaml(files.text());
        flat.reading.syntax(&document);
        let mut index = Index::default();
        let mut all = Vec::new();
        for entry in document.root().children().flat_map(|root| root.inside("package")) {
            let name = entry.str("name").unwrap_or_default();
            let is_pip = entry.str("manager") == Some("pip");
            let kind = if is_pip { PackageType::PYPI } else { PackageType::CONDA };
            let hashes: Vec<Checksum> =
                entry.inside("hash").filter_map(|hash| of_word(hash.key(), hash.text())).collect();
            let address = entry.str("url").map(Address::new);
            let name_of = named(&kind, name);
            let package = Dependency::new(kind, name_of).version(entry.str("version").unwrap_or_default());
            let package = package.source(Source::Registry(address)).checksums(hashes).line(entry.line());
            let Some(id) = flat.reading.add(package) else { break };
            // The same package stands there once for each platform.
            index.insert(format!("{} {name}", entry.str("platform").unwrap_or_default()), id);
            all.push((id, entry));
        }
        let mut is_asked = vec![false; flat.reading.graph.packages().len()];
        for (id, entry) in &all {
            for asked in entry.inside("dependencies") {
                // Virtual packages (__glibc) describe the machine, and are none.
                let key = format!("{} {}", entry.str("platform").unwrap_or_default(), asked.key());
                if let Some(to) = index.first(&key).filter(|to| to != id) {
                    is_asked[to.0 as usize] = true;
                    flat.reading.graph.connect(*id, to, Why::new(Scope::Normal).requirement(asked.text()));
                }
            }
        }
        for (id, entry) in all.into_iter().filter(|(id, _)| !is_asked[id.0 as usize]) {
            let category = entry.str("category").unwrap_or("main");
            flat.ask(id, Why::new(if category == "main" { Scope::Normal } else { Scope::Dev }).group(category));
        }
        flat.reading.finish()
    }
}

impl Lockfile for ConanLock {
    fn name(&self) -> &'static str {
        "conan.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "conan.lock"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::CONAN);
        let document = Document::json(files.text());
        flat.reading.syntax(&document);
        let sections =
            [("requires", Scope::Normal), ("build_requires", Scope::Build), ("python_requires", Scope::Build)];
        for (section, scope) in sections {
            for entry in document.root().inside(section) {
                // name/version@user/channel#revision%timestamp
                let text = entry.text().split(['#', '%']).next().unwrap_or_default();
                let (name, version) = text.split_once('/').unwrap_or((text, ""));
                let version = version.split('@').next().unwrap_or(version);
                let package = Dependency::new(PackageType::CONAN, name).version(version);
                let package = package.source(Source::Registry(None)).line(entry.line());
                flat.add(package, Why::new(scope).requirement(entry.text()));
            }
        }
        flat.reading.finish()
    }
}

impl Lockfile for TerraformLock {
    fn name(&self) -> &'static str {
        ".terraform.lock.hcl"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == ".terraform.lock.hcl"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::TERRAFORM);
        let mut provider: Option<Dependency> = None;
        let mut range = String::new();
        for (line, content) in (1..).zip(files.text().lines()) {
            let content = content.trim();
            if let Some(rest) = content.strip_prefix("provider ") {
                let address = rest.trim_end_matches('{').trim().trim_matches('"');
                // The first part is the registry's host.
                let name = address.split_once('/').map_or(address, |(_, name)| name);
                let source = Source::Registry(Some(Address::new(address)));
                provider = Some(Dependency::new(PackageType::TERRAFORM, name).source(source).line(line));
                range.clear();
            } else if content == "}" {
                if let Some(provider) = provider.take() {
                    flat.add(provider, Why::new(Scope::Normal).requirement(&range));
                }
            } else if let Some((key, value)) = content.split_once('=') {
                let value = value.trim().trim_matches('"');
                match key.trim() {
                    "version" => provider = provider.map(|one| one.version(value)),
                    "constraints" => range = value.to_owned(),
                    _ => {}
                }
            } else if let (Some(hash), Some(provider)) = (content.strip_prefix("\"zh:"), provider.as_mut()) {
                // `zh:` is the hash of the archive; `h1:` one over its files.
                provider.checksums.extend(bare_hex(hash.trim_end_matches([',', '"'])));
            }
        }
        if let Some(provider) = provider {
            flat.reading.problem("syntax-error", provider.place.line, "the block has no end");
            flat.need(provider);
        }
        flat.reading.finish()
    }
}

impl Lockfile for MixLock {
    fn name(&self) -> &'static str {
        "mix.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "mix.lock"
    }

    /// `"name": {:hex, :name, "1.0.0", "inner hash", [:mix], [dependencies], "hexpm", "outer hash"},` one a line.
    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::HEX);
        let mut index = Index::default();
        let mut asking = Vec::new();
        for (line, content) in (1..).zip(files.text().lines()) {
            let content = content.trim();
            let Some((name, rest)) = content.strip_prefix('"').and_then(|rest| rest.split_once("\":")) else {
                if !matches!(content, "" | "%{" | "}" | "%{}") {
                    flat.reading.problem("syntax-error", line, "the line is no entry");
                }
                continue;
            };
            let texts: Vec<&str> = rest.split('"').skip(1).step_by(2).collect();
            let is_git = rest.trim_start().starts_with("{:git");
            let package = if is_git {
                let address = Address::new(texts.first().copied().unwrap_or_default());
                let revision = texts.get(1).map(|one| (*one).to_owned());
                Dependency::new(PackageType::HEX, name).source(Source::Git(address, revision))
            } else {
                // An alias: the second word is the real name.
                let real = rest.split(':').nth(2).and_then(|word| word.split([',', ' ']).next()).unwrap_or(name);
                let hash = texts.last().and_then(|hex| bare_hex(hex));
                let version = texts.first().copied().unwrap_or_default();
                let package = Dependency::new(PackageType::HEX, real.trim_matches('"')).version(version);
                package.source(Source::Registry(None)).checksums(hash.into_iter().collect())
            };
            let Some(id) = flat.reading.add(package.line(line)) else { break };
            index.insert(name, id);
            // What it asks for: {:name, "range", [...]}, behind the first brace.
            let asked = rest.split("{:").skip(2).filter_map(|part| part.split([',', '}']).next());
            asking.push((id, asked.map(|name| name.trim().to_owned()).collect::<Vec<_>>()));
        }
        let mut is_asked = vec![false; flat.reading.graph.packages().len()];
        for (id, asked) in &asking {
            for to in asked.iter().filter_map(|name| index.first(name)).filter(|to| to != id) {
                is_asked[to.0 as usize] = true;
                flat.reading.graph.connect(*id, to, Why::new(Scope::Normal));
            }
        }
        // The manifest is a program: what nobody asks for was asked for by the project.
        for (id, _) in asking.into_iter().filter(|(id, _)| !is_asked[id.0 as usize]) {
            flat.ask(id, Why::new(Scope::Normal));
        }
        flat.reading.finish()
    }
}
