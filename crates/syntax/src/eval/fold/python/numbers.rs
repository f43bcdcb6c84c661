//! Whole numbers, those beyond 64 bits included.

use super::{Arguments, MOST_ITEMS, Machine, Shape, Value, data_of, int};

/// More digits are not read.
const MOST_DIGITS: usize = 12_000;
/// More digits of a base that is not a power of two are not read.
const MOST_DECIMALS: usize = 8_000;

/// `int(x, base)`. What does not fit stays a call, whose arguments [`big`] reads.
pub(super) fn int_of<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let Some(first) = arguments.positional.first() else { return int(0) };
    match &first.shape {
        Shape::Int(_) => Some(first.clone()),
        Shape::Bool(truth) => int(i64::from(*truth)),
        Shape::Float(number) if number.abs() < 9e15 => int(number.trunc() as i64),
        Shape::Text(_) | Shape::Bytes(_) => {
            let text = String::from_utf8(data_of(first)?).ok()?;
            let base = arguments.get(1, "base").map_or(Some(10), Value::as_int)?;
            let (negative, digits, base) = digits_of(&text, base)?;
            let number = i64::from_str_radix(&digits, base).ok()?;
            int(if negative { -number } else { number })
        }
        _ => None,
    }
}

/// The sign, bare digits and base of a number as it is spelled.
fn digits_of(text: &str, base: i64) -> Option<(bool, String, u32)> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.replace('_', "").to_ascii_lowercase();
    let prefixed = |prefix: &str| text.strip_prefix(prefix).map(str::to_owned);
    let (digits, base) = match base {
        0 | 16 if text.starts_with("0x") => (prefixed("0x")?, 16),
        0 | 8 if text.starts_with("0o") => (prefixed("0o")?, 8),
        0 | 2 if text.starts_with("0b") => (prefixed("0b")?, 2),
        0 => (text, 10),
        2..=36 => (text, base as u32),
        _ => return None,
    };
    (!digits.is_empty() && digits.len() <= 1 << 20 && digits.chars().all(|digit| digit.is_digit(base)))
        .then_some((negative, digits, base))
}

/// The bytes, most significant first, of a number that is not negative: one that fits, or the result of `int("...", base)`.
pub(super) fn big<'a>(machine: &mut Machine<'a>, value: &Value<'a>) -> Option<Vec<u8>> {
    if let Some(number) = value.as_int() {
        let bytes = u64::try_from(number).ok()?.to_be_bytes();
        return Some(bytes.iter().copied().skip_while(|byte| *byte == 0).collect());
    }
    let Shape::Made(made) = &value.shape else { return None };
    if &*made.name != "builtins.int()" {
        return None;
    }
    let text = String::from_utf8(data_of(made.arguments.positional.first()?)?).ok()?;
    let base = made.arguments.get(1, "base").map_or(Some(10), Value::as_int)?;
    let (negative, digits, base) = digits_of(&text, base)?;
    if negative || digits.len() > if base.is_power_of_two() { 1 << 20 } else { MOST_DECIMALS } {
        return None;
    }
    if base == 16 {
        let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits };
        return crate::decode::base16(padded.as_bytes(), padded.len()).map(strip);
    }
    if digits.len() > MOST_DIGITS || !machine.spend((digits.len() * digits.len()) as u64 / 512) {
        return None;
    }
    // Little-endian limbs; the length is bounded above, so the square of it is too.
    let mut limbs: Vec<u32> = Vec::new();
    for digit in digits.chars() {
        let mut carry = u64::from(digit.to_digit(base)?);
        for limb in &mut limbs {
            let product = u64::from(*limb) * u64::from(base) + carry;
            *limb = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    Some(strip(limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()))
}

fn strip(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// `hex(x)`, `oct(x)`, `bin(x)`.
pub(super) fn spelled<'a>(machine: &mut Machine<'a>, value: &Value<'a>, how: &str) -> Option<Value<'a>> {
    let Some(number) = value.as_int() else {
        if how != "hex" {
            return None;
        }
        let digits: String = big(machine, value)?.iter().map(|byte| format!("{byte:02x}")).collect();
        return Some(Value::text(format!("0x{}", digits.trim_start_matches('0'))));
    };
    let (sign, size) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    Some(Value::text(match how {
        "hex" => format!("{sign}{size:#x}"),
        "oct" => format!("{sign}{size:#o}"),
        _ => format!("{sign}{size:#b}"),
    }))
}

pub(super) fn power<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let [base, exponent, modulus @ ..] = arguments.positional.as_slice() else { return None };
    let (base, exponent) = (base.as_int()?, u32::try_from(exponent.as_int()?).ok()?);
    let Some(modulus) = modulus.first() else { return int(base.checked_pow(exponent)?) };
    let modulus = i128::from(modulus.as_int().filter(|modulus| *modulus > 0)?);
    let (mut result, mut base, mut exponent) = (1, i128::from(base).rem_euclid(modulus), exponent);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    int(result % modulus)
}

pub(super) fn range<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let bounds: Vec<i64> = arguments.positional.iter().map(Value::as_int).collect::<Option<_>>()?;
    let (start, stop, step) = match bounds.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] if *step != 0 => (*start, *stop, *step),
        _ => return None,
    };
    let distance = if step > 0 { stop.checked_sub(start)? } else { start.checked_sub(stop)? };
    let count = distance.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
    if count > MOST_ITEMS as u64 || !machine.spend(count / 4) {
        return None;
    }
    Some(Value::list((0..count as i64).map(|at| Shape::Int(start + at * step).into()).collect()))
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    number: i64,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match name {
        "to_bytes" => to_bytes(machine, &Shape::Int(number).into(), arguments),
        "bit_length" => int(64 - number.unsigned_abs().leading_zeros()),
        "conjugate" => int(number),
        _ => None,
    }
}

