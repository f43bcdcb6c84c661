//! The nouns of Lazaret: identities, behaviours, findings, coverage, verdicts.
//!
//! Everything here is plain data. Nothing does input or output, and everything can be serialised, because the same
//! values travel from an analysis worker to its parent, into the cache and into every report.
#![warn(missing_docs)]

mod analysis;
mod balance;
mod behaviour;
mod change;
mod checksum;
mod coverage;
mod finding;
mod graph;
mod id;
mod indicator;
mod parsed;
mod record;
mod ruling;
mod trace;
mod verdict;

pub use analysis::{Analysis, Capability, Facts, Shape, Target};
pub use balance::{Balance, Share};
pub use behaviour::{Action, Behaviour, Flow, Known, Layer, Object, Phase, Place, Reach, Role, Witness};
pub use change::{Change, ChangedField, ChangedFile, Deed, Entry, FileChange, FileSummary, Sign, Stream, Summary};
pub use checksum::{Algorithm, Checksum};
pub use coverage::{Coverage, Gap, GapKind};
pub use finding::{Confidence, Excerpt, Finding, Group, Kind, RuleMeta, Step};
pub use graph::{
    Address, Dependency, DependencyGraph, Edge, FilePlace, Flags, GraphBuilder, NodeId, PackageType, Paths, Scope,
    Source, Why,
};
pub use id::{ArtifactId, Digest, Ecosystem, PackageName, ReleaseId, UnknownEcosystem, Version};
pub use indicator::{Indicator, IndicatorKind, IndicatorRole};
pub use parsed::{Parsed, Problem};
pub use record::{Basis, Record};
pub use ruling::{Answer, RuleMatch, Ruling};
pub use trace::{Event, Source as EventSource, TRACE_VERSION, Trace, TraceDeed, TraceStep};
pub use verdict::{Author, Decision, Score, Verdict};
