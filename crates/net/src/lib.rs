//! The only outbound sockets: where registries are, how they are asked politely, and what is kept of their answers.
#![warn(missing_docs)]

mod cache;
mod checksum;
mod client;
pub mod discover;
mod error;
mod relay;
mod retry;
mod secret;

pub use cache::{Cache, CacheError, Space, Status};
pub use checksum::{Hasher, hash, sha256};
pub use client::{Answer, Client, Fetch, Options};
pub use discover::{DatabaseSettings, Discovered, Endpoint, Environment, discover};
pub use error::NetError;
pub use relay::{Relay, Relayed};
pub use secret::{Credential, Credentials, Secret, Shown};
