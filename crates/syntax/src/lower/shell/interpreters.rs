//! Shells and interpreters: which of their words is code.

use super::{command::Command, is, literal};
use crate::ir::{Expr, ExprKind};

pub(super) const SHELLS: &[&str] =
    &["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "rbash", "bash.exe", "wsl", "csh", "tcsh"];
pub(super) const INTERPRETERS: &[&str] = &[
    "python",
    "pypy",
    "py",
    "pythonw",
    "node",
    "nodejs",
    "deno",
    "bun",
    "ruby",
    "perl",
    "php",
    "lua",
    "tclsh",
    "osascript",
    "Rscript",
    "java",
    "tsx",
    "ts-node",
];
/// Those of them whose language we read.
const READABLE: &[&str] = &["python", "node", "deno", "bun", "ruby"];
pub(super) const POWERSHELLS: &[&str] = &["powershell", "pwsh"];

/// Whether a call is one of a shell.
pub(super) fn is_shell(callee: &Expr<'_>) -> bool {
    matches!(callee.kind, ExprKind::Name(name) if SHELLS.contains(&name) || INTERPRETERS.contains(&name) || POWERSHELLS.contains(&name))
}

impl<'a> Command<'_, 'a> {
    /// The first word is a script, or the output of a command that stands for one.
    pub(super) fn script_or_code(&mut self, at: usize) {
        match self.words.get(at).copied() {
            Some(code) if matches!(code.kind, ExprKind::Call(_) | ExprKind::Sequence(_)) => self.note("code", code),
            Some(input) if is(&input, "-") || is(&input, "/dev/stdin") || is(&input, "/dev/fd/0") => {
                self.code_from_input()
            }
            Some(_) => {
                self.move_line();
                self.mark("script");
            }
            None => self.code_from_input(),
        }
        self.words.clear();
    }

    pub(super) fn source(mut self) -> Expr<'a> {
        match self.words.get(1).copied() {
            Some(script) if !matches!(script.kind, ExprKind::Call(_) | ExprKind::Sequence(_)) => {
                self.words.clear();
                self.note("script", script);
            }
            _ => self.script_or_code(1),
        }
        self.call("source")
    }

    fn code_from_input(&mut self) {
        if let Some(input) = self.named.iter().find(|argument| argument.name == Some("stdin")) {
            let value = input.value;
            self.named.retain(|argument| argument.name != Some("stdin"));
            self.note("code", value);
        }
    }

    pub(super) fn shell(mut self, name: &'a str) -> Expr<'a> {
        let mut at = 1;
        while let Some(text) =
            self.words.get(at).and_then(literal).filter(|text| text.len() > 1 && text.starts_with(['-', '+']))
        {
            at += 1;
            let cluster = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
            if cluster.contains('i') {
                self.mark("interactive");
            }
            if cluster.contains('c') {
                at = self.skip_options(at, &["-o"]);
                let code = self.words.get(at).copied();
                self.words.clear();
                if let Some(code) = code {
                    self.note("code", code);
                }
                return self.call(shell_name(name));
            }
            if cluster.contains('s') {
                at = self.words.len();
            } else if matches!(text, "-o" | "+o" | "-O" | "--rcfile" | "--init-file") {
                at += 1;
            }
        }
        self.script_or_code(at);
        self.call(shell_name(name))
    }

    pub(super) fn interpreter(mut self, name: &'a str) -> Expr<'a> {
        let mut at = 1;
        let name = match unversioned(name) {
            "pypy" | "py" | "pythonw" => "python",
            "nodejs" | "tsx" | "ts-node" => "node",
            other => other,
        };
        let readable = READABLE.contains(&name);
        while let Some(text) =
            self.words.get(at).and_then(literal).filter(|text| text.len() > 1 && text.starts_with('-'))
        {
            at += 1;
            let is_code = match name {
                "python" => text.ends_with('c') && !text.starts_with("--") && text.len() < 6,
                "node" | "bun" => matches!(text, "-e" | "--eval" | "-p" | "-pe" | "--print" | "-ep"),
                "perl" | "ruby" => {
                    !text.starts_with("--") && text.ends_with(['e', 'E']) && !text.starts_with("-I") && text.len() < 8
                }
                "php" => text == "-r",
                "Rscript" | "lua" | "osascript" => text == "-e",
                _ => false,
            };
            if is_code {
                let code = self.words.get(at).copied();
                self.words.clear();
                if let Some(code) = code {
                    self.note(if readable { "code" } else { "text" }, code);
                }
                return self.call(name);
            }
            if text == "-m" && name == "python" {
                if self.words.get(at).is_some_and(|module| is(module, "pip")) {
                    self.words.drain(..at);
                    return self.known("pip");
                }
                self.move_line();
                self.mark("module");
                return self.call(name);
            }
            if matches!(text, "-r" | "--require" | "--import" | "--loader" | "-W" | "-X" | "-l") {
                at += 1;
            }
        }
        if matches!(name, "deno" | "bun") && matches!(self.words.get(at).and_then(literal), Some("run" | "eval" | "x"))
        {
            at += 1;
        } else if name == "bun"
            && matches!(self.words.get(at).and_then(literal), Some("install" | "add" | "i" | "publish"))
        {
            return self.known("bun");
        }
        self.script_or_code(at);
        if !readable {
            for argument in &mut self.named {
                if argument.name == Some("code") {
                    argument.name = Some("text");
                }
            }
        }
        self.call(name)
    }

    pub(super) fn powershell(mut self) -> Expr<'a> {
        self.keep_line();
        let mut at = 1;
        while let Some(text) = self.words.get(at).and_then(literal) {
            let Some(option) = text.strip_prefix(['-', '/']).map(str::to_ascii_lowercase) else { break };
            at += 1;
            let begins = |long: &str, least: usize| option.len() >= least && long.starts_with(option.as_str());
            if begins("encodedcommand", 1) || option == "ec" {
                if let Some(encoded) = self.words.get(at).copied() {
                    let code = self.reader.call_name(encoded.span, "decode-encoded-command", &[encoded]);
                    self.note("code", code);
                    self.mark("encoded");
                }
                self.words.clear();
                return self.call("powershell");
            }
            if begins("command", 1) {
                break;
            }
            if begins("file", 1) {
                self.words.clear();
                self.mark("script");
                return self.call("powershell");
            }
            if begins("windowstyle", 1) {
                if self
                    .words
                    .get(at)
                    .and_then(literal)
                    .is_some_and(|style| style.to_ascii_lowercase().starts_with('h') || style == "1")
                {
                    self.mark("hidden");
                }
                at += 1;
            } else if begins("executionpolicy", 2)
                || option == "ep"
                || begins("version", 1)
                || begins("inputformat", 3)
                || begins("outputformat", 1)
            {
                at += 1;
            }
        }
        if at < self.words.len() && !is(&self.words[at], "-") {
            let code = self.line(at, self.words.len());
            self.note("code", code);
        } else {
            self.code_from_input();
        }
        self.words.clear();
        self.call("powershell")
    }
}

/// `python3.11` is `python`.
pub(super) fn unversioned(name: &str) -> &str {
    name.trim_end_matches(|one: char| one.is_ascii_digit() || one == '.')
}

/// The one name by which all shells go that read the same language.
fn shell_name(name: &str) -> &str {
    match name {
        "rbash" | "bash.exe" => "bash",
        "csh" | "tcsh" | "fish" => "sh",
        other => other,
    }
}
