//! Hosts from which anybody can serve anything without a name of their own.

use crate::rules::query::host_of;

/// Paste services, raw snippets, chat attachments, file drops and short links. A name stands for itself and all below it.
const ANONYMOUS: &[&str] = &[
    "0x0.st",
    "anonfiles.com",
    "bashupload.com",
    "bit.ly",
    "catbox.moe",
    "cdn.discordapp.com",
    "cl1p.net",
    "controlc.com",
    "dl.dropbox.com",
    "dl.dropboxusercontent.com",
    "dpaste.com",
    "dpaste.org",
    "file.io",
    "ghostbin.com",
    "ghostbin.me",
    "gist.githubusercontent.com",
    "gofile.io",
    "hastebin.com",
    "is.gd",
    "justpaste.it",
    "klgrth.io",
    "media.discordapp.net",
    "ngrok-free.app",
    "ngrok.app",
    "ngrok.io",
    "oshi.at",
    "paste.bingner.com",
    "paste.ee",
    "paste.fo",
    "paste.gg",
    "paste.myst.rs",
    "paste.rs",
    "pastebin.com",
    "pastebin.pl",
    "pastecord.com",
    "pasteio.com",
    "pixeldrain.com",
    "rentry.co",
    "rentry.org",
    "serveo.net",
    "sourceb.in",
    "temp.sh",
    "textbin.net",
    "throwbin.io",
    "tinyurl.com",
    "tmpfiles.org",
    "transfer.sh",
    "trycloudflare.com",
    "ufile.io",
    "webhook.site",
];

/// Services whose public pages or records attackers use as a letter box for the address of their server.
const DEAD_DROPS: &[&str] = &[
    "api.mainnet-beta.solana.com",
    "api.trongrid.io",
    "bsc-dataseed.binance.org",
    "calendar.app.google",
    "calendar.google.com",
    "docs.google.com",
    "etherscan.io",
    "gist.github.com",
    "gist.githubusercontent.com",
    "hastebin.com",
    "ic0.app",
    "icp0.io",
    "mastodon.social",
    "pastebin.com",
    "paste.ee",
    "rentry.co",
    "rpc.ankr.com",
    "steamcommunity.com",
    "t.me",
    "telegra.ph",
];

fn is_below(host: &str, names: &[&str]) -> bool {
    names.iter().any(|name| host == *name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
}

/// The host of an address when it is one of these, in words for a note.
pub fn anonymous(address: &str) -> Option<String> {
    let host = host_of(address)?;
    if is_public_number(&host) {
        return Some(format!("the bare address {host}"));
    }
    is_below(&host, ANONYMOUS).then(|| format!("{host}, where anybody can leave anything"))
}

/// The host of an address when it serves as a letter box.
pub fn dead_drop(address: &str) -> Option<String> {
    host_of(address).filter(|host| is_below(host, DEAD_DROPS))
}

/// Public resolvers of names: programs open a socket to them to learn their own address. Sorted.
const RESOLVERS: &[&str] =
    &["1.0.0.1", "1.1.1.1", "114.114.114.114", "208.67.222.222", "223.5.5.5", "8.8.4.4", "8.8.8.8", "9.9.9.9"];

/// A public IPv4 address: nobody publishes software there.
fn is_public_number(host: &str) -> bool {
    if RESOLVERS.contains(&host) {
        return false;
    }
    let Ok(address) = host.parse::<std::net::Ipv4Addr>() else { return false };
    // The addresses for documentation count as public, so that examples are as real as can be.
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast())
}
