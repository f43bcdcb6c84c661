use ecosystem::{Artifact, ArtifactKind, Package, Page, ReadError, Release, registry};
use model::{Algorithm, Ecosystem, PackageName, Version};
use url::Url;

const CONFIG: &str =
    r#"{"dl": "https://files.example/{lowerprefix}/{crate}/{version}/{sha256-checksum}", "api": null}"#;

fn name(ecosystem: Ecosystem, text: &str) -> PackageName {
    registry(ecosystem).name(text).expect(text)
}

fn read(ecosystem: Ecosystem, package: &str, path: &str, body: &str) -> Result<(Package, Vec<String>), ReadError> {
    read_with(ecosystem, package, path, body, CONFIG)
}

fn read_with(
    ecosystem: Ecosystem,
    package: &str,
    path: &str,
    body: &str,
    configuration: &str,
) -> Result<(Package, Vec<String>), ReadError> {
    let base = Url::parse("https://registry.example/root/").expect("an address");
    let url = base.join(path).expect("a path");
    let page = Page {
        url: &url,
        base: &base,
        content_type: "",
        body: body.as_bytes(),
        configuration: Some(configuration.as_bytes()),
    };
    let parsed = registry(ecosystem).read_metadata(&name(ecosystem, package), &page)?;
    Ok((parsed.value, parsed.problems.into_iter().map(|problem| problem.code).collect()))
}

fn release<'a>(package: &'a Package, version: &str) -> &'a Release {
    package.releases.iter().find(|one| one.version.as_str() == version).expect(version)
}

fn checksum(artifact: &Artifact) -> Option<Algorithm> {
    artifact.checksum.as_ref().map(|checksum| checksum.algorithm())
}

#[test]
fn npm_packuments_are_read_with_what_mirrors_leave_out() {
    let body = include_str!("../../../../fixtures/npm/packument.json");
    let (package, problems) = read(Ecosystem::Npm, "example", "example", body).expect("a packument");
    let npm = registry(Ecosystem::Npm);
    assert_eq!(problems, ["release-without-artifact"; 3]);
    assert_eq!(package.newest(npm).expect("a newest").version.as_str(), "1.10.0");
    let deprecated = release(&package, "1.10.0");
    assert_eq!(deprecated.yanked.as_deref(), Some("deprecated: use another one"));
    assert_eq!(deprecated.artifacts[0].url.as_str(), "https://registry.example/example/-/example-1.10.0.tgz");
    assert_eq!(deprecated.artifacts[0].file_name, "example-1.10.0.tgz");
    assert_eq!(checksum(&deprecated.artifacts[0]), Some(Algorithm::Sha512));
    assert_eq!(checksum(&release(&package, "1.9.0").artifacts[0]), Some(Algorithm::Sha1));
    assert_eq!(checksum(&release(&package, "2.0.0-beta.1").artifacts[0]), None);
    let next = package.named(npm, &Version("next".into())).expect("a tag");
    assert_eq!(next.version.as_str(), "2.0.0-beta.1");
    assert!(package.named(npm, &Version("odd".into())).is_none());
}

#[test]
fn npm_asks_for_one_release_where_it_can() {
    let npm = registry(Ecosystem::Npm);
    let scoped = name(Ecosystem::Npm, "@scope/name");
    let base = Url::parse("https://registry.example/root").expect("an address");
    let address = |version: Option<&str>| {
        let version = version.map(|version| Version(version.into()));
        npm.release_request(&scoped, version.as_ref()).expect("npm has it").address(&base).to_string()
    };
    assert_eq!(npm.metadata_request(&scoped).address(&base).as_str(), "https://registry.example/root/@scope%2Fname");
    assert_eq!(address(Some("1.0.0+b")), "https://registry.example/root/@scope%2Fname/1.0.0%2Bb");
    assert_eq!(address(None), "https://registry.example/root/@scope%2Fname/latest");
    let body = br#"{"name": "other", "version": "1.0.0", "dist": {"tarball": "https://registry.example/x.tgz"}}"#;
    let page = Page { url: &base, base: &base, content_type: "", body, configuration: None };
    assert!(matches!(npm.read_release(&scoped, &page), Err(ReadError::Unexpected(_))));
    let release = npm.read_release(&name(Ecosystem::Npm, "other"), &page).expect("a release").value;
    assert_eq!(release.version.as_str(), "1.0.0");
}

