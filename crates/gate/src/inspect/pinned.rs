//! Releases as a lockfile pins them: exactly the files with these hashes, and what is thought of them.

use ecosystem::{Artifact, ArtifactKind, Release, Wanted};
use model::{Algorithm, Analysis, Checksum, Ecosystem, ReleaseId};
use net::{Cache, NetError, Shown};
use url::Url;

use super::{
    Analyst, Inspector, Loaded, TargetError,
    inspector::{label, target},
    memory::{self, Found, Known},
    source::Source,
};

/// A release that a file of a project pins.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The release.
    pub release: ReleaseId,
    /// What its files may hash to; empty when nothing is pinned.
    pub checksums: Vec<Checksum>,
    /// Where the project's file says it is.
    pub address: Option<Url>,
}

/// What came of a pinned release.
#[derive(Debug)]
pub struct Examined {
    /// One analysis for each file that was looked at.
    pub analyses: Vec<Analysis>,
    /// The names of the pinned files that were not looked at: there are too many of them.
    pub left: Vec<String>,
    /// What the registry says, when it withdrew the release.
    pub withdrawn: Option<String>,
    /// Whether the bytes are those that the project pins.
    pub verified: bool,
}

/// What a registry gave.
struct Fetched {
    loaded: Vec<Loaded>,
    left: Vec<String>,
    withdrawn: Option<String>,
}

/// So many files of one release are looked at.
const MAX_FILES: usize = 6;
/// So many bytes of one release are downloaded, as far as the registry says their size before.
const MAX_BYTES: u64 = 512 << 20;

impl<A: Analyst> Inspector<A> {
    /// Whether the user's own configuration leads to this address for packages of the ecosystem; nothing when no registry
    /// for it is known.
    pub async fn knows(&self, ecosystem: Ecosystem, url: &Url) -> Option<bool> {
        let source = self.source(ecosystem).await.ok()?;
        let any = source.discovered.endpoints.iter().any(|one| one.ecosystem == ecosystem);
        any.then(|| source.knows(url))
    }

    /// Looks at the files that are pinned. Bytes with another hash are never analysed as if they were right.
    pub async fn examine(&self, pinned: &Pinned, offline: bool) -> Result<Examined, TargetError> {
        let key = self.pinned_key(pinned).await?;
        let _turn = self.turn(&key).await;
        if let Some(cache) = self.options.cache.as_ref().filter(|_| !self.options.fresh)
            && let Some(found) = memory::recall_pinned(cache, &key)
            && let Some(examined) = self.recalled(cache, pinned, found).await
        {
            return Ok(examined);
        }
        if offline {
            return Err(TargetError::Offline);
        }
        let Fetched { loaded, left, withdrawn } = self.fetch(pinned).await?;
        let known = |one: &Loaded| Known { file_name: one.target.file_name.clone(), sha256: one.sha256 };
        let artifacts = loaded.iter().map(known).collect();
        let found = Found { artifacts, left: left.clone(), withdrawn: withdrawn.clone() };
        let cache = self.options.cache.as_ref();
        let mut analyses = Vec::new();
        for one in loaded {
            cache.into_iter().for_each(|cache| _ = cache.keep_artifact(&one.bytes));
            analyses.push(self.analyse(one).await.0);
        }
        cache.into_iter().for_each(|cache| memory::remember_pinned(cache, &key, &found));
        Ok(Examined { analyses, left, withdrawn, verified: !pinned.checksums.is_empty() })
    }

    /// Hashes say which bytes are meant, whatever registry has them. Without them, the registries are a part of the key.
    async fn pinned_key(&self, pinned: &Pinned) -> Result<String, TargetError> {
        let mut checksums: Vec<String> = pinned.checksums.iter().map(ToString::to_string).collect();
        checksums.sort();
        let is_strong = pinned.checksums.iter().all(|one| one.algorithm() >= Algorithm::Sha256);
        if is_strong && !checksums.is_empty() {
            return Ok(format!("{} pinned to {}", pinned.release, checksums.join(" ")));
        }
        let source = self.source(pinned.release.ecosystem).await?;
        let endpoints = source.endpoints(&wanted(pinned))?;
        let endpoints: Vec<&str> = endpoints.iter().map(|one| one.url.as_str()).collect();
        Ok(format!("{} pinned to {} of {}", pinned.release, checksums.join(" "), endpoints.join(" ")))
    }

