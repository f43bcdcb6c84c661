//! The tracer. It sees from outside which programs start, which files are opened and which connections tried, and takes the
//! outcome from the kernel: what a program says at the start of a call can be changed behind the tracer's back.
//!
//! Everything in the guest is traced from its first instruction on, since the first process is. When this process dies, the
//! kernel ends whatever it traced.

mod deeds;
mod memory;
mod stops;
mod task;

use std::{collections::HashMap, io, os::fd::BorrowedFd, time::Duration};

use model::{EventSource, TraceDeed};

use self::{
    stops::{Stop, Tracee},
    task::{Pending, Process, Task},
};
use super::{
    book::{Actor, Book},
    contents::Contents,
    init,
    order::Budget,
    supervisor::changed,
};
use crate::{State, Wall};

/// After so many stops others may look at their ceilings.
const TURN: usize = 512;

/// Takes hold of the guest's first process, and so of all that it starts.
pub(super) fn take(init: libc::pid_t) -> io::Result<Wall> {
    Tracee(init).seize()?;
    Ok(Wall {
        name: "tracer".into(),
        purpose: "every program, file and connection is seen from outside".into(),
        state: State::Standing,
    })
}

/// What is traced.
pub(super) struct Tracer {
    init: libc::pid_t,
    tasks: HashMap<libc::pid_t, Task>,
    processes: HashMap<libc::pid_t, Process>,
    longest_wait: Duration,
    /// Memory files that were made: no ceiling of the kernel counts them.
    memory_files: u32,
    /// Who holds the guest's end of a connection, by its port.
    ports: HashMap<u16, Actor>,
}

/// What handling a stop needs besides the tracer.
struct Desk<'a> {
    root: BorrowedFd<'a>,
    book: &'a mut Book,
    contents: &'a mut Contents,
}

impl Tracer {
    pub fn new(init: libc::pid_t, budget: &Budget) -> Self {
        let process = Process { number: 1, threads: 1, ..Process::default() };
        Self {
            init,
            tasks: HashMap::from([(init, Task::new(init))]),
            processes: HashMap::from([(init, process)]),
            longest_wait: budget.longest_wait,
            memory_files: 0,
            ports: HashMap::new(),
        }
    }

    /// Handles what stopped, until nothing does for a tick, or the first process has something to say.
    pub fn pump(&mut self, root: BorrowedFd<'_>, book: &mut Book, contents: &mut Contents) {
        let mut desk = Desk { root, book, contents };
        for _ in 0..TURN {
            match changed(0) {
                Some((task, status)) => {
                    self.handle(task, status, &mut desk);
                    if task == self.init {
                        return;
                    }
                }
                None => return,
            }
        }
    }

    /// Who had this port last.
    pub fn behind(&self, port: u16) -> Option<Actor> {
        self.ports.get(&port).copied()
    }

    /// Whether nothing but the first process runs.
    pub fn is_empty(&self) -> bool {
        self.processes.len() <= 1
    }

    /// Every process except the first.
    pub fn processes(&self) -> Vec<libc::pid_t> {
        self.processes.keys().copied().filter(|process| *process != self.init).collect()
    }

    fn handle(&mut self, id: libc::pid_t, status: i32, desk: &mut Desk<'_>) {
        let tracee = Tracee(id);
        match Stop::of(status) {
            Stop::Gone => self.gone(id, status, desk),
            Stop::Born => {
                if let Some(child) = tracee.message() {
                    self.born(id, child, desk);
                }
                tracee.go_on();
            }
            Stop::Exec => {
                self.started(id, tracee.message().unwrap_or(id), desk);
                tracee.go_on();
            }
            Stop::Call => self.call(tracee, desk),
            Stop::CallEnd => {
                self.call_end(tracee, desk);
                tracee.go_on();
            }
            Stop::First => {
                self.meet(id);
                tracee.go_on();
            }
            Stop::Group => tracee.stay(),
            Stop::Signal(signal) => tracee.go_on_with(signal),
        }
    }

    /// A task that may have been seen before its birth was told.
    fn meet(&mut self, id: libc::pid_t) {
        if self.tasks.contains_key(&id) {
            return;
        }
        let Some(ids) = task::ids(id) else { return };
        self.tasks.insert(id, Task::new(ids.process));
        let process = self.processes.entry(ids.process).or_default();
        process.number = ids.number;
        process.threads += 1;
    }

