//! Indicators of compromise: what a defender can search for elsewhere.

use serde::{Deserialize, Serialize};

use crate::Place;

/// What an indicator names. The order is that of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IndicatorKind {
    /// An address with scheme and host.
    Url,
    /// The name of a host.
    Host,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A chat's webhook or robot: the service and its number, without the key.
    Webhook,
    /// An e-mail address.
    Email,
    /// The address of a wallet: the coin and the address.
    Wallet,
    /// A path on the victim's machine.
    Path,
    /// The SHA-256 of a file of the package or of a decoded text, in hexadecimal digits.
    Sha256,
}

impl IndicatorKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Host => "host",
            Self::Ip => "ip",
            Self::Webhook => "webhook",
            Self::Email => "email",
            Self::Wallet => "wallet",
            Self::Path => "path",
            Self::Sha256 => "sha256",
        }
    }
}

/// What the code does with it. The order is that of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndicatorRole {
    /// Data is sent to it.
    SentTo,
    /// Something is fetched from it.
    FetchedFrom,
    /// A connection is opened to it.
    ConnectedTo,
    /// Its name is looked up.
    LookedUp,
    /// It stands in a command line that is started.
    Started,
    /// The path is written.
    Written,
    /// The path is deleted.
    Deleted,
    /// The path is read.
    Read,
    /// It stands in the code that findings speak of.
    Named,
    /// The file holds code that findings speak of.
    Holds,
    /// The text was hidden and decoded.
    Decoded,
}

impl IndicatorRole {
    /// The words for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SentTo => "sent to",
            Self::FetchedFrom => "fetched from",
            Self::ConnectedTo => "connected to",
            Self::LookedUp => "looked up",
            Self::Started => "in a command",
            Self::Written => "written",
            Self::Deleted => "deleted",
            Self::Read => "read",
            Self::Named => "named in the code",
            Self::Holds => "holds the code",
            Self::Decoded => "decoded text",
        }
    }
}

/// One indicator of compromise, out of code that findings speak of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Indicator {
    /// What it names.
    pub kind: IndicatorKind,
    /// What the code does with it: the weightiest role, when it has several.
    pub role: IndicatorRole,
    /// The value, not defanged: hostile text.
    pub value: String,
    /// Where it stands first.
    pub place: Place,
}
