//! One worker, as its parent sees it.

use std::{
    io::{self, ErrorKind},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use analysis::UserRules;
use model::Analysis;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    Death, Options, WORKER_ARGUMENT, frame,
    message::{Answer, Hello, Job, Setup, TO_PARENT, TO_WORKER},
    spawner::Spawner,
};

/// How long a worker may take to raise its walls and prepare the rules. Generous: the machine may be busy.
const START: Duration = Duration::from_secs(30);
/// How long a process that has closed its pipes may take to end.
const GRACE: Duration = Duration::from_secs(2);
/// A worker is replaced once it has been busy this long, so that its bound on processor time never meets honest work.
const BUSY: Duration = Duration::from_secs(600);
/// How many of its last words are kept.
const LAST_WORDS: usize = 4096;

/// A worker that is ready for a job. Dropping it ends the process.
pub(crate) struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    last_words: JoinHandle<Vec<u8>>,
    artifacts: u32,
    busy: Duration,
}

impl Worker {
    /// Starts a worker and waits until its walls stand. The error is a sentence.
    pub async fn start(spawner: &Spawner, options: &Options) -> Result<(Self, Hello), String> {
        let sentence = |error: io::Error| format!("No worker could be started: {error}.");
        let mut child = spawner.spawn(command(&options.program)).await.map_err(sentence)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err(sentence(ErrorKind::BrokenPipe.into()));
        };
        let last_words = tokio::spawn(keep_last(errors));
        let mut worker = Self { child, input, output, last_words, artifacts: 0, busy: Duration::ZERO };
        match timeout(START, worker.greet(options)).await {
            Ok(Ok(Hello { refusal: Some(why), .. })) => Err(format!("A worker was started, but refused: {why}")),
            Ok(Ok(hello)) => Ok((worker, hello)),
            Ok(Err(error)) => Err(format!("A worker was started, but it {}.", worker.autopsy(&error).await)),
            Err(_) => Err("A worker was started, but it did not become ready.".into()),
        }
    }

    async fn greet(&mut self, options: &Options) -> io::Result<Hello> {
        let Options { limits, summary, memory, time, user, .. } = options;
        let processor = (BUSY + *time).as_secs() + 10;
        let setup = Setup { limits: limits.clone(), summary: *summary, memory: *memory, processor };
        let rules = serde_json::to_vec::<UserRules>(user)?;
        self.send(&frame::encode(&setup, &rules, TO_WORKER)?, &rules).await?;
        let (hello, _) = frame::receive(&mut self.output, TO_PARENT).await?;
        Ok(hello)
    }

    /// Has one artifact read. After a death the worker is of no use.
    pub async fn read(&mut self, job: &Job, bytes: &[u8], time: Duration) -> Result<Analysis, Death> {
        let started = Instant::now();
        let answer = timeout(time, self.exchange(job, bytes)).await;
        self.artifacts += 1;
        self.busy += started.elapsed();
        match answer {
            Ok(Ok(analysis)) => Ok(analysis),
            Ok(Err(error)) => Err(self.autopsy(&error).await),
            Err(_) => {
                self.end().await;
                Err(Death::Time)
            }
        }
    }

    async fn exchange(&mut self, job: &Job, bytes: &[u8]) -> io::Result<Analysis> {
        self.send(&frame::encode(job, bytes, TO_WORKER)?, bytes).await?;
        let (Answer { id }, body) = frame::receive(&mut self.output, TO_PARENT).await?;
        if id != job.id {
            return Err(io::Error::new(ErrorKind::InvalidData, "the answer is to another question"));
        }
        Ok(serde_json::from_slice(&body)?)
    }

    async fn send(&mut self, head: &[u8], body: &[u8]) -> io::Result<()> {
        self.input.write_all(head).await?;
        self.input.write_all(body).await?;
        self.input.flush().await
    }

    /// Whether this worker has read other artifacts before.
    pub fn is_used(&self) -> bool {
        self.artifacts > 0
    }

    /// Whether it may read another artifact.
    pub fn is_fit(&mut self, options: &Options) -> bool {
        self.artifacts < options.artifacts
            && self.busy < BUSY
            && matches!(self.child.try_wait(), Ok(None))
            && self.child.id().and_then(resident).is_none_or(|bytes| bytes <= options.resident)
    }

    /// Finds out of what it died. A worker that talks nonsense or has closed its pipes and lives on is ended.
    async fn autopsy(&mut self, error: &io::Error) -> Death {
        let closed = matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe);
        if closed && let Ok(Ok(status)) = timeout(GRACE, self.child.wait()).await {
            let words = timeout(GRACE, &mut self.last_words).await;
            return Death::of(status, &words.ok().and_then(Result::ok).unwrap_or_default());
        }
        self.end().await;
        Death::Garbled
    }

    async fn end(&mut self) {
        // It fails only when the process has ended already.
        let _ = self.child.kill().await;
    }
}

/// The worker gets nothing of our environment: it holds other people's tokens.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg(WORKER_ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(windows)]
    command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
    command
}

/// Empties the pipe to its end, so that a talkative worker does not block, and keeps the end.
async fn keep_last(mut from: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut kept = Vec::with_capacity(2 * LAST_WORDS);
    let mut piece = [0; LAST_WORDS];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        kept.drain(..kept.len().saturating_sub(LAST_WORDS));
        kept.extend_from_slice(&piece[..length]);
    }
    kept
}

/// Memory that a process holds now, in bytes, where the system tells it.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
