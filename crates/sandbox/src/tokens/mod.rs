//! Honeytokens: secrets that are planted where a package runs, so that they are recognised when they leave.
//!
//! ```no_run
//! let tokens = sandbox::tokens::Tokens::new([7; 32]);
//! let home = tokens.home("/home/annika");          // files and variables to plant before the run
//! let hits = tokens.find(b"any bytes that left");  // ["npm-token:base64>gzip", ...]
//! ```
//!
//! Each run has its own: a secret that turns up later on a paste site still tells which run it left. Every value has the
//! form of the real thing, so that a thief who checks is content, and none opens any door.

mod alphabets;
mod browser;
mod decode;
mod find;
mod gather;
mod home;
mod kinds;
mod seed;
mod ssh;
#[cfg(test)]
mod tests;
mod written;

pub use gather::Gathering;
pub use home::{Home, Planted};

use find::Matcher;
use seed::Seed;

/// The secrets of one run, and what finds them again.
pub struct Tokens {
    seed: [u8; 32],
    all: Vec<Token>,
    matcher: Matcher,
}

/// One planted secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its name, such as `npm-token`.
    pub name: &'static str,
    /// What it would open.
    pub class: Class,
    /// The text that is planted.
    pub value: String,
    /// The parts of it by which it is recognised, each long and random enough for that.
    pub(crate) needles: Vec<Vec<u8>>,
}

/// What a secret would open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A cloud account.
    Cloud,
    /// The right to publish in a registry.
    Registry,
    /// A code host.
    Code,
    /// Another machine.
    Shell,
    /// Money.
    Wallet,
    /// What a browser keeps.
    Browser,
    /// Any other service.
    Service,
    /// No secret, but it names the machine: that it leaves shows that somebody asks who is there.
    Identity,
}

impl Tokens {
    /// The secrets of this seed. The same seed gives the same secrets; a run uses a fresh one.
    pub fn new(seed: [u8; 32]) -> Self {
        let all = kinds::make(&Seed::new(seed));
        let matcher = Matcher::new(&all);
        Self { seed, all, matcher }
    }

    /// The seed that they come from.
    pub fn seed(&self) -> [u8; 32] {
        self.seed
    }

    /// All of them.
    pub fn all(&self) -> &[Token] {
        &self.all
    }

    /// The planted text of a name; empty when there is no such token.
    pub fn value(&self, name: &str) -> &str {
        self.all.iter().find(|token| token.name == name).map_or("", |token| &token.value)
    }

    /// What a token of this name would open.
    pub fn class(&self, name: &str) -> Option<Class> {
        self.all.iter().find(|token| token.name == name).map(|token| token.class)
    }

    /// The home of somebody who works, with these secrets in it.
    pub fn home(&self, folder: &str) -> Home {
        home::furnish(self, folder)
    }

    /// A text in which each `{name}` of a token is replaced by its planted text.
    pub fn fill(&self, text: &str) -> String {
        home::fill(self, text)
    }

    /// The tokens in these bytes, each as `name:encoding>encoding`, the outermost encoding first; sorted, each once. At
    /// most [`Tokens::READ`] bytes are read, and what is unpacked from them is bounded as well.
    pub fn find(&self, bytes: &[u8]) -> Vec<String> {
        self.matcher.find(&bytes[..bytes.len().min(Self::READ)])
    }

    /// How much of one body is searched.
    pub const READ: usize = 1 << 20;
}
