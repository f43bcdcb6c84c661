//! What is collected: secrets of people, machines and browsers.

pub(super) mod store;

super::rules! {
    steals_browser_data = "steals-browser-data",
    steals_discord_tokens = "steals-discord-tokens",
    steals_wallets = "steals-wallets",
    sends_private_keys = "sends-private-keys",
    forwards_secret_arguments = "forwards-secret-arguments",
    sweeps_developer_secrets = "sweeps-developer-secrets",
    asks_cloud_metadata = "asks-cloud-metadata",
    asks_secret_vaults = "asks-secret-vaults",
    takes_ci_secrets = "takes-ci-secrets",
    runs_secret_scanners = "runs-secret-scanners",
    drives_ai_agents_without_consent = "drives-ai-agents-without-consent",
    watches_clipboard = "watches-clipboard",
    logs_keys = "logs-keys",
    captures_screen = "captures-screen",
    steals_sessions = "steals-sessions",
}
