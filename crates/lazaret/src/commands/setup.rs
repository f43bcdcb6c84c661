//! `lazaret setup`: the guard before the package managers, wherever these are started from.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use gate::guard::{MANAGERS, SHIM_MARK};
use net::Environment;
use wire::Exit;

use super::{guard::state, surroundings::environment};
use crate::output::{print, talk};

/// The arguments of `setup`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Take everything away again
    #[arg(long, conflicts_with = "ci")]
    remove: bool,
    /// For a build machine: no shell's file is changed; the path is handed to the steps that follow
    #[arg(long)]
    ci: bool,
    /// Only these programs [default: every manager that is found, but for python]
    #[arg(long, value_name = "PROGRAM", value_delimiter = ',')]
    only: Vec<String>,
}

const START: &str = "# >>> made by lazaret setup >>>";
const END: &str = "# <<< made by lazaret setup <<<";

pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let environment = environment();
    let folder = folder(&environment)?;
    if arguments.remove {
        return remove(&environment, &folder);
    }
    let found = programs(&environment, &arguments.only);
    if found.is_empty() {
        talk("error: none of the package managers that Lazaret guards is in your PATH");
        return Ok(Exit::Usage);
    }
    let lazaret = std::env::current_exe().context("Lazaret does not know where it lies")?;
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for program in &found {
        write_shim(&folder.join(program), &lazaret, program)?;
    }
    if arguments.ci {
        for_ci(&environment, &folder)?;
    } else {
        for (path, text) in files(&environment, &folder) {
            add(&path, &text).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        talk("open a new shell, or put this first in your PATH: see the next line");
        print(&format!("export PATH={}:\"$PATH\"\n", quoted(&folder)))?;
    }
    talk(&format!("guarded from now on: {}", found.join(", ")));
    talk("python -m pip is not: write lazaret guard python -m pip ...");
    Ok(Exit::Clean)
}

/// Where the shims are.
pub fn folder(environment: &Environment) -> anyhow::Result<PathBuf> {
    Ok(state(environment)?.join("shims"))
}

/// The managers of this machine. A shim for python itself would stand before every script.
fn programs(environment: &Environment, only: &[String]) -> Vec<String> {
    let known = MANAGERS.iter().flat_map(|one| one.programs()).filter(|name| !name.starts_with("py"));
    let wanted = known.filter(|name| only.is_empty() || only.iter().any(|one| one == *name));
    let own = folder(environment).unwrap_or_default();
    let path = environment.var("PATH").unwrap_or_default();
    let is_there = |name: &str| std::env::split_paths(path).any(|folder| folder != own && folder.join(name).is_file());
    wanted.filter(|name| is_there(name)).map(|name| (*name).to_owned()).collect()
}

fn write_shim(path: &Path, lazaret: &Path, program: &str) -> anyhow::Result<()> {
    let lazaret = quoted(lazaret);
    // Without Lazaret nothing is installed at all, which is safer than without a guard.
    let text = format!(
        "#!/bin/sh\n# {SHIM_MARK}; lazaret setup --remove takes it away\nexec {lazaret} guard --quiet -- {program} \"$@\"\n"
    );
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .with_context(|| format!("{} cannot be made a program", path.display()))?;
    Ok(())
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// What each shell reads, and what it is told. Shells that are not there get no file.
fn files(environment: &Environment, folder: &Path) -> Vec<(PathBuf, String)> {
    let Some(home) = &environment.home else { return Vec::new() };
    let posix = format!("{START}\nexport PATH={}:\"$PATH\"\n{END}\n", quoted(folder));
    let fish = format!("{START}\nset -gx PATH {} $PATH\n{END}\n", quoted(folder));
    let mut out: Vec<(PathBuf, String)> = Vec::new();
    for name in [".bashrc", ".bash_profile", ".zshrc", ".profile"] {
        let path = home.join(name);
        if path.is_file() {
            out.push((path, posix.clone()));
        }
    }
    let config = environment.var("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    if config.join("fish").is_dir() {
        out.push((config.join("fish/conf.d/lazaret.fish"), fish));
    }
    out
}

fn add(path: &Path, block: &str) -> io::Result<()> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        other => other?,
    };
    if text.contains(START) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    // The break before the block belongs to it, so that taking it away leaves the file as it was.
    fs::write(path, format!("{text}\n{block}"))
}

fn remove(environment: &Environment, folder: &Path) -> anyhow::Result<Exit> {
    for (path, _) in files(environment, folder) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let Some(without) = without_block(&text) else { continue };
        let done = if without.is_empty() && path.extension().is_some_and(|end| end == "fish") {
            fs::remove_file(&path)
        } else {
            fs::write(&path, without)
        };
        done.with_context(|| format!("{} cannot be written", path.display()))?;
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("{} cannot be deleted", folder.display()));
        }
        _ => {}
    }
    talk("nothing is guarded any more; open a new shell. The guard's log stays: lazaret log");
    Ok(Exit::Clean)
}

fn without_block(text: &str) -> Option<String> {
    let start = text.find(START)?;
    let end = start + text[start..].find(END)? + END.len();
    let before = text[..start].strip_suffix('\n').unwrap_or(&text[..start]);
    let after = text[end..].strip_prefix('\n').unwrap_or(&text[end..]);
    Some(format!("{before}{after}"))
}

/// The steps that follow find the shims: by the file of GitHub's runners, or by the line that is printed.
fn for_ci(environment: &Environment, folder: &Path) -> anyhow::Result<()> {
    match environment.var("GITHUB_PATH") {
        Some(file) => {
            let mut file = fs::File::options().create(true).append(true).open(file)?;
            io::Write::write_all(&mut file, format!("{}\n", folder.display()).as_bytes())?;
            Ok(())
        }
        None => print(&format!("export PATH={}:\"$PATH\"\n", quoted(folder))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shells_file_comes_back_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        for text in ["", "alias ll='ls -l'", "alias ll='ls -l'\n", "a\n\n"] {
            let path = folder.path().join("rc");
            fs::write(&path, text).expect("a file");
            add(&path, &format!("{START}\nexport PATH=x\n{END}\n")).expect("added");
            add(&path, &format!("{START}\nexport PATH=x\n{END}\n")).expect("added once");
            let with = fs::read_to_string(&path).expect("a text") + "later\n";
            assert_eq!(without_block(&with).expect("a block"), format!("{text}later\n"));
        }
    }
}
