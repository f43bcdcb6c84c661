//! Whether code is a copy of code that is known to be malware, under other names, hosts and keys.
//!
//! A worker takes the shapes of what runs by itself in a package. A [`Builder`] makes an index out of the shapes of
//! known samples and of honest packages: what honest packages share is no sign of anything and is left out. An [`Index`] is a
//! file that is read where it lies, so it can be mapped into memory; [`Index::find`] tells which samples a shape resembles, and
//! how much of their distinctive code it has. [`compare`] makes a finding of that.

mod build;
mod cluster;
mod compare;
mod index;
mod layout;
mod shapes;

pub use build::{Builder, TooLarge};
pub use cluster::clusters;
pub use compare::{Resemblance, compare, resemblances};
pub use index::{Index, Match, Owner, Sample, Unusable};
pub use shapes::Wanted;
pub(crate) use shapes::shapes;

/// From this share of a sample's distinctive code on, a shape resembles it.
pub const NEAR: f64 = 0.70;

/// From this share on, it is the same code.
pub const SAME: f64 = 0.90;

/// A piece of code with fewer distinctive shingles can be met by chance, so it is in no index.
pub const FEWEST: usize = 12;

/// Only so much distinctive code decides alone.
pub const ENOUGH: u32 = 60;

#[cfg(test)]
mod tests;
