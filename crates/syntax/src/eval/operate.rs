//! Operators on known values, and texts of values.

use model::Object;

use super::{
    Machine,
    emit::{LONGEST_OBJECT, cut},
    fold,
    fold::Arguments,
    value::{HOLE, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{BinaryOp, UnaryOp},
};

/// No text that honest or hidden code builds is longer.
const LONGEST: usize = 16 << 20;

impl<'a> Machine<'a> {
    pub(super) fn operate(&mut self, op: BinaryOp, left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
        let taint = left.taint.clone().and(&right.taint);
        let shape = match op {
            BinaryOp::Add => self.add(left, right),
            BinaryOp::Multiply if self.language() != Language::JavaScript => self.multiply(left, right),
            BinaryOp::Remainder if matches!(left.shape, Shape::Text(_) | Shape::Bytes(_)) => {
                let arguments = Arguments::of(vec![right.clone()]);
                fold::method(self, left, "__mod__", &arguments).map(|value| value.shape)
            }
            BinaryOp::Divide if self.language() == Language::Python && is_text(left) => self.join_path(left, right),
            BinaryOp::Equal | BinaryOp::NotEqual => {
                equal(left, right).map(|same| Shape::Bool(same == (op == BinaryOp::Equal)))
            }
            _ => self.compute(op, left, right),
        };
        Value { shape: shape.unwrap_or_default(), taint }
    }

    fn add(&mut self, left: &Value<'a>, right: &Value<'a>) -> Option<Shape<'a>> {
        let javascript = self.language() == Language::JavaScript;
        match (&left.shape, &right.shape) {
            (Shape::Int(left), Shape::Int(right)) => Some(Shape::Int(left.checked_add(*right)?)),
            (Shape::Bytes(left), Shape::Bytes(right)) => (left.len() + right.len() <= LONGEST
                && self.spend((left.len() + right.len()) as u64 / 64))
            .then(|| Shape::Bytes([&**left, &**right].concat().into())),
            // A decoded address with something unknown behind it.
            (Shape::Bytes(bytes), Shape::Unknown | Shape::Made(_)) if !javascript => {
                let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= 4096)?;
                Some(text_shape(format!("{text}{{}}")))
            }
            (Shape::List(left), Shape::List(right)) if !javascript => {
                if !self.spend_on_list(left.borrow().len() + right.borrow().len()) {
                    return None;
                }
                let items = left.borrow().iter().chain(right.borrow().iter()).cloned().collect();
                Some(Value::list(items).shape)
            }
            (Shape::Text(_) | Shape::Pattern(_), _) | (_, Shape::Text(_) | Shape::Pattern(_)) => {
                let (left, right) = (self.text_with_holes(left), self.text_with_holes(right));
                if left.len() + right.len() > LONGEST || !self.spend((left.len() + right.len()) as u64 / 64) {
                    return None;
                }
                Some(text_shape(left + &right))
            }
            (Shape::List(_) | Shape::Map(_) | Shape::Function(_), _) | (_, Shape::List(_) | Shape::Map(_))
                if javascript =>
            {
                let text = fold::javascript_text(left)? + &fold::javascript_text(right)?;
                Some(Shape::Text(text.into()))
            }
            _ => self.compute(BinaryOp::Add, left, right),
        }
    }

    fn multiply(&mut self, left: &Value<'a>, right: &Value<'a>) -> Option<Shape<'a>> {
        let (thing, times) = match (&left.shape, &right.shape) {
            (Shape::Text(_) | Shape::Bytes(_) | Shape::List(_), Shape::Int(times)) => (left, *times),
            (Shape::Int(times), Shape::Text(_) | Shape::Bytes(_) | Shape::List(_)) => (right, *times),
            _ => return self.compute(BinaryOp::Multiply, left, right),
        };
        let times = usize::try_from(times.max(0)).ok()?;
        let fits = |length: usize| length.checked_mul(times).is_some_and(|whole| whole <= 1 << 20);
        match &thing.shape {
            Shape::Text(text) if fits(text.len()) && self.spend_for(text.len() * times, 64) => {
                Some(Shape::Text(text.repeat(times).into()))
            }
            Shape::Bytes(bytes) if fits(bytes.len()) && self.spend_for(bytes.len() * times, 64) => {
                Some(Shape::Bytes(bytes.repeat(times).into()))
            }
            Shape::List(list) if fits(list.borrow().len()) && self.spend_on_list(list.borrow().len() * times) => {
                let list = list.borrow();
                let items = std::iter::repeat_n(&*list, times).flatten().cloned().collect();
                Some(Value::list(items).shape)
            }
            _ => None,
        }
    }

    fn compute(&mut self, op: BinaryOp, left: &Value<'a>, right: &Value<'a>) -> Option<Shape<'a>> {
        let javascript = self.language() == Language::JavaScript;
        if !javascript && let (Some(left), Some(right)) = (whole(left), whole(right)) {
            return integers(op, left, right);
        }
        if let (Shape::Text(left), Shape::Text(right)) = (&left.shape, &right.shape) {
            return ordered(op, left.cmp(right));
        }
        let (left, right) = if javascript {
            (fold::javascript_number(left)?, fold::javascript_number(right)?)
        } else {
            (number(left)?, number(right)?)
        };
        if javascript { javascript_numbers(op, left, right) } else { floats(op, left, right) }
    }

    pub(super) fn operate_one(&mut self, op: UnaryOp, value: &Value<'a>) -> Value<'a> {
        let javascript = self.language() == Language::JavaScript;
        let shape = match op {
            UnaryOp::Not => match &value.shape {
                Shape::List(_) | Shape::Map(_) if javascript => Some(Shape::Bool(false)),
                _ => value.truth().map(|truth| Shape::Bool(!truth)),
            },
            UnaryOp::Void => Some(Shape::Null),
            UnaryOp::Plus if javascript => fold::javascript_number(value).map(to_number),
            UnaryOp::Negate if javascript => fold::javascript_number(value).map(|number| to_number(-number)),
            UnaryOp::BitNot if javascript => {
                fold::javascript_number(value).map(|number| Shape::Int((!to_i32(number)).into()))
            }
            UnaryOp::Plus => number(value).map(|_| value.shape.clone()),
            UnaryOp::Negate => match value.shape {
                Shape::Int(number) => number.checked_neg().map(Shape::Int),
                Shape::Float(number) => Some(Shape::Float(-number)),
                Shape::Bool(truth) => Some(Shape::Int(-i64::from(truth))),
                _ => None,
            },
            UnaryOp::BitNot => whole(value).map(|number| Shape::Int(!number)),
            UnaryOp::TypeOf | UnaryOp::Delete => None,
        };
        Value { shape: shape.unwrap_or_default(), taint: value.taint.clone() }
    }

    /// `Path("a") / "b"`.
    fn join_path(&mut self, left: &Value<'a>, right: &Value<'a>) -> Option<Shape<'a>> {
        let (left, right) = (self.text_with_holes(left), self.text_with_holes(right));
        Some(text_shape(if right.starts_with('/') { right } else { format!("{}/{right}", left.trim_end_matches('/')) }))
    }

    /// The text of a value; every unknown part is a [`HOLE`].
    pub(super) fn text_with_holes(&mut self, value: &Value<'a>) -> String {
        match &value.shape {
            Shape::Text(text) | Shape::Pattern(text) => text.to_string(),
            Shape::Int(number) => number.to_string(),
            Shape::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Shape::Bool(truth) if self.language() == Language::JavaScript => truth.to_string(),
            Shape::Float(_) | Shape::List(_) if self.language() == Language::JavaScript => {
                fold::javascript_text(value).unwrap_or_else(|| HOLE.to_string())
            }
            Shape::Api(name) => match &**name {
                "sys.executable" => "python".into(),
                "process.execPath" | "process.argv0" => "node".into(),
                "RbConfig.ruby" => "ruby".into(),
                _ => HOLE.to_string(),
            },
            Shape::Map(_) | Shape::Instance(_) => self.text_of_object(value),
            Shape::Made(made) => self.text_of_made(&made.name.clone(), &made.arguments),
            _ => HOLE.to_string(),
        }
    }

    /// An object that says itself what its text is.
    fn text_of_object(&mut self, value: &Value<'a>) -> String {
        let own = match &value.shape {
            Shape::Map(map) => map.borrow().get("toString").cloned(),
            Shape::Instance(instance) => {
                let class = instance.class.clone();
                ["toString", "__str__", "to_s"].iter().find_map(|name| self.method_of(&class, name, value))
            }
            _ => None,
        };
        match own {
            Some(method) if matches!(method.shape, Shape::Function(_)) => {
                let text = self.invoke(&method, Some(value), Arguments::default());
                if matches!(text.shape, Shape::Map(_) | Shape::Instance(_)) {
                    HOLE.to_string()
                } else {
                    self.text_with_holes(&text)
                }
            }
            _ => HOLE.to_string(),
        }
    }

    /// What was made out of an address or path stands for it: `Request(url)`, `Path(p)`, `new URL(u)`.
    fn text_of_made(&mut self, name: &str, arguments: &Arguments<'a>) -> String {
        // No methods like `encode` and `toString`: their argument is how, and not what.
        const CARRIERS: &[&str] = &[
            "Request()",
            "Path()",
            "PurePath()",
            "PosixPath()",
            "WindowsPath()",
            "URL()",
            "str()",
            "String()",
            "URI()",
            "parse()",
            "expanduser()",
            "abspath()",
            "realpath()",
            "resolve()",
            "Uri()",
            "quote()",
            "fileURLToPath()",
            "open()",
        ];
        let is =
            |carrier: &str| name.strip_suffix(carrier).is_some_and(|holder| holder.is_empty() || holder.ends_with('.'));
        if CARRIERS.iter().any(|carrier| is(carrier))
            && let Some(first) = arguments.positional.first().or_else(|| arguments.get(9, "url"))
        {
            let first = first.clone();
            return self.text_with_holes(&first);
        }
        HOLE.to_string()
    }

    /// What is known of a value, as the object of a behaviour. Lists of words become a line.
    pub(super) fn object_of(&mut self, value: &Value<'a>) -> Object {
        // A file that names itself is worth a word; inside of longer paths it stays unknown.
        if let Shape::Api(name) = &value.shape
            && let Some(own) = ["__filename", "__file__"].into_iter().find(|own| name.ends_with(own))
        {
            return Object::constant(own);
        }
        // Nobody reads megabytes in a report, and copying them at each call takes minutes.
        if let Shape::Text(text) = &value.shape
            && text.len() > LONGEST_OBJECT
        {
            return Object::pattern(cut(text, LONGEST_OBJECT));
        }
        let text = self.line_of(value);
        if text.chars().all(|one| one == HOLE || one.is_whitespace()) {
            Object::unknown()
        } else if text.contains(HOLE) {
            Object::pattern(text.replace(HOLE, "{}"))
        } else {
            Object::constant(text)
        }
    }

    /// The text of a value; a list of words becomes one line.
    pub(super) fn line_of(&mut self, value: &Value<'a>) -> String {
        match &value.shape {
            Shape::List(list) => {
                let items: Vec<Value<'a>> = list.borrow().iter().take(256).cloned().collect();
                let words: Vec<String> = items.iter().map(|item| quote(&self.text_with_holes(item))).collect();
                words.join(" ")
            }
            Shape::Map(map) => {
                // `{ hostname, port, path }` of a request.
                let part = |names: &[&str]| names.iter().find_map(|name| map.borrow().get(*name).cloned());
                let (host, path) = (part(&["hostname", "host", "url", "uri"]), part(&["path", "pathname"]));
                match host {
                    Some(host) => {
                        let host = self.text_with_holes(&host);
                        let path = path.map(|path| self.text_with_holes(&path)).unwrap_or_default();
                        format!("{host}{path}")
                    }
                    None => HOLE.to_string(),
                }
            }
            _ => self.text_with_holes(value),
        }
    }

    /// All sources in a value, those of its items included.
    pub(super) fn deep_taint(&self, value: &Value<'a>) -> Taint {
        let mut taint = value.taint.clone();
        match &value.shape {
            Shape::List(list) => list.borrow().iter().take(256).for_each(|item| taint.add(&item.taint)),
            Shape::Map(map) => map.borrow().values().take(256).for_each(|item| {
                taint.add(&item.taint);
                if let Shape::Map(inner) = &item.shape {
                    inner.borrow().values().take(64).for_each(|item| taint.add(&item.taint));
                }
            }),
            Shape::Instance(instance) => {
                instance.fields.borrow().values().take(64).for_each(|item| taint.add(&item.taint))
            }
            Shape::Made(made) => made.arguments.all().for_each(|item| taint.add(&item.taint)),
            _ => {}
        }
        taint
    }
}

