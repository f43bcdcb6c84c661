//! Ways out of a guest.

use std::fs;

use super::{attempt, launchers};

/// An early form of the sandbox let a package without any capability set the program that the kernel starts, as the system's
/// owner, when another crashes: the file looks at the user alone.
#[test]
fn the_kernels_crash_handler_cannot_be_set() {
    let before = fs::read_to_string("/proc/sys/kernel/core_pattern").expect("it is there");
    for launcher in launchers() {
        let tried = attempt(&launcher, &["core-pattern"]);
        assert!(["EROFS", "EACCES"].contains(&tried.outcome("core-pattern")), "{:?}", tried.outcomes);
    }
    assert_eq!(fs::read_to_string("/proc/sys/kernel/core_pattern").expect("it is there"), before);
}

#[test]
fn no_attempt_gets_out() {
    let expected: &[(&str, &[&str])] = &[
        ("sysrq", &["EACCES", "ENOENT", "done"]), // an empty device lies over it
        ("root-file", &["EROFS", "EACCES"]),
        ("usr-file", &["EROFS", "EACCES"]),
        ("mount", &["EPERM"]),
        ("userns", &["EPERM"]),
        ("userns-clone", &["EPERM"]),
        ("setns", &["EPERM"]),
        ("chroot", &["EPERM"]),
        ("mknod", &["EPERM"]),
        ("setuid", &["EPERM", "EINVAL"]),
        ("kvm", &["ENOENT", "EACCES"]),
        ("kcore", &["0 bytes", "ENOENT", "EACCES"]),
        ("sys", &["ENOENT"]),
        ("shadow", &["ENOENT"]),
        ("host-root", &["EACCES", "EPERM"]),
        ("init-memory", &["EACCES", "EPERM"]),
        ("unix-sockets", &["0 sockets"]),
        ("descriptors", &["[0, 1, 2]"]),
        ("interfaces", &["eth0,lo"]),
        ("processes", &["2 processes"]),
        ("vsock", &["EAFNOSUPPORT"]),
        ("packet", &["EAFNOSUPPORT"]),
        ("alg", &["EAFNOSUPPORT"]),
        ("netlink-audit", &["EAFNOSUPPORT"]),
        ("io-uring", &["ENOSYS"]),
        ("bpf", &["EPERM"]),
        ("perf", &["EPERM"]),
        ("userfaultfd", &["EPERM"]),
        ("keys", &["EPERM"]),
        ("kill-all", &["done", "1", "3"]),
    ];
    let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    for launcher in launchers() {
        let tried = attempt(&launcher, &names);
        for (name, allowed) in expected {
            assert!(allowed.contains(&tried.outcome(name)), "{name}: {} ({:?})", tried.outcome(name), launcher.user);
        }
        let refused = ["mount", "unshare", "clone", "setns", "chroot", "socket(AF_VSOCK)", "io_uring_setup", "bpf"];
        for call in refused {
            assert!(tried.saw_refused(call), "{call} is told");
        }
    }
}

#[test]
fn without_a_tracer_the_same_doors_are_shut() {
    for launcher in launchers() {
        let budget = sandbox::Budget { traced: false, ..sandbox::Budget::default() };
        let names = ["core-pattern", "mount", "userns", "vsock", "io-uring", "traceme", "listener"];
        let tried = super::attempt_with(&launcher, &names, &budget);
        for name in names {
            assert!(!["done", "no outcome"].contains(&tried.outcome(name)), "{name}: {}", tried.outcome(name));
        }
    }
}

#[test]
fn nothing_is_left_when_the_supervisor_is_killed() {
    use std::{io::Write, process::Stdio, time::Duration};
    for launcher in launchers() {
        // The marker is the sleep's length, by which its process is found.
        let marker = format!("{}.5", 1_000_000 + std::process::id());
        let mut command = std::process::Command::new(&launcher.program);
        if let Some(user) = launcher.user {
            std::os::unix::process::CommandExt::uid(&mut command, user);
        }
        command.args(["--bare", "/usr/bin/sleep", &marker]).stdout(Stdio::null());
        let mut asker = command.spawn().expect("it starts");
        let running = |word: &str| -> Vec<u32> {
            let entries = fs::read_dir("/proc").expect("it is there").flatten();
            let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
            let fits = |pid: &u32| {
                let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                line.split(|byte| *byte == 0).any(|one| one == word.as_bytes())
            };
            pids.filter(fits).filter(|pid| *pid != asker.id()).collect()
        };
        let until = |done: &dyn Fn() -> bool| {
            for _ in 0..600 {
                if done() {
                    return true;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            false
        };
        assert!(until(&|| !running(&marker).is_empty()), "it runs");
        std::io::stdout().flush().expect("flushed");
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&asker), rustix::process::Signal::KILL);
        assert!(until(&|| running(&marker).is_empty()), "it has ended with its asker");
        asker.wait().expect("it has ended");
    }
}