pub(super) fn to_bytes<'a>(
    machine: &mut Machine<'a>,
    value: &Value<'a>,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let length = arguments.get(0, "length").map_or(Some(1), Value::as_int)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= 1 << 20)?;
    let bytes = big(machine, value)?;
    let mut padded = vec![0; length.checked_sub(bytes.len())?];
    padded.extend(bytes);
    if arguments.get(1, "byteorder").and_then(Value::as_text) == Some("little") {
        padded.reverse();
    }
    Some(Value::bytes(padded))
}

/// `int.from_bytes`, as far as the number fits; else as a call that [`big`] reads.
pub(super) fn from_bytes<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let mut bytes = data_of(arguments.positional.first()?)?;
    if arguments.get(1, "byteorder").and_then(Value::as_text) == Some("little") {
        bytes.reverse();
    }
    let bytes = strip(bytes);
    if bytes.len() < 8 {
        return int(bytes.iter().fold(0i64, |number, byte| number << 8 | i64::from(*byte)));
    }
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(super::made("builtins.int()", Arguments::of(vec![Value::text(digits), Shape::Int(16).into()])))
}

/// `struct.pack` and `struct.unpack` of plain formats.
pub(super) fn fields_of(format: &str) -> Option<(bool, Vec<(char, usize)>)> {
    let (little, rest) = match format.chars().next()? {
        '>' | '!' => (false, &format[1..]),
        '<' | '=' | '@' => (true, &format[1..]),
        _ => (true, format),
    };
    let mut fields = Vec::new();
    let mut count = String::new();
    for code in rest.chars().filter(|code| !code.is_whitespace()) {
        if code.is_ascii_digit() {
            count.push(code);
            continue;
        }
        let times: usize = if count.is_empty() { 1 } else { count.parse().ok()? };
        count.clear();
        if times > MOST_ITEMS || fields.len() + times > MOST_ITEMS {
            return None;
        }
        let size = match code {
            'x' | 'c' | 'b' | 'B' | '?' => 1,
            'h' | 'H' => 2,
            'i' | 'I' | 'l' | 'L' => 4,
            'q' | 'Q' => 8,
            's' | 'p' => {
                fields.push((code, times));
                continue;
            }
            _ => return None,
        };
        fields.extend(std::iter::repeat_n((code, size), times));
    }
    Some((little, fields))
}

pub(super) fn pack<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let (format, values) = arguments.positional.split_first()?;
    let (little, fields) = fields_of(format.as_text()?)?;
    let mut values = values.iter();
    let mut bytes = Vec::new();
    for (code, size) in fields {
        if bytes.len() > 1 << 20 {
            return None;
        }
        if code == 'x' {
            bytes.push(0);
            continue;
        }
        let value = values.next()?;
        if matches!(code, 's' | 'c' | 'p') {
            let mut text = data_of(value)?;
            text.resize(size.min(1 << 20), 0);
            bytes.extend(text);
            continue;
        }
        let whole = value.as_int()?.to_le_bytes();
        let mut part = whole[..size].to_vec();
        if !little {
            part.reverse();
        }
        bytes.extend(part);
    }
    Some(Value::bytes(bytes))
}

pub(super) fn unpack<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let [format, data] = arguments.positional.as_slice() else { return None };
    let (little, fields) = fields_of(format.as_text()?)?;
    let data = data_of(data)?;
    let mut at = 0;
    let mut values = Vec::new();
    for (code, size) in fields {
        let mut part = data.get(at..at + size)?.to_vec();
        at += size;
        match code {
            'x' => continue,
            's' | 'c' | 'p' => values.push(Value::bytes(part)),
            _ => {
                if little {
                    part.reverse();
                }
                let signed = code.is_ascii_lowercase() && part.first().is_some_and(|first| first & 0x80 != 0);
                let start = if signed { -1 } else { 0 };
                let number = part.iter().fold(start, |number: i64, byte| number << 8 | i64::from(*byte));
                values.push(Shape::Int(number).into());
            }
        }
    }
    Some(Value::list(values))
}
