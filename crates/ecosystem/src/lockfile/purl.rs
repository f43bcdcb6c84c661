//! Packages named by purls, as bills of materials do it.

use model::{Dependency, Ecosystem, PackageType, Source};

use crate::{package::decode_percent, registry};

/// The package of a purl, with its version where it has one. Nothing, when the text is none.
///
/// It is more lenient than the specification: a bill of materials that is written badly still names its packages.
pub fn purl(text: &str) -> Option<Dependency> {
    let text = text.trim();
    let scheme = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("pkg:"))?;
    let rest = text[scheme.len()..].trim_start_matches('/');
    let rest = rest.split(['?', '#']).next().unwrap_or(rest).trim_end_matches('/');
    let (kind, rest) = rest.split_once('/')?;
    let kind = PackageType::new(kind);
    // An `@` in the namespace is a scope that should have been escaped.
    let at = rest.rfind('@').filter(|at| *at > rest.rfind('/').map_or(0, |slash| slash + 1));
    let (name, version) = at.map_or((rest, ""), |at| (&rest[..at], &rest[at + 1..]));
    let name = decode_percent(name);
    (!name.is_empty()).then(|| {
        let name = named(&kind, &name);
        Dependency::new(kind, name).version(&decode_percent(version)).source(Source::Registry(None))
    })
}

/// The name as graphs have it: Java's namespace ends with a colon, and each ecosystem has one spelling of a name.
pub(super) fn named(kind: &PackageType, name: &str) -> String {
    if *kind == PackageType::MAVEN {
        return match name.rsplit_once('/') {
            Some((group, artifact)) => format!("{}:{artifact}", group.replace('/', ".")),
            None => name.to_owned(),
        };
    }
    let known: Option<Ecosystem> = kind.ecosystem();
    let normalised = known.and_then(|ecosystem| registry(ecosystem).name(name).ok());
    normalised.map_or_else(|| name.to_owned(), |name| name.as_str().to_owned())
}
