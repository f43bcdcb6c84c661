//! Encodings that keep bytes in text.

/// What a byte means in an alphabet: a value, something to skip, or something that does not belong there.
const SKIP: u8 = 0xFE;
const WRONG: u8 = 0xFF;

const fn table(alphabet: &[u8]) -> [u8; 256] {
    let mut table = [WRONG; 256];
    let mut at = 0;
    while at < alphabet.len() {
        table[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    let blanks = b" \t\r\n\x0b\x0c";
    let mut at = 0;
    while at < blanks.len() {
        table[blanks[at] as usize] = SKIP;
        at += 1;
    }
    table
}

static BASE64: [u8; 256] = {
    let mut table = table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

static BASE32: [u8; 256] = {
    let mut table = table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    let mut letter = b'a';
    while letter <= b'z' {
        table[letter as usize] = letter - b'a';
        letter += 1;
    }
    table
};

static BASE85: [u8; 256] =
    table(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~");
static Z85: [u8; 256] = table(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#");

/// Base64 of either alphabet, padded or not; white space is skipped, any other character is refused.
pub fn base64(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    bits(input, limit, &BASE64, 6, false)
}

/// Base64 as Python and Node read it: what does not belong there is skipped.
pub fn base64_lenient(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    bits(input, limit, &BASE64, 6, true)
}

/// Base32 of the standard alphabet in either case, padded or not.
pub fn base32(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    bits(input, limit, &BASE32, 5, false)
}

/// Collects `width` bits a character. The padding ends it; a rest that is too short for a byte is dropped, as every
/// interpreter at hand does in one mode or another.
fn bits(input: &[u8], limit: usize, table: &[u8; 256], width: u32, lenient: bool) -> Option<Vec<u8>> {
    let most = (input.len() as u64 * u64::from(width) / 8) as usize + 1;
    let mut output = Vec::with_capacity(most.min(limit));
    let (mut held, mut count) = (0u32, 0u32);
    for &byte in input {
        match table[byte as usize] {
            SKIP => continue,
            WRONG if byte == b'=' => {
                // Concatenated texts carry on after the padding.
                (held, count) = (0, 0);
                continue;
            }
            WRONG if lenient => continue,
            WRONG => return None,
            value => {
                held = held << width | u32::from(value);
                count += width;
            }
        }
        if count >= 8 {
            count -= 8;
            if output.len() == limit {
                return Some(output);
            }
            output.push((held >> count) as u8);
            held &= (1 << count) - 1;
        }
    }
    Some(output)
}

/// Hexadecimal digits in either case; white space, a leading `0x`, and the separators `:` and `-` are skipped.
pub fn base16(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let input = input.strip_prefix(b"0x").unwrap_or(input);
    let mut output = Vec::with_capacity((input.len() / 2).min(limit));
    let mut high = None;
    for &byte in input {
        let Some(digit) = digit(byte) else {
            if byte.is_ascii_whitespace() || matches!(byte, b':' | b'-') {
                continue;
            }
            return None;
        };
        match high.take() {
            None => high = Some(digit),
            Some(first) => {
                if output.len() == limit {
                    return Some(output);
                }
                output.push(first << 4 | digit);
            }
        }
    }
    high.is_none().then_some(output)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Base85 as git and Python's `b85decode` write it.
pub fn base85(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    fives(input, limit, |byte| BASE85[byte as usize], false)
}

/// Base85 in the alphabet of ZeroMQ.
pub fn z85(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    fives(input, limit, |byte| Z85[byte as usize], false)
}

/// Ascii85 with or without Adobe's frame `<~ ... ~>`; `z` and `y` are the short forms of four zeros and four blanks.
pub fn ascii85(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let input = input.trim_ascii();
    let input = input.strip_prefix(b"<~").unwrap_or(input);
    let input = input.strip_suffix(b"~>").unwrap_or(input);
    let value = |byte: u8| match byte {
        b'!'..=b'u' => byte - b'!',
        b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => SKIP,
        _ => WRONG,
    };
    fives(input, limit, value, true)
}

/// Five characters make four bytes.
fn fives(input: &[u8], limit: usize, value: impl Fn(u8) -> u8, short: bool) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity((input.len() / 5 * 4 + 4).min(limit));
    let (mut held, mut count) = (0u64, 0);
    for &byte in input {
        if output.len() >= limit {
            break;
        }
        match value(byte) {
            SKIP => {}
            WRONG if short && count == 0 && byte == b'z' => output.extend([0; 4]),
            WRONG if short && count == 0 && byte == b'y' => output.extend([b' '; 4]),
            WRONG => return None,
            digit => {
                held = held * 85 + u64::from(digit);
                count += 1;
                if count == 5 {
                    output.extend(u32::try_from(held).ok()?.to_be_bytes());
                    (held, count) = (0, 0);
                }
            }
        }
    }
    if count == 1 && output.len() < limit {
        return None;
    }
    if count > 1 {
        for _ in count..5 {
            held = held * 85 + 84;
        }
        output.extend(&u32::try_from(held).ok()?.to_be_bytes()[..count - 1]);
    }
    output.truncate(limit);
    Some(output)
}

/// `%41` of addresses. What is not an escape stays as it is.
pub fn percent(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity(input.len().min(limit));
    let mut at = 0;
    while at < input.len() && output.len() < limit {
        let escape = match input.get(at..at + 3) {
            Some([b'%', high, low]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match escape {
            Some((high, low)) => {
                output.push(high << 4 | low);
                at += 3;
            }
            None => {
                output.push(input[at]);
                at += 1;
            }
        }
    }
    Some(output)
}

/// `=41` and soft line ends of mail.
pub fn quoted_printable(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity(input.len().min(limit));
    let mut at = 0;
    while at < input.len() && output.len() < limit {
        match &input[at..] {
            [b'=', b'\r', b'\n', ..] => at += 3,
            [b'=', b'\n', ..] => at += 2,
            [b'=', high, low, ..] if digit(*high).is_some() && digit(*low).is_some() => {
                output.push(digit(*high)? << 4 | digit(*low)?);
                at += 3;
            }
            [other, ..] => {
                output.push(*other);
                at += 1;
            }
            [] => break,
        }
    }
    Some(output)
}

/// Uuencoded lines, with or without the `begin` and `end` lines.
pub fn uu(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut output = Vec::new();
    for line in input.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"begin ") || line == b"end" || line.is_empty() {
            continue;
        }
        let values: Option<Vec<u8>> =
            line.iter().map(|byte| (0x20..=0x60).contains(byte).then(|| (byte - 0x20) & 0x3F)).collect();
        let (&length, values) = values.as_deref()?.split_first()?;
        let bytes = values.chunks(4).flat_map(|four| {
            let held = (0..4).fold(0u32, |held, at| held << 6 | u32::from(four.get(at).copied().unwrap_or(0)));
            [(held >> 16) as u8, (held >> 8) as u8, held as u8]
        });
        output.extend(bytes.take(length as usize));
        if output.len() >= limit {
            output.truncate(limit);
            break;
        }
    }
    Some(output)
}

/// Letters thirteen places on.
pub fn rot13(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let turn = |byte: &u8| match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        other => *other,
    };
    Some(input.iter().take(limit).map(turn).collect())
}

/// Back to front, by characters when it is text and by bytes when it is not.
pub fn reverse(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    if input.len() > limit {
        return None;
    }
    Some(match std::str::from_utf8(input) {
        Ok(text) => text.chars().rev().collect::<String>().into_bytes(),
        Err(_) => input.iter().rev().copied().collect(),
    })
}

/// UTF-16 as UTF-8. Without a byte order mark it is little-endian when `little` is set.
pub fn utf16(input: &[u8], little: bool, limit: usize) -> Option<Vec<u8>> {
    let (input, little) = match input {
        [0xFF, 0xFE, rest @ ..] => (rest, true),
        [0xFE, 0xFF, rest @ ..] => (rest, false),
        _ => (input, little),
    };
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    };
    let mut output = String::new();
    for letter in char::decode_utf16(input.chunks_exact(2).map(unit)) {
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        if output.len() + letter.len_utf8() > limit {
            break;
        }
        output.push(letter);
    }
    Some(output.into_bytes())
}

/// Each byte as the character of that number, in UTF-8.
pub fn latin1(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut output = String::with_capacity(input.len().min(limit));
    for &byte in input {
        if output.len() + 2 > limit {
            break;
        }
        output.push(byte as char);
    }
    Some(output.into_bytes())
}

/// The text behind `powershell -EncodedCommand`: base64 of UTF-16.
pub fn powershell_command(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let bytes = base64(input, limit.saturating_mul(2))?;
    let text = utf16(&bytes, true, limit)?;
    let ascii = text.iter().filter(|byte| byte.is_ascii()).count();
    (!text.is_empty() && ascii * 10 >= text.len() * 7).then_some(text)
}

/// The content of a `data:` address.
pub fn data_url(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let scheme = input.get(..5)?;
    if !scheme.eq_ignore_ascii_case(b"data:") {
        return None;
    }
    let comma = memchr::memchr(b',', input)?;
    let (head, body) = (&input[5..comma], &input[comma + 1..]);
    let body = percent(body, body.len())?;
    if head.to_ascii_lowercase().ends_with(b";base64") {
        base64(&body, limit)
    } else {
        Some(body.into_iter().take(limit).collect())
    }
}

/// `&lt;`, `&#60;` and `&#x3c;`. Unknown names stay as they are.
pub fn html_entities(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(input).ok()?;
    let mut output = String::with_capacity(text.len().min(limit));
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        output.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.as_bytes().iter().take(12).position(|byte| *byte == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((letter, end)) => {
                output.push(letter);
                rest = &rest[end + 1..];
            }
            None => {
                output.push('&');
                rest = &rest[1..];
            }
        }
    }
    output.push_str(rest);
    let mut output = output.into_bytes();
    output.truncate(limit);
    Some(output)
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{A0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}

/// `\x41`, `\u0041`, `\u{41}`, `\101` and the one-letter escapes. The answer is UTF-8, also where `\xNN` stood for a byte.
pub fn escapes(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(input);
    let mut output = String::with_capacity(text.len().min(limit));
    let mut rest = &*text;
    while !rest.is_empty() && output.len() < limit {
        let plain = rest.find('\\').unwrap_or(rest.len());
        output.push_str(&rest[..plain]);
        rest = &rest[plain..];
        if rest.is_empty() {
            break;
        }
        let (letter, length) = escape(rest);
        output.extend(letter);
        rest = &rest[length..];
    }
    while output.len() > limit {
        output.pop();
    }
    Some(output.into_bytes())
}

/// The character of one escape, and how many bytes it takes.
fn escape(text: &str) -> (Option<char>, usize) {
    let bytes = text.as_bytes();
    let number = |from: usize, most: usize, radix: u32| {
        let digits = bytes[from..].iter().take(most).take_while(|byte| (**byte as char).is_digit(radix)).count();
        (u32::from_str_radix(&text[from..from + digits], radix).ok(), from + digits)
    };
    let (code, length) = match bytes.get(1) {
        Some(b'x') => number(2, 2, 16),
        Some(b'u') if bytes.get(2) == Some(&b'{') => {
            let (code, end) = number(3, 6, 16);
            (code, end + usize::from(bytes.get(end) == Some(&b'}')))
        }
        Some(b'u') => match number(2, 4, 16) {
            (Some(high), 6) if (0xD800..0xDC00).contains(&high) && bytes.get(6..8) == Some(br"\u") => {
                match number(8, 4, 16) {
                    (Some(low), 12) if (0xDC00..0xE000).contains(&low) => {
                        (Some(0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00))), 12)
                    }
                    _ => (Some(high), 6),
                }
            }
            other => other,
        },
        Some(b'U') => number(2, 8, 16),
        Some(b'0'..=b'7') => number(1, 3, 8),
        Some(b'n') => (Some(10), 2),
        Some(b'r') => (Some(13), 2),
        Some(b't') => (Some(9), 2),
        Some(b'\n') => return (None, 2),
        Some(b'\\' | b'\'' | b'"' | b'`' | b'/') => (Some(u32::from(bytes[1])), 2),
        _ => (None, 1),
    };
    match code {
        Some(code) => (Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)), length),
        None => (Some('\\'), 1),
    }
}
