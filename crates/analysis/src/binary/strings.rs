//! Texts of interest in a compiled file, in ASCII and in UTF-16.

use std::{collections::BTreeSet, sync::LazyLock};

use aho_corasick::AhoCorasick;

/// A text found in a compiled file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What makes it interesting.
    pub kind: TextKind,
    /// The text, cut to a bearable length.
    pub text: String,
    /// Where it stands, in bytes.
    pub offset: usize,
}

/// What makes a text interesting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextKind {
    /// An address.
    Url,
    /// An IP address.
    Ip,
    /// A command line.
    Command,
    /// Where secrets are kept: browsers, wallets, keys, tokens.
    Secret,
    /// How to stay on a machine.
    Persistence,
    /// Where stolen things go: chat webhooks, file drops, mining pools, hidden services.
    Drop,
}

const SHORTEST: usize = 6;
const LONGEST: usize = 300;
const MOST: usize = 400;
/// No kind may crowd out the others.
const MOST_OF_A_KIND: usize = 150;

const NEEDLES: &[(&str, TextKind)] = &[
    ("http://", TextKind::Url),
    ("https://", TextKind::Url),
    ("ws://", TextKind::Url),
    ("wss://", TextKind::Url),
    ("ftp://", TextKind::Url),
    ("stratum+", TextKind::Drop),
    (".onion", TextKind::Drop),
    ("discord.com/api/webhooks", TextKind::Drop),
    ("discordapp.com/api/webhooks", TextKind::Drop),
    ("api.telegram.org/bot", TextKind::Drop),
    ("pastebin.com/raw", TextKind::Drop),
    ("powershell", TextKind::Command),
    ("cmd.exe", TextKind::Command),
    ("cmd /c", TextKind::Command),
    ("/bin/sh -c", TextKind::Command),
    ("/bin/bash -", TextKind::Command),
    ("/dev/tcp/", TextKind::Command),
    ("curl -", TextKind::Command),
    ("wget ", TextKind::Command),
    ("chmod +x", TextKind::Command),
    ("rundll32", TextKind::Command),
    ("regsvr32", TextKind::Command),
    ("certutil", TextKind::Command),
    ("bitsadmin", TextKind::Command),
    ("add-mppreference", TextKind::Command),
    ("\\login data", TextKind::Secret),
    ("/login data", TextKind::Secret),
    ("\\local state", TextKind::Secret),
    ("\\network\\cookies", TextKind::Secret),
    ("cookies.sqlite", TextKind::Secret),
    ("logins.json", TextKind::Secret),
    (".ssh/id_", TextKind::Secret),
    (".aws/credentials", TextKind::Secret),
    (".npmrc", TextKind::Secret),
    (".pypirc", TextKind::Secret),
    ("wallet.dat", TextKind::Secret),
    ("\\exodus", TextKind::Secret),
    ("metamask", TextKind::Secret),
    ("nkbihfbeogaeaoehlefnkodbefgpgknn", TextKind::Secret),
    ("\\discord\\local storage", TextKind::Secret),
    ("tdata\\key_datas", TextKind::Secret),
    ("login.keychain", TextKind::Secret),
    ("/etc/shadow", TextKind::Secret),
    ("169.254.169.254", TextKind::Secret),
    ("currentversion\\run", TextKind::Persistence),
    ("schtasks", TextKind::Persistence),
    ("start menu\\programs\\startup", TextKind::Persistence),
    ("library/launchagents", TextKind::Persistence),
    ("/etc/cron", TextKind::Persistence),
    ("crontab", TextKind::Persistence),
    ("/etc/ld.so.preload", TextKind::Persistence),
    ("systemctl enable", TextKind::Persistence),
];

static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(NEEDLES.iter().map(|(needle, _)| *needle)).ok()
});

/// Prints of packers and bundlers that stand in no section name.
const PACKERS: &[(&[u8], &str)] = &[
    (b"UPX!", "UPX"),
    (b"MEI\x0c\x0b\x0a\x0b\x0e", "PyInstaller"),
    (b"NUITKA_", "Nuitka"),
    (b"PAYLOAD_POSITION", "pkg"),
    (b"NODE_SEA_BLOB", "Node single executable"),
    (b"JSC_BYTECODE", "bytecode bundle"),
];