    /// What is remembered, when all of it is. Bytes are read only where no analysis is kept.
    async fn recalled(&self, cache: &Cache, pinned: &Pinned, found: Found) -> Option<Examined> {
        let mut analyses = Vec::new();
        for one in &found.artifacts {
            let target = target(&pinned.release, &one.file_name);
            let key = memory::analysis_key(one.sha256, self.analyst.ruleset(), &target);
            let kept = memory::recall_analysis(cache, &key).filter(|_| !self.analyst.summarises());
            let mut analysis = match kept {
                Some(analysis) => analysis,
                None => {
                    let label = label(&pinned.release, &one.file_name, found.artifacts.len());
                    let (release, bytes) = (Some(pinned.release.clone()), cache.artifact(one.sha256)?);
                    let (notes, gaps) = (Vec::new(), Vec::new());
                    let loaded = Loaded { target, label, release, bytes, sha256: one.sha256, notes, gaps };
                    self.analyse(loaded).await.0
                }
            };
            analysis.verdict.artifact.release = Some(pinned.release.clone());
            analyses.push(analysis);
        }
        let (Found { left, withdrawn, .. }, verified) = (found, !pinned.checksums.is_empty());
        (!analyses.is_empty()).then_some(Examined { analyses, left, withdrawn, verified })
    }

    async fn fetch(&self, pinned: &Pinned) -> Result<Fetched, TargetError> {
        let source = self.source(pinned.release.ecosystem).await?;
        if let Some(loaded) = self.direct(&source, pinned).await? {
            return Ok(Fetched { loaded: vec![loaded], left: Vec::new(), withdrawn: None });
        }
        let (_, release, registry) = source.release(&wanted(pinned)).await?;
        let (artifacts, left) = choose(&source, &release, pinned, &registry)?;
        let mut loaded = Vec::new();
        for artifact in artifacts {
            let bytes = source.download(artifact, self.options.limit).await?;
            verify(pinned, artifact, &bytes, &registry)?;
            loaded.push(from_bytes(&pinned.release, &artifact.file_name, bytes));
        }
        Ok(Fetched { loaded, left, withdrawn: release.yanked })
    }

    /// The one file of an npm release from where the lockfile says it is, when that is a registry of the user's: it saves
    /// asking for the metadata. Hosts that only the lockfile knows are not asked.
    async fn direct(&self, source: &Source, pinned: &Pinned) -> Result<Option<Loaded>, TargetError> {
        let strong = pinned.checksums.iter().filter(|one| one.algorithm() >= Algorithm::Sha256);
        let (Some(address), Some(checksum)) = (&pinned.address, strong.max_by_key(|one| one.algorithm())) else {
            return Ok(None);
        };
        if pinned.release.ecosystem != Ecosystem::Npm || !source.knows(address) {
            return Ok(None);
        }
        match source.get_pinned(address, checksum, self.options.limit).await {
            Ok(bytes) => {
                let name = pinned.release.name.as_str();
                let file = format!("{}-{}.tgz", name.rsplit('/').next().unwrap_or(name), pinned.release.version);
                Ok(Some(from_bytes(&pinned.release, &file, bytes)))
            }
            // The metadata may know a better place.
            Err(NetError::NotFound { .. }) => Ok(None),
            Err(NetError::Mismatch { url, found, .. }) => Err(mismatch(pinned, url, short(&found))),
            Err(error) => Err(error.into()),
        }
    }
}

fn wanted(pinned: &Pinned) -> Wanted {
    let ReleaseId { ecosystem, name, version } = pinned.release.clone();
    Wanted { ecosystem, name, version: Some(version), qualifiers: Default::default() }
}

