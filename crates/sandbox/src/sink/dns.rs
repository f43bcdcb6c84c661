//! The name server: every name exists, and each has an address of its own.

use std::{net::SocketAddr, sync::Arc};

use hickory_proto::{
    op::{Edns, Message, MessageType, OpCode, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, MX, NS, PTR, SOA, TXT},
    },
};
use model::TraceDeed;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::book::Book;

/// How long an answer is good, in seconds.
const LIFE: u32 = 60;

/// Answers questions that come over a connection, each with its length before it.
pub(crate) async fn serve_stream(book: &Arc<Book>, mut stream: TcpStream, peer: SocketAddr) {
    loop {
        let Ok(Ok(length)) = timeout(book.limits.idle, stream.read_u16()).await else { return };
        let mut question = vec![0; usize::from(length)];
        let read = timeout(book.limits.idle, stream.read_exact(&mut question)).await;
        if !matches!(read, Ok(Ok(_))) || !book.spend(question.len()) {
            return;
        }
        let Some(answer) = answer(book, &question, Some(peer)) else { return };
        let mut framed = u16::try_from(answer.len()).unwrap_or(0).to_be_bytes().to_vec();
        framed.extend(answer);
        if stream.write_all(&framed).await.is_err() {
            return;
        }
    }
}

/// The answer to a question, which is written down. None when it is no question.
pub(crate) fn answer(book: &Book, question: &[u8], peer: Option<SocketAddr>) -> Option<Vec<u8>> {
    let asked = Message::from_vec(question).ok()?;
    if asked.metadata.message_type != MessageType::Query {
        return None;
    }
    let mut reply = Message::new(asked.metadata.id, MessageType::Response, OpCode::Query);
    reply.metadata.recursion_desired = asked.metadata.recursion_desired;
    reply.metadata.recursion_available = true;
    if asked.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(1232);
        reply.edns = Some(edns);
    }
    for query in asked.queries.into_iter().take(4) {
        // Letters keep their case: data that is hidden in names may need it.
        let name = query.name().to_ascii();
        let name = name.trim_end_matches('.');
        let tokens = book.recognise_name(name);
        let record = query.query_type().to_string();
        book.note(peer, TraceDeed::Dns { name: name.to_owned(), record }, tokens, Vec::new());
        match data(book, query.name(), query.query_type()) {
            Some(data) => {
                reply.add_answer(Record::from_rdata(query.name().clone(), LIFE, data));
            }
            None if query.query_type() == RecordType::PTR => {
                reply.metadata.response_code = ResponseCode::NXDomain;
            }
            // The name exists, but has no such record.
            None => {}
        }
        reply.add_query(query);
    }
    reply.to_vec().ok()
}

fn data(book: &Book, name: &Name, kind: RecordType) -> Option<RData> {
    let text = name.to_ascii();
    Some(match kind {
        RecordType::A | RecordType::ANY => RData::A(A(book.names.address_of(&text)?)),
        RecordType::TXT => RData::TXT(TXT::new(vec!["v=spf1 -all".to_owned()])),
        RecordType::MX => RData::MX(MX::new(10, Name::from_utf8(format!("mail.{text}")).ok()?)),
        RecordType::NS => RData::NS(NS(Name::from_utf8("ns1.nameserver.example.").ok()?)),
        RecordType::SOA => {
            let server = Name::from_utf8("ns1.nameserver.example.").ok()?;
            RData::SOA(SOA::new(server.clone(), server, 1, 3600, 600, 86_400, 60))
        }
        RecordType::PTR => {
            let address = name.parse_arpa_name().ok()?.addr();
            RData::PTR(PTR(Name::from_utf8(book.names.name_of(address)?).ok()?))
        }
        _ => return None,
    })
}

/// The address of a name as a service that answers in JSON gives it.
pub(crate) fn answer_json(book: &Book, name: &str, record: &str, peer: SocketAddr) -> String {
    let tokens = book.recognise_name(name);
    book.note(
        Some(peer),
        TraceDeed::Dns { name: name.to_owned(), record: record.to_ascii_uppercase() },
        tokens,
        Vec::new(),
    );
    let address = book.names.address_of(name).map(|address| address.to_string());
    let (number, data) = match record {
        "TXT" | "txt" | "16" => (16, Some("v=spf1 -all".to_owned())),
        "A" | "a" | "1" | "" => (1, address),
        _ => (1, None),
    };
    let answers: Vec<_> = data
        .into_iter()
        .map(|data| serde_json::json!({"name": name, "type": number, "TTL": LIFE, "data": data}))
        .collect();
    serde_json::json!({
        "Status": 0, "TC": false, "RD": true, "RA": true, "AD": false, "CD": false,
        "Question": [{"name": name, "type": number}],
        "Answer": answers,
    })
    .to_string()
}
