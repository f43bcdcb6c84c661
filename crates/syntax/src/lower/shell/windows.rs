//! What `cmd` of Windows reads: batch files and command lines.

use super::{
    super::tree::{Reader, statement},
    base_name, command, is, literal,
};
use crate::ir::{Argument, Expr, ExprKind, Span, Stmt, StmtKind};

/// Words with which a Windows command line begins.
const STARTS: &[&str] = &[
    "cmd",
    "powershell",
    "pwsh",
    "start",
    "reg",
    "schtasks",
    "certutil",
    "bitsadmin",
    "mshta",
    "regsvr32",
    "rundll32",
    "wscript",
    "cscript",
    "wmic",
    "taskkill",
    "attrib",
    "icacls",
    "vssadmin",
    "netsh",
    "conhost",
    "msiexec",
    "setx",
    "@echo",
    "rem",
    "forfiles",
    "wevtutil",
    "bcdedit",
    "tasklist",
    "systeminfo",
    "ipconfig",
    "del",
    "copy",
    "xcopy",
    "explorer",
];

/// Tools of Windows whose options begin with `/`.
const TOOLS: &[&str] = &[
    "reg",
    "schtasks",
    "certutil",
    "bitsadmin",
    "mshta",
    "regsvr32",
    "rundll32",
    "wscript",
    "cscript",
    "wmic",
    "taskkill",
    "attrib",
    "icacls",
    "vssadmin",
    "netsh",
    "msiexec",
    "setx",
    "forfiles",
    "wevtutil",
    "bcdedit",
    "tasklist",
    "del",
    "erase",
    "rd",
    "copy",
    "xcopy",
    "robocopy",
    "net",
    "cmdkey",
    "explorer",
    "wusa",
    "move",
    "net1",
    "vaultcmd",
];

/// Longer files are not read line by line.
const MOST_LINES: usize = 20_000;

pub(super) fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a text is for `cmd` and not for a POSIX shell.
pub(super) fn is_batch(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().trim_matches(['"', '@', '(']);
    let first = base_name(first).to_ascii_lowercase();
    let first = first.strip_suffix(".exe").unwrap_or(&first);
    STARTS.contains(&first) || first == "echo" && text.trim_start().to_ascii_lowercase().starts_with("@echo")
}

/// Reads lines.
pub(super) fn lines<'a>(reader: &Reader<'a>, text: &str) -> Vec<Stmt<'a>> {
    let mut body = Vec::new();
    // `^` at the end of a line joins it to the next.
    let mut start = 0;
    for line in text.split_inclusive('\n').take(MOST_LINES) {
        let place = Span { start: start as u32, end: (start + line.trim_end().len()) as u32 };
        start += line.len();
        body.extend(line_of(reader, line.trim(), place, 0));
    }
    body
}

/// Reads one line: commands between `&`, `&&`, `||`, `|`.
fn line_of<'a>(reader: &Reader<'a>, line: &str, place: Span, depth: usize) -> Vec<Stmt<'a>> {
    let mut body = Vec::new();
    let mut input: Option<Expr<'a>> = None;
    if depth > 8 || line.starts_with("::") || line.starts_with(':') {
        return body;
    }
    let parts = split(line);
    for (part, operator) in parts {
        let mut words = words_of(reader, &part, place);
        let Some(first) = words.first().and_then(literal).map(str::to_ascii_lowercase) else {
            if !words.is_empty() {
                body.push(statement(finish(reader, place, words, input.take())));
            }
            continue;
        };
        let plain = first.trim_start_matches('@');
        match plain {
            "rem" | "goto" | "setlocal" | "endlocal" | "title" | "cls" | ")" | "else" | "pause" => {}
            "set" => set(reader, &words, place, &mut body),
            "if" | "for" => {
                // What stands behind the test or the `do` is the command.
                let at =
                    words.iter().position(|word| literal(word).is_some_and(|text| text.eq_ignore_ascii_case("do")));
                let skip = at.map_or_else(|| words_before_command(&words), |at| at + 1);
                let rest = words.split_off(skip.min(words.len()));
                if !rest.is_empty() {
                    body.push(statement(finish(reader, place, rest, input.take())));
                }
            }
            _ => {
                if plain.len() < first.len() {
                    words[0] = reader.text(place, plain);
                }
                let call = finish(reader, place, words, input.take());
                if operator == "|" {
                    input = Some(call);
                } else {
                    body.push(statement(call));
                }
            }
        }
    }
    body
}

