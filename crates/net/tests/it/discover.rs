use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use model::Ecosystem;
use net::{
    Discovered, Environment, discover,
    discover::{Output, Programs, discover_for},
};

/// Programs that say what a test wants, and remember that they were asked.
#[derive(Default)]
struct Clients {
    folder: PathBuf,
    says: BTreeMap<&'static str, (&'static str, &'static str)>,
    asked: Mutex<Vec<String>>,
}

impl Programs for Clients {
    fn find(&self, name: &str) -> Option<PathBuf> {
        self.says.contains_key(name).then(|| self.folder.join(name))
    }

    fn run(&self, program: &Path, arguments: &[&str], _: &[(&str, &str)]) -> Option<Output> {
        let name = program.file_name()?.to_str()?;
        self.asked.lock().expect("no panic").push(format!("{name} {}", arguments.join(" ")));
        let (stdout, stderr) = self.says.get(name)?;
        Some(Output { stdout: (*stdout).into(), stderr: (*stderr).into() })
    }
}

struct Home {
    folder: tempfile::TempDir,
    vars: BTreeMap<String, String>,
    clients: Arc<Clients>,
}

impl Home {
    fn new(says: &[(&'static str, &'static str, &'static str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["home", "work/project/deep", "root", "bin"] {
            fs::create_dir_all(folder.path().join(path)).expect("a folder");
        }
        let bin = folder.path().join("bin");
        says.iter().for_each(|(name, _, _)| fs::write(bin.join(name), "").expect("a file"));
        let says = says.iter().map(|(name, stdout, stderr)| (*name, (*stdout, *stderr))).collect();
        Self {
            folder,
            vars: BTreeMap::new(),
            clients: Arc::new(Clients { folder: bin, says, asked: Mutex::default() }),
        }
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.insert(name.into(), value.into());
        self
    }

    fn environment(&self) -> Environment {
        let at = |path: &str| self.folder.path().join(path);
        Environment {
            cwd: at("work/project/deep"),
            home: Some(at("home")),
            root: at("root"),
            vars: self.vars.clone(),
            programs: self.clients.clone(),
            memory: Some(at("memory/clients.json")),
            fresh: false,
        }
    }

    fn found(&self, ecosystem: Ecosystem) -> Discovered {
        discover_for(&self.environment(), &[ecosystem])
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.clients.asked.lock().expect("no panic"))
    }
}

fn candidates(found: &Discovered, ecosystem: Ecosystem, name: &str) -> Vec<String> {
    let candidates = found.candidates(ecosystem, name).expect("a registry");
    candidates.iter().map(|one| format!("{} from {}", one.url, one.origin)).collect()
}