    fn born(&mut self, parent: libc::pid_t, child: libc::pid_t, desk: &mut Desk<'_>) {
        self.meet(child);
        let Some(parent) = self.tasks.get(&parent).map(|task| task.process) else { return };
        let Some(process) = self.tasks.get(&child).map(|task| task.process).filter(|process| *process == child) else {
            return;
        };
        let parents = self.processes.get(&parent).cloned().unwrap_or_default();
        let number = match self.processes.get_mut(&process) {
            Some(process) => {
                process.parent = parents.number;
                process.environment = process.environment.clone().or(parents.environment);
                process.number
            }
            None => return,
        };
        let actor = Actor { process: parents.number, parent: parents.parent };
        desk.book.note(actor, EventSource::Tracer, TraceDeed::Fork { child: number }, true);
    }

    fn gone(&mut self, id: libc::pid_t, status: i32, desk: &mut Desk<'_>) {
        let Some(task) = self.tasks.remove(&id) else { return };
        let actor = self.actor(task.process);
        let Some(process) = self.processes.get_mut(&task.process) else { return };
        process.threads = process.threads.saturating_sub(1);
        // The first thread's end is told when the last thread has ended.
        if id == task.process || process.threads == 0 {
            self.processes.remove(&task.process);
            let code = init::code(status);
            desk.book.note(actor, EventSource::Tracer, TraceDeed::Exit { code }, code == 0);
        }
    }

    /// A program has taken the place of another. All other threads of the process are gone.
    fn started(&mut self, id: libc::pid_t, former: libc::pid_t, desk: &mut Desk<'_>) {
        let pending = self.tasks.get_mut(&former).map(|task| std::mem::take(&mut task.pending));
        self.tasks.retain(|other, task| task.process != id || *other == id);
        self.tasks.entry(id).or_insert_with(|| Task::new(id)).pending = Pending::None;
        let actor = self.actor(id);
        let Some(process) = self.processes.get_mut(&id) else { return };
        process.threads = 1;
        let environment = task::environment(id);
        let changed = task::differences(process.environment.as_ref(), &environment);
        process.environment = Some(environment);
        let path = task::link(id, "exe");
        let mut argv = task::command_line(id);
        if argv.is_empty()
            && let Some(Pending::Exec { argv: asked, .. }) = pending
        {
            argv = asked;
        }
        let own = ["/usr/", "/bin/", "/sbin/", "/lib"].iter().any(|folder| path.starts_with(folder));
        let looked = if own { None } else { task::program(id).and_then(|file| desk.contents.look(file)) };
        if let Some(looked) = looked.as_ref() {
            let deed = TraceDeed::File {
                path: path.clone(),
                size: looked.size,
                sha256: looked.sha256,
                head: looked.head.clone(),
                vanished: path.ends_with(" (deleted)") || path.starts_with("/memfd:"),
            };
            desk.book.note_once(actor, EventSource::Tracer, deed, true);
        }
        let deed = TraceDeed::Exec { path, argv, sha256: looked.map(|looked| looked.sha256), changed };
        desk.book.note(actor, EventSource::Tracer, deed, true);
    }

    fn actor(&self, process: libc::pid_t) -> Actor {
        let known = self.processes.get(&process);
        known.map(|known| Actor { process: known.number, parent: known.parent }).unwrap_or_default()
    }

    /// Whether a wait is to be cut short, and told of. A process that does nothing but wait gets its waits in the end.
    fn cuts(&self, actor: Actor, wait: Duration, book: &mut Book) -> bool {
        const TOLD: u32 = 3;
        const MOST: u32 = 50;
        if wait < self.longest_wait {
            return false;
        }
        let count = book.count_wait(actor.process);
        if count <= TOLD {
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            book.note(actor, EventSource::Tracer, TraceDeed::Slept { millis }, true);
        }
        count <= MOST
    }

    /// When the deadline of an absolute wait is.
    fn until(clock: libc::clockid_t, deadline: Duration) -> Duration {
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: Room for the structure that the call fills.
        if unsafe { libc::clock_gettime(clock, &raw mut now) } != 0 {
            return Duration::ZERO;
        }
        deadline.saturating_sub(task::duration(now.tv_sec, now.tv_nsec))
    }
}
