//! Hidden and handed-on code: what reaches an interpreter is read as a layer of its own.

use std::hash::{DefaultHasher, Hash, Hasher};

use model::{Action, Role};

use super::{
    Machine,
    effects::Part,
    value::{HOLE, Shape, Taint, Value},
};
use crate::{Language, decode, ir::Span};

/// Longer texts are not read as layers.
const LONGEST_LAYER: usize = 8 << 20;

impl<'a> Machine<'a> {
    /// Code, commands and written scripts that are known become layers.
    pub(super) fn open_layers(&mut self, action: Action, id: u32, api: &str, parts: &[(Part, Value<'a>)], span: Span) {
        match action {
            Action::CodeEval => {
                let language = interpreter(api).unwrap_or_else(|| self.language());
                for (_, value) in parts.iter().filter(|(part, _)| *part == Part::Code) {
                    self.open_code(language, id, value, span);
                }
            }
            Action::ProcExec | Action::PackageInstall if self.language() != Language::Shell => {
                if let Some((_, value)) = parts.iter().find(|(part, _)| *part == Part::Command) {
                    let mut line = self.line_of(value);
                    if !matches!(value.shape, Shape::List(_))
                        && let Some(whole) =
                            self.recorder.behaviour(id).map(|one| one.object.text.replace("{}", &HOLE.to_string()))
                        && whole.len() > line.len()
                    {
                        line = whole;
                    }
                    if line.chars().any(|one| one != HOLE && !one.is_whitespace()) {
                        let taint = self.deep_taint(value);
                        self.open_layer(Language::Shell, &line, &taint, "shell", span, id);
                    }
                    for (_, input) in parts.iter().filter(|(part, _)| *part == Part::Data) {
                        self.feed(&line, input, span);
                    }
                }
            }
            Action::FileWrite => {
                let Some(language) = parts
                    .iter()
                    .find(|(part, _)| *part == Part::Path)
                    .and_then(|(_, path)| script_language(&self.line_of(path)))
                else {
                    return;
                };
                for (_, value) in parts.iter().filter(|(part, _)| *part == Part::Data) {
                    if let Some(text) = script_of(value) {
                        self.open_layer(language, &text, &value.taint.clone(), "file", span, id);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn open_code(&mut self, language: Language, id: u32, value: &Value<'a>, span: Span) {
        let Some(text) = script_of(value) else { return };
        self.recorder.flag(id, if matches!(value.shape, Shape::Pattern(_)) { "partly-known" } else { "known-code" });
        let taint = value.taint.clone();
        self.open_layer(language, &text, &taint, "eval", span, id);
    }

    /// Reads a text as a layer. The same text is read once.
    pub(super) fn open_layer(&mut self, language: Language, text: &str, taint: &Taint, how: &str, span: Span, id: u32) {
        let mut hasher = DefaultHasher::new();
        (language, text).hash(&mut hasher);
        if text.trim().is_empty() || !self.layers_seen.insert(hasher.finish()) {
            return;
        }
        let depth = self.sources[self.source as usize].depth + 1;
        if depth > self.budget.layers
            || self.sources.len() > self.budget.layer_count as usize
            || text.len() > LONGEST_LAYER
        {
            self.cut |= how != "shell";
            return;
        }
        let mut steps = self.recorder.decoders_of(taint);
        if !steps.is_empty() {
            self.recorder.flag(id, "decoded");
        }
        steps.push(how.to_owned());
        let place = self.place(span);
        self.recorder.layer(place, steps, language.as_str(), &text.replace(HOLE, "{}"));
        let text: &'a str = self.arena.alloc_str(text);
        let scope = (language == self.language()).then_some(self.scope);
        self.open_source(language, text, scope, depth);
    }

    /// Ties what is written to a path to what is later done with that path.
    pub(super) fn follow_paths(&mut self, action: Action, id: u32, object: &str, parts: &[(Part, Value<'a>)]) {
        if action == Action::FileWrite {
            let Some((_, path)) = parts.iter().find(|(part, _)| *part == Part::Path) else { return };
            let path = self.line_of(path);
            if path.trim_matches(|one| one == HOLE || one == '/' || one == '.').len() >= 3 {
                self.files.entry(path).or_default().add(&Taint::of(id));
            }
            return;
        }
        if !matches!(
            action,
            Action::ProcExec
                | Action::CodeEval
                | Action::CodeLoad
                | Action::CodeImport
                | Action::FileChmod
                | Action::FileRead
                | Action::NetSend
                | Action::FileDelete
        ) || self.files.is_empty() && self.contents.is_empty()
        {
            return;
        }
        let mut lines: Vec<String> =
            parts.iter().filter(|(part, _)| *part != Part::Data).map(|(_, value)| self.line_of(value)).collect();
        lines.push(object.replace("{}", &HOLE.to_string()));
        let mut taint = Taint::default();
        for (path, written) in &self.files {
            if lines.iter().any(|line| line.contains(path.as_str())) {
                taint.add(written);
            }
        }
        self.recorder.flow(&taint, id, Role::Path);
        if matches!(action, Action::ProcExec | Action::CodeEval | Action::CodeLoad | Action::CodeImport) {
            for (part, value) in parts {
                if *part != Part::Data {
                    taint.add(&self.deep_taint(value));
                }
            }
            self.open_contents(&taint, id);
        }
    }

    /// Keeps a script that is written to an open file: if the file is started later, the script is read.
    pub(super) fn keep_content(&mut self, file: u32, value: &Value<'a>) {
        if self.contents.len() < MOST_CONTENTS
            && self.recorder.behaviour(file).is_some_and(|one| one.action == Action::FileWrite)
            && let Some(text) = script_of(value).filter(|text| text.len() >= SHORTEST_SCRIPT)
        {
            self.contents.push((file, text, value.taint.clone()));
        }
    }

    /// Reads the scripts in the files that are started here.
    fn open_contents(&mut self, files: &Taint, id: u32) {
        let started: Vec<usize> =
            (0..self.contents.len()).filter(|at| files.sources().contains(&self.contents[*at].0)).collect();
        for at in started {
            let (file, text, taint) = self.contents[at].clone();
            let path = self.recorder.behaviour(file).map(|one| one.object.text.clone()).unwrap_or_default();
            let Some(language) = script_language(&path).or_else(|| decode::looks_like_code(&text)) else { continue };
            self.open_layer(language, &text, &taint, "file", self.here, id);
        }
    }
}

/// Shorter texts are no scripts.
const SHORTEST_SCRIPT: usize = 16;
/// More scripts than this are not kept.
const MOST_CONTENTS: usize = 64;

/// The text of a value, as code of which parts may be unknown.
fn script_of(value: &Value<'_>) -> Option<String> {
    match &value.shape {
        Shape::Pattern(pattern) => Some(pattern.replace(HOLE, "_")),
        _ => text_of(value),
    }
}

/// The text of a known value, as code.
fn text_of(value: &Value<'_>) -> Option<String> {
    match &value.shape {
        Shape::Text(text) => Some(text.to_string()),
        Shape::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            // A marshalled code object: its constants and names are what can be known of it.
            Err(_) => decode::marshal(bytes).map(|texts| texts.join("\n")),
        },
        _ => None,
    }
}

/// The language in which an interpreter of this name reads.
pub(super) fn interpreter(api: &str) -> Option<Language> {
    let name = api.rsplit(['/', '\\']).next().unwrap_or(api);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let plain = name.trim_end_matches(|one: char| one.is_ascii_digit() || one == '.');
    Some(match plain {
        "python" | "py" | "pythonw" | "pypy" | "uv" => Language::Python,
        "node" | "nodejs" | "deno" | "bun" => Language::JavaScript,
        "ruby" | "irb" => Language::Ruby,
        "powershell" | "pwsh" => Language::PowerShell,
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "cmd" | "source" | "wsl" => Language::Shell,
        _ => return None,
    })
}

fn script_language(path: &str) -> Option<Language> {
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "py" | "pyw" | "pth" => Language::Python,
        "js" | "mjs" | "cjs" => Language::JavaScript,
        "sh" | "bash" | "bat" | "cmd" | "command" => Language::Shell,
        "ps1" => Language::PowerShell,
        "rb" => Language::Ruby,
        _ => return None,
    })
}
