use syntax::text::{Lines, decode, excerpt};

fn decoded(bytes: &[u8]) -> (String, Option<&'static str>) {
    let (text, encoding) = decode(bytes);
    (text.into_owned(), encoding)
}

#[test]
fn utf_8_is_borrowed_and_its_mark_dropped() {
    assert!(matches!(decode("naïve\0".as_bytes()), (std::borrow::Cow::Borrowed("naïve\0"), None)));
    assert_eq!(decoded(b"\xEF\xBB\xBFx = 1"), ("x = 1".into(), None));
    assert_eq!(decoded(b""), (String::new(), None));
}

#[test]
fn utf_16_is_known_with_and_without_a_mark() {
    let little: Vec<u8> = "import os # é".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = "import os # é".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(decoded(&little), ("import os # é".into(), Some("utf-16le")));
    assert_eq!(decoded(&big), ("import os # é".into(), Some("utf-16be")));
    assert_eq!(decoded(&[b"\xFF\xFE".as_slice(), &little].concat()), ("import os # é".into(), Some("utf-16le")));
    assert_eq!(decoded(&[b"\xFE\xFF".as_slice(), &big].concat()), ("import os # é".into(), Some("utf-16be")));
}

#[test]
fn older_encodings_and_damage_are_read() {
    assert_eq!(decoded(b"# coding: latin-1\ns = '\xE9'"), ("# coding: latin-1\ns = 'é'".into(), Some("windows-1252")));
    let (text, encoding) = decoded(b"# caf\xE9 cr\xE8me br\xFBl\xE9e et d\xE9j\xE0 vu\nx = 1\n");
    assert!(text.contains("x = 1") && encoding.is_some(), "{text} {encoding:?}");
    assert_eq!(
        decoded("é\u{0}".as_bytes().iter().copied().chain([0xFF]).collect::<Vec<_>>().as_slice()).1,
        Some("utf-8-lossy")
    );
}

#[test]
fn places_are_counted_in_characters() {
    let text = "a\nbé=c\r\nd\re";
    let lines = Lines::new(text);
    assert_eq!(lines.place(0), (1, 1));
    assert_eq!(lines.place(text.find('=').unwrap()), (2, 3));
    assert_eq!(lines.place(text.find('d').unwrap()), (3, 1));
    assert_eq!(lines.place(text.find('e').unwrap()), (4, 1));
    assert_eq!(lines.place(9999), (4, 2));
    assert_eq!(lines.count(), 4);
    assert_eq!(lines.line(2), Some("bé=c"));
    let long = "é".repeat(100_000);
    assert_eq!(Lines::new(&long).place(150_000), (1, 75_001));
}

#[test]
fn an_excerpt_shows_the_place_of_a_long_line() {
    let text = format!("first\n{}needle{}\nlast", "a".repeat(5000), "b".repeat(5000));
    let shown = excerpt(&text, 2, 5001, 1);
    assert_eq!(shown.first_line, 1);
    assert_eq!(shown.lines.len(), 3);
    assert!(shown.lines[1].contains("needle") && shown.lines[1].chars().count() <= 202);
    assert_eq!(excerpt("", 7, 3, 2).lines, [""]);
}
