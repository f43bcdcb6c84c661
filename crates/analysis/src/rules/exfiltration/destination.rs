//! Where data goes: what sort of host it is, as far as its name tells.

use model::{Action, Phase};

use crate::{
    rules::query::{Seen, host_of},
    source::Source,
};

/// Every way in which a host is talked to.
pub const TALKS: &[Action] = &[Action::NetSend, Action::NetFetch, Action::NetConnect, Action::NetResolve];

/// What sort of host it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// This machine or its own network: nothing leaves.
    Near,
    /// A public address without a name.
    Bare,
    /// A service that logs whatever comes, made for testers: nothing of a finished program talks to it.
    OutOfBand,
    /// A chat's robot or webhook.
    Messenger,
    /// Anybody may put a file there without an account.
    FileDrop,
    /// A service that takes whatever comes into its owner's automations.
    Automation,
    /// A tunnel to a machine that nobody can name.
    Tunnel,
    /// It answers with the address of the asker.
    AddressTeller,
    /// Any other named host.
    Named,
}

/// Names by which services are known, and what they are. A name stands for itself and everything below it.
const SERVICES: &[(Sort, &[&str])] = &[
    (
        Sort::OutOfBand,
        &[
            "beeceptor.com",
            "burpcollaborator.net",
            "bxss.in",
            "bxss.me",
            "canarytokens.com",
            "canarytokens.org",
            "ceye.io",
            "dig.pm",
            "dnsbin.zhack.ca",
            "dnslog.cn",
            "dnslog.link",
            "dnslog.pw",
            "eyes.sh",
            "ez.pe",
            "h4ck.pw",
            "hookb.in",
            "httpdump.app",
            "interact.sh",
            "interactsh.com",
            "m.pipedream.net",
            "mockbin.org",
            "oast.fun",
            "oast.live",
            "oast.me",
            "oast.online",
            "oast.pro",
            "oast.site",
            "oastify.com",
            "pingb.in",
            "postb.in",
            "ptsv2.com",
            "ptsv3.com",
            "request.bin",
            "requestb.in",
            "requestbin.cn",
            "requestbin.com",
            "requestbin.io",
            "requestbin.net",
            "requestcatcher.com",
            "requestinspector.com",
            "requestrepo.com",
            "tukutuku.dev",
            "typedwebhook.tools",
            "webhook.cool",
            "webhook.site",
            "webhookinbox.com",
            "2no.co",
            "grabify.link",
            "iplogger.co",
            "iplogger.com",
            "iplogger.org",
            "iplogger.ru",
            "yip.su",
            "xss.ht",
            "x.pipedream.net",
            "xss.report",
        ],
    ),
    (
        Sort::Messenger,
        &[
            "api.telegram.org",
            "canary.discord.com",
            "discord.com",
            "discordapp.com",
            "hooks.slack.com",
            "oapi.dingtalk.com",
            "open.feishu.cn",
            "ptb.discord.com",
            "qyapi.weixin.qq.com",
            "webhook.office.com",
        ],
    ),
    (
        Sort::FileDrop,
        &[
            "0x0.st",
            "1fichier.com",
            "anonfile.com",
            "anonfiles.com",
            "bashupload.com",
            "bayfiles.com",
            "catbox.moe",
            "file.io",
            "filebin.net",
            "filepost.io",
            "gofile.io",
            "keep.sh",
            "litterbox.catbox.moe",
            "oshi.at",
            "paste.c-net.org",
            "pixeldrain.com",
            "send.exploit.in",
            "siasky.net",
            "store1.gofile.io",
            "temp.sh",
            "tempfiles.ninja",
            "termbin.com",
            "tmpfiles.org",
            "transfer.archivete.am",
            "transfer.sh",
            "ufile.io",
            "uguu.se",
            "uploadfiles.io",
            "x0.at",
        ],
    ),
    (
        Sort::Automation,
        &[
            "connect.pabbly.com",
            "hook.eu1.make.com",
            "hook.eu2.make.com",
            "hook.us1.make.com",
            "hook.us2.make.com",
            "hooks.zapier.com",
            "maker.ifttt.com",
        ],
    ),
    (
        Sort::Tunnel,
        &[
            "bore.pub",
            "loca.lt",
            "localhost.run",
            "localtunnel.me",
            "ngrok-free.app",
            "ngrok-free.dev",
            "ngrok.app",
            "ngrok.io",
            "pagekite.me",
            "pinggy.link",
            "portmap.io",
            "serveo.net",
            "serveousercontent.com",
            "trycloudflare.com",
            "tunnelmole.net",
        ],
    ),
    (
        Sort::AddressTeller,
        &[
            "api.db-ip.com",
            "api.ip.sb",
            "api.ipapi.is",
            "api.ipify.org",
            "api.my-ip.io",
            "api.myip.com",
            "api64.ipify.org",
            "bot.whatismyipaddress.com",
            "checkip.amazonaws.com",
            "checkip.dyndns.org",
            "curlmyip.com",
            "curlmyip.net",
            "edns.ip-api.com",
            "extreme-ip-lookup.com",
            "freegeoip.app",
            "freegeoip.net",
            "geolocation-db.com",
            "icanhazip.com",
            "ident.me",
            "ifconfig.co",
            "ifconfig.io",
            "ifconfig.me",
            "ip-api.com",
            "ip.42.pl",
            "ip.seeip.org",
            "ip4.me",
            "ipapi.co",
            "ipecho.net",
            "ipinfo.io",
            "ipv4bot.whatismyipaddress.com",
            "ipwho.is",
            "ipwhois.app",
            "jsonip.com",
            "l2.io",
            "myexternalip.com",
            "myip.dnsomatic.com",
            "myip.opendns.com",
            "whatismyip.akamai.com",
            "wtfismyip.com",
        ],
    ),
];

