//! Commands: aliases undone, parameters named.

use tree_sitter::Node;

use super::{
    super::tree::{children, literal, span},
    Script,
    literal::constant,
};
use crate::ir::{Argument, Call, Expr, ExprKind, Span};

/// What the short names of commands mean.
const ALIASES: &[(&str, &str)] = &[
    ("iex", "invoke-expression"),
    ("iwr", "invoke-webrequest"),
    ("curl", "invoke-webrequest"),
    ("wget", "invoke-webrequest"),
    ("irm", "invoke-restmethod"),
    ("saps", "start-process"),
    ("start", "start-process"),
    ("icm", "invoke-command"),
    ("ii", "invoke-item"),
    ("ipmo", "import-module"),
    ("gc", "get-content"),
    ("cat", "get-content"),
    ("type", "get-content"),
    ("sc", "set-content"),
    ("ac", "add-content"),
    ("ni", "new-item"),
    ("md", "new-item"),
    ("mkdir", "new-item"),
    ("ri", "remove-item"),
    ("rm", "remove-item"),
    ("del", "remove-item"),
    ("erase", "remove-item"),
    ("rd", "remove-item"),
    ("rmdir", "remove-item"),
    ("gci", "get-childitem"),
    ("ls", "get-childitem"),
    ("dir", "get-childitem"),
    ("cp", "copy-item"),
    ("copy", "copy-item"),
    ("cpi", "copy-item"),
    ("mv", "move-item"),
    ("move", "move-item"),
    ("mi", "move-item"),
    ("gp", "get-itemproperty"),
    ("sp", "set-itemproperty"),
    ("gwmi", "get-wmiobject"),
    ("gcim", "get-ciminstance"),
    ("iwmi", "invoke-wmimethod"),
    ("kill", "stop-process"),
    ("spps", "stop-process"),
    ("ps", "get-process"),
    ("gps", "get-process"),
    ("sleep", "start-sleep"),
    ("gcb", "get-clipboard"),
    ("scb", "set-clipboard"),
    ("echo", "write-output"),
    ("write", "write-output"),
    ("sal", "set-alias"),
    ("nal", "set-alias"),
    ("gcm", "get-command"),
    ("gv", "get-variable"),
    ("sv", "set-variable"),
    ("sajb", "start-job"),
    ("%", "pipeline.map"),
    ("foreach", "pipeline.map"),
    ("foreach-object", "pipeline.map"),
    ("?", "pipeline.filter"),
    ("where", "pipeline.filter"),
    ("where-object", "pipeline.filter"),
    ("select", "select-object"),
];

/// Programs that scripts start by their bare name.
const PROGRAMS: &[&str] = &[
    "powershell",
    "pwsh",
    "cmd",
    "schtasks",
    "reg",
    "certutil",
    "bitsadmin",
    "mshta",
    "regsvr32",
    "rundll32",
    "wmic",
    "net",
    "netsh",
    "attrib",
    "python",
    "python3",
    "py",
    "node",
    "npm",
    "npx",
    "pip",
    "git",
    "wscript",
    "cscript",
    "msiexec",
    "taskkill",
    "sc",
    "vssadmin",
    "icacls",
    "setx",
    "shutdown",
    "bash",
    "wsl",
    "ssh",
    "scp",
    "tar",
    "conhost",
    "explorer",
    "msbuild",
    "installutil",
    "cmdkey",
    "nltest",
    "ipconfig",
    "systeminfo",
    "tasklist",
    "arp",
    "nslookup",
    "dotnet",
    "java",
    "docker",
    "winget",
    "choco",
];

/// Parameters that take no value.
const SWITCHES: &[&str] = &[
    "usebasicparsing",
    "force",
    "recurse",
    "passthru",
    "wait",
    "nonewwindow",
    "asjob",
    "append",
    "raw",
    "asplaintext",
    "noprofile",
    "nop",
    "noninteractive",
    "noni",
    "nologo",
    "usedefaultcredentials",
    "disablekeepalive",
    "verbose",
    "whatif",
    "directory",
    "noexit",
    "sta",
    "asbytestream",
    "nonewline",
    "skipcertificatecheck",
    "unique",
    "descending",
    "expand",
    "hidden",
    "listavailable",
    "asadmin",
    "quiet",
    "asstring",
    "simplematch",
    "notmatch",
    "all",
    "leaf",
    "parent",
    "isvalid",
    "allowclobber",
    "skippublishercheck",
];

/// Parameters that effects ask for: they may be shortened.
const PARAMETERS: &[&str] = &[
    "uri",
    "outfile",
    "method",
    "body",
    "infile",
    "headers",
    "form",
    "filepath",
    "argumentlist",
    "windowstyle",
    "path",
    "literalpath",
    "value",
    "destination",
    "command",
    "scriptblock",
    "computername",
    "name",
    "taskname",
    "execute",
    "argument",
    "action",
    "verb",
    "typedefinition",
    "memberdefinition",
    "assemblyname",
    "inputobject",
    "source",
    "seconds",
    "milliseconds",
    "class",
    "query",
    "classname",
    "namespace",
    "typename",
    "expression",
    "propertytype",
    "username",
    "password",
    "exclusionpath",
    "disablerealtimemonitoring",
    "comobject",
    "property",
    "id",
    "key",
    "bytes",
    "encoding",
    "filter",
    "include",
];

