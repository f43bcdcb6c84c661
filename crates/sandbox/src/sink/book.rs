//! What all connections of a run share: the ledger of what was seen, and the means to answer.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
        mpsc::Sender,
    },
    time::Instant,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{Digest, Event, EventSource, TraceDeed};
use sha2::{Digest as _, Sha256};

use super::{Closure, Content, Limits, Observation, Origin, Settings, authority::Authority, names::Names};
use crate::tokens::{Gathering, Tokens};

/// How much of a body an event shows.
const HEAD: usize = 2048;

pub(crate) struct Book {
    pub(crate) authority: Authority,
    pub(crate) names: Names,
    pub(crate) closure: Closure,
    pub(crate) limits: Limits,
    pub(crate) origin: Box<dyn Origin>,
    tokens: std::sync::Arc<Tokens>,
    gathered: Mutex<Gathering>,
    start: Instant,
    step: AtomicU32,
    bytes: AtomicU64,
    events: AtomicU32,
    limited: AtomicBool,
    sender: Mutex<Sender<Observation>>,
}

impl Book {
    pub(crate) fn new(
        settings: Settings,
        authority: Authority,
        origin: Box<dyn Origin>,
        sender: Sender<Observation>,
    ) -> Self {
        Self {
            authority,
            names: Names::default(),
            closure: settings.closure,
            limits: settings.limits,
            origin,
            tokens: settings.tokens,
            gathered: Mutex::default(),
            start: settings.start,
            step: AtomicU32::new(0),
            bytes: AtomicU64::new(settings.limits.bytes),
            events: AtomicU32::new(0),
            limited: AtomicBool::new(false),
            sender: Mutex::new(sender),
        }
    }

    pub(crate) fn set_step(&self, step: u32) {
        self.step.store(step, Ordering::Relaxed);
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The tokens in what went to a place, pieces of earlier messages included.
    pub(crate) fn recognise(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = self.tokens.find(bytes);
        if found.is_empty() && !bytes.is_empty() {
            found = gathered.add(&self.tokens, place, bytes);
        }
        found
    }

    /// The tokens in a name that was asked for.
    pub(crate) fn recognise_name(&self, name: &str) -> Vec<String> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner).add_name(&self.tokens, name)
    }

    /// Takes bytes from the run's allowance; false when it is used up.
    pub(crate) fn spend(&self, bytes: usize) -> bool {
        let take = |left: u64| left.checked_sub(bytes as u64);
        let paid = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if !paid {
            self.bytes.store(0, Ordering::Relaxed);
            self.limit("network");
        }
        paid
    }

    /// Says once that a ceiling was hit.
    pub(crate) fn limit(&self, what: &str) {
        if !self.limited.swap(true, Ordering::Relaxed) {
            self.send(None, TraceDeed::Limit { what: what.to_owned() }, false, Vec::new(), Vec::new());
        }
    }

    /// Writes down what happened.
    pub(crate) fn note(&self, peer: Option<SocketAddr>, deed: TraceDeed, tokens: Vec<String>, contents: Vec<Content>) {
        if self.events.fetch_add(1, Ordering::Relaxed) >= self.limits.events && tokens.is_empty() {
            self.limit("events");
            return;
        }
        let ok = !matches!(deed, TraceDeed::TlsRefused { .. });
        self.send(peer, deed, ok, tokens, contents);
    }

    fn send(&self, peer: Option<SocketAddr>, deed: TraceDeed, ok: bool, tokens: Vec<String>, contents: Vec<Content>) {
        let event = Event {
            number: 0,
            micros: u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            step: self.step.load(Ordering::Relaxed),
            process: 0,
            parent: 0,
            source: EventSource::Sink,
            deed,
            ok,
            tokens,
            causes: Vec::new(),
        };
        // Whoever wanted to hear it may have gone.
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sender.send(Observation { event, peer, contents });
    }
}

/// Bytes as they arrive: all are counted and hashed, the first are kept.
pub(crate) struct Body {
    pub(crate) kept: Vec<u8>,
    pub(crate) size: u64,
    most: usize,
    hash: Sha256,
}

impl Body {
    pub(crate) fn new(most: usize) -> Self {
        Self { kept: Vec::new(), size: 0, most, hash: Sha256::new() }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
        let room = self.most.saturating_sub(self.kept.len());
        self.kept.extend(&bytes[..bytes.len().min(room)]);
    }

    /// The digest and the kept bytes; nothing of an empty body.
    pub(crate) fn content(&self) -> Option<Content> {
        let sha256 = Digest(self.hash.clone().finalize().into());
        (self.size > 0).then(|| Content { sha256, bytes: self.kept.clone(), answered: false })
    }

    /// The first bytes, as text where it is text, else in base64.
    pub(crate) fn head(&self) -> String {
        head(&self.kept)
    }
}

/// The first bytes, as text where it is text, else in base64.
pub(crate) fn head(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(HEAD)];
    let text = match std::str::from_utf8(cut) {
        Ok(text) => Some(text),
        // A letter that the cut went through.
        Err(error) if error.error_len().is_none() && cut.len() < bytes.len() => {
            std::str::from_utf8(&cut[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    let printable = |text: &&str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    text.filter(printable).map_or_else(|| STANDARD.encode(cut), str::to_owned)
}