/// `if [not] exist X cmd`, `if [not] A==B cmd`, `if errorlevel 1 cmd`.
fn words_before_command(words: &[Expr<'_>]) -> usize {
    let mut at = 1;
    while words
        .get(at)
        .and_then(literal)
        .is_some_and(|text| text.eq_ignore_ascii_case("not") || text.eq_ignore_ascii_case("/i"))
    {
        at += 1;
    }
    match words.get(at).and_then(literal).map(str::to_ascii_lowercase).as_deref() {
        Some("exist" | "defined" | "errorlevel") => at + 2,
        _ => at + 1,
    }
}

fn set<'a>(reader: &Reader<'a>, words: &[Expr<'a>], place: Span, body: &mut Vec<Stmt<'a>>) {
    let Some(text) = words.get(1).and_then(literal) else { return };
    let Some((name, value)) = text.split_once('=') else { return };
    let mut parts = vec![reader.text(place, value)];
    for word in &words[2..] {
        parts.push(reader.text(place, " "));
        parts.push(*word);
    }
    let target = reader.name(place, reader.arena.alloc_str(name));
    let assign = reader.assign(target, None, reader.join(place, &parts), false);
    body.push(Stmt { span: place, kind: StmtKind::Assign(assign) });
}

/// The call of a command, its redirection looked after.
fn finish<'a>(reader: &Reader<'a>, place: Span, mut words: Vec<Expr<'a>>, input: Option<Expr<'a>>) -> Expr<'a> {
    let mut named = Vec::new();
    if let Some(input) = input {
        named.push(Argument { name: Some("stdin"), value: input });
    }
    let mut output = None;
    while let Some(at) = words.iter().position(|word| matches!(literal(word), Some(">" | ">>" | "1>" | "2>" | "<"))) {
        let target = (at + 1 < words.len()).then(|| words.remove(at + 1));
        let operator = words.remove(at);
        let Some(target) = target else { continue };
        let nowhere = literal(&target).is_some_and(|text| text.eq_ignore_ascii_case("nul"));
        match literal(&operator) {
            Some("<") => named.push(Argument { name: Some("stdin"), value: target }),
            Some("2>") => {}
            _ if nowhere => {
                named
                    .push(Argument { name: Some("silenced"), value: Expr { span: place, kind: ExprKind::Bool(true) } });
            }
            _ => output = Some(target),
        }
    }
    let value = command::build(reader, place, words, named);
    let Some(path) = output else { return value };
    let arguments = [Argument { name: Some("data"), value }, Argument { name: Some("path"), value: path }];
    reader.call(place, reader.name(place, "redirect"), &arguments)
}

/// Takes `cmd /c` and `start /min "title"` off. False when nothing is left.
pub(super) fn unwrap<'a>(reader: &Reader<'a>, words: &mut Vec<Expr<'a>>, named: &mut Vec<Argument<'a>>) -> bool {
    let Some(name) = words.first().and_then(literal).map(|name| base_name(name).to_ascii_lowercase()) else {
        return false;
    };
    let place = words[0].span;
    let mark =
        |name: &'static str| Argument { name: Some(name), value: Expr { span: place, kind: ExprKind::Bool(true) } };
    let mut at = 1;
    while let Some(text) = words.get(at).and_then(literal).filter(|text| text.starts_with('/') || *text == "--headless")
    {
        match text.to_ascii_lowercase().as_str() {
            "/min" | "/b" | "--headless" => named.push(mark("hidden")),
            "/d" if name.starts_with("start") => at += 1,
            _ => {}
        }
        at += 1;
    }
    if name.starts_with("start") {
        named.push(mark("detached"));
        // A first quoted word is the title; quotes are gone by now, so an empty one or one with a blank is taken for it.
        if words.len() > at + 1
            && words.get(at).and_then(literal).is_some_and(|text| text.is_empty() || text.contains(' '))
        {
            at += 1;
            while words.get(at).and_then(literal).is_some_and(|text| text.starts_with('/')) {
                at += 1;
            }
        }
    }
    if at >= words.len() {
        return false;
    }
    words.drain(..at);
    // `cmd /c "a & b"`: one word that is a line.
    if let [Expr { kind: ExprKind::Text(line), .. }] = words.as_slice()
        && line.contains([' ', '&', '|'])
        && !line.contains('\n')
    {
        let inner = words_of(reader, line, place);
        if split(line).len() == 1 {
            *words = inner;
        } else {
            let exprs: Vec<_> = line_of(reader, line, place, 1)
                .into_iter()
                .filter_map(|stmt| match stmt.kind {
                    StmtKind::Expr(expr) => Some(expr),
                    _ => None,
                })
                .collect();
            *words = vec![reader.text(place, "call"), reader.opaque(place, &exprs)];
            return false;
        }
    }
    !is(&words[0], "")
}

