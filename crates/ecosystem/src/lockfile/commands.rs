//! The packages that lines of shell install or run: `npm install x`, `npx -y x@1`, `uvx x`, `pip install x==1`.

use model::{Dependency, PackageType, Source};

use super::{
    npm_source::{npm_source, split_name},
    purl::named,
    python::Requirement,
};

/// One package that a command installs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installed {
    pub package: Dependency,
    /// What was asked for, as it is written.
    pub requirement: String,
    /// How many lines below the first one the command starts.
    pub line: u32,
}

/// Files that a command installs from: `pip install -r file`.
pub(super) struct Commands {
    pub installed: Vec<Installed>,
    pub files: Vec<String>,
}

/// Reads a piece of shell. It need not be understood whole: what stands between separators is looked at alone.
pub(super) fn commands(text: &str) -> Commands {
    let mut out = Commands { installed: Vec::new(), files: Vec::new() };
    for (line, words) in split(text) {
        read(&words, line, &mut out);
    }
    out
}

/// One command with its arguments, as configurations of agents write it.
pub(super) fn command(program: &str, arguments: &[&str]) -> Vec<Installed> {
    let mut out = Commands { installed: Vec::new(), files: Vec::new() };
    let words: Vec<String> = [program].iter().chain(arguments).map(|word| (*word).to_owned()).collect();
    read(&words, 0, &mut out);
    out.installed
}

/// The commands of a text, each with its words and the line on which it starts.
fn split(text: &str) -> Vec<(u32, Vec<String>)> {
    let mut out: Vec<(u32, Vec<String>)> = Vec::new();
    let (mut words, mut word, mut start, mut line) = (Vec::new(), String::new(), 0, 0);
    let mut quote = None;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let is_separator = matches!(sign, '\n' | ';' | '&' | '|' | '(' | ')' | '`');
        match sign {
            '\\' if signs.peek() == Some(&'\n') => {
                signs.next();
                line += 1;
            }
            _ if quote == Some(sign) => quote = None,
            _ if quote.is_some() => word.push(sign),
            '\'' | '"' => quote = Some(sign),
            _ if sign.is_whitespace() || is_separator => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                if is_separator && !words.is_empty() {
                    out.push((start, std::mem::take(&mut words)));
                }
            }
            '#' if word.is_empty() => while signs.next_if(|sign| *sign != '\n').is_some() {},
            _ => {
                if words.is_empty() && word.is_empty() {
                    start = line;
                }
                word.push(sign);
            }
        }
        line += u32::from(sign == '\n');
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    out.extend(Some((start, words)).filter(|(_, words)| !words.is_empty()));
    out
}

/// How a command names what it installs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Every word that is no option.
    All,
    /// The first one only: the rest are arguments of what is run.
    First,
}

/// Programs, the words behind them, the world of the packages, and how they are named.
const COMMANDS: &[(&str, &[&str], &str, Names)] = &[
    ("npm", &["install", "i", "add", "in", "isntall"], "npm", Names::All),
    ("npm", &["exec", "x"], "npm", Names::First),
    ("npm", &["create", "init", "innit"], "create", Names::First),
    ("npx", &[], "npm", Names::First),
    ("pnpm", &["add", "install", "i"], "npm", Names::All),
    ("pnpm", &["dlx"], "npm", Names::First),
    ("pnpx", &[], "npm", Names::First),
    ("yarn", &["add"], "npm", Names::All),
    ("yarn", &["global add"], "npm", Names::All),
    ("yarn", &["dlx"], "npm", Names::First),
    ("bun", &["add", "install", "i"], "npm", Names::All),
    ("bun", &["x"], "npm", Names::First),
    ("bunx", &[], "npm", Names::First),
    ("deno", &["install", "add", "run"], "deno", Names::All),
    ("pip", &["install", "download", "wheel"], "pypi", Names::All),
    ("pipx", &["install", "run"], "pypi", Names::First),
    ("uvx", &[], "pypi", Names::First),
    ("uv", &["pip install", "add"], "pypi", Names::All),
    ("uv", &["tool install", "tool run"], "pypi", Names::First),
    ("poetry", &["add"], "pypi", Names::All),
    ("pdm", &["add"], "pypi", Names::All),
    ("pipenv", &["install"], "pypi", Names::All),
    ("cargo", &["install", "binstall", "add"], "cargo", Names::All),
    ("gem", &["install", "i"], "gem", Names::All),
    ("go", &["install", "get", "run"], "golang", Names::All),
    ("composer", &["require", "global require"], "composer", Names::All),
    ("dotnet", &["add package", "tool install"], "nuget", Names::First),
];

