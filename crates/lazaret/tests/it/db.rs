//! The database of verdicts: made by one user, fetched and asked by another.

use std::fs;

use crate::User;

const MALWARE: &str = r#"{"id": "MAL-2026-1", "modified": "2026-01-31T23:59:59Z", "summary": "Malicious code in evil (npm)",
    "affected": [{"package": {"ecosystem": "npm", "name": "evil"}, "versions": ["1.0.0"]}]}"#;

#[test]
fn what_is_imported_is_known() {
    let user = User::new();
    user.run(&["db", "status"]).ended(30, &["there is no database yet"]);
    user.run(&["db", "lookup", "npm:evil@1.0.0"]).ended(30, &["unknown", "there is no database yet"]);
    user.run(&["db", "build"]).ended(2, &["nothing was imported yet"]);
    user.file("osv/malicious/npm/evil/MAL-2026-1.json", MALWARE);
    user.file("osv/malicious/npm/broken/MAL-2026-2.json", "{");
    let said = ["1 entry about malware", "1 not readable", "MAL-2026-2.json", "line 1"];
    user.run(&["db", "import", "osv", "--source", "openssf"]).ended(30, &said);
    user.file("list.csv", "npm:react,malicious,A mistake.\nnpm:odd,suspicious,It is odd.\n");
    user.run(&["db", "import", "list.csv", "--source", "team"]).ended(0, &["2 entries"]);
    user.run(&["db", "build"]).ended(0, &["edition 1: 3 entries", "1 entry held back", "in force on this machine"]);
    user.run(&["db", "build"]).ended(0, &["nothing is new"]);
    user.run(&["db", "status"]).ended(0, &["edition 1, 3 entries", "unsigned"]);
    let said = ["malicious", "MAL-2026-1 by openssf, this version", "Malicious code in evil"];
    user.run(&["db", "lookup", "pkg:npm/evil@1.0.0"]).ended(20, &said);
    user.run(&["db", "lookup", "npm:evil@1.0.1"]).ended(30, &["unknown"]);
    user.run(&["db", "lookup", "npm:react@1.0.0"]).ended(10, &["suspicious", "held: "]);
    user.run(&["db", "lookup", "npm:odd@1.0.0"]).ended(10, &["It is odd."]);
    user.run(&["db", "lookup", "nothing"]).ended(2, &["names nothing"]);
    user.run(&["db", "export"]).ended(0, &["\"id\":\"MAL-2026-1\""]);
}

#[test]
fn a_signed_database_is_fetched_with_its_key_only() {
    let (publisher, user) = (User::new(), User::new());
    publisher.file("evil.json", MALWARE);
    publisher.run(&["db", "import", "evil.json", "--dir", "made"]).ended(0, &["1 entry"]);
    publisher.run(&["db", "build", "--dir", "made"]).ended(0, &["edition 1"]);
    publisher.run(&["db", "sign", "--dir", "made"]).ended(2, &["lazaret db key new"]);
    let keys = publisher.run(&["db", "key", "new", "--dir", "made"]);
    keys.ended(0, &["root_key = "]);
    let key = keys.out.split('"').nth(1).expect("a key").to_owned();
    publisher.run(&["db", "sign", "--dir", "made"]).ended(0, &["edition 1 is signed"]);
    let public = publisher.path().join("made/public");
    let from = public.to_str().expect("UTF-8");
    user.run(&["db", "update"]).ended(2, &["not known from where"]);
    user.run(&["db", "update", from]).ended(3, &["no key is trusted"]);
    let settings = format!("[database]\nurl = \"{from}\"\nroot_key = \"{key}\"\nown = \"own.csv\"\n");
    user.file(".config/lazaret/lazaret.toml", &settings);
    user.file(".config/lazaret/own.csv", "npm:mine@1.0.0,malicious,I say so.\n");
    user.run(&["db", "update"]).ended(0, &["edition 1 is in force"]);
    user.run(&["db", "status"]).ended(0, &["signed, from"]);
    user.run(&["db", "lookup", "npm:evil@1.0.0"]).ended(20, &["MAL-2026-1"]);
    user.run(&["db", "lookup", "npm:mine@1.0.0"]).ended(20, &["by own", "I say so."]);
    // Somebody changes the file on the server.
    publisher.file("list.csv", "npm:more@1.0.0\n");
    publisher.run(&["db", "import", "list.csv", "--dir", "made"]).ended(0, &["1 entry"]);
    publisher.run(&["db", "build", "--dir", "made"]).ended(0, &["edition 2"]);
    publisher.run(&["db", "sign", "--dir", "made"]).ended(0, &["edition 2 is signed"]);
    let path = public.join("edition-2.verdicts");
    let mut bytes = fs::read(&path).expect("a file");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).expect("written");
    fs::remove_file(public.join("delta-1-2")).expect("removed");
    user.run(&["db", "update"]).ended(3, &["edition 1 stays in force"]);
    user.run(&["db", "lookup", "npm:evil@1.0.0"]).ended(20, &["MAL-2026-1"]);
    // A project chooses no database.
    user.file("lazaret.toml", "[database]\nurl = \"elsewhere\"\n");
    user.run(&["db", "status"]).ended(0, &["which a project's file may not", "edition 1"]);
}
