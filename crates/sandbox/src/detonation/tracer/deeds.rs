//! From a system call to what it means.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use model::{EventSource, TraceDeed};

use super::{
    Desk, Tracer, memory,
    stops::{Call, Tracee},
    task::{self, Pending},
};
use crate::detonation::{
    book::{Actor, words},
    calls::{REFUSED, WATCHED},
    filter::HIDING,
    kernel,
};

const NATIVE: u32 = 0xc000_003e;
/// More memory files than these are refused.
const MOST_MEMORY_FILES: u32 = 64;
/// What the kernel says when a call is to be made once more.
const AGAIN: std::ops::RangeInclusive<i64> = -516..=-512;

/// What becomes of a call at its beginning.
enum Course {
    /// It goes on, and nobody waits for its end.
    Through,
    /// It goes on, and its end is awaited.
    Await(Pending),
    /// It does not happen; the package gets this answer.
    Answer(i64),
}

/// Reads the arguments of one call.
struct Reader {
    task: libc::pid_t,
    arguments: [u64; 6],
}

impl Tracer {
    /// A call begins.
    pub(super) fn call(&mut self, tracee: Tracee, desk: &mut Desk<'_>) {
        let Some(call) = tracee.call() else { return tracee.go_on() };
        self.meet(tracee.0);
        let process = self.tasks.get(&tracee.0).map_or(tracee.0, |task| task.process);
        let actor = self.actor(process);
        let course = match refusal(&call) {
            Some((name, why, answer)) => {
                let deed = TraceDeed::Refused { call: name.into(), why: why.into() };
                desk.book.note_once(actor, EventSource::Tracer, deed, false);
                Course::Answer(answer)
            }
            None => {
                let reader = Reader { task: tracee.0, arguments: call.arguments };
                self.course(&reader, libc::c_long::try_from(call.number).unwrap_or(-1), actor, process, desk)
            }
        };
        match course {
            Course::Through => tracee.go_on(),
            Course::Answer(answer) => tracee.answer(answer),
            Course::Await(pending) => {
                if let Some(task) = self.tasks.get_mut(&tracee.0) {
                    task.pending = pending;
                }
                tracee.go_on_to_end();
            }
        }
    }

    fn course(
        &mut self,
        reader: &Reader,
        number: libc::c_long,
        actor: Actor,
        process: libc::pid_t,
        desk: &mut Desk<'_>,
    ) -> Course {
        let once = |deed| Course::Await(Pending::Deed { deed, once: true });
        let always = |deed| Course::Await(Pending::Deed { deed, once: false });
        match number {
            libc::SYS_open => reader.open(0, reader.arguments[1]),
            libc::SYS_openat => reader.open(1, reader.arguments[2]),
            libc::SYS_creat => reader.open(0, u64::from(libc::O_WRONLY.unsigned_abs())),
            libc::SYS_openat2 => {
                let flags = memory::exactly::<8>(reader.task, reader.arguments[2]).map_or(0, u64::from_ne_bytes);
                reader.open(1, flags)
            }
            libc::SYS_execve => reader.exec(reader.path(None, 0), 1),
            libc::SYS_execveat => reader.exec(reader.path(Some(0), 1), 2),
            libc::SYS_connect => match reader.address() {
                Some(address) => Course::Await(Pending::Connect { descriptor: reader.number(0), address }),
                None => Course::Through,
            },
            libc::SYS_bind => match reader.address() {
                Some(address) => Course::Await(Pending::Bind { descriptor: reader.arguments[0], address }),
                None => Course::Through,
            },
            libc::SYS_listen => {
                let bound = self.processes.get(&process).and_then(|one| one.bound.get(&reader.arguments[0]).cloned());
                once(TraceDeed::Listen { address: bound.unwrap_or_else(|| "any port".into()) })
            }
            libc::SYS_unlink | libc::SYS_rmdir => reader.unlink(reader.path(None, 0), actor, desk),
            libc::SYS_unlinkat => reader.unlink(reader.path(Some(0), 1), actor, desk),
            libc::SYS_rename => reader.rename(reader.path(None, 0), reader.path(None, 1), actor, desk),
            libc::SYS_renameat | libc::SYS_renameat2 => {
                reader.rename(reader.path(Some(0), 1), reader.path(Some(2), 3), actor, desk)
            }
            libc::SYS_link => always(TraceDeed::Rename { from: reader.path(None, 0), to: reader.path(None, 1) }),
            libc::SYS_linkat => {
                always(TraceDeed::Rename { from: reader.path(Some(0), 1), to: reader.path(Some(2), 3) })
            }
            libc::SYS_symlink => always(TraceDeed::Rename { from: reader.claim(0), to: reader.path(None, 1) }),
            libc::SYS_symlinkat => always(TraceDeed::Rename { from: reader.claim(0), to: reader.path(Some(1), 2) }),
            libc::SYS_chmod => once(reader.chmod(reader.path(None, 0), 1)),
            libc::SYS_fchmod => once(reader.chmod(task::link(reader.task, &format!("fd/{}", reader.number(0))), 1)),
            libc::SYS_truncate | libc::SYS_mknod => once(reader.written(reader.path(None, 0))),
            libc::SYS_mknodat => once(reader.written(reader.path(Some(0), 1))),
            libc::SYS_memfd_create => {
                self.memory_files += 1;
                if self.memory_files > MOST_MEMORY_FILES {
                    desk.book.limit("memory");
                    return Course::Answer(-i64::from(libc::EMFILE));
                }
                once(TraceDeed::Memfd { name: reader.claim(0) })
            }
            libc::SYS_kill | libc::SYS_pidfd_send_signal => reader.signal(number, actor),
            _ => self.wait_or_rest(reader, number, actor, desk),
        }
    }

