//! From a target's text to verified bytes, against a registry on loopback.

mod database;
mod fake;
mod guard;
mod live;
mod local;
mod policy;
mod registries;
mod scan;
mod troubles;
