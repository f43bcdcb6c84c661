//! Lockfiles whose addresses lead here while a command runs, and are put back afterwards, byte for byte; also after a
//! crash, at the next start.
//!
//! What is written down is enough to put a file back by text alone: every address here carries the one that it stands for.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{GuardError, Rewriting};

/// One file that is led here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// The file.
    path: PathBuf,
    /// What was put in, and what it stands for.
    words: Vec<(String, String)>,
    /// The process that did it.
    process: u32,
}

/// A file that is led here as long as this lives.
#[derive(Debug)]
pub(super) struct Led {
    entry: Entry,
    note: PathBuf,
}

/// Leads a file here. It need not exist yet: the command may make it. `index` is the address of the first index of Python
/// packages as the user has it.
pub(super) fn lead(
    state: &Path,
    file: &Path,
    rewriting: Rewriting,
    base: &str,
    index: Option<&str>,
) -> Result<Led, GuardError> {
    let path = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let base = if rewriting == Rewriting::Uv { format!("{base}/0") } else { base.to_owned() };
    let mut words =
        vec![(format!("{base}/at/https/"), "https://".to_owned()), (format!("{base}/at/http/"), "http://".to_owned())];
    // The lockfile names the index as it was when it was made, which may have a slash at its end or not.
    let named = fs::read_to_string(&path).ok().and_then(|text| index_of(&text, index?));
    let index = named.or_else(|| index.map(|index| index.trim_end_matches('/').to_owned()));
    words.extend(index.map(|index| (format!("{base}/simple"), index)));
    let entry = Entry { path, words, process: std::process::id() };
    let folder = state.join("journal");
    let note = folder.join(format!("{}.json", net::sha256(entry.path.to_string_lossy().as_bytes())));
    let wrong = |what| move |cause| GuardError::Lockfile { path: file.to_owned(), what, cause };
    fs::create_dir_all(&folder).map_err(wrong("noted"))?;
    replace(&note, &serde_json::to_vec(&entry).unwrap_or_default()).map_err(wrong("noted"))?;
    let led = Led { entry, note };
    if let Ok(text) = fs::read_to_string(&led.entry.path) {
        let here = forwards(&text, rewriting, &led.entry.words);
        if here != text {
            replace(&led.entry.path, here.as_bytes()).map_err(wrong("led here"))?;
        }
    }
    Ok(led)
}

/// The index as the lockfile writes it.
fn index_of(text: &str, index: &str) -> Option<String> {
    let bare = index.trim_end_matches('/');
    let written = text.split("registry = \"").skip(1).filter_map(|rest| rest.split('"').next());
    written.map(str::to_owned).find(|one| one.trim_end_matches('/') == bare)
}

impl Drop for Led {
    fn drop(&mut self) {
        // What fails here is tried again at the next start.
        if restore(&self.entry).is_ok() {
            let _ = fs::remove_file(&self.note);
        }
    }
}

/// Puts back what a run has left that was ended by force.
pub(super) fn recover(state: &Path) -> Vec<PathBuf> {
    let mut restored = Vec::new();
    for note in fs::read_dir(state.join("journal")).into_iter().flatten().filter_map(Result::ok) {
        let Ok(bytes) = fs::read(note.path()) else { continue };
        let Ok(entry) = serde_json::from_slice::<Entry>(&bytes) else { continue };
        if !is_running(entry.process) && restore(&entry).is_ok() {
            let _ = fs::remove_file(note.path());
            restored.push(entry.path);
        }
    }
    restored
}

fn is_running(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).is_dir()
}

