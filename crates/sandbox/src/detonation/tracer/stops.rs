//! Stops, and what can be done with a process that stands still.

use std::{io, mem::MaybeUninit, ptr};

use super::super::kernel::checked;

/// Why a task stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It has ended.
    Gone,
    /// It has started a process or a thread.
    Born,
    /// A program has taken its place.
    Exec,
    /// It makes a call that is watched or refused.
    Call,
    /// Such a call has ended.
    CallEnd,
    /// It runs for the first time.
    First,
    /// It was stopped, as by a terminal.
    Group,
    /// A signal is about to reach it.
    Signal(i32),
}

impl Stop {
    pub fn of(status: i32) -> Self {
        const AT_CALL: i32 = libc::SIGTRAP | 0x80;
        if !libc::WIFSTOPPED(status) {
            return Self::Gone;
        }
        let signal = libc::WSTOPSIG(status);
        match status >> 16 {
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => Self::Born,
            libc::PTRACE_EVENT_EXEC => Self::Exec,
            libc::PTRACE_EVENT_SECCOMP => Self::Call,
            libc::PTRACE_EVENT_STOP
                if [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].contains(&signal) =>
            {
                Self::Group
            }
            libc::PTRACE_EVENT_STOP => Self::First,
            _ if signal == AT_CALL => Self::CallEnd,
            _ => Self::Signal(signal),
        }
    }
}

/// A call as it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub architecture: u32,
    pub number: u64,
    pub arguments: [u64; 6],
}

/// The options of every tracee: followed everywhere, and ended when the tracer ends.
const OPTIONS: libc::c_int = libc::PTRACE_O_EXITKILL
    | libc::PTRACE_O_TRACESECCOMP
    | libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC
    | libc::PTRACE_O_TRACESYSGOOD;

/// A task that is traced. When it has been killed meanwhile, requests fail, and its end is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tracee(pub libc::pid_t);

impl Tracee {
    pub fn seize(self) -> io::Result<()> {
        self.ask(libc::PTRACE_SEIZE, 0, OPTIONS as usize)
    }

    pub fn go_on(self) {
        self.go_on_with(0);
    }

    pub fn go_on_with(self, signal: i32) {
        let _ = self.ask(libc::PTRACE_CONT, 0, signal.unsigned_abs() as usize);
    }

    /// Goes on to the end of the call.
    pub fn go_on_to_end(self) {
        let _ = self.ask(libc::PTRACE_SYSCALL, 0, 0);
    }

    /// Stays stopped until somebody wakes it.
    pub fn stay(self) {
        const LISTEN: libc::c_uint = 0x4208;
        let _ = self.ask(LISTEN, 0, 0);
    }

    /// What the kernel tells with an event: a new task, or the number before a program was started.
    pub fn message(self) -> Option<libc::pid_t> {
        let mut message: libc::c_ulong = 0;
        self.ask(libc::PTRACE_GETEVENTMSG, 0, (&raw mut message) as usize).ok()?;
        libc::pid_t::try_from(message).ok()
    }

    /// The call at whose beginning it stands.
    pub fn call(self) -> Option<Call> {
        let info = self.info()?;
        if info.op != libc::PTRACE_SYSCALL_INFO_SECCOMP {
            return None;
        }
        // SAFETY: The kernel says which member it has filled.
        let seccomp = unsafe { info.u.seccomp };
        Some(Call { architecture: info.arch, number: seccomp.nr, arguments: seccomp.args })
    }

    /// The result of the call at whose end it stands: an error is a negative number.
    pub fn result(self) -> Option<i64> {
        let info = self.info()?;
        if info.op != libc::PTRACE_SYSCALL_INFO_EXIT {
            return None;
        }
        // SAFETY: The kernel says which member it has filled.
        Some(unsafe { info.u.exit.sval })
    }

    fn info(self) -> Option<libc::ptrace_syscall_info> {
        let mut info = MaybeUninit::<libc::ptrace_syscall_info>::zeroed();
        let size = size_of::<libc::ptrace_syscall_info>();
        self.ask(libc::PTRACE_GET_SYSCALL_INFO, size, info.as_mut_ptr() as usize).ok()?;
        // SAFETY: Plain numbers, zeroed before and filled by the kernel.
        Some(unsafe { info.assume_init() })
    }

    /// Answers the call in the kernel's place: it does not happen.
    pub fn answer(self, result: i64) {
        let mut registers = MaybeUninit::<libc::user_regs_struct>::zeroed();
        if self.ask(libc::PTRACE_GETREGS, 0, registers.as_mut_ptr() as usize).is_ok() {
            // SAFETY: Plain numbers, zeroed before and filled by the kernel.
            let mut registers = unsafe { registers.assume_init() };
            registers.orig_rax = u64::MAX;
            registers.rax = result.cast_unsigned();
            if self.ask(libc::PTRACE_SETREGS, 0, (&raw mut registers) as usize).is_ok() {
                return self.go_on();
            }
        }
        // A call that cannot be answered must not happen either.
        let _ = super::super::kernel::signal(self.0, libc::SIGKILL);
    }

    fn ask(self, request: libc::c_uint, address: usize, data: usize) -> io::Result<()> {
        // SAFETY: The data is a number, or points to a structure of the caller that lives until the call returns.
        let result =
            unsafe { libc::ptrace(request, self.0, ptr::without_provenance_mut::<libc::c_void>(address), data) };
        checked(result).map(drop)
    }
}