/// What sort of host a name is.
pub fn sort_of(host: &str) -> Sort {
    if is_near(host) {
        return Sort::Near;
    }
    if let Some(address) = numbers(host) {
        let [a, b, ..] = address;
        let near = a == 0
            || a == 10
            || a == 127
            || a == 192 && b == 168
            || a == 172 && (16..32).contains(&b)
            || a == 169 && b == 254;
        return if near { Sort::Near } else { Sort::Bare };
    }
    if host.split('.').any(is_out_of_band_label) {
        return Sort::OutOfBand;
    }
    let below = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    let known = SERVICES.iter().find(|(_, names)| names.iter().any(|name| below(name)));
    known.map_or(Sort::Named, |(sort, _)| *sort)
}

/// Labels by which testers name their own copies of such services.
fn is_out_of_band_label(label: &str) -> bool {
    matches!(label, "oob" | "oast" | "dnslog" | "interactsh" | "burpcollaborator") || label.starts_with("oast-")
}

fn is_near(host: &str) -> bool {
    host == "localhost"
        || [".localhost", ".local", ".internal", ".lan"].iter().any(|end| host.ends_with(end))
        || host == "[::1]"
}

fn numbers(host: &str) -> Option<[u8; 4]> {
    let mut parts = host.split('.');
    let mut address = [0; 4];
    for part in &mut address {
        *part = parts.next()?.parse().ok()?;
    }
    parts.next().is_none().then_some(address)
}

/// The constant host to which a behaviour talks, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The host, or the constant end of its name.
    pub host: Option<String>,
    /// What sort of host it is.
    pub sort: Sort,
}

impl Destination {
    /// Where a behaviour talks to. A connection tells for what is sent on it.
    pub fn of(seen: Seen<'_>) -> Self {
        let own = host_in(seen.text());
        let host = own.or_else(|| {
            let origins = seen.source.origins(seen.id);
            let mut connections =
                origins.iter().map(|(id, _)| seen.source.behaviour(*id)).filter(|one| one.action == Action::NetConnect);
            connections.find_map(|one| host_in(&one.object.text))
        });
        let sort = host.as_deref().map_or(Sort::Named, sort_of);
        Self { host, sort }
    }

    /// Whether nothing leaves the machine's own network.
    pub fn is_near(&self) -> bool {
        self.sort == Sort::Near
    }

    /// Whether it is a place where a thief and no vendor waits for data.
    pub fn is_blind(&self) -> bool {
        matches!(
            self.sort,
            Sort::Bare | Sort::OutOfBand | Sort::Messenger | Sort::FileDrop | Sort::Automation | Sort::Tunnel
        )
    }

    /// The host for a note.
    pub fn words(&self) -> String {
        self.host.clone().unwrap_or_else(|| "a host".to_owned())
    }
}

/// The host of an address; of `{}.x.example` the constant end.
pub fn host_in(address: &str) -> Option<String> {
    match address.trim_matches(['\'', '"', ' ']) {
        "telegram" => return Some("api.telegram.org".into()),
        "discord" => return Some("discord.com".into()),
        _ => {}
    }
    // `host port` of a pair, as sockets take it.
    let address = address.trim_matches(['\'', '"', ' ']);
    if let Some(host) = host_of(address) {
        return Some(host.trim_end_matches('.').to_owned());
    }
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', ' ', ':']).next()?;
    let (_, end) = authority.rsplit_once("{}")?;
    let end = end.trim_start_matches(['.', '-', '_']);
    (end.matches('.').count() >= 1 && !end.is_empty()).then(|| host_of(end)).flatten()
}

/// The earliest phase in which a file talks to hosts; none when it does not.
pub fn talking_phase(source: &Source) -> Option<Phase> {
    source.behaviours(TALKS).map(Seen::phase).min()
}

/// Whether a message goes to a chat by an address in which its key stands: what kind of chat.
pub fn chat_in(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let after = |mark: &str| lower.split_once(mark).map(|(_, rest)| rest);
    let digits = |rest: &str, least: usize| rest.bytes().take_while(u8::is_ascii_digit).count() >= least;
    for mark in ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"] {
        if after(mark).is_some_and(|rest| digits(rest, 5)) {
            return Some("Discord");
        }
    }
    if ["/v6", "/v7", "/v8", "/v9", "/v10"]
        .iter()
        .any(|version| after(&format!("discord.com/api{version}/webhooks/")).is_some_and(|rest| digits(rest, 5)))
    {
        return Some("Discord");
    }
    if after("hooks.slack.com/services/t").is_some_and(|rest| rest.contains("/b")) {
        return Some("Slack");
    }
    if after("api.telegram.org/bot").is_some_and(|rest| digits(rest, 6)) || is_telegram_token(text) {
        return Some("Telegram");
    }
    if lower.contains(".webhook.office.com/webhook") || lower.contains("oapi.dingtalk.com/robot/send?access_token=") {
        return Some("Teams or DingTalk");
    }
    None
}

/// `123456789:` and 35 characters.
fn is_telegram_token(text: &str) -> bool {
    let Some((number, key)) = text.split_once(':') else { return false };
    (8..=10).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && key.len() == 35
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