/// Options that are followed by a word of their own, which names no package.
const VALUES: &[&str] = &[
    "--registry",
    "--prefix",
    "--cache",
    "--loglevel",
    "--tag",
    "-w",
    "--workspace",
    "--filter",
    "-C",
    "--dir",
    "--cwd",
    "-i",
    "--index-url",
    "--extra-index-url",
    "--find-links",
    "-f",
    "-t",
    "--target",
    "--python",
    "-p",
    "--timeout",
    "--root",
    "--features",
    "--git",
    "--branch",
    "--rev",
    "--index",
    "--profile",
    "--group",
    "-G",
    "--source",
    "-s",
    "--platform",
    "--python-version",
    "--cache-dir",
    "--progress-bar",
    "--log",
    "--proxy",
    "--trusted-host",
    "-E",
    "--extra",
    "--index-strategy",
    "--install-dir",
    "--bindir",
    "--build-arg",
    "-d",
    "--dest",
    "-c",
    "--call",
    "--path",
];

fn read(words: &[String], line: u32, out: &mut Commands) {
    let words = program(words);
    let Some((program, arguments)) = words.split_first() else { return };
    for (name, verbs, world, names) in COMMANDS.iter().filter(|(name, ..)| name == program) {
        let Some(rest) = behind(arguments, verbs) else { continue };
        let mut arguments = rest.iter();
        let mut version = None;
        let mut found: Vec<&str> = Vec::new();
        while let Some(word) = arguments.next() {
            let (option, value) = word.split_once('=').map_or((word.as_str(), None), |(one, two)| (one, Some(two)));
            match option {
                // What is run comes from these packages, whatever the command is called.
                "--package" | "-p" | "--from" | "--with" if *names == Names::First => {
                    let value = value.or_else(|| arguments.next().map(String::as_str));
                    value.into_iter().for_each(|value| add(world, value, None, line, out));
                    if option != "--with" {
                        found.clear();
                        version = Some("");
                        break;
                    }
                }
                "-r" | "--requirement" | "--requirements" => {
                    out.files.extend(value.or_else(|| arguments.next().map(String::as_str)).map(str::to_owned));
                }
                "-e" | "--editable" => _ = arguments.next(),
                "--version" | "--vers" | "-v" if matches!(*world, "gem" | "cargo" | "nuget") => {
                    version = value.or_else(|| arguments.next().map(String::as_str));
                }
                _ if option.starts_with('-') && option.len() > 1 => {
                    if value.is_none() && VALUES.contains(&option) {
                        arguments.next();
                    }
                }
                // Redirections are no packages.
                _ if word.starts_with(['>', '<']) || word.starts_with("2>") => _ = arguments.next(),
                _ => {
                    found.push(word);
                    if *names == Names::First {
                        break;
                    }
                }
            }
        }
        if *name == "go" && arguments_are_local(&found) {
            return;
        }
        // A version that stands behind the package is an option of its own.
        if *names == Names::First && version.is_none() {
            version = version_behind(arguments.as_slice(), world);
        }
        let version = version.filter(|version| !version.is_empty());
        found.into_iter().for_each(|word| add(world, word, version, line, out));
        return;
    }
}

fn version_behind<'w>(rest: &'w [String], world: &str) -> Option<&'w str> {
    let at = rest.iter().position(|word| word == "--version" && world == "nuget")?;
    rest.get(at + 1).map(String::as_str)
}

fn arguments_are_local(found: &[&str]) -> bool {
    found.iter().any(|word| word.starts_with('.') || !word.contains('.'))
}

/// The command without what stands before it: assignments, `sudo`, `RUN`, `python -m`, a path.
fn program(words: &[String]) -> Vec<String> {
    const BEFORE: [&str; 12] =
        ["sudo", "env", "exec", "time", "nice", "command", "then", "do", "else", "if", "!", "cmd"];
    let is_before = |word: &String| {
        BEFORE.contains(&word.as_str()) || word == "/c" || (word.contains('=') && !word.starts_with('-'))
    };
    let rest: Vec<String> = words.iter().skip_while(|word| is_before(word)).cloned().collect();
    let Some(first) = rest.first() else { return rest };
    let plain = super::base(first).trim_end_matches(".cmd").trim_end_matches(".exe");
    let mut out = rest.clone();
    let is_python = plain.starts_with("python") || plain == "py";
    if is_python && rest.get(1).is_some_and(|word| word == "-m") {
        out.drain(..2);
    } else {
        out[0] = plain.to_owned();
    }
    // pip3.11 is pip.
    if let Some(first) = out.first_mut()
        && first.starts_with("pip")
        && first[3..].chars().all(|c| c.is_ascii_digit() || c == '.')
    {
        *first = "pip".to_owned();
    }
    out
}

