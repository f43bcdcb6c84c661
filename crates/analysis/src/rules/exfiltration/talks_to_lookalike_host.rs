//! The host is called so that a reader takes it for a well-known one.

use model::{Confidence, Known};

use super::destination::{Destination, TALKS};
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// Well-known names, and the domains that are really theirs. Sorted.
const BRANDS: &[(&str, &[&str])] = &[
    ("aliyun", &["aliyun.com", "aliyuncs.com"]),
    ("amazonaws", &["amazonaws.com", "amazonaws.com.cn", "amazonaws.cn"]),
    ("anthropic", &["anthropic.com"]),
    ("binance", &["binance.com", "binance.org", "binance.us", "binance.vision", "binancefuture.com"]),
    ("cloudflare", &["cloudflare.com", "cloudflare-dns.com", "cloudflareinsights.com", "cloudflarestorage.com"]),
    ("coinbase", &["coinbase.com"]),
    ("discord", &["discord.com", "discord.gg", "discordapp.com", "discordapp.net", "discord.media"]),
    ("facebook", &["facebook.com", "facebook.net"]),
    ("github", &["github.com", "github.io", "githubusercontent.com", "githubassets.com", "github.dev", "githubapp.com", "githubcopilot.com"]),
    ("gitlab", &["gitlab.com", "gitlab.io", "gitlab.net"]),
    ("google", &["google.com", "googleapis.com", "google.cn", "google", "googletagmanager.com", "google-analytics.com", "googleusercontent.com", "googlesyndication.com", "googlevideo.com", "googlesource.com"]),
    ("huggingface", &["huggingface.co"]),
    ("metamask", &["metamask.io"]),
    ("microsoft", &["microsoft.com", "microsoftonline.com", "microsoftonline.us", "microsoft.us", "microsoftonline.de"]),
    ("openai", &["openai.com", "openai.org"]),
    ("paypal", &["paypal.com", "paypalobjects.com", "paypal.cn"]),
    ("solana", &["solana.com", "solana.org", "solana.fm"]),
    ("telegram", &["telegram.org", "telegram.me", "telegram.dog"]),
    ("windows", &["windows.net", "windows.com", "windowsupdate.com"]),
];

/// Endings below which names are cheap, and those behind them change. Sorted.
const CHEAP: &[&str] = &[
    "buzz", "cc", "cf", "click", "club", "cyou", "fun", "ga", "gq", "host", "icu", "life", "link", "live", "lol", "ml", "monster",
    "online", "pw", "quest", "rest", "ru", "shop", "site", "space", "store", "su", "surf", "tk", "today", "top", "website", "work",
    "world", "wtf", "xyz",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(TALKS) {
        if seen.source.is_aside || seen.behaviour.object.known == Known::Unknown {
            continue;
        }
        let to = Destination::of(seen);
        let Some(host) = to.host.as_deref().filter(|host| !to.is_near() && !subject.is_own_host(host)) else { continue };
        let Some((brand, how)) = resembled(host) else { continue };
        let note = format!("The host {host} is called so that it is taken for one of {brand}: {}.", how.words());
        let sure = if how == How::Letters { Confidence::High } else { Confidence::Medium };
        sink.report(Report::indicator(sure, note).seen(seen));
    }
}

/// In what a host resembles a well-known one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Letters,
    Domain,
    Ending,
}

impl How {
    const fn words(self) -> &'static str {
        match self {
            Self::Letters => "letters are exchanged for others that look the same",
            Self::Domain => "the whole name of the other stands below a domain of somebody else",
            Self::Ending => "the name stands in a domain that anybody can have for little",
        }
    }
}

fn resembled(host: &str) -> Option<(&'static str, How)> {
    let below = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    if BRANDS.iter().any(|(_, own)| own.iter().any(|domain| below(domain))) {
        return None;
    }
    let mut labels = host.rsplit('.');
    let (ending, registered) = (labels.next()?, labels.next()?);
    let plain = skeleton(registered);
    for (brand, own) in BRANDS {
        if !registered.contains(brand) && plain.split('-').any(|word| word == skeleton(brand)) {
            return Some((brand, How::Letters));
        }
        if own.iter().any(|domain| domain.contains('.') && host.contains(&format!("{domain}."))) {
            return Some((brand, How::Domain));
        }
        if CHEAP.contains(&ending) && registered.split('-').any(|word| word == *brand) && registered.contains('-') {
            return Some((brand, How::Ending));
        }
    }
    None
}

/// A name with what looks alike made alike.
fn skeleton(name: &str) -> String {
    let plain = name.replace("rn", "m").replace("vv", "w").replace('0', "o").replace('3', "e").replace('5', "s");
    plain.replace(['1', 'i'], "l")
}
