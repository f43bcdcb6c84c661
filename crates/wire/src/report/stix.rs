//! The report as a bundle of STIX 2.1, for platforms that share what is known of attacks. Only what a person should look at is
//! in it: a benign package has nothing to share.
//!
//! Ids are made of the content (UUID version 5), so the same package always gives the same objects, whoever writes them. The
//! only time in it is that of the report.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use model::{Analysis, Decision, Indicator, IndicatorKind};
use serde_json::{Map, Value, json};

use super::{Format, Report, TargetReport, json::write_visible};
use crate::{identity::uuid, text::visible};

/// STIX 2.1, one bundle for all targets.
#[derive(Debug, Clone, Copy)]
pub struct Stix;

/// The namespace that STIX 2.1 gives to the ids of observables (section 2.9).
const OBSERVABLES: [u8; 16] =
    [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];
/// Our own namespace for everything else.
const OBJECTS: [u8; 16] =
    [0x9a, 0x1f, 0x7c, 0x52, 0x0d, 0x6e, 0x4b, 0x3a, 0x8e, 0x21, 0x5b, 0x77, 0xc4, 0x90, 0xde, 0x13];

impl Format for Stix {
    fn name(&self) -> &'static str {
        "stix"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut objects: BTreeMap<String, Value> = BTreeMap::new();
        for target in &report.targets {
            if let Some(analysis) = target.analysis().filter(|one| one.verdict.decision >= Decision::Suspicious) {
                Package { report, target, analysis, refs: Vec::new() }.tell(&mut objects);
            }
        }
        let ids: Vec<&str> = objects.keys().map(String::as_str).collect();
        let mut bundle = json!({ "type": "bundle", "id": id("bundle", OBJECTS, &ids.join(" ")) });
        if !objects.is_empty() {
            bundle["objects"] = objects.into_values().collect();
        }
        write_visible(&bundle, out)
    }
}

/// One package in the making.
struct Package<'a> {
    report: &'a Report<'a>,
    target: &'a TargetReport,
    analysis: &'a Analysis,
    /// The objects that the package's own report names.
    refs: Vec<String>,
}

