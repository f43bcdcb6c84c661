//! What lies on the disk after the command: what did not come through the registry on loopback is looked at now.

use futures_util::{StreamExt, stream};
use url::Url;

use super::managers::Installed;
use crate::{
    inspect::Analyst,
    proxy::{Proxy, Release},
};

/// How many files are looked at at a time.
const AT_ONCE: usize = 8;

/// Checks what was installed. The manager's cache may hold what nobody here has seen.
pub(super) async fn check<A: Analyst>(proxy: &Proxy<A>, installed: Vec<Installed>) {
    let unseen = installed.into_iter().filter(|one| {
        let Installed { kind, name, version, checksums, .. } = one;
        let release = Release { kind, name, version, published: None, checksums };
        let purl = model::Dependency::new(kind.clone(), name.clone()).version(version).purl();
        if let Err(why) = proxy.desk.list(&release) {
            proxy.desk.ledger.block(&purl, why);
            return false;
        }
        let seen = proxy.desk.ledger.has(&purl);
        if !seen {
            proxy.desk.ledger.present(kind, name, version);
        }
        !seen && !one.pinned
    });
    let unseen: Vec<Installed> = unseen.collect();
    stream::iter(unseen).for_each_concurrent(AT_ONCE, |one| look(proxy, one)).await;
}

async fn look<A: Analyst>(proxy: &Proxy<A>, one: Installed) {
    let Installed { kind, name, version, address, checksums, .. } = one;
    let url = address.as_deref().and_then(|address| Url::parse(address).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let release = Release { kind: &kind, name: &name, version: &version, published: None, checksums: &checksums };
    proxy.look_at(&release, url).await;
}
