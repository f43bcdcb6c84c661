//! Landlock: what can be read, and what can be written.
//!
//! Landlock knows permissions only, no exceptions. So a folder that holds something hidden is opened up: each of its
//! entries gets the permission of its own, except the hidden ones.

use std::{
    fs,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};

use super::Protection;

/// The newest rights that are asked for; an older kernel grants what it knows.
const NEWEST: ABI = ABI::V6;

/// What every program may write to.
const HARMLESS: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/pts", "/dev/ptmx", "/proc/self"];

/// Raises the wall around this process.
pub(super) fn raise(protection: &Protection) -> Result<RestrictionStatus, RulesetError> {
    let (all, read) = (AccessFs::from_all(NEWEST), AccessFs::from_read(NEWEST));
    let mut writable: Vec<PathBuf> = protection.writable.iter().filter_map(|path| path.canonicalize().ok()).collect();
    writable.extend(HARMLESS.iter().map(PathBuf::from).filter(|path| path.exists()));
    let hidden = resolved(&protection.hidden);
    let mut readable = Vec::new();
    uncover(Path::new("/"), &hidden, &mut readable);
    let ruleset = Ruleset::default().handle_access(all)?;
    // On a kernel that knows no ports the network namespace alone stands.
    let ruleset = ruleset.set_compatibility(CompatLevel::BestEffort).handle_access(AccessNet::ConnectTcp)?;
    let ruleset = ruleset.scope(Scope::from_all(NEWEST))?.create()?;
    let ruleset = ruleset.add_rules(path_beneath_rules(readable, read))?;
    let ruleset = ruleset.add_rules(path_beneath_rules(writable, all))?;
    let ports = protection.port.into_iter().map(|port| Ok(NetPort::new(port, AccessNet::ConnectTcp)));
    ruleset.add_rules(ports.collect::<Vec<Result<_, RulesetError>>>())?.restrict_self()
}

/// The hidden paths as the kernel knows them.
fn resolved(hidden: &[PathBuf]) -> Vec<PathBuf> {
    hidden.iter().filter_map(|path| path.canonicalize().ok()).collect()
}

/// The fewest paths that cover everything below a folder except what is hidden.
fn uncover(folder: &Path, hidden: &[PathBuf], readable: &mut Vec<PathBuf>) {
    if hidden.iter().any(|path| path == folder) {
        return;
    }
    if !hidden.iter().any(|path| path.starts_with(folder)) {
        readable.push(folder.to_path_buf());
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        // A link is no way past: the kernel asks for what it leads to.
        if entry.file_type().is_ok_and(|kind| !kind.is_symlink()) {
            uncover(&entry.path(), hidden, readable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_something_hidden_is_opened_up_and_no_other_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("it is there");
        for name in ["home/.ssh/keys", "home/code/deep", "usr/lib"] {
            fs::create_dir_all(root.join(name)).expect("made");
        }
        let mut readable = Vec::new();
        uncover(&root, &[root.join("home/.ssh")], &mut readable);
        readable.sort();
        assert_eq!(readable, [root.join("home/code"), root.join("usr")]);
    }
}
