//! The steps, one after the other, and the ceilings over them.

use std::{
    fs::File,
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
    time::{Duration, Instant},
};

use model::{Event, Gap, GapKind, TRACE_VERSION, Trace, TraceDeed, TraceStep};

use super::{
    book::Book,
    causes,
    contents::Contents,
    init::{Command, Line, Report},
    kernel,
    order::{GuestStep, Order},
    outcome::Detonation,
    output::Output,
    tracer::Tracer,
};
use crate::{Wall, sink::Sink, tokens::Tokens};

/// How often the ceilings are looked at.
const TICK: Duration = Duration::from_millis(20);
/// How often memory is counted: each process is a file to read.
const COUNT: Duration = Duration::from_millis(200);
/// How long the end of everything may take. The kernel ends what is ended.
const LAST: Duration = Duration::from_secs(10);

/// Everything that a run needs.
pub(super) struct Stage<'a> {
    pub order: &'a Order,
    pub line: Line,
    pub init: libc::pid_t,
    pub root: File,
    pub sink: Option<Sink>,
    pub tokens: Arc<Tokens>,
    pub layers: Vec<Wall>,
    pub started: Instant,
}

impl Stage<'_> {
    /// Plays every step.
    pub fn play(self, outputs: Vec<OwnedFd>) -> Detonation {
        let Self { order, line, init, root, sink, tokens, layers, started } = self;
        let budget = &order.budget;
        let book = Book::new(started, budget.events);
        let contents = Contents::new(budget.kept);
        let tracer = budget.traced.then(|| Tracer::new(init, budget));
        let _ = kernel::tick(TICK);
        let end = Instant::now() + budget.time;
        let mut play = Play { order, line, init, root, book, contents, tracer, sink, end, counted: started };
        let mut steps = Vec::with_capacity(order.steps.len());
        for (index, (step, output)) in order.steps.iter().zip(outputs).enumerate() {
            play.book.step = u32::try_from(index).unwrap_or(u32::MAX);
            steps.push(play.step(index, step, output));
        }
        let Play { root, mut book, mut contents, tracer, sink, .. } = play;
        contents.what_is_left(root.as_fd(), order, &mut book);
        match sink {
            Some(sink) => hear(sink, tracer.as_ref(), &mut book, &mut contents),
            None => {
                let detail = "No network could be laid for the guest: what it would have sent is not known.";
                book.gaps.push(Gap::new(GapKind::Unreadable, "", detail));
            }
        }
        if !budget.traced {
            let detail = "Processes were not watched: only files, network and limits are told.";
            book.gaps.push(Gap::new(GapKind::Unreadable, "", detail));
        }
        let (mut events, gaps) = book.close();
        recognise(&mut events, &tokens, &contents);
        let secrets = order.guest.seeds.iter().filter(|seed| seed.secret).map(|seed| seed.path.as_str()).collect();
        causes::link(&mut events, &secrets);
        let trace = Trace { version: TRACE_VERSION, steps, events, gaps };
        Detonation { layers, trace, kept: contents.into_kept(), ready_millis: 0.0 }
    }
}

/// Takes over what the sinkhole saw, with the processes that the tracer knows.
fn hear(sink: Sink, tracer: Option<&Tracer>, book: &mut Book, contents: &mut Contents) {
    book.name_connections(|address| sink.name_of(address));
    for seen in sink.stop() {
        let actor = seen.peer.and_then(|peer| tracer?.behind(peer.port())).unwrap_or_default();
        for content in seen.contents {
            contents.keep(content.sha256, content.bytes);
        }
        book.take_over(seen.event, actor);
    }
}

/// Finds planted secrets in command lines and in what was written.
fn recognise(events: &mut [Event], tokens: &Tokens, contents: &Contents) {
    /// Of all files together so much is searched.
    const MOST: usize = 64 << 20;
    let mut left = MOST;
    for event in events {
        match &event.deed {
            TraceDeed::Exec { argv, .. } => event.tokens = tokens.find(argv.join("\n").as_bytes()),
            TraceDeed::File { sha256, head, .. } => {
                let bytes = contents.of(sha256).unwrap_or(head.as_bytes());
                if let Some(after) = left.checked_sub(bytes.len()) {
                    left = after;
                    event.tokens = tokens.find(bytes);
                }
            }
            _ => {}
        }
    }
}

