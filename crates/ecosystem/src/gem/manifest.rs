//! A gem's specification: the YAML inside a built gem, or the Ruby of a `.gemspec`.
//!
//! Neither is read by a full reader of its language. The YAML of a gem is written by RubyGems itself in one fixed layout;
//! of a `.gemspec` only plain assignments of literals are seen, and nothing is run.

/// What matters of a specification.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Specification {
    /// The gem's own name.
    pub name: Option<String>,
    /// The gem's own version.
    pub version: Option<String>,
    /// The platform, when it is not `ruby`.
    pub platform: Option<String>,
    /// Scripts that build native code: they run at installation.
    pub extensions: Vec<String>,
    /// Commands.
    pub executables: Vec<String>,
    /// The folder of the commands.
    pub bindir: Option<String>,
    /// Folders from which files are required.
    pub require_paths: Vec<String>,
    /// Names of the gems that it depends on.
    pub dependencies: Vec<String>,
}

impl Specification {
    fn list(&mut self, key: &str) -> Option<&mut Vec<String>> {
        match key {
            "extensions" => Some(&mut self.extensions),
            "executables" => Some(&mut self.executables),
            "require_paths" => Some(&mut self.require_paths),
            _ => None,
        }
    }

    fn set(&mut self, key: &str, value: String) {
        match key {
            "name" => self.name = self.name.take().or(Some(value)),
            "version" => self.version = self.version.take().or(Some(value)),
            "platform" if value != "ruby" => self.platform = self.platform.take().or(Some(value)),
            "bindir" => self.bindir = self.bindir.take().or(Some(value)),
            _ => {}
        }
    }
}

/// Reads the YAML of a built gem (`metadata`, unpacked).
pub fn read_yaml(bytes: &[u8]) -> Specification {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Specification::default();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let content = line.trim();
        if indent == 0 && !content.starts_with('-') {
            let Some((name, value)) = content.split_once(':') else { continue };
            key = name.trim().to_owned();
            let value = value.trim();
            if let Some(list) = out.list(&key) {
                list.extend(flow(value));
            } else if !value.is_empty() && !value.starts_with('!') {
                out.set(&key, scalar(value));
            }
        } else if let Some(item) = content.strip_prefix("- ") {
            // Items stand at the margin or indented, by the version of RubyGems.
            if let Some(list) = out.list(&key).filter(|_| indent <= 2) {
                list.push(scalar(item));
            }
        } else if key == "version" && indent > 0 {
            if let Some(value) = content.strip_prefix("version:") {
                out.set("version", scalar(value));
            }
        } else if key == "dependencies"
            && indent == 2
            && let Some(value) = content.strip_prefix("name:")
        {
            out.dependencies.push(scalar(value));
        }
    }
    out
}

/// Reads a `.gemspec`.
pub fn read_gemspec(bytes: &[u8]) -> Specification {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Specification::default();
    for statement in statements(&text) {
        let Some((receiver, rest)) = statement.split_once('.') else { continue };
        if !receiver.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || receiver.trim().is_empty() {
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (key, value) = (&rest[..end], rest[end..].trim());
        if matches!(key, "add_dependency" | "add_runtime_dependency" | "add_development_dependency") {
            out.dependencies.extend(literals(value).into_iter().next());
            continue;
        }
        let assigned =
            ["+=", "<<", "="].iter().find_map(|sign| value.strip_prefix(sign)).filter(|v| !v.starts_with('='));
        let Some(value) = assigned else { continue };
        let values = literals(value);
        let key = if key == "require_path" { "require_paths" } else { key };
        if let Some(list) = out.list(key) {
            list.extend(values);
        } else if let Some(value) = values.into_iter().next() {
            out.set(key, value);
        }
    }
    out
}

/// The statements of a Ruby text, as far as lines and open brackets tell.
fn statements(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(line);
        let depth = |sign: char| open.matches(sign).count();
        let balanced = depth('[') <= depth(']') && depth('(') <= depth(')');
        if balanced || open.len() > 8192 {
            out.push(std::mem::take(&mut open));
        }
    }
    out.push(open);
    out
}

/// The string literals of an expression: quoted ones, and the words of `%w[...]`.
fn literals(expression: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = expression;
    while let Some(at) = rest.find(['"', '\'', '%', '#']) {
        let (sign, after) = (&rest[at..=at], &rest[at + 1..]);
        rest = match sign {
            "#" => "",
            "%" => match after.strip_prefix(['w', 'W']).and_then(|words| words.split_once(['[', '(', '{', '<', '|'])) {
                Some(("", words)) => {
                    let (words, tail) = words.split_once([']', ')', '}', '>', '|']).unwrap_or((words, ""));
                    out.extend(words.split_whitespace().map(str::to_owned));
                    tail
                }
                _ => after,
            },
            quote => {
                let (text, tail) = after.split_once(quote).unwrap_or((after, ""));
                out.push(text.to_owned());
                tail
            }
        };
    }
    out
}

/// A YAML list in one line: `[]`, `[a, b]`.
fn flow(value: &str) -> Vec<String> {
    let inside = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    inside.split(',').map(scalar).filter(|item| !item.is_empty()).collect()
}

/// A YAML scalar without its quotes.
fn scalar(text: &str) -> String {
    let text = text.trim();
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match (quoted('\''), quoted('"')) {
        (Some(inside), _) => inside.replace("''", "'"),
        (_, Some(inside)) => inside.replace("\\\"", "\"").replace("\\\\", "\\"),
        _ => text.to_owned(),
    }
}
