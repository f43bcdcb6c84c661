//! Names, orders, documents and manifests of every registry.

mod hostile;
mod lockfiles;
mod manifests;
mod metadata;
mod orders;
mod targets;
