//! What outside names do: one table a language, in `data/<language>.effects`.
//!
//! A line is a name, an action and where to find its parts:
//!
//! ```text
//! # comment
//! requests.post          net.send    address=0|url data=1|data|json|params|files
//! os.environ             env.read_all            @read
//! os.getenv              env.read    object=0|key
//! subprocess.Popen       proc.exec   command=0|args  if:shell=shell
//! builtins.exec          code.eval   code=0
//! smtplib.SMTP()         ...
//! *.sendall              net.send    data=0          # a method of any receiver whose type is not known
//! socket.socket()        =socket                     # alias: the value of this name is called `socket` from here on
//! ```
//!
//! * The name is the resolved one: aliases undone, a call's result spelled with `()`. `*.name` matches a method of a receiver
//!   of which only its being *unknown or an outside value without an entry of its own* is known; use it for telling names only.
//! * `@read` fires when the name is read without being called (an attribute); otherwise the line fires when it is called.
//!   A name with both needs two lines. `@write` fires when it is assigned to.
//! * Roles are `object`, `address`, `path`, `command`, `code`, `data`. Their value is a list of alternatives separated by `|`:
//!   a position (`0`), a name (`url`), `self` (the receiver), `*` (every argument), `N.key` (a property of a dictionary
//!   argument) or `'text'` (a constant). The first that is present counts, but for `data`, where all that are present count.
//!   `object` is what reports show as the target; without it the first of address, path, command, code is shown.
//! * `flag:word` notes a circumstance always; `if:NAME=word` notes it when the named argument (or option property) is present
//!   and not false; `if:N.key=word` looks into a dictionary argument.
//!   `is:SELECTOR=text->word` notes it when the argument's text or name contains the text (`is:stdout=DEVNULL->silenced`).
//! * `when:SELECTOR` lets the line fire only if that argument is present and not null; `unless:SELECTOR` only if it is not.
//! * `self.0` and `self.name` look into the arguments with which the receiver was made (`urllib.request.Request(url)`).
//! * `returns=NAME` says what the result is called (`returns=subprocess.Popen()` is the default: the name and `()`);
//!   `returns=0` passes the first argument through.
//! * A name may have several lines; all of them fire.

use model::Action;
use rustc_hash::FxHashMap;

