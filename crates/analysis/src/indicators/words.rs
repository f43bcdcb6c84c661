//! What a text names that can be searched for.

use model::IndicatorKind;

use super::wallet;
use crate::rules::{
    exfiltration::destination::{Sort, sort_of},
    query::host_of,
};

/// Longer addresses are cut off: nobody searches for them.
const LONGEST: usize = 1024;

/// The address, host or number that the object of a network behaviour names.
pub fn of_address(text: &str) -> Vec<(IndicatorKind, String)> {
    let text = text.trim_matches(['\'', '"', ' ']);
    let mut found = Vec::new();
    if let Some(webhook) = webhook(text) {
        found.push((IndicatorKind::Webhook, webhook));
    }
    // Of a pattern, the part before its first unknown part is what can be searched for.
    let known = text.split("{}").next().unwrap_or_default();
    let Some(host) = host_of(text).or_else(|| host_of(known)).filter(|host| is_foreign(host)) else { return found };
    let url = known
        .split_once("://")
        .filter(|(scheme, rest)| rest.trim_end_matches('/').contains(['/', '?']) && is_scheme(scheme));
    if !is_shared(&host) {
        found.push(host_kind(&host));
    }
    if url.is_some() {
        found.push((IndicatorKind::Url, cut(known)));
    }
    found
}

/// Everything in a text that carries its own proof of what it is: addresses with a scheme, webhooks, wallets, e-mail.
pub fn in_text(text: &str, with_addresses: bool) -> Vec<(IndicatorKind, String)> {
    let mut found = Vec::new();
    for word in text
        .split(|one: char| one.is_whitespace() || matches!(one, '\'' | '"' | '`' | '<' | '>' | '(' | ')' | ',' | ';'))
    {
        if word.len() < 6 {
            continue;
        }
        if let Some(webhook) = webhook(word) {
            found.push((IndicatorKind::Webhook, webhook));
        }
        if let Some(coin) = wallet::coin_of(word.trim_matches(|one: char| !one.is_ascii_alphanumeric())) {
            let address = word.trim_matches(|one: char| !one.is_ascii_alphanumeric());
            found.push((IndicatorKind::Wallet, format!("{coin}:{address}")));
        }
        if with_addresses {
            if let Some(at) = word.find("://") {
                let scheme = word[..at].rsplit(|one: char| !one.is_ascii_alphanumeric()).next().unwrap_or_default();
                found.extend(of_address(&word[at - scheme.len()..]));
            } else if is_email(word) {
                found.push((IndicatorKind::Email, word.to_ascii_lowercase()));
            }
        }
    }
    found
}

/// A path on the victim's machine that is worth searching for: whole, or from a known folder on.
pub fn of_path(text: &str) -> Option<String> {
    let text = text.trim_matches(['\'', '"', ' ']);
    let slashed = text.replace('\\', "/");
    let rooted = slashed.starts_with(['/', '~', '%', '$'])
        || slashed.get(1..3) == Some(":/")
        || slashed.contains("/.") && slashed.starts_with("{}/");
    let parts = slashed.split('/').filter(|part| !matches!(*part, "" | "{}" | "." | ".." | "~")).count();
    let special = matches!(slashed.as_str(), "/dev/null" | "/dev/stdin" | "/dev/stdout" | "/dev/stderr" | "/tmp" | "/");
    (rooted && parts >= 1 && !special && text.len() >= 4 && text.len() <= 300 && !text.contains('\n'))
        .then(|| text.to_owned())
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn is_scheme(scheme: &str) -> bool {
    ["http", "https", "ftp", "ws", "wss", "tcp", "stratum+tcp", "stratum+ssl"]
        .iter()
        .any(|own| scheme.eq_ignore_ascii_case(own))
}

fn host_kind(host: &str) -> (IndicatorKind, String) {
    let bare = host.trim_matches(['[', ']']);
    let kind = if bare.parse::<std::net::IpAddr>().is_ok() { IndicatorKind::Ip } else { IndicatorKind::Host };
    (kind, bare.trim_end_matches('.').to_owned())
}

/// Whether a host is neither the victim's own network nor a registry.
fn is_foreign(host: &str) -> bool {
    sort_of(host) != Sort::Near
        && !is_registry(host)
        && host.split('.').all(|label| !label.is_empty() && label.len() < 64)
}

/// Hosts of code and of files that everybody uses: what is searched for is the address, and nobody may block the host.
const SHARED: &[&str] = &[
    "amazonaws.com",
    "bitbucket.org",
    "codeberg.org",
    "dropbox.com",
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "google.com",
    "googleapis.com",
    "huggingface.co",
    "microsoft.com",
    "python.org",
    "sourceforge.net",
    "t.me",
];

/// Whether honest people use the host as much as attackers do.
fn is_shared(host: &str) -> bool {
    let below = |name: &&str| host.strip_suffix(*name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    matches!(sort_of(host), Sort::Messenger | Sort::AddressTeller) || SHARED.iter().any(below)
}

/// The start of the digests of the hosts of public registries: where packages come from is no indicator, and their names are
/// written nowhere in this project.
const REGISTRIES: &[u64] = &[
    0x8743_857e_3ea0_0fd1,
    0x3ca2_9e55_be4b_efa4,
    0x5663_4d42_5a16_8d4c,
    0x45ea_7384_9d28_c0b9,
    0xa4aa_2ac2_80bb_8d1a,
    0x6af4_0d8f_6023_8faa,
    0xd6d7_019c_a9fc_bf07,
    0x8b5b_b5eb_9d75_8455,
    0x7174_1fe2_460a_6150,
    0x87d1_4f07_0cb9_6869,
    0x789e_46d7_9514_e280,
    0x75ad_ac51_5f0b_d3db,
];

fn is_registry(host: &str) -> bool {
    use sha2::Digest as _;
    let mut rest = Some(host);
    while let Some(name) = rest {
        let digest = sha2::Sha256::digest(name);
        let start = digest[..8].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if REGISTRIES.contains(&start) {
            return true;
        }
        rest = name.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'));
    }
    false
}

fn is_email(word: &str) -> bool {
    let Some((user, host)) = word.split_once('@') else { return false };
    let plain =
        |text: &str| text.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'.' | b'_' | b'-' | b'+'));
    let end = host.rsplit_once('.').map_or("", |(_, end)| end);
    !user.is_empty()
        && plain(user)
        && plain(host)
        && end.len() >= 2
        && end.bytes().all(|one| one.is_ascii_alphabetic())
        && !host.contains("..")
}

