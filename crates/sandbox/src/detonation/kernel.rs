//! Calls to the kernel that no safe crate offers, each behind a safe function.

use std::{
    ffi::{CStr, CString},
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
    path::Path,
};

/// The result of a call as the library of C gives it.
pub(crate) fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// A text for the kernel.
pub(crate) fn text(value: impl Into<Vec<u8>>) -> io::Result<CString> {
    CString::new(value).map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a text holds a zero byte"))
}

/// The child, or the parent with the child's number.
pub(crate) enum Forked {
    Child,
    Parent(libc::pid_t),
}

/// Starts a copy of this process in new namespaces. This process must have one thread only.
pub(crate) fn fork_into(namespaces: libc::c_int) -> io::Result<Forked> {
    // SAFETY: Without CLONE_VM this is a fork: the child goes on with its own copy of memory and of the stack. The caller has
    // one thread, so no lock is held by a thread that the child lacks.
    let result = unsafe { libc::syscall(libc::SYS_clone, namespaces | libc::SIGCHLD, 0, 0, 0, 0) };
    match checked(result)? {
        0 => Ok(Forked::Child),
        child => Ok(Forked::Parent(libc::pid_t::try_from(child).unwrap_or(-1))),
    }
}

/// `prctl` with plain numbers.
pub(crate) fn prctl(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    // SAFETY: The options that are used here take numbers, no pointers.
    checked(unsafe { libc::prctl(option, value, 0, 0, 0) }.into()).map(drop)
}

/// Becomes another user for good, groups included.
pub(crate) fn become_user(user: u32) -> io::Result<()> {
    // SAFETY: The calls take numbers and an empty list. The process has one thread.
    checked(unsafe { libc::setgroups(0, std::ptr::null()) }.into())?;
    // SAFETY: As above.
    checked(unsafe { libc::setresgid(user, user, user) }.into())?;
    // SAFETY: As above.
    checked(unsafe { libc::setresuid(user, user, user) }.into()).map(drop)
}

/// Mounts. Empty texts stand for nothing.
pub(crate) fn mount(source: &str, target: &str, kind: &str, flags: libc::c_ulong, options: &str) -> io::Result<()> {
    let (source, target, kind, options) = (text(source)?, text(target)?, text(kind)?, text(options)?);
    // SAFETY: Four texts that end with zero and live until the call returns.
    let result =
        unsafe { libc::mount(source.as_ptr(), target.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast()) };
    checked(result.into()).map(drop)
}

/// Takes a mount away, with everything below it.
pub(crate) fn detach(target: &str) -> io::Result<()> {
    let target = text(target)?;
    // SAFETY: A text that ends with zero.
    checked(unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) }.into()).map(drop)
}

/// Makes a folder the root; the root before lies over it until it is detached.
pub(crate) fn pivot_here() -> io::Result<()> {
    // SAFETY: Two texts that end with zero.
    checked(unsafe { libc::syscall(libc::SYS_pivot_root, c".".as_ptr(), c".".as_ptr()) }).map(drop)
}

/// Sets attributes of a mount, and of those below it if `deep`.
pub(crate) fn set_mount_attributes(target: &str, set: u64, deep: bool) -> io::Result<()> {
    let target = text(target)?;
    let depth = if deep { libc::AT_RECURSIVE } else { 0 };
    // The kernel's `struct mount_attr`: set, clear, propagation, namespace.
    let attributes = [set, 0, 0, 0];
    // SAFETY: The text ends with zero; the four numbers are the structure, whose size is told.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            target.as_ptr(),
            depth,
            attributes.as_ptr(),
            size_of_val(&attributes),
        )
    };
    checked(result).map(drop)
}

/// How far `openat2` may go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Within {
    /// Links lead where they lead inside the root.
    Root,
    /// No links, no way out.
    Beneath,
}

/// Opens a path below a folder, and never anything outside it.
pub(crate) fn open_within(
    folder: BorrowedFd<'_>,
    path: &CStr,
    flags: libc::c_int,
    within: Within,
) -> io::Result<OwnedFd> {
    let resolve = match within {
        Within::Root => libc::RESOLVE_IN_ROOT | libc::RESOLVE_NO_MAGICLINKS,
        Within::Beneath => libc::RESOLVE_BENEATH | libc::RESOLVE_NO_SYMLINKS | libc::RESOLVE_NO_MAGICLINKS,
    };
    // The kernel's `struct open_how`: flags, mode, resolve.
    let how = [u64::from((flags | libc::O_CLOEXEC).unsigned_abs()), 0, resolve];
    // SAFETY: The text ends with zero; the three numbers are the structure, whose size is told.
    let result =
        unsafe { libc::syscall(libc::SYS_openat2, folder.as_raw_fd(), path.as_ptr(), how.as_ptr(), size_of_val(&how)) };
    let descriptor = RawFd::try_from(checked(result)?).unwrap_or(-1);
    // SAFETY: The kernel has just made it, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// A pipe, reading end first.
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: Room for the two numbers that the call writes.
    checked(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }.into())?;
    // SAFETY: The kernel has just made them.
    Ok(unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

/// Puts a descriptor in another's place.
pub(crate) fn put(descriptor: impl AsFd, place: RawFd) -> io::Result<()> {
    // SAFETY: Numbers only; what stood in that place is closed on purpose.
    checked(unsafe { libc::dup2(descriptor.as_fd().as_raw_fd(), place) }.into()).map(drop)
}

/// Closes every descriptor from this one on.
pub(crate) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: Only called in a process that goes on to start a program, and uses none of them.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) }).map(drop)
}

