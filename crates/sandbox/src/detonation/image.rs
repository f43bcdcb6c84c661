//! The guest's file system: memory for what is written, this machine's `/usr` to be read, and nothing else of it.

use std::{
    fs, io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink},
    path::{Component, Path, PathBuf},
};

use super::{
    etc,
    kernel::{detach, exists, mount, pivot_here, set_mount_attributes},
    order::Order,
};

/// What is written outside of these folders fails.
pub(super) const WRITABLE: &[&str] = &["/work", "/home", "/tmp", "/run", "/dev/shm"];

/// Where the new root is put together. Each machine has one of these folders.
const SITES: &[&str] = &["/mnt", "/media", "/srv", "/tmp"];

/// Files and folders of `/proc` through which the machine itself would be read or changed.
const SHUT: &[&str] = &["sys", "irq", "bus", "fs", "acpi", "scsi", "tty", "driver"];
const EMPTY: &[&str] = &["sysrq-trigger", "kcore", "keys", "kmsg", "key-users", "timer_list", "sched_debug", "mtrr"];

const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY;
const HARMLESS: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;

/// Builds the file system and makes it the only one that this process and its children can see.
pub(super) fn build(order: &Order) -> io::Result<()> {
    mount("", "/", "", libc::MS_REC | libc::MS_PRIVATE, "")?;
    let site = SITES.iter().find(|site| Path::new(site).is_dir());
    let site = *site.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no folder to build in"))?;
    let toolchains = open_toolchains(&order.guest.toolchains)?;
    mount("tmpfs", site, "tmpfs", libc::MS_NOSUID | libc::MS_NODEV, "size=64m,nr_inodes=20000,mode=755")?;
    let root = Path::new(site);
    programs(root)?;
    for (path, descriptor) in &toolchains {
        let source = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(descriptor));
        bind_folder(&source, &inside(root, path))?;
    }
    devices(root)?;
    memory(root, order)?;
    let host_name = &order.guest.host_name;
    etc::write(&root.join("etc"), if host_name.is_empty() { "laptop" } else { host_name })?;
    fs::create_dir_all(root.join("proc"))?;
    mount("proc", &format!("{site}/proc"), "proc", libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC, "")?;
    std::env::set_current_dir(site)?;
    pivot_here()?;
    detach(".")?;
    std::env::set_current_dir("/")
}

/// Writes the seeds. No link is there yet that could lead one astray, and the root holds nothing but the guest.
pub(super) fn fill(order: &Order) -> io::Result<()> {
    for folder in ["/home/dev", "/var", "/opt", "/root"] {
        fs::create_dir_all(folder)?;
    }
    fs::set_permissions("/root", fs::Permissions::from_mode(0o000))?;
    symlink("/tmp", "/var/tmp")?;
    for seed in &order.guest.seeds {
        let path = Path::new(&seed.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => continue,
            _ => {}
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file = file.map_err(|error| named(&error, &seed.path))?;
        io::Write::write_all(&mut file, &seed.bytes).map_err(|error| named(&error, &seed.path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(seed.mode & 0o777))?;
    }
    for (path, target) in &order.guest.links {
        // A link that cannot be made is one that the package's own extractor could not make either.
        if let Some(parent) = Path::new(path).parent() {
            let _ = fs::create_dir_all(parent);
        }
        let _ = symlink(target, path);
    }
    Ok(())
}

/// Shuts what is left open while the guest is built.
pub(super) fn seal() -> io::Result<()> {
    // No namespace can be entered inside, so none of the kernel's doors behind them can be tried.
    for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"] {
        let path = format!("/proc/sys/user/max_{kind}_namespaces");
        if exists(&path) {
            fs::write(&path, "0")?;
        }
    }
    for name in SHUT {
        let path = format!("/proc/{name}");
        if exists(&path) {
            mount(&path, &path, "", libc::MS_BIND | libc::MS_REC, "")?;
            set_mount_attributes(&path, READ_ONLY, true)?;
        }
    }
    for name in EMPTY {
        let path = format!("/proc/{name}");
        if exists(&path) {
            mount("/dev/null", &path, "", libc::MS_BIND, "")?;
        }
    }
    set_mount_attributes("/", READ_ONLY | HARMLESS, false)
}

/// Whether a seed may lie here: the path starts at the root and goes down only.
pub(super) fn is_plain(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.next() == Some(Component::RootDir) && parts.all(|part| matches!(part, Component::Normal(_)))
}

fn named(error: &io::Error, path: &str) -> io::Error {
    io::Error::new(error.kind(), format!("`{path}` could not be written into the guest: {error}"))
}

fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Opens the folders while they can still be seen: the new root may come to lie over them.
fn open_toolchains(folders: &[PathBuf]) -> io::Result<Vec<(PathBuf, fs::File)>> {
    let open = |path: &PathBuf| {
        let options = fs::OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY).open(path);
        options.map(|file| (path.clone(), file)).map_err(|error| {
            io::Error::new(error.kind(), format!("the toolchain in {} cannot be opened: {error}", path.display()))
        })
    };
    folders.iter().map(open).collect()
}

