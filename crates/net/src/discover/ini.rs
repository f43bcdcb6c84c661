//! The INI texts of npm and pip.

/// One setting with its place.
pub(super) struct Setting {
    pub(super) line: usize,
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
}

/// The settings of a text; indented lines continue a value.
pub(super) fn settings(text: &str) -> Vec<Setting> {
    let mut out: Vec<Setting> = Vec::new();
    let mut section = String::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim().to_owned();
            continue;
        }
        let continued = line.starts_with([' ', '\t']) && !trimmed.contains('=');
        if let Some(last) = out.last_mut().filter(|last| continued && last.section == section) {
            last.value = format!("{} {trimmed}", last.value).trim().to_owned();
        } else if let Some((key, value)) = trimmed.split_once('=') {
            let value = unquoted(value.trim());
            out.push(Setting { line: number + 1, section: section.clone(), key: key.trim().to_owned(), value });
        }
    }
    out
}

fn unquoted(value: &str) -> String {
    let inside = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(value).to_owned()
}
