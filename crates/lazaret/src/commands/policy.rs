//! `lazaret policy`: try a policy, explain its answers, look for doubtful rules, print a preset, take over vet's.

use std::{
    fmt::{self, Write as _},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use gate::policy::{self, Door, FILE_NAME, Given, PRESETS, Policy, RuleOutcome, Subject};
use model::{Answer, Ruling};
use wire::Exit;

use crate::output::{Output, escaped, print, talk};

/// The largest policy that is read.
const LARGEST: u64 = 4 << 20;

/// What `policy` can do.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Run the unit tests in a policy file (exit 20 when one fails)
    Test {
        /// The policy: a file or a preset [default: lazaret-policy.yml]
        policy: Option<PathBuf>,
    },
    /// Say what a policy answers about a package, and why (exit 0 allow, 10 warn, 20 block)
    Explain {
        /// The package, as a purl with version: pkg:npm/name@1.2.3
        purl: String,
        /// Give a variable of the policy a value: state=suspicious, age_hours=3, findings=a,b
        #[arg(long, short, value_name = "NAME=VALUE")]
        set: Vec<String>,
        /// The door at which the package stands
        #[arg(long, value_parser = doors(), default_value = "scan")]
        door: String,
        /// The policy: a file or a preset [default: lazaret-policy.yml, or the preset default]
        #[arg(long, short, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
    /// Look for what is doubtful in a policy: rules that never decide, exceptions that ended (exit 10)
    Lint {
        /// The policy: a file or a preset [default: lazaret-policy.yml]
        policy: Option<PathBuf>,
    },
    /// Print a preset, to start one's own policy from
    Show {
        /// The preset
        #[arg(value_parser = presets())]
        preset: String,
    },
    /// Make a policy of another tool's files, and say what it cannot express (exit 10)
    Import {
        /// The tool
        #[arg(value_parser = ["vet"])]
        tool: String,
        /// Its filter suites, policies and lists of exceptions: they become one policy
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Write the policy to this file instead of stdout
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

fn doors() -> clap::builder::PossibleValuesParser {
    Door::ALL.map(Door::as_str).into()
}

fn presets() -> clap::builder::PossibleValuesParser {
    PRESETS.map(|(name, _)| name).into()
}

/// Does what is asked.
pub fn run(action: &Action) -> anyhow::Result<Exit> {
    match action {
        Action::Test { policy } => with(policy.as_deref(), false, test),
        Action::Explain { purl, set, door, policy } => {
            with(policy.as_deref(), true, |one| explain(one, purl, set, door))
        }
        Action::Lint { policy } => with(policy.as_deref(), false, lint),
        Action::Show { preset } => {
            let text = PRESETS.iter().find(|(name, _)| name == preset).map_or("", |(_, text)| *text);
            print(text).map(|()| Exit::Clean)
        }
        Action::Import { tool: _, files, output } => import(files, output.as_deref()),
    }
}

fn with(
    file: Option<&Path>,
    or_default: bool,
    act: impl FnOnce(&Policy) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    match load(file, or_default) {
        Ok(policy) => act(&policy),
        Err(why) => Ok(usage(&why)),
    }
}

fn usage(sentence: &str) -> Exit {
    talk(&format!("error: {sentence}"));
    Exit::Usage
}

/// The policy of a file, or of a preset; without a name, of the file that lies in this folder.
pub fn load(file: Option<&Path>, or_default: bool) -> Result<Policy, String> {
    if let Some(name) = file.and_then(Path::to_str).filter(|name| PRESETS.iter().any(|(preset, _)| preset == name)) {
        return Policy::preset(name).map_err(|error| error.to_string());
    }
    let path = file.unwrap_or(Path::new(FILE_NAME));
    match read(path) {
        Ok(text) => Policy::load(&text, &path.display().to_string()).map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() && or_default => {
            Policy::preset("default").map_err(|error| error.to_string())
        }
        Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() => Err(format!(
            "there is no {FILE_NAME} in this folder; `lazaret policy show default` prints one to start from"
        )),
        Err(error) => Err(format!("the policy {} cannot be read: {error}", path.display())),
    }
}

fn read(path: &Path) -> io::Result<String> {
    let file = std::fs::File::open(path)?;
    if file.metadata()?.len() > LARGEST {
        return Err(io::Error::new(ErrorKind::InvalidData, "it has more than 4 MiB"));
    }
    io::read_to_string(file)
}

fn test(policy: &Policy) -> anyhow::Result<Exit> {
    if policy.tests.is_empty() {
        return Ok(usage(&format!("{} has no `tests`; docs/policy.md shows how to write them", policy.name)));
    }
    let today = policy::today();
    let mut text = String::new();
    let mut failed = 0;
    for one in &policy.tests {
        match policy.run(one, today).failure {
            None => writeln!(text, "ok      {}", escaped(&one.name))?,
            Some(why) => {
                failed += 1;
                writeln!(
                    text,
                    "FAILED  {}\n        {}:{}: {}",
                    escaped(&one.name),
                    policy.name,
                    one.line,
                    escaped(&why)
                )?;
            }
        }
    }
    writeln!(text, "{} of {} tests passed", policy.tests.len() - failed, policy.tests.len())?;
    print(&text)?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Malicious })
}

fn explain(policy: &Policy, purl: &str, set: &[String], door: &str) -> anyhow::Result<Exit> {
    let mut subject = match Subject::of_purl(purl) {
        Ok(subject) => subject,
        Err(why) => return Ok(usage(&why)),
    };
    for one in set {
        let Some((name, value)) = one.split_once('=') else {
            return Ok(usage(&format!("\"{one}\" sets nothing; write a variable's name, =, and its value")));
        };
        if let Err(why) = subject.set(name.trim(), &Given::of_argument(name.trim(), value)) {
            return Ok(usage(&why));
        }
    }
    let door = Door::from_word(door).unwrap_or(Door::Scan);
    let today = policy::today();
    let ruling = policy.decide(&subject, door, today);
    let mut text = String::new();
    told(&mut text, policy, &subject, door, &ruling)?;
    let rules = policy.explain(&subject, door, today);
    if !rules.is_empty() {
        writeln!(text, "\nRules")?;
    }
    for one in rules {
        let outcome = match &one.outcome {
            RuleOutcome::Matches => "matches".to_owned(),
            RuleOutcome::Differs => "does not match".to_owned(),
            RuleOutcome::Elsewhere => "does not hold here".to_owned(),
            RuleOutcome::Unanswered(why) => format!("could not be asked: {why}"),
        };
        writeln!(text, "  {}: {}", escaped(&one.rule), escaped(&outcome))?;
        writeln!(text, "      when {}", escaped(&one.when.split_whitespace().collect::<Vec<_>>().join(" ")))?;
        for (name, value) in one.values {
            writeln!(text, "      {name} is {}", escaped(&value))?;
        }
    }
    print(&text)?;
    Ok(exit(ruling.answer))
}

fn told(text: &mut String, policy: &Policy, subject: &Subject, door: Door, ruling: &Ruling) -> fmt::Result {
    let word = ruling.answer.as_str().to_ascii_uppercase();
    writeln!(text, "{word}  {}  (policy {}, door {door})", escaped(&subject.purl), escaped(&policy.name))?;
    for one in &ruling.matches {
        match &one.waived {
            None => writeln!(text, "  {:<5}  {}: {}", one.answer.as_str(), escaped(&one.rule), escaped(&one.reason))?,
            Some(by) => {
                writeln!(text, "  waived {}: {}; by: {}", escaped(&one.rule), escaped(&one.reason), escaped(by))?
            }
        }
    }
    if ruling.matches.is_empty() {
        writeln!(text, "  nothing in the policy speaks against it")?;
    }
    Ok(())
}

/// The exit for an answer.
fn exit(answer: Answer) -> Exit {
    match answer {
        Answer::Allow => Exit::Clean,
        Answer::Warn => Exit::Suspicious,
        Answer::Block => Exit::Malicious,
    }
}

fn lint(policy: &Policy) -> anyhow::Result<Exit> {
    let found = policy.lint(policy::today());
    let mut text = String::new();
    for (line, sentence) in &found {
        match line {
            0 => writeln!(text, "{}: {}", policy.name, escaped(sentence))?,
            _ => writeln!(text, "{}:{line}: {}", policy.name, escaped(sentence))?,
        }
    }
    if found.is_empty() {
        let (rules, exceptions, tests) = (policy.rules.len(), policy.exceptions.len(), policy.tests.len());
        writeln!(
            text,
            "{}: nothing doubtful in {rules} rules, {exceptions} exceptions and {tests} tests",
            policy.name
        )?;
    }
    print(&text)?;
    Ok(if found.is_empty() { Exit::Clean } else { Exit::Suspicious })
}

fn import(files: &[PathBuf], output: Option<&Path>) -> anyhow::Result<Exit> {
    let mut texts = Vec::new();
    for path in files {
        match read(path) {
            Ok(text) => texts.push((path.display().to_string(), text)),
            Err(error) => return Ok(usage(&format!("{} cannot be read: {error}", path.display()))),
        }
    }
    let import = match policy::import_vet(&texts) {
        Ok(import) => import,
        Err(why) => return Ok(usage(&why)),
    };
    // What is written must be readable, whatever stood in the files.
    if let Err(error) = Policy::load(&import.text, "the policy that was made of them") {
        return Ok(usage(&error.to_string()));
    }
    Output::open(output)?.write(|out| out.write_all(import.text.as_bytes()))?;
    for (file, line, sentence) in &import.notes {
        talk(&format!("{file}:{line}: {sentence}"));
    }
    Ok(if import.notes.is_empty() { Exit::Clean } else { Exit::Suspicious })
}
