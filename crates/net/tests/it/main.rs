//! The client, the cache and the discovery of registries, all on loopback and in temporary folders.

mod cache;
mod client;
mod discover;
mod secrets;
