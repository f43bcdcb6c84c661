//! Whom the sinkhole plays, as one table. A thief who finds what he looks for goes on to his next stage.
//!
//! Registries have no name here: they are known by the paths that their clients ask for.

use bytes::Bytes;
use serde_json::Value;

use crate::tokens::Tokens;

/// What is answered to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The type of the content.
    pub(crate) kind: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// Whether it is a file that may be kept and started.
    pub(crate) file: bool,
}

impl Answer {
    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        let body = Bytes::copy_from_slice(body.as_bytes());
        Self { status, kind: kind.to_owned(), headers: Vec::new(), body, file: false }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }
}

/// One thing that is answered.
struct Persona {
    /// The method; empty for any.
    method: &'static str,
    /// The ends of host names, or whole addresses; empty for any.
    hosts: &'static [&'static str],
    /// The path without the query; a `*` stands for anything.
    path: &'static str,
    status: u16,
    kind: &'static str,
    /// The body, with `{name}` for the planted secret of that name and `{ip}` for the address of the caller.
    body: &'static str,
}

/// The address that everybody is told to have.
const ADDRESS: &str = "203.0.113.77";

const TEXT: &str = "text/plain";
const JSON: &str = "application/json";
const XML: &str = "text/xml";

const fn persona(
    method: &'static str,
    hosts: &'static [&'static str],
    path: &'static str,
    status: u16,
    kind: &'static str,
    body: &'static str,
) -> Persona {
    Persona { method, hosts, path, status, kind, body }
}

/// Services that tell a caller its address.
const ECHO: &[&str] = &[
    "ipify.org",
    "ifconfig.me",
    "icanhazip.com",
    "checkip.amazonaws.com",
    "ipinfo.io",
    "ip-api.com",
    "ipapi.co",
    "api.myip.com",
    "ident.me",
    "ip.sb",
    "ifconfig.co",
    "wtfismyip.com",
    "myexternalip.com",
    "ipecho.net",
    "seeip.org",
    "geolocation-db.com",
    "freegeoip.app",
    "ipwho.is",
];
const METADATA: &[&str] = &["169.254.169.254", "metadata.google.internal", "metadata.azure.internal", "instance-data"];
const ROLE: &str = "{\"Code\":\"Success\",\"LastUpdated\":\"2026-01-05T08:00:00Z\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"{aws-role-key-id}\",\"SecretAccessKey\":\"{aws-role-secret}\",\"Token\":\"{aws-role-session}\",\"Expiration\":\"2059-01-05T14:00:00Z\"}";
const CODE: &[&str] = &["api.github.com"];
const REPOSITORY: &str = "{\"id\":1,\"name\":\"shop\",\"full_name\":\"annika-holm/shop\",\"private\":true,\"default_branch\":\"main\",\"html_url\":\"https://github.com/annika-holm/shop\",\"clone_url\":\"https://github.com/annika-holm/shop.git\",\"permissions\":{\"admin\":true,\"push\":true,\"pull\":true},\"owner\":{\"login\":\"annika-holm\"}}";
const TELEGRAM: &str =
    "{\"ok\":true,\"result\":{\"message_id\":1,\"date\":1767600000,\"chat\":{\"id\":1,\"type\":\"private\"}}}";

