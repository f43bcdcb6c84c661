//! Code that Python runs whenever it starts: `.pth` lines, `sitecustomize`.

use model::{Action, Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink, query::short},
    source::Source,
    subject::Subject,
};

/// What start-up code of honest packages never does.
const ACTS: &[Action] = &[
    Action::CodeEval,
    Action::CodeLoad,
    Action::DataDecode,
    Action::DataDecrypt,
    Action::NetConnect,
    Action::NetFetch,
    Action::NetResolve,
    Action::NetSend,
    Action::ProcExec,
];

/// The beginnings of lines that setuptools, coverage and their kin write. A long line that starts otherwise is of interest.
const KNOWN: &[&str] = &[
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);",
    "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'],",
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'",
    "import __editable__",
    "import sys; exec('try: import coverage",
    "import coverage; coverage.process_startup()",
    "import _virtualenv",
    "import sys; sys.__plen = len(sys.path)",
    "import sys; new=sys.path[sys.__plen:]",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| source.phase == Phase::Startup && !source.is_aside) {
        if source.path.ends_with(".pth") {
            check_lines(source, sink);
        } else if source.path.ends_with("customize.py") {
            let acts = source.behaviours(ACTS).find(|seen| seen.phase() == Phase::Startup);
            let note = "The package ships a module that Python runs at every start.";
            sink.report(match acts {
                Some(seen) => Report::proof(format!("{note} It does more than customise: {}.", seen.words())).seen(seen),
                None => Report::indicator(Confidence::Medium, note).phase(Phase::Startup).at(first_line(source, 1)),
            });
        }
    }
}

fn check_lines(source: &Source, sink: &mut Sink) {
    let acts = source.behaviours(ACTS).next();
    for (number, line) in source.text.lines().enumerate().filter(|(_, line)| line.starts_with("import")) {
        // Coverage's own line runs a constant text that does nothing else.
        let coverage = line.contains("coverage.process_startup")
            && source.behaviours(ACTS).all(|seen| seen.behaviour.action == Action::CodeEval);
        if coverage || KNOWN.iter().any(|known| line.starts_with(known)) {
            continue;
        }
        let place = first_line(source, number as u32 + 1);
        match acts {
            Some(seen) => {
                let note = format!("A .pth file runs code at every start of Python: {}.", seen.words());
                sink.report(Report::proof(note).phase(Phase::Startup).at(place).at(seen.place()));
            }
            None if line.len() > 80 || line.contains(';') => {
                let note = format!("A .pth file runs code at every start of Python: {}.", short(line, 80));
                sink.report(Report::indicator(Confidence::Medium, note).phase(Phase::Startup).at(place));
            }
            None => {}
        }
    }
}

fn first_line(source: &Source, line: u32) -> Place {
    Place { path: source.path.clone(), line, column: 1, layer: None }
}
