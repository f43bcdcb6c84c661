//! Who the supervisor and the guest are: users that mean nothing on this machine.

use std::{fs, io, os::unix::process::parent_id};

use super::kernel;

/// Users of this number and above belong to nobody: no tool hands them out. Each supervisor takes the one of its own
/// process number, so that limits which are counted by user are its own.
const FIRST_FREE_USER: u32 = 2_000_000_000;

/// The user in the guest who runs everything.
pub(super) const DEV: u32 = 1000;

/// Ends with the process that started this one. To become another user cancels it, so it is called again after that.
pub(super) fn end_with_parent() -> io::Result<()> {
    let parent = parent_id();
    kernel::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong)?;
    // It may have died before the call.
    if parent_id() == parent { Ok(()) } else { Err(io::Error::other("the starter has ended")) }
}

/// The same for a child in a namespace of its own, where the parent has no number.
pub(super) fn end_with_parent_unasked() -> io::Result<()> {
    kernel::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong)
}

/// Gives up the rights of the system's owner. Nothing hostile may ever run as user 0 of this machine, not even without
/// any capability and under another number: files such as those below `/proc/sys` look at the user alone.
pub(super) fn give_up_ownership() -> io::Result<()> {
    // SAFETY: It takes and changes nothing.
    let user = unsafe { libc::geteuid() };
    // SAFETY: As above.
    if user != 0 && unsafe { libc::getuid() } != 0 {
        return Ok(());
    }
    kernel::become_user(FIRST_FREE_USER + std::process::id())?;
    // The kernel shut the process's own files when it changed user; the maps of the namespaces are written there.
    kernel::prctl(libc::PR_SET_DUMPABLE, 1)?;
    end_with_parent()
}

/// Enters a user namespace in which this process may do everything, and which may do nothing outside.
pub(super) fn enter_own_namespace() -> io::Result<()> {
    // SAFETY: It takes and changes nothing.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    // SAFETY: A number; the process has one thread.
    kernel::checked(unsafe { libc::unshare(libc::CLONE_NEWUSER) }.into())?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    Ok(())
}

/// Gives the guest's namespace its only user.
pub(super) fn name_guest(init: libc::pid_t) -> io::Result<()> {
    fs::write(format!("/proc/{init}/uid_map"), format!("{DEV} 0 1"))?;
    fs::write(format!("/proc/{init}/gid_map"), format!("{DEV} 0 1"))
}

/// Gives up every capability for good, in this process and in all that it starts.
pub(crate) fn give_up_capabilities() -> io::Result<()> {
    give_up_capabilities_but(&[])
}

/// Gives up the capabilities that are not in the list, and with them the way to new ones.
pub(crate) fn give_up_capabilities_but(kept: &[libc::c_ulong]) -> io::Result<()> {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
    for capability in (0..64).filter(|capability| !kept.contains(capability)) {
        // Those that this kernel does not know yet are refused.
        let _ = kernel::prctl(libc::PR_CAPBSET_DROP, capability);
    }
    kernel::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong)?;
    let bits = kept.iter().fold(0, |bits, capability| bits | 1u64 << capability);
    let left = CapabilitySet::from_bits_truncate(bits);
    set_capabilities(None, CapabilitySets { effective: left, permitted: left, inheritable: CapabilitySet::empty() })?;
    kernel::prctl(libc::PR_SET_NO_NEW_PRIVS, 1)
}