fn quote(word: &str) -> String {
    if word.contains([' ', '\n', '"', '|', ';', '&', '>', '<']) {
        format!("'{}'", word.replace('\'', "'\\''"))
    } else {
        word.to_owned()
    }
}

fn text_shape<'a>(text: String) -> Shape<'a> {
    if !text.contains(HOLE) {
        Shape::Text(text.into())
    } else if text.chars().all(|one| one == HOLE) {
        Shape::Unknown
    } else {
        Shape::Pattern(text.into())
    }
}

fn is_text(value: &Value<'_>) -> bool {
    matches!(value.shape, Shape::Text(_) | Shape::Pattern(_) | Shape::Made(_))
}

fn equal(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    match (&left.shape, &right.shape) {
        (Shape::Text(left), Shape::Text(right)) => Some(left == right),
        (Shape::Bytes(left), Shape::Bytes(right)) => Some(left == right),
        (Shape::Null, Shape::Null) => Some(true),
        (Shape::Null, other) if is_something(other) => Some(false),
        (other, Shape::Null) if is_something(other) => Some(false),
        _ => Some(number(left)? == number(right)?),
    }
}

/// Whether a value is certainly neither `null` nor unknown.
fn is_something(shape: &Shape<'_>) -> bool {
    matches!(
        shape,
        Shape::Text(_)
            | Shape::Pattern(_)
            | Shape::Int(_)
            | Shape::Float(_)
            | Shape::Bool(_)
            | Shape::Bytes(_)
            | Shape::List(_)
            | Shape::Map(_)
            | Shape::Function(_)
            | Shape::Class(_)
            | Shape::Instance(_)
    )
}