/// The service and number of a chat's webhook or robot.
fn webhook(text: &str) -> Option<String> {
    let after = |mark: &str| text.find(mark).map(|at| &text[at + mark.len()..]);
    let digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(rest) = after("/webhooks/").filter(|_| text.contains("discord"))
        && digits(rest) >= 5
    {
        return Some(format!("discord:{}", &rest[..digits(rest)]));
    }
    if let Some(rest) = after("hooks.slack.com/services/") {
        let parts: Vec<&str> = rest.split('/').take(2).collect();
        if let [team, hook] = parts[..]
            && team.starts_with('T')
            && hook.starts_with('B')
        {
            return Some(format!("slack:{team}/{hook}"));
        }
    }
    let robot = after("api.telegram.org/bot").unwrap_or(text);
    let number = digits(robot);
    let key = robot.get(number..)?.strip_prefix(':')?;
    let length = key.bytes().take_while(|one| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_')).count();
    ((6..=12).contains(&number) && (30..=40).contains(&length)).then(|| format!("telegram:{}", &robot[..number]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_into_what_can_be_searched_for() {
        use IndicatorKind::{Host, Ip, Url, Webhook};
        let rows: &[(&str, &[(IndicatorKind, &str)])] = &[
            ("https://c2.example/a?b=1", &[(Host, "c2.example"), (Url, "https://c2.example/a?b=1")]),
            ("http://198.51.100.7:8080", &[(Ip, "198.51.100.7")]),
            ("https://c2.example/a/{}/x", &[(Host, "c2.example"), (Url, "https://c2.example/a/")]),
            ("c2.example:4444", &[(Host, "c2.example")]),
            ("http://127.0.0.1/x", &[]),
            ("localhost", &[]),
            (
                "https://discord.com/api/webhooks/123456789/key",
                &[(Webhook, "discord:123456789"), (Url, "https://discord.com/api/webhooks/123456789/key")],
            ),
        ];
        for (text, expected) in rows {
            let found = of_address(text);
            let found: Vec<(IndicatorKind, &str)> = found.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn registries_are_no_indicators() {
        let host = ["np", "mjs.", "org"].concat();
        assert!(is_registry(&host) && is_registry(&format!("any.{host}")) && !is_registry(&format!("any{host}")));
    }

    #[test]
    fn paths_are_taken_when_they_can_be_searched_for() {
        for path in ["/tmp/x.sh", "~/.bashrc", "%APPDATA%\\x.exe", "C:\\Users\\Public\\x.bat", "{}/.config/autostart/x"]
        {
            assert!(of_path(path).is_some(), "{path}");
        }
        for path in ["x.txt", "{}/x.txt", "/dev/null", "", "./build/x"] {
            assert_eq!(of_path(path), None, "{path}");
        }
    }

    #[test]
    fn texts_name_wallets_robots_and_mail() {
        let text = "send 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa to \"thief@mail.example\" by https://c2.example/x/y";
        let kinds: Vec<IndicatorKind> = in_text(text, true).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [IndicatorKind::Wallet, IndicatorKind::Email, IndicatorKind::Host, IndicatorKind::Url]);
        assert_eq!(in_text(text, false).len(), 1);
    }

    #[test]
    fn an_address_starts_where_its_scheme_does_whatever_stands_before() {
        let found = in_text("NAME\u{e3}\u{192}\u{bb}https://files.example/a", true);
        assert!(found.iter().any(|(_, text)| text.contains("files.example")), "{found:?}");
    }
}
