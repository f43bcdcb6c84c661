//! pip, also as `python -m pip`.

use model::{Algorithm, Checksum, Ecosystem, PackageType};
use serde_json::Value;

use super::{Call, Installed, Manager, Passage, Route};

/// pip.
pub(super) struct Pip;

impl Manager for Pip {
    fn programs(&self) -> &'static [&'static str] {
        &["pip", "pip3", "python", "python3", "py"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn is_direct(&self, call: &Call) -> bool {
        let is_module = || call.arguments.windows(2).any(|pair| pair[0] == "-m" && pair[1] == "pip");
        match call.program.as_str() {
            "pip" | "pip3" => call.is_one_of(&["config", "debug", "help", "completion", "cache", "hash", "inspect"]),
            _ => !is_module(),
        }
    }

    fn absorb(&self, call: &mut Call) -> Vec<(String, String)> {
        indexes(call, &["-i", "--index-url", "--pypi-url"])
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        lead(route, &mut passage);
        // pip says what it has installed, with hashes, also of what came from a cache.
        if !route.call.arguments.iter().any(|one| one.starts_with("--report")) {
            passage.set("PIP_REPORT", route.scratch.join(REPORT).display().to_string());
        }
        for file in route.call.clone().take(&["-r", "--requirement"]) {
            let text = std::fs::read_to_string(route.call.folder.join(&file)).unwrap_or_default();
            let option = |line: &&str| {
                ["--index-url", "-i ", "--extra-index-url", "--find-links", "-f "]
                    .iter()
                    .any(|one| line.starts_with(one))
            };
            if let Some(line) = text.lines().map(str::trim).find(option) {
                let option = line.split([' ', '=']).next().unwrap_or_default();
                passage
                    .notes
                    .push(format!("{file} sets {option}: what comes from there is not checked before it is used"));
            }
        }
        passage
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        let report = std::fs::read(route.scratch.join(REPORT)).unwrap_or_default();
        let report: Value = serde_json::from_slice(&report).unwrap_or_default();
        let items = report["install"].as_array().map(Vec::as_slice).unwrap_or_default();
        let here = format!("http://{}/", route.running.address());
        items.iter().filter_map(|item| installed(item, &here)).collect()
    }
}

const REPORT: &str = "pip-report.json";

fn installed(item: &Value, here: &str) -> Option<Installed> {
    let address = item["download_info"]["url"].as_str()?.to_owned();
    let archive = &item["download_info"]["archive_info"];
    let sha256 = archive["hashes"]["sha256"].as_str();
    let sha256 = sha256.or_else(|| archive["hash"].as_str()?.strip_prefix("sha256="));
    let name = item["metadata"]["name"].as_str()?;
    Some(Installed {
        kind: PackageType::PYPI,
        name: ecosystem::pypi::normalise(name),
        version: item["metadata"]["version"].as_str()?.to_owned(),
        checksums: sha256.and_then(|hex| Checksum::from_hex(Algorithm::Sha256, hex)).into_iter().collect(),
        pinned: false,
        address: (!address.starts_with(here)).then_some(address),
    })
}

/// Indexes among the arguments, as pip's variables.
pub(super) fn indexes(call: &mut Call, first: &[&str]) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    if let Some(url) = call.take(first).pop() {
        variables.push(("PIP_INDEX_URL".to_owned(), url));
    }
    let extra = call.take(&["--extra-index-url"]);
    if !extra.is_empty() {
        variables.push(("PIP_EXTRA_INDEX_URL".to_owned(), extra.join(" ")));
    }
    variables
}

/// The variables of pip, which most of its kin hand on to it. Each index has its own address, since pip mixes them.
pub(super) fn lead(route: &Route<'_>, passage: &mut Passage) {
    let base = route.running.base("pypi");
    let count = route.endpoints(Ecosystem::Pypi).filter(|one| one.scope.is_none()).count();
    passage.set("PIP_INDEX_URL", format!("{base}/0/simple/"));
    let further: Vec<String> = (1..count).map(|number| format!("{base}/{number}/simple/")).collect();
    // One that is empty would let pip's own files speak.
    let further = if further.is_empty() { format!("{base}/0/simple/") } else { further.join(" ") };
    passage.set("PIP_EXTRA_INDEX_URL", further);
    // An analysis takes longer than pip waits for a first byte.
    if !route.variables.contains_key("PIP_DEFAULT_TIMEOUT") && !route.variables.contains_key("PIP_TIMEOUT") {
        passage.set("PIP_DEFAULT_TIMEOUT", "180");
    }
}