/// Where a part of an effect is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The argument at this position.
    Position(usize),
    /// The argument of this name.
    Named(&'static str),
    /// A property of the dictionary at this position.
    Property(usize, &'static str),
    /// The receiver.
    Receiver,
    /// An argument with which the receiver was made.
    Made(usize, &'static str),
    /// Every argument.
    All,
    /// This text.
    Constant(&'static str),
}

/// When an effect fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// When the name is called.
    Call,
    /// When it is read.
    Read,
    /// When it is assigned to.
    Write,
}

/// One line of a table.
#[derive(Debug, Clone)]
pub struct Effect {
    /// When it fires.
    pub trigger: Trigger,
    /// What is done; none for lines that only rename (`=name`) or only say what is returned.
    pub action: Option<Action>,
    /// The parts: role word and selectors.
    pub roles: Vec<(Part, Vec<Selector>)>,
    /// Circumstances that always hold.
    pub flags: Vec<&'static str>,
    /// Circumstances that hold when an argument is present and not false.
    pub conditions: Vec<(Selector, &'static str)>,
    /// Circumstances that hold when an argument's text or name contains a text.
    pub contents: Vec<(Selector, &'static str, &'static str)>,
    /// Arguments that must be present and not null.
    pub when: Vec<Selector>,
    /// Arguments that must not be.
    pub unless: Vec<Selector>,
    /// What the result is called.
    pub returns: Option<Returns>,
}

/// A part of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Part {
    Object,
    Address,
    Path,
    Command,
    Code,
    Data,
}

/// What a call yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returns {
    /// Something from outside of this name.
    Name(&'static str),
    /// The argument at this position.
    Argument(usize),
}

/// The table of one language.
#[derive(Debug, Default)]
pub struct Effects {
    names: FxHashMap<&'static str, Vec<Effect>>,
    methods: FxHashMap<&'static str, Vec<Effect>>,
    renames: FxHashMap<&'static str, &'static str>,
}

impl Effects {
    /// Reads a table.
    ///
    /// # Errors
    /// The number of the first line that is wrong, and what is wrong with it. The built-in tables are read by a test.
    pub fn parse(text: &'static str) -> Result<Self, String> {
        let mut effects = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            effects.read_line(line).map_err(|wrong| format!("line {}: {wrong}: {line}", number + 1))?;
        }
        Ok(effects)
    }

    fn read_line(&mut self, line: &'static str) -> Result<(), String> {
        let mut words = words(line);
        let name = words.next().ok_or("no name")?;
        let mut effect = Effect {
            trigger: Trigger::Call,
            action: None,
            roles: Vec::new(),
            flags: Vec::new(),
            conditions: Vec::new(),
            contents: Vec::new(),
            when: Vec::new(),
            unless: Vec::new(),
            returns: None,
        };
        for word in words {
            if let Some(target) = word.strip_prefix('=') {
                self.renames.insert(name, target);
                return Ok(());
            }
            effect.read_word(word)?;
        }
        let (table, key) = match name.strip_prefix("*.") {
            Some(method) => (&mut self.methods, method),
            None => (&mut self.names, name),
        };
        table.entry(key).or_default().push(effect);
        Ok(())
    }

    /// The effects of a resolved name.
    pub fn of(&self, name: &str) -> &[Effect] {
        self.names.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The effects of a method by its bare name.
    pub fn of_method(&self, name: &str) -> &[Effect] {
        self.methods.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The name by which a resolved name goes from here on.
    pub fn rename(&self, name: &str) -> Option<&'static str> {
        self.renames.get(name).copied()
    }
}

impl Effect {
    fn read_word(&mut self, word: &'static str) -> Result<(), String> {
        match word {
            "@read" => self.trigger = Trigger::Read,
            "@write" => self.trigger = Trigger::Write,
            _ => match word.split_once(['=', ':']) {
                None => self.action = Some(Action::from_word(word).ok_or("unknown action")?),
                Some(("flag", flag)) => self.flags.push(flag),
                Some(("if", condition)) => {
                    let (name, flag) = condition.split_once('=').ok_or("a condition needs a flag")?;
                    self.conditions.push((selector(name), flag));
                }
                Some(("is", condition)) => {
                    let (test, flag) = condition.split_once("->").ok_or("`is:` needs `->flag`")?;
                    let (name, text) = test.split_once('=').ok_or("`is:` needs a text")?;
                    self.contents.push((selector(name), text, flag));
                }
                Some(("when", name)) => self.when.push(selector(name)),
                Some(("unless", name)) => self.unless.push(selector(name)),
                Some(("returns", name)) => {
                    self.returns = Some(name.parse().map_or_else(|_| Returns::Name(name), Returns::Argument));
                }
                Some((part, places)) => self.roles.push((part_of(part)?, places.split('|').map(selector).collect())),
            },
        }
        Ok(())
    }
}

/// The words of a line. Blanks inside of quotes belong to the word.
fn words(line: &'static str) -> impl Iterator<Item = &'static str> {
    let mut quoted = false;
    line.split(move |one: char| {
        quoted ^= one == '\'';
        !quoted && one.is_whitespace()
    })
    .filter(|word| !word.is_empty())
}

fn part_of(word: &str) -> Result<Part, String> {
    Ok(match word {
        "object" => Part::Object,
        "address" => Part::Address,
        "path" => Part::Path,
        "command" => Part::Command,
        "code" => Part::Code,
        "data" => Part::Data,
        _ => return Err(format!("unknown part \"{word}\"")),
    })
}

fn selector(word: &'static str) -> Selector {
    if word == "self" {
        return Selector::Receiver;
    }
    if word == "*" {
        return Selector::All;
    }
    if let Some(text) = word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Selector::Constant(text);
    }
    if let Ok(position) = word.parse() {
        return Selector::Position(position);
    }
    if let Some(made) = word.strip_prefix("self.") {
        return made.parse().map_or_else(|_| Selector::Made(usize::MAX, made), |at| Selector::Made(at, ""));
    }
    match word.split_once('.') {
        Some((position, key)) if position.parse::<usize>().is_ok() => {
            Selector::Property(position.parse().unwrap_or_default(), key)
        }
        _ => Selector::Named(word),
    }
}
