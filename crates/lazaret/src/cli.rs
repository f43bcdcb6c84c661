//! What a user can write. Help, completions and the usage errors follow from these definitions.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};
use clap_complete::Shell;
use wire::{Exit, FORMATS};

use crate::commands::{
    allow, cache, db, detonate, diff, doctor, explain, guard, index, inspect, log, policy, replay, scan, setup,
};

/// Finds malware in packages of npm, PyPI, crates.io and RubyGems before anybody installs them.
#[derive(Debug, Parser)]
#[command(name = "lazaret", version, after_help = after_help(), max_term_width = 100, subcommand_required = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what the code of packages, archives or folders can do, and whether that is malware
    #[command(after_help = after_help(), visible_alias = "i")]
    Inspect(Inspect),
    /// Check every package that a project depends on: in the database, by analysis, and by how its lockfiles name it
    #[command(after_help = after_help())]
    Scan(scan::Arguments),
    /// Run packages in a sandbox that nothing leaves, and say what they do
    #[command(after_help = after_help())]
    Detonate(detonate::Arguments),
    /// Say what changed between two versions of a package, and whether the change looks like a hijacked release
    #[command(after_help = after_help())]
    Diff(Diff),
    /// Run a package manager so that malware never arrives: lazaret guard npm install express
    #[command(after_help = guard::HELP)]
    Guard(Guard),
    /// Let one version pass the guard for some days, with a reason
    Allow(allow::Arguments),
    /// Look into the guard's log, prove that nobody has changed it, or take it along
    Log {
        #[command(subcommand)]
        action: log::Action,
    },
    /// Put the guard before your package managers, or take it away again
    Setup(setup::Arguments),
    /// Print the page of a rule; without one, list the rules
    Explain {
        /// The rule's id, as reports name it
        rule: Option<String>,
    },
    /// Show the registries and where they were found, the walls around the analysis, and the cache
    Doctor,
    /// Look at the cache of downloads and analyses, or empty it
    Cache {
        #[command(subcommand)]
        action: cache::Action,
    },
    /// Build an index of known malware, and find what resembles it
    Index {
        #[command(subcommand)]
        action: index::Action,
    },
    /// Fetch the database of verdicts and ask it, or make one of your own
    Db {
        #[command(subcommand)]
        action: db::Action,
    },
    /// Try a policy, explain its answers, look for doubtful rules, print a preset, take over vet's
    Policy {
        #[command(subcommand)]
        action: policy::Action,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The arguments of `inspect`.
#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// A purl (pkg:npm/name@1.2.3), a short form (npm:name@1.2.3), an archive, a folder, or - for a list on stdin
    #[arg(required_unless_present_any = ["explain", "replay"], value_name = "TARGET")]
    pub targets: Vec<String>,
    /// How the report is written
    #[arg(long, short, value_enum, default_value_t = FormatName(0))]
    pub format: FormatName,
    /// Write the report to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// No progress; in the terminal format, only a line for each target that is not benign
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the page of this rule and do nothing else
    #[arg(long, value_name = "RULE", conflicts_with = "targets")]
    pub explain: Option<String>,
    /// Derive the verdicts of this JSON report again; with a TARGET, analyse that anew and say what differs
    #[arg(long, value_name = "REPORT", conflicts_with_all = ["explain", "format", "output"])]
    pub replay: Option<PathBuf>,
    /// Download and analyse again what the cache holds
    #[arg(long)]
    pub fresh: bool,
    /// Use the YARA rules in this directory (*.yar, *.yara) too
    #[arg(long, value_name = "DIR")]
    pub yara: Option<PathBuf>,
    /// Let the findings that this file lists ([[exceptions]], see docs/exceptions.md) weigh nothing
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Compare with the known malware in this index too (`lazaret index build`) [default: `index` in your lazaret.toml]
    #[arg(long, value_name = "FILE")]
    pub index: Option<PathBuf>,
    /// How many targets are analysed at a time [default: one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Unpack at most so many megabytes of each target
    #[arg(long, value_name = "MB", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub limit_unpacked: u32,
    /// Read at most so many megabytes of each file
    #[arg(long, value_name = "MB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub limit_file: u32,
    /// Give each target at most so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub limit_time: u32,
}