fn restore(entry: &Entry) -> io::Result<()> {
    let text = match fs::read_to_string(&entry.path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let back = entry.words.iter().fold(text.clone(), |text, (here, there)| text.replace(here, there));
    if back == text { Ok(()) } else { replace(&entry.path, back.as_bytes()) }
}

fn forwards(text: &str, rewriting: Rewriting, words: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.split_inclusive('\n') {
        let line = match rewriting {
            Rewriting::Yarn if line.trim_start().starts_with("resolved \"") => schemes(line, "resolved \"", words),
            Rewriting::Bun => schemes(line, "\"", words),
            // An address without a hash is that of a dependency which no index lists.
            Rewriting::Uv if line.contains("hash = \"") => schemes(line, "url = \"", words),
            Rewriting::Uv => match words.get(2) {
                Some((here, there)) => {
                    line.replace(&format!("registry = \"{there}\""), &format!("registry = \"{here}\""))
                }
                None => line.to_owned(),
            },
            Rewriting::Yarn => line.to_owned(),
        };
        out.push_str(&line);
    }
    out
}

fn schemes(line: &str, before: &str, words: &[(String, String)]) -> String {
    let put = |line: String, (here, there): &(String, String)| {
        // An address that leads here already, through the one that was just put in, stays.
        line.replace(&format!("{before}{there}"), &format!("{before}{here}"))
    };
    let encrypted = put(line.to_owned(), &words[0]);
    if encrypted == line { put(encrypted, &words[1]) } else { encrypted }
}

/// Writes a file whole or not at all; who may read it stays the same.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(meta) = fs::metadata(path) {
        file.as_file().set_permissions(meta.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UV: &str = "version = 1\n\n[[package]]\nname = \"six\"\nsource = { registry = \"https://registry.example/simple\" }\nsdist = { url = \"https://files.example/p/six-1.0.tar.gz\", hash = \"sha256:00\", size = 1 }\n\n[[package]]\nname = \"own\"\nsource = { url = \"https://files.example/own.whl\" }\n";
    const YARN: &str = "# yarn lockfile v1\n\nplain@^1.0.0:\n  version \"1.0.0\"\n  resolved \"https://registry.example/plain/-/plain-1.0.0.tgz#abc\"\n";
    const BUN: &str = "{\n  \"packages\": {\n    \"plain\": [\"plain@1.0.0\", \"http://registry.example/plain-1.0.0.tgz\", {}, \"sha512-x\"],\n    \"other\": [\"other@https://files.example/other.tgz\", {}],\n  }\n}\n";

    #[test]
    fn files_come_back_byte_by_byte_also_after_a_crash() {
        let base = "http://127.0.0.1:4711/secret/x";
        let table = [
            (Rewriting::Uv, "uv.lock", UV, 2),
            (Rewriting::Yarn, "yarn.lock", YARN, 1),
            (Rewriting::Bun, "bun.lock", BUN, 1),
        ];
        for (rewriting, name, text, led) in table {
            let folder = tempfile::tempdir().expect("a folder");
            let (state, file) = (folder.path().join("state"), folder.path().join(name));
            fs::write(&file, text).expect("a file");
            let index = Some("https://registry.example/simple/");
            let running = lead(&state, &file, rewriting, base, index).expect("it is led");
            let here = fs::read_to_string(&file).expect("a text");
            assert_eq!(here.matches(base).count(), led, "{here}");
            assert!(!here.contains("other@http://127"), "{here}");
            // Another start in the meantime leaves it alone.
            assert!(recover(&state).is_empty());
            drop(running);
            assert_eq!(fs::read_to_string(&file).expect("a text"), text);

            // Ended by force: nothing is dropped, and the process is gone.
            let mut crashed = lead(&state, &file, rewriting, base, index).expect("it is led");
            crashed.entry.process = u32::MAX;
            replace(&crashed.note, &serde_json::to_vec(&crashed.entry).expect("JSON")).expect("a note");
            std::mem::forget(crashed);
            assert_eq!(recover(&state).len(), 1);
            assert_eq!(fs::read_to_string(&file).expect("a text"), text);
            assert!(recover(&state).is_empty());
        }
    }

    #[test]
    fn what_the_command_adds_is_put_back_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let (state, file) = (folder.path().join("state"), folder.path().join("yarn.lock"));
        let base = "http://127.0.0.1:4711/secret/npm";
        let led = lead(&state, &file, Rewriting::Yarn, base, None).expect("it is led");
        fs::write(&file, format!("  resolved \"{base}/at/https/registry.example/a.tgz\"\n")).expect("a file");
        drop(led);
        assert_eq!(fs::read_to_string(&file).expect("a text"), "  resolved \"https://registry.example/a.tgz\"\n");
    }
}