fn whole(value: &Value<'_>) -> Option<i64> {
    match value.shape {
        Shape::Int(number) => Some(number),
        Shape::Bool(truth) => Some(truth.into()),
        _ => None,
    }
}

fn number(value: &Value<'_>) -> Option<f64> {
    match value.shape {
        Shape::Float(number) => Some(number),
        _ => whole(value).map(|number| number as f64),
    }
}

fn ordered<'a>(op: BinaryOp, order: std::cmp::Ordering) -> Option<Shape<'a>> {
    Some(Shape::Bool(match op {
        BinaryOp::Less => order.is_lt(),
        BinaryOp::LessEqual => order.is_le(),
        BinaryOp::Greater => order.is_gt(),
        BinaryOp::GreaterEqual => order.is_ge(),
        _ => return None,
    }))
}

fn integers<'a>(op: BinaryOp, left: i64, right: i64) -> Option<Shape<'a>> {
    let shift = || u32::try_from(right).ok().filter(|bits| *bits < 63);
    Some(Shape::Int(match op {
        BinaryOp::Add => left.checked_add(right)?,
        BinaryOp::Subtract => left.checked_sub(right)?,
        BinaryOp::Multiply => left.checked_mul(right)?,
        BinaryOp::Divide => return (right != 0).then(|| Shape::Float(left as f64 / right as f64)),
        BinaryOp::FloorDivide => left.checked_div_euclid(right).map(|_| (left as f64 / right as f64).floor() as i64)?,
        BinaryOp::Remainder => {
            let rest = left.checked_rem(right)?;
            // Python's remainder has the divisor's sign.
            if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }
        }
        BinaryOp::Power => left.checked_pow(u32::try_from(right).ok()?)?,
        BinaryOp::ShiftLeft => left.checked_mul(1i64.checked_shl(shift()?)?)?,
        BinaryOp::ShiftRight => left >> shift()?,
        BinaryOp::BitAnd => left & right,
        BinaryOp::BitOr => left | right,
        BinaryOp::BitXor => left ^ right,
        _ => return ordered(op, left.cmp(&right)),
    }))
}

