//! Clients that are asked for their default, and the memory of what they said.

use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

use model::Ecosystem;

use super::{Discovered, Environment, Output};

/// Asks npm, then its kin.
pub(super) fn npm(environment: &Environment, found: &mut Discovered) {
    for program in ["npm", "pnpm", "yarn"] {
        let url = remembered(environment, program, "registry", |path| {
            let output = environment.programs.run(path, &["config", "get", "registry"], &[])?;
            first_address(&output.stdout)
        });
        if url.is_some_and(|url| found.add(Ecosystem::Npm, &url, format!("default of {program}"), None)) {
            return;
        }
    }
}

/// Asks pip, then uv: both name their default in their help.
pub(super) fn python(environment: &Environment, found: &mut Discovered) {
    let pip: [(&str, &[&str]); 4] = [
        ("pip", &["download", "--help"]),
        ("pip3", &["download", "--help"]),
        ("python3", &["-m", "pip", "download", "--help"]),
        ("python", &["-m", "pip", "download", "--help"]),
    ];
    for (program, arguments) in pip {
        let url = remembered(environment, program, "index", |path| {
            let help = environment.programs.run(path, arguments, &[("COLUMNS", "400")])?.stdout;
            let (_, after) = help.split_once("--index-url")?;
            first_address(after.split_once("(default")?.1)
        });
        if url.is_some_and(|url| found.add(Ecosystem::Pypi, &url, format!("default of {program}"), None)) {
            return;
        }
    }
    let url = remembered(environment, "uv", "index", |path| {
        let help = environment.programs.run(path, &["help", "pip", "install"], &[("NO_COLOR", "1")])?.stdout;
        first_address(help.split_once("by default:")?.1)
    });
    if let Some(url) = url {
        found.add(Ecosystem::Pypi, &url, "default of uv", None);
    }
}

/// Asks cargo. It has no command that names its index, but it names it when it cannot get there: so it is led into a
/// proxy where nobody answers, with an empty home, and no request leaves the machine.
pub(super) fn cargo(environment: &Environment, found: &mut Discovered) {
    let url = remembered(environment, "cargo", "index", |path| {
        let home = tempfile::tempdir().ok()?;
        let nowhere = "http://127.0.0.1:9";
        let home = home.path().to_str()?;
        let vars = [
            ("CARGO_HOME", home),
            ("CARGO_NET_RETRY", "0"),
            ("CARGO_NET_OFFLINE", "false"),
            ("CARGO_HTTP_PROXY", nowhere),
            ("CARGO_REGISTRIES_CRATES_IO_PROTOCOL", "sparse"),
            ("CARGO_TERM_COLOR", "never"),
            ("HTTPS_PROXY", nowhere),
            ("https_proxy", nowhere),
            ("NO_PROXY", ""),
            ("no_proxy", ""),
        ];
        let Output { stdout, stderr } = environment.programs.run(path, &["search", "--limit", "1", "cargo"], &vars)?;
        let address = first_address(&stderr).or_else(|| first_address(&stdout))?;
        address.strip_suffix("config.json").map(str::to_owned)
    });
    match url {
        Some(url) => _ = found.add(Ecosystem::Cargo, &url, "default of cargo", None),
        None => cargo_folder(environment, found),
    }
}

/// Where cargo has fetched an index before: the folder is named after the host.
fn cargo_folder(environment: &Environment, found: &mut Discovered) {
    let home = environment.var("CARGO_HOME").map(Into::into).or_else(|| environment.at_home(".cargo"));
    let Some(folder) = home.map(|home| home.join("registry").join("index")) else { return };
    let names =
        fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let host = |name: &String| name.starts_with("index.") && folder.join(name).join("config.json").is_file();
    if let Some((host, _)) = names.filter(host).min().as_deref().and_then(|name| name.rsplit_once('-')) {
        found.add(Ecosystem::Cargo, &format!("https://{host}/"), environment.shown(&folder), None);
    }
}

/// Asks RubyGems.
pub(super) fn gem(environment: &Environment, found: &mut Discovered) {
    let urls = remembered(environment, "gem", "sources", |path| {
        let output = environment.programs.run(path, &["sources", "--list"], &[])?;
        let lines = output.stdout.lines().map(str::trim).filter(|line| line.starts_with("http"));
        let lines: Vec<_> = lines.collect();
        (!lines.is_empty()).then(|| lines.join(" "))
    });
    for url in urls.iter().flat_map(|urls| urls.split(' ')) {
        found.add(Ecosystem::Gem, url, "sources of gem", None);
    }
}

/// The first web address in a text, without the signs around it.
fn first_address(text: &str) -> Option<String> {
    let start = text.find("https://").into_iter().chain(text.find("http://")).min()?;
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || "()<>[]{}`'\"|,\\".contains(c)).unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches(['.', ';']).to_owned())
}

/// What a client said when it was last asked, while it is the same program; otherwise it is asked.
fn remembered(
    environment: &Environment,
    program: &str,
    question: &str,
    ask: impl FnOnce(&Path) -> Option<String>,
) -> Option<String> {
    let path = environment.programs.find(program)?;
    let meta = fs::metadata(&path).ok();
    let changed = meta.as_ref().and_then(|meta| meta.modified().ok());
    let changed = changed.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
    let size = meta.map(|meta| meta.len()).unwrap_or_default();
    let key = format!("{question} of {} {} {size}", path.display(), changed.as_nanos());
    let mut memory = environment.memory.as_deref().map(recall).unwrap_or_default();
    if let Some(answer) = memory.get(&key).filter(|_| !environment.fresh) {
        return Some(answer.clone());
    }
    let answer = ask(&path)?;
    // An address with a password in it belongs to no other file than the one it stands in.
    if let Some(file) = environment.memory.as_deref().filter(|_| !answer.contains('@')) {
        memory.insert(key, answer.clone());
        remember(file, &memory);
    }
    Some(answer)
}

fn recall(file: &Path) -> BTreeMap<String, String> {
    fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Failing to remember costs time only.
fn remember(file: &Path, memory: &BTreeMap<String, String>) {
    let write = || {
        let folder = file.parent()?;
        fs::create_dir_all(folder).ok()?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder).ok()?;
        serde_json::to_writer_pretty(&mut temporary, memory).ok()?;
        temporary.persist(file).ok()
    };
    let _ = write();
}
