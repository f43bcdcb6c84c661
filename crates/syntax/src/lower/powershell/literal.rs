//! What signs, literals and formats mean.

use crate::ir::{BinaryOp, Expr, ExprKind, Span};

/// The operation of a sign.
pub(super) fn operator(sign: &str) -> Option<BinaryOp> {
    Some(match sign {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Remainder,
        "??" => BinaryOp::Coalesce,
        "-bxor" => BinaryOp::BitXor,
        "-band" => BinaryOp::BitAnd,
        "-bor" => BinaryOp::BitOr,
        "-shl" => BinaryOp::ShiftLeft,
        "-shr" => BinaryOp::ShiftRight,
        "-and" => BinaryOp::And,
        "-or" => BinaryOp::Or,
        "-eq" | "-ceq" | "-ieq" => BinaryOp::Equal,
        "-ne" | "-cne" | "-ine" => BinaryOp::NotEqual,
        "-lt" | "-clt" | "-ilt" => BinaryOp::Less,
        "-le" | "-cle" | "-ile" => BinaryOp::LessEqual,
        "-gt" | "-cgt" | "-igt" => BinaryOp::Greater,
        "-ge" | "-cge" | "-ige" => BinaryOp::GreaterEqual,
        _ => return None,
    })
}

/// `[string]$x = ...` assigns to `$x`.
pub(super) fn without_cast(target: Expr<'_>) -> Expr<'_> {
    match target.kind {
        ExprKind::Call(call) => match call.arguments {
            [only] => without_cast(only.value),
            _ => target,
        },
        _ => target,
    }
}

/// The text of an expression that is made of literals only.
pub(super) fn constant(value: &Expr<'_>) -> Option<String> {
    match value.kind {
        ExprKind::Text(text) => Some(text.to_owned()),
        ExprKind::Binary(BinaryOp::Add, left, right) => Some(constant(left)? + &constant(right)?),
        ExprKind::Join(parts) => parts.iter().map(constant).collect(),
        ExprKind::Call(call) if matches!(call.callee.kind, ExprKind::Name("-f")) => {
            let (format, words) = call.arguments.split_first()?;
            let words: Option<Vec<String>> = words.iter().map(|word| constant(&word.value)).collect();
            format_text(&constant(&format.value)?, &words?)
        }
        ExprKind::Call(call) if matches!(call.callee.kind, ExprKind::Name("-join")) => {
            let ExprKind::List(items) = call.arguments.first()?.value.kind else { return None };
            let separator = call.arguments.get(1).map_or(Some(String::new()), |one| constant(&one.value))?;
            Some(items.iter().map(constant).collect::<Option<Vec<_>>>()?.join(&separator))
        }
        _ => None,
    }
}

/// `"{1}{0}" -f "x", "ie"`.
pub(crate) fn format_text(format: &str, words: &[String]) -> Option<String> {
    let mut made = String::new();
    let mut rest = format;
    while let Some(start) = rest.find(['{', '}']) {
        made.push_str(&rest[..start]);
        let bytes = rest.as_bytes();
        if bytes.get(start + 1) == Some(&bytes[start]) {
            made.push(bytes[start] as char);
            rest = &rest[start + 2..];
            continue;
        }
        let end = start + rest[start..].find('}')?;
        let inner = rest.get(start + 1..end)?;
        let number: usize = inner.split([':', ',']).next()?.trim().parse().ok()?;
        made.push_str(words.get(number)?);
        rest = &rest[end + 1..];
    }
    made.push_str(rest);
    Some(made)
}

/// What stands between the lines of a here-string.
pub(super) fn here(source: &str) -> &str {
    let inner = source.get(2..source.len().saturating_sub(2)).unwrap_or_default();
    let inner = inner.trim_start_matches([' ', '\t']);
    let inner = inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner);
    inner.strip_suffix('\n').map_or(inner, |rest| rest.strip_suffix('\r').unwrap_or(rest))
}

/// Resolves the escapes with a backquote, and doubled quotes.
pub(super) fn unescape(text: &str) -> String {
    let text = text.replace("\"\"", "\"");
    if !text.contains('`') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(one) = rest.next() {
        if one != '`' {
            plain.push(one);
            continue;
        }
        match rest.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some('0') => plain.push('\0'),
            Some('\n') | None => {}
            Some(other) => plain.push(other),
        }
    }
    plain
}

pub(super) fn number<'a>(place: Span, source: &str) -> Expr<'a> {
    let text = source.to_ascii_lowercase();
    let digits = text.trim_end_matches(['l', 'd']);
    let whole = match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex.trim_end_matches('l'), 16).ok(),
        None => digits.parse::<i64>().ok(),
    };
    let kind = match whole {
        Some(number) => ExprKind::Int(number),
        None => digits.parse().map_or(ExprKind::Null, ExprKind::Float),
    };
    Expr { span: place, kind }
}
