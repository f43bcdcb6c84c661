//! How data leaves.

super::rules! {
    sends_environment = "sends-environment",
}