const PERSONAS: &[Persona] = &[
    // Who am I?
    persona(
        "GET",
        ECHO,
        "*json*",
        200,
        JSON,
        "{\"ip\":\"{ip}\",\"query\":\"{ip}\",\"status\":\"success\",\"country\":\"Germany\",\"countryCode\":\"DE\",\"city\":\"Hamburg\",\"org\":\"Example Net\",\"isp\":\"Example Net\",\"hostname\":\"dsl.example\"}",
    ),
    persona("GET", ECHO, "*", 200, TEXT, "{ip}\n"),
    // The metadata of clouds.
    persona("PUT", METADATA, "/latest/api/token", 200, TEXT, "{metadata-session}"),
    persona("GET", METADATA, "/latest/meta-data/iam/security-credentials/", 200, TEXT, "build-agent"),
    persona("GET", METADATA, "/latest/meta-data/iam/security-credentials", 200, TEXT, "build-agent"),
    persona("GET", METADATA, "/latest/meta-data/iam/security-credentials/*", 200, JSON, ROLE),
    persona(
        "GET",
        METADATA,
        "/latest/meta-data/iam/info",
        200,
        JSON,
        "{\"Code\":\"Success\",\"InstanceProfileArn\":\"arn:aws:iam::412345678901:instance-profile/build-agent\"}",
    ),
    persona(
        "GET",
        METADATA,
        "/latest/meta-data/",
        200,
        TEXT,
        "ami-id\nhostname\niam/\ninstance-id\nlocal-ipv4\npublic-ipv4",
    ),
    persona("GET", METADATA, "/latest/meta-data/instance-id", 200, TEXT, "i-0a1b2c3d4e5f60718"),
    persona("GET", METADATA, "/latest/meta-data/hostname", 200, TEXT, "ip-10-20-0-17.eu-central-1.compute.internal"),
    persona("GET", METADATA, "/latest/meta-data/*", 200, TEXT, "10.20.0.17"),
    persona(
        "GET",
        METADATA,
        "/latest/dynamic/instance-identity/document",
        200,
        JSON,
        "{\"accountId\":\"412345678901\",\"region\":\"eu-central-1\",\"instanceId\":\"i-0a1b2c3d4e5f60718\"}",
    ),
    persona(
        "GET",
        METADATA,
        "/latest/user-data",
        200,
        TEXT,
        "#!/bin/sh\nexport DATABASE_PASSWORD={database-password}\n",
    ),
    persona(
        "GET",
        METADATA,
        "/computeMetadata/v1/*token",
        200,
        JSON,
        "{\"access_token\":\"{google-access}\",\"expires_in\":3599,\"token_type\":\"Bearer\"}",
    ),
    persona("GET", METADATA, "/computeMetadata/v1/*", 200, TEXT, "build-project"),
    persona(
        "GET",
        METADATA,
        "/metadata/identity/oauth2/token",
        200,
        JSON,
        "{\"access_token\":\"{azure-access}\",\"expires_in\":\"86399\",\"token_type\":\"Bearer\"}",
    ),
    persona(
        "GET",
        METADATA,
        "/metadata/*",
        200,
        JSON,
        "{\"compute\":{\"name\":\"build-1\",\"location\":\"westeurope\"}}",
    ),
    persona("GET", &["169.254.170.2"], "/*", 200, JSON, ROLE),
    persona(
        "",
        &["sts.amazonaws.com", ".amazonaws.com"],
        "/",
        200,
        XML,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::412345678901:user/annika</Arn><UserId>AIDA2EXAMPLE</UserId><Account>412345678901</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    ),
    // Registries, wherever they are.
    persona("GET", &[], "/-/whoami", 200, JSON, "{\"username\":\"annika\"}"),
    persona(
        "GET",
        &[],
        "/-/npm/v1/user",
        200,
        JSON,
        "{\"name\":\"annika\",\"email\":\"annika@holm.example\",\"tfa\":null}",
    ),
    persona(
        "GET",
        &[],
        "/-/npm/v1/tokens",
        200,
        JSON,
        "{\"objects\":[{\"token\":\"npm_1\",\"key\":\"1\",\"readonly\":false,\"cidr_whitelist\":null}],\"total\":1,\"urls\":{}}",
    ),
    persona(
        "POST",
        &[],
        "/-/npm/v1/tokens",
        200,
        JSON,
        "{\"token\":\"{npm-env-token}\",\"key\":\"2\",\"readonly\":false}",
    ),
    persona(
        "GET",
        &[],
        "/-/v1/search",
        200,
        JSON,
        "{\"objects\":[{\"package\":{\"name\":\"annika-strings\",\"version\":\"1.2.0\",\"maintainers\":[{\"username\":\"annika\"}]}}],\"total\":1}",
    ),
    persona("GET", &[], "/-/user/*/package", 200, JSON, "{\"annika-strings\":\"write\"}"),
    persona("PUT", &[], "/-/user/*", 201, JSON, "{\"ok\":true,\"token\":\"{npm-env-token}\"}"),
    persona("POST", &[], "/-/npm/v1/security/*", 200, JSON, "{}"),
    persona("GET", &[], "/-/ping", 200, JSON, "{}"),
    persona("POST", &[], "/legacy/", 200, TEXT, "OK"),
    persona(
        "PUT",
        &[],
        "/api/v1/crates/new",
        200,
        JSON,
        "{\"warnings\":{\"invalid_categories\":[],\"invalid_badges\":[],\"other\":[]}}",
    ),
    // Code hosts.
    persona(
        "GET",
        CODE,
        "/user",
        200,
        JSON,
        "{\"login\":\"annika-holm\",\"id\":8123456,\"type\":\"User\",\"name\":\"Annika Holm\",\"email\":\"annika@holm.example\"}",
    ),
    persona("GET", CODE, "/user/repos", 200, JSON, "[{repository}]"),
    persona("GET", CODE, "/user/orgs", 200, JSON, "[{\"login\":\"holm-labs\",\"id\":91}]"),
    persona("GET", CODE, "/users/*/repos", 200, JSON, "[{repository}]"),
    persona("GET", CODE, "/orgs/*/repos", 200, JSON, "[{repository}]"),
    persona("POST", CODE, "/user/repos", 201, JSON, "{repository}"),
    persona("GET", CODE, "/search/*", 200, JSON, "{\"total_count\":0,\"incomplete_results\":false,\"items\":[]}"),
    persona("GET", CODE, "/repos/*/contents/*", 404, JSON, "{\"message\":\"Not Found\"}"),
    persona(
        "GET",
        CODE,
        "/repos/*/actions/secrets",
        200,
        JSON,
        "{\"total_count\":1,\"secrets\":[{\"name\":\"NPM_TOKEN\"}]}",
    ),
    persona(
        "GET",
        CODE,
        "/repos/*/git/ref*",
        200,
        JSON,
        "{\"ref\":\"refs/heads/main\",\"object\":{\"sha\":\"6dcb09b5b57875f334f61aebed695e2e4193db5e\",\"type\":\"commit\"}}",
    ),
    persona("GET", CODE, "/repos/*", 200, JSON, "{repository}"),
    persona(
        "PUT",
        CODE,
        "/repos/*",
        201,
        JSON,
        "{\"content\":{\"sha\":\"95b966ae1c166bd92f8ae7d1c313e738c731dfc3\"},\"commit\":{\"sha\":\"7638417db6d59f3c431d3e1f261cc637155684cd\"}}",
    ),
    persona("POST", CODE, "/graphql", 200, JSON, "{\"data\":{\"viewer\":{\"login\":\"annika-holm\"}}}"),
    persona("POST", CODE, "/gists", 201, JSON, "{\"id\":\"1\",\"html_url\":\"https://gist.github.com/1\"}"),
    persona("POST", CODE, "/*", 201, JSON, "{\"id\":1,\"sha\":\"7638417db6d59f3c431d3e1f261cc637155684cd\"}"),
    persona(
        "GET",
        &["gitlab.com"],
        "/api/v4/user",
        200,
        JSON,
        "{\"id\":5,\"username\":\"annika\",\"name\":\"Annika Holm\"}",
    ),
    persona("GET", &["gitlab.com"], "/api/v4/*", 200, JSON, "[]"),
    // Where stolen things are sent.
    persona("POST", &["discord.com", "discordapp.com"], "/api/*webhooks/*", 204, JSON, ""),
    persona(
        "GET",
        &["discord.com", "discordapp.com"],
        "/api/*webhooks/*",
        200,
        JSON,
        "{\"id\":\"1\",\"name\":\"hook\",\"type\":1}",
    ),
    persona(
        "GET",
        &["discord.com", "discordapp.com"],
        "/api/*users/@me",
        200,
        JSON,
        "{\"id\":\"1\",\"username\":\"annika\",\"email\":\"annika@holm.example\"}",
    ),
    persona("", &["api.telegram.org"], "/*getUpdates", 200, JSON, "{\"ok\":true,\"result\":[]}"),
    persona("", &["api.telegram.org"], "/*", 200, JSON, TELEGRAM),
    persona("POST", &["hooks.slack.com"], "/*", 200, TEXT, "ok"),
    persona(
        "GET",
        &["api.gofile.io"],
        "/*",
        200,
        JSON,
        "{\"status\":\"ok\",\"data\":{\"server\":\"store1\",\"servers\":[{\"name\":\"store1\",\"zone\":\"eu\"}]}}",
    ),
    persona(
        "POST",
        &["gofile.io"],
        "/*",
        200,
        JSON,
        "{\"status\":\"ok\",\"data\":{\"downloadPage\":\"https://gofile.io/d/a1b2c3\"}}",
    ),
    persona(
        "",
        &["transfer.sh", "0x0.st", "file.io", "bashupload.com", "oshi.at", "catbox.moe", "temp.sh"],
        "/*",
        200,
        TEXT,
        "https://files.example/a1b2c3\n",
    ),
    persona(
        "POST",
        &["pastebin.com", "paste.ee", "dpaste.com", "hastebin.com", "rentry.co"],
        "/*",
        200,
        TEXT,
        "https://paste.example/a1b2c3\n",
    ),
    // Anybody else is content with whatever is sent.
    persona("POST", &[], "*", 200, JSON, "{\"ok\":true,\"success\":true,\"status\":\"ok\"}"),
    persona("PUT", &[], "*", 201, JSON, "{\"ok\":true,\"success\":true}"),
    persona("PATCH", &[], "*", 200, JSON, "{\"ok\":true}"),
    persona("DELETE", &[], "*", 200, JSON, "{\"ok\":true}"),
    persona("OPTIONS", &[], "*", 204, TEXT, ""),
];

