//! `lazaret db`: the database of verdicts. Who uses one updates it and asks it; who makes one imports, builds and signs.

mod publish;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use gate::{
    database::{Asked, Database, Origin, Place, Update, Workshop, subject},
    verdicts::{Known, Question, Verdicts, decision},
};
use model::{Algorithm, Checksum, Decision, PackageType};
use net::{Client, Discovered, Environment, Options};
use wire::{
    Exit,
    text::{count, size},
    trust::{PublicKey, moment},
};

use super::{guard::now, surroundings::environment};
use crate::output::{escaped, print, talk};

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Bring the database up to date from a web address or folder
    Update {
        /// The address or folder [default: url under [database] in your lazaret.toml, or where it came from last]
        from: Option<String>,
        /// The key that must have signed its first root [default: root_key under [database] in your lazaret.toml]
        #[arg(long, value_name = "KEY")]
        root_key: Vec<PublicKey>,
    },
    /// Say which edition is in force, how old it is, and whether it is whole
    Status,
    /// Say what is known of packages or digests
    Lookup {
        /// A purl (pkg:npm/name@1.2.3), a short form (npm:name@1.2.3), or a digest (sha256:...)
        #[arg(required = true, value_name = "PURL|DIGEST")]
        subjects: Vec<String>,
    },
    /// Take in OSV documents, folders and archives of them (also OpenSSF's malicious packages), and lists in CSV
    Import {
        /// Files, folders or web addresses
        #[arg(required = true, value_name = "FILE|DIR|URL")]
        inputs: Vec<String>,
        /// Who says it: letters, digits, - and _
        #[arg(long, value_name = "NAME", default_value = "osv")]
        source: String,
        /// Forget what this source said before, also what is not replaced
        #[arg(long)]
        anew: bool,
        #[command(flatten)]
        place: WorkshopArgument,
    },
    /// Build a new edition out of what was imported, and put it in force here when no other database is configured
    Build {
        #[command(flatten)]
        place: WorkshopArgument,
    },
    /// Sign the newest edition, or let it hold longer
    Sign {
        #[command(flatten)]
        place: WorkshopArgument,
    },
    /// Make the keys of a publisher, or put new ones in their place
    Key {
        #[command(subcommand)]
        action: KeyAction,
    },
    /// Serve the public folder on loopback; for others, any web server does it
    Serve {
        /// The port; 0 takes a free one
        #[arg(long, default_value_t = 8417)]
        port: u16,
        #[command(flatten)]
        place: WorkshopArgument,
    },
    /// Write what is known for others
    Export {
        /// How it is written
        #[arg(long, short, value_enum, default_value_t = ExportFormat::Osv)]
        format: ExportFormat,
        /// Write one file for each document into this folder, instead of a list to stdout
        #[arg(long, short, value_name = "DIR")]
        output: Option<PathBuf>,
        #[command(flatten)]
        place: WorkshopArgument,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ExportFormat {
    /// Documents of OSV
    Osv,
}

#[derive(Debug, Subcommand)]
pub enum KeyAction {
    /// Make the keys and the first root
    New {
        /// For how many days the root holds
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..))]
        valid_days: u16,
        #[command(flatten)]
        place: WorkshopArgument,
    },
    /// Put a new key in the place of one; clients follow by themselves
    Rotate {
        /// Which key
        #[arg(long, value_enum, default_value_t = Role::Snapshot)]
        role: Role,
        /// For how many days the root holds
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..))]
        valid_days: u16,
        #[command(flatten)]
        place: WorkshopArgument,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Role {
    /// The key that signs roots
    Root,
    /// The key that signs editions
    Snapshot,
}