/// Whether a name is that of a program and not of a command.
fn is_program(name: &str) -> bool {
    let plain = name.strip_suffix(".exe").unwrap_or(name);
    PROGRAMS.contains(&plain)
        || name.contains(['\\', '/'])
        || [".exe", ".ps1", ".bat", ".cmd", ".vbs"].iter().any(|end| name.ends_with(end))
}

impl<'a> Script<'a> {
    pub(super) fn command(&mut self, node: Node<'_>, input: Option<Expr<'a>>) -> Expr<'a> {
        let place = span(node);
        let name_node = node.child_by_field_name("command_name");
        let called = children(node).iter().any(|part| part.kind() == "command_invokation_operator");
        let callee = name_node.map(|name| self.value(name));
        let program = callee.as_ref().and_then(constant).is_some_and(|name| is_program(self.undo_alias(&name)));
        let mut elements = self.elements(node, program);
        let mut redirected = None;
        if let Some(part) = node.child_by_field_name("command_elements") {
            redirected = children(part).into_iter().find(|part| part.kind() == "redirection");
        }
        if let Some(input) = input {
            elements.push(Argument { name: Some("stdin"), value: input });
        }
        let value = match callee {
            None => self.reader.opaque(place, &[]),
            Some(callee) => match constant(&callee) {
                Some(name) => self.named_command(place, &name, elements),
                None => self.invoke(place, callee, elements, called),
            },
        };
        match redirected {
            Some(part) => self.redirect(part, value),
            None => value,
        }
    }

    /// `& $x a`: what is called is a value.
    fn invoke(&mut self, place: Span, callee: Expr<'a>, elements: Vec<Argument<'a>>, called: bool) -> Expr<'a> {
        if matches!(callee.kind, ExprKind::Function(_)) {
            return self.reader.call(place, callee, &elements);
        }
        if !called && elements.is_empty() {
            return callee;
        }
        let mut arguments = vec![Argument { name: None, value: callee }];
        arguments.extend(elements);
        self.reader.call(place, self.reader.name(place, "invoke"), &arguments)
    }

    fn named_command(&mut self, place: Span, name: &str, elements: Vec<Argument<'a>>) -> Expr<'a> {
        let name = self.undo_alias(name);
        if is_program(name) {
            return self.program(place, name, elements);
        }
        if let Some((from, to)) = name.split_once("..")
            && let (Ok(from), Ok(to)) = (from.parse(), to.parse())
        {
            // `foreach ($i in 1..3)`: the grammar takes the range for a command.
            let int = |number| Expr { span: place, kind: ExprKind::Int(number) };
            return self.reader.call_name(place, "..", &[int(from), int(to)]);
        }
        match name {
            "new-object" => self.new_object(place, elements),
            "start-process" => self.start_process(place, elements),
            "get-childitem"
                if elements.iter().any(|one| {
                    literal(&one.value).is_some_and(|text| text.to_ascii_lowercase().starts_with("env:"))
                }) =>
            {
                let all = self.reader.member(place, self.reader.name(place, "environ"), "items");
                self.reader.call(place, all, &[])
            }
            "invoke-webrequest" | "invoke-restmethod" => {
                let mut elements = elements;
                for element in &mut elements {
                    if element.name == Some("infile") {
                        element.value = self.reader.call_name(place, "get-content", &[element.value]);
                    }
                }
                self.reader.call(place, self.reader.name(place, name), &elements)
            }
            _ => self.reader.call(place, self.reader.name(place, name), &elements),
        }
    }

    fn undo_alias(&self, name: &str) -> &'a str {
        let plain = self.lower_case(name.trim());
        ALIASES.iter().find(|(alias, _)| *alias == plain).map_or(plain, |(_, name)| *name)
    }

    /// A program: `start-process` of its name and the list of its arguments, parameters spelled as they are.
    fn program(&mut self, place: Span, name: &'a str, elements: Vec<Argument<'a>>) -> Expr<'a> {
        let mut words = Vec::new();
        let mut named = Vec::new();
        for element in elements {
            if element.name.is_some() {
                named.push(element);
            } else {
                words.push(element.value);
            }
        }
        let list = self.reader.list(place, &words);
        let mut arguments =
            vec![Argument { name: None, value: self.reader.text(place, name) }, Argument { name: None, value: list }];
        arguments.extend(named);
        self.reader.call(place, self.reader.name(place, "start-process"), &arguments)
    }

    /// The file first, then the list of arguments, as for programs.
    fn start_process(&mut self, place: Span, elements: Vec<Argument<'a>>) -> Expr<'a> {
        let take = |names: &[&str]| {
            elements.iter().find(|one| one.name.is_some_and(|name| names.contains(&name))).map(|one| one.value)
        };
        let mut positional = elements.iter().filter(|one| one.name.is_none()).map(|one| one.value);
        let file = take(&["filepath"]).or_else(|| positional.next());
        let list = take(&["argumentlist", "args"]).or_else(|| positional.next());
        let mut arguments: Vec<_> = file.map(|value| Argument { name: None, value }).into_iter().collect();
        if let Some(list) = list {
            let list = if matches!(list.kind, ExprKind::List(_)) { list } else { self.reader.list(place, &[list]) };
            arguments.push(Argument { name: None, value: list });
        }
        arguments.extend(
            elements
                .iter()
                .filter(|one| one.name.is_some_and(|name| !matches!(name, "filepath" | "argumentlist" | "args")))
                .copied(),
        );
        self.reader.call(place, self.reader.name(place, "start-process"), &arguments)
    }

    /// `New-Object Net.WebClient` makes an object of that type.
    fn new_object(&mut self, place: Span, elements: Vec<Argument<'a>>) -> Expr<'a> {
        let kind = elements
            .iter()
            .find(|one| matches!(one.name, Some("typename" | "comobject")))
            .or_else(|| elements.iter().find(|one| one.name.is_none()));
        let Some(name) = kind.and_then(|kind| constant(&kind.value)) else {
            return self.reader.call(place, self.reader.name(place, "new-object"), &elements);
        };
        let span = kind.map(|kind| kind.value.span);
        let rest = elements.iter().filter(|one| Some(one.value.span) != span);
        let mut arguments = Vec::new();
        for one in rest {
            match one.value.kind {
                ExprKind::List(items) if one.name.is_none() || one.name == Some("argumentlist") => {
                    arguments.extend(items.iter().map(|value| Argument { name: None, value: *value }));
                }
                _ if one.name.is_none() || one.name == Some("argumentlist") => {
                    arguments.push(Argument { name: None, value: one.value });
                }
                _ => {}
            }
        }
        let callee = self.named_type(place, &name);
        let arguments = self.reader.arena.alloc_slice_copy(&arguments);
        Expr { span: place, kind: ExprKind::Call(self.reader.place(Call { callee, arguments, construct: true })) }
    }

    /// The words and parameters of a command.
    fn elements(&mut self, node: Node<'_>, program: bool) -> Vec<Argument<'a>> {
        let mut found: Vec<Argument<'a>> = Vec::new();
        let mut pending: Option<&'a str> = None;
        let Some(elements) = node.child_by_field_name("command_elements") else { return found };
        let truth = |place: Span| Expr { span: place, kind: ExprKind::Bool(true) };
        for part in children(elements) {
            let place = span(part);
            match part.kind() {
                "command_argument_sep" | "redirection" | "stop_parsing" => {}
                "command_parameter" if program => {
                    let text = self.reader.slice(part);
                    found.push(Argument { name: None, value: self.reader.text(place, text) });
                }
                "command_parameter" => {
                    if let Some(name) = pending.take() {
                        found.push(Argument { name: Some(name), value: truth(place) });
                    }
                    let text = self.reader.slice(part).trim_start_matches('-');
                    let (text, colon) = text.split_once(':').map_or((text, None), |(name, value)| (name, Some(value)));
                    let name = self.parameter(text);
                    match colon {
                        Some(value) if !value.is_empty() => {
                            found.push(Argument { name: Some(name), value: self.reader.text(place, value) });
                        }
                        _ if SWITCHES.contains(&name) => found.push(Argument { name: Some(name), value: truth(place) }),
                        _ => pending = Some(name),
                    }
                }
                // `cmd (x).method(y)`: the grammar hangs the arguments beside the member.
                "argument_list" => {
                    let arguments = self.arguments(part);
                    match found.pop() {
                        Some(last) if matches!(last.value.kind, ExprKind::Member(..)) => {
                            let value = self.call(last.value.span, last.value, arguments);
                            found.push(Argument { name: last.name, value });
                        }
                        last => {
                            found.extend(last);
                            found.extend(arguments);
                        }
                    }
                }
                // `$env:TEMP\x.exe`: the grammar stumbles over paths that begin with a variable.
                "array_literal_expression" if part.has_error() && self.reader.slice(part).contains(['\\', '/']) => {
                    let value = self.bare_word(place, self.reader.slice(part));
                    found.push(Argument { name: pending.take(), value });
                }
                _ => {
                    let value = self.value(part);
                    found.push(Argument { name: pending.take(), value });
                }
            }
        }
        if let Some(name) = pending {
            found.push(Argument { name: Some(name), value: truth(span(elements)) });
        }
        found
    }

    /// The whole name of a parameter that may be shortened.
    fn parameter(&self, text: &str) -> &'a str {
        let name = self.lower_case(text);
        if name.len() < 2 {
            return name;
        }
        let mut whole = PARAMETERS.iter().filter(|known| known.starts_with(name));
        match (whole.next(), whole.next()) {
            (Some(known), None) => known,
            (Some(known), _) if *known == name => known,
            _ => name,
        }
    }
}
