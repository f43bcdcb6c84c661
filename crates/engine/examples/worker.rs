//! For the tests only: a worker that does what its artifact's file name asks for: dies in every way, and tries to climb every wall.

use std::{fs, io, io::Write, net, os::unix::process::CommandExt, process, process::ExitCode, thread, time::Duration};

use analysis::Analyser;
use engine::{Analyse, Analysis, Engine, Options, Request, Target, UserRules};
use model::{
    ArtifactId, Author, Balance, Coverage, Decision, Digest, Finding, Gap, GapKind, Group, Kind, Phase, Problem, Score,
    Verdict,
};

/// The allocator of the real program: it reserves address space by the gigabyte, which the walls must leave room for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(engine::WORKER_ARGUMENT) => work(),
        Some(order) => ask(order),
        None => ExitCode::from(2),
    }
}

fn work() -> ExitCode {
    engine::worker_with(|user: &UserRules| match user.yara.first() {
        Some((name, text)) if name == "refuse" => Err(text.clone()),
        Some((name, _)) if name == "abort" => process::abort(),
        Some((name, _)) if name == "real" => Ok(Box::new(Analyser::new(&UserRules::default())?)),
        Some((_, ruleset)) => Ok(Box::new(Obedient { ruleset: ruleset.clone() })),
        None => Ok(Box::new(Obedient { ruleset: "test".into() })),
    })
}

/// A parent of its own, for the tests that need one to kill or to run as another user: it asks and prints what it learned.
fn ask(order: &str) -> ExitCode {
    let engine = Engine::with_ruleset(Options::default(), "test".into()).expect("it starts");
    let target = Target { file_name: order.into(), ecosystem: None, name: None, version: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let analysis = runtime.block_on(engine.analyse(target, Vec::new()));
    println!("{}", serde_json::json!({ "analysis": analysis, "walls": engine.walls() }));
    ExitCode::SUCCESS
}

struct Obedient {
    ruleset: String,
}

impl Analyse for Obedient {
    fn ruleset(&self) -> &str {
        &self.ruleset
    }

    fn analyse(&self, request: &Request<'_>) -> Analysis {
        let order = request.target.file_name.as_str();
        let mut analysis = benign(request);
        // A reader that survives deadly input once it is careful.
        if request.careful && !order.ends_with("-always") {
            analysis.facts.format = "careful".into();
            return analysis;
        }
        analysis.facts.format = obey(order.trim_end_matches("-always"), request, &mut analysis);
        analysis
    }
}

/// Does it, and says what came of it.
fn obey(order: &str, request: &Request<'_>, analysis: &mut Analysis) -> String {
    match order {
        "abort" => process::abort(),
        "panic" => panic!("as asked"),
        "exit" => process::exit(3),
        "success" => process::exit(0),
        "loop" => loop {
            std::hint::spin_loop();
        },
        "overflow" => recurse(0).to_string(),
        "recurse" => descend(50_000).to_string(),
        "allocate" => allocate(u64::MAX),
        "allocate-some" => allocate(1 << 30),
        "keep" => {
            std::mem::forget(vec![1_u8; 40 << 20]);
            "kept".into()
        }
        "garbage" => say(b"this is no frame at all, only words"),
        "huge" => say(&[0xff; 12]),
        "stop-talking" => say(&[1]),
        "advance" => in_advance(analysis),
        "chatter" => chatter(),
        "long" => long(analysis),
        "lie" => lie(analysis),
        _ => climb(order, request),
    }
}

/// Tries one wall.
fn climb(order: &str, request: &Request<'_>) -> String {
    match order {
        "open" => outcome(fs::File::open("/etc/passwd")),
        "list" => outcome(fs::read_dir("/")),
        "create" => outcome(fs::File::create("/tmp/lazaret-escape")),
        "delete" => outcome(fs::remove_file("/tmp/lazaret-escape")),
        "thread" => outcome(thread::Builder::new().spawn(|| ()).map(thread::JoinHandle::join)),
        "socket" => outcome(net::TcpStream::connect("127.0.0.1:9")),
        "listen" => outcome(net::TcpListener::bind("127.0.0.1:0")),
        "udp" => outcome(net::UdpSocket::bind("127.0.0.1:0")),
        "spawn" => outcome(process::Command::new("/bin/true").spawn()),
        "exec" => outcome::<()>(Err(process::Command::new("/bin/true").exec())),
        "signal" => outcome(rustix::process::test_kill_process(rustix::process::Pid::INIT)),
        "environment" => format!("{:?}", std::env::vars_os().collect::<Vec<_>>()),
        "sleep" => {
            thread::sleep(Duration::from_millis(300));
            "slept".into()
        }
        _ => format!("{} bytes", request.bytes.len()),
    }
}

fn outcome<T>(result: Result<T, impl Into<io::Error>>) -> String {
    match result.map_err(Into::into) {
        Ok(_) => "done".into(),
        Err(error) => error.kind().to_string(),
    }
}

#[expect(unconditional_recursion, reason = "that is the order")]
fn recurse(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 64]);
    recurse(depth + 1) + room[3]
}