#[derive(Debug, clap::Args)]
pub struct WorkshopArgument {
    /// The folder in which the database is made [default: workshop, beside your database]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What every action needs of the user's surroundings.
struct Surroundings {
    environment: Environment,
    found: Discovered,
}

pub fn run(action: &Action) -> Exit {
    let environment = environment();
    let found = net::discover::discover_own(&environment);
    found.notes.iter().for_each(|note| talk(note));
    let user = Surroundings { environment, found };
    let done = match action {
        Action::Update { from, root_key } => user.update(from.as_deref(), root_key),
        Action::Status => user.status(),
        Action::Lookup { subjects } => user.lookup(subjects),
        Action::Import { inputs, source, anew, place } => user.import(inputs, source, *anew, place),
        Action::Build { place } => user.build(place),
        Action::Sign { place } => user.sign(place),
        Action::Key { action } => user.key(action),
        Action::Serve { port, place } => user.serve(*port, place),
        Action::Export { format: ExportFormat::Osv, output, place } => user.export(output.as_deref(), place),
    };
    done.unwrap_or_else(|error| {
        talk(&format!("error: {error:#}"));
        Exit::Usage
    })
}

impl Surroundings {
    fn place(&self) -> anyhow::Result<Place> {
        Ok(Place::of_user(&self.environment, &self.found)?)
    }

    fn workshop(&self, argument: &WorkshopArgument) -> anyhow::Result<Workshop> {
        match &argument.dir {
            Some(folder) => Ok(Workshop::new(folder)),
            None => Ok(Workshop::new(self.place()?.file("workshop"))),
        }
    }

    fn client(&self) -> anyhow::Result<Client> {
        let options = Options { authorities: self.found.authorities.clone(), ..Options::default() };
        Ok(Client::new(options, self.found.credentials.clone())?)
    }

    fn update(&self, from: Option<&str>, root_keys: &[PublicKey]) -> anyhow::Result<Exit> {
        let place = self.place()?;
        let last = || place.state().ok().flatten().and_then(|state| state.source);
        let source = from.map(str::to_owned).or_else(|| self.found.database.source.clone()).or_else(last);
        let source = source.context(
            "it is not known from where: give a web address or folder, or write url = \"...\" under [database] in your lazaret.toml",
        )?;
        let configured: Result<Vec<PublicKey>, _> =
            self.found.database.root_keys.iter().map(|key| key.parse()).collect();
        let root_keys = if root_keys.is_empty() { configured? } else { root_keys.to_vec() };
        let (client, origin) = (self.client()?, Origin::new(&source));
        let update = Update { client: &client, origin: &origin, root_keys: &root_keys, now: now() };
        match runtime()?.block_on(update.run(&place)) {
            Ok(done) => {
                done.notes.iter().for_each(|note| talk(note));
                let how = match (done.bytes, done.deltas) {
                    (0, _) => "nothing is new".to_owned(),
                    (bytes, 0) => format!("{} fetched", size(bytes)),
                    (bytes, deltas) => format!("{} in {} fetched", size(bytes), count(deltas as u64, "delta")),
                };
                print(&format!("edition {} is in force; {how}\n", done.now))?;
                Ok(Exit::Clean)
            }
            Err(error) => {
                talk(&format!("error: the database is not updated: {error}"));
                if let Some(state) = place.state().ok().flatten() {
                    talk(&format!("edition {} stays in force", state.sequence));
                }
                Ok(Exit::Unavailable)
            }
        }
    }

    fn status(&self) -> anyhow::Result<Exit> {
        let place = self.place()?;
        let (database, notes) = Database::of_user(&self.environment)?;
        notes.iter().for_each(|note| talk(note));
        let Some(fresh) = database.freshness() else {
            print(&format!(
                "{}\n  there is no database yet: fetch one with lazaret db update, or make one with lazaret db import\n",
                escaped(&place.folder().display().to_string())
            ))?;
            return Ok(Exit::Incomplete);
        };
        let state = place.state()?.unwrap_or_default();
        let mut text = format!("{}\n", escaped(&place.folder().display().to_string()));
        text += &format!("  edition {}, {}, made {}\n", fresh.sequence, entries(fresh.entries), moment(fresh.made));
        let stale = fresh.expires <= now();
        text += &format!("  {} {}\n", if stale { "STALE since" } else { "holds until" }, moment(fresh.expires));
        if let Some(snapshot) = database.snapshot() {
            text += &format!("  {}, digest {}\n", size(snapshot.bytes().len() as u64), snapshot.digest());
            snapshot.verify().context("the database cannot be used; fetch it again with lazaret db update")?;
        }
        if let Some(advisories) = database.advisories() {
            text += &format!(
                "  {}\n",
                count(advisories.records(), "vulnerability").replace("vulnerabilitys", "vulnerabilities")
            );
            advisories
                .verify()
                .context("the vulnerabilities cannot be used; fetch them again with lazaret db update")?;
        }
        text += &match (&state.root, &state.source) {
            (Some(_), Some(source)) => format!("  signed, from {}\n", escaped(source)),
            _ => "  built on this machine, unsigned\n".to_owned(),
        };
        print(&text)?;
        Ok(if stale { Exit::Incomplete } else { Exit::Clean })
    }

