//! HTTP of both versions: each request is taken whole, recognised, answered and written down.

use std::{convert::Infallible, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::Incoming,
    header::{self, HeaderValue},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use model::{Digest, TraceDeed};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::{
    Content,
    book::{Body, Book},
    connection::{self, Call},
    dns,
    personas::{self, Answer},
    raw::Spoken,
    stubs, websocket,
    wire::Wire,
};

/// How long the head of a request may take.
const HEAD_TIME: Duration = Duration::from_secs(3);

/// How long one address or header of an event is.
const SHOWN: usize = 2048;

/// Headers that are always there, or say nothing.
const USUAL: &[&str] = &["host", "connection", "content-length", "accept-encoding", "accept", "transfer-encoding"];

const METHODS: &[&str] =
    &["GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ", "PRI * HTTP/2"];

/// Whether a connection begins like HTTP.
pub(crate) fn is_spoken(first: &[u8]) -> bool {
    METHODS.iter().any(|method| {
        let common = method.len().min(first.len());
        common >= 3 && first[..common] == method.as_bytes()[..common]
    })
}

/// Answers all requests of a connection.
pub(crate) async fn serve(book: Arc<Book>, wire: Wire, call: Call, first: &[u8]) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    server.http2().timer(TokioTimer::new()).max_concurrent_streams(64).keep_alive_interval(None);
    let served = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let service = service_fn({
        let (book, call, served) = (Arc::clone(&book), call.clone(), Arc::clone(&served));
        move |request| {
            served.store(true, std::sync::atomic::Ordering::Relaxed);
            answer(Arc::clone(&book), call.clone(), request)
        }
    });
    let ended = server.serve_connection_with_upgrades(TokioIo::new(wire), service).await;
    if ended.is_err() && !served.load(std::sync::atomic::Ordering::Relaxed) {
        // It only looked like HTTP, or was never finished. What came first is told all the same.
        Spoken::new(&book, &call, "http", false).add(first);
    }
}

/// A request that has been read.
struct Asked {
    method: Method,
    host: String,
    /// Path and query.
    path: String,
    /// The whole address.
    url: String,
    headers: HeaderMap,
    body: Body,
}

async fn answer(
    book: Arc<Book>,
    call: Call,
    mut request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let upgrade = upgraded(&book, &call, &mut request);
    let asked = read(&book, &call, request).await;
    let (answer, is_question) = match upgrade {
        Some(answer) => (answer, false),
        None => respond(&book, &call, &asked),
    };
    if !is_question {
        note(&book, &call, &asked, &answer);
    }
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status.try_into().unwrap_or_default();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&answer.kind)
        && !answer.kind.is_empty()
    {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

async fn read(book: &Book, call: &Call, request: Request<Incoming>) -> Asked {
    let (parts, mut incoming) = request.into_parts();
    let mut body = Body::new(book.limits.body);
    while let Ok(Some(Ok(frame))) = timeout(book.limits.idle, incoming.frame()).await {
        if let Some(data) = frame.data_ref() {
            body.add(data);
        }
    }
    let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = parts.uri.authority().map(|authority| authority.as_str()).or(named);
    let scheme = parts.uri.scheme_str().unwrap_or(if call.secure { "https" } else { "http" });
    let port = call.to.port();
    let usual = if scheme == "https" { 443 } else { 80 };
    let place = match authority {
        Some(authority) => authority.to_owned(),
        None if port == usual => call.host(),
        None => call.place(),
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    // A tunnel has no path: its address is the place that it leads to.
    let url = if parts.method == Method::CONNECT { place.clone() } else { format!("{scheme}://{place}{path}") };
    let host = place.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(&*place, |(host, _)| host);
    Asked { host: host.to_owned(), url, path, method: parts.method, headers: parts.headers, body }
}

/// Finds an answer. Whether the request was a question for a name, which is written down as such alone.
fn respond(book: &Book, call: &Call, asked: &Asked) -> (Answer, bool) {
    let text = |name: header::HeaderName| asked.headers.get(name).and_then(|one| one.to_str().ok()).unwrap_or_default();
    let accept = text(header::ACCEPT);
    if let Some(answer) = resolver(book, call, asked, accept) {
        return (answer, true);
    }
    let base = asked.url.strip_suffix(&asked.path).unwrap_or(&asked.url);
    if asked.method == Method::GET || asked.method == Method::HEAD {
        let is_manager = is_package_manager(text(header::USER_AGENT), accept);
        if let Some(answer) = book.closure.answer(base, &asked.path, accept, is_manager) {
            return (answer, false);
        }
    }
    let persona = personas::answer(book.tokens(), asked.method.as_str(), &asked.host, &asked.path);
    (persona.unwrap_or_else(|| stubs::answer(&asked.url, accept)), false)
}

/// Whether a package manager asks: it is told when there is no such package, and anybody else is given something.
fn is_package_manager(agent: &str, accept: &str) -> bool {
    const AGENTS: &[&str] = &["npm/", "pnpm/", "yarn/", "Yarn/", "Bun/", "bun/"];
    accept.contains("application/vnd.npm") || AGENTS.iter().any(|one| agent.starts_with(one))
}

/// The name server inside of HTTP.
fn resolver(book: &Book, call: &Call, asked: &Asked, accept: &str) -> Option<Answer> {
    const MESSAGE: &str = "application/dns-message";
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let parameter = |wanted: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
    };
    let message = |bytes: &[u8]| {
        let body = dns::answer(book, bytes, Some(call.peer))?;
        Some(Answer { status: 200, kind: MESSAGE.to_owned(), headers: Vec::new(), body: body.into(), file: false })
    };
    if asked.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == MESSAGE) {
        return message(&asked.body.kept);
    }
    if let Some(question) = parameter("dns").filter(|_| path.ends_with("/dns-query")) {
        return message(&URL_SAFE_NO_PAD.decode(question.trim_end_matches('=')).ok()?);
    }
    if accept.contains("application/dns-json") || path.ends_with("/resolve") || path.ends_with("/dns-query") {
        let name = parameter("name")?;
        let body = dns::answer_json(book, name, parameter("type").unwrap_or("A"), call.peer);
        return Some(Answer::text(200, "application/dns-json", &body));
    }
    None
}

