//! One run from its start to its end.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::Arc,
};

use net::Cache;
use tokio::process::Command;

use super::{
    Ended, GUARDED, Guard, GuardError, Manager, Passage, Route, after, before,
    managers::{MANAGERS, manager},
};
use crate::{
    inspect::Analyst,
    proxy::{Desk, Proxy, Upstream},
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
    if manager.is_direct(arguments) || is_guarded(guard, manager) {
        let code = start(guard, &path, &Passage::default(), arguments).await?;
        return Ok(Ended { code: Some(code), ..Ended::default() });
    }
    guarded(guard, manager, &name, &path, arguments).await
}

async fn guarded<A: Analyst>(
    guard: &Guard<A>,
    manager: &'static dyn Manager,
    name: &str,
    path: &Path,
    arguments: &[String],
) -> Result<Ended, GuardError> {
    let proxy = Arc::new(proxy(guard, manager));
    let running = proxy.open().await.map_err(GuardError::NoPort)?;
    let folder = guard.environment.cwd.clone();
    let binding = manager.is_from_lockfile(arguments);
    if let Some(graph) = before::find(manager, &folder).and_then(|path| before::read(&path)) {
        before::check(&proxy, &graph, binding);
        if before::is_malicious(&proxy.desk.ledger.summary()) {
            return Ok(Ended { summary: proxy.desk.ledger.summary(), ..Ended::default() });
        }
    }
    let scratch = tempfile::tempdir().map_err(GuardError::NoPort)?;
    let upstream = proxy.upstream();
    let route = Route {
        running: &running,
        endpoints: &upstream.discovered().endpoints,
        program: name,
        arguments,
        folder: &folder,
        scratch: scratch.path(),
    };
    let mut passage = manager.through(&route);
    lead_past_proxies(guard, &mut passage);
    passage.variables.push((GUARDED.into(), guarded_list(guard, manager)));
    let code = start(guard, path, &passage, arguments).await?;
    after::check(&proxy, manager.installed(&route)).await;
    let mut notes = passage.notes;
    notes.extend(upstream.discovered().notes.iter().cloned());
    Ok(Ended { code: Some(code), summary: proxy.desk.ledger.summary(), notes })
}

fn proxy<A: Analyst>(guard: &Guard<A>, manager: &dyn Manager) -> Proxy<A> {
    let net = net::Options { per_host: 32, ..guard.net.clone() };
    let upstream = Upstream::find(&guard.environment, &[manager.ecosystem()], net, LARGEST);
    let cache = guard.cache.as_ref().map(|folder| Cache::new(folder, Cache::DEFAULT_LIMIT));
    let desk = Desk::new(
        guard.inspector.clone(),
        cache,
        guard.verdicts.clone(),
        guard.asker.clone(),
        guard.rules.clone(),
        guard.now,
    );
    Proxy::new(desk, upstream, manager.tarballs())
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

async fn start<A>(guard: &Guard<A>, program: &Path, passage: &Passage, arguments: &[String]) -> Result<u8, GuardError> {
    let mut command = Command::new(program);
    command.args(&passage.before).args(arguments).current_dir(&guard.environment.cwd);
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
