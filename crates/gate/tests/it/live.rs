//! Against the registries that this machine's own clients know. Run by hand: `cargo test -p gate live -- --ignored`.

use std::sync::Arc;

use gate::inspect::{Inspector, Options, Spec};
use net::Environment;

use crate::fake::Counter;

#[tokio::test]
#[ignore = "needs the network"]
async fn live_packages_of_three_registries_are_verified() {
    let environment = Environment::of_process(None);
    let inspector = Arc::new(Inspector::new(Counter::default(), Options { cache: None, ..Options::new(environment) }));
    for (text, sha256) in [
        ("pkg:npm/express@4.18.2", "8a4a69997fb326bd5966256709dbce2acff6cd53e048fc017c28b8c85f91c37e"),
        ("pkg:cargo/semver@1.0.20", "836fa6a3e1e547f9a2c4040802ec865b5d85f4014efe00555d7090a3dcaa1090"),
        ("pkg:pypi/flask@2.0", "168e8507792cb8a3aa06afbe5d4d431d3e07c6318bc3893ceecb81aff09f848d"),
    ] {
        let parts = inspector.load(&Spec::parse(text).expect("a purl")).await.expect("the package");
        let first =
            parts.into_iter().next().expect("an artifact").unwrap_or_else(|(_, error)| panic!("{text}: {error}"));
        assert_eq!(first.sha256.to_string(), sha256, "{text}");
    }
}