    /// Waits, and calls that stop because a package's own filter asks for it.
    fn wait_or_rest(&mut self, reader: &Reader, number: libc::c_long, actor: Actor, desk: &mut Desk<'_>) -> Course {
        if WATCHED.iter().any(|(watched, name)| *watched == number && name.starts_with("fchmodat")) {
            let deed = reader.chmod(reader.path(Some(0), 1), 2);
            return Course::Await(Pending::Deed { deed, once: true });
        }
        let wait = match number {
            libc::SYS_nanosleep => reader.span(0, 1),
            libc::SYS_clock_nanosleep => {
                const ABSOLUTE: u64 = 1;
                let clock = reader.number(0);
                match reader.span(2, 1) {
                    Some(deadline) if reader.arguments[1] & ABSOLUTE != 0 => Some(Self::until(clock, deadline)),
                    span => span,
                }
            }
            libc::SYS_poll if reader.arguments[1] == 0 => {
                u64::try_from(reader.number(2)).ok().map(Duration::from_millis)
            }
            libc::SYS_ppoll if reader.arguments[1] == 0 => reader.span(2, 1),
            libc::SYS_select if reader.arguments[0] == 0 => reader.span(4, 1000),
            libc::SYS_pselect6 if reader.arguments[0] == 0 => reader.span(4, 1),
            _ => None,
        };
        match wait {
            Some(wait) if self.cuts(actor, wait, desk.book) => Course::Answer(0),
            _ => Course::Through,
        }
    }

    /// A call has ended.
    pub(super) fn call_end(&mut self, tracee: Tracee, desk: &mut Desk<'_>) {
        let Some(task) = self.tasks.get_mut(&tracee.0) else { return };
        let pending = std::mem::take(&mut task.pending);
        let process = task.process;
        let Some(result) = tracee.result() else { return };
        if AGAIN.contains(&result) {
            return;
        }
        let actor = self.actor(process);
        let ok = result >= 0;
        match pending {
            Pending::None => {}
            Pending::Open { asked, write } => note_open(tracee.0, &asked, write, result, actor, desk),
            Pending::Exec { path, argv } => {
                if ok {
                    return;
                }
                let deed = TraceDeed::Exec { path, argv, sha256: None, changed: Vec::new() };
                desk.book.note_once(actor, EventSource::Tracer, deed, false);
            }
            Pending::Connect { descriptor, address } => {
                // A connection that is under way has been tried.
                let ok = ok || result == -i64::from(libc::EINPROGRESS);
                if !address.starts_with("unix:")
                    && let Some(port) = kernel::local_port(process, descriptor)
                {
                    self.ports.insert(port, actor);
                }
                desk.book.note_once(actor, EventSource::Tracer, TraceDeed::Connect { address, name: None }, ok);
            }
            Pending::Bind { descriptor, address } => {
                if let Some(process) = self.processes.get_mut(&process)
                    && ok
                    && process.bound.len() < 1024
                {
                    process.bound.insert(descriptor, address);
                }
            }
            Pending::Deed { deed, once } => {
                if once {
                    desk.book.note_once(actor, EventSource::Tracer, deed, ok);
                } else {
                    desk.book.note(actor, EventSource::Tracer, deed, ok);
                }
            }
        }
    }
}

