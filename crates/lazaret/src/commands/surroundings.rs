//! The user's surroundings: where clients, settings and the cache are.

use net::{Cache, Environment};

/// The surroundings of this process; what clients say is remembered in the cache's folder.
pub fn environment() -> Environment {
    let environment = Environment::of_process(None);
    let memory = Cache::folder(&environment);
    Environment { memory: memory.map(|folder| folder.join("clients.json")), ..environment }
}
