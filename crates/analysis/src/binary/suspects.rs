//! Imports that malware needs and few others do.

/// An import with a bad name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspicion {
    /// The import.
    pub import: &'static str,
    /// What it is used for.
    pub means: Means,
}

/// What an import is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// Writing into or running in another process.
    Injection,
    /// Reading keys, the screen or the clipboard.
    Spying,
    /// Reading stored secrets.
    Secrets,
    /// Fetching from the network by one call.
    Download,
    /// Starting programs.
    Execution,
    /// Noticing or hindering a debugger.
    AntiDebug,
    /// Staying on the machine.
    Persistence,
    /// Running from memory without a file.
    Memory,
}

impl Means {
    /// The words for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Injection => "writes into other processes",
            Self::Spying => "reads keys, screen or clipboard",
            Self::Secrets => "reads stored secrets",
            Self::Download => "downloads",
            Self::Execution => "starts programs",
            Self::AntiDebug => "notices debuggers",
            Self::Persistence => "stays on the machine",
            Self::Memory => "runs code from memory",
        }
    }

    /// Whether compilers' own start-up code and honest libraries use it too, so that it tells little alone.
    pub const fn is_common(self) -> bool {
        matches!(self, Self::AntiDebug | Self::Execution)
    }
}

use Means::{AntiDebug, Download, Execution, Injection, Memory, Persistence, Secrets, Spying};

/// Sorted by name; the endings `A`, `W` and `Ex` of Windows are not in it.
const SUSPECTS: &[(&str, Means)] = &[
    ("AddClipboardFormatListener", Spying),
    ("BitBlt", Spying),
    ("CheckRemoteDebuggerPresent", AntiDebug),
    ("CreateProcess", Execution),
    ("CreateRemoteThread", Injection),
    ("CreateService", Persistence),
    ("CredEnumerate", Secrets),
    ("CryptUnprotectData", Secrets),
    ("GetAsyncKeyState", Spying),
    ("GetClipboardData", Spying),
    ("GetKeyState", Spying),
    ("GetRawInputData", Spying),
    ("HttpSendRequest", Download),
    ("InternetOpenUrl", Download),
    ("InternetReadFile", Download),
    ("IsDebuggerPresent", AntiDebug),
    ("LsaEnumerateLogonSessions", Secrets),
    ("MiniDumpWriteDump", Secrets),
    ("NtCreateThread", Injection),
    ("NtMapViewOfSection", Injection),
    ("NtQueryInformationProcess", AntiDebug),
    ("NtUnmapViewOfSection", Injection),
    ("NtWriteVirtualMemory", Injection),
    ("QueueUserAPC", Injection),
    ("RegSetValue", Persistence),
    ("RtlCreateUserThread", Injection),
    ("SetThreadContext", Injection),
    ("SetWindowsHook", Spying),
    ("ShellExecute", Execution),
    ("URLDownloadToFile", Download),
    ("VirtualAllocEx", Injection),
    ("VirtualProtectEx", Injection),
    ("WinExec", Execution),
    ("WinHttpSendRequest", Download),
    ("WriteProcessMemory", Injection),
    ("ZwUnmapViewOfSection", Injection),
    ("execve", Execution),
    ("execvp", Execution),
    ("fexecve", Memory),
    ("memfd_create", Memory),
    ("popen", Execution),
    ("process_vm_writev", Injection),
    ("ptrace", AntiDebug),
    ("system", Execution),
];

/// What an import's name gives away.
pub fn suspicion(import: &str) -> Option<Suspicion> {
    let plain = import.split('@').next().unwrap_or(import);
    let find = |name: &str| {
        let at = SUSPECTS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        Some(Suspicion { import: SUSPECTS[at].0, means: SUSPECTS[at].1 })
    };
    let wide = plain.strip_suffix(['A', 'W']).unwrap_or(plain);
    find(plain)
        .or_else(|| find(wide))
        .or_else(|| find(wide.strip_suffix("Ex")?))
        .or_else(|| find(plain.strip_prefix('_')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(SUSPECTS.is_sorted_by(|one, other| one.0 < other.0));
    }

    #[test]
    fn endings_and_versions_do_not_matter() {
        for (name, known) in [
            ("SetWindowsHookExW", "SetWindowsHook"),
            ("URLDownloadToFileA", "URLDownloadToFile"),
            ("memfd_create@GLIBC_2.27", "memfd_create"),
            ("_ptrace", "ptrace"),
            ("VirtualAllocEx", "VirtualAllocEx"),
        ] {
            assert_eq!(suspicion(name).map(|one| one.import), Some(known), "{name}");
        }
        assert_eq!(suspicion("VirtualAlloc"), None);
        assert_eq!(suspicion("memcpy"), None);
    }
}
