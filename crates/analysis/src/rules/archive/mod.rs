//! What is odd about the archive and its files.

super::rules! {
    escapes_its_folder = "escapes-its-folder",
    kills_the_parser = "kills-the-parser",
}