/// Gathers texts.
#[derive(Default)]
pub(super) struct Finder {
    texts: Vec<Text>,
    seen: BTreeSet<String>,
    pub(super) packer: Option<&'static str>,
}

impl Finder {
    /// Looks through bytes that stand at `base` of the file.
    pub(super) fn scan(&mut self, bytes: &[u8], base: usize) {
        if self.packer.is_none() {
            self.packer =
                PACKERS.iter().find(|(print, _)| memchr::memmem::find(bytes, print).is_some()).map(|(_, name)| *name);
        }
        for_each_run(bytes, |offset, text| self.judge(text, base + offset));
    }

    /// The texts in the order of their places.
    pub(super) fn finish(mut self) -> Vec<Text> {
        self.texts.sort_by_key(|text| (text.offset, text.kind));
        self.texts
    }

    fn judge(&mut self, text: &[u8], offset: usize) {
        if self.texts.len() >= MOST {
            return;
        }
        // A linker puts texts end to end, so each hit is cut out on its own.
        for found in SEARCH.iter().flat_map(|search| search.find_iter(text)) {
            let kind = NEEDLES[found.pattern().as_usize()].1;
            let start = if kind == TextKind::Url { found.start() } else { found.start().saturating_sub(64) };
            let end = text.len().min(found.end() + LONGEST);
            let part = String::from_utf8_lossy(&text[start..end]);
            let part = match kind {
                TextKind::Url => part.split([' ', '"', '\'', '<', '>', '`', '\\', '|']).next().unwrap_or_default(),
                _ => &part,
            };
            if kind != TextKind::Url || part.len() > found.len() + 3 {
                self.add(kind, part, offset + start);
            }
        }
        if text.len() <= 64 && memchr::memchr(b'.', text).is_some() {
            for word in text.split(|byte| !byte.is_ascii_digit() && *byte != b'.' && *byte != b':') {
                if let Some(address) = std::str::from_utf8(word).ok().filter(|word| is_address(word)) {
                    self.add(TextKind::Ip, address, offset);
                }
            }
        }
    }

    fn add(&mut self, kind: TextKind, text: &str, offset: usize) {
        let of_kind = self.texts.iter().filter(|text| text.kind == kind).count();
        if of_kind < MOST_OF_A_KIND && self.seen.insert(text.to_owned()) {
            self.texts.push(Text { kind, text: text.to_owned(), offset });
        }
    }
}

/// Whether a word is a public IPv4 address, with or without a port. Version numbers of four parts begin low or hold zeros.
fn is_address(word: &str) -> bool {
    let host = word.split(':').next().unwrap_or(word);
    let Ok(address) = host.parse::<std::net::Ipv4Addr>() else { return false };
    let [first, second, third, last] = address.octets();
    let special = address.is_loopback() || address.is_unspecified() || address.is_broadcast() || address.is_multicast();
    let version = first < 11 || (second == 0 && third == 0) || last == 0;
    !special && (!version || word.contains(':'))
}

/// Every run of printable characters, in ASCII and in little-endian UTF-16.
fn for_each_run(bytes: &[u8], mut visit: impl FnMut(usize, &[u8])) {
    let printable = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    let mut at = 0;
    while at < bytes.len() {
        if !printable(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        if bytes.get(at + 1) == Some(&0) {
            while at + 1 < bytes.len() && printable(bytes[at]) && bytes[at + 1] == 0 {
                at += 2;
            }
            if at - start >= 2 * SHORTEST {
                let narrow: Vec<u8> = bytes[start..at].iter().step_by(2).copied().collect();
                visit(start, &narrow);
            }
            continue;
        }
        while at < bytes.len() && printable(bytes[at]) {
            at += 1;
        }
        // The last character may begin a wide text.
        let end = at;
        if bytes.get(at) == Some(&0) && at - start > 1 && bytes.get(at + 2) == Some(&0) {
            at -= 1;
        }
        if end - start >= SHORTEST {
            visit(start, &bytes[start..end]);
        }
    }
}