/// `/usr`, and the folders that are links into it on most machines.
fn programs(root: &Path) -> io::Result<()> {
    bind_folder("/usr", &root.join("usr"))?;
    for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
        let path = Path::new("/").join(name);
        match path.symlink_metadata() {
            Ok(meta) if meta.is_symlink() => symlink(fs::read_link(&path)?, root.join(name))?,
            Ok(_) => bind_folder(&format!("/{name}"), &root.join(name))?,
            Err(_) => {}
        }
    }
    Ok(())
}

/// Shows a folder of this machine, to be read only.
fn bind_folder(source: &str, target: &Path) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let target = target.to_string_lossy();
    mount(source, &target, "", libc::MS_BIND | libc::MS_REC, "")?;
    set_mount_attributes(&target, READ_ONLY | HARMLESS, true)
}

fn devices(root: &Path) -> io::Result<()> {
    let folder = root.join("dev");
    fs::create_dir_all(&folder)?;
    for name in DEVICES {
        let (source, target) = (format!("/dev/{name}"), folder.join(name));
        fs::write(&target, "")?;
        let target = target.to_string_lossy();
        mount(&source, &target, "", libc::MS_BIND, "")?;
        set_mount_attributes(&target, libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC, false)?;
    }
    for (name, target) in [("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")] {
        symlink(target, folder.join(name))?;
    }
    Ok(())
}

/// The folders that can be written, each with its own ceiling.
fn memory(root: &Path, order: &Order) -> io::Result<()> {
    let budget = &order.budget;
    for folder in WRITABLE {
        let target = inside(root, Path::new(folder));
        fs::create_dir_all(&target)?;
        let small = matches!(*folder, "/run" | "/dev/shm");
        let (bytes, files) = if small { (budget.disk / 8, budget.files / 100) } else { (budget.disk, budget.files) };
        let mode = if matches!(*folder, "/tmp" | "/dev/shm") { "1777" } else { "755" };
        let options = format!("size={},nr_inodes={},mode={mode}", bytes.max(1 << 20), files.max(64));
        mount("tmpfs", &target.to_string_lossy(), "tmpfs", libc::MS_NOSUID | libc::MS_NODEV, &options)?;
    }
    Ok(())
}

/// The guest's root as the supervisor holds it.
pub(super) fn root_of(init: libc::pid_t) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY).open(format!("/proc/{init}/root"))
}

/// Takes this machine's files away from the supervisor, which goes on to read what hostile programs say. Only `/proc`
/// stays, without which it could not watch.
pub(super) fn forget_machine() -> io::Result<()> {
    mount("", "/", "", libc::MS_REC | libc::MS_PRIVATE, "")?;
    let site = SITES.iter().find(|site| Path::new(site).is_dir()).unwrap_or(&"/tmp");
    mount("tmpfs", site, "tmpfs", libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC, "size=64k,mode=700")?;
    fs::create_dir(format!("{site}/proc"))?;
    mount("/proc", &format!("{site}/proc"), "", libc::MS_BIND | libc::MS_REC, "")?;
    std::env::set_current_dir(site)?;
    pivot_here()?;
    detach(".")?;
    std::env::set_current_dir("/")
}
