//! What one scan is asked to do.

use wire::scan::Baseline;

/// What one scan is asked to do.
#[derive(Debug, Clone)]
pub struct Request {
    /// Folders, files and purls.
    pub targets: Vec<String>,
    /// The list that stands for the target `-`.
    pub list: Option<String>,
    /// Files and folders to leave out, as gitignore's patterns.
    pub exclude: Vec<String>,
    /// Whether trees of installed packages (`node_modules`, virtual environments) are walked as well.
    pub installed: bool,
    /// Whether packages that nobody knows are analysed.
    pub analyze: bool,
    /// Whether nothing may be downloaded.
    pub offline: bool,
    /// What else makes the scan fail.
    pub fail_on: Vec<FailOn>,
    /// An earlier report, whose contents are accepted.
    pub baseline: Option<Baseline>,
    /// The git revision against which only what is new counts.
    pub diff: Option<String>,
    /// Lazaret's version.
    pub version: String,
    /// When the scan is made, in the form `2026-01-31T23:59:59.000Z`.
    pub made: String,
    /// The same in seconds since 1970.
    pub now: i64,
}

/// What makes a scan fail beside what the policy blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// A package that nobody looked at.
    Unknown,
    /// A package that was not looked at as a whole.
    Incomplete,
    /// A package that is suspicious.
    Suspicious,
}

impl FailOn {
    /// Every choice, as users write it.
    pub const ALL: [(&str, Self); 3] =
        [("unknown", Self::Unknown), ("incomplete", Self::Incomplete), ("suspicious", Self::Suspicious)];
}

/// How far a scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// So many packages will be analysed.
    Analysing(usize),
    /// This one is done.
    Done(&'a str),
}
