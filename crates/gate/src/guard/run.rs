//! One run from its start to its end.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::Arc,
};

use model::Ecosystem;
use net::Cache;
use tokio::process::Command;

use super::{
    Call, Ended, GUARDED, Guard, GuardError, MANAGERS, Manager, Passage, Rewriting, Route, after, before, journal,
    manager,
};
use crate::{
    inspect::Analyst,
    proxy::{Desk, Lasting, Proxy, Tarballs, Upstream},
};

/// The largest file that is handed out.
const LARGEST: u64 = 1 << 30;

pub(super) async fn run<A: Analyst>(guard: &Guard<A>, command: &[String]) -> Result<Ended, GuardError> {
    let (program, arguments) = command.split_first().ok_or(GuardError::NoCommand)?;
    let name = Path::new(program).file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let manager = manager(&name).ok_or_else(|| GuardError::UnknownProgram {
        program: name.clone(),
        known: MANAGERS.iter().flat_map(|one| one.programs()).copied().collect::<Vec<_>>().join(", "),
    })?;
    let path = find(guard, program)?;
    let mut notes: Vec<String> = journal::recover(&guard.state)
        .iter()
        .map(|path| format!("{} was put back after a run that did not end by itself", path.display()))
        .collect();
    let call = Call { program: name, arguments: arguments.to_vec(), folder: guard.environment.cwd.clone() };
    if manager.is_direct(&call) || is_guarded(guard, manager) {
        let passage = Passage { arguments: call.arguments, ..Passage::default() };
        let code = start(guard, &path, &passage).await?;
        return Ok(Ended { code: Some(code), notes, ..Ended::default() });
    }
    let mut ended = guarded(guard, manager, &path, call).await?;
    notes.append(&mut ended.notes);
    Ok(Ended { notes, ..ended })
}

async fn guarded<A: Analyst>(
    guard: &Guard<A>,
    manager: &'static dyn Manager,
    program: &Path,
    mut call: Call,
) -> Result<Ended, GuardError> {
    let told = manager.absorb(&mut call);
    let rewriting = manager.rewritten(&call, &|| version(guard, program, &call));
    let tarballs = if rewriting.is_some() { Tarballs::Rewritten } else { manager.tarballs() };
    let proxy = Arc::new(proxy(guard, manager, told, tarballs));
    let lasting = manager.needs_lasting_address().then(|| Lasting::of_file(&guard.state.join("address.json")));
    let running = proxy.open(lasting.transpose().map_err(GuardError::NoPort)?).await.map_err(GuardError::NoPort)?;
    let lockfile = before::find(manager, &call.folder);
    if let Some(graph) = lockfile.as_deref().and_then(before::read) {
        before::check(&proxy, &graph, manager.is_from_lockfile(&call));
    }
    before::addresses(&proxy, manager, &call).await;
    if before::is_malicious(&proxy.desk.ledger.summary()) {
        return Ok(Ended { summary: proxy.desk.ledger.summary(), ..Ended::default() });
    }
    let scratch = tempfile::tempdir().map_err(GuardError::NoPort)?;
    let endpoints = &proxy.upstream().discovered().endpoints;
    let variables = &guard.environment.vars;
    let route = Route { running: &running, endpoints, call: &call, variables, scratch: scratch.path() };
    let mut passage = manager.through(&route);
    lead_past_proxies(guard, &mut passage);
    passage.variables.push((GUARDED.into(), guarded_list(guard, manager)));
    let led = lead_lockfile(guard, manager, rewriting, &route, lockfile.as_deref())?;
    let code = start(guard, program, &passage).await;
    drop(led);
    let code = code?;
    after::check(&proxy, manager.installed(&route)).await;
    let mut notes = passage.notes;
    notes.extend(proxy.upstream().discovered().notes.iter().cloned());
    Ok(Ended { code: Some(code), summary: proxy.desk.ledger.summary(), notes })
}

/// What the program says of its version.
fn version<A>(guard: &Guard<A>, program: &Path, call: &Call) -> Option<String> {
    let mut command = std::process::Command::new(program);
    command.arg("--version").current_dir(&call.folder).env_clear().envs(&guard.environment.vars);
    String::from_utf8(command.output().ok()?.stdout).ok()
}

