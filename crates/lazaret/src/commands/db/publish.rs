//! The side of those who make a database.

use std::{fs, path::Path};

use anyhow::Context;
use gate::database::{Batch, Place, RoleName, Rotated, Server, Trouble, osv};
use wire::{
    Exit,
    text::{count, size},
    trust::moment,
};

use super::{KeyAction, Role, Surroundings, WorkshopArgument, entries, now, runtime};
use crate::output::{escaped, print, talk};

/// So many troubles are shown; of more, the number.
const SHOWN_TROUBLES: usize = 20;

impl Surroundings {
    pub(super) fn import(
        &self,
        inputs: &[String],
        source: &str,
        anew: bool,
        place: &WorkshopArgument,
    ) -> anyhow::Result<Exit> {
        let workshop = self.workshop(place)?;
        let mut batch = Batch::default();
        let is_web = |input: &str| input.starts_with("http://") || input.starts_with("https://");
        for input in inputs {
            if is_web(input) {
                let client = self.client()?;
                runtime()?.block_on(batch.fetch(&client, input, source));
            } else {
                batch.read(Path::new(input), source);
            }
        }
        tell(&batch.troubles);
        let done = workshop.keep(source, &batch, anew)?;
        let mut text = format!(
            "{} read: {} about malware, {} about vulnerabilities",
            count(batch.documents, "document"),
            entries(done.statements as u64),
            entries(done.advisories as u64)
        );
        let rest = [
            (batch.withdrawn.len() as u64, "withdrawn"),
            (batch.elsewhere, "about no package"),
            (done.gone as u64, "gone since the last import"),
            (batch.troubles.len() as u64, "not readable"),
        ];
        text.extend(rest.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!(", {number} {what}")));
        print(&(text + "\nnext: lazaret db build\n"))?;
        Ok(if batch.troubles.is_empty() { Exit::Clean } else { Exit::Incomplete })
    }

    pub(super) fn build(&self, argument: &WorkshopArgument) -> anyhow::Result<Exit> {
        let workshop = self.workshop(argument)?;
        let built = workshop.build(now())?;
        let build = &built.build;
        let mut text = if built.changed {
            let delta = build.deltas.first().map(|one| format!(", a delta of {}", size(one.file.size)));
            let delta = delta.unwrap_or_default();
            format!("edition {}: {}, {}{delta}\n", build.sequence, entries(built.entries), size(build.verdicts.size))
        } else {
            format!("nothing is new since edition {}: {}\n", build.sequence, entries(built.entries))
        };
        if built.vulnerabilities > 0 {
            text += &format!("{} about vulnerabilities\n", entries(built.vulnerabilities as u64));
        }
        if built.held > 0 {
            text += &format!(
                "{} held back: they condemn every version of a popular package, and no second source agrees\n",
                entries(built.held as u64)
            );
        }
        // Whoever fetches a signed database keeps to it; who has none uses what was built here.
        let place = self.place()?;
        if argument.dir.is_none() && is_free(&place)? && self.found.database.source.is_none() {
            workshop.install(&place)?;
            text += "it is in force on this machine\n";
        }
        print(&text)?;
        Ok(Exit::Clean)
    }

    pub(super) fn sign(&self, argument: &WorkshopArgument) -> anyhow::Result<Exit> {
        let workshop = self.workshop(argument)?;
        let manifest = workshop.sign(now())?;
        let public = workshop.public().display().to_string();
        print(&format!(
            "edition {} is signed (manifest {}) and holds until {}\n{} is for any web server to show\n",
            manifest.sequence,
            manifest.version,
            moment(manifest.expires),
            escaped(&public)
        ))?;
        Ok(Exit::Clean)
    }

    pub(super) fn key(&self, action: &KeyAction) -> anyhow::Result<Exit> {
        let until = |days: u16| now() + i64::from(days) * 86_400;
        let (workshop, done) = match action {
            KeyAction::New { valid_days, place } => {
                let workshop = self.workshop(place)?;
                let done = workshop.new_keys(until(*valid_days))?;
                (workshop, done)
            }
            KeyAction::Rotate { role, valid_days, place } => {
                let workshop = self.workshop(place)?;
                let role = match role {
                    Role::Root => RoleName::Root,
                    Role::Snapshot => RoleName::Snapshot,
                };
                let done = workshop.rotate(role, until(*valid_days))?;
                (workshop, done)
            }
        };
        let keys = workshop.folder().join("keys").display().to_string();
        let Rotated { version, root_keys, expires } = done;
        let mut text = format!("root {version} holds until {}\n", moment(expires));
        text += &format!("{} is secret; root.key may lie where no server reaches it\n", escaped(&keys));
        text += "tell your users, for [database] in their lazaret.toml:\n";
        text.extend(root_keys.iter().map(|key| format!("  root_key = \"{key}\"\n")));
        if matches!(action, KeyAction::Rotate { .. }) {
            text += "next: lazaret db sign\n";
        }
        print(&text)?;
        Ok(Exit::Clean)
    }

    pub(super) fn serve(&self, port: u16, argument: &WorkshopArgument) -> anyhow::Result<Exit> {
        let public = self.workshop(argument)?.public();
        anyhow::ensure!(public.is_dir(), "there is nothing to serve yet: start with lazaret db build");
        runtime()?.block_on(async {
            let server =
                Server::bind(public, port).await.with_context(|| format!("port {port} cannot be listened on"))?;
            print(&format!("http://{}/\n", server.address()?))?;
            server.run().await;
            Ok(Exit::Clean)
        })
    }

    pub(super) fn export(&self, output: Option<&Path>, argument: &WorkshopArgument) -> anyhow::Result<Exit> {
        let workshop = self.workshop(argument)?;
        let mut statements = workshop.statements()?;
        if statements.is_empty() && argument.dir.is_none() {
            // Who only fetches a database can hand on what it holds, with digests cut to what it keeps of them.
            let database = gate::database::Database::in_force(&self.place()?)?;
            statements = database.snapshot().map(|snapshot| snapshot.statements().collect()).unwrap_or_default();
        }
        let documents = osv(statements);
        match output {
            None => {
                let list: Vec<String> = documents.iter().map(ToString::to_string).collect();
                print(&format!("[{}]\n", list.join(",\n")))?;
            }
            Some(folder) => {
                let failed = || format!("{} cannot be written", folder.display());
                fs::create_dir_all(folder).with_context(failed)?;
                for document in &documents {
                    let id = document["id"].as_str().unwrap_or_default();
                    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
                    let source = document["database_specific"]["lazaret"]["source"].as_str().unwrap_or_default();
                    let name: String = format!("{source}_{id}").chars().map(safe).collect();
                    fs::write(folder.join(format!("{name}.json")), format!("{document:#}\n")).with_context(failed)?;
                }
                print(&format!("{} written\n", count(documents.len() as u64, "document")))?;
            }
        }
        Ok(Exit::Clean)
    }
}

/// Whether no signed database is in force.
fn is_free(place: &Place) -> anyhow::Result<bool> {
    Ok(place.state()?.is_none_or(|state| state.root.is_none()))
}

fn tell(troubles: &[Trouble]) {
    for one in troubles.iter().take(SHOWN_TROUBLES) {
        talk(&format!("not read: {}: {}", one.place, one.detail));
    }
    if troubles.len() > SHOWN_TROUBLES {
        talk(&format!("and {} more", troubles.len() - SHOWN_TROUBLES));
    }
}
