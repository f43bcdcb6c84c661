//! What is done to the machine, its user and other packages.

super::rules! {
    opens_reverse_shell = "opens-reverse-shell",
    runs_remote_commands = "runs-remote-commands",
    persists_in_autostart = "persists-in-autostart",
    rewrites_agent_instructions = "rewrites-agent-instructions",
    patches_other_packages = "patches-other-packages",
    publishes_itself = "publishes-itself",
    writes_workflows = "writes-workflows",
    mines_coins = "mines-coins",
    swaps_wallet_addresses = "swaps-wallet-addresses",
    wipes_files = "wipes-files",
    evades_sandboxes = "evades-sandboxes",
    waits_before_it_acts = "waits-before-it-acts",
    instructs_agents = "instructs-agents",
    erases_its_traces = "erases-its-traces",
    disables_security = "disables-security",
}
