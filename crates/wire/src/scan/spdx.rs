//! The scan as a bill of materials in SPDX 2.3: packages, who depends on whom, and verdicts as annotations.
//! <https://spdx.github.io/spdx-spec/v2.3/>

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    Format, Package, Scan, is_expression,
    statement::{checked, decisive, document_id, id, last_line, place, places, statements, waived},
};
use crate::{
    report::write_visible,
    text::{iri, visible},
};

/// SPDX 2.3 in JSON.
#[derive(Debug, Clone, Copy)]
pub struct Spdx;

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const PROJECT: &str = "SPDXRef-Project";
const NOTHING: &str = "NOASSERTION";

impl Format for Spdx {
    fn name(&self) -> &'static str {
        "spdx"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_visible(&document(scan), out)
    }
}

fn document(scan: &Scan<'_>) -> Value {
    let ids: Vec<String> = scan.packages.iter().enumerate().map(|(at, one)| package_id(at, one)).collect();
    let mut packages = vec![json!({
        "SPDXID": PROJECT,
        "name": scan.project,
        "downloadLocation": NOTHING,
        "filesAnalyzed": false,
        "primaryPackagePurpose": "APPLICATION",
        "annotations": [annotation(scan, &last_line(scan))],
    })];
    packages.extend(scan.packages.iter().zip(&ids).map(|(one, id)| package(scan, one, id)));
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": scan.project,
        "documentNamespace": format!("https://spdx.org/spdxdocs/lazaret-{}", document_id("spdx", scan)),
        "creationInfo": { "created": moment(scan), "creators": [tool(scan)] },
        "documentDescribes": [PROJECT],
        "packages": packages,
        "relationships": relationships(scan, &ids),
    })
}

/// An identifier of letters and digits, made of the purl. The number keeps apart what has the same.
fn package_id(at: usize, package: &Package) -> String {
    format!("SPDXRef-Package-{at}-{}", &id(&["spdx", &package.purl])[..8])
}

fn tool(scan: &Scan<'_>) -> String {
    format!("Tool: lazaret-{}", scan.version)
}

/// The time of the report without fractions of a second, which SPDX does not know.
fn moment(scan: &Scan<'_>) -> String {
    format!("{}Z", scan.made.get(..19).unwrap_or(scan.made))
}

fn annotation(scan: &Scan<'_>, comment: &str) -> Value {
    json!({
        "annotationDate": moment(scan),
        "annotationType": "REVIEW",
        "annotator": tool(scan),
        "comment": visible(comment),
    })
}

fn package(scan: &Scan<'_>, one: &Package, id: &str) -> Value {
    let license = one.license.as_deref().filter(|text| is_expression(text)).unwrap_or(NOTHING);
    let mut package = json!({
        "SPDXID": id,
        "name": one.name,
        "downloadLocation": one.address.as_deref().map_or_else(|| NOTHING.into(), iri),
        "filesAnalyzed": false,
        "licenseConcluded": NOTHING,
        "licenseDeclared": license,
        "copyrightText": NOTHING,
        "primaryPackagePurpose": "LIBRARY",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": iri(&one.purl),
        }],
        "annotations": annotations(scan, one),
    });
    if let Some(version) = &one.version {
        package["versionInfo"] = version.as_str().into();
    }
    let checksums = one.checksums.iter().map(|checksum| {
        let text = checksum.to_string();
        let (algorithm, digits) = text.split_once(':').unwrap_or_default();
        json!({ "algorithm": algorithm.to_uppercase(), "checksumValue": digits })
    });
    let checksums: Vec<Value> = checksums.collect();
    if !checksums.is_empty() {
        package["checksums"] = checksums.into();
    }
    let places: Vec<String> = places(scan, one).into_iter().map(place).collect();
    if !places.is_empty() {
        package["sourceInfo"] = format!("named in {}", places.join(", ")).into();
    }
    package
}

fn annotations(scan: &Scan<'_>, one: &Package) -> Vec<Value> {
    let verdict = format!("lazaret: {}, {}; policy: {}", one.decision, checked(one), one.ruling.answer);
    let mut all = vec![annotation(scan, &verdict)];
    all.extend(decisive(&one.ruling).map(|why| annotation(scan, &format!("lazaret: {why}"))));
    all.extend(waived(&one.ruling).map(|why| annotation(scan, &format!("lazaret: {why}"))));
    all.extend(statements(one).iter().map(|said| annotation(scan, &format!("lazaret {}: {}", said.code, said.text))));
    all
}

fn relationships(scan: &Scan<'_>, ids: &[String]) -> Vec<Value> {
    let link = |from: &str, kind: &str, to: &str| json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to });
    let mut all = vec![link(DOCUMENT, "DESCRIBES", PROJECT)];
    for (package, id) in scan.packages.iter().zip(ids).filter(|(one, _)| one.direct) {
        all.push(match (package.dev, package.optional) {
            (true, _) => link(id, "DEV_DEPENDENCY_OF", PROJECT),
            (_, true) => link(id, "OPTIONAL_DEPENDENCY_OF", PROJECT),
            _ => link(PROJECT, "DEPENDS_ON", id),
        });
    }
    let edges = scan.edges.iter().filter_map(|(from, to)| Some((ids.get(*from)?, ids.get(*to)?)));
    all.extend(edges.map(|(from, to)| link(from, "DEPENDS_ON", to)));
    all
}
