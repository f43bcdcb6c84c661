//! The guest's seccomp filter: what is let through unseen, what stops for the tracer, what is answered at once.
//!
//! Without a tracer a call that should stop fails, so the filter shuts and never opens when the supervisor is gone.
//! The tracer decides by the call's number alone: a filter that a package stacks on this one could forge anything else.

use std::io;

use super::{
    calls::{REFUSED, WATCHED},
    kernel::checked,
};

/// What the tracer is asked to do is the same for all stops; the number only helps whoever reads a trace of strace.
const STOP: u32 = libc::SECCOMP_RET_TRACE | 0x4c5a;

const X32: u32 = 0x4000_0000;
const NATIVE: u32 = 0xc000_003e;

/// Flags of `clone` that would hide the child from the tracer or make a namespace.
pub(super) const HIDING: i32 = libc::CLONE_UNTRACED
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

const LISTENER: u32 = 1 << 3;

/// Puts the filter over this process and all that it starts, for good.
pub(crate) fn install(traced: bool) -> io::Result<()> {
    load(&program(traced, Extra::Nothing))
}

/// The same for processes that are protected and not watched. Sockets with a path lead to agents and services outside; in
/// a network that is not apart, datagrams lead anywhere.
pub(crate) fn install_protecting(apart: bool) -> io::Result<()> {
    load(&program(false, if apart { Extra::NoLocalSockets } else { Extra::NoDatagrams }))
}

/// What is refused beyond the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extra {
    Nothing,
    NoLocalSockets,
    /// And no local sockets either.
    NoDatagrams,
}

fn load(program: &[libc::sock_filter]) -> io::Result<()> {
    let filter = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| io::Error::other("the filter is too long"))?,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: The program lives until the call returns; the kernel copies it.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const filter) };
    checked(result).map(drop)
}

fn program(traced: bool, extra: Extra) -> Vec<libc::sock_filter> {
    // Without a tracer the same calls are refused, and those that would be watched are let through.
    let stop = if traced { STOP } else { errno(libc::EPERM) };
    let watch = if traced { STOP } else { libc::SECCOMP_RET_ALLOW };
    let mut code = Code::default();
    code.load(4);
    code.unless_equal(NATIVE, if traced { STOP } else { errno(libc::ENOSYS) });
    code.load(0);
    code.if_at_least(X32, if traced { STOP } else { errno(libc::ENOSYS) });
    for (number, _, _) in REFUSED {
        code.if_equal(call(*number), stop);
    }
    // Its flags lie in memory, where they can change after a look. Libraries fall back to `clone`.
    code.if_equal(call(libc::SYS_clone3), errno(libc::ENOSYS));
    for (number, _) in WATCHED {
        code.if_equal(call(*number), watch);
    }
    code.on(call(libc::SYS_clone), |code| {
        code.load_argument(0);
        code.if_any(HIDING.cast_unsigned(), stop);
    });
    code.on(call(libc::SYS_seccomp), |code| {
        code.load_argument(1);
        code.if_any(LISTENER, stop);
    });
    code.on(call(libc::SYS_socket), |code| {
        if extra == Extra::NoDatagrams {
            // The kind, without the flags that stand beside it. Only streams are left.
            code.load_argument(1);
            code.keep(0xf);
            code.unless_equal(libc::SOCK_STREAM.cast_unsigned(), errno(libc::EACCES));
        }
        code.load_argument(0);
        if extra != Extra::Nothing {
            code.if_equal(libc::AF_UNIX.cast_unsigned(), errno(libc::EACCES));
        }
        for family in [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6] {
            code.if_equal(family.cast_unsigned(), libc::SECCOMP_RET_ALLOW);
        }
        // Libraries ask the kernel for the list of addresses; nothing else of netlink is open.
        code.unless_equal(libc::AF_NETLINK.cast_unsigned(), stop);
        code.load_argument(2);
        code.unless_equal(libc::NETLINK_ROUTE.cast_unsigned(), stop);
    });
    code.on(call(libc::SYS_ioctl), |code| {
        // To type into the terminal is to command the shell that waits behind it.
        code.load_argument(1);
        for request in [libc::TIOCSTI, libc::TIOCLINUX] {
            code.if_equal(u32::try_from(request).unwrap_or(u32::MAX), errno(libc::EPERM));
        }
    });
    code.on(call(libc::SYS_personality), |code| {
        code.load_argument(0);
        code.unless_equal(u32::MAX, stop);
    });
    for (number, argument) in
        [(libc::SYS_poll, 1), (libc::SYS_ppoll, 1), (libc::SYS_select, 0), (libc::SYS_pselect6, 0)]
    {
        // Only a wait for nothing is a sleep.
        code.on(call(number), |code| {
            code.load_argument(argument);
            code.if_equal(0, watch);
        });
    }
    code.answer(libc::SECCOMP_RET_ALLOW);
    code.0
}

fn errno(code: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | code.unsigned_abs()
}

fn call(number: libc::c_long) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A program of the kernel's packet filter machine.
#[derive(Default)]
struct Code(Vec<libc::sock_filter>);

const LOAD: u16 = 0x20; // a word of the call's data
const RETURN: u16 = 0x06;
const AND: u16 = 0x54;
const EQUAL: u16 = 0x15;
const AT_LEAST: u16 = 0x35;
const ANY: u16 = 0x45;

impl Code {
    fn push(&mut self, code: u16, jt: u8, jf: u8, k: u32) {
        self.0.push(libc::sock_filter { code, jt, jf, k });
    }

    fn load(&mut self, offset: u32) {
        self.push(LOAD, 0, 0, offset);
    }

    /// The lower half of an argument.
    fn load_argument(&mut self, index: u32) {
        self.load(16 + 8 * index);
    }

    /// Keeps some bits of what was loaded.
    fn keep(&mut self, bits: u32) {
        self.push(AND, 0, 0, bits);
    }

    fn answer(&mut self, answer: u32) {
        self.push(RETURN, 0, 0, answer);
    }

    fn if_equal(&mut self, value: u32, answer: u32) {
        self.push(EQUAL, 0, 1, value);
        self.answer(answer);
    }

    fn unless_equal(&mut self, value: u32, answer: u32) {
        self.push(EQUAL, 1, 0, value);
        self.answer(answer);
    }

    fn if_at_least(&mut self, value: u32, answer: u32) {
        self.push(AT_LEAST, 0, 1, value);
        self.answer(answer);
    }

    fn if_any(&mut self, bits: u32, answer: u32) {
        self.push(ANY, 0, 1, bits);
        self.answer(answer);
    }

    /// What is asked of one call alone; what it does not answer is allowed.
    fn on(&mut self, number: u32, inner: impl FnOnce(&mut Self)) {
        let mut body = Self::default();
        inner(&mut body);
        body.answer(libc::SECCOMP_RET_ALLOW);
        let length = u8::try_from(body.0.len()).unwrap_or(u8::MAX);
        self.push(EQUAL, 0, length, number);
        self.0.append(&mut body.0);
    }
}