impl Package<'_> {
    fn tell(mut self, objects: &mut BTreeMap<String, Value>) {
        let verdict = &self.analysis.verdict;
        let (label, sha256) = (visible(&self.target.label).into_owned(), verdict.artifact.sha256.to_string());
        let name = visible(&verdict.artifact.file_name).into_owned();
        let file = self.observable(objects, "file", &[("hashes", json!({ "SHA-256": sha256 })), ("name", json!(name))]);
        let malicious = verdict.decision == Decision::Malicious;
        let malware = malicious.then(|| {
            let fields = json!({
                "name": label, "description": visible(&verdict.reason), "is_family": false,
                "malware_types": ["unknown"], "sample_refs": [file],
            });
            self.object(objects, "malware", &sha256, fields)
        });
        let own = pattern("file:hashes.'SHA-256'", &sha256);
        self.indicator(objects, &format!("{label}: the artifact"), "the artifact itself", &own, malware.as_deref());
        for one in &self.analysis.indicators {
            self.observed(objects, one);
            if let Some(pattern) = pattern_of(one) {
                let name = format!("{}: {}", one.kind.as_str(), visible(&one.value));
                let what = format!("{} by {label}", one.role.as_str());
                self.indicator(objects, &name, &what, &pattern, malware.as_deref());
            }
        }
        self.note(objects, &sha256);
        self.refs.sort();
        self.refs.dedup();
        let fields = json!({
            "name": format!("Lazaret: {label} is {}", verdict.decision),
            "description": visible(&verdict.reason),
            "report_types": [if malicious { "malware" } else { "indicator" }],
            "published": self.report.made,
            "object_refs": self.refs,
        });
        self.object(objects, "report", &sha256, fields);
    }

    /// What STIX has no object for: wallets, webhooks and robots.
    fn note(&mut self, objects: &mut BTreeMap<String, Value>, sha256: &str) {
        let others = self
            .analysis
            .indicators
            .iter()
            .filter(|one| matches!(one.kind, IndicatorKind::Wallet | IndicatorKind::Webhook));
        let lines: Vec<String> = others
            .map(|one| format!("{} {} ({})", one.kind.as_str(), visible(&one.value), one.role.as_str()))
            .collect();
        if !lines.is_empty() {
            let fields = json!({
                "abstract": "Wallets and webhooks", "content": lines.join("\n"), "object_refs": self.refs.clone(),
            });
            self.object(objects, "note", sha256, fields);
        }
    }

    fn observed(&mut self, objects: &mut BTreeMap<String, Value>, one: &Indicator) {
        let kind = match one.kind {
            IndicatorKind::Url => "url",
            IndicatorKind::Host => "domain-name",
            IndicatorKind::Ip if one.value.contains(':') => "ipv6-addr",
            IndicatorKind::Ip => "ipv4-addr",
            IndicatorKind::Email => "email-addr",
            IndicatorKind::Sha256 => {
                let name = visible(one.place.path.rsplit(['/', '!']).next().unwrap_or_default()).into_owned();
                self.observable(objects, "file", &[("hashes", json!({ "SHA-256": one.value })), ("name", json!(name))]);
                return;
            }
            IndicatorKind::Webhook | IndicatorKind::Wallet | IndicatorKind::Path => return,
        };
        self.observable(objects, kind, &[("value", json!(visible(&one.value)))]);
    }

    /// An observable: its id is made of the properties that identify it, as the specification says. They come in the order
    /// of their names, which is that of canonical JSON.
    fn observable(&mut self, objects: &mut BTreeMap<String, Value>, kind: &str, fields: &[(&str, Value)]) -> String {
        let content: Vec<String> = fields.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
        let id = id(kind, OBSERVABLES, &format!("{{{}}}", content.join(",")));
        let mut object = Map::new();
        object.insert("type".into(), kind.into());
        object.insert("spec_version".into(), "2.1".into());
        object.insert("id".into(), id.clone().into());
        object.extend(fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        objects.insert(id.clone(), object.into());
        self.refs.push(id.clone());
        id
    }

    fn object(&mut self, objects: &mut BTreeMap<String, Value>, kind: &str, content: &str, fields: Value) -> String {
        let id = id(kind, OBJECTS, content);
        let mut object = json!({
            "type": kind, "spec_version": "2.1", "id": id,
            "created": self.report.made, "modified": self.report.made,
        });
        if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), fields) {
            object.extend(fields);
        }
        objects.insert(id.clone(), object);
        self.refs.push(id.clone());
        id
    }

    fn indicator(
        &mut self,
        objects: &mut BTreeMap<String, Value>,
        name: &str,
        what: &str,
        pattern: &str,
        malware: Option<&str>,
    ) {
        let kind = if malware.is_some() { "malicious-activity" } else { "anomalous-activity" };
        let fields = json!({
            "name": name, "description": what, "indicator_types": [kind],
            "pattern": pattern, "pattern_type": "stix", "valid_from": self.report.made,
        });
        // The same host in two packages is one indicator; with both of them it is related.
        let indicator = self.object(objects, "indicator", pattern, fields);
        if let Some(malware) = malware {
            let fields = json!({ "relationship_type": "indicates", "source_ref": indicator, "target_ref": malware });
            self.object(objects, "relationship", &format!("{indicator} {malware}"), fields);
        }
    }
}

/// The pattern by which an indicator is found, where STIX has one.
fn pattern_of(one: &Indicator) -> Option<String> {
    let object = match one.kind {
        IndicatorKind::Url => "url:value",
        IndicatorKind::Host => "domain-name:value",
        IndicatorKind::Ip if one.value.contains(':') => "ipv6-addr:value",
        IndicatorKind::Ip => "ipv4-addr:value",
        IndicatorKind::Email => "email-addr:value",
        IndicatorKind::Sha256 => "file:hashes.'SHA-256'",
        IndicatorKind::Path if !one.value.contains("{}") => {
            let (folder, name) = one.value.rsplit_once(['/', '\\'])?;
            let folder = if folder.is_empty() { "/" } else { folder };
            (!name.is_empty()).then_some(())?;
            return Some(format!(
                "[file:parent_directory_ref.path = '{}' AND file:name = '{}']",
                quoted(folder),
                quoted(name)
            ));
        }
        IndicatorKind::Path | IndicatorKind::Webhook | IndicatorKind::Wallet => return None,
    };
    Some(pattern(object, &one.value))
}

fn pattern(object: &str, value: &str) -> String {
    format!("[{object} = '{}']", quoted(value))
}

fn quoted(value: &str) -> String {
    visible(value).replace('\\', "\\\\").replace('\'', "\\'")
}

/// An id made of content.
fn id(kind: &str, namespace: [u8; 16], content: &str) -> String {
    format!("{kind}--{}", uuid(namespace, content))
}