/// The arguments of `diff`.
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// The version before: a purl, a short form (npm:name@1.2.3), an archive or a folder
    #[arg(value_name = "A")]
    pub old: String,
    /// The version in question
    #[arg(value_name = "B")]
    pub new: String,
    /// How the report is written
    #[arg(long, short, value_parser = PossibleValuesParser::new(wire::diff::FORMATS), default_value = "terminal")]
    pub format: String,
    /// Write the report to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// No progress
    #[arg(long, short)]
    pub quiet: bool,
    /// Download and analyse again what the cache holds
    #[arg(long)]
    pub fresh: bool,
}

/// The arguments of `guard`.
#[derive(Debug, clap::Args)]
pub struct Guard {
    /// The command, as you would write it without the guard
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Withhold versions that were published less than so many hours ago; 0: none waits [default: as the policy says]
    #[arg(long, value_name = "HOURS", env = "LAZARET_COOLDOWN")]
    pub cooldown: Option<u32>,
    /// What happens to a package that could not be analysed to its end [default: as the policy says]
    #[arg(long, value_enum, env = "LAZARET_UNKNOWN")]
    pub unknown: Option<guard::ModeName>,
    /// What happens while the database of known malware is missing or too old [default: as the policy says]
    #[arg(long, value_enum, env = "LAZARET_STALE")]
    pub stale: Option<guard::ModeName>,
    /// The policy: a file or a preset [default: lazaret-policy.yml in this folder, or the preset default]
    #[arg(long, value_name = "FILE", env = "LAZARET_POLICY")]
    pub policy: Option<PathBuf>,
    /// Say nothing unless something was withheld or blocked
    #[arg(long, short)]
    pub quiet: bool,
}

/// A report format, as its number in the list of formats: the list in `wire` is the only one.
#[derive(Debug, Clone, Copy)]
pub struct FormatName(pub usize);

impl ValueEnum for FormatName {
    fn value_variants<'a>() -> &'a [Self] {
        const NUMBERS: [FormatName; FORMATS.len()] = {
            let mut numbers = [FormatName(0); FORMATS.len()];
            let mut at = 0;
            while at < numbers.len() {
                numbers[at] = FormatName(at);
                at += 1;
            }
            numbers
        };
        &NUMBERS
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(FORMATS[self.0].name()))
    }
}

/// Reads the command line and does what it says.
pub fn run() -> anyhow::Result<u8> {
    match Arguments::parse().command {
        // It ends as the command does that it guards.
        Command::Guard(arguments) => guard::run(&arguments),
        command => other(command).map(Exit::code),
    }
}

fn other(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Inspect(arguments) => match (&arguments.explain, &arguments.replay) {
            (Some(rule), _) => explain::run(Some(rule)),
            (None, Some(report)) => replay::run(report, &arguments),
            (None, None) => inspect::run(&arguments),
        },
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Detonate(arguments) => detonate::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Guard(_) => unreachable!("it is done above"),
        Command::Allow(arguments) => allow::run(&arguments),
        Command::Log { action } => log::run(&action),
        Command::Setup(arguments) => setup::run(&arguments),
        Command::Explain { rule } => explain::run(rule.as_deref()),
        Command::Doctor => doctor::run(),
        Command::Cache { action } => cache::run(action),
        Command::Index { action } => Ok(index::run(&action)),
        Command::Db { action } => Ok(db::run(&action)),
        Command::Policy { action } => policy::run(&action),
        Command::Completions { shell } => completions(shell),
    }
}

fn after_help() -> String {
    format!(
        "Exit codes:\n{}\nOf many targets the weightiest decides, in the order 20, 10, 40, 2, 3, 30, 4, 0.",
        Exit::table()
    )
}

fn completions(shell: Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "lazaret", &mut script);
    crate::output::print(&String::from_utf8_lossy(&script)).map(|()| Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_exit_code() {
        let help = after_help();
        for exit in Exit::ALL {
            assert!(help.contains(&format!("{:>2}  {}", exit.code(), exit.meaning())), "{help}");
        }
    }
}