const NPM: (&str, &str, &str) = ("npm", "https://default.example/\n", "");
const PIP_HELP: &str = "
  -i, --index-url <url>       Base URL of the Python Package Index (default https://default.example/simple). This
                              should point to a repository.
  --extra-index-url <url>     Extra URLs (default https://wrong.example/).";
const CARGO_ERROR: &str = "    Updating index
error: download of config.json failed
Caused by:
  failed to download from `https://default.example/config.json`";

#[test]
fn npm_is_read_from_the_nearest_place() {
    let home = Home::new(&[NPM])
        .file("work/project/package.json", "{}")
        .file("work/project/.npmrc", "; project\n@corp:registry=https://corp.example/npm/\n")
        .file(
            "home/.npmrc",
            "registry = \"https://user.example/\"\n//corp.example/npm/:_authToken=${TOKEN}\ncafile=/ca.pem\n",
        )
        .var("TOKEN", "hunter2");
    let found = home.found(Ecosystem::Npm);
    assert_eq!(candidates(&found, Ecosystem::Npm, "thing"), ["https://user.example/ from ~/.npmrc, line 1"]);
    let corp = candidates(&found, Ecosystem::Npm, "@corp/thing");
    assert_eq!(corp.len(), 1);
    assert!(corp[0].starts_with("https://corp.example/npm/ from ") && corp[0].ends_with(".npmrc, line 2"), "{corp:?}");
    assert_eq!(candidates(&found, Ecosystem::Npm, "@other/thing")[0], "https://user.example/ from ~/.npmrc, line 1");
    assert_eq!(found.credentials.places().collect::<Vec<_>>(), ["corp.example/npm/"]);
    assert_eq!(found.authorities, [PathBuf::from("/ca.pem")]);
    assert!(home.asked().is_empty(), "files said everything");

    let home = home.var("NPM_CONFIG_REGISTRY", "https://variable.example/");
    let found = home.found(Ecosystem::Npm);
    assert_eq!(
        candidates(&found, Ecosystem::Npm, "thing"),
        ["https://variable.example/ from the variable NPM_CONFIG_REGISTRY"]
    );
}

#[test]
fn clients_are_asked_once_and_remembered() {
    let home = Home::new(&[
        NPM,
        ("pip", PIP_HELP, ""),
        ("cargo", "", CARGO_ERROR),
        ("gem", "*** CURRENT SOURCES ***\n\nhttps://gems.example/\n", ""),
    ]);
    for round in 0..2 {
        let found = discover(&home.environment());
        assert_eq!(candidates(&found, Ecosystem::Npm, "x"), ["https://default.example/ from default of npm"]);
        assert_eq!(candidates(&found, Ecosystem::Pypi, "x"), ["https://default.example/simple from default of pip"]);
        assert_eq!(candidates(&found, Ecosystem::Cargo, "x"), ["https://default.example/ from default of cargo"]);
        assert_eq!(candidates(&found, Ecosystem::Gem, "x"), ["https://gems.example/ from sources of gem"]);
        assert_eq!(home.asked().len(), if round == 0 { 4 } else { 0 });
    }
    discover(&Environment { fresh: true, ..home.environment() });
    assert_eq!(home.asked().len(), 4);
}

#[test]
fn without_a_client_the_error_says_what_to_do() {
    let found = discover(&Home::new(&[]).environment());
    for (ecosystem, part) in [
        (Ecosystem::Npm, "install npm, or write registry=... into ~/.npmrc"),
        (Ecosystem::Pypi, "install pip or uv, or set PIP_INDEX_URL"),
        (Ecosystem::Cargo, "install cargo"),
        (Ecosystem::Gem, "install RubyGems"),
    ] {
        let error = found.candidates(ecosystem, "x").expect_err("there is none").to_string();
        assert!(error.contains(part) && error.contains(&format!("[registries.{ecosystem}]")), "{error}");
    }
}

#[test]
fn pip_and_uv_are_read_in_their_order() {
    let pip = |home: Home| candidates(&home.found(Ecosystem::Pypi), Ecosystem::Pypi, "x");
    let conf = "[global]\nindex-url = https://conf.example/simple\nextra-index-url =\n    https://more.example/simple\n    https://most.example/simple\n";
    let home = || Home::new(&[("pip", PIP_HELP, "")]).file("root/etc/pip.conf", conf);
    let urls = pip(home());
    assert_eq!(urls.len(), 3, "{urls:?}");
    assert!(urls[0].starts_with("https://conf.example/simple from ") && urls[0].ends_with("pip.conf, line 2"));
    assert!(urls[2].starts_with("https://most.example/simple"));
    let user = || {
        home().file(
            "home/.config/pip/pip.conf",
            "[global]\nindex_url=https://user.example/simple\n[download]\nindex-url=https://download.example/simple\n",
        )
    };
    assert!(pip(user())[0].starts_with("https://download.example/simple from ~/.config/pip/pip.conf, line 4"));
    assert!(pip(user().var("UV_DEFAULT_INDEX", "https://uv.example/simple"))[0].starts_with("https://uv.example"));
    let both =
        user().var("UV_INDEX_URL", "https://uv.example/simple").var("PIP_INDEX_URL", "https://variable.example/simple");
    assert_eq!(pip(both)[0], "https://variable.example/simple from the variable PIP_INDEX_URL");
    let none = pip(user().var("PIP_CONFIG_FILE", "/dev/null"));
    assert_eq!(none, ["https://default.example/simple from default of pip"]);
    let uv = "[[tool.uv.index]]\nname = \"corp\"\nurl = \"https://corp.example/simple\"\n[[tool.uv.index]]\nurl = \"https://main.example/simple\"\ndefault = true\n";
    let home = Home::new(&[("pip", PIP_HELP, "")]).file("work/pyproject.toml", uv);
    let home = home.var("UV_INDEX_CORP_USERNAME", "me").var("UV_INDEX_CORP_PASSWORD", "hunter2");
    let found = home.found(Ecosystem::Pypi);
    let urls: Vec<_> = found.endpoints.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(urls, ["https://corp.example/simple", "https://main.example/simple"]);
    assert_eq!(found.credentials.places().collect::<Vec<_>>(), ["corp.example/"]);
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[test]
fn passwords_come_from_netrc_and_addresses() {
    let home = Home::new(&[])
        .file(
            "home/.netrc",
            "machine one.example\n  login me\n  password hunter2\nmachine three.example login a password b\n",
        )
        .var("PIP_INDEX_URL", "https://one.example/simple")
        .var("PIP_EXTRA_INDEX_URL", "https://me:hunter2@two.example/simple");
    let found = home.found(Ecosystem::Pypi);
    let mut places: Vec<_> = found.credentials.places().collect();
    places.sort();
    assert_eq!(places, ["one.example/", "two.example/"]);
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[test]
fn cargo_follows_source_replacement() {
    let config = "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nreplace-with = \"b\"\n[registries.b]\nindex = \"sparse+https://corp.example/index/\"\n[http]\ncainfo = \"/ca.pem\"\n";
    let home = Home::new(&[("cargo", "", CARGO_ERROR)])
        .file("work/.cargo/config.toml", config)
        .file("home/.cargo/credentials.toml", "[registries.b]\ntoken = \"hunter2\"\n");
    let found = home.found(Ecosystem::Cargo);
    let urls = candidates(&found, Ecosystem::Cargo, "x");
    assert!(
        urls[0].starts_with("https://corp.example/index/ from ") && urls[0].ends_with(".cargo/config.toml"),
        "{urls:?}"
    );
    assert_eq!(found.credentials.places().collect::<Vec<_>>(), ["corp.example/"]);
    assert_eq!(found.authorities, [PathBuf::from("/ca.pem")]);

    let home = Home::new(&[("cargo", "", CARGO_ERROR)])
        .file("home/.cargo/config", "[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"vendor\"\n");
    let found = home.found(Ecosystem::Cargo);
    assert!(found.candidates(Ecosystem::Cargo, "x").is_err());
    assert!(found.notes[0].contains("not sparse"), "{:?}", found.notes);

    // Without the program, what it fetched before tells.
    let home =
        Home::new(&[]).file("home/.cargo/registry/index/index.default.example-1949cf8c6b5b557f/config.json", "{}");
    let urls = candidates(&home.found(Ecosystem::Cargo), Ecosystem::Cargo, "x");
    assert_eq!(urls, ["https://index.default.example/ from ~/.cargo/registry/index"]);
}

#[test]
fn gem_sources_are_read() {
    let home = Home::new(&[]).file("home/.gemrc", "---\n:backtrace: false\n:sources:\n- https://one.example/\n- \"https://two.example/\"\n:update: true\n- https://no.example\n");
    let urls = candidates(&home.found(Ecosystem::Gem), Ecosystem::Gem, "x");
    assert_eq!(urls, ["https://one.example/ from ~/.gemrc, line 4", "https://two.example/ from ~/.gemrc, line 5"]);
    let home = home.file("home/.bundle/config", "---\nBUNDLE_MIRROR__ALL: \"https://mirror.example\"\n");
    let urls = candidates(&home.found(Ecosystem::Gem), Ecosystem::Gem, "x");
    assert_eq!(urls, ["https://mirror.example/ from ~/.bundle/config, line 2"]);
}

#[test]
fn lazaret_toml_wins_over_all() {
    let own = "[registries.npm]\nurl = \"https://own.example/npm\"\ntoken_env = \"LAZARET_OWN\"\nscopes = { \"@corp\" = \"https://corp.example/\" }\n[registries.gem]\nurl = \"https://own.example/gem\"\n[registries.maven]\nurl = \"x\"\n[cache]\nlimit = \"3 GiB\"\n[network]\nca_file = \"/own.pem\"\n";
    let home = Home::new(&[NPM])
        .file("work/lazaret.toml", own)
        .file("home/.config/lazaret/lazaret.toml", "[registries.npm]\nurl = \"https://user.example\"\n[registries.cargo]\nurl = \"sparse+https://user.example/index/\"\n[cache]\nlimit = 5\n")
        .file("home/.npmrc", "registry=https://npmrc.example/\n@corp:registry=https://npmrc.example/corp\n")
        .var("npm_config_registry", "https://variable.example/")
        .var("LAZARET_OWN", "hunter2");
    let found = discover(&home.environment());
    let npm = candidates(&found, Ecosystem::Npm, "x");
    assert_eq!(npm.len(), 1, "{npm:?}");
    assert!(npm[0].starts_with("https://own.example/npm from ") && npm[0].ends_with("lazaret.toml"));
    assert!(candidates(&found, Ecosystem::Npm, "@corp/x")[0].starts_with("https://corp.example/ "));
    assert!(candidates(&found, Ecosystem::Gem, "x")[0].starts_with("https://own.example/gem "));
    assert_eq!(
        candidates(&found, Ecosystem::Cargo, "x"),
        ["https://user.example/index/ from ~/.config/lazaret/lazaret.toml"]
    );
    assert_eq!(found.credentials.places().collect::<Vec<_>>(), ["own.example/npm/"]);
    assert_eq!(found.cache_limit, Some(3 << 30));
    assert_eq!(found.authorities, [PathBuf::from("/own.pem")]);
    assert!(found.notes.iter().any(|note| note.contains("maven")), "{:?}", found.notes);
    assert!(home.asked().is_empty());
}

#[test]
fn a_project_gets_no_secret_that_is_not_for_it() {
    let own = "[registries.npm]\nurl = \"https://evil.example/\"\ntoken_env = \"GITHUB_TOKEN\"\n";
    let of_project =
        Home::new(&[NPM]).file("work/lazaret.toml", own).var("GITHUB_TOKEN", "hunter2").found(Ecosystem::Npm);
    assert_eq!(of_project.credentials.places().count(), 0);
    assert!(of_project.notes[0].contains("asks for the variable GITHUB_TOKEN"), "{:?}", of_project.notes);
    let of_user = Home::new(&[NPM]).file("home/.config/lazaret/lazaret.toml", own).var("GITHUB_TOKEN", "hunter2");
    assert_eq!(of_user.found(Ecosystem::Npm).credentials.places().collect::<Vec<_>>(), ["evil.example/"]);
}

#[test]
fn odd_files_are_notes_and_no_end() {
    let home = Home::new(&[NPM])
        .file("work/lazaret.toml", "not [ toml")
        .file("home/.npmrc", "registry=ftp://files.example/\n//x:_authToken\n[broken\n=\n${\n");
    let found = home.found(Ecosystem::Npm);
    assert_eq!(candidates(&found, Ecosystem::Npm, "x"), ["https://default.example/ from default of npm"]);
    assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
}
