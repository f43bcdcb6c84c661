//! seccomp: a list of the system calls that reading, computing and ending need. All others are refused, and those that
//! only an attacker would make end the process, so that the attempt is seen.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter, apply_filter_all_threads,
};

use super::{Means, Stage, state};

pub(super) const MEANS: Means = Means {
    name: "seccomp",
    purpose: "only the system calls that reading needs",
    stage: Stage::Threads,
    raise: |_| state(install(apply_filter_all_threads)),
    probe: || state(install(apply_filter)),
};

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Of two filters the kernel follows the stricter answer: "end the process" before "refuse" before "allow".
fn install(apply: fn(&[seccompiler::sock_filter]) -> seccompiler::Result<()>) -> Result<(), String> {
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let attack = attacks().and_then(|rules| compile(rules, SeccompAction::Allow, SeccompAction::KillProcess));
    let rest = needs().and_then(|rules| compile(rules, refuse, SeccompAction::Allow));
    for program in [attack, rest] {
        let program = program.map_err(|error| error.to_string())?;
        apply(&program).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn compile(rules: Rules, otherwise: SeccompAction, listed: SeccompAction) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(rules, otherwise, listed, std::env::consts::ARCH.try_into()?)?.try_into()
}

/// What a worker needs between two answers. `prlimit64`, `fcntl`, `ioctl`, `openat` and `clone` are missing on purpose.
fn needs() -> Result<Rules, BackendError> {
    let mut rules: Rules = [
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_membarrier,
        libc::SYS_rseq,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_getrandom,
        libc::SYS_getrusage,
        libc::SYS_getcpu,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ]
    .into_iter()
    .map(|call| (call, Vec::new()))
    .collect();
    // No memory becomes code.
    let not_code = || only_if(2, SeccompCmpOp::MaskedEq(libc::PROT_EXEC.unsigned_abs().into()), 0);
    rules.insert(libc::SYS_mmap, not_code()?);
    rules.insert(libc::SYS_mprotect, not_code()?);
    // `abort` sends the process a signal. It may send one to itself only.
    rules.insert(libc::SYS_tgkill, only_if(0, SeccompCmpOp::Eq, std::process::id().into())?);
    Ok(rules)
}

/// What only an attacker would call in a worker: to start a program, to talk, to touch other processes or the kernel.
fn attacks() -> Result<Rules, BackendError> {
    let mut calls = vec![
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_kill,
        libc::SYS_bpf,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_perf_event_open,
        libc::SYS_keyctl,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
    ];
    #[cfg(target_arch = "x86_64")]
    calls.extend([libc::SYS_fork, libc::SYS_vfork]);
    let mut rules: Rules = calls.into_iter().map(|call| (call, Vec::new())).collect();
    // A new process; a new thread is merely refused, since a library might ask for one.
    let process = SeccompCmpOp::MaskedEq(libc::CLONE_THREAD.unsigned_abs().into());
    rules.insert(libc::SYS_clone, only_if(0, process, 0)?);
    Ok(rules)
}

/// A rule that fits when one argument of the call does.
fn only_if(argument: u8, comparison: SeccompCmpOp, value: u64) -> Result<Vec<SeccompRule>, BackendError> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Qword, comparison, value)?;
    Ok(vec![SeccompRule::new(vec![condition])?])
}
