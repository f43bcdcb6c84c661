//! The supervisor: it builds what surrounds the guest, has the steps run, and writes down what happened.

use std::{
    io,
    io::BufReader,
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use super::{
    identity, image,
    init::{self, Command, Line, Report},
    kernel::{self, Forked, checked, fork_into},
    network,
    order::{self, Order, Served},
    outcome::{self, Answer, Detonation},
    stage::Stage,
};
use crate::{
    State, Wall,
    sink::{self, Sink},
    tokens::Tokens,
};

/// What becomes of this process.
pub(super) fn supervise() -> ExitCode {
    let started = Instant::now();
    let answered = match prepare(started) {
        Ok(prepared) => outcome::send(&mut io::stdout().lock(), prepared.run(started)),
        Err(Missing { layer, why }) => {
            outcome::send_answer(&mut io::stdout().lock(), &Answer::Missing { layer: layer.into(), why })
        }
    };
    if answered.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A layer without which nothing runs, and why it is missing.
struct Missing {
    layer: &'static str,
    why: String,
}

impl Missing {
    fn layer<E: std::fmt::Display>(layer: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self { layer, why: error.to_string() }
    }
}

/// A guest whose doors are shut, before its first step.
struct Prepared {
    order: Order,
    layers: Vec<Wall>,
    line: Line,
    init: libc::pid_t,
    root: std::fs::File,
    outputs: Vec<OwnedFd>,
    sink: Option<Sink>,
    tokens: Arc<Tokens>,
}

impl Prepared {
    fn run(self, started: Instant) -> Detonation {
        let ready_millis = started.elapsed().as_secs_f64() * 1000.0;
        let Self { order, layers, line, init, root, outputs, sink, tokens } = self;
        let stage = Stage { order: &order, line, init, root, sink, tokens, layers, started };
        let mut detonation = stage.play(outputs);
        detonation.ready_millis = ready_millis;
        detonation
    }
}

fn prepare(started: Instant) -> Result<Prepared, Missing> {
    identity::end_with_parent().map_err(Missing::layer("supervisor"))?;
    let order = order::receive(&mut BufReader::new(io::stdin().lock())).map_err(Missing::layer("supervisor"))?;
    identity::give_up_ownership().map_err(Missing::layer("identity"))?;
    identity::enter_own_namespace().map_err(Missing::layer("user-namespaces"))?;
    let own = libc::CLONE_NEWNS | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    // SAFETY: A number; this process has one thread.
    checked(unsafe { libc::unshare(own) }.into()).map_err(Missing::layer("namespaces"))?;
    let sockets = network::prepare_sink();
    let mut layers = standing();
    let (ours, theirs) = UnixStream::pair().map_err(Missing::layer("supervisor"))?;
    let pipes: io::Result<Vec<_>> = order.steps.iter().map(|_| kernel::pipe()).collect();
    let (outputs, inputs): (Vec<_>, Vec<_>) = pipes.map_err(Missing::layer("supervisor"))?.into_iter().unzip();
    let guest = libc::CLONE_NEWUSER
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWCGROUP;
    let init = match fork_into(guest).map_err(Missing::layer("namespaces"))? {
        Forked::Parent(init) => init,
        Forked::Child => {
            drop((ours, outputs, sockets));
            kernel::leave(i32::from(init::live(&order, theirs, inputs).is_err()))
        }
    };
    drop((theirs, inputs));
    identity::name_guest(init).map_err(Missing::layer("user-namespaces"))?;
    let tokens = Arc::new(Tokens::new(order.guest.tokens.unwrap_or_default()));
    let sink = sockets.and_then(|sockets| {
        network::connect_guest(init)?;
        start_sink(sockets, &order, &tokens, started)
    });
    layers.push(network_wall(&sink));
    let mut line = Line::new(ours).map_err(Missing::layer("supervisor"))?;
    let authority = sink.as_ref().ok().map(|sink| sink.authority().to_owned());
    ask(&mut line, &Command::Build { authority }, "files")?;
    let root = image::root_of(init).map_err(Missing::layer("files"))?;
    layers.extend(ask(&mut line, &Command::Seal, "seccomp")?);
    if order.budget.traced {
        layers.push(super::tracer::take(init).map_err(Missing::layer("tracer"))?);
    }
    image::forget_machine().map_err(Missing::layer("files"))?;
    Ok(Prepared { order, layers, line, init, root, outputs, sink: sink.ok(), tokens })
}

/// Tells the first process something, and hears whether it could be done.
fn ask(line: &mut Line, command: &Command, layer: &'static str) -> Result<Vec<Wall>, Missing> {
    let answer = line.say(command).and_then(|()| line.hear::<Report>());
    match answer.map_err(|error| Missing { layer, why: format!("the guest's first process ended: {error}") })? {
        Report::Sealed(layers) => Ok(layers),
        Report::Failed { layer: which, why } => {
            let known = ["namespaces", "network", "files", "capabilities", "seccomp"];
            let layer = known.into_iter().find(|name| *name == which).unwrap_or(layer);
            Err(Missing { layer, why })
        }
        Report::Built | Report::Ended(_) | Report::Swept => Ok(Vec::new()),
    }
}

/// The layers without which it does not come to an answer.
fn standing() -> Vec<Wall> {
    let walls = [
        ("identity", "a user who owns nothing on this machine; never the system's owner"),
        ("user-namespaces", "whatever it becomes in there, it is nobody outside"),
        ("namespaces", "its own processes, mounts, network, names and memory segments"),
        ("files", "memory to write on, this machine's /usr to read, nothing else"),
        ("capabilities", "no privilege, and no program that gives one"),
        ("seccomp", "calls that would blind the tracer or try the kernel are refused"),
    ];
    walls.map(|(name, purpose)| Wall { name: name.into(), purpose: purpose.into(), state: State::Standing }).into()
}

/// Starts the server at the other end of the cable. Nothing is forked by this process any more.
fn start_sink(sockets: sink::Sockets, order: &Order, tokens: &Arc<Tokens>, start: Instant) -> io::Result<Sink> {
    let package = |one: &Served| sink::Package {
        ecosystem: one.ecosystem,
        name: one.name.clone(),
        version: one.version.clone(),
        file_name: one.file_name.clone(),
        bytes: one.bytes.clone(),
    };
    let closure = sink::Closure::new(order.guest.served.iter().map(package).collect());
    let settings = sink::Settings { tokens: Arc::clone(tokens), closure, limits: sink::Limits::default(), start };
    kernel::block_ticks();
    let sink = Sink::start(sockets, sink::Redirected, settings).map_err(io::Error::other);
    kernel::allow_ticks();
    sink
}

fn network_wall(sink: &io::Result<Sink>) -> Wall {
    let state = match sink {
        Ok(_) => State::Standing,
        Err(error) => State::Partial(format!("no network leads anywhere, and what is sent is not recorded: {error}")),
    };
    Wall { name: "network".into(), purpose: "every address ends in the sinkhole; nothing leaves".into(), state }
}

/// Waits without blocking for one child that changed.
pub(super) fn changed(options: libc::c_int) -> Option<(libc::pid_t, i32)> {
    let mut status = 0;
    // SAFETY: Room for the number that the call writes.
    let child = checked(unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | options) }.into()).ok()?;
    (child > 0).then_some((libc::pid_t::try_from(child).ok()?, status))
}
