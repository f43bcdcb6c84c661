//! How code is hidden.

super::rules! {
}
