//! The stores of a browser: small databases in SQLite's format, which any reader of SQLite opens.

use super::{Planted, Tokens};

const PAGE: usize = 4096;

/// A value of a row.
enum Cell<'a> {
    Text(&'a str),
    Number(i64),
}

/// Passwords and cookies where Chrome keeps them.
pub(crate) fn stores(tokens: &Tokens, folder: &str) -> Vec<Planted> {
    let logins = table(
        "logins",
        "CREATE TABLE logins (origin_url VARCHAR, username_value VARCHAR, password_value VARCHAR, date_created INTEGER)",
        &[
            Cell::Text("https://bank.example/login"),
            Cell::Text("annika"),
            Cell::Text(tokens.value("browser-password")),
            Cell::Number(1_741_000_000),
        ],
    );
    let cookies = table(
        "cookies",
        "CREATE TABLE cookies (host_key TEXT, name TEXT, value TEXT, encrypted_value TEXT, expires_utc INTEGER)",
        &[
            Cell::Text(".github.com"),
            Cell::Text("user_session"),
            Cell::Text(tokens.value("browser-cookie")),
            Cell::Text(""),
            Cell::Number(1_799_000_000),
        ],
    );
    let places = [("Login Data", logins), ("Cookies", cookies)];
    let planted = places.map(|(name, content)| Planted {
        path: format!("{folder}/.config/google-chrome/Default/{name}"),
        content,
        mode: 0o600,
        secret: true,
    });
    planted.into()
}

/// A database of one table with one row.
fn table(name: &str, statement: &str, row: &[Cell]) -> Vec<u8> {
    let schema = [Cell::Text("table"), Cell::Text(name), Cell::Text(name), Cell::Number(2), Cell::Text(statement)];
    let mut first = page(100, &record(&schema));
    first[..100].copy_from_slice(&header());
    let mut file = first;
    file.extend(page(0, &record(row)));
    file
}

/// The first hundred bytes of the file.
fn header() -> [u8; 100] {
    let mut header = [0; 100];
    header[..16].copy_from_slice(b"SQLite format 3\0");
    header[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    header[18..24].copy_from_slice(&[1, 1, 0, 64, 32, 32]);
    let mut put = |at: usize, value: u32| header[at..at + 4].copy_from_slice(&value.to_be_bytes());
    put(24, 1); // changes
    put(28, 2); // pages
    put(40, 1); // version of the schema
    put(44, 4); // format of the schema
    put(56, 1); // UTF-8
    put(92, 1); // changes at which the version was written
    put(96, 3_045_000); // the version that wrote it
    header
}

/// A leaf with one cell, whose header stands after so many bytes.
fn page(from: usize, payload: &[u8]) -> Vec<u8> {
    let mut cell = variable(payload.len() as u64);
    cell.extend(variable(1));
    cell.extend(payload);
    let at = PAGE - cell.len();
    let mut page = vec![0; PAGE];
    page[from] = 13;
    page[from + 3..from + 5].copy_from_slice(&1u16.to_be_bytes());
    page[from + 5..from + 7].copy_from_slice(&(at as u16).to_be_bytes());
    page[from + 8..from + 10].copy_from_slice(&(at as u16).to_be_bytes());
    page[at..].copy_from_slice(&cell);
    page
}

fn record(cells: &[Cell]) -> Vec<u8> {
    let kinds: Vec<u8> = cells
        .iter()
        .flat_map(|cell| match cell {
            Cell::Text(text) => variable(13 + 2 * text.len() as u64),
            Cell::Number(_) => variable(6),
        })
        .collect();
    // The header's length counts itself; these rows are short enough for one byte.
    let mut record = variable(kinds.len() as u64 + 1);
    record.extend(kinds);
    for cell in cells {
        match cell {
            Cell::Text(text) => record.extend(text.as_bytes()),
            Cell::Number(number) => record.extend(number.to_be_bytes()),
        }
    }
    record
}

/// A number in as many groups of seven bits as it needs.
fn variable(mut number: u64) -> Vec<u8> {
    let mut bytes = vec![(number & 0x7f) as u8];
    while number > 0x7f {
        number >>= 7;
        bytes.push((number & 0x7f) as u8 | 0x80);
    }
    bytes.reverse();
    bytes
}
