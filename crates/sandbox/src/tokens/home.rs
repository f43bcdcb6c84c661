//! The home of somebody who works: the files and variables that a thief looks for, with this run's secrets in them.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Tokens, ssh};

/// What is planted before a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Home {
    /// The name of the machine.
    pub host: String,
    /// The files, with whole paths.
    pub files: Vec<Planted>,
    /// The variables of the environment that hold secrets.
    pub variables: Vec<(String, String)>,
}

/// One planted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// Its whole path.
    pub path: String,
    /// Its content.
    pub content: Vec<u8>,
    /// Its mode.
    pub mode: u32,
    /// Whether reading it is reading credentials. The other files are there because an empty home is a suspicious one.
    pub secret: bool,
}

/// Files as text: path below the home, whether it is secret, and content in which `{name}` is the token of that name.
/// `{base64:...}` encodes what it encloses after the tokens are filled in.
const FILES: &[(&str, bool, &str)] = &[
    (".aws/credentials", true, "[default]\naws_access_key_id = {aws-key-id}\naws_secret_access_key = {aws-secret}\n"),
    (".aws/config", false, "[default]\nregion = eu-central-1\noutput = json\n"),
    (".npmrc", true, "//registry.example/:_authToken={npm-token}\nfund=false\n"),
    (
        ".pypirc",
        true,
        "[distutils]\nindex-servers = main\n\n[main]\nrepository = https://registry.example/legacy/\nusername = __token__\npassword = {pypi-token}\n",
    ),
    (".cargo/credentials.toml", true, "[registry]\ntoken = \"{cargo-token}\"\n"),
    (".gem/credentials", true, "---\n:rubygems_api_key: {gem-key}\n"),
    (".netrc", true, "machine git.internal.example login annika password {netrc-password}\n"),
    (".git-credentials", true, "https://annika:{github-token}@github.com\n"),
    (
        ".gitconfig",
        false,
        "[user]\n\tname = Annika Holm\n\temail = annika@holm.example\n[credential]\n\thelper = store\n",
    ),
    (
        ".config/gh/hosts.yml",
        true,
        "github.com:\n    user: annika-holm\n    oauth_token: {github-cli-token}\n    git_protocol: https\n",
    ),
    (
        ".config/glab-cli/config.yml",
        true,
        "hosts:\n    gitlab.com:\n        token: {gitlab-token}\n        user: annika\n",
    ),
    (
        ".config/gcloud/application_default_credentials.json",
        true,
        "{\n  \"client_id\": \"408721334409-annika.apps.googleusercontent.com\",\n  \"client_secret\": \"annikas-laptop\",\n  \"refresh_token\": \"{google-refresh}\",\n  \"type\": \"authorized_user\"\n}\n",
    ),
    (
        ".azure/service_principal_entries.json",
        true,
        "[{\"client_id\": \"6e7f2c1d-1a2b-4c3d-8e9f-0a1b2c3d4e5f\", \"client_secret\": \"{azure-secret}\"}]\n",
    ),
    (
        ".docker/config.json",
        true,
        "{\"auths\": {\"https://registry.internal.example\": {\"auth\": \"{base64:annika:{docker-password}}\"}}}\n",
    ),
    (
        ".kube/config",
        true,
        "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters:\n- name: prod\n  cluster:\n    server: https://10.20.0.1:6443\ncontexts:\n- name: prod\n  context:\n    cluster: prod\n    user: annika\nusers:\n- name: annika\n  user:\n    token: {kube-token}\n",
    ),
    (".ssh/id_ed25519", true, "{ssh-key}"),
    (".ssh/config", false, "Host build\n    HostName 10.20.0.14\n    User annika\n"),
    (
        ".ssh/known_hosts",
        false,
        "10.20.0.14 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n",
    ),
    (
        ".bash_history",
        true,
        "git pull\nnpm ci\nexport STRIPE_KEY={stripe-key}\nnpm test\nssh build\nkubectl get pods\n",
    ),
    (".bashrc", false, "export EDITOR=vim\nalias ll='ls -l'\n"),
    (".profile", false, "[ -f ~/.bashrc ] && . ~/.bashrc\n"),
    (".zshrc", false, "export EDITOR=vim\n"),
    (
        "projects/shop/.env",
        true,
        "DATABASE_URL=postgres://shop:{database-password}@10.20.0.5/shop\nSTRIPE_SECRET_KEY={stripe-key}\nSESSION_SECRET={session-secret}\nSLACK_BOT_TOKEN={slack-token}\n",
    ),
    (
        "projects/shop/package.json",
        false,
        "{\n  \"name\": \"shop\",\n  \"version\": \"2.3.1\",\n  \"private\": true,\n  \"scripts\": {\"start\": \"node index.js\"}\n}\n",
    ),
    ("projects/shop/index.js", false, "require('http').createServer((q, s) => s.end('shop')).listen(3000);\n"),
    (
        "projects/shop/.git/config",
        false,
        "[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = https://github.com/annika-holm/shop.git\n",
    ),
    ("projects/shop/.git/HEAD", false, "ref: refs/heads/main\n"),
    (
        "projects/bot/.env",
        true,
        "TELEGRAM_TOKEN={telegram-token}\nDISCORD_TOKEN={discord-token}\nOPENAI_API_KEY={openai-key}\n",
    ),
    ("Documents/notes.txt", false, "standup 9:30\nask Jonas for the invoice of March\nrenew the passport\n"),
    ("Documents/budget.csv", false, "month,rent,food\n2026-01,980,412\n2026-02,980,377\n"),
    (".config/solana/id.json", true, "{solana-key}"),
    (".bitcoin/wallet-backup.txt", true, "# exported 2025-11-02\n{bitcoin-key} 2025-11-02T10:11:12Z\n"),
    (
        ".ethereum/keystore/UTC--2025-06-01T08-00-00.000Z--hot",
        true,
        "{\"address\":\"0x7c1a\",\"privateKey\":\"0x{ethereum-key}\"}\n",
    ),
    (
        ".config/google-chrome/Default/Local Extension Settings/nkbihfbeogaeaoehlefnkodbefgpgknn/000003.log",
        true,
        "vault{\"data\":\"{wallet-vault}\",\"iv\":\"b1Yc0m\",\"salt\":\"x\"}\n",
    ),
    (
        ".config/google-chrome/Local State",
        false,
        "{\"os_crypt\":{\"encrypted_key\":\"RFBBUEkBAAAA0Iyd3w\"},\"profile\":{\"last_used\":\"Default\"}}\n",
    ),
    (".config/google-chrome/Default/Preferences", false, "{\"account_info\":[{\"email\":\"annika@holm.example\"}]}\n"),
    (
        ".mozilla/firefox/profiles.ini",
        false,
        "[Profile0]\nName=default\nIsRelative=1\nPath=q1w2e3r4.default\nDefault=1\n",
    ),
    (
        ".mozilla/firefox/q1w2e3r4.default/logins.json",
        true,
        "{\"nextId\":2,\"logins\":[{\"hostname\":\"https://bank.example\",\"encryptedUsername\":\"MDIE\",\"encryptedPassword\":\"{browser-password}\"}]}\n",
    ),
    (".config/discord/Local Storage/leveldb/000005.ldb", true, "token\u{1}\"{discord-token}\"\n"),
    (".claude.json", true, "{\"primaryApiKey\": \"{anthropic-key}\", \"numStartups\": 41}\n"),
    (".claude/settings.json", false, "{\"permissions\": {\"allow\": []}}\n"),
    (".config/Code/User/settings.json", false, "{\"editor.tabSize\": 2}\n"),
    (".cursor/mcp.json", false, "{\"mcpServers\": {}}\n"),
];