/// Agrees to a WebSocket or to a tunnel, and goes on in it.
fn upgraded(book: &Arc<Book>, call: &Call, request: &mut Request<Incoming>) -> Option<Answer> {
    if request.method() == Method::CONNECT {
        let authority = request.uri().authority()?.clone();
        let inner = call.tunnel(authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(443));
        let (book, upgrade) = (Arc::clone(book), hyper::upgrade::on(request));
        tokio::spawn(async move {
            if let Ok(stream) = upgrade.await {
                connection::serve(book, Box::new(TokioIo::new(stream)), inner).await;
            }
        });
        return Some(Answer::text(200, "", ""));
    }
    let upgrades = request.headers().get(header::UPGRADE)?.as_bytes().eq_ignore_ascii_case(b"websocket");
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    let headers = vec![
        ("upgrade", "websocket".to_owned()),
        ("connection", "Upgrade".to_owned()),
        ("sec-websocket-accept", websocket::accept(key)),
    ];
    let answer = Answer { headers, ..Answer::text(101, "", "") };
    let (book, call, upgrade) = (Arc::clone(book), call.clone(), hyper::upgrade::on(request));
    upgrades.then(|| {
        tokio::spawn(async move {
            if let Ok(stream) = upgrade.await {
                websocket::serve(&book, Box::new(TokioIo::new(stream)), &call).await;
            }
        });
        answer
    })
}

fn note(book: &Book, call: &Call, asked: &Asked, answer: &Answer) {
    let mut head = format!("{}\n", asked.url);
    for (name, value) in &asked.headers {
        head.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    }
    let mut tokens = book.recognise(&asked.host, head.as_bytes());
    // Pieces of bodies are put together with one another, not with what stands around them.
    tokens.extend(book.recognise(&format!("{} bodies", asked.host), &asked.body.kept));
    tokens.sort();
    tokens.dedup();
    let unusual = asked.headers.iter().filter(|(name, _)| !USUAL.contains(&name.as_str()));
    let headers = unusual
        .take(40)
        .map(|(name, value)| (name.to_string(), cut(&String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    let mut contents: Vec<Content> = asked.body.content().into_iter().collect();
    let sha256 = contents.first().map(|content| content.sha256);
    let answered = answer.file.then(|| {
        let sha256 = Digest(Sha256::digest(&answer.body).into());
        let kept = answer.body.len().min(book.limits.body);
        contents.push(Content { sha256, bytes: answer.body[..kept].to_vec(), answered: true });
        sha256
    });
    let deed = TraceDeed::Http {
        method: asked.method.to_string(),
        url: cut(&asked.url),
        headers,
        size: asked.body.size,
        sha256,
        head: asked.body.head(),
        status: answer.status,
        answered,
    };
    book.note(Some(call.peer), deed, tokens, contents);
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