/// The words behind one of the verbs; options may stand before it.
fn behind<'w>(arguments: &'w [String], verbs: &[&str]) -> Option<&'w [String]> {
    if verbs.is_empty() {
        return Some(arguments);
    }
    let at = arguments.iter().position(|word| !word.starts_with('-'))?;
    verbs.iter().find_map(|verb| {
        let parts: Vec<&str> = verb.split(' ').collect();
        let found = arguments.get(at..at + parts.len())?;
        found.iter().zip(&parts).all(|(word, part)| word == part).then(|| &arguments[at + parts.len()..])
    })
}

fn add(world: &str, word: &str, version: Option<&str>, line: u32, out: &mut Commands) {
    let is_variable = word.contains("$") || word.contains("{{") || word.starts_with('%');
    let is_local = word.starts_with(['.', '/', '~']) || word.ends_with(".whl") && !word.contains("://");
    if word.is_empty() || is_variable || is_local || word == "-" {
        return;
    }
    let package = match world {
        "npm" => javascript(word),
        "create" => javascript(&created(word)),
        "deno" => word.strip_prefix("npm:").and_then(javascript),
        "pypi" => Requirement::parse(&word.replacen(
            '@',
            if word.contains("@ ") || word.contains("://") { "@" } else { "==" },
            1,
        ))
        .or_else(|| super::requirements::bare(word))
        .map(|requirement| requirement.package()),
        "golang" => {
            let (path, version) = word.split_once('@').unwrap_or((word, ""));
            Some(plain(PackageType::GOLANG, path, version))
        }
        "composer" => {
            let (name, version) = word.split_once(':').unwrap_or((word, ""));
            name.contains('/').then(|| plain(PackageType::COMPOSER, name, version))
        }
        other => {
            let (name, own) = word.split_once(['@', ':']).unwrap_or((word, ""));
            Some(plain(PackageType::new(other), name, version.unwrap_or(own)))
        }
    };
    out.installed.extend(package.map(|package| Installed { package, requirement: word.to_owned(), line }));
}

fn plain(kind: PackageType, name: &str, version: &str) -> Dependency {
    let version = if is_exact(version) { version } else { "" };
    let name = named(&kind, name);
    Dependency::new(kind, name).version(version).source(Source::Registry(None))
}

/// Whether a text is one version, not a range and no tag such as `latest`.
pub(super) fn is_exact(version: &str) -> bool {
    let number = version.strip_prefix(['v', '=']).unwrap_or(version);
    let parts = number.split(['-', '+']).next().unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
        && parts.contains('.')
        && parts
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()) && part != "x")
}

/// `name@version`, an alias, or an address.
fn javascript(word: &str) -> Option<Dependency> {
    let word = word.split_once("@npm:").map_or(word, |(_, real)| real);
    let is_address =
        word.contains("://") || word.starts_with("git") && word.contains(':') || word.starts_with("github:");
    // user/repository is GitHub's, where no scope stands before it.
    let is_hosted = !word.starts_with('@') && word.contains('/');
    if is_address || is_hosted {
        let name = super::base(word.split('#').next().unwrap_or(word)).trim_end_matches(".git");
        let address = if is_address { word.to_owned() } else { format!("github:{word}") };
        return Some(Dependency::new(PackageType::NPM, name).source(npm_source(name, "", &address)));
    }
    let (name, version) = split_name(word).unwrap_or((word, ""));
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@/~".contains(c));
    (is_name && (!name.starts_with('@') || name.contains('/'))).then(|| plain(PackageType::NPM, name, version))
}

/// `npm create vite` runs the package `create-vite`.
fn created(word: &str) -> String {
    let (name, version) =
        split_name(word).map_or((word, String::new()), |(name, version)| (name, format!("@{version}")));
    match name.split_once('/') {
        Some((scope, name)) if scope.starts_with('@') => format!("{scope}/create-{name}{version}"),
        None if name.starts_with('@') => format!("{name}/create{version}"),
        _ => format!("create-{name}{version}"),
    }
}