#[test]
fn pypi_pages_are_read_in_html() {
    let body = include_str!("../../../../fixtures/pypi/simple.html");
    let (package, problems) = read(Ecosystem::Pypi, "My.Project", "simple/my-project/", body).expect("a page");
    let pypi = registry(Ecosystem::Pypi);
    assert_eq!(problems, ["release-without-version"]);
    let versions: Vec<_> = package.releases.iter().map(|one| one.version.as_str()).collect();
    assert_eq!(versions, ["1.0", "1.1rc1", "2.0", "2004d"]);
    assert_eq!(package.newest(pypi).expect("a newest").version.as_str(), "1.0");
    let one = release(&package, "1.0");
    let files: Vec<_> = one.artifacts.iter().map(|one| one.file_name.as_str()).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    assert_eq!(one.artifacts[0].url.as_str(), "https://registry.example/root/files/my-project-1.0.tar.gz");
    assert_eq!(checksum(&one.artifacts[0]), Some(Algorithm::Sha256));
    let chosen: Vec<_> = pypi.select(one).into_iter().map(|one| one.file_name.as_str()).collect();
    assert_eq!(chosen, ["my-project-1.0.tar.gz", "my_project-1.0.0-py3-none-any.whl"]);
    assert_eq!(release(&package, "1.1rc1").yanked.as_deref(), Some("yanked"));
    assert_eq!(release(&package, "2.0").yanked.as_deref(), Some("yanked: broken & bad"));
    assert_eq!(checksum(&release(&package, "2.0").artifacts[0]), Some(Algorithm::Md5));
}

#[test]
fn pypi_pages_are_read_in_json() {
    let body = include_str!("../../../../fixtures/pypi/simple.json");
    let (package, problems) = read(Ecosystem::Pypi, "my-project", "simple/my-project/", body).expect("a page");
    assert!(problems.is_empty(), "{problems:?}");
    let one = release(&package, "1.0");
    assert_eq!(one.artifacts[0].size, Some(4711));
    assert_eq!(
        one.artifacts[1].url.as_str(),
        "https://registry.example/root/simple/my-project/my_project-1.0-cp312-cp312-win_amd64.whl"
    );
    let chosen: Vec<_> = registry(Ecosystem::Pypi).select(one).into_iter().map(|one| one.file_name.as_str()).collect();
    assert_eq!(chosen, ["my_project-1.0.tar.gz", "my_project-1.0-py2.py3-none-any.whl"]);
}

