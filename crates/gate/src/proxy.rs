//! A registry on loopback, for one run of a package manager: it speaks the manager's protocol, filters what is listed and
//! gates what is handed out. Nothing is intercepted: the manager is told to ask here, and this asks the registries that
//! the user's own configuration names.
//!
//! A listing loses the versions that must not be chosen, so that resolvers choose another one by themselves. A file is
//! downloaded whole, compared with its published hash, looked up, and analysed when nobody knows it, before its first byte
//! is released.

mod ask;
mod cargo;
mod desk;
mod file;
mod html;
mod ledger;
mod npm;
mod pypi;
mod reply;
mod server;
mod upstream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

pub use self::{
    desk::{Asker, Cause, Desk, Mode, Nobody, Release, Rules, Why},
    file::Handed,
    ledger::{Blocked, Ledger, Summary, Withheld},
    server::{Lasting, Running},
    upstream::Upstream,
};

use self::{ask::Ask, reply::Reply};
use crate::inspect::Analyst;

/// Whether the addresses of files in npm's documents stay those of the registry, or lead here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tarballs {
    /// They stay, since the client puts the host of its registry in by itself (npm, deno): its lockfile stays clean.
    #[default]
    Kept,
    /// They lead here in the form that clients make of a name and a version, and so do not write down.
    Standard,
    /// They lead here and carry the registry's own address, so that a lockfile can be put back afterwards.
    Rewritten,
}

/// Where a file of this address is here, below the address of its protocol: in words, so that a text with such addresses
/// can be put back without knowing anything else.
pub(crate) fn place(url: &url::Url) -> String {
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("at/{}/{host}{}{query}", url.scheme(), url.path())
}

/// The address of such a place.
fn address(place: &str) -> Option<url::Url> {
    let (scheme, rest) = place.strip_prefix("at/")?.split_once('/')?;
    url::Url::parse(&format!("{scheme}://{rest}")).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The registry on loopback.
pub struct Proxy<A> {
    /// Who decides.
    pub desk: Desk<A>,
    upstream: Upstream,
    tarballs: Tarballs,
    handed: Mutex<HashMap<String, Arc<Handed>>>,
}

impl<A: Analyst> Proxy<A> {
    /// A registry in front of these.
    pub fn new(desk: Desk<A>, upstream: Upstream, tarballs: Tarballs) -> Self {
        Self { desk, upstream, tarballs, handed: Mutex::default() }
    }

    /// The registries behind.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Opens it on a free port of this machine, or under an address that lasts.
    pub async fn open(self: &Arc<Self>, lasting: Option<Lasting>) -> std::io::Result<Running> {
        server::open(self.clone(), lasting).await
    }

    /// Remembers a file that clients may ask for under this key.
    fn hand_out(&self, key: impl Into<String>, file: Arc<Handed>) {
        self.handed.lock().unwrap_or_else(PoisonError::into_inner).insert(key.into(), file);
    }

    /// Remembers a file of npm's that a lockfile names by its address, so that no packument is needed for it.
    pub fn hand_out_by_address(&self, file: Handed) {
        self.hand_out(npm::key_of(&file.url), Arc::new(file));
    }

    fn handed(&self, key: &str) -> Option<Arc<Handed>> {
        self.handed.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    async fn answer(&self, ask: Ask) -> Reply {
        match ask.protocol.as_str() {
            npm::PROTOCOL => npm::answer(self, &ask).await,
            pypi::PROTOCOL => pypi::answer(self, &ask).await,
            cargo::PROTOCOL => cargo::answer(self, &ask).await,
            _ => Reply::missing("there is no such registry here"),
        }
    }
}