    fn lookup(&self, subjects: &[String]) -> anyhow::Result<Exit> {
        let asked: Vec<Asked> =
            subjects.iter().map(|text| subject(text).map_err(anyhow::Error::msg)).collect::<Result<_, _>>()?;
        let (database, notes) = Database::of_user(&self.environment)?;
        notes.iter().for_each(|note| talk(note));
        if database.freshness().is_none() {
            talk("there is no database yet: fetch one with lazaret db update, or make one with lazaret db import");
        }
        let (mut text, mut exit) = (String::new(), Exit::Clean);
        for (asked, written) in asked.iter().zip(subjects) {
            let known = ask(&database, asked);
            let decision = if known.is_empty() { Decision::Unknown } else { decision(&known) };
            exit = exit.max(match decision {
                Decision::Malicious => Exit::Malicious,
                Decision::Suspicious => Exit::Suspicious,
                Decision::Benign => Exit::Clean,
                Decision::Inconclusive | Decision::Unknown => Exit::Incomplete,
            });
            text += &format!("{}  {decision}\n", escaped(written));
            text.extend(known.iter().map(described));
            text += &vulnerabilities(&database, asked);
        }
        print(&text)?;
        Ok(exit)
    }
}

/// Everything that is known of a package or of bytes.
fn ask(database: &Database, asked: &Asked) -> Vec<Known> {
    match asked {
        Asked::Package { package, version } => {
            let (kind, name) = (&package.kind, package.name.as_str());
            database.lookup(&Question { kind, name, version: version.as_deref(), checksums: &[] })
        }
        Asked::Bytes(fingerprint) => {
            let text = fingerprint.to_string();
            let checksum = text
                .split_once(':')
                .and_then(|(algorithm, hex)| Checksum::from_hex(Algorithm::from_word(algorithm)?, hex));
            let checksums: Vec<Checksum> = checksum.into_iter().collect();
            let kind = PackageType::GENERIC;
            database.lookup(&Question { kind: &kind, name: "", version: None, checksums: &checksums })
        }
    }
}

fn described(known: &Known) -> String {
    let record = &known.record;
    let mut text =
        format!("  {}  {} by {}, {}\n", record.decision, escaped(&record.id), escaped(&record.source), known.basis);
    text += &format!("    {}\n", escaped(&record.reason));
    let reviewer = record.reviewer.as_ref().map(|name| format!("confirmed by {name}"));
    let told: Vec<String> = reviewer
        .into_iter()
        .chain([record.at.clone()])
        .filter(|text| !text.is_empty())
        .map(|text| escaped(&text))
        .collect();
    if !told.is_empty() {
        text += &format!("    {}\n", told.join(", "));
    }
    if let Some(held) = &record.held {
        text += &format!("    held: {}\n", escaped(held));
    }
    text
}

fn vulnerabilities(database: &Database, asked: &Asked) -> String {
    let Asked::Package { package, version: Some(version) } = asked else { return String::new() };
    let found = database.vulnerabilities(&package.kind, &package.name, version);
    let line = |one: &wire::scan::Vulnerability| {
        let fixed = one.fixed.as_ref().map(|version| format!(", fixed in {version}")).unwrap_or_default();
        format!("  vulnerable  {} {}{}: {}\n", escaped(&one.id), one.severity, escaped(&fixed), escaped(&one.summary))
    };
    found.iter().map(line).collect()
}

fn entries(number: u64) -> String {
    if number == 1 { "1 entry".into() } else { format!("{number} entries") }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
