//! The log of the guard on this machine: lines are only ever appended, and each names the hash of the one before.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use wire::log::{Entry, Event};

use super::Ended;

/// The log of one user.
#[derive(Debug, Clone)]
pub struct Log {
    path: PathBuf,
}

/// What is known of the end of the log, so that lines which are cut off are missed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    sequence: u64,
    hash: String,
}

/// One event that is to be written down.
#[derive(Debug, Clone)]
pub struct Said {
    /// What it is about.
    pub event: Event,
    /// The release or command.
    pub subject: String,
    /// Why.
    pub why: String,
    /// The command's exit code.
    pub code: Option<u8>,
    /// The folder in which it ran.
    pub folder: String,
}

impl Said {
    /// An event about a release.
    pub fn new(event: Event, subject: &str, why: &str) -> Self {
        Self { event, subject: subject.into(), why: why.into(), code: None, folder: String::new() }
    }
}

/// How the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Every line follows the one before.
    Whole(u64),
    /// This line does not: it was changed, or one before it is gone.
    Broken {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        why: &'static str,
    },
}

impl Log {
    /// The log in this folder.
    pub fn new(state: &Path) -> Self {
        Self { path: state.join("audit.jsonl") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn head(&self) -> PathBuf {
        self.path.with_extension("head")
    }

    /// Appends events of one run at a moment in seconds since 1970. Runs at the same time wait for each other.
    pub fn append(&self, run: &str, now: i64, events: &[Said]) -> io::Result<()> {
        fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
        let mut options = File::options();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.lock()?;
        let mut head = last(&mut file)?;
        let at = jiff::Timestamp::from_second(now).unwrap_or_default().to_string();
        let mut text = String::new();
        for said in events {
            let Said { event, subject, why, code, folder } = said.clone();
            let previous = if head.hash.is_empty() { "0".repeat(64) } else { head.hash };
            let (run, at, sequence) = (run.to_owned(), at.clone(), head.sequence + 1);
            let entry = Entry { sequence, at, event, run, subject, why, code, folder, previous };
            let line = serde_json::to_string(&entry)?;
            head = Head { sequence, hash: net::sha256(line.as_bytes()).to_string() };
            text.push_str(&line);
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        fs::write(self.head(), serde_json::to_vec(&head)?)
    }

    /// Every entry, in order; lines that are none are passed over.
    pub fn entries(&self) -> io::Result<Vec<Entry>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let lines = BufReader::new(file).lines();
        lines.filter_map(|line| line.map(|line| serde_json::from_str(&line).ok()).transpose()).collect()
    }

    /// Whether every line follows the one before, and the last is the one that was written last.
    pub fn verify(&self) -> io::Result<Standing> {
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other?,
        };
        let mut head = Head { sequence: 0, hash: "0".repeat(64) };
        for (number, line) in (1..).zip(text.lines()) {
            let broken = |why| Ok(Standing::Broken { line: number, why });
            let Ok(entry) = serde_json::from_str::<Entry>(line) else { return broken("it is no entry") };
            if entry.previous != head.hash {
                return broken("the line before it is not the one that it was written after");
            }
            if entry.sequence != head.sequence + 1 {
                return broken("its number does not follow");
            }
            head = Head { sequence: entry.sequence, hash: net::sha256(line.as_bytes()).to_string() };
        }
        let kept: Head =
            fs::read(self.head()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        if kept.sequence > head.sequence || (kept.sequence == head.sequence && kept.sequence > 0 && kept != head) {
            return Ok(Standing::Broken { line: head.sequence + 1, why: "lines were cut off at the end, or changed" });
        }
        Ok(Standing::Whole(head.sequence))
    }
}

/// What the last line is.
fn last(file: &mut File) -> io::Result<Head> {
    // No line is longer.
    const LONGEST: u64 = 1 << 20;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    let mut bytes = Vec::new();
    io::Read::read_to_end(file, &mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let Some(line) = text.lines().next_back() else { return Ok(Head::default()) };
    let sequence = serde_json::from_str::<Entry>(line).map(|entry| entry.sequence).unwrap_or_default();
    Ok(Head { sequence, hash: net::sha256(line.as_bytes()).to_string() })
}

/// What a run comes to, as events. Options of the command stay out: they may hold secrets.
pub fn events(command: &[String], folder: &Path, ended: &Ended) -> Vec<Said> {
    let words = command.iter().filter(|word| !word.starts_with('-') && !word.contains("://"));
    let command = words.cloned().collect::<Vec<_>>().join(" ");
    let folder = folder.display().to_string();
    let summary = &ended.summary;
    let mut out = vec![Said { folder: folder.clone(), ..Said::new(Event::Started, &command, "") }];
    out.extend(summary.checked.iter().map(|purl| Said::new(Event::Checked, purl, "")));
    for one in &summary.withheld {
        let purl = model::Dependency::new(one.kind.clone(), one.name.clone()).version(&one.version).purl();
        out.push(Said::new(Event::Withheld, &purl, &one.why.text));
    }
    out.extend(summary.blocked.iter().map(|one| Said::new(Event::Blocked, &one.purl, &one.why.text)));
    let pairs =
        [(Event::Warned, &summary.warned), (Event::Unchecked, &summary.unchecked), (Event::Failed, &summary.failed)];
    for (event, pairs) in pairs {
        out.extend(pairs.iter().map(|(what, why)| Said::new(event, what, why)));
    }
    let why = if ended.is_blocked() { "blocked" } else { "" };
    out.push(Said { code: ended.code, folder, ..Said::new(Event::Ended, &command, why) });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_the_log_shows() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = Log::new(folder.path());
        assert_eq!(log.verify().expect("no log yet"), Standing::Whole(0));
        for number in 0..3 {
            let events =
                [Said::new(Event::Checked, &format!("pkg:npm/a@{number}"), ""), Said::new(Event::Ended, "npm ci", "")];
            log.append("run", 1_780_315_200, &events).expect("a line");
        }
        assert_eq!(log.verify().expect("a log"), Standing::Whole(6));
        assert_eq!(log.entries().expect("entries").len(), 6);
        let text = fs::read_to_string(log.path()).expect("a text");
        let lines: Vec<&str> = text.lines().collect();
        let table = [
            text.replacen("pkg:npm/a@1", "pkg:npm/b@1", 1),
            [&lines[..2], &lines[3..]].concat().join("\n") + "\n",
            lines[..5].join("\n") + "\n",
            lines[1..].join("\n") + "\n",
            [&lines[..5], &[&*lines[5].replace("npm ci", "npm up")]].concat().join("\n") + "\n",
        ];
        for changed in table {
            fs::write(log.path(), &changed).expect("a file");
            assert!(matches!(log.verify().expect("a log"), Standing::Broken { .. }), "{changed}");
        }
    }
}
