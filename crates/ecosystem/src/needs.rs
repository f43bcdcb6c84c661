//! What a published package needs beside itself to run, as its own manifest says.

use artifact::Tree;
use model::Ecosystem;

use crate::{
    lockfile::Requirement,
    npm::{
        self,
        manifest::{Dependency, Group},
    },
    pypi,
};

/// One package that another needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The name under which it is imported; npm lets it differ from the package's.
    pub alias: String,
    /// The package's name.
    pub name: String,
    /// The versions that fit, in the ecosystem's own words.
    pub requirement: String,
    /// Whether the package runs without it as well.
    pub optional: bool,
}

/// What a package needs on a usual Linux machine. Addresses, paths and what is only for developers are left out; of
/// ecosystems without a way to run their packages nothing is known.
pub fn needs(ecosystem: Ecosystem, tree: &Tree) -> Vec<Need> {
    match ecosystem {
        Ecosystem::Npm => of_npm(tree),
        Ecosystem::Pypi => of_pypi(tree),
        Ecosystem::Cargo | Ecosystem::Gem => Vec::new(),
    }
}

fn of_npm(tree: &Tree) -> Vec<Need> {
    let Some(file) = tree.inside("package.json") else { return Vec::new() };
    let manifest = npm::manifest::read(&file.bytes).value;
    let bundled: Vec<&str> =
        manifest.dependencies.iter().filter(|one| one.group == Group::Bundled).map(|one| one.name.as_str()).collect();
    let wanted = manifest.dependencies.iter().filter(|one| !bundled.contains(&one.name.as_str()));
    let need = |one: &Dependency| {
        let optional = match one.group {
            Group::Normal => false,
            Group::Optional | Group::Peer => true,
            Group::Development | Group::Bundled => return None,
        };
        let (name, requirement) = match one.requirement.strip_prefix("npm:") {
            // The `@` of a scope stands at the start; the one of the version does not.
            Some(other) => match other.rfind('@').filter(|at| *at > 0) {
                Some(at) => (&other[..at], &other[at + 1..]),
                None => (other, ""),
            },
            None => (one.name.as_str(), one.requirement.as_str()),
        };
        let is_elsewhere = requirement.contains([':', '/']);
        (!is_elsewhere).then(|| Need {
            alias: one.name.clone(),
            name: name.into(),
            requirement: requirement.trim().into(),
            optional,
        })
    };
    wanted.filter_map(need).collect()
}

fn of_pypi(tree: &Tree) -> Vec<Need> {
    let is_metadata = |path: &str| {
        let depth = path.matches('/').count();
        (path.ends_with(".dist-info/METADATA") || path.ends_with("PKG-INFO")) && depth <= 2
    };
    // A source archive may hold its metadata twice; the one in the `.egg-info` folder lists what it requires.
    let metadata = tree.files.iter().filter(|file| file.depth == 0 && is_metadata(&file.path));
    let mut required: Vec<String> = metadata
        .map(|file| pypi::manifest::read_metadata(&file.bytes).value.requires)
        .find(|all| !all.is_empty())
        .unwrap_or_default();
    if required.is_empty()
        && let Some(file) = tree.inside("pyproject.toml")
    {
        required = pypi::manifest::read_pyproject(&file.bytes).value.requires;
    }
    let need = |text: &String| {
        let one = Requirement::parse(text).filter(|one| one.address.is_none() && holds_here(&one.marker))?;
        Some(Need { alias: one.name.clone(), name: one.name, requirement: one.specifier, optional: false })
    };
    required.iter().filter_map(need).collect()
}

/// Whether a marker of PEP 508 may hold on Linux without extras. What cannot be judged may.
fn holds_here(marker: &str) -> bool {
    let compact: String = marker.chars().filter(|c| !c.is_whitespace()).collect::<String>().replace('\'', "\"");
    let elsewhere =
        ["extra==", "==\"win32\"", "==\"Windows\"", "==\"darwin\"", "==\"Darwin\"", "==\"nt\"", "==\"PyPy\""];
    // Backports for versions of Python that nobody runs any more are not needed.
    let before = |rest: &str| rest.split('"').next().and_then(|number| number.parse::<u32>().ok());
    let is_old = ["python_version<\"3.", "python_full_version<\"3."]
        .iter()
        .filter_map(|start| compact.split_once(start).and_then(|(_, rest)| before(rest)))
        .any(|minor| minor <= 9);
    let is_elsewhere = elsewhere.iter().any(|part| compact.contains(part));
    !is_elsewhere && !is_old && !compact.contains("python_version<\"3\"") && !compact.contains("python_version==\"2")
}

#[cfg(test)]
mod tests {
    use artifact::Limits;

    use super::*;
    use crate::registry;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
        let bytes = testkit::archive::tgz(&files);
        artifact::open(&bytes, &Limits::default()).expect("an archive").value
    }

    fn texts(needs: &[Need]) -> Vec<String> {
        needs.iter().map(|one| format!("{}={}@{}", one.alias, one.name, one.requirement)).collect()
    }

    #[test]
    fn npm_asks_for_what_runs_and_not_for_what_is_elsewhere() {
        let manifest = r#"{"dependencies": {"a": "^1.2", "b": "npm:@s/c@~2.0", "d": "github:x/y", "e": "file:../e", "z": "1"},
            "devDependencies": {"t": "*"}, "peerDependencies": {"p": ">=1"}, "bundleDependencies": ["z"]}"#;
        let found = needs(Ecosystem::Npm, &tree(&[("package/package.json", manifest)]));
        assert_eq!(texts(&found), ["a=a@^1.2", "b=@s/c@~2.0", "p=p@>=1"]);
    }

    #[test]
    fn python_asks_for_what_this_machine_needs() {
        let metadata = "Metadata-Version: 2.1\nName: x\nVersion: 1\nRequires-Dist: Foo_Bar (>=1,<2)\n\
            Requires-Dist: win ; sys_platform == 'win32'\nRequires-Dist: extra ; extra == 'test'\n\
            Requires-Dist: old ; python_version < \"3.8\"\nRequires-Dist: tomli ; python_version < '3.11'\n\n";
        let found = needs(Ecosystem::Pypi, &tree(&[("x-1/PKG-INFO", metadata)]));
        assert_eq!(texts(&found), ["foo-bar=foo-bar@>=1,<2", "tomli=tomli@"]);
    }

    #[test]
    fn each_ecosystem_knows_what_fits() {
        let allows =
            |ecosystem, wanted, version: &str| registry(ecosystem).allows(wanted, &model::Version(version.into()));
        assert!(allows(Ecosystem::Npm, "^1.2 || 3", "1.9.0") && !allows(Ecosystem::Npm, "^1.2", "2.0.0"));
        assert!(allows(Ecosystem::Pypi, "~=1.4", "1.9") && !allows(Ecosystem::Pypi, "<2,>=1", "2.0"));
        assert!(allows(Ecosystem::Cargo, "0.3", "0.3.9") && !allows(Ecosystem::Cargo, "0.3", "0.4.0"));
        assert!(allows(Ecosystem::Gem, "", "1.0") && !allows(Ecosystem::Gem, "2.0", "1.0"));
    }
}
