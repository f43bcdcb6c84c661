//! What is fetched and run.

super::rules! {
    runs_downloaded_code = "runs-downloaded-code",
}
