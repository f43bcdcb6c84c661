//! Protocols in which the server speaks first and each line has an answer: mail and file transfer. As data.

use std::sync::Arc;

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::{book::Book, connection::Call, raw::Spoken, wire::Wire};

/// A protocol of lines.
pub(crate) struct Dialogue {
    name: &'static str,
    /// Its ports.
    ports: &'static [u16],
    /// Its ports inside of TLS.
    secure: &'static [u16],
    greeting: &'static str,
    /// The beginning of a line in capitals, and the answer to it. `{tag}` is the first word of the line, `{address}` the
    /// address of the server in the notation of file transfer. The empty beginning answers everything else.
    answers: &'static [(&'static str, &'static str)],
}

const DIALOGUES: &[Dialogue] = &[
    Dialogue {
        name: "smtp",
        ports: &[25, 587, 2525],
        secure: &[465, 25, 587, 2525],
        greeting: "220 mail ESMTP\r\n",
        answers: &[
            ("EHLO", "250-mail\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"),
            ("AUTH PLAIN ", "235 2.7.0 Accepted\r\n"),
            ("AUTH PLAIN", "334 \r\n"),
            ("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"),
            ("STARTTLS", "220 2.0.0 Ready\r\n"),
            ("DATA", "354 Go ahead\r\n"),
            ("QUIT", "221 2.0.0 Bye\r\n"),
            ("", "250 2.0.0 OK\r\n"),
        ],
    },
    Dialogue {
        name: "ftp",
        ports: &[21],
        secure: &[990],
        greeting: "220 FTP ready\r\n",
        answers: &[
            ("USER", "331 Password please\r\n"),
            ("PASS", "230 Logged in\r\n"),
            ("SYST", "215 UNIX Type: L8\r\n"),
            ("FEAT", "211-Features:\r\n PASV\r\n UTF8\r\n211 End\r\n"),
            ("PWD", "257 \"/\"\r\n"),
            // Any port will do: all of them end here.
            ("PASV", "227 Entering Passive Mode ({address},78,32)\r\n"),
            ("EPSV", "229 Entering Extended Passive Mode (|||20000|)\r\n"),
            ("STOR", "150 Go ahead\r\n226 Done\r\n"),
            ("APPE", "150 Go ahead\r\n226 Done\r\n"),
            ("RETR", "550 No such file\r\n"),
            ("LIST", "150 Here it comes\r\n226 Done\r\n"),
            ("AUTH", "234 Ready\r\n"),
            ("QUIT", "221 Bye\r\n"),
            ("", "200 OK\r\n"),
        ],
    },
    Dialogue {
        name: "pop3",
        ports: &[110],
        secure: &[995],
        greeting: "+OK ready\r\n",
        answers: &[("STAT", "+OK 0 0\r\n"), ("LIST", "+OK\r\n.\r\n"), ("STLS", "+OK\r\n"), ("", "+OK\r\n")],
    },
    Dialogue {
        name: "imap",
        ports: &[143],
        secure: &[993],
        greeting: "* OK ready\r\n",
        answers: &[("", "{tag} OK done\r\n")],
    },
    Dialogue { name: "ssh", ports: &[22], secure: &[], greeting: "SSH-2.0-OpenSSH_9.2p1\r\n", answers: &[("", "")] },
    Dialogue { name: "telnet", ports: &[23], secure: &[], greeting: "login: ", answers: &[("", "ok\r\n")] },
];

/// Lines after which the server goes on inside of TLS.
const UPGRADES: &[&str] = &["STARTTLS", "AUTH TLS", "AUTH SSL", "STLS"];

/// The longest line that is answered.
const LINE: usize = 16 << 10;

/// The protocol in which the server of this port speaks first.
pub(crate) fn of_port(port: u16, secure: bool) -> Option<&'static Dialogue> {
    DIALOGUES.iter().find(|one| if secure { one.secure } else { one.ports }.contains(&port))
}

/// Speaks until the client falls silent. Hands the connection back when it goes on inside of TLS.
pub(crate) async fn speak(
    book: &Arc<Book>,
    mut wire: Wire,
    call: &Call,
    dialogue: &Dialogue,
    first: Bytes,
) -> Option<Wire> {
    let mut spoken = Spoken::new(book, call, dialogue.name, false);
    spoken.add(&first);
    let mut pending = first.to_vec();
    let mut in_message = false;
    let mut chunk = vec![0; 16 << 10];
    if !call.greeted {
        wire.write_all(dialogue.greeting.as_bytes()).await.ok()?;
    }
    loop {
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if in_message {
                in_message = line != ".";
                if in_message {
                    continue;
                }
            }
            let said = line.to_ascii_uppercase();
            wire.write_all(dialogue.answer(&line, &said, call).as_bytes()).await.ok()?;
            wire.flush().await.ok()?;
            if !call.secure && UPGRADES.contains(&said.as_str()) {
                return Some(wire);
            }
            in_message = dialogue.name == "smtp" && said == "DATA";
        }
        if pending.len() > LINE || dialogue.name == "ssh" {
            pending.clear();
        }
        match timeout(book.limits.idle, wire.read(&mut chunk)).await {
            Ok(Ok(count)) if count > 0 => {
                spoken.add(&chunk[..count]);
                pending.extend(&chunk[..count]);
            }
            _ => return None,
        }
    }
}

impl Dialogue {
    fn answer(&self, line: &str, said: &str, call: &Call) -> String {
        let found = self.answers.iter().find(|(beginning, _)| said.starts_with(beginning));
        let tag = line.split_whitespace().next().unwrap_or("*");
        let address = call.to.ip().to_string().replace('.', ",");
        found.map_or("", |(_, answer)| answer).replace("{tag}", tag).replace("{address}", &address)
    }
}
