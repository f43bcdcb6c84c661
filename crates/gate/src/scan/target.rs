//! What the user names, read.

use std::path::Path;

use super::{
    Request, ScanError,
    folder::{Disk, Folder, Listing, MAX_FILE},
    reading::{Reading, format_named, format_of, read_as, read_file},
};

/// Everything that was read, and what was not.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) readings: Vec<Reading>,
    pub(super) notes: Vec<String>,
    pub(super) failures: Vec<String>,
}

impl Project {
    /// Reads all targets.
    pub(super) fn read(request: &Request) -> Result<Self, ScanError> {
        let mut out = Self { name: name(&request.targets), ..Self::default() };
        let alone = request.targets.len() == 1;
        for target in &request.targets {
            let path = Path::new(target);
            if target == "-" {
                out.bytes("stdin", request.list.clone().unwrap_or_default().into_bytes())?;
            } else if is_purl(target) {
                out.purl(target)?;
            } else if path.is_dir() {
                let disk = Disk::new(path, &request.exclude, request.installed)?;
                out.folder(&disk, if alone { String::new() } else { folder_prefix(target) });
            } else if path.exists() {
                out.file(path)?;
            } else {
                return Err(ScanError::NoFile(path.to_owned()));
            }
        }
        out.readings.retain(|one| !is_empty_script(one));
        drop_included(&mut out.readings);
        Ok(out)
    }

    fn folder(&mut self, folder: &dyn Folder, prefix: String) {
        let Listing { files, notes, failures } = folder.list();
        self.notes.extend(notes);
        self.failures.extend(failures);
        for path in files {
            if let Some(reading) = read_file(folder, &path) {
                self.readings.push(Reading { prefix: prefix.clone(), ..reading });
            }
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), ScanError> {
        let unreadable = |cause| ScanError::Unreadable { path: path.to_owned(), cause };
        let size = path.metadata().map_err(unreadable)?.len();
        if size > MAX_FILE {
            return Err(ScanError::TooLarge { path: path.to_owned(), size, limit: MAX_FILE });
        }
        let home = path.parent().filter(|home| !home.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let disk = Disk::new(home, &[], false)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shown = home.to_string_lossy();
        let prefix = if shown == "." { String::new() } else { folder_prefix(&shown) };
        let reading = match read_file(&disk, &name) {
            Some(reading) => reading,
            None => {
                let bytes = std::fs::read(path).map_err(unreadable)?;
                let format = format_of(&bytes).ok_or_else(|| ScanError::NoFormat(path.to_owned()))?;
                read_as(&disk, &name, format)
            }
        };
        self.readings.push(Reading { prefix, ..reading });
        Ok(())
    }

    fn purl(&mut self, target: &str) -> Result<(), ScanError> {
        self.bytes("command line", target.as_bytes().to_vec())?;
        let is_read = self.readings.last().is_some_and(|one| one.problems.is_empty());
        if is_read { Ok(()) } else { Err(ScanError::NoPurl(target.to_owned())) }
    }

    /// A list or a bill of materials that is no file.
    fn bytes(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), ScanError> {
        let format = format_of(&bytes).or_else(|| format_named("purls"));
        let format = format.ok_or_else(|| ScanError::NoFormat(name.into()))?;
        self.readings.push(read_as(&Memory { name, bytes }, name, format));
        Ok(())
    }
}

/// One file that is in memory.
struct Memory<'n> {
    name: &'n str,
    bytes: Vec<u8>,
}

impl Folder for Memory<'_> {
    fn list(&self) -> Listing {
        Listing { files: vec![self.name.to_owned()], ..Listing::default() }
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok((path == self.name).then(|| self.bytes.clone()))
    }

    fn expand(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

fn is_purl(text: &str) -> bool {
    text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkg:"))
}

fn folder_prefix(path: &str) -> String {
    format!("{}/", path.trim_end_matches(['/', '\\']))
}

/// How the report calls the project.
fn name(targets: &[String]) -> String {
    match targets {
        [one] if Path::new(one).is_dir() => {
            let whole = Path::new(one).canonicalize().ok();
            let name = whole.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            name.unwrap_or_else(|| one.clone())
        }
        [one] if one == "-" => "stdin".into(),
        [one] => one.clone(),
        many => format!("{} targets", many.len()),
    }
}

/// Most scripts name no dependencies, and are no part of the report.
fn is_empty_script(reading: &Reading) -> bool {
    reading.format == "PEP 723" && reading.problems.is_empty() && reading.graph.dependencies().next().is_none()
}

/// What another file includes was read with that one.
fn drop_included(readings: &mut Vec<Reading>) {
    let mut gone: Vec<bool> = vec![false; readings.len()];
    for at in 0..readings.len() {
        if gone[at] {
            continue;
        }
        let (prefix, format) = (&readings[at].prefix, readings[at].format);
        for included in readings[at].graph.files().iter().skip(1) {
            let same = |one: &Reading| one.prefix == *prefix && one.format == format && one.path == *included;
            if let Some(other) = readings.iter().position(same).filter(|other| *other != at) {
                gone[other] = true;
            }
        }
    }
    let mut at = 0;
    readings.retain(|_| (at += 1, !gone[at - 1]).1);
}
