//! How data leaves.

pub(crate) mod destination;

super::rules! {
    sends_environment = "sends-environment",
    sends_host_identity_at_install = "sends-host-identity-at-install",
    exfiltrates_by_dns = "exfiltrates-by-dns",
    posts_to_chat_webhook = "posts-to-chat-webhook",
    calls_out_of_band_service = "calls-out-of-band-service",
    reads_credential_files_and_sends = "reads-credential-files-and-sends",
    sends_named_secrets = "sends-named-secrets",
    uploads_to_file_drop = "uploads-to-file-drop",
    uploads_files_it_finds = "uploads-files-it-finds",
    hides_the_address_it_talks_to = "hides-the-address-it-talks-to",
    talks_to_lookalike_host = "talks-to-lookalike-host",
    uploads_to_code_host = "uploads-to-code-host",
    looks_up_public_ip = "looks-up-public-ip",
}