/// Splits a line at its operators, outside quotes.
fn split(line: &str) -> Vec<(String, &'static str)> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '"' => {
                quoted = !quoted;
                part.push(one);
            }
            // As in the words: a quote of the POSIX shells through which such lines pass.
            '\'' if !quoted && part.ends_with([' ', '=']) && rest.clone().any(|other| other == '\'') => {
                part.push(one);
                for other in rest.by_ref() {
                    part.push(other);
                    if other == '\'' {
                        break;
                    }
                }
            }
            '^' if !quoted => {
                // An escaped operator stays a part of its word.
                if let Some(next) = rest.next() {
                    part.push(next);
                }
            }
            '&' | '|' if !quoted => {
                // `2>&1` is no operator.
                if one == '&' && part.ends_with('>') {
                    part.push(one);
                    continue;
                }
                let double = rest.peek() == Some(&one);
                if double {
                    rest.next();
                }
                parts.push((std::mem::take(&mut part), if one == '|' && !double { "|" } else { "&" }));
            }
            _ => part.push(one),
        }
    }
    parts.push((part, ""));
    parts.retain(|(part, _)| !part.trim().is_empty());
    parts
}

/// The words of a command. `%NAME%` and `!NAME!` are variables.
fn words_of<'a>(reader: &Reader<'a>, part: &str, place: Span) -> Vec<Expr<'a>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut any = false;
    let flush = |word: &mut String, any: &mut bool, words: &mut Vec<Expr<'a>>| {
        if *any || !word.is_empty() {
            words.push(variables(reader, word, place));
            word.clear();
            *any = false;
        }
    };
    let mut rest = part.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '\\' if rest.peek() == Some(&'"') => word.push(rest.next().unwrap_or_default()),
            '"' => {
                quoted = !quoted;
                any = true;
            }
            // A single quote is no quote for `cmd`, but for the POSIX shells that such lines pass through.
            '\'' if !quoted && word.is_empty() && rest.clone().any(|other| other == '\'') => {
                any = true;
                for other in rest.by_ref() {
                    if other == '\'' {
                        break;
                    }
                    word.push(other);
                }
            }
            '>' | '<' if !quoted => {
                let number = matches!(word.as_str(), "1" | "2");
                let mut operator = if number { std::mem::take(&mut word) } else { String::new() };
                flush(&mut word, &mut any, &mut words);
                operator.push(one);
                if rest.peek() == Some(&'>') {
                    rest.next();
                }
                if rest.peek() == Some(&'&') {
                    rest.next();
                    rest.next();
                    continue;
                }
                words.push(reader.text(place, &operator));
            }
            '(' | ')' if !quoted && word.is_empty() => {}
            _ if one.is_whitespace() && !quoted => flush(&mut word, &mut any, &mut words),
            _ => word.push(one),
        }
    }
    flush(&mut word, &mut any, &mut words);
    words
}

fn variables<'a>(reader: &Reader<'a>, word: &str, place: Span) -> Expr<'a> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some(start) = rest.find(['%', '!']) {
        let mark = rest.as_bytes()[start] as char;
        let Some(length) = rest[start + 1..].find(mark) else { break };
        let name = &rest[start + 1..start + 1 + length];
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_()".contains(&byte));
        if !plain {
            parts.push(reader.text(place, &rest[..=start]));
            rest = &rest[start + 1..];
            continue;
        }
        if start > 0 {
            parts.push(reader.text(place, &rest[..start]));
        }
        parts.push(reader.name(place, reader.arena.alloc_str(name)));
        rest = &rest[start + length + 2..];
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(reader.text(place, rest));
    }
    match parts.as_slice() {
        [one] => *one,
        _ => reader.join(place, &parts),
    }
}