/// A run while it goes on.
struct Play<'a> {
    order: &'a Order,
    line: Line,
    init: libc::pid_t,
    root: File,
    book: Book,
    contents: Contents,
    tracer: Option<Tracer>,
    sink: Option<Sink>,
    end: Instant,
    counted: Instant,
}

impl Play<'_> {
    fn step(&mut self, index: usize, step: &GuestStep, pipe: OwnedFd) -> TraceStep {
        if let Some(sink) = &self.sink {
            sink.set_step(self.book.step);
        }
        let output = Output::read(pipe, self.order.budget.output);
        let started = Instant::now();
        let mut exit = None;
        let alive = self.line.say(&Command::Start(index)).is_ok();
        if alive && Instant::now() < self.end {
            exit = self.wait(step, started, &output);
        } else {
            self.book.limit("time");
        }
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if output.is_flooded() {
            self.book.limit("output");
        }
        let swept = self.sweep();
        if !swept {
            // Whatever still holds the pipe would hold its reader; the end of the first process ends it.
            let _ = kernel::signal(self.init, libc::SIGKILL);
            self.pump();
        }
        TraceStep {
            name: step.name.clone(),
            phase: step.phase,
            profile: step.profile.clone(),
            argv: step.argv.clone(),
            exit,
            output: output.end(),
            millis,
        }
    }

    /// Waits until the step has ended, and what it left behind has had its time.
    fn wait(&mut self, step: &GuestStep, started: Instant, output: &Output) -> Option<i32> {
        let deadline = (started + step.time).min(self.end);
        let mut ended: Option<(i32, Instant)> = None;
        loop {
            self.pump();
            while ended.is_none() && self.line.waits(0) {
                match self.line.hear::<Report>() {
                    Ok(Report::Ended(code)) => ended = Some((code, Instant::now())),
                    Ok(_) => {}
                    Err(_) => return None,
                }
            }
            let now = Instant::now();
            if let Some((code, at)) = ended
                && (self.is_empty() || now >= (at + step.dwell).min(self.end))
            {
                return Some(code);
            }
            if now >= deadline && ended.is_none() {
                self.book.limit("time");
                return None;
            }
            if now.duration_since(self.counted) >= COUNT {
                self.counted = now;
                if self.memory() > self.order.budget.memory {
                    self.book.limit("memory");
                    return ended.map(|(code, _)| code);
                }
            }
            if output.is_flooded() {
                self.book.limit("output");
            }
        }
    }

    /// Handles what happened, or waits a moment for it.
    fn pump(&mut self) {
        match &mut self.tracer {
            Some(tracer) => tracer.pump(self.root.as_fd(), &mut self.book, &mut self.contents),
            None => {
                self.line.waits(20);
            }
        }
    }

    /// Ends everything that runs, and waits until it has.
    fn sweep(&mut self) -> bool {
        let deadline = Instant::now() + LAST;
        if self.line.say(&Command::Sweep).is_err() {
            return false;
        }
        while Instant::now() < deadline {
            self.pump();
            while self.line.waits(0) {
                match self.line.hear() {
                    Ok(Report::Swept) => return true,
                    Ok(_) => {}
                    Err(_) => return false,
                }
            }
        }
        false
    }

    /// Whether nothing but the first process runs.
    fn is_empty(&self) -> bool {
        match &self.tracer {
            Some(tracer) => tracer.is_empty(),
            None => children(self.init).is_empty(),
        }
    }

    /// Bytes of memory that all processes hold together.
    fn memory(&self) -> u64 {
        let processes = match &self.tracer {
            Some(tracer) => tracer.processes(),
            None => children(self.init),
        };
        processes.into_iter().filter_map(resident).sum()
    }
}

fn children(process: libc::pid_t) -> Vec<libc::pid_t> {
    let list = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|one| one.parse().ok()).collect()
}

/// What a process holds of its own, in bytes. Memory that is shared counts in parts.
fn resident(process: libc::pid_t) -> Option<u64> {
    const MUCH: u64 = 64 << 20;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let (own, shared) = (kilobytes(&status, "RssAnon:")?, kilobytes(&status, "RssShmem:")?);
    if shared < MUCH {
        return Some(own + shared);
    }
    let maps = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    Some(own + kilobytes(&maps, "Pss_Shmem:").unwrap_or(shared))
}

fn kilobytes(table: &str, name: &str) -> Option<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|number| number << 10)
}
