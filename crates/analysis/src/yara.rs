//! The user's own YARA rules, over every file and every decoded layer.

use std::time::Duration;

use boreal::{Compiler, Scanner, scanner::ScanParams};
use model::{Confidence, Gap, GapKind, Phase, Place};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// One file may not take longer; what is cut is a gap.
const LONGEST: Duration = Duration::from_secs(5);

/// Compiled rules.
pub struct Rules {
    scanner: Scanner,
}

impl Rules {
    /// Compiles the sources; none when there are none.
    pub fn compile(sources: &[(String, String)]) -> Result<Option<Self>, String> {
        if sources.is_empty() {
            return Ok(None);
        }
        let mut compiler = Compiler::new();
        for (name, text) in sources {
            compiler
                .add_rules_str(text)
                .map_err(|wrong| format!("the YARA file {name} cannot be compiled: {wrong}"))?;
        }
        let mut scanner = compiler.finalize();
        scanner.set_scan_params(ScanParams::default().timeout_duration(Some(LONGEST)));
        Ok(Some(Self { scanner }))
    }

    /// Scans every file and layer.
    pub fn scan(&self, subject: &Subject, sink: &mut Sink) {
        for file in &subject.tree.files {
            let place = Place { path: file.path.clone(), line: 1, column: 1, layer: None };
            let phase = subject
                .sources
                .iter()
                .find(|source| source.path == file.path)
                .map_or(Phase::Runtime, |source| source.phase);
            self.scan_one(&file.bytes, &place, phase, sink);
        }
        for source in &subject.sources {
            for (at, layer) in source.seen.layers.iter().enumerate() {
                let place = Place { path: source.path.clone(), line: 1, column: 1, layer: Some(at as u32) };
                self.scan_one(layer.text.as_bytes(), &place, source.phase, sink);
            }
        }
    }

    fn scan_one(&self, bytes: &[u8], place: &Place, phase: Phase, sink: &mut Sink) {
        let result = match self.scanner.scan_mem(bytes) {
            Ok(result) => result,
            Err((_, partial)) => {
                sink.gaps.push(Gap::new(GapKind::Budget, place.path.clone(), "the user's YARA rules took too long"));
                partial
            }
        };
        for rule in result.rules {
            let note = format!("The user's YARA rule {} matches.", rule.name);
            let report = Report::indicator(Confidence::High, note).phase(phase).at(place.clone());
            sink.report_custom(&format!("yara:{}", rule.name), report);
        }
    }
}
