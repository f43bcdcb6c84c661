//! From the words of a command to a call: wrappers taken off, options named.

use super::{
    super::tree::Reader,
    base_name,
    interpreters::{INTERPRETERS, POWERSHELLS, SHELLS, is_shell, unversioned},
    is, literal,
    options::Options,
    windows,
};
use crate::ir::{Argument, Expr, ExprKind, Span};

/// Wrappers may be nested; nobody nests this many.
const MOST_WRAPPERS: usize = 16;
/// A command with more paths than this is not taken apart.
const MOST_PATHS: usize = 64;

/// A command on its way to a call.
pub(super) struct Command<'r, 'a> {
    pub reader: &'r Reader<'a>,
    pub place: Span,
    pub words: Vec<Expr<'a>>,
    pub named: Vec<Argument<'a>>,
}

/// The call that a command is.
pub(super) fn build<'a>(reader: &Reader<'a>, place: Span, words: Vec<Expr<'a>>, named: Vec<Argument<'a>>) -> Expr<'a> {
    let mut command = Command { reader, place, words, named };
    for _ in 0..MOST_WRAPPERS {
        if !command.unwrap() {
            break;
        }
    }
    command.finish()
}

impl<'a> Command<'_, 'a> {
    /// The plain name of the command, when it is known. `/usr/bin/curl` is `curl`; a program in a place of its own keeps its path.
    fn name(&self) -> Option<&'a str> {
        let name = literal(self.words.first()?)?;
        let base = base_name(name);
        let plain = base.len() > 4
            && base.is_char_boundary(base.len() - 4)
            && base[base.len() - 4..].eq_ignore_ascii_case(".exe");
        let lower: &'a str =
            if plain { self.reader.arena.alloc_str(&base[..base.len() - 4].to_ascii_lowercase()) } else { base };
        let system = ["/bin/", "/usr/", "/sbin/", "/opt/", "/system/", "/windows/"];
        let path = name.to_ascii_lowercase().replace('\\', "/");
        let path = path.split_once(":/").map_or(path.as_str(), |(_, rest)| &path[path.len() - rest.len() - 1..]);
        let known = !name.contains(['/', '\\'])
            || system.iter().any(|start| path.starts_with(start))
            || path.starts_with("%systemroot%");
        (known && !lower.is_empty()).then_some(lower)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.named.iter().any(|argument| argument.name == Some(name))
    }

    pub(super) fn note(&mut self, name: &'static str, value: Expr<'a>) {
        self.named.push(Argument { name: Some(name), value });
    }

    pub(super) fn mark(&mut self, name: &'static str) {
        if !self.has(name) {
            let value = Expr { span: self.place, kind: ExprKind::Bool(true) };
            self.note(name, value);
        }
    }

    /// Takes one wrapper off. False when there is none.
    fn unwrap(&mut self) -> bool {
        let Some(name) = self.name() else { return false };
        let (takes, skip): (&[&str], usize) = match name {
            "sudo" | "doas" | "gosu" | "su-exec" => (&["-u", "-g", "-p", "-C", "-h", "-r", "-t", "-U"], 0),
            "nohup" | "setsid" | "daemonize" => {
                self.mark("detached");
                (&[], 0)
            }
            "timeout" | "gtimeout" => (&["-k", "-s", "--signal", "--kill-after"], 1),
            "nice" | "ionice" | "time" | "builtin" | "busybox" | "unbuffer" | "caffeinate" | "chronic" | "toybox"
            | "cross-env" => (&["-n", "-c", "-o", "-f"], 0),
            "stdbuf" => (&["-i", "-o", "-e"], 0),
            "command" if !self.words.get(1).is_some_and(|word| is(word, "-v") || is(word, "-V")) => (&[], 0),
            "exec" if self.words.len() > 1 => (&["-a"], 0),
            "env" => return self.unwrap_env(),
            "xargs" => return self.unwrap_xargs(),
            "start" | "cmd" | "conhost" if self.words.len() > 1 => {
                return windows::unwrap(self.reader, &mut self.words, &mut self.named);
            }
            _ => return false,
        };
        let mut at = self.skip_options(1, takes) + skip;
        if name == "cross-env" || name == "sudo" {
            at = self.skip_assignments(at);
        }
        if at >= self.words.len() {
            return false;
        }
        self.words.drain(..at);
        true
    }

    /// The first word from here that is no option.
    pub(super) fn skip_options(&self, from: usize, takes: &[&str]) -> usize {
        let mut at = from;
        while let Some(text) = self.words.get(at).and_then(literal).filter(|text| text.starts_with('-')) {
            at += 1;
            if text == "--" {
                break;
            }
            at += usize::from(takes.contains(&text));
        }
        at
    }

    fn skip_assignments(&self, from: usize) -> usize {
        let assigns = |word: &Expr<'a>| {
            let text = match word.kind {
                ExprKind::Text(text) => text,
                ExprKind::Join([Expr { kind: ExprKind::Text(text), .. }, ..]) => text,
                _ => return false,
            };
            text.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            })
        };
        from + self.words[from.min(self.words.len())..].iter().take_while(|word| assigns(word)).count()
    }

    fn unwrap_env(&mut self) -> bool {
        let at = self.skip_options(1, &["-u", "-C", "--unset"]);
        let at = self.skip_assignments(at);
        if at >= self.words.len() {
            return false;
        }
        self.words.drain(..at);
        true
    }

    /// `xargs cmd`: the command gets what is read as further words.
    fn unwrap_xargs(&mut self) -> bool {
        let at = self.skip_options(1, &["-I", "-n", "-P", "-d", "-L", "-s", "-E", "-a"]);
        if at >= self.words.len() {
            return false;
        }
        self.words.drain(..at);
        if let Some(input) = self.named.iter().position(|argument| argument.name == Some("stdin")) {
            let input = self.named.remove(input).value;
            let hole = self.words.iter().position(|word| is(word, "{}") || is(word, "%"));
            match hole {
                Some(hole) => self.words[hole] = input,
                None => self.words.push(input),
            }
        }
        true
    }

    fn finish(mut self) -> Expr<'a> {
        let Some(name) = self.name() else { return self.program() };
        match name {
            // Only its redirections matter.
            "exec" if self.words.len() == 1 => self.reader.text(self.place, ""),
            _ if SHELLS.contains(&name) => self.shell(name),
            _ if INTERPRETERS.contains(&unversioned(name)) => self.interpreter(name),
            _ if POWERSHELLS.contains(&name.to_ascii_lowercase().as_str()) => self.powershell(),
            "eval" | "trap" => {
                let take = if name == "trap" { 2.min(self.words.len()) } else { self.words.len() };
                let code = self.line(1, take);
                self.words.clear();
                self.note("code", code);
                self.call("eval")
            }
            "source" | "." => self.source(),
            "scp" | "rsync" => self.copy_remote(name),
            "cp" | "mv" | "ln" | "install" | "ditto" => self.copy(name),
            "dd" => self.dd(),
            "find" => self.find(),
            "git" => self.git(),
            "socat" => self.socat(),
            _ if windows::is_tool(name) => self.windows_tool(name),
            _ => self.known(name),
        }
    }

    /// A program of its own: started by its path, or by a name that is computed.
    fn program(mut self) -> Expr<'a> {
        if self.words.is_empty() {
            return self.reader.text(self.place, "");
        }
        self.move_line();
        self.call("exec")
    }

    /// Keeps the whole command as `command`, the list of its words. Words with commands in them become holes, for each
    /// expression must stand in the result once only: twice at every level of nesting would be two to the power of the depth.
    pub(super) fn keep_line(&mut self) {
        let words: Vec<_> = self
            .words
            .iter()
            .map(|word| if is_cheap(word) { *word } else { self.reader.opaque(word.span, &[]) })
            .collect();
        let line = self.reader.list(self.place, &words);
        self.note("command", line);
    }

    /// The words themselves go into `command`, and nowhere else.
    pub(super) fn move_line(&mut self) {
        let line = self.reader.list(self.place, &std::mem::take(&mut self.words));
        self.note("command", line);
    }

    pub(super) fn call(self, name: &'a str) -> Expr<'a> {
        let words = self.words.iter().map(|value| Argument { name: None, value: *value });
        let arguments: Vec<_> = words.chain(self.named.iter().copied()).collect();
        self.reader.call(self.place, self.reader.name(self.place, name), &arguments)
    }

    /// Words as one text, with blanks between them.
    pub(super) fn line(&self, from: usize, to: usize) -> Expr<'a> {
        let mut parts = Vec::new();
        for word in self.words.get(from..to).unwrap_or_default() {
            if !parts.is_empty() {
                parts.push(self.reader.text(word.span, " "));
            }
            parts.push(*word);
        }
        match parts.as_slice() {
            [one] => *one,
            _ => self.reader.join(self.place, &parts),
        }
    }

    /// A command with options of which we know.
    pub(super) fn known(mut self, name: &'a str) -> Expr<'a> {
        let Some(options) = Options::of(name) else {
            if INERT.contains(&name) {
                self.words.drain(..1);
            } else {
                self.keep_line();
                self.words.drain(..1);
            }
            return self.call(name);
        };
        self.keep_line();
        let mut words = std::mem::take(&mut self.words);
        if name == "tar"
            && let Some(first) = words.get(1).copied()
            && let Some(letters) = literal(&first).filter(|text| !text.starts_with('-') && !text.contains(['.', '/']))
        {
            words[1] = self.reader.text(first.span, &format!("-{letters}"));
        }
        let mut rest = self.take_options(&options, &words[1..]);
        let mut places = options.places;
        let mut name = if name == "pip3" { "pip" } else { name };
        if let Some(others) = places.strip_prefix("verb") {
            places = others;
            if !rest.is_empty()
                && let Some(verb) = literal(&rest.remove(0))
            {
                name = self.reader.arena.alloc_str(&format!("{name}-{}", verb.to_ascii_lowercase()));
            }
        }
        match name {
            "curl" | "wget" => self.complete_transfer(name),
            // Where to ask and how to print is no name.
            "dig" | "drill" | "host" => {
                rest.retain(|word| literal(word).is_none_or(|text| !text.starts_with(['+', '@'])))
            }
            "tar" | "bsdtar" => self.named.retain(|one| one.name != Some("archive") || !is(&one.value, "-")),
            _ => {}
        }
        let filters = READERS.contains(&name) && rest.len() < places.split_whitespace().count();
        if filters {
            name = self.reader.arena.alloc_str(&format!("{name}-input"));
        }
        self.place_words(name, places, rest)
    }

    /// Names the options among the words; answers the rest.
    pub(super) fn take_options(&mut self, options: &Options, words: &[Expr<'a>]) -> Vec<Expr<'a>> {
        let mut rest = Vec::new();
        let mut at = 0;
        let mut open = true;
        while let Some(word) = words.get(at).copied() {
            at += 1;
            // The first part tells the option of `--data=$X` and `-d$X` too.
            let (text, tail) = match word.kind {
                ExprKind::Text(text) => (text, &[][..]),
                ExprKind::Join([Expr { kind: ExprKind::Text(text), .. }, tail @ ..]) => (*text, tail),
                _ => ("", &[][..]),
            };
            if !open || text.len() < 2 || !text.starts_with('-') {
                rest.push(word);
                continue;
            }
            if text == "--" {
                open = false;
                continue;
            }
            let name = text.trim_start_matches('-');
            let (name, glued) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (name, None),
            };
            let attached = |value: &str| {
                let mut parts = vec![self.reader.text(word.span, value)];
                parts.extend_from_slice(tail);
                self.reader.join(word.span, &parts)
            };
            if let Some(meaning) = options.meaning(name) {
                if meaning.takes {
                    let value = match glued {
                        Some(value) => Some(attached(value)),
                        None if !tail.is_empty() => Some(attached("")),
                        None => {
                            at += 1;
                            words.get(at - 1).copied()
                        }
                    };
                    if let Some(value) = value.filter(|_| !meaning.name.is_empty()) {
                        self.note(meaning.name, value);
                    }
                } else if !meaning.name.is_empty() {
                    self.mark(meaning.name);
                }
                continue;
            }
            if text.starts_with("--") || !options.clusters {
                continue;
            }
            at = self.take_cluster(options, &text[1..], &attached, words, at);
        }
        rest
    }

    /// `-sSLo file`, `-d$DATA`.
    fn take_cluster(
        &mut self,
        options: &Options,
        cluster: &str,
        attached: &dyn Fn(&str) -> Expr<'a>,
        words: &[Expr<'a>],
        mut at: usize,
    ) -> usize {
        for (index, letter) in cluster.char_indices() {
            let mut buffer = [0; 4];
            let Some(meaning) = options.meaning(letter.encode_utf8(&mut buffer)) else { continue };
            if !meaning.takes {
                if !meaning.name.is_empty() {
                    self.mark(meaning.name);
                }
                continue;
            }
            let rest = &cluster[index + letter.len_utf8()..];
            let value = attached(rest);
            let value = if rest.is_empty() && literal(&value) == Some("") {
                at += 1;
                words.get(at - 1).copied()
            } else {
                Some(value)
            };
            if let Some(value) = value.filter(|_| !meaning.name.is_empty()) {
                self.note(meaning.name, value);
            }
            break;
        }
        at
    }

    /// Gives the remaining words their names. A name with `+` takes all the rest, each in a call of its own.
    fn place_words(mut self, name: &'a str, places: &'static str, words: Vec<Expr<'a>>) -> Expr<'a> {
        let mut words = words.into_iter();
        for place in places.split_whitespace() {
            if let Some(many) = place.strip_suffix('+') {
                let rest: Vec<_> = words.collect();
                return self.call_each(name, many, rest);
            }
            // An option has given it already: `base64 -i file`.
            if self.has(place) && place != "url" {
                continue;
            }
            match words.next() {
                Some(word) => self.note(place, word),
                None => break,
            }
        }
        self.words = words.collect();
        match name {
            "curl" | "wget" => self.name_remote_file(name),
            _ if places == "host port" || name == "openssl-s_client" => self.connect(),
            _ => {}
        }
        self.call(name)
    }

    /// `nc host port`: the address as one text, and whether a shell hangs on it.
    fn connect(&mut self) {
        let value =
            |name: &str| self.named.iter().find(|argument| argument.name == Some(name)).map(|argument| argument.value);
        let (host, port, input) = (value("host").or_else(|| value("connect")), value("port"), value("stdin"));
        self.named.retain(|one| one.name != Some("host") && (one.name != Some("port") || is_cheap(&one.value)));
        if let Some(host) = host {
            let address = match port {
                Some(port) => self.reader.join(self.place, &[host, self.reader.text(self.place, ":"), port]),
                None => host,
            };
            self.note("address", address);
        }
        if input.is_some_and(|input| matches!(input.kind, ExprKind::Call(call) if is_shell(&call.callee))) {
            self.mark("shell");
        }
    }

    fn call_each(self, name: &'a str, place: &'static str, values: Vec<Expr<'a>>) -> Expr<'a> {
        // The whole line tells more than its parts, and is the same for each.
        let few = values.len() <= MOST_PATHS;
        let mut calls = Vec::new();
        let mut named = self.named.clone();
        for value in values.iter().copied().take(if few { MOST_PATHS } else { 1 }) {
            named.push(Argument { name: Some(place), value });
            calls.push(self.reader.call(self.place, self.reader.name(self.place, name), &named));
            named.pop();
            // The input and the words are evaluated once.
            named.retain(|argument| matches!(argument.value.kind, ExprKind::Text(_) | ExprKind::Bool(_)));
        }
        match calls.as_slice() {
            [] => self.call(name),
            [one] => *one,
            _ => self.reader.join(self.place, &calls),
        }
    }
}

/// Whether evaluating it a second time costs nothing: no command stands in it.
pub(super) fn is_cheap(expr: &Expr<'_>) -> bool {
    match expr.kind {
        ExprKind::Text(_) | ExprKind::Name(_) | ExprKind::Bool(_) | ExprKind::Int(_) => true,
        ExprKind::Join(parts) => parts.len() <= 64 && parts.iter().all(is_cheap),
        ExprKind::Spread(inner) => matches!(inner.kind, ExprKind::Name(_)),
        _ => false,
    }
}

/// Commands that read files when they are given some, and otherwise pass on what they read (as `cat-input`).
const READERS: &[&str] = &[
    "cat", "head", "tail", "less", "more", "nl", "tac", "rev", "sort", "uniq", "strings", "od", "hexdump", "cut",
    "sed", "grep", "egrep", "fgrep", "rg", "awk", "gawk", "mawk", "jq", "yq",
];

/// Commands that need no list of their words: their arguments are data.
const INERT: &[&str] = &[
    "echo", "printf", "print", "test", "[", "true", "false", ":", "set", "shift", "local", "return", "wait", "cd",
    "pwd",
];
