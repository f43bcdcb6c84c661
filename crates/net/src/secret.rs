//! Secrets that cannot be printed, and addresses that are safe to print.

use std::fmt;

use data_encoding::BASE64;
use url::{Host, Url};

/// A password or token. It has no way to be printed; only `net` can read it, to send it to its own host.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// An address as it may be shown: without user, password, query and fragment, where secrets live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl From<&Url> for Shown {
    fn from(url: &Url) -> Self {
        let mut plain = url.clone();
        // Both fail only for addresses that cannot have a user at all.
        let _ = plain.set_username("");
        let _ = plain.set_password(None);
        plain.set_fragment(None);
        let had_query = plain.query().is_some();
        plain.set_query(None);
        Self(if had_query { format!("{plain}?***") } else { plain.to_string() })
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What proves to one host who the user is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    host: String,
    port: Option<u16>,
    path: String,
    plain: bool,
    header: Secret,
}

impl Credential {
    /// A token, sent as `Authorization: Bearer ...`, for addresses under this one.
    pub fn bearer(under: &Url, token: &str) -> Option<Self> {
        Self::raw(under, &format!("Bearer {token}"))
    }

    /// A user and password for addresses under this one.
    pub fn basic(under: &Url, user: &str, password: &str) -> Option<Self> {
        Self::raw(under, &format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes())))
    }

    /// The whole value of the `Authorization` header, for addresses under this one.
    pub fn raw(under: &Url, header: &str) -> Option<Self> {
        Some(Self {
            host: under.host_str()?.to_ascii_lowercase(),
            port: under.port_or_known_default(),
            path: under.path().trim_end_matches('/').to_owned(),
            plain: under.scheme() == "http",
            header: Secret::new(header),
        })
    }

    /// Where it may be sent: host and path.
    pub fn place(&self) -> String {
        format!("{}{}/", self.host, self.path)
    }

    /// Whether it may be sent to this address: the same host and port, under its path, and never in the clear unless the
    /// user wrote the address so, or the host is this machine.
    fn covers(&self, url: &Url) -> bool {
        let here = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let safe = url.scheme() == "https" || (url.scheme() == "http" && (self.plain || here));
        let same = url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(&self.host))
            && url.port_or_known_default() == self.port;
        let below = url.path().strip_prefix(&self.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        safe && same && below
    }
}

/// Every credential that the user's clients have.
#[derive(Debug, Clone, Default)]
pub struct Credentials(Vec<Credential>);

impl Credentials {
    /// Adds one. The first for a place wins.
    pub fn add(&mut self, credential: Credential) {
        let known = |one: &Credential| {
            (&one.host, one.port, &one.path) == (&credential.host, credential.port, &credential.path)
        };
        if !self.0.iter().any(known) {
            self.0.push(credential);
        }
    }

    /// Where each may be sent, for `doctor`.
    pub fn places(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(Credential::place)
    }

    /// The header for an address: of the credential with the longest path that covers it.
    pub(crate) fn header(&self, url: &Url) -> Option<&Secret> {
        self.0.iter().filter(|one| one.covers(url)).max_by_key(|one| one.path.len()).map(|one| &one.header)
    }

    /// Takes user and password out of an address and keeps them as a credential for its host.
    pub fn take_from(&mut self, url: &mut Url) {
        if url.username().is_empty() && url.password().is_none() {
            return;
        }
        let decode = |text: &str| {
            let url = format!("http://x/?{}", text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D"));
            let decoded =
                Url::parse(&url).ok().and_then(|url| url.query_pairs().next().map(|(key, _)| key.into_owned()));
            decoded.unwrap_or_default()
        };
        let (user, password) = (decode(url.username()), decode(url.password().unwrap_or_default()));
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let mut root = url.clone();
        root.set_path("/");
        if let Some(credential) = Credential::basic(&root, &user, &password) {
            self.add(credential);
        }
    }
}