/// Why a call is refused, and with which answer.
fn refusal(call: &Call) -> Option<(&'static str, &'static str, i64)> {
    const X32: u64 = 0x4000_0000;
    let denied = -i64::from(libc::EPERM);
    let absent = -i64::from(libc::ENOSYS);
    if call.architecture != NATIVE || call.number & X32 != 0 {
        return Some(("foreign ABI", "calls of another kind, past filters that count on this one", absent));
    }
    let number = libc::c_long::try_from(call.number).ok()?;
    let first = call.arguments[0];
    match number {
        libc::SYS_clone if first & u64::from(HIDING.cast_unsigned()) != 0 => {
            let untraced = first & u64::from(libc::CLONE_UNTRACED.cast_unsigned()) != 0;
            Some(if untraced {
                ("clone", "a process that no tracer follows", denied)
            } else {
                ("clone", "namespaces of its own", denied)
            })
        }
        libc::SYS_seccomp if call.arguments[1] & 0x8 != 0 => {
            Some(("seccomp", "a listener that outranks the tracer", -i64::from(libc::EBUSY)))
        }
        libc::SYS_socket if !is_open_family(first, call.arguments[2]) => {
            Some((family(first), "a network that no namespace closes off", -i64::from(libc::EAFNOSUPPORT)))
        }
        libc::SYS_personality if call.arguments[0] & 0xffff_ffff != 0xffff_ffff => {
            Some(("personality", "rules of another system", denied))
        }
        libc::SYS_io_uring_setup | libc::SYS_io_uring_enter | libc::SYS_io_uring_register => {
            REFUSED.iter().find(|(one, _, _)| *one == number).map(|(_, name, why)| (*name, *why, absent))
        }
        _ => REFUSED.iter().find(|(one, _, _)| *one == number).map(|(_, name, why)| (*name, *why, denied)),
    }
}

fn is_open_family(family: u64, protocol: u64) -> bool {
    match i32::try_from(family & 0xffff_ffff) {
        Ok(libc::AF_UNIX | libc::AF_INET | libc::AF_INET6) => true,
        Ok(libc::AF_NETLINK) => protocol & 0xffff_ffff == u64::from(libc::NETLINK_ROUTE.unsigned_abs()),
        _ => false,
    }
}

fn family(family: u64) -> &'static str {
    match i32::try_from(family & 0xffff_ffff) {
        Ok(libc::AF_VSOCK) => "socket(AF_VSOCK)",
        Ok(libc::AF_PACKET) => "socket(AF_PACKET)",
        Ok(libc::AF_ALG) => "socket(AF_ALG)",
        Ok(libc::AF_NETLINK) => "socket(AF_NETLINK)",
        _ => "socket of another family",
    }
}

/// Files that are looked at to find out who watches, or on what machine one is.
fn is_probe(path: &str) -> bool {
    let process = path.strip_prefix("/proc/").is_some_and(|rest| {
        rest.split_once('/').is_some_and(|(_, name)| matches!(name, "status" | "wchan" | "stack" | "syscall"))
    });
    process
        || ["/sys/class/dmi", "/sys/hypervisor", "/sys/devices/virtual/dmi", "/.dockerenv"]
            .iter()
            .any(|one| path.starts_with(one))
}

/// The machine's own programs and libraries, by their real paths: to read them says nothing.
fn is_part_of_machine(path: &str) -> bool {
    ["/usr/", "/lib/", "/lib64/", "/etc/ld.so."].iter().any(|folder| path.starts_with(folder))
}

/// Failures are told of only where they say something: programs look for their own parts in many places.
fn is_telling(path: &[u8]) -> bool {
    let private = [b"/home/".as_slice(), b"/root", b"/proc", b"/sys", b"/etc", b"/var", b"/run", b"/dev", b"/."];
    let text = String::from_utf8_lossy(path);
    private.iter().any(|one| path.starts_with(one)) && !text.contains("/node_modules") && !text.contains("/locale")
}

fn note_open(task: libc::pid_t, asked: &[u8], write: bool, result: i64, actor: Actor, desk: &mut Desk<'_>) {
    let ok = result >= 0;
    if !ok && !is_telling(asked) {
        return;
    }
    let asked = words(asked);
    let path = if ok { task::link(task, &format!("fd/{result}")) } else { asked.clone() };
    if ok && !write && is_part_of_machine(&path) {
        return;
    }
    let deed = if is_probe(&path) { TraceDeed::Probe { what: path } } else { TraceDeed::Open { asked, path, write } };
    desk.book.note_once(actor, EventSource::Tracer, deed, ok);
}

impl Reader {
    fn number(&self, index: usize) -> i32 {
        // The kernel looks at the lower half of such arguments too.
        (self.arguments[index] & 0xffff_ffff) as u32 as i32
    }

    fn claim(&self, index: usize) -> String {
        words(&memory::text(self.task, self.arguments[index]))
    }

    /// A path from the root, as far as it can be told before the call.
    fn path(&self, folder: Option<usize>, index: usize) -> String {
        let path = self.claim(index);
        if path.starts_with('/') {
            return tidy(&path);
        }
        let folder = folder.map(|index| self.number(index)).filter(|descriptor| *descriptor != libc::AT_FDCWD);
        let base = match folder {
            Some(descriptor) => task::link(self.task, &format!("fd/{descriptor}")),
            None => task::link(self.task, "cwd"),
        };
        if path.is_empty() { base } else { tidy(&format!("{base}/{path}")) }
    }

