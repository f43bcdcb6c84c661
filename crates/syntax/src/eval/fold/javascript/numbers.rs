//! Numbers.

use super::{Arguments, Machine, Shape, Value, argument, text_at, to_js_string, truth, whole_at};

/// The number that JavaScript makes of a value, when it is known.
pub(in super::super) fn to_number(value: &Value<'_>) -> Option<f64> {
    match &value.shape {
        Shape::Null => Some(f64::NAN),
        Shape::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Shape::Int(number) => Some(*number as f64),
        Shape::Float(number) => Some(*number),
        Shape::Text(text) => Some(read(text)),
        Shape::List(_) | Shape::Map(_) => Some(read(&to_js_string(value)?)),
        Shape::Api(name) => match &**name {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "Math.PI" => Some(std::f64::consts::PI),
            "Math.E" => Some(std::f64::consts::E),
            "Number.MAX_SAFE_INTEGER" => Some(9_007_199_254_740_991.0),
            _ => None,
        },
        _ => None,
    }
}

/// `Number(text)`.
fn read(text: &str) -> f64 {
    let text = text.trim();
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).map_or(f64::NAN, |number| number as f64);
    match text.as_bytes() {
        [] => 0.0,
        [b'0', b'x' | b'X', ..] => radix(&text[2..], 16),
        [b'0', b'o' | b'O', ..] => radix(&text[2..], 8),
        [b'0', b'b' | b'B', ..] => radix(&text[2..], 2),
        _ => match text.trim_start_matches(['+', '-']) {
            "Infinity" if text.starts_with('-') => f64::NEG_INFINITY,
            "Infinity" => f64::INFINITY,
            // Rust also reads words here.
            digits if digits.starts_with(|one: char| one.is_ascii_digit() || one == '.') => {
                text.parse().unwrap_or(f64::NAN)
            }
            _ => f64::NAN,
        },
    }
}

/// The value of a number.
pub(super) fn number<'a>(number: f64) -> Value<'a> {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Shape::Int(number as i64).into()
    } else {
        Shape::Float(number).into()
    }
}

/// A number as JavaScript spells it.
pub(super) fn spell(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if number == 0.0 {
        "0".to_owned()
    } else if number.abs() >= 1e21 || number.abs() < 1e-6 {
        let text = format!("{number:e}");
        if text.contains("e-") { text } else { text.replace('e', "e+") }
    } else {
        number.to_string()
    }
}

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = || argument(arguments, 0);
    match api {
        "parseInt" | "Number.parseInt" => {
            let radix = whole_at(arguments, 1, 0)?;
            Some(number(parse_int(&text_at(arguments, 0)?, radix)))
        }
        "parseFloat" | "Number.parseFloat" => Some(number(parse_float(&text_at(arguments, 0)?))),
        "Number" | "BigInt" => Some(number(first().map_or(Some(0.0), to_number)?)),
        "Boolean" => Some(truth(first()?.truth()?)),
        "isNaN" | "Number.isNaN" => Some(truth(to_number(first()?)?.is_nan())),
        "isFinite" | "Number.isFinite" => Some(truth(to_number(first()?)?.is_finite())),
        "Number.isInteger" => Some(truth(to_number(first()?)?.fract() == 0.0)),
        _ => math(machine, api.strip_prefix("Math.")?, arguments),
    }
}

fn math<'a>(machine: &mut Machine<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if !machine.spend(arguments.positional.len() as u64) {
        return None;
    }
    let numbers: Vec<f64> = arguments.positional.iter().map(to_number).collect::<Option<_>>()?;
    let first = numbers.first().copied().unwrap_or(f64::NAN);
    Some(number(match name {
        "floor" => first.floor(),
        "ceil" => first.ceil(),
        "round" => (first + 0.5).floor(),
        "trunc" => first.trunc(),
        "abs" => first.abs(),
        "sqrt" => first.sqrt(),
        "cbrt" => first.cbrt(),
        "sign" => {
            if first == 0.0 {
                0.0
            } else {
                first.signum()
            }
        }
        "log" => first.ln(),
        "log2" => first.log2(),
        "log10" => first.log10(),
        "exp" => first.exp(),
        "sin" => first.sin(),
        "cos" => first.cos(),
        "tan" => first.tan(),
        "pow" => first.powf(*numbers.get(1)?),
        "imul" => f64::from(to_i32(first).wrapping_mul(to_i32(*numbers.get(1)?))),
        "max" => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "min" => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        _ => return None,
    }))
}

fn to_i32(number: f64) -> i32 {
    if number.is_finite() { (number.trunc() % 4_294_967_296.0) as i64 as i32 } else { 0 }
}

/// The number at the start of a text; what follows is of no interest.
fn parse_int(text: &str, radix: i64) -> f64 {
    let text = text.trim_start();
    let (sign, digits) = match text.as_bytes() {
        [b'-', ..] => (-1.0, &text[1..]),
        [b'+', ..] => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (radix, digits) = match (radix, hex) {
        (0 | 16, Some(digits)) => (16, digits),
        (0, None) => (10, digits),
        (radix @ 2..=36, _) => (radix as u32, digits),
        _ => return f64::NAN,
    };
    let mut value = None;
    for digit in digits.chars().map_while(|one| one.to_digit(radix)) {
        value = Some(value.unwrap_or(0.0) * f64::from(radix) + f64::from(digit));
    }
    value.map_or(f64::NAN, |value| sign * value)
}

fn parse_float(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let (mut point, mut exponent, mut digits) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                digits = true;
                end = at + 1;
            }
            b'+' | b'-' if at == 0 || matches!(text.as_bytes()[at - 1], b'e' | b'E') => {}
            b'.' if !point && !exponent => {
                point = true;
                if digits {
                    end = at + 1;
                }
            }
            b'e' | b'E' if digits && !exponent => exponent = true,
            _ => break,
        }
    }
    if text.starts_with("Infinity") { f64::INFINITY } else { text[..end].parse().unwrap_or(f64::NAN) }
}

pub(super) fn method<'a>(receiver: &Value<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let own = to_number(receiver)?;
    match name {
        "toString" | "toLocaleString" => match whole_at(arguments, 0, 10)? {
            10 => Some(Value::text(to_js_string(receiver)?)),
            radix @ 2..=36 => spell_in(own, radix as u32).map(Value::text),
            _ => None,
        },
        "toFixed" => {
            let places = usize::try_from(whole_at(arguments, 0, 0)?).ok().filter(|places| *places <= 100)?;
            Some(Value::text(format!("{own:.places$}")))
        }
        "valueOf" => Some(receiver.clone()),
        _ => None,
    }
}

/// A whole number in another base.
fn spell_in(number: f64, radix: u32) -> Option<String> {
    if number.fract() != 0.0 || number.abs() > 9e15 {
        return None;
    }
    let mut rest = number.abs() as u64;
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((rest % u64::from(radix)) as u32, radix)?);
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if number < 0.0 {
        digits.push('-');
    }
    Some(digits.iter().rev().collect())
}