fn from_bytes(release: &ReleaseId, file_name: &str, bytes: Vec<u8>) -> Loaded {
    Loaded {
        target: target(release, file_name),
        label: release.to_string(),
        release: Some(release.clone()),
        sha256: net::sha256(&bytes),
        bytes,
        notes: Vec::new(),
        gaps: Vec::new(),
    }
}

fn mismatch(pinned: &Pinned, registry: Shown, found: String) -> TargetError {
    let mut pins: Vec<String> = pinned.checksums.iter().take(3).map(short).collect();
    if pinned.checksums.len() > pins.len() {
        pins.push(format!("{} more", pinned.checksums.len() - pins.len()));
    }
    TargetError::Pinned {
        name: pinned.release.name.to_string(),
        version: pinned.release.version.to_string(),
        registry,
        pinned: pins.join(", "),
        found,
    }
}

/// As much of a hash as tells it from another.
fn short(checksum: &Checksum) -> String {
    let whole = checksum.to_string();
    let digits = whole.find(':').map_or(0, |at| at + 1);
    format!("{}...", &whole[..whole.len().min(digits + 16)])
}

/// The files that are pinned, the most telling first, and the names of those for which the budget does not last.
fn choose<'r>(
    source: &Source,
    release: &'r Release,
    pinned: &Pinned,
    registry: &Shown,
) -> Result<(Vec<&'r Artifact>, Vec<String>), TargetError> {
    let comparable = |one: &Checksum| pinned.checksums.iter().any(|pin| pin.algorithm() == one.algorithm());
    let fits = |one: &&Artifact| match &one.checksum {
        Some(published) if comparable(published) => pinned.checksums.contains(published),
        // Its bytes will tell.
        _ => true,
    };
    let selected = source.registry().select(release);
    let mut files: Vec<&Artifact> =
        if pinned.checksums.is_empty() { selected.clone() } else { release.artifacts.iter().filter(fits).collect() };
    if files.is_empty() {
        let found: Vec<String> =
            release.artifacts.iter().filter_map(|one| one.checksum.as_ref()).take(3).map(short).collect();
        let found = if found.is_empty() { "no file at all".to_owned() } else { found.join(", ") };
        return Err(mismatch(pinned, registry.clone(), found));
    }
    files.sort_by_key(|one| {
        let is_selected = selected.iter().any(|other| other.file_name == one.file_name);
        (!is_selected, !fits_machine(one))
    });
    let (mut taken, mut left, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
    for one in files {
        bytes = bytes.saturating_add(one.size.unwrap_or(0));
        if taken.is_empty() || (taken.len() < MAX_FILES && bytes <= MAX_BYTES) {
            taken.push(one);
        } else {
            left.push(one.file_name.clone());
        }
    }
    Ok((taken, left))
}

/// Whether a file that is built for one platform is built for this one, as far as its name tells.
fn fits_machine(artifact: &Artifact) -> bool {
    let system = match std::env::consts::OS {
        "macos" => "macosx",
        "windows" => "win",
        other => other,
    };
    let is_built = matches!(artifact.kind, ArtifactKind::Wheel { pure: false } | ArtifactKind::Gem { .. });
    let name = artifact.file_name.to_ascii_lowercase();
    !is_built || (name.contains(system) && name.contains(std::env::consts::ARCH))
}

/// What the registry publishes may be a hash of another kind than the pinned ones.
fn verify(pinned: &Pinned, artifact: &Artifact, bytes: &[u8], registry: &Shown) -> Result<(), TargetError> {
    let published = artifact.checksum.iter().any(|one| pinned.checksums.contains(one));
    let is_right = |pin: &Checksum| net::hash(pin.algorithm(), bytes) == *pin;
    if pinned.checksums.is_empty() || published || pinned.checksums.iter().any(is_right) {
        return Ok(());
    }
    let algorithm = pinned.checksums.iter().map(Checksum::algorithm).max().unwrap_or(Algorithm::Sha256);
    Err(mismatch(pinned, registry.clone(), short(&net::hash(algorithm, bytes))))
}
