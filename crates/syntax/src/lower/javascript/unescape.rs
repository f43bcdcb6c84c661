//! Escapes in texts, for the route on which no parser resolves them.

/// Resolves the escapes of a string or template literal. A wrong one stands for itself.
pub(super) fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = escape(&rest[at + 1..], &mut out);
    }
    out.push_str(rest);
    out
}

/// Reads what stands behind a backslash and answers the rest.
fn escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return "" };
    let rest = chars.as_str();
    let plain = match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '\r' => return rest.strip_prefix('\n').unwrap_or(rest),
        '\n' | '\u{2028}' | '\u{2029}' => return rest,
        '0'..='7' => return octal(text, out),
        'x' => match hex(rest, 2) {
            Some(code) => return push(code, &rest[2..], out),
            None => 'x',
        },
        'u' => return unicode(rest, out),
        other => other,
    };
    out.push(plain);
    rest
}

fn octal<'t>(text: &'t str, out: &mut String) -> &'t str {
    let most = if text.as_bytes()[0] <= b'3' { 3 } else { 2 };
    let length = text.bytes().take(most).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
    push(u32::from_str_radix(&text[..length], 8).unwrap_or_default(), &text[length..], out)
}

fn unicode<'t>(rest: &'t str, out: &mut String) -> &'t str {
    if let Some(inner) = rest.strip_prefix('{')
        && let Some(end) = inner.find('}')
        && let Ok(code) = u32::from_str_radix(&inner[..end], 16)
    {
        return push(code, &inner[end + 1..], out);
    }
    let Some(code) = hex(rest, 4) else {
        out.push('u');
        return rest;
    };
    let rest = &rest[4..];
    if (0xD800..0xDC00).contains(&code)
        && let Some(low) = rest.strip_prefix("\\u").and_then(|low| hex(low, 4))
        && (0xDC00..0xE000).contains(&low)
    {
        return push(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), &rest[6..], out);
    }
    push(code, rest, out)
}

fn push<'t>(code: u32, rest: &'t str, out: &mut String) -> &'t str {
    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

fn hex(text: &str, digits: usize) -> Option<u32> {
    let digits = text.get(..digits)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}
