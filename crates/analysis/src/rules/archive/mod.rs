//! What is odd about the archive and its files.

use model::Problem;

use crate::subject::Subject;

super::rules! {
    escapes_its_folder = "escapes-its-folder",
    unpacks_differently = "unpacks-differently",
    has_wrong_container = "has-wrong-container",
    ships_standalone_executable = "ships-standalone-executable",
    ships_binaries_as_source = "ships-binaries-as-source",
    hides_data_behind_pictures = "hides-data-behind-pictures",
    has_suspicious_binary_imports = "has-suspicious-binary-imports",
    kills_the_parser = "kills-the-parser",
    resembles_known_malware = "resembles-known-malware",
    is_little_but_a_payload = "is-little-but-a-payload",
}

/// The problems of the artifact itself. Archives inside it are often the test data of a library that reads archives.
fn outer(subject: &Subject) -> impl Iterator<Item = &Problem> {
    subject.problems.iter().filter(|problem| {
        let path = problem.path.strip_prefix("data.tar.gz!").unwrap_or(&problem.path);
        !path.contains('!') && !crate::source::is_aside(path)
    })
}
