//! The process that protects, and the one below it that becomes the program.

use std::{
    env,
    ffi::{CString, OsString},
    fs, io,
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        net::UnixStream,
    },
    path::Path,
    process::ExitCode,
    thread,
    time::Duration,
};

use landlock::RulesetStatus;

use super::{Protection, UNPROTECTED, files, relay};
use crate::{
    State, Wall,
    detonation::{
        filter, identity, init,
        kernel::{self, Forked, fork_into},
        network,
    },
};

/// What the program may still do as the system's owner: own and open files, and become somebody else.
const KEPT: &[libc::c_ulong] = &[0, 1, 3, 4, 6, 7];

pub(super) fn protect() -> ExitCode {
    let mut arguments = env::args_os().skip(2);
    let protection = arguments.next().and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
    let command: Vec<OsString> = arguments.collect();
    let Some((protection, program)) = protection.zip(command.first()) else { return ExitCode::from(UNPROTECTED) };
    match start(&protection, program, &command) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(why) => {
            let program = Path::new(program).display();
            eprintln!("error: {program} was not started, since it could not be protected: {why}");
            ExitCode::from(UNPROTECTED)
        }
    }
}

fn start(protection: &Protection, program: &OsString, command: &[OsString]) -> io::Result<i32> {
    let program = find(program)?;
    let texts = |list: Vec<Vec<u8>>| list.into_iter().map(kernel::text).collect::<io::Result<Vec<CString>>>();
    let argv = texts(command.iter().map(|one| one.clone().into_vec()).collect())?;
    let variable = |(name, value): (OsString, OsString)| [name.as_bytes(), b"=", value.as_bytes()].concat();
    let environment = texts(env::vars_os().map(variable).collect())?;
    // What the program leaves behind becomes this process's own, which ends it.
    kernel::prctl(libc::PR_SET_CHILD_SUBREAPER, 1)?;
    let (ours, theirs) = UnixStream::pair()?;
    let apart = can_be_apart();
    let child = match fork_into(if apart { apart_flags() } else { 0 })? {
        Forked::Parent(child) => child,
        Forked::Child => {
            drop(ours);
            let why = become_program(protection, apart, theirs, &program, &argv, &environment);
            eprintln!("error: {} was not started: {why}", program.to_string_lossy());
            kernel::leave(UNPROTECTED.into())
        }
    };
    drop(theirs);
    if apart {
        if !is_owner() {
            name(child)?;
        }
        io::Write::write_all(&mut &ours, b"!")?;
        if let Some(port) = protection.port
            && let Ok(listener) = relay::take(&ours)
        {
            relay::pass_on(listener, port)?;
        }
    }
    let code = wait(child);
    end_the_rest();
    Ok(code)
}

/// Whether this is the system's owner, who needs no namespace of users for one of the network.
fn is_owner() -> bool {
    // SAFETY: It takes and changes nothing.
    unsafe { libc::geteuid() == 0 }
}

fn apart_flags() -> libc::c_int {
    if is_owner() { libc::CLONE_NEWNET } else { libc::CLONE_NEWUSER | libc::CLONE_NEWNET }
}

/// Whether a process can have a network of its own here.
fn can_be_apart() -> bool {
    match fork_into(apart_flags()) {
        Ok(Forked::Child) => kernel::leave(0),
        Ok(Forked::Parent(child)) => wait(child) == 0,
        Err(_) => false,
    }
}

/// Gives the child's namespace its user: the same as outside.
fn name(child: libc::pid_t) -> io::Result<()> {
    // SAFETY: They take and change nothing.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    fs::write(format!("/proc/{child}/setgroups"), "deny")?;
    fs::write(format!("/proc/{child}/uid_map"), format!("{user} {user} 1"))?;
    fs::write(format!("/proc/{child}/gid_map"), format!("{group} {group} 1"))
}

/// Raises the walls, then becomes the program. It returns why it could not.
fn become_program(
    protection: &Protection,
    apart: bool,
    line: UnixStream,
    program: &CString,
    argv: &[CString],
    environment: &[CString],
) -> io::Error {
    let raised = || -> io::Result<()> {
        if apart {
            let mut go = [0];
            io::Read::read_exact(&mut &line, &mut go)?;
            network::prepare_guest(false)?;
            if let Some(port) = protection.port {
                relay::hand_out(&line, port)?;
            }
        }
        drop(line);
        identity::give_up_capabilities_but(if is_owner() { KEPT } else { &[] })?;
        let status = files::raise(protection).map_err(io::Error::other)?;
        if status.ruleset == RulesetStatus::NotEnforced {
            return Err(io::Error::other("this kernel has no Landlock, or it is switched off"));
        }
        filter::install_protecting(apart)
    };
    match raised() {
        Ok(()) => kernel::execute(program, argv, environment),
        Err(why) => why,
    }
}

/// The program's path, looked for as a shell would.
fn find(program: &OsString) -> io::Result<CString> {
    if program.as_bytes().contains(&b'/') {
        return kernel::text(program.as_bytes());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&path).map(|folder| folder.join(program));
    let found = candidates.find(|path| path.is_file());
    let found = found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "it is not in the search path"))?;
    kernel::text(found.into_os_string().into_vec())
}

fn wait(child: libc::pid_t) -> i32 {
    loop {
        let mut status = 0;
        // SAFETY: Room for the number that the call writes.
        let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
        if ended == child {
            return init::code(status);
        }
        if ended < 0 && io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return UNPROTECTED.into();
        }
    }
}

/// Ends what the program left running.
fn end_the_rest() {
    for _ in 0..1000 {
        let children = fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
        let mut any = false;
        for child in children.split_whitespace().filter_map(|one| one.parse().ok()) {
            any = true;
            let _ = kernel::signal(child, libc::SIGKILL);
            wait(child);
        }
        if !any {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Which walls can be raised, tried in children that end at once.
pub(super) fn layers() -> Vec<Wall> {
    let landlock = tried(|| match files::raise(&Protection::default()).map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => 0,
        Ok(RulesetStatus::PartiallyEnforced) => 1,
        _ => 2,
    });
    let landlock = match landlock {
        Some(0) => State::Standing,
        Some(1) => {
            State::Partial("this kernel's Landlock is older: files are shut, signals and ports may not be".into())
        }
        _ => State::Missing(
            "this kernel has no Landlock, or it is switched off: install scripts are not confined".into(),
        ),
    };
    let seccomp = tried(|| {
        let raised = identity::give_up_capabilities_but(&[]).and_then(|()| filter::install_protecting(true));
        i32::from(raised.is_err())
    });
    let seccomp = match seccomp {
        Some(0) => State::Standing,
        _ => State::Missing("this kernel has no filter for system calls: install scripts are not confined".into()),
    };
    let network = if tried(|| 0).is_some() && can_be_apart() {
        State::Standing
    } else {
        State::Partial("no network namespace can be made: only the number of the port is held to".into())
    };
    let wall = |name: &str, purpose: &str, state| Wall { name: name.into(), purpose: purpose.into(), state };
    vec![
        wall("files", "no secrets of yours, and writing only in the project and in caches", landlock),
        wall("calls", "no other networks, no other processes, no doors of the kernel", seccomp),
        wall("network", "nothing but the port of the guard", network),
    ]
}

/// The code of a trial in a child.
fn tried(trial: impl FnOnce() -> i32) -> Option<i32> {
    match fork_into(0) {
        Ok(Forked::Child) => kernel::leave(trial()),
        Ok(Forked::Parent(child)) => Some(wait(child)),
        Err(_) => None,
    }
}