fn floats<'a>(op: BinaryOp, left: f64, right: f64) -> Option<Shape<'a>> {
    Some(Shape::Float(match op {
        BinaryOp::Add => left + right,
        BinaryOp::Subtract => left - right,
        BinaryOp::Multiply => left * right,
        BinaryOp::Divide if right != 0.0 => left / right,
        BinaryOp::FloorDivide if right != 0.0 => (left / right).floor(),
        BinaryOp::Power => left.powf(right),
        _ => return ordered(op, left.partial_cmp(&right)?),
    }))
}

/// JavaScript's numbers: one kind, bit operations on 32 bits.
fn javascript_numbers<'a>(op: BinaryOp, left: f64, right: f64) -> Option<Shape<'a>> {
    let bits = to_i32(right) as u32 & 31;
    Some(match op {
        BinaryOp::Add => to_number(left + right),
        BinaryOp::Subtract => to_number(left - right),
        BinaryOp::Multiply => to_number(left * right),
        BinaryOp::Divide => to_number(left / right),
        BinaryOp::Remainder => to_number(left % right),
        BinaryOp::Power => to_number(left.powf(right)),
        BinaryOp::ShiftLeft => Shape::Int(to_i32(left).wrapping_shl(bits).into()),
        BinaryOp::ShiftRight => Shape::Int((to_i32(left) >> bits).into()),
        BinaryOp::ShiftRightUnsigned => Shape::Int(((to_i32(left) as u32) >> bits).into()),
        BinaryOp::BitAnd => Shape::Int((to_i32(left) & to_i32(right)).into()),
        BinaryOp::BitOr => Shape::Int((to_i32(left) | to_i32(right)).into()),
        BinaryOp::BitXor => Shape::Int((to_i32(left) ^ to_i32(right)).into()),
        _ => return left.partial_cmp(&right).map_or(Some(Shape::Bool(false)), |order| ordered(op, order)),
    })
}

fn to_number<'a>(number: f64) -> Shape<'a> {
    if number.fract() == 0.0 && number.abs() < 9e15 { Shape::Int(number as i64) } else { Shape::Float(number) }
}

fn to_i32(number: f64) -> i32 {
    if number.is_finite() { (number.trunc() % 4_294_967_296.0) as i64 as i32 } else { 0 }
}
