//! Persistence, damage, spread.

super::rules! {
}