    fn open(&self, path: usize, flags: u64) -> Course {
        let asked = memory::text(self.task, self.arguments[path]);
        let writing = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;
        let write = flags & u64::from(writing.unsigned_abs()) != 0;
        Course::Await(Pending::Open { asked, write })
    }

    fn exec(&self, path: String, list: usize) -> Course {
        let argv = memory::texts(self.task, self.arguments[list]).iter().map(|one| words(one)).collect();
        Course::Await(Pending::Exec { path, argv })
    }

    fn unlink(&self, path: String, actor: Actor, desk: &mut Desk<'_>) -> Course {
        desk.contents.before_it_vanishes(desk.root, &path, actor, desk.book);
        Course::Await(Pending::Deed { deed: TraceDeed::Unlink { path }, once: false })
    }

    fn rename(&self, from: String, to: String, actor: Actor, desk: &mut Desk<'_>) -> Course {
        // What lay there before is gone afterwards.
        desk.contents.before_it_vanishes(desk.root, &to, actor, desk.book);
        Course::Await(Pending::Deed { deed: TraceDeed::Rename { from, to }, once: false })
    }

    fn chmod(&self, path: String, mode: usize) -> TraceDeed {
        TraceDeed::Chmod { path, mode: self.number(mode).cast_unsigned() & 0o7777 }
    }

    fn written(&self, path: String) -> TraceDeed {
        TraceDeed::Open { asked: path.clone(), path, write: true }
    }

    fn signal(&self, call: libc::c_long, actor: Actor) -> Course {
        let signal = self.number(1);
        let to = if call == libc::SYS_kill { self.number(0).unsigned_abs() } else { 0 };
        if signal == 0 || to == actor.process {
            return Course::Through;
        }
        Course::Await(Pending::Deed { deed: TraceDeed::Signal { to, signal }, once: true })
    }

    /// A span of time of two numbers, of which the second counts so many nanoseconds.
    fn span(&self, index: usize, unit: i64) -> Option<Duration> {
        let bytes = memory::exactly::<16>(self.task, self.arguments[index])?;
        let half = |at: usize| bytes[at..at + 8].try_into().map(i64::from_ne_bytes).unwrap_or(0);
        Some(task::duration(half(0), half(8).saturating_mul(unit)))
    }

    /// The address of a socket: the second argument, with its length as the third.
    fn address(&self) -> Option<String> {
        let mut bytes = [0; 128];
        let length = usize::try_from(self.arguments[2]).unwrap_or(0).min(bytes.len());
        let read = memory::read(self.task, self.arguments[1], &mut bytes[..length]);
        address(&bytes[..read])
    }
}

/// An address as the kernel's structures say it.
fn address(bytes: &[u8]) -> Option<String> {
    let family = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let port = || bytes.get(2..4)?.try_into().ok().map(u16::from_be_bytes);
    match i32::from(family) {
        libc::AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Some(SocketAddr::from((Ipv4Addr::from(ip), port()?)).to_string())
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            Some(SocketAddr::from((Ipv6Addr::from(ip), port()?)).to_string())
        }
        libc::AF_UNIX => {
            let path = bytes.get(2..)?;
            let path = match path.split_first() {
                Some((0, abstracted)) if !abstracted.is_empty() => format!("@{}", words(abstracted)),
                _ => words(path.split(|byte| *byte == 0).next().unwrap_or_default()),
            };
            Some(format!("unix:{path}"))
        }
        _ => None,
    }
}

/// A path without `.` and `..`, by its letters alone.
fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_kernel_writes_them() {
        let v4 = [2, 0, 0x1f, 0x90, 203, 0, 113, 9, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(address(&v4).as_deref(), Some("203.0.113.9:8080"));
        assert_eq!(address(b"\x01\x00/run/x.sock\0").as_deref(), Some("unix:/run/x.sock"));
        assert_eq!(address(b"\x01\x00\0hidden").as_deref(), Some("unix:@hidden"));
        assert_eq!(address(&[2]), None);
    }

    #[test]
    fn paths_are_tidied_by_their_letters() {
        assert_eq!(tidy("/work/./a/../b//c"), "/work/b/c");
        assert_eq!(tidy("/../.."), "/");
    }

    #[test]
    fn every_refused_call_is_refused_and_no_watched_one_is() {
        let call = |number: libc::c_long| Call { architecture: NATIVE, number: number as u64, arguments: [0; 6] };
        assert!(REFUSED.iter().all(|(number, _, _)| refusal(&call(*number)).is_some()));
        assert!(WATCHED.iter().all(|(number, _)| refusal(&call(*number)).is_none()));
    }
}
