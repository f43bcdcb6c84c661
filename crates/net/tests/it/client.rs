use std::time::Duration;

use model::{Algorithm, Checksum};
use net::{Client, Credential, Credentials, Fetch, NetError, Options};
use testkit::registry::{Fault, Published, Registry};
use url::Url;

const BYTES: &[u8] = b"the bytes of a package, enough of them that half is a part";

fn registry() -> (Registry, Url) {
    let registry = Registry::start();
    registry.publish(Published::new("npm", "thing", "1.0.0", BYTES));
    let url = registry.url("npm").parse::<Url>().expect("an address").join("files/thing-1.0.0.tgz").expect("a path");
    (registry, url)
}

fn options() -> Options {
    Options {
        first_pause: Duration::from_millis(1),
        longest_wait: Duration::from_secs(2),
        retries: 2,
        ..Options::default()
    }
}

async fn get(url: &Url) -> Result<Vec<u8>, NetError> {
    get_with(url, Credentials::default(), None).await
}

async fn get_with(url: &Url, credentials: Credentials, checksum: Option<&Checksum>) -> Result<Vec<u8>, NetError> {
    let client = Client::new(options(), credentials).expect("a client");
    Ok(client.get(&Fetch { url, accept: "*/*", limit: 1000, checksum }).await?.bytes)
}

#[tokio::test]
async fn passing_troubles_are_tried_again() {
    for fault in [Fault::Status(503), Fault::RetryAfter(429, "0".into()), Fault::Truncated, Fault::Reset] {
        let (registry, url) = registry();
        registry.fail("thing", fault.clone(), 1);
        assert_eq!(get(&url).await.as_deref(), Ok(BYTES), "{fault:?}");
        assert_eq!(registry.seen().len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn every_cause_has_its_sentence() {
    let table = [
        (Fault::Status(404), "does not exist (HTTP 404)", 1),
        (Fault::Status(401), "it may want credentials, and none are configured", 1),
        (Fault::Status(403), "refuses access (HTTP 403)", 1),
        (Fault::Status(418), "answered with HTTP status 418", 1),
        (Fault::Status(500), "is out of order (HTTP 500); try again later", 3),
        (Fault::RetryAfter(429, "3600".into()), "asks to slow down (HTTP 429) for 3600 seconds", 1),
        (Fault::Status(429), "asks to slow down (HTTP 429); try again later", 3),
        (Fault::Truncated, "broke off after 29 bytes", 3),
        (Fault::Redirect("ftp://files.example/x".into()), "to something that is no web address", 1),
    ];
    for (fault, sentence, requests) in table {
        let (registry, url) = registry();
        registry.fail("thing", fault.clone(), 9);
        let error = get(&url).await.expect_err(sentence).to_string();
        assert!(error.contains(sentence), "{fault:?}: {error}");
        assert_eq!(registry.seen().len(), requests, "{fault:?}");
    }
}

#[tokio::test]
async fn silence_is_a_time_out() {
    let (registry, url) = registry();
    registry.fail("thing", Fault::Slow(Duration::from_secs(3600)), 9);
    let options = Options { idle_timeout: Duration::from_millis(50), retries: 1, ..options() };
    let client = Client::new(options, Credentials::default()).expect("a client");
    let error = client.get(&Fetch { url: &url, accept: "*/*", limit: 1000, checksum: None }).await;
    assert!(error.expect_err("nothing comes").to_string().contains("did not answer in time"));
    assert_eq!(registry.seen().len(), 2);
}

#[tokio::test]
async fn unreachable_hosts_have_their_sentences() {
    let (registry, mut url) = registry();
    drop(registry);
    let error = get(&url).await.expect_err("nobody listens").to_string();
    assert!(error.contains("no connection to"), "{error}");
    url.set_host(Some("registry.invalid")).expect("a host");
    let error = get(&url).await.expect_err("no such host").to_string();
    assert!(error.contains("cannot be found"), "{error}");
}

#[tokio::test]
async fn a_plain_server_gets_no_secure_connection() {
    let (_registry, url) = registry();
    let url = Url::parse(&url.as_str().replace("http:", "https:")).expect("an address");
    let error = get(&url).await.expect_err("it speaks no TLS");
    assert!(matches!(error, NetError::Tls { .. } | NetError::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn hashes_are_verified() {
    let (registry, url) = registry();
    for algorithm in Algorithm::ALL {
        let right = net::hash(algorithm, BYTES);
        assert_eq!(get_with(&url, Credentials::default(), Some(&right)).await.as_deref(), Ok(BYTES), "{right}");
        registry.fail("thing", Fault::Garbled, 1);
        let error = get_with(&url, Credentials::default(), Some(&right)).await.expect_err("other bytes");
        assert!(matches!(error, NetError::Mismatch { .. }), "{error}");
        assert!(error.to_string().contains("do not use them"));
    }
    let asked = registry.seen();
    assert!(asked.iter().all(|one| one.header("accept-encoding") == Some("identity")));
    assert!(asked[0].header("user-agent").is_some_and(|agent| agent.starts_with("lazaret/")));
}

#[tokio::test]
async fn limits_hold_whatever_the_server_promises() {
    let (_registry, url) = registry();
    let client = Client::new(options(), Credentials::default()).expect("a client");
    let error =
        client.get(&Fetch { url: &url, accept: "*/*", limit: 10, checksum: None }).await.expect_err("too large");
    assert!(error.to_string().contains("larger than the limit of 10 bytes"), "{error}");
}

#[tokio::test]
async fn credentials_stay_with_their_host_also_across_redirects() {
    let (own, url) = registry();
    let (other, foreign) = registry();
    let mut credentials = Credentials::default();
    let base = own.url("npm").parse::<Url>().expect("an address");
    credentials.add(Credential::bearer(&base, "hunter2").expect("a host"));

    get_with(&url, credentials.clone(), None).await.expect("the file");
    assert_eq!(own.seen()[0].header("authorization"), Some("Bearer hunter2"));

    own.forget();
    own.fail("thing", Fault::Redirect(foreign.to_string().replace("http://", "http://user:pass@")), 1);
    get_with(&url, credentials.clone(), None).await.expect("the file, from elsewhere");
    assert_eq!(own.seen()[0].header("authorization"), Some("Bearer hunter2"));
    assert_eq!(other.seen().len(), 1);
    assert_eq!(other.seen()[0].header("authorization"), None);

    // The same host, but not under the path for which the token is.
    own.forget();
    let elsewhere = url.join("/pypi/simple/thing/").expect("a path");
    let _ = get_with(&elsewhere, credentials, None).await;
    assert_eq!(own.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn redirects_come_to_an_end() {
    let (registry, url) = registry();
    registry.fail("thing", Fault::Redirect(url.to_string()), 99);
    let error = get(&url).await.expect_err("a circle").to_string();
    assert!(error.contains("too many"), "{error}");
    assert_eq!(registry.seen().len(), 6);
}
