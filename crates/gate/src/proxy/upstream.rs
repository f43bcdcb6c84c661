//! The registries behind: as the user's own clients have them, with their credentials.

use ecosystem::Request;
use model::{Checksum, Ecosystem};
use net::{
    Answer, Client, Discovered, Endpoint, Environment, Fetch, NetError, Relay, Relayed,
    discover::{NoRegistry, discover_for},
};
use tokio::sync::OnceCell;
use url::Url;

use super::{ask::Ask, reply::Reply};

/// Lists of releases reach some ten megabytes; nothing honest is larger than this.
const DOCUMENT: u64 = 128 << 20;

/// The registries of the ecosystems that a run needs.
pub struct Upstream {
    discovered: Discovered,
    options: net::Options,
    client: OnceCell<Client>,
    /// The largest file.
    limit: u64,
    /// What cargo's index says of itself.
    configuration: OnceCell<Vec<u8>>,
}

impl Upstream {
    /// Finds the registries. It may ask client programs, so it takes up to half a second the first time.
    pub fn find(environment: &Environment, ecosystems: &[Ecosystem], options: net::Options, limit: u64) -> Self {
        let discovered = discover_for(environment, ecosystems);
        let options = net::Options { authorities: discovered.authorities.clone(), ..options };
        Self { discovered, options, client: OnceCell::new(), limit, configuration: OnceCell::new() }
    }

    /// What was found.
    pub fn discovered(&self) -> &Discovered {
        &self.discovered
    }

    /// Where a package may be, the first choice first.
    pub(super) fn candidates(&self, ecosystem: Ecosystem, name: &str) -> Result<Vec<&Endpoint>, NoRegistry> {
        self.discovered.candidates(ecosystem, name)
    }

    async fn client(&self) -> Result<&Client, NetError> {
        let make = || async { Client::new(self.options.clone(), self.discovered.credentials.clone()) };
        self.client.get_or_try_init(make).await
    }

    /// A document.
    pub(super) async fn document(&self, url: &Url, accept: &str) -> Result<Answer, NetError> {
        let fetch = Fetch { url, accept, limit: DOCUMENT, checksum: None };
        self.client().await?.get(&fetch).await
    }

    /// The configuration of cargo's index, asked once.
    pub(super) async fn configuration(&self, base: &Url) -> Result<&[u8], NetError> {
        let ask = || async {
            let request = Request { path: "config.json".into(), accept: "application/json" };
            Ok(self.document(&request.address(base), request.accept).await?.bytes)
        };
        self.configuration.get_or_try_init(ask).await.map(Vec::as_slice)
    }

    /// A file, whole, and compared with its hash where there is one.
    pub(super) async fn file(&self, url: &Url, checksum: Option<&Checksum>) -> Result<Vec<u8>, NetError> {
        let fetch = Fetch { url, accept: "*/*", limit: self.limit, checksum };
        Ok(self.client().await?.get(&fetch).await?.bytes)
    }

    /// Passes on what carries no package: reports, searches, publications. The client's own credentials stay here, since
    /// those are ours; the registry gets the user's.
    pub(super) async fn relay(&self, ask: &Ask, base: &Url) -> Reply {
        const PASSED: [&str; 5] = ["accept", "content-type", "content-encoding", "npm-command", "user-agent"];
        let mut url = Request { path: ask.path.clone(), accept: "" }.address(base);
        url.set_query(ask.query.as_deref());
        let header = |name: &&'static str| Some((*name, ask.headers.get(*name)?.to_str().ok()?.to_owned()));
        let headers = PASSED.iter().filter_map(header).collect();
        let relay = Relay { method: &ask.method, url: &url, headers, body: ask.body.to_vec(), limit: DOCUMENT };
        let relayed = match self.client().await {
            Ok(client) => client.relay(relay).await,
            Err(error) => Err(error),
        };
        match relayed {
            Ok(Relayed { status, content_type, bytes }) => Reply::relayed(status, &content_type, bytes),
            Err(error) => Reply::failed(&error),
        }
    }
}
