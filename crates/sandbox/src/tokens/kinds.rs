//! The kinds of secrets, as a table: a name, what it opens, and the shape of its value.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

use super::{Class, Token, alphabets as letters, seed::Seed, ssh};

/// A part of a value.
enum Part {
    /// These very characters.
    Text(&'static str),
    /// That many random characters of an alphabet.
    Random(&'static [u8], usize),
    /// The checksum that some issuers put at the end: CRC32 of the random part before, in base 62, six digits.
    Checksum,
}

use Part::{Checksum, Random, Text};

const KINDS: &[(&str, Class, &[Part])] = &[
    ("aws-key-id", Class::Cloud, &[Text("AKIA"), Random(letters::BASE32, 16)]),
    ("aws-secret", Class::Cloud, &[Random(letters::BASE62, 40)]),
    ("aws-role-key-id", Class::Cloud, &[Text("ASIA"), Random(letters::BASE32, 16)]),
    ("aws-role-secret", Class::Cloud, &[Random(letters::BASE62, 40)]),
    ("aws-role-session", Class::Cloud, &[Text("IQoJb3JpZ2luX2Vj"), Random(letters::BASE62, 180)]),
    ("metadata-session", Class::Cloud, &[Text("AQAEA"), Random(letters::BASE62, 50), Text("==")]),
    ("google-key", Class::Cloud, &[Text("AIzaSy"), Random(letters::BASE62, 33)]),
    ("google-refresh", Class::Cloud, &[Text("1//0"), Random(letters::BASE62, 60)]),
    ("google-access", Class::Cloud, &[Text("ya29."), Random(letters::BASE62, 120)]),
    ("azure-access", Class::Cloud, &[Text("eyJ0eXAiOiJKV1QifQ."), Random(letters::BASE62, 140)]),
    ("azure-secret", Class::Cloud, &[Random(letters::BASE62, 3), Text("8Q~"), Random(letters::BASE62, 34)]),
    ("kube-token", Class::Cloud, &[Text("eyJhbGciOiJSUzI1NiJ9."), Random(letters::BASE62, 160)]),
    ("npm-token", Class::Registry, &[Text("npm_"), Random(letters::BASE62, 30), Checksum]),
    ("npm-env-token", Class::Registry, &[Text("npm_"), Random(letters::BASE62, 30), Checksum]),
    ("pypi-token", Class::Registry, &[Text("pypi-AgEN"), Random(letters::BASE62, 150)]),
    ("cargo-token", Class::Registry, &[Text("cio"), Random(letters::BASE62, 32)]),
    ("gem-key", Class::Registry, &[Text("rubygems_"), Random(letters::HEX, 48)]),
    ("docker-password", Class::Registry, &[Text("dckr_pat_"), Random(letters::BASE62, 27)]),
    ("github-token", Class::Code, &[Text("ghp_"), Random(letters::BASE62, 30), Checksum]),
    ("github-env-token", Class::Code, &[Text("ghs_"), Random(letters::BASE62, 30), Checksum]),
    ("github-cli-token", Class::Code, &[Text("gho_"), Random(letters::BASE62, 30), Checksum]),
    ("gitlab-token", Class::Code, &[Text("glpat-"), Random(letters::BASE62, 20)]),
    ("netrc-password", Class::Shell, &[Random(letters::BASE62, 24)]),
    ("database-password", Class::Service, &[Random(letters::BASE62, 28)]),
    ("stripe-key", Class::Service, &[Text("sk_live_"), Random(letters::BASE62, 24)]),
    (
        "slack-token",
        Class::Service,
        &[Text("xoxb-"), Random(letters::DIGITS, 12), Text("-"), Random(letters::BASE62, 24)],
    ),
    ("openai-key", Class::Service, &[Text("sk-proj-"), Random(letters::BASE62, 48)]),
    ("anthropic-key", Class::Service, &[Text("sk-ant-api03-"), Random(letters::BASE62, 93), Text("AA")]),
    ("telegram-token", Class::Service, &[Random(letters::DIGITS, 10), Text(":AA"), Random(letters::BASE62, 33)]),
    (
        "discord-token",
        Class::Service,
        &[
            Text("MT"),
            Random(letters::BASE62, 24),
            Text("."),
            Random(letters::BASE62, 6),
            Text("."),
            Random(letters::BASE62, 38),
        ],
    ),
    ("session-secret", Class::Service, &[Random(letters::HEX, 64)]),
    ("browser-cookie", Class::Browser, &[Random(letters::BASE62, 44)]),
    ("browser-password", Class::Browser, &[Random(letters::BASE62, 20)]),
    ("ethereum-key", Class::Wallet, &[Random(letters::HEX, 64)]),
    ("wallet-vault", Class::Wallet, &[Random(letters::BASE62, 120)]),
    ("host-name", Class::Identity, &[Text("annika-t14s-"), Random(letters::LOWER, 14)]),
];

/// All tokens of a seed.
pub(crate) fn make(seed: &Seed) -> Vec<Token> {
    let simple = KINDS.iter().map(|(name, class, parts)| {
        let value = compose(seed, name, parts);
        let needles = vec![recognisable(&value).into_bytes()];
        Token { name, class: *class, value, needles }
    });
    let keys = [ssh_key(seed), bitcoin_key(seed), solana_key(seed)];
    simple.chain(keys).collect()
}

fn compose(seed: &Seed, name: &str, parts: &[Part]) -> String {
    let mut value = String::new();
    let mut random = String::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Text(text) => value.push_str(text),
            Random(alphabet, count) => {
                random = seed.text(&format!("{name}/{at}"), alphabet, *count);
                value.push_str(&random);
            }
            Checksum => value.push_str(&checksum(&random)),
        }
    }
    value
}

