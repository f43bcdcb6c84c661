//! What is collected.

super::rules! {
}
