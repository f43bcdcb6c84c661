//! From the words of a command to a call: wrappers taken off, options named.

use super::{super::tree::Reader, base_name, is, literal, options::Options, windows};
use crate::ir::{Argument, Expr, ExprKind, Span};

/// Wrappers may be nested; nobody nests this many.
const MOST_WRAPPERS: usize = 16;
/// A command with more paths than this is not taken apart.
const MOST_PATHS: usize = 64;

const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "rbash", "bash.exe", "wsl", "csh", "tcsh"];
const INTERPRETERS: &[&str] = &[
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
const POWERSHELLS: &[&str] = &["powershell", "pwsh"];

/// Whether a call is one of a shell.
pub(super) fn is_shell(callee: &Expr<'_>) -> bool {
    matches!(callee.kind, ExprKind::Name(name) if SHELLS.contains(&name) || INTERPRETERS.contains(&name) || POWERSHELLS.contains(&name))
}

/// A command on its way to a call.
struct Command<'r, 'a> {
    reader: &'r Reader<'a>,
    place: Span,
    words: Vec<Expr<'a>>,
    named: Vec<Argument<'a>>,
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

    fn has(&self, name: &str) -> bool {
        self.named.iter().any(|argument| argument.name == Some(name))
    }

    fn note(&mut self, name: &'static str, value: Expr<'a>) {
        self.named.push(Argument { name: Some(name), value });
    }

    fn mark(&mut self, name: &'static str) {
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
    fn skip_options(&self, from: usize, takes: &[&str]) -> usize {
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
    fn keep_line(&mut self) {
        let words: Vec<_> = self
            .words
            .iter()
            .map(|word| if is_cheap(word) { *word } else { self.reader.opaque(word.span, &[]) })
            .collect();
        let line = self.reader.list(self.place, &words);
        self.note("command", line);
    }

    /// The words themselves go into `command`, and nowhere else.
    fn move_line(&mut self) {
        let line = self.reader.list(self.place, &std::mem::take(&mut self.words));
        self.note("command", line);
    }

    fn call(self, name: &'a str) -> Expr<'a> {
        let words = self.words.iter().map(|value| Argument { name: None, value: *value });
        let arguments: Vec<_> = words.chain(self.named.iter().copied()).collect();
        self.reader.call(self.place, self.reader.name(self.place, name), &arguments)
    }

    /// Words as one text, with blanks between them.
    fn line(&self, from: usize, to: usize) -> Expr<'a> {
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

    /// The first word is a script, or the output of a command that stands for one.
    fn script_or_code(&mut self, at: usize) {
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

    fn source(mut self) -> Expr<'a> {
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

    fn shell(mut self, name: &'a str) -> Expr<'a> {
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

    fn interpreter(mut self, name: &'a str) -> Expr<'a> {
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

    fn powershell(mut self) -> Expr<'a> {
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

    /// A command with options of which we know.
    fn known(mut self, name: &'a str) -> Expr<'a> {
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
    fn take_options(&mut self, options: &Options, words: &[Expr<'a>]) -> Vec<Expr<'a>> {
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

    /// What `curl` and `wget` send: texts as they are, files by their content.
    fn complete_transfer(&mut self, name: &str) {
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
    fn name_remote_file(&mut self, name: &str) {
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
    fn copy_remote(mut self, name: &'a str) -> Expr<'a> {
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

    fn copy(mut self, name: &'a str) -> Expr<'a> {
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
    fn dd(mut self) -> Expr<'a> {
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
    fn find(mut self) -> Expr<'a> {
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

    fn git(mut self) -> Expr<'a> {
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

    fn socat(mut self) -> Expr<'a> {
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
    fn windows_tool(mut self, name: &str) -> Expr<'a> {
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

/// Whether evaluating it a second time costs nothing: no command stands in it.
pub(super) fn is_cheap(expr: &Expr<'_>) -> bool {
    match expr.kind {
        ExprKind::Text(_) | ExprKind::Name(_) | ExprKind::Bool(_) | ExprKind::Int(_) => true,
        ExprKind::Join(parts) => parts.len() <= 64 && parts.iter().all(is_cheap),
        ExprKind::Spread(inner) => matches!(inner.kind, ExprKind::Name(_)),
        _ => false,
    }
}

/// `python3.11` is `python`.
fn unversioned(name: &str) -> &str {
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
