//! Where code gets control.

super::rules! {
}
