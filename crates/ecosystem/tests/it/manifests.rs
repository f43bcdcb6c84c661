use ecosystem::{
    cargo::manifest::{self as cargo, Build},
    gem::manifest as gem,
    npm::manifest::{self as npm, Group},
    pypi::manifest as pypi,
};

fn texts(values: &[String]) -> Vec<&str> {
    values.iter().map(String::as_str).collect()
}

#[test]
fn npm_manifests() {
    let parsed = npm::read(include_bytes!("../../../../fixtures/npm/package.json"));
    assert!(parsed.problems.is_empty());
    let manifest = parsed.value;
    assert_eq!((manifest.name.as_deref(), manifest.version.as_deref()), (Some("@scope/tool"), Some("1.2.3")));
    assert_eq!(manifest.description, None);
    assert_eq!(manifest.repository.as_deref(), Some("git+https://code.example/scope/tool.git"));
    assert_eq!((manifest.main.as_deref(), manifest.module.as_deref()), (Some("lib/index.js"), Some("lib/index.mjs")));
    assert_eq!(texts(&manifest.exports), ["./lib/index.mjs", "./lib/index.js", "./lib/sub/*.js"]);
    assert_eq!(manifest.bin, [("tool".to_owned(), "./cli.js".to_owned())]);
    assert_eq!(manifest.script("preinstall"), Some("node setup.js"));
    assert_eq!(manifest.script("wrong"), None);
    let groups: Vec<_> = manifest.dependencies.iter().map(|one| (one.name.as_str(), one.group)).collect();
    assert_eq!(groups, [("left", Group::Normal), ("right", Group::Development), ("left", Group::Bundled)]);
    assert!(manifest.is_module);
    assert_eq!(manifest.gypfile, Some(false));
    for broken in [&b"{"[..], b"[1]", b"\xff\xfe", b""] {
        assert_eq!(npm::read(broken).problems.len(), 1);
    }
    assert_eq!(npm::read(b"\xef\xbb\xbf{\"name\": \"x\"}").value.name.as_deref(), Some("x"));
}

#[test]
fn python_manifests() {
    let metadata = pypi::read_metadata(include_bytes!("../../../../fixtures/pypi/PKG-INFO")).value;
    assert_eq!((metadata.name.as_deref(), metadata.version.as_deref()), (Some("My_Project"), Some("1.0")));
    assert_eq!(texts(&metadata.addresses), ["https://code.example/my-project"]);
    assert_eq!(texts(&metadata.requires), ["other (>=1)"]);
    assert_eq!(pypi::read_metadata(b"").problems.len(), 1);

    let project = pypi::read_pyproject(include_bytes!("../../../../fixtures/pypi/pyproject.toml")).value;
    assert!(project.has_build_system);
    assert_eq!(project.backend.as_deref(), Some("backend"));
    assert_eq!(texts(&project.backend_path), ["_build"]);
    let points: Vec<_> = project
        .entry_points
        .iter()
        .map(|one| (one.group.as_str(), one.module.as_str(), one.attribute.as_str()))
        .collect();
    assert_eq!(points, [("console_scripts", "my_project.cli", "main"), ("pytest11", "my_project.plug", "")]);
    assert_eq!(pypi::read_pyproject(b"[").problems.len(), 1);

    let setup = pypi::read_setup_cfg(include_bytes!("../../../../fixtures/pypi/setup.cfg"));
    assert_eq!(setup.name.as_deref(), Some("my-project"));
    assert_eq!(setup.cmdclass, [("install".to_owned(), "my_project.setup.Install".to_owned())]);
    let points: Vec<_> = setup.entry_points.iter().map(|one| (one.name.as_str(), one.attribute.as_str())).collect();
    assert_eq!(points, [("tool", "main"), ("other", "other")]);

    let points = pypi::read_entry_points(b"[console_scripts]\ntool = a.b:c\n\n[other]\nx=y\n");
    assert_eq!(
        (points[0].group.as_str(), points[0].module.as_str(), points[1].group.as_str()),
        ("console_scripts", "a.b", "other")
    );
    assert_eq!(pypi::read_top_level(b"one\n\ntwo\r\n"), ["one", "two"]);
}

#[test]
fn cargo_manifests() {
    let manifest = cargo::read(include_bytes!("../../../../fixtures/cargo/Cargo.toml")).value;
    assert_eq!(manifest.build.paths(), ["build/main.rs"]);
    assert!(manifest.proc_macro);
    assert_eq!(manifest.lib_path.as_deref(), Some("src/entry.rs"));
    assert_eq!(manifest.bins, [("tool".to_owned(), None)]);
    let names: Vec<_> = manifest.dependencies.iter().map(|(name, table)| (name.as_str(), table.as_str())).collect();
    assert_eq!(names, [("serde", "dependencies"), ("cc", "build-dependencies")]);
    assert_eq!(cargo::read(b"[package]\nbuild = false").value.build, Build::Off);
    assert_eq!(cargo::read(b"[package]").value.build.paths(), ["build.rs"]);
    assert_eq!(cargo::read(b"[package").problems.len(), 1);
}

#[test]
fn gem_manifests() {
    let yaml = gem::read_yaml(include_bytes!("../../../../fixtures/gem/metadata.yaml"));
    assert_eq!((yaml.name.as_deref(), yaml.version.as_deref()), (Some("native-thing"), Some("1.2.3")));
    assert_eq!(texts(&yaml.extensions), ["ext/thing/extconf.rb"]);
    assert_eq!(texts(&yaml.executables), ["thing"]);
    assert_eq!(texts(&yaml.require_paths), ["lib", "ext"]);
    assert_eq!(texts(&yaml.dependencies), ["rake"]);
    assert_eq!((yaml.platform, yaml.bindir.as_deref()), (None, Some("exe")));

    let spec = gem::read_gemspec(include_bytes!("../../../../fixtures/gem/thing.gemspec"));
    assert_eq!((spec.name.as_deref(), spec.version.as_deref()), (Some("thing"), Some("0.1.0")));
    assert_eq!(texts(&spec.extensions), ["ext/thing/extconf.rb", "ext/other/Rakefile"]);
    assert_eq!(texts(&spec.executables), ["one", "two"]);
    assert_eq!(texts(&spec.require_paths), ["lib"]);
    assert_eq!(texts(&spec.dependencies), ["rake"]);
}
