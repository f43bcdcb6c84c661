use net::{Credential, Credentials, Secret, Shown};
use url::Url;

#[test]
fn secrets_cannot_be_printed() {
    let secret = Secret::new("hunter2");
    assert_eq!(format!("{secret} {secret:?} {secret:#?}"), "*** *** ***");
    let url = Url::parse("https://registry.example/npm/").expect("an address");
    let mut credentials = Credentials::default();
    credentials.add(Credential::basic(&url, "somebody", "hunter2").expect("a host"));
    let printed = format!("{credentials:?}");
    assert!(!printed.contains("hunter2") && !printed.contains("c29tZWJvZHk6aHVudGVyMg"), "{printed}");
    assert_eq!(credentials.places().collect::<Vec<_>>(), ["registry.example/npm/"]);
}

#[test]
fn addresses_are_shown_without_what_is_secret() {
    let url = Url::parse("https://user:hunter2@registry.example/a?token=hunter2#hunter2").expect("an address");
    assert_eq!(Shown::from(&url).to_string(), "https://registry.example/a?***");
    let plain = Url::parse("https://registry.example/a").expect("an address");
    assert_eq!(Shown::from(&plain).to_string(), "https://registry.example/a");
}

#[test]
fn users_in_addresses_become_credentials() {
    let mut url = Url::parse("https://us%40er:pa%2Fss+1@registry.example/simple/").expect("an address");
    let mut credentials = Credentials::default();
    credentials.take_from(&mut url);
    assert_eq!(url.as_str(), "https://registry.example/simple/");
    let expected = Credential::basic(&Url::parse("https://registry.example/").expect("an address"), "us@er", "pa/ss+1");
    let mut wanted = Credentials::default();
    wanted.add(expected.expect("a host"));
    assert_eq!(credentials.places().collect::<Vec<_>>(), wanted.places().collect::<Vec<_>>());
}