/// A limit of this process.
pub(crate) fn limit(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: A structure that lives until the call returns.
    checked(unsafe { libc::setrlimit(resource, &raw const limit) }.into()).map(drop)
}

/// Starts a program in place of this one. It returns only when it failed.
pub(crate) fn execute(path: &CStr, argv: &[CString], environment: &[CString]) -> io::Error {
    let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
        texts.iter().map(|one| one.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (argv, environment) = (pointers(argv), pointers(environment));
    // SAFETY: Lists of texts that end with zero; the lists end with null, and all live until the call returns.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

/// Ends this process at once, without running anything that is meant for the end of a program.
pub(crate) fn leave(code: libc::c_int) -> ! {
    // SAFETY: It does not return.
    unsafe { libc::_exit(code) }
}

/// Sends a signal.
pub(crate) fn signal(process: libc::pid_t, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: Numbers only.
    checked(unsafe { libc::kill(process, signal) }.into()).map(drop)
}

/// What becomes of a signal when it arrives.
pub(crate) fn on_signal(signal: libc::c_int, handler: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: The handlers that are given are the kernel's own, or do nothing at all.
    let before = unsafe { libc::signal(signal, handler) };
    if before == libc::SIG_ERR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Lets all signals through again.
pub(crate) fn unblock_signals() -> io::Result<()> {
    // SAFETY: A set of signals is plain numbers; the call fills it.
    let mut none: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: The set lives here.
    unsafe { libc::sigemptyset(&raw mut none) };
    // SAFETY: As above.
    checked(unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut()) }.into()).map(drop)
}

/// The number of a network interface in this network namespace.
pub(crate) fn interface(name: &str) -> io::Result<u32> {
    let name = text(name)?;
    // SAFETY: A text that ends with zero.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        index => Ok(index),
    }
}

/// Whether this path names something.
pub(crate) fn exists(path: &str) -> bool {
    Path::new(path).symlink_metadata().is_ok()
}

/// Has a signal interrupt whatever this process waits for, again and again.
pub(crate) fn tick(every: std::time::Duration) -> io::Result<()> {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: The structure is plain data; the handler does nothing.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as *const () as libc::sighandler_t;
    // SAFETY: Both structures live until the calls return. Without SA_RESTART a wait ends when the signal comes.
    checked(unsafe { libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()) }.into())?;
    let interval = libc::timeval { tv_sec: 0, tv_usec: libc::suseconds_t::from(every.subsec_micros()) };
    let timer = libc::itimerval { it_interval: interval, it_value: interval };
    // SAFETY: As above.
    checked(unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) }.into()).map(drop)
}

/// Keeps the ticks away from the calling thread and from those that it starts: they are for the one that waits.
pub(crate) fn block_ticks() {
    mask_ticks(libc::SIG_BLOCK);
}

/// Lets the ticks through again.
pub(crate) fn allow_ticks() {
    mask_ticks(libc::SIG_UNBLOCK);
}

fn mask_ticks(how: libc::c_int) {
    // SAFETY: A set of signals is plain data that the calls fill; they change this thread's mask alone.
    unsafe {
        let mut ticks: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut ticks);
        libc::sigaddset(&raw mut ticks, libc::SIGALRM);
        libc::pthread_sigmask(how, &raw const ticks, std::ptr::null_mut());
    }
}

/// The local port of a socket that another process holds.
pub(crate) fn local_port(process: libc::pid_t, descriptor: i32) -> Option<u16> {
    // SAFETY: Numbers only; what the kernel makes belongs to this call.
    let handle = unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) };
    let handle = RawFd::try_from(checked(handle).ok()?).ok()?;
    // SAFETY: The kernel has just made it.
    let handle = unsafe { OwnedFd::from_raw_fd(handle) };
    // SAFETY: Numbers only.
    let socket = unsafe { libc::syscall(libc::SYS_pidfd_getfd, handle.as_raw_fd(), descriptor, 0) };
    let socket = RawFd::try_from(checked(socket).ok()?).ok()?;
    // SAFETY: The kernel has just made it.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    let local = nix::sys::socket::getsockname::<nix::sys::socket::SockaddrStorage>(socket.as_raw_fd()).ok()?;
    let v4 = local.as_sockaddr_in().map(nix::sys::socket::SockaddrIn::port);
    v4.or_else(|| local.as_sockaddr_in6().map(nix::sys::socket::SockaddrIn6::port))
}
