//! The project as a revision of git has it, so that only what changed since then counts.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use ecosystem::lockfile::lockfile;

use super::{
    Request, ScanError,
    folder::{Folder, Listing, MAX_FILE},
    issues::Checks,
    manifest,
    package::{Listed, Named, address, origin},
    reading::read_file,
};

/// A file of a folder as a revision of git has it; nothing when it has none.
pub fn file_of(folder: &Path, base: &str, path: &str) -> Result<Option<Vec<u8>>, ScanError> {
    let revision = Revision::open(folder, base)?;
    revision.read(path).map_err(ScanError::Base)
}

/// What the project depended on.
pub(super) struct Base {
    name: String,
    known: HashSet<Identity>,
}

/// Everything of a package that can be changed in a file: purl, origin, address, hashes.
type Identity = (String, &'static str, Option<String>, Vec<String>);

impl Base {
    /// Reads the project as the revision has it, or rather the common ancestor of the revision and the working tree: what
    /// was changed on the other side since then is nobody's change here.
    pub(super) fn read(request: &Request, base: &str) -> Result<Self, ScanError> {
        let [target] = &request.targets[..] else {
            return Err(ScanError::Base("--diff compares one folder; name a single one".into()));
        };
        let revision = Revision::open(Path::new(target), base)?;
        let files = revision.list().files;
        let mut readings: Vec<_> = files.iter().filter_map(|path| read_file(&revision, path)).collect();
        let disagreements = manifest::compare(&mut readings);
        let mut listed = Listed::of(&readings, &Checks::default());
        manifest::add(&mut listed, disagreements);
        Ok(Self { name: base.to_owned(), known: listed.packages.iter().map(identity).collect() })
    }

    /// Leaves only what the revision did not have, and says how much that is.
    pub(super) fn reduce(&self, listed: &mut Listed) -> String {
        let all = listed.packages.len();
        let new: Vec<bool> = listed.packages.iter().map(|one| !self.known.contains(&identity(one))).collect();
        listed.keep(&new);
        let (name, number) = (&self.name, listed.packages.len());
        format!("only what is new or changed since {name} was looked at: {number} of {all} packages")
    }
}

fn identity(package: &Named) -> Identity {
    let source = &package.dependency.source;
    let mut checksums: Vec<String> = package.checksums.iter().map(ToString::to_string).collect();
    checksums.sort();
    (package.purl.clone(), origin(source), address(source), checksums)
}

/// A folder as a commit has it. Git is asked with fixed arguments, and runs nothing of the project's.
struct Revision {
    root: PathBuf,
    /// The commit and the folder in it, as git names a tree.
    tree: String,
    files: Vec<String>,
}

impl Revision {
    fn open(root: &Path, base: &str) -> Result<Self, ScanError> {
        let no_repository = || {
            let (root, hint) = (root.display(), "--diff needs git, and a folder of a repository of it");
            ScanError::Base(format!("{root} is in no repository that git can read; {hint}"))
        };
        let prefix = git(root, &["rev-parse", "--show-prefix"]).ok_or_else(no_repository)?;
        let prefix = String::from_utf8_lossy(&prefix).trim_end_matches('\n').to_owned();
        let unknown = || {
            let hint = "fetch it first, for example with `git fetch origin BRANCH`";
            ScanError::Base(format!("git knows no revision \"{base}\"; {hint}"))
        };
        let asked = format!("{base}^{{commit}}");
        let commit = line(git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked]));
        let commit = commit.ok_or_else(unknown)?;
        // Without a common ancestor, as in shallow clones, the revision itself is compared with.
        let commit = line(git(root, &["merge-base", &commit, "HEAD"])).unwrap_or(commit);
        let tree = format!("{commit}:{prefix}");
        // A folder that the revision does not have is empty there.
        let names = git(root, &["ls-tree", "-r", "-z", "--name-only", "--full-tree", &tree]).unwrap_or_default();
        let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let files = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        Ok(Self { root: root.to_owned(), tree, files })
    }
}

impl Folder for Revision {
    fn list(&self) -> Listing {
        let is_installed = |path: &str| path.split('/').any(|part| matches!(part, "node_modules" | "site-packages"));
        let wanted = self.files.iter().filter(|path| lockfile(path).is_some() && !is_installed(path));
        Listing { files: wanted.cloned().collect(), ..Listing::default() }
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        if !self.files.iter().any(|one| one == path) {
            return Ok(None);
        }
        let bytes = git(&self.root, &["cat-file", "blob", &format!("{}{path}", self.tree)]);
        Ok(bytes.filter(|bytes| bytes.len() as u64 <= MAX_FILE))
    }

    fn expand(&self, pattern: &str) -> Vec<String> {
        let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.to_owned()] };
        let middle = |path: &str| {
            let middle = path.strip_prefix(before)?.strip_suffix(after)?;
            (!middle.contains('/')).then_some(())
        };
        self.files.iter().filter(|path| middle(path).is_some()).cloned().collect()
    }
}

/// What git answers; nothing when it fails.
fn git(root: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["-c", "core.fsmonitor=false", "--no-pager"]).args(arguments);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output.stdout)
}

fn line(output: Option<Vec<u8>>) -> Option<String> {
    let text = String::from_utf8(output?).ok()?;
    text.lines().next().map(str::to_owned)
}
