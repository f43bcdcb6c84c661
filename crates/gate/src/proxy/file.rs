//! A file on its way from a registry to a client.

use std::sync::Arc;

use model::{Checksum, PackageType};
use net::NetError;
use url::Url;

use super::{Cause, Proxy, Release, Why, desk::purl, reply::Reply};
use crate::inspect::Analyst;

/// A file that a listing or a lockfile named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The type of its package.
    pub kind: PackageType,
    /// The normalised name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The file's name.
    pub file_name: String,
    /// Where it is.
    pub url: Url,
    /// What it hashes to, as published.
    pub checksum: Option<Checksum>,
    /// When it was published, in seconds since 1970.
    pub published: Option<i64>,
}

impl Handed {
    /// Its purl.
    pub fn purl(&self) -> String {
        purl(&self.kind, &self.name, &self.version)
    }

    /// As a listing shows it.
    pub(super) fn release<'a>(&'a self, checksums: &'a [Checksum]) -> Release<'a> {
        let Self { kind, name, version, published, .. } = self;
        Release { kind, name, version, published: *published, checksums }
    }
}

impl<A: Analyst> Proxy<A> {
    /// The file, or why it may not be had. Nothing of it is released before all of it is there, has its published hash, and
    /// was looked at.
    pub(super) async fn gate(&self, file: &Arc<Handed>) -> Reply {
        self.pass(file, true).await
    }

    /// Looks at a file that a client has had from elsewhere: its own cache. The registry is asked only for what nobody here
    /// remembers.
    pub async fn look_at(&self, release: &Release<'_>, address: Option<Url>) {
        let Release { kind, name, version, published, checksums } = *release;
        let checksum = checksums.first().cloned();
        let file = |url| Handed {
            kind: kind.clone(),
            name: name.to_owned(),
            version: version.to_owned(),
            file_name: String::new(),
            url,
            checksum,
            published,
        };
        let found = match address {
            Some(url) => Some(Arc::new(file(url))),
            None if self.desk.remembers(checksums) => Url::parse("unset:").ok().map(file).map(Arc::new),
            None if *kind == PackageType::NPM => super::npm::file_of(self, name, version).await,
            None if *kind == PackageType::CARGO => super::cargo::file_of(self, name, version).await.ok(),
            None => None,
        };
        match found {
            // What is on the disk must not wait: it is there.
            Some(file) => _ = self.pass(&file, false).await,
            None => {
                let why = "it was there before, and nothing says where its file is";
                self.desk.ledger.unchecked(&purl(kind, name, version), why);
            }
        }
    }

    async fn pass(&self, file: &Handed, handed: bool) -> Reply {
        match self.bytes(file, handed).await {
            Ok(Ok(bytes)) => {
                self.desk.ledger.released(file, handed);
                Reply::new("application/octet-stream", bytes)
            }
            Ok(Err(why)) => {
                self.desk.ledger.blocked(file, &why);
                Reply::blocked(&file.purl(), &why)
            }
            Err(error) => {
                self.desk.ledger.failed(&file.purl(), &error.to_string());
                Reply::failed(&error)
            }
        }
    }

    async fn bytes(&self, file: &Handed, handed: bool) -> Result<Result<Vec<u8>, Why>, NetError> {
        let judged = match self.desk.announce(file).await {
            Ok(judged) => judged,
            Err(why) => return Ok(Err(why)),
        };
        if judged && !handed {
            return Ok(Ok(Vec::new()));
        }
        let bytes = match self.desk.held(file) {
            Some(bytes) => bytes,
            None => match self.upstream.file(&file.url, file.checksum.as_ref()).await {
                Err(error @ NetError::Mismatch { .. }) => {
                    return Ok(Err(Why::new(Cause::Bytes, error.to_string())));
                }
                other => other?,
            },
        };
        if judged { Ok(Ok(bytes)) } else { Ok(self.desk.examine(file, bytes).await) }
    }
}