/// The part of a long value by which it is recognised: its end may be cut off by whoever takes it.
fn recognisable(value: &str) -> String {
    const LONGEST: usize = 64;
    value.trim_end_matches('=').chars().take(LONGEST).collect()
}

fn checksum(random: &str) -> String {
    let mut crc = flate2::Crc::new();
    crc.update(random.as_bytes());
    let mut rest = crc.sum();
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = letters::BASE62_DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// A real private key in OpenSSH's format, which `ssh-keygen` reads.
fn ssh_key(seed: &Seed) -> Token {
    let secret: [u8; 32] = seed.bytes("ssh-key", 32).try_into().unwrap_or([1; 32]);
    let value = ssh::private_key(&secret, &seed.bytes("ssh-check", 4), "annika@laptop");
    // The lines with the secret in them. The first lines of all such keys are alike.
    let lines = value.lines().filter(|line| !line.starts_with('-')).skip(2).filter(|line| line.len() >= 40);
    let needles = lines.map(|line| line.as_bytes().to_vec()).collect();
    Token { name: "ssh-key", class: Class::Shell, value, needles }
}

/// A private key in the wallets' import format: base 58 with a checksum.
fn bitcoin_key(seed: &Seed) -> Token {
    let mut bytes = vec![0x80];
    bytes.extend(seed.bytes("bitcoin-key", 32));
    bytes.push(1);
    let check = Sha256::digest(Sha256::digest(&bytes));
    bytes.extend(&check[..4]);
    let value = letters::base58(&bytes);
    Token { name: "bitcoin-key", class: Class::Wallet, needles: vec![value.clone().into_bytes()], value }
}

/// A key pair as the command line of Solana keeps it: 64 numbers.
fn solana_key(seed: &Seed) -> Token {
    let mut bytes = seed.bytes("solana-key", 32);
    if let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(&bytes) {
        bytes.extend(pair.public_key().as_ref());
    }
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let value = format!("[{}]", numbers.join(","));
    // As numbers, as bytes and as the text that wallets import.
    let needles = vec![
        numbers[..32].join(",").into_bytes(),
        bytes[..32].to_vec(),
        letters::base58(&bytes).into_bytes(),
        STANDARD.encode(&bytes[..30]).into_bytes(),
    ];
    Token { name: "solana-key", class: Class::Wallet, value, needles }
}
