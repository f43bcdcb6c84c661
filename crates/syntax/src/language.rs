//! The languages that can be read.

/// A language that has a reader in [`crate::lower`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// JavaScript, TypeScript and JSX.
    JavaScript,
    /// Python 3, and Python 2 as far as it parses.
    Python,
    /// POSIX shell and bash, npm scripts.
    Shell,
    /// Ruby.
    Ruby,
    /// Rust: build scripts and macros.
    Rust,
    /// PowerShell.
    PowerShell,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 6] = [Self::JavaScript, Self::Python, Self::Shell, Self::Ruby, Self::Rust, Self::PowerShell];

    /// The language's name, as it stands in layers and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::Shell => "shell",
            Self::Ruby => "ruby",
            Self::Rust => "rust",
            Self::PowerShell => "powershell",
        }
    }

    /// The language that a path's extension or a first line `#!` promises.
    pub fn of(path: &str, start: &[u8]) -> Option<Self> {
        let name = path.rsplit(['/', '!']).next().unwrap_or(path);
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx") => Some(Self::JavaScript),
            Some("py" | "pyw" | "pyi" | "pth") => Some(Self::Python),
            Some("sh" | "bash" | "zsh" | "ksh" | "bat" | "cmd") => Some(Self::Shell),
            Some("rb" | "gemspec" | "rake") => Some(Self::Ruby),
            Some("rs") => Some(Self::Rust),
            Some("ps1" | "psm1" | "psd1") => Some(Self::PowerShell),
            _ if matches!(name, "Rakefile" | "Gemfile") => Some(Self::Ruby),
            _ => Self::of_first_line(start),
        }
    }

    fn of_first_line(start: &[u8]) -> Option<Self> {
        let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
        let line = String::from_utf8_lossy(line);
        let has = |word: &str| line.contains(word);
        if has("python") {
            Some(Self::Python)
        } else if has("node") || has("deno") || has("bun") {
            Some(Self::JavaScript)
        } else if has("ruby") {
            Some(Self::Ruby)
        } else if has("pwsh") {
            Some(Self::PowerShell)
        } else if has("sh") {
            Some(Self::Shell)
        } else {
            None
        }
    }
}
