//! The guest's `/etc`: made up, so that nothing of this machine's owner shows.

use std::{fs, io, path::Path};

use super::{identity::DEV, network};

/// What is the same on every machine of a distribution and is taken over: where libraries and programs are.
const TAKEN: &[&str] = &[
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "protocols",
    "services",
    "mime.types",
    "debian_version",
    "python3",
    "python3.11",
    "python3.12",
    "python3.13",
];

/// The bundle of authorities that most programs read.
const BUNDLE: &str = "ssl/certs/ca-certificates.crt";

/// The certificate of the sinkhole's authority.
pub(super) const AUTHORITY: &str = super::Guest::CERTIFICATE;

/// Has the guest's programs trust an authority.
pub(super) fn trust(authority: &str) -> io::Result<()> {
    fs::write(AUTHORITY, authority)?;
    let bundle = Path::new("/etc").join(BUNDLE);
    let mut all = fs::read(&bundle).unwrap_or_default();
    all.extend_from_slice(authority.as_bytes());
    fs::write(bundle, all)
}

/// Writes the folder.
pub(super) fn write(etc: &Path, host_name: &str) -> io::Result<()> {
    fs::create_dir_all(etc.join("ssl/certs"))?;
    let host = network::GATEWAY_V4;
    let files = [
        ("passwd", format!("root:x:0:0:root:/root:/bin/bash\ndev:x:{DEV}:{DEV}:dev,,,:/home/dev:/bin/bash\n")),
        ("group", format!("root:x:0:\nsudo:x:27:dev\ndev:x:{DEV}:\n")),
        ("hostname", format!("{host_name}\n")),
        ("hosts", format!("127.0.0.1 localhost\n127.0.1.1 {host_name}\n::1 localhost ip6-localhost\n")),
        ("resolv.conf", format!("nameserver {host}\n")),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n".into()),
        ("shells", "/bin/sh\n/bin/bash\n".into()),
        ("timezone", "Etc/UTC\n".into()),
        ("machine-id", "5f0c1e6a9b3d4c0fa1b2c3d4e5f60718\n".into()),
    ];
    for (name, content) in files {
        fs::write(etc.join(name), content)?;
    }
    for name in TAKEN {
        take(&Path::new("/etc").join(name), &etc.join(name))?;
    }
    take(&Path::new("/etc").join(BUNDLE), &etc.join(BUNDLE))?;
    for (name, target) in [("os-release", "../usr/lib/os-release"), ("localtime", "/usr/share/zoneinfo/Etc/UTC")] {
        std::os::unix::fs::symlink(target, etc.join(name))?;
    }
    Ok(())
}

/// Copies a file, a folder or a link. What is missing or not ours to read is left out.
fn take(from: &Path, to: &Path) -> io::Result<()> {
    let Ok(meta) = from.symlink_metadata() else { return Ok(()) };
    if meta.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    if meta.is_file() {
        return fs::read(from).or(Ok(Vec::new())).and_then(|bytes| fs::write(to, bytes));
    }
    fs::create_dir_all(to)?;
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    entries.flatten().try_for_each(|entry| take(&entry.path(), &to.join(entry.file_name())))
}