#[test]
fn cargo_index_files_are_read() {
    let body = include_str!("../../../../fixtures/cargo/index.jsonl");
    let cargo = registry(Ecosystem::Cargo);
    let asked = name(Ecosystem::Cargo, "my_crate");
    assert_eq!(cargo.metadata_request(&asked).path, "my/_c/my_crate");
    for (short, path) in [("a", "1/a"), ("ab", "2/ab"), ("Abc", "3/a/abc")] {
        assert_eq!(cargo.metadata_request(&name(Ecosystem::Cargo, short)).path, path);
    }
    let (package, problems) = read(Ecosystem::Cargo, "my_crate", "my/_c/my_crate", body).expect("an index file");
    assert_eq!(problems, ["malformed-index-line"; 2]);
    // The index knows the one spelling under which it can be downloaded.
    assert_eq!(package.name.as_str(), "My-Crate");
    assert_eq!(package.newest(cargo).expect("a newest").version.as_str(), "1.0.0+build.5");
    assert_eq!(release(&package, "1.1.0").yanked.as_deref(), Some("yanked"));
    let url = release(&package, "1.0.0+build.5").artifacts[0].url.to_string();
    assert_eq!(
        url,
        "https://files.example/my/-c/My-Crate/1.0.0%2Bbuild.5/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    let plain = r#"{"dl": "https://files.example/dl/"}"#;
    let (package, _) = read_with(Ecosystem::Cargo, "my_crate", "x", body, plain).expect("an index file");
    assert_eq!(
        release(&package, "0.9.0").artifacts[0].url.as_str(),
        "https://files.example/dl/My-Crate/0.9.0/download"
    );
    let wrong = read_with(Ecosystem::Cargo, "my_crate", "x", body, r#"{"dl": "file:///tmp/{crate}"}"#);
    assert!(matches!(wrong, Err(ReadError::Malformed(_))));
}

#[test]
fn gem_index_files_are_read() {
    let body = include_str!("../../../../fixtures/gem/info.txt");
    let gem = registry(Ecosystem::Gem);
    let (package, problems) = read(Ecosystem::Gem, "thing", "info/thing", body).expect("an index file");
    assert_eq!(problems, ["malformed-index-line"]);
    assert_eq!(package.newest(gem).expect("a newest").version.as_str(), "1.10.0");
    let one = release(&package, "1.10.0");
    assert_eq!(one.artifacts.len(), 2);
    assert_eq!(gem.select(one)[0].file_name, "thing-1.10.0.gem");
    assert_eq!(one.artifacts[1].kind, ArtifactKind::Gem { platform: Some("java".into()) });
    assert_eq!(one.artifacts[1].url.as_str(), "https://registry.example/root/gems/thing-1.10.0-java.gem");
    assert_eq!(checksum(&one.artifacts[0]), Some(Algorithm::Sha256));
    let native = release(&package, "1.5.0");
    assert_eq!(gem.select(native)[0].file_name, "thing-1.5.0-x86_64-linux.gem");
    assert_eq!(checksum(&native.artifacts[0]), None);
}

#[test]
fn web_pages_and_nonsense_are_told_apart() {
    let login = "\n<!DOCTYPE HTML><html><body><a href=\"/login\">Log in</a></body></html>";
    for ecosystem in Ecosystem::ALL {
        let error = read(ecosystem, "thing", "thing", login).expect_err("a login page is no metadata");
        assert_eq!(error, ReadError::Html, "{ecosystem}");
    }
    for (ecosystem, body) in [
        (Ecosystem::Npm, "{\"versions\": {"),
        (Ecosystem::Npm, "\"text\""),
        (Ecosystem::Pypi, "{\"files\": 7}"),
        (Ecosystem::Cargo, "nonsense"),
        (Ecosystem::Gem, "nonsense"),
    ] {
        let error = read(ecosystem, "thing", "thing", body).expect_err(body);
        assert!(matches!(error, ReadError::Malformed(_)), "{ecosystem} {body}: {error}");
    }
    for (ecosystem, body) in [
        (Ecosystem::Npm, "{}"),
        (Ecosystem::Pypi, "{\"files\": []}"),
        (Ecosystem::Cargo, ""),
        (Ecosystem::Gem, "---\n"),
    ] {
        let error = read(ecosystem, "thing", "thing", body).expect_err(body);
        assert!(matches!(error, ReadError::Unexpected(_)), "{ecosystem} {body}: {error}");
    }
}

#[test]
fn packages_that_were_taken_away_are_told() {
    let json = r#"{"files": [], "project-status": {"status": "quarantined", "reason": "..."}}"#;
    let html = "<html><head><meta name=\"pypi:project-status\" content=\"quarantined\"><title>Links for x</title></head></html>";
    for body in [json, html] {
        assert_eq!(read(Ecosystem::Pypi, "x", "simple/x/", body), Err(ReadError::Quarantined), "{body}");
    }
    let body = r#"{"versions": {"0.0.1-security": {"dist": {"tarball": "/x.tgz"}}}}"#;
    let (package, _) = read(Ecosystem::Npm, "x", "x", body).expect("a packument");
    assert!(package.releases[0].yanked.as_ref().is_some_and(|reason| reason.contains("security reasons")));
}

#[test]
fn the_newest_is_what_a_client_would_take() {
    let newest = |lines: &[(&str, bool)]| {
        let hash = "0".repeat(64);
        let line = |(version, yanked): &(&str, bool)| {
            format!("{{\"name\":\"x\",\"vers\":\"{version}\",\"cksum\":\"{hash}\",\"yanked\":{yanked}}}\n")
        };
        let body: String = lines.iter().map(line).collect();
        let (package, _) = read(Ecosystem::Cargo, "x", "1/x", &body).expect("an index file");
        package.newest(registry(Ecosystem::Cargo)).map(|release| release.version.to_string())
    };
    assert_eq!(newest(&[("1.2.0", false), ("1.10.0", false), ("1.9.0", false)]).as_deref(), Some("1.10.0"));
    assert_eq!(newest(&[("1.0.0", false), ("2.0.0-rc.1", false), ("1.5.0", true)]).as_deref(), Some("1.0.0"));
    assert_eq!(newest(&[("1.0.0", true), ("2.0.0-rc.1", false)]).as_deref(), Some("2.0.0-rc.1"));
    assert_eq!(newest(&[("1.0.0", true), ("0.9.0", true)]).as_deref(), Some("1.0.0"));
}