/// Variables of the environment, with tokens in the same way.
const VARIABLES: &[(&str, &str)] = &[
    ("NPM_TOKEN", "{npm-env-token}"),
    ("GITHUB_TOKEN", "{github-env-token}"),
    ("AWS_ACCESS_KEY_ID", "{aws-key-id}"),
    ("AWS_SECRET_ACCESS_KEY", "{aws-secret}"),
    ("GOOGLE_API_KEY", "{google-key}"),
    ("OPENAI_API_KEY", "{openai-key}"),
    ("ANTHROPIC_API_KEY", "{anthropic-key}"),
    ("SLACK_BOT_TOKEN", "{slack-token}"),
    ("DATABASE_URL", "postgres://shop:{database-password}@10.20.0.5/shop"),
];

/// The home with all its files.
pub(crate) fn furnish(tokens: &Tokens, folder: &str) -> Home {
    let folder = folder.trim_end_matches('/');
    let text = |(path, secret, content): &(&str, bool, &str)| Planted {
        path: format!("{folder}/{path}"),
        content: fill(tokens, content).into_bytes(),
        mode: if *secret { 0o600 } else { 0o644 },
        secret: *secret,
    };
    let mut files: Vec<Planted> = FILES.iter().map(text).collect();
    files.push(Planted {
        path: format!("{folder}/.ssh/id_ed25519.pub"),
        content: ssh::public_key(tokens.value("ssh-key"), "annika@laptop").into_bytes(),
        mode: 0o644,
        secret: false,
    });
    files.extend(super::browser::stores(tokens, folder));
    let variables = VARIABLES.iter().map(|(name, value)| ((*name).to_owned(), fill(tokens, value))).collect();
    Home { host: tokens.value("host-name").to_owned(), files, variables }
}

/// A text with the tokens filled in. Braces that name no token stay as they are.
pub(crate) fn fill(tokens: &Tokens, text: &str) -> String {
    let mut filled = text.to_owned();
    for token in tokens.all() {
        filled = filled.replace(&format!("{{{}}}", token.name), &token.value);
    }
    const ENCODED: &str = "{base64:";
    while let Some(from) = filled.find(ENCODED) {
        let Some(length) = filled[from..].find('}') else { break };
        let encoded = STANDARD.encode(&filled[from + ENCODED.len()..from + length]);
        filled.replace_range(from..=from + length, &encoded);
    }
    filled
}
