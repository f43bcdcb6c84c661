//! Why an answer could not be had: one variant a cause, each with a sentence.

use std::time::Duration;

use model::Checksum;

use crate::Shown;

/// Why an answer could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Status 404 or 410.
    #[error("{url} does not exist (HTTP {status})")]
    NotFound {
        /// The address.
        url: Shown,
        /// The status.
        status: u16,
    },
    /// Status 401 or 403.
    #[error("{url} refuses access (HTTP {status}){}", if *.authorised { ": the credentials for this host are not accepted" } else { ": it may want credentials, and none are configured for this host" })]
    Denied {
        /// The address.
        url: Shown,
        /// The status.
        status: u16,
        /// Whether credentials were sent.
        authorised: bool,
    },
    /// Status 429, and the wait is too long or did not help.
    #[error("{url} asks to slow down (HTTP 429){}; try again later", .wait.map(|wait| format!(" for {} seconds", wait.as_secs())).unwrap_or_default())]
    Limited {
        /// The address.
        url: Shown,
        /// How long to wait, when the server says it.
        wait: Option<Duration>,
    },
    /// Status 5xx, also after retries.
    #[error("{url} is out of order (HTTP {status}); try again later")]
    Server {
        /// The address.
        url: Shown,
        /// The status.
        status: u16,
        /// How long to wait, when the server says it.
        wait: Option<Duration>,
    },
    /// Any other status that is no success.
    #[error("{url} answered with HTTP status {status}, which Lazaret cannot use")]
    Status {
        /// The address.
        url: Shown,
        /// The status.
        status: u16,
    },
    /// The connection ended before the whole body came.
    #[error("the download of {url} broke off after {received} bytes; try again")]
    Truncated {
        /// The address.
        url: Shown,
        /// What came.
        received: u64,
    },
    /// More bytes than the caller allows.
    #[error("{url} is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The address.
        url: Shown,
        /// The limit.
        limit: u64,
    },
    /// The bytes are not those that the registry published.
    #[error(
        "the bytes of {url} are not those that the registry published: expected {expected}, got {found}; do not use them"
    )]
    Mismatch {
        /// The address.
        url: Shown,
        /// The published hash.
        expected: Checksum,
        /// The hash of what came.
        found: Checksum,
    },
    /// The secure connection could not be made.
    #[error(
        "no secure connection to {url}: {reason}; if a proxy of your company signs certificates, name its authority in SSL_CERT_FILE"
    )]
    Tls {
        /// The address.
        url: Shown,
        /// What the library says.
        reason: String,
    },
    /// The host's name is not known.
    #[error("the host of {url} cannot be found; check the address and the network")]
    Dns {
        /// The address.
        url: Shown,
    },
    /// Nobody answers there.
    #[error("no connection to {url}: {reason}")]
    Connect {
        /// The address.
        url: Shown,
        /// What the system says.
        reason: String,
    },
    /// It took too long.
    #[error("{url} did not answer in time")]
    TimedOut {
        /// The address.
        url: Shown,
    },
    /// Redirects that are not followed.
    #[error("{url} redirects in a way that Lazaret does not follow: {reason}")]
    Redirect {
        /// The address.
        url: Shown,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The answer breaks the protocol.
    #[error("{url} does not speak HTTP as it should: {reason}")]
    Protocol {
        /// The address.
        url: Shown,
        /// What the library says.
        reason: String,
    },
    /// The client itself could not be set up.
    #[error("the network client cannot be set up: {0}")]
    Setup(String),
}

impl NetError {
    /// Whether it may go away by itself.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Limited { .. }
                | Self::Server { .. }
                | Self::Truncated { .. }
                | Self::Connect { .. }
                | Self::TimedOut { .. }
                | Self::Protocol { .. }
        )
    }

    /// How long the server asks to wait.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self {
            Self::Limited { wait, .. } | Self::Server { wait, .. } => *wait,
            _ => None,
        }
    }
}
