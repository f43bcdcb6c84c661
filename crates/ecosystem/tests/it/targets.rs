use ecosystem::{Wanted, WantedError, registry};
use model::Ecosystem;

fn wanted(text: &str) -> String {
    match Wanted::parse(text) {
        Ok(wanted) => {
            let version = wanted.version.map(|version| format!(" @ {version}")).unwrap_or_default();
            let qualifiers: String = wanted.qualifiers.iter().map(|(key, value)| format!(" {key}={value}")).collect();
            format!("{} {}{version}{qualifiers}", wanted.ecosystem, wanted.name)
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn purls_and_short_forms_name_packages() {
    let table = [
        ("pkg:npm/express@4.18.2", "npm express @ 4.18.2"),
        ("pkg:npm/express", "npm express"),
        ("pkg:npm/%40scope/name@1.2.3", "npm @scope/name @ 1.2.3"),
        ("pkg:npm/@scope/name@1.2.3", "npm @scope/name @ 1.2.3"),
        ("pkg:npm/%40Scope/JSONStream", "npm @Scope/JSONStream"),
        ("PKG:npm/JSONStream@1.3.5", "npm JSONStream @ 1.3.5"),
        ("pkg:pypi/Zope.Interface@5.0", "pypi zope-interface @ 5.0"),
        ("pkg:pypi/a__b--c", "pypi a-b-c"),
        ("pkg:pypi/x@1.0?file_name=x-1.0.zip", "pypi x @ 1.0 file_name=x-1.0.zip"),
        ("pkg:cargo/serde@1.0.0%2Bbuild", "cargo serde @ 1.0.0+build"),
        ("pkg:gem/nokogiri@1.15.0?platform=java", "gem nokogiri @ 1.15.0 platform=java"),
        ("npm:express@4.18.2", "npm express @ 4.18.2"),
        ("npm:@scope/name", "npm @scope/name"),
        ("npm:@scope/name@next", "npm @scope/name @ next"),
        ("pypi:Requests==2.31.0", "pypi requests @ 2.31.0"),
        (" crates:serde ", "cargo serde"),
        ("rubygems:rake@13.0", "gem rake @ 13.0"),
    ];
    for (text, expected) in table {
        assert_eq!(wanted(text), expected, "{text}");
    }
}

#[test]
fn every_mistake_has_its_own_sentence() {
    let table = [
        ("pkg:", "it has no type or no name"),
        ("pkg:npm", "it has no type or no name"),
        ("pkg:npm/", "is not a package URL"),
        ("pkg:maven/a/b@1", "\"maven\" is not an ecosystem"),
        ("pkg:pypi/group/name", "pypi has no namespaces"),
        ("pkg:npm/a@1#lib", "a subpath cannot be inspected alone"),
        ("pkg:npm/a@", "is not a package URL"),
        ("npm:", "a part of it is empty"),
        ("npm:a@", "cannot be a version"),
        ("npm:a b", "npm allows only"),
        ("npm:.hidden", "it starts with a dot"),
        ("npm:@scope", "a scope needs a name"),
        ("npm:../../etc/passwd", "npm allows only"),
        ("npm:a@../../b", "cannot be a version"),
        ("cargo:a.b", "crate names have"),
        ("cargo:", "1 to 64 characters"),
        ("gem:-x", "no gem name starts with"),
        ("pypi:-x-", "must start and end"),
        ("express", "names no package"),
        ("", "names no package"),
    ];
    for (text, part) in table {
        let error = Wanted::parse(text).map(|wanted| format!("{wanted:?}")).expect_err(text);
        // The error of packageurl itself may stand for an empty version.
        let fine = error.to_string().contains(part) || matches!(error, WantedError::Version(_) if text.ends_with('@'));
        assert!(fine, "{text}: {error}");
    }
}

#[test]
fn a_release_prints_as_the_purl_that_names_it() {
    for text in ["pkg:npm/%40scope/JSONStream@1.0.0", "pkg:cargo/serde@1.0.0%2Bb", "pkg:pypi/a-b@1!2.0"] {
        let wanted = Wanted::parse(text).expect(text);
        let release = model::ReleaseId {
            ecosystem: wanted.ecosystem,
            name: wanted.name.clone(),
            version: wanted.version.clone().expect("the text has a version"),
        };
        assert_eq!(Wanted::parse(&release.to_string()).as_ref(), Ok(&wanted), "{release}");
    }
}

#[test]
fn the_list_of_registries_is_complete() {
    let listed: Vec<_> = ecosystem::REGISTRIES.iter().map(|one| one.ecosystem()).collect();
    assert_eq!(listed, Ecosystem::ALL);
    for ecosystem in Ecosystem::ALL {
        assert_eq!(registry(ecosystem).ecosystem(), ecosystem);
    }
}
