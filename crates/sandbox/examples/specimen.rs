//! A program that tries to get out, to hide, or to use up what there is. It is inert: whatever it gets is thrown away.
//! Each argument names one attempt; each outcome is printed as `name: outcome`.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod specimens {
    use std::{
        arch::asm,
        ffi::CString,
        fs,
        io::{self, Write},
        ptr, thread,
        time::{Duration, Instant},
    };

    pub fn main() {
        // Outside of a guest some attempts would do harm.
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        if host.trim() != "specimens" || std::env::var("SPECIMEN").is_err() {
            eprintln!("this runs in the guests of the tests only");
            std::process::exit(1);
        }
        for attempt in std::env::args().skip(1) {
            let outcome = perform(&attempt);
            println!("{attempt}: {outcome}");
            let _ = io::stdout().flush();
        }
    }

    fn perform(attempt: &str) -> String {
        match attempt {
            "core-pattern" => written("/proc/sys/kernel/core_pattern"),
            "sysrq" => written("/proc/sysrq-trigger"),
            "root-file" => written("/etc/passwd"),
            "usr-file" => written("/usr/bin/planted"),
            "mount" => call(libc::SYS_mount, [0; 6]),
            "userns" => call(libc::SYS_unshare, [libc::CLONE_NEWUSER as i64, 0, 0, 0, 0, 0]),
            "userns-clone" => cloned(libc::CLONE_NEWUSER),
            "untraced-clone" => cloned(libc::CLONE_UNTRACED),
            "clone3" => call(libc::SYS_clone3, [0; 6]),
            "setns" => call(libc::SYS_setns, [0; 6]),
            "chroot" => call(libc::SYS_chroot, [0; 6]),
            "mknod" => node(),
            "setuid" => call(libc::SYS_setuid, [0; 6]),
            "kvm" => opened("/dev/kvm"),
            "kcore" => size("/proc/kcore"),
            "sys" => opened("/sys/kernel"),
            "shadow" => opened("/etc/shadow"),
            "host-root" => opened("/proc/1/root/etc/passwd"),
            "init-memory" => opened("/proc/1/mem"),
            "unix-sockets" => sockets(),
            "descriptors" => descriptors(),
            "interfaces" => interfaces(),
            "processes" => processes(),
            "vsock" => socket(libc::AF_VSOCK),
            "packet" => socket(libc::AF_PACKET),
            "alg" => socket(libc::AF_ALG),
            "netlink-audit" => audit(),
            "io-uring" => call(libc::SYS_io_uring_setup, [8, 0, 0, 0, 0, 0]),
            "bpf" => call(libc::SYS_bpf, [0; 6]),
            "perf" => call(libc::SYS_perf_event_open, [0; 6]),
            "userfaultfd" => call(libc::SYS_userfaultfd, [0; 6]),
            "keys" => call(libc::SYS_add_key, [0; 6]),
            "traceme" => call(libc::SYS_ptrace, [0; 6]),
            "foreign" => foreign(),
            "listener" => filter(1 << 3, libc::SECCOMP_RET_USER_NOTIF),
            "own-filter" => own_filter(),
            "read-secret" => opened("/home/dev/.secret"),
            "memory-file" => memory_file(),
            "daemon" => daemon(),
            "vfork-storm" => storm(),
            "thread-exec" => thread_exec(),
            "flip" => flip(),
            "sleep" => sleep(),
            "stop-self" => stop_self(),
            "kill-all" => call(libc::SYS_kill, [-1, 9, 0, 0, 0, 0]),
            "fork-bomb" => fork_bomb(),
            "thread-bomb" => thread_bomb(),
            "memory-bomb" => memory_bomb(),
            "shared-memory-bomb" => shared_memory_bomb(),
            "disk-bomb" => disk_bomb(),
            "inode-bomb" => inode_bomb(),
            "output-bomb" => output_bomb(),
            "open-flood" => open_flood(),
            "hang" => loop {
                thread::sleep(Duration::from_millis(100));
            },
            other => deleted_program(other),
        }
    }

    fn outcome(result: i64) -> String {
        if result >= 0 { "done".into() } else { name(io::Error::last_os_error()) }
    }

    fn name(error: io::Error) -> String {
        let known = [
            (libc::EPERM, "EPERM"),
            (libc::EACCES, "EACCES"),
            (libc::ENOENT, "ENOENT"),
            (libc::EROFS, "EROFS"),
            (libc::ENOSYS, "ENOSYS"),
            (libc::ENOSPC, "ENOSPC"),
            (libc::EAGAIN, "EAGAIN"),
            (libc::ENOMEM, "ENOMEM"),
            (libc::EBUSY, "EBUSY"),
            (libc::EINVAL, "EINVAL"),
            (libc::EFBIG, "EFBIG"),
            (libc::EAFNOSUPPORT, "EAFNOSUPPORT"),
            (libc::EMFILE, "EMFILE"),
        ];
        let code = error.raw_os_error().unwrap_or(0);
        known.iter().find(|(one, _)| *one == code).map_or_else(|| code.to_string(), |(_, name)| (*name).to_owned())
    }

    fn call(number: libc::c_long, arguments: [i64; 6]) -> String {
        let [a, b, c, d, e, f] = arguments;
        outcome(unsafe { libc::syscall(number, a, b, c, d, e, f) })
    }

    fn written(path: &str) -> String {
        match fs::OpenOptions::new().write(true).create(true).truncate(false).open(path) {
            Ok(_) => "done".into(),
            Err(error) => name(error),
        }
    }

    fn opened(path: &str) -> String {
        fs::File::open(path).map_or_else(name, |_| "done".into())
    }

    fn size(path: &str) -> String {
        fs::read(path).map_or_else(name, |bytes| format!("{} bytes", bytes.len()))
    }

    fn cloned(flag: i32) -> String {
        match unsafe { libc::syscall(libc::SYS_clone, flag | libc::SIGCHLD, 0, 0, 0, 0) } {
            0 => {
                let _ = fs::File::open("/home/dev/.secret");
                unsafe { libc::_exit(0) }
            }
            result => outcome(result),
        }
    }

    fn node() -> String {
        let path = c"/tmp/device";
        outcome(unsafe { libc::mknod(path.as_ptr(), libc::S_IFBLK | 0o666, libc::makedev(8, 0)) }.into())
    }

    fn socket(family: i32) -> String {
        outcome(unsafe { libc::socket(family, libc::SOCK_STREAM, 0) }.into())
    }

    fn audit() -> String {
        outcome(unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_AUDIT) }.into())
    }

    fn sockets() -> String {
        let table = fs::read_to_string("/proc/net/unix").unwrap_or_default();
        format!("{} sockets", table.lines().skip(1).filter(|line| line.contains('/') || line.contains('@')).count())
    }

    fn descriptors() -> String {
        let mut open: Vec<i32> = (0..4096).filter(|fd| unsafe { libc::fcntl(*fd, libc::F_GETFD) } >= 0).collect();
        open.sort_unstable();
        format!("{open:?}")
    }

    fn interfaces() -> String {
        let table = fs::read_to_string("/proc/net/dev").unwrap_or_default();
        let mut names: Vec<&str> =
            table.lines().skip(2).filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
        names.sort_unstable();
        names.join(",")
    }

    fn processes() -> String {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let count = entries.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok()).count();
        format!("{count} processes")
    }

    /// A call in the manner of 32-bit programs: open, of a path in the lower half of memory.
    fn foreign() -> String {
        let low = unsafe {
            libc::mmap(
                ptr::null_mut(),
                4096,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT,
                -1,
                0,
            )
        };
        let path = b"/home/dev/.secret\0";
        unsafe { ptr::copy_nonoverlapping(path.as_ptr(), low.cast(), path.len()) };
        let result: i64;
        unsafe {
            asm!(
                "push rbx", "mov ebx, {low:e}", "int 0x80", "pop rbx",
                low = in(reg) low as u64,
                inlateout("rax") 5i64 => result,
                in("rcx") 0, in("rdx") 0,
            );
        }
        let code = result as i32;
        if code >= 0 { "done".into() } else { name(io::Error::from_raw_os_error(-code)) }
    }

    /// A filter of the package's own over the opening of files.
    fn filter(flags: libc::c_ulong, answer: u32) -> String {
        let statement = |code: u16, jt: u8, jf: u8, k: u32| libc::sock_filter { code, jt, jf, k };
        let program = [
            statement(0x20, 0, 0, 0),
            statement(0x15, 0, 1, libc::SYS_openat as u32),
            statement(0x06, 0, 0, answer),
            statement(0x06, 0, 0, libc::SECCOMP_RET_ALLOW),
        ];
        let program = libc::sock_fprog { len: 4, filter: program.as_ptr().cast_mut() };
        outcome(unsafe { libc::syscall(libc::SYS_seccomp, 1, flags, &raw const program) })
    }

    fn own_filter() -> String {
        let stacked = filter(0, libc::SECCOMP_RET_TRACE | 0x1234);
        format!("{stacked}, then {}", opened("/home/dev/.secret"))
    }

    fn start(program: &str, arguments: &[&str]) -> io::Error {
        let texts: Vec<CString> = arguments.iter().filter_map(|one| CString::new(*one).ok()).collect();
        let pointers: Vec<_> = texts.iter().map(|one| one.as_ptr()).chain([ptr::null()]).collect();
        let program = CString::new(program).unwrap_or_default();
        unsafe { libc::execv(program.as_ptr(), pointers.as_ptr()) };
        io::Error::last_os_error()
    }

    fn in_child(act: impl FnOnce()) -> String {
        match unsafe { libc::fork() } {
            0 => {
                act();
                unsafe { libc::_exit(99) }
            }
            child => {
                let mut status = 0;
                unsafe { libc::waitpid(child, &raw mut status, 0) };
                format!("ended with {}", libc::WEXITSTATUS(status))
            }
        }
    }

    /// A program that lies in memory only.
    fn memory_file() -> String {
        in_child(|| {
            let bytes = fs::read("/usr/bin/true").unwrap_or_default();
            let file = unsafe { libc::memfd_create(c"hidden".as_ptr(), 0) };
            unsafe { libc::write(file, bytes.as_ptr().cast(), bytes.len()) };
            let argv = [c"innocent".as_ptr(), ptr::null()];
            let none = [ptr::null::<libc::c_char>()];
            unsafe {
                libc::syscall(libc::SYS_execveat, file, c"".as_ptr(), argv.as_ptr(), none.as_ptr(), libc::AT_EMPTY_PATH)
            };
        })
    }

    /// A program that is removed before it is started, and one that goes on when its starter has ended.
    fn daemon() -> String {
        in_child(|| {
            if unsafe { libc::fork() } == 0 {
                unsafe { libc::setsid() };
                if unsafe { libc::fork() } == 0 {
                    let _ = fs::write("/tmp/from-the-daemon", "it ran");
                    start("/usr/bin/sleep", &["sleep", "1.5"]);
                }
            }
            unsafe { libc::_exit(0) };
        })
    }

    fn deleted_program(name: &str) -> String {
        if name != "deleted-program" {
            return "unknown".into();
        }
        in_child(|| {
            let _ = fs::copy("/usr/bin/true", "/tmp/dropped");
            let file = fs::File::open("/tmp/dropped").map(std::os::fd::IntoRawFd::into_raw_fd).unwrap_or(-1);
            let _ = fs::remove_file("/tmp/dropped");
            start(&format!("/proc/self/fd/{file}"), &["dropped"]);
        })
    }

    fn storm() -> String {
        let count = (0..100).filter(|_| std::process::Command::new("/usr/bin/true").status().is_ok()).count();
        format!("{count} started")
    }

    fn thread_exec() -> String {
        in_child(|| {
            let other = thread::spawn(|| start("/usr/bin/true", &["from-a-thread"]));
            let _ = other.join();
        })
    }

    /// Another thread changes the path between an innocent and a secret one while it is opened.
    fn flip() -> String {
        let path = Box::leak(Box::new(*b"/home/dev/.plainx\0"));
        let address = path.as_mut_ptr() as usize;
        let (plain, secret) = (*b"/home/dev/.plainx\0", *b"/home/dev/.secret\0");
        thread::spawn(move || {
            loop {
                unsafe { ptr::copy_nonoverlapping(plain.as_ptr(), address as *mut u8, plain.len()) };
                unsafe { ptr::copy_nonoverlapping(secret.as_ptr(), address as *mut u8, secret.len()) };
            }
        });
        let mut secrets = 0;
        for _ in 0..500 {
            let file = unsafe { libc::open(address as *const libc::c_char, libc::O_RDONLY) };
            let mut byte = 0u8;
            if file >= 0 {
                if unsafe { libc::read(file, (&raw mut byte).cast(), 1) } == 1 && byte == b's' {
                    secrets += 1;
                }
                unsafe { libc::close(file) };
            }
        }
        format!("{secrets}")
    }

    fn sleep() -> String {
        let started = Instant::now();
        thread::sleep(Duration::from_secs(3600));
        if started.elapsed() < Duration::from_secs(60) { "cut short".into() } else { "slept".into() }
    }

    fn stop_self() -> String {
        in_child(|| {
            let me = unsafe { libc::getpid() };
            if unsafe { libc::fork() } == 0 {
                thread::sleep(Duration::from_millis(300));
                unsafe { libc::kill(me, libc::SIGCONT) };
                unsafe { libc::_exit(0) };
            }
            unsafe { libc::raise(libc::SIGSTOP) };
            unsafe { libc::_exit(7) };
        })
    }

    fn fork_bomb() -> String {
        let mut count = 0;
        loop {
            match unsafe { libc::fork() } {
                0 => loop {
                    unsafe { libc::pause() };
                },
                -1 => return format!("{} after {}", name(io::Error::last_os_error()), count / 100 * 100),
                _ => count += 1,
            }
            if count > 10_000 {
                return "10000 processes".into();
            }
        }
    }

    fn thread_bomb() -> String {
        for _ in 0..10_000 {
            let thread = thread::Builder::new().stack_size(32 << 10).spawn(|| thread::sleep(Duration::from_secs(1)));
            if let Err(error) = thread {
                return name(error);
            }
        }
        "10000 threads".into()
    }

    fn memory_bomb() -> String {
        for _ in 0..200 {
            if unsafe { libc::fork() } == 0 {
                let mut all = Vec::new();
                for _ in 0..64 {
                    all.push(vec![1u8; 16 << 20]);
                    thread::sleep(Duration::from_millis(1));
                }
                loop {
                    unsafe { libc::pause() };
                }
            }
        }
        loop {
            unsafe { libc::pause() };
        }
    }

    fn shared_memory_bomb() -> String {
        let size = 16 << 20;
        loop {
            let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
            let memory = unsafe { libc::mmap(ptr::null_mut(), size, libc::PROT_WRITE, flags, -1, 0) };
            if memory == libc::MAP_FAILED {
                return name(io::Error::last_os_error());
            }
            unsafe { ptr::write_bytes(memory.cast::<u8>(), 1, size) };
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn disk_bomb() -> String {
        let piece = vec![7u8; 1 << 20];
        for number in 0..10_000 {
            if let Err(error) = fs::write(format!("/tmp/fill-{number}"), &piece) {
                return name(error);
            }
        }
        "10 GB".into()
    }

    fn inode_bomb() -> String {
        for number in 0..1_000_000 {
            if let Err(error) = fs::create_dir(format!("/tmp/folder-{number}")) {
                return name(error);
            }
        }
        "a million".into()
    }

    fn output_bomb() -> String {
        let line = vec![b'x'; 64 << 10];
        loop {
            if io::stdout().write_all(&line).is_err() {
                return "closed".into();
            }
        }
    }

    fn open_flood() -> String {
        for number in 0..20_000 {
            let _ = fs::write(format!("/work/file-{}", number % 3000), "");
        }
        "done".into()
    }
}

fn main() {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    specimens::main();
}
