//! One ecosystem's registries: what is asked of them, and how the answers are read.

use std::{collections::HashMap, sync::Arc};

use ecosystem::{Artifact, ArtifactKind, Package, Page, ReadError, Registry, Release, Request, Wanted};
use model::{Ecosystem, PackageName, ReleaseId};
use net::{Answer, Client, Discovered, Endpoint, Environment, Fetch, NetError, Shown, discover::discover_for};
use tokio::sync::{Mutex, OnceCell};
use url::Url;

use super::TargetError;

/// The registries of an ecosystem, found once and asked by one client.
pub(super) struct Source {
    registry: &'static dyn Registry,
    pub(super) discovered: Discovered,
    options: net::Options,
    client: OnceCell<Client>,
    configurations: Mutex<HashMap<Url, Arc<Vec<u8>>>>,
}

/// What a name resolved to.
pub(super) struct Resolved {
    pub(super) release: ReleaseId,
    pub(super) artifacts: Vec<Artifact>,
    pub(super) notes: Vec<String>,
}

/// Lists of releases reach 10 MB; nothing honest is larger than this.
const METADATA_LIMIT: u64 = 128 << 20;

impl Source {
    /// Finds the registries. It may ask client programs, so it takes up to half a second.
    pub(super) fn find(environment: &Environment, ecosystem: Ecosystem, options: net::Options) -> Self {
        let discovered = discover_for(environment, &[ecosystem]);
        let options = net::Options { authorities: discovered.authorities.clone(), ..options };
        let registry = ecosystem::registry(ecosystem);
        Self { registry, discovered, options, client: OnceCell::new(), configurations: Mutex::default() }
    }

    pub(super) fn endpoints(&self, wanted: &Wanted) -> Result<Vec<&Endpoint>, TargetError> {
        Ok(self.discovered.candidates(wanted.ecosystem, wanted.name.as_str())?)
    }

    /// The artifacts to analyse.
    pub(super) async fn resolve(&self, wanted: &Wanted) -> Result<Resolved, TargetError> {
        let (name, release, _) = self.release(wanted).await?;
        self.choose(wanted, name, &release)
    }

    /// A release with all its artifacts, and the registry that has it. The registries are asked in order; the first that
    /// has the package answers.
    pub(super) async fn release(&self, wanted: &Wanted) -> Result<(PackageName, Release, Shown), TargetError> {
        let mut unknown = None;
        for endpoint in self.endpoints(wanted)? {
            match self.ask(endpoint, wanted).await {
                Err(error @ TargetError::UnknownPackage { .. }) => unknown = unknown.or(Some(error)),
                other => return other.map(|(name, release)| (name, release, Shown::from(&endpoint.url))),
            }
        }
        Err(unknown.unwrap_or_else(|| TargetError::Fault("there is no registry to ask".into())))
    }

