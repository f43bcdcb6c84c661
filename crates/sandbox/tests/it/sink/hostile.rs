//! Clients that mean no good: none gets more than its share, and none ends the sinkhole.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use model::TraceDeed;
use sandbox::sink::{Closure, Limits};

use super::{Trap, run, spoken};

#[test]
fn a_client_with_its_own_roots_is_told_as_one() {
    let trap = Trap::new(443);
    let to = format!("::127.0.0.1:{}", trap.tcp);
    if run("curl", &["-sS", "--connect-to", &to, "https://pinned.example/"]).is_none() {
        return;
    }
    let events = trap.events();
    let refused = events.iter().any(|event| {
        !event.ok && matches!(&event.deed, TraceDeed::TlsRefused { name, .. } if name == "pinned.example")
    });
    assert!(refused, "{events:?}");
}

#[test]
fn the_allowance_of_the_run_is_never_exceeded() {
    let limits = Limits { bytes: 1 << 20, body: 1000, ..Limits::default() };
    let trap = Trap::with(4444, limits, Closure::default());
    let mut stream = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    // The other end hangs up some time during this.
    let _ = stream.write_all(&vec![b'x'; 4 << 20]);
    let seen = trap.wait_for(|seen| matches!(seen.event.deed, TraceDeed::Raw { .. }).then(|| seen.clone()));
    let TraceDeed::Raw { sent, .. } = seen.event.deed else { unreachable!() };
    assert!(sent <= 1 << 20, "{sent}");
    assert_eq!(seen.contents[0].bytes.len(), 1000);
    let mut late = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    let _ = late.write_all(b"more");
    assert!(!matches!(late.read(&mut [0; 8]), Ok(1..)), "nothing is taken any more");
    assert!(spoken(&trap.events()).is_empty());
}

#[test]
fn too_many_connections_and_events_are_one_event() {
    let limits = Limits { connections: 4, events: 5, ..Limits::default() };
    let trap = Trap::with(4444, limits, Closure::default());
    let held: Vec<_> = (0..20).map(|_| TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open")).collect();
    let what = trap.wait_for(|seen| match &seen.event.deed {
        TraceDeed::Limit { what } => Some(what.clone()),
        _ => None,
    });
    assert_eq!(what, "network");
    drop(held);
    assert!(!trap.events().iter().any(|event| matches!(event.deed, TraceDeed::Limit { .. })), "it is said once");
}

#[test]
fn slow_clients_are_given_up() {
    let limits = Limits { silence: Duration::from_millis(200), idle: Duration::from_millis(300), ..Limits::default() };
    let trap = Trap::with(443, limits, Closure::default());
    // A greeting of TLS that is never finished, and a request whose body never comes.
    let mut greeting = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    greeting.write_all(&[0x16, 3, 1, 2, 0]).expect("sent");
    let mut request = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    request.write_all(b"POST /slow HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nhalf").expect("sent");
    trap.wait_for(|seen| matches!(seen.event.deed, TraceDeed::TlsRefused { .. }).then_some(()));
    // It may already have been told while the other was waited for.
    let events = trap.events();
    let half = events.iter().any(|event| matches!(&event.deed, TraceDeed::Http { head, .. } if head == "half"));
    assert!(half || events.is_empty(), "{events:?}");
}

#[test]
fn rubbish_ends_only_its_own_connection() {
    let trap = Trap::new(443);
    let rubbish: [&[u8]; 6] = [
        b"GET \x00\x00\r\n\r\n",
        b"\x16\x03\x01\xff\xff\xff\xff\xff",
        b"PRI * HTTP/2.0\r\n\r\nXX",
        b"\x05\x01\x00",
        b"POST",
        b"\x00",
    ];
    for bytes in rubbish {
        let mut stream = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
        let _ = stream.write_all(bytes);
    }
    let mut stream = TcpStream::connect(("127.0.0.1", trap.tcp)).expect("open");
    stream.write_all(b"still there?").expect("sent");
    let mut answer = [0; 3];
    stream.read_exact(&mut answer).expect("answered");
    assert_eq!(&answer, b"ok\n");
}
