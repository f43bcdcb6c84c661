//! Gems: a tar stream with `metadata.gz`, `data.tar.gz` and `checksums.yaml.gz`.

use crate::{Format, Oddity, session::Level};

/// Whether the tar that was just read is a gem; what does not belong into one is noted.
pub(crate) fn refine(format: Format, level: &mut Level<'_, '_>) -> Format {
    let names: Vec<String> = level.own_files().map(|file| file.name().to_owned()).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if format != Format::Tar || !has("data.tar.gz") || !(has("metadata.gz") || has("metadata")) {
        return format;
    }
    for name in &names {
        let name = name.strip_suffix(".sig").unwrap_or(name);
        if !matches!(name, "data.tar.gz" | "metadata.gz" | "metadata" | "checksums.yaml.gz") {
            level.note(Oddity::UnexpectedGemEntry, name, "no gem tool writes this entry");
        }
    }
    Format::Gem
}