    pub(super) fn registry(&self) -> &'static dyn Registry {
        self.registry
    }

    /// Whether the user's own configuration leads to this host.
    pub(super) fn knows(&self, url: &Url) -> bool {
        let same = |one: &Endpoint| {
            one.url.host() == url.host() && one.url.port_or_known_default() == url.port_or_known_default()
        };
        self.discovered.endpoints.iter().any(|one| one.ecosystem == self.registry.ecosystem() && same(one))
    }

    /// The bytes at an address, verified.
    pub(super) async fn get_pinned(
        &self,
        url: &Url,
        checksum: &model::Checksum,
        limit: u64,
    ) -> Result<Vec<u8>, NetError> {
        let fetch = Fetch { url, accept: "*/*", limit, checksum: Some(checksum) };
        Ok(self.client().await?.get(&fetch).await?.bytes)
    }

    /// The bytes of an artifact, verified.
    pub(super) async fn download(&self, artifact: &Artifact, limit: u64) -> Result<Vec<u8>, TargetError> {
        let fetch = Fetch { url: &artifact.url, accept: "*/*", limit, checksum: artifact.checksum.as_ref() };
        Ok(self.client().await?.get(&fetch).await?.bytes)
    }

    async fn client(&self) -> Result<&Client, NetError> {
        let make = || async { Client::new(self.options.clone(), self.discovered.credentials.clone()) };
        self.client.get_or_try_init(make).await
    }

    async fn get(&self, base: &Url, request: &Request) -> Result<Answer, NetError> {
        let url = request.address(base);
        let fetch = Fetch { url: &url, accept: request.accept, limit: METADATA_LIMIT, checksum: None };
        self.client().await?.get(&fetch).await
    }

    async fn ask(&self, endpoint: &Endpoint, wanted: &Wanted) -> Result<(PackageName, Release), TargetError> {
        let base = &endpoint.url;
        let configuration = self.configuration(base).await?;
        let page = |answer: &Answer| -> Result<Release, ReadError> {
            let page = page(base, answer, configuration.as_deref());
            Ok(self.registry.read_release(&wanted.name, &page)?.value)
        };
        // The short way first. Where a mirror lacks it, the list of all releases has the answer, and the better error.
        if let Some(request) = self.registry.release_request(&wanted.name, wanted.version.as_ref()) {
            match self.get(base, &request).await {
                Ok(answer) => {
                    if let Ok(release) = page(&answer) {
                        return Ok((wanted.name.clone(), release));
                    }
                }
                Err(NetError::NotFound { .. } | NetError::Status { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.ask_list(endpoint, wanted, configuration.as_deref()).await
    }

    /// A package with all its releases, from the first registry that has it.
    pub(super) async fn package(&self, name: &PackageName) -> Result<Package, TargetError> {
        let mut unknown = None;
        for endpoint in self.discovered.candidates(self.registry.ecosystem(), name.as_str())? {
            let configuration = self.configuration(&endpoint.url).await?;
            match self.list(endpoint, name, configuration.as_deref()).await {
                Err(error @ TargetError::UnknownPackage { .. }) => unknown = unknown.or(Some(error)),
                other => return other,
            }
        }
        Err(unknown.unwrap_or_else(|| TargetError::Fault("there is no registry to ask".into())))
    }

    async fn list(
        &self,
        endpoint: &Endpoint,
        wanted: &PackageName,
        configuration: Option<&Vec<u8>>,
    ) -> Result<Package, TargetError> {
        let (base, registry) = (&endpoint.url, self.registry);
        let mut spellings = vec![wanted.clone()];
        spellings.extend(registry.other_spellings(wanted));
        let mut answer = None;
        for name in &spellings {
            match self.get(base, &registry.metadata_request(name)).await {
                Err(NetError::NotFound { .. }) => {}
                other => {
                    answer = Some(other?);
                    break;
                }
            }
        }
        let answer = answer.ok_or_else(|| TargetError::UnknownPackage {
            ecosystem: registry.ecosystem(),
            name: wanted.to_string(),
            registry: base.into(),
        })?;
        let read = registry.read_metadata(wanted, &page(base, &answer, configuration));
        let package = read.map_err(|cause| match cause {
            ReadError::Quarantined => TargetError::Quarantined { name: wanted.to_string(), registry: base.into() },
            cause => TargetError::Answer { url: Shown::from(&answer.url), cause },
        })?;
        Ok(package.value)
    }

    async fn ask_list(
        &self,
        endpoint: &Endpoint,
        wanted: &Wanted,
        configuration: Option<&Vec<u8>>,
    ) -> Result<(PackageName, Release), TargetError> {
        let registry = self.registry;
        let package = self.list(endpoint, &wanted.name, configuration).await?;
        let newest = || package.newest(registry);
        let release = match &wanted.version {
            Some(version) => package.named(registry, version),
            None => newest(),
        };
        let release = release.ok_or_else(|| TargetError::UnknownVersion {
            name: package.name.to_string(),
            version: wanted.version.as_ref().map_or_else(|| "at all".to_owned(), ToString::to_string),
            newest: newest().map(|release| release.version.to_string()),
        })?;
        Ok((package.name.clone(), release.clone()))
    }

    /// The configuration of a registry, asked once.
    async fn configuration(&self, base: &Url) -> Result<Option<Arc<Vec<u8>>>, TargetError> {
        let Some(request) = self.registry.configuration_request() else { return Ok(None) };
        let mut known = self.configurations.lock().await;
        if let Some(body) = known.get(base) {
            return Ok(Some(body.clone()));
        }
        let body = Arc::new(self.get(base, &request).await?.bytes);
        known.insert(base.clone(), body.clone());
        Ok(Some(body))
    }

    /// The artifacts to analyse: those that the purl's qualifiers name, or those that tell most.
    fn choose(&self, wanted: &Wanted, name: PackageName, release: &Release) -> Result<Resolved, TargetError> {
        let platform = |artifact: &Artifact, wanted: &str| match &artifact.kind {
            ArtifactKind::Gem { platform } => platform.as_deref().unwrap_or("ruby") == wanted,
            _ => false,
        };
        let (artifacts, what): (Vec<&Artifact>, String) = if let Some(file) = wanted.qualifiers.get("file_name") {
            (release.artifacts.iter().filter(|one| one.file_name == *file).collect(), format!("file named {file}"))
        } else if let Some(wanted) = wanted.qualifiers.get("platform") {
            (release.artifacts.iter().filter(|one| platform(one, wanted)).collect(), format!("gem for {wanted}"))
        } else {
            (self.registry.select(release), "file".into())
        };
        if artifacts.is_empty() {
            return Err(TargetError::NoArtifact {
                name: name.to_string(),
                version: release.version.to_string(),
                wanted: what,
                present: release.artifacts.iter().take(20).map(|one| one.file_name.clone()).collect(),
            });
        }
        let mut notes: Vec<_> =
            release.yanked.iter().map(|reason| format!("the registry marks this release: {reason}")).collect();
        for one in artifacts.iter().filter(|one| one.checksum.is_none()) {
            notes
                .push(format!("the registry publishes no hash for {}: its bytes could not be verified", one.file_name));
        }
        let release = ReleaseId { ecosystem: wanted.ecosystem, name, version: release.version.clone() };
        Ok(Resolved { release, artifacts: artifacts.into_iter().cloned().collect(), notes })
    }
}

fn page<'a>(base: &'a Url, answer: &'a Answer, configuration: Option<&'a Vec<u8>>) -> Page<'a> {
    Page {
        url: &answer.url,
        base,
        content_type: &answer.content_type,
        body: &answer.bytes,
        configuration: configuration.map(Vec::as_slice),
    }
}
