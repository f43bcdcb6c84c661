//! What is fetched and run.

pub(super) mod host;

super::rules! {
    runs_downloaded_code = "runs-downloaded-code",
    runs_downloaded_file = "runs-downloaded-file",
    saves_disguised_program = "saves-disguised-program",
    pipes_download_to_shell = "pipes-download-to-shell",
    runs_encoded_powershell = "runs-encoded-powershell",
    starts_hidden_process = "starts-hidden-process",
    uses_system_binaries_to_download = "uses-system-binaries-to-download",
    fetches_from_anonymous_host = "fetches-from-anonymous-host",
    resolves_address_from_dead_drop = "resolves-address-from-dead-drop",
    loads_shellcode = "loads-shellcode",
    installs_packages_at_runtime = "installs-packages-at-runtime",
}
