//! Commands that move data: what they send, fetch and write.

use super::{
    base_name,
    command::{Command, build, is_cheap},
    is, literal,
    options::Options,
};
use crate::ir::{Argument, Expr, ExprKind};

impl<'a> Command<'_, 'a> {
    /// What `curl` and `wget` send: texts as they are, files by their content.
    pub(super) fn complete_transfer(&mut self, name: &str) {
        let mut sent = Vec::new();
        let mut kept: Vec<_> = self.named.iter().filter(|argument| argument.name == Some("stdin")).copied().collect();
        let mut input = kept.first().map(|argument| argument.value);
        for argument in std::mem::take(&mut self.named) {
            match argument.name {
                Some("data") if name == "curl" => sent.push(self.content(argument.value, "@", &mut input)),
                Some("form") => sent.push(self.content(argument.value, "=@", &mut input)),
                Some("upload") => sent.push(self.file(argument.value, &mut input)),
                Some("stdin") => {}
                Some("output") if is(&argument.value, "-") || is(&argument.value, "/dev/stdout") => {}
                Some("output") if is(&argument.value, "/dev/null") => {}
                _ => kept.push(argument),
            }
        }
        // What is sent need not be said twice.
        kept.retain(|argument| argument.name != Some("stdin") || sent.is_empty());
        self.named = kept;
        let data = match sent.as_slice() {
            [] => return,
            [one] => *one,
            many => self.reader.list(self.place, many),
        };
        self.note("data", data);
    }

    /// `@file` is the content of a file, `@-` is what is read.
    fn content(&self, value: Expr<'a>, mark: &str, input: &mut Option<Expr<'a>>) -> Expr<'a> {
        let (text, tail) = match value.kind {
            ExprKind::Text(text) => (text, &[][..]),
            ExprKind::Join([Expr { kind: ExprKind::Text(text), .. }, tail @ ..]) => (*text, tail),
            _ => return value,
        };
        let Some(at) = text.find(mark).filter(|at| *at == 0 || mark != "@") else { return value };
        let mut parts = vec![self.reader.text(value.span, &text[at + mark.len()..])];
        parts.extend_from_slice(tail);
        self.file(self.reader.join(value.span, &parts), input)
    }

    /// The content of a file; `-` is what is read.
    fn file(&self, path: Expr<'a>, input: &mut Option<Expr<'a>>) -> Expr<'a> {
        if matches!(literal(&path), Some("-" | "." | "/dev/stdin")) {
            return input.take().unwrap_or(path);
        }
        let path = Argument { name: Some("path"), value: path };
        self.reader.call(self.place, self.reader.name(self.place, "cat"), &[path])
    }

    /// `wget URL` and `curl -O URL` write a file of the URL's last name.
    pub(super) fn name_remote_file(&mut self, name: &str) {
        let implied = name == "wget" || self.has("remote-name");
        let to_stdout = name == "wget" && self.named.iter().any(|argument| argument.name == Some("command")) && {
            let line = self.named.iter().find(|argument| argument.name == Some("command"));
            matches!(line.map(|line| line.value.kind), Some(ExprKind::List(words)) if words.iter().any(|word| {
                literal(word).is_some_and(|text| text == "-" || text.starts_with('-') && text.ends_with("O-"))
                    || is(word, "/dev/stdout")
            }))
        };
        if !implied || to_stdout || self.has("output") {
            return;
        }
        let Some(url) = self.named.iter().find(|argument| argument.name == Some("url")).map(|argument| argument.value)
        else {
            return;
        };
        let last = match url.kind {
            ExprKind::Text(text) => Some(text),
            ExprKind::Join([.., Expr { kind: ExprKind::Text(text), .. }]) => Some(*text),
            _ => None,
        };
        let name = last.map(|text| base_name(text.split(['?', '#']).next().unwrap_or(text)));
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            let directory = self.named.iter().find(|argument| argument.name == Some("directory")).map(|one| one.value);
            let directory = directory.filter(is_cheap);
            let name = self.reader.text(url.span, name);
            let path = match directory {
                Some(directory) => self.reader.join(url.span, &[directory, self.reader.text(url.span, "/"), name]),
                None => name,
            };
            self.note("output", path);
        }
    }

    fn plain_words(&mut self, name: &str) -> Vec<Expr<'a>> {
        let words = std::mem::take(&mut self.words);
        match Options::of(name) {
            Some(options) => self.take_options(&options, words.get(1..).unwrap_or_default()),
            None => words.get(1..).unwrap_or_default().to_vec(),
        }
    }

    /// `scp from... to`: towards a host it sends, from a host it fetches.
    pub(super) fn copy_remote(mut self, name: &'a str) -> Expr<'a> {
        self.keep_line();
        let mut words = self.plain_words(name);
        let Some(to) = words.pop() else { return self.call(name) };
        let remote = |word: &Expr<'a>| match word.kind {
            ExprKind::Text(text) => {
                text.split('/').next().is_some_and(|head| head.contains(':')) || text.starts_with("rsync://")
            }
            ExprKind::Join(parts) => parts
                .iter()
                .filter_map(literal)
                .any(|text| text.contains(":/") || text.contains('@') || text.starts_with(':')),
            _ => false,
        };
        if remote(&to) {
            let files: Vec<_> = words.iter().map(|path| self.file(*path, &mut None)).collect();
            let data = self.reader.list(self.place, &files);
            self.note("data", data);
            self.note("url", to);
        } else if let Some(from) = words.first().copied().filter(|from| remote(from)) {
            self.note("url", from);
            self.note("output", to);
        } else {
            self.words = words;
            self.words.insert(0, self.reader.text(self.place, name));
            self.words.push(to);
            return self.copy("cp");
        }
        self.call(name)
    }

    pub(super) fn copy(mut self, name: &'a str) -> Expr<'a> {
        let mut words = self.plain_words(name);
        if let Some(to) = words.pop() {
            let files: Vec<_> = words.iter().map(|path| self.file(*path, &mut None)).collect();
            let data = match files.as_slice() {
                [one] => *one,
                _ => self.reader.list(self.place, &files),
            };
            self.note("data", data);
            self.note("path", to);
        }
        self.call(name)
    }

    /// `dd if=... of=...`.
    pub(super) fn dd(mut self) -> Expr<'a> {
        for word in std::mem::take(&mut self.words) {
            let (text, tail) = match word.kind {
                ExprKind::Text(text) => (text, &[][..]),
                ExprKind::Join([Expr { kind: ExprKind::Text(text), .. }, tail @ ..]) => (*text, tail),
                _ => continue,
            };
            let Some((key, value)) = text.split_once('=') else { continue };
            let mut parts = vec![self.reader.text(word.span, value)];
            parts.extend_from_slice(tail);
            let path = self.reader.join(word.span, &parts);
            match key {
                "if" => {
                    let data = self.file(path, &mut None);
                    self.note("data", data);
                }
                "of" => self.note("path", path),
                _ => {}
            }
        }
        self.call("dd")
    }

    /// `find where ... -exec cmd {} ;`, `find where -delete`.
    pub(super) fn find(mut self) -> Expr<'a> {
        let words = std::mem::take(&mut self.words);
        let place = self.place;
        if let Some(path) = words.get(1).filter(|word| literal(word).is_none_or(|text| !text.starts_with('-'))) {
            self.note("path", *path);
        }
        if words.iter().any(|word| is(word, "-delete")) {
            self.mark("delete");
        }
        let found = {
            let named = std::mem::take(&mut self.named);
            self.reader.call(place, self.reader.name(place, "find"), &named)
        };
        let Some(exec) = words.iter().position(|word| matches!(literal(word), Some("-exec" | "-execdir" | "-ok")))
        else {
            return found;
        };
        let end = words
            .iter()
            .skip(exec)
            .position(|word| matches!(literal(word), Some(";" | "+")))
            .map_or(words.len(), |at| exec + at);
        let mut inner: Vec<_> = words[exec + 1..end].to_vec();
        let mut found = Some(found);
        for word in &mut inner {
            if is(word, "{}")
                && let Some(path) = found.take()
            {
                *word = path;
            }
        }
        let value = build(self.reader, place, inner, Vec::new());
        match found {
            Some(found) => self.reader.sequence(place, &[found, value]),
            None => value,
        }
    }

    pub(super) fn git(mut self) -> Expr<'a> {
        self.keep_line();
        let words = self.plain_words("git");
        let mut words = words.into_iter();
        let verb = words.next();
        let name: &'a str = match verb.as_ref().and_then(literal) {
            Some(
                verb @ ("push" | "clone" | "commit" | "config" | "remote" | "fetch" | "pull" | "add" | "submodule"),
            ) => self.reader.arena.alloc_str(&format!("git-{verb}")),
            _ => "git",
        };
        self.words = words.filter(|word| literal(word).is_none_or(|text| !text.starts_with('-'))).collect();
        self.call(name)
    }

    pub(super) fn socat(mut self) -> Expr<'a> {
        let runs = |word: &Expr<'a>| match word.kind {
            ExprKind::Text(text) => {
                text.to_ascii_lowercase().starts_with("exec:") || text.to_ascii_lowercase().starts_with("system:")
            }
            _ => false,
        };
        self.keep_line();
        let words = self.plain_words("socat");
        if words.iter().any(runs) {
            self.mark("exec");
        }
        let address =
            words.iter().find(|word| !runs(word) && !matches!(literal(word), Some("-" | "STDIO" | "stdio"))).copied();
        if let Some(address) = address {
            let plain = match address.kind {
                ExprKind::Text(text) => {
                    let rest = text.split_once(':').map_or(text, |(_, rest)| rest);
                    self.reader.text(address.span, rest.split(',').next().unwrap_or(rest))
                }
                _ => address,
            };
            self.note("host", plain);
        }
        self.words = words;
        self.call("socat")
    }

    /// A tool of Windows: what it does becomes a part of its name, addresses and files are named.
    pub(super) fn windows_tool(mut self, name: &str) -> Expr<'a> {
        const VERBS: &[&str] = &[
            "urlcache",
            "decode",
            "encode",
            "transfer",
            "addfile",
            "create",
            "add",
            "query",
            "delete",
            "import",
            "save",
            "export",
            "run",
            "change",
            "user",
            "localgroup",
            "advfirewall",
            "sl",
            "cl",
        ];
        self.keep_line();
        let mut words = std::mem::take(&mut self.words);
        words.remove(0);
        let mut verb = None;
        words.retain(|word| {
            let Some(text) = literal(word) else { return true };
            let plain = text.trim_start_matches(['/', '-']).to_ascii_lowercase();
            let option = text.starts_with(['/', '-']) && text.len() <= 16 && !text[1..].contains('/');
            if verb.is_none()
                && let Some(known) = VERBS.iter().find(|known| **known == plain)
            {
                verb = Some(*known);
                return false;
            }
            !option
        });
        if matches!(name.to_ascii_lowercase().as_str(), "copy" | "xcopy" | "robocopy" | "move") {
            words.insert(0, self.reader.text(self.place, "cp"));
            self.words = words;
            return self.copy("cp");
        }
        let url = words.iter().position(|word| match word.kind {
            ExprKind::Text(text) => text.contains("://"),
            ExprKind::Join(parts) => parts.iter().filter_map(literal).any(|text| text.contains("://")),
            _ => false,
        });
        if let Some(url) = url {
            let value = words.remove(url);
            self.note("url", value);
            if let Some(output) = words.get(url).copied() {
                self.note("output", output);
            }
        }
        self.words = words;
        let name = name.to_ascii_lowercase();
        let name = verb.map_or(name.clone(), |verb| format!("{name}-{verb}"));
        let name = self.reader.arena.alloc_str(&name);
        self.call(name)
    }
}
