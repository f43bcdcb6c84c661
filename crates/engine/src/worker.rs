//! The inside of a worker process.

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Mutex,
    thread,
    time::Duration,
};

use analysis::{Analyser, Limits, UserRules};
use model::{Analysis, Gap, GapKind, Target};
use sandbox::{Bounds, Wall};

use crate::{
    death::PANIC,
    frame,
    message::{Answer, Hello, Job, Setup, TO_PARENT, TO_WORKER},
};

/// One artifact to be read.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What is known of it.
    pub target: &'a Target,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How much of it is unpacked.
    pub limits: &'a Limits,
    /// Whether an ordinary reading has killed its worker: then no parser that can be killed may be used.
    pub careful: bool,
    /// Whether the analysis carries the summary by which versions are compared.
    pub summary: bool,
}

/// What a worker does with an artifact.
pub trait Analyse {
    /// The digest of everything that decides.
    fn ruleset(&self) -> &str;
    /// Reads and judges it.
    fn analyse(&self, request: &Request<'_>) -> Analysis;
}

impl Analyse for Analyser {
    fn ruleset(&self) -> &str {
        self.ruleset()
    }

    fn analyse(&self, request: &Request<'_>) -> Analysis {
        let Request { target, bytes, limits, careful, summary } = *request;
        if summary {
            self.summarise(target, bytes, limits, careful)
        } else {
            self.analyse(target, bytes, limits, careful)
        }
    }
}

/// The program's whole life when it was started with [`crate::WORKER_ARGUMENT`].
pub fn worker() -> ExitCode {
    worker_with(|user| Analyser::new(user).map(|analyser| Box::new(analyser) as Box<dyn Analyse>))
}

/// The same with another way of reading, which is prepared inside the walls.
pub fn worker_with(prepare: impl FnOnce(&UserRules) -> Result<Box<dyn Analyse>, String> + Send) -> ExitCode {
    match live(prepare) {
        Ok(()) => ExitCode::SUCCESS,
        Err(End::Panic) => ExitCode::from(PANIC),
        // The parent is gone or talks nonsense: nobody listens.
        Err(End::Pipe) => ExitCode::FAILURE,
    }
}

enum End {
    Panic,
    Pipe,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Pipe
    }
}

fn live(prepare: impl FnOnce(&UserRules) -> Result<Box<dyn Analyse>, String> + Send) -> Result<(), End> {
    let Some((setup, rules)) = frame::read::<Setup>(&mut io::stdin(), TO_WORKER)? else { return Ok(()) };
    let user = serde_json::from_slice(&rules).map_err(io::Error::from)?;
    let bounds = Bounds { memory: setup.memory, processor: Duration::from_secs(setup.processor) };
    let walls = sandbox::confine_process(&bounds);
    let served = on_large_stack(|| {
        // No hostile byte has been read yet, and this thread is the last one.
        let walls = walls.into_iter().chain(sandbox::confine_threads(&bounds)).collect();
        serve(&setup, walls, prepare(&user))
    });
    match served {
        Ok(answer) => answer.unwrap_or(Err(End::Panic)),
        Err(error) => {
            let refusal = Some(format!("There is no room for the stack of a reader: {error}."));
            let hello = Hello { ruleset: String::new(), walls: Vec::new(), refusal };
            Ok(frame::write(&mut io::stdout(), &hello, &[], TO_PARENT)?)
        }
    }
}

/// Parsers recurse as deep as the source nests, and so do the visitors and the drop of their trees. Only pages that are
/// touched cost memory; where the system counts reserved ones, less must do. `None` when the work panicked.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<Option<T>> {
    let work = Mutex::new(Some(work));
    let take = || work.lock().ok()?.take();
    thread::scope(|scope| {
        let start = |size| thread::Builder::new().stack_size(size).spawn_scoped(scope, || take().map(|work| work()));
        let thread = start(512 << 20).or_else(|_| start(128 << 20)).or_else(|_| start(32 << 20))?;
        Ok(thread.join().ok().flatten())
    })
}

fn serve(setup: &Setup, walls: Vec<Wall>, ready: Result<Box<dyn Analyse>, String>) -> Result<(), End> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let analyser = match ready {
        Ok(analyser) => analyser,
        Err(refusal) => {
            let hello = Hello { ruleset: String::new(), walls, refusal: Some(refusal) };
            return Ok(frame::write(&mut output, &hello, &[], TO_PARENT)?);
        }
    };
    let hello = Hello { ruleset: analyser.ruleset().into(), walls, refusal: None };
    frame::write(&mut output, &hello, &[], TO_PARENT)?;
    while let Some((job, bytes)) = frame::read::<Job>(&mut input, TO_WORKER)? {
        let (limits, summary) = (&setup.limits, setup.summary);
        let request = Request { target: &job.target, bytes: &bytes, limits, careful: job.careful, summary };
        answer(&mut output, job.id, analyser.analyse(&request))?;
    }
    Ok(())
}

/// Sends the analysis; what is too long for the pipe loses its least important parts, and says so.
fn answer(output: &mut impl Write, id: u64, mut analysis: Analysis) -> io::Result<()> {
    let mut body = serde_json::to_vec(&analysis)?;
    for most in [1000, 100, 10, 0] {
        if body.len() as u64 <= TO_PARENT.body {
            break;
        }
        shorten(&mut analysis, most);
        body = serde_json::to_vec(&analysis)?;
    }
    frame::write(output, &Answer { id }, &body, TO_PARENT)
}

fn shorten(analysis: &mut Analysis, most: usize) {
    let verdict = &mut analysis.verdict;
    verdict.findings.truncate(most);
    for finding in &mut verdict.findings {
        finding.places.truncate(most);
        finding.steps.truncate(most);
        finding.decoded = None;
        finding.excerpt = None;
    }
    verdict.coverage.gaps.truncate(most);
    verdict.coverage.gaps.push(Gap::new(GapKind::Limit, "", "The analysis was too long to be handed over whole."));
    analysis.problems.truncate(most);
    analysis.indicators.truncate(most);
    // Who compares sees that it is missing.
    analysis.summary = analysis.summary.take().filter(|_| most > 100);
    analysis.capabilities.truncate(most);
    analysis.capabilities.iter_mut().for_each(|one| one.objects.truncate(most));
}