/// Deep, as parsers are, but within the large stack: 50 000 levels of some kilobytes.
fn descend(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 400]);
    if depth == 0 { 0 } else { descend(depth - 1) + (room[7] - depth) + 1 }
}

/// Address space is what counts; pages that nobody touches keep the test quick.
fn allocate(most: u64) -> String {
    let mut all = Vec::new();
    let mut sum = 0;
    while sum < most {
        all.push(vec![0_u8; 16 << 20]);
        sum += 16 << 20;
    }
    format!("{}", std::hint::black_box(all).len())
}

fn say(bytes: &[u8]) -> String {
    let mut output = fs_stdout();
    let _ = output.write_all(bytes).and_then(|()| output.flush());
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

/// The worker holds the lock of standard output, so this writes beside it.
fn fs_stdout() -> impl Write {
    struct Raw;
    impl Write for Raw {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(rustix::io::write(rustix::stdio::stdout(), bytes)?)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    Raw
}

/// A whole answer, written before the question that it wants to answer is known.
fn in_advance(analysis: &Analysis) -> String {
    let header = serde_json::to_vec(&serde_json::json!({ "id": 1 })).expect("JSON");
    let body = serde_json::to_vec(analysis).expect("JSON");
    let mut frame = (header.len() as u32).to_le_bytes().to_vec();
    frame.extend((body.len() as u64).to_le_bytes());
    frame.extend(header);
    frame.extend(body);
    let _ = fs_stdout().write_all(&frame);
    "said".into()
}

fn chatter() -> String {
    let line = [b'x'; 1 << 16];
    for _ in 0..256 {
        let _ = io::stderr().write_all(&line);
    }
    process::abort()
}

fn long(analysis: &mut Analysis) -> String {
    let problem = Problem::new("odd", "path", "y".repeat(1000));
    analysis.problems = vec![problem; 40_000];
    "long".into()
}

/// Everything that a worker which was taken over would like to say.
fn lie(analysis: &mut Analysis) -> String {
    analysis.verdict.artifact.file_name = "another.tgz".into();
    analysis.verdict.author = Author::Person { name: "the boss".into(), reason: "trust me".into() };
    analysis.verdict.coverage.gaps.push(Gap::new(GapKind::Limit, "", "not all of it was read"));
    analysis.verdict.score = Score(255);
    "lied".into()
}

fn benign(request: &Request<'_>) -> Analysis {
    let findings = vec![Finding {
        rule: "can-do-something".into(),
        kind: Kind::Capability,
        confidence: model::Confidence::High,
        group: Group::Execution,
        phase: Phase::Runtime,
        note: "It can.".into(),
        places: Vec::new(),
        steps: Vec::new(),
        excerpt: None,
        decoded: None,
        excepted: None,
    }];
    Analysis::of(Verdict {
        artifact: ArtifactId { release: None, file_name: request.target.file_name.clone(), sha256: Digest([0; 32]) },
        decision: Decision::Benign,
        score: Score(1),
        balance: Balance::default(),
        reason: "Nothing was seen.".into(),
        findings,
        coverage: Coverage { files: 1, parsed: 1, bytes: request.bytes.len() as u64, gaps: Vec::new() },
        author: Author::Engine { version: "0".into(), ruleset: String::new() },
    })
}