/// Leads the lockfile here, where the manager follows the addresses in it.
fn lead_lockfile<A: Analyst>(
    guard: &Guard<A>,
    manager: &dyn Manager,
    rewriting: Option<Rewriting>,
    route: &Route<'_>,
    lockfile: Option<&Path>,
) -> Result<Option<journal::Led>, GuardError> {
    let Some(rewriting) = rewriting else { return Ok(None) };
    let Some(name) = manager.lockfiles().first() else { return Ok(None) };
    let file = lockfile.map_or_else(|| route.call.folder.join(name), ToOwned::to_owned);
    let base = route.running.base(manager.ecosystem().as_str());
    let first = route.endpoints.iter().find(|one| one.ecosystem == Ecosystem::Pypi && one.scope.is_none());
    let index = first.filter(|_| rewriting == Rewriting::Uv).map(|one| one.url.as_str());
    journal::lead(&guard.state, &file, rewriting, &base, index).map(Some)
}

fn proxy<A: Analyst>(
    guard: &Guard<A>,
    manager: &dyn Manager,
    told: Vec<(String, String)>,
    tarballs: Tarballs,
) -> Proxy<A> {
    let mut environment = guard.environment.clone();
    environment.vars.extend(told);
    let net = net::Options { per_host: 32, ..guard.net.clone() };
    let upstream = Upstream::find(&environment, &[manager.ecosystem()], net, LARGEST);
    let cache = guard.cache.as_ref().map(|folder| Cache::new(folder, Cache::DEFAULT_LIMIT));
    let desk = Desk::new(
        guard.inspector.clone(),
        cache,
        guard.verdicts.clone(),
        guard.asker.clone(),
        guard.rules.clone(),
        guard.now,
    );
    Proxy::new(desk, upstream, tarballs)
}

/// The program: as it is written when that is a path, else the first in the search path that is not our own shim.
fn find<A>(guard: &Guard<A>, program: &str) -> Result<PathBuf, GuardError> {
    if program.contains(std::path::MAIN_SEPARATOR) {
        return Ok(guard.environment.cwd.join(program));
    }
    let path = guard.environment.var("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(path).map(|folder| folder.join(program));
    let mut found = candidates.filter(|path| path.is_file() && !is_shim(path));
    found.next().ok_or_else(|| GuardError::NoProgram(program.to_owned()))
}

/// Whether a file is one of the shims that `lazaret setup` writes.
pub(super) fn is_shim(path: &Path) -> bool {
    let mut start = [0u8; 256];
    let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut start));
    read.is_ok_and(|length| String::from_utf8_lossy(&start[..length]).contains(super::SHIM_MARK))
}

fn is_guarded<A>(guard: &Guard<A>, manager: &dyn Manager) -> bool {
    let list = guard.environment.var(GUARDED).unwrap_or_default();
    list.split(',').any(|one| one == manager.ecosystem().as_str())
}

fn guarded_list<A>(guard: &Guard<A>, manager: &dyn Manager) -> String {
    let before = guard.environment.var(GUARDED).map(|list| format!("{list},")).unwrap_or_default();
    format!("{before}{}", manager.ecosystem())
}

/// A proxy of the company must not be asked for this machine.
fn lead_past_proxies<A>(guard: &Guard<A>, passage: &mut Passage) {
    for name in ["NO_PROXY", "no_proxy"] {
        let before = guard.environment.var(name).map(|list| format!("{list},")).unwrap_or_default();
        passage.variables.push((name.into(), format!("{before}127.0.0.1,localhost")));
    }
}

async fn start<A>(guard: &Guard<A>, program: &Path, passage: &Passage) -> Result<u8, GuardError> {
    let mut command = Command::new(program);
    command.args(&passage.arguments).current_dir(&guard.environment.cwd);
    command.env_clear().envs(&guard.environment.vars).envs(passage.variables.iter().map(|(name, value)| (name, value)));
    let failed = |cause| GuardError::NoStart { program: program.display().to_string(), cause };
    let mut child = command.spawn().map_err(failed)?;
    loop {
        tokio::select! {
            ended = child.wait() => return Ok(code(ended.map_err(failed)?)),
            // The terminal sends it to the command as well, which decides what to do.
            _ = tokio::signal::ctrl_c() => {}
        }
    }
}

/// The exit code as a shell tells it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal as u8;
    }
    status.code().map_or(1, |code| code as u8)
}
