//! The policies that come with Lazaret.

/// The names of the presets, with their texts.
pub const PRESETS: [(&str, &str); 3] = [
    ("default", include_str!("presets/default.yml")),
    ("strict", include_str!("presets/strict.yml")),
    ("audit", include_str!("presets/audit.yml")),
];

/// The text of a preset.
pub(super) fn text(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub(super) fn unknown(name: &str) -> String {
    let names: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
    format!("there is no preset \"{name}\"; there are {}", names.join(", "))
}