/// What the persona of this host answers, if there is one.
pub(crate) fn answer(tokens: &Tokens, method: &str, host: &str, path_and_query: &str) -> Option<Answer> {
    let path = path_and_query.split('?').next().unwrap_or_default();
    let query = path_and_query.split_once('?').map_or("", |(_, query)| query);
    let plays = |one: &&Persona| {
        (one.method.is_empty() || one.method == method)
            && (one.hosts.is_empty() || one.hosts.iter().any(|end| is_host(host, end)))
            // The form of an answer is often asked for in the query.
            && (fits(one.path, path) || one.path == "*json*" && fits(one.path, query))
    };
    let found = PERSONAS.iter().find(plays)?;
    let body = found.body.replace("{repository}", REPOSITORY).replace("{ip}", ADDRESS);
    let mut answer = Answer::text(found.status, found.kind, &tokens.fill(&body));
    if is_host(host, "github.com") {
        answer.headers.push(("x-oauth-scopes", "repo, workflow, write:packages, delete_repo".to_owned()));
    }
    Some(answer)
}

fn is_host(host: &str, end: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == end || host.strip_suffix(end).is_some_and(|rest| end.starts_with('.') || rest.ends_with('.'))
}

/// Whether a path fits a pattern in which each `*` stands for anything.
fn fits(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut left) = path.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}
