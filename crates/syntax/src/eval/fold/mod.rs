//! What known functions and methods yield when their arguments are known.
//!
//! Each language has one table. A fold never runs anything: it computes texts, bytes, numbers and lists within the budget, and
//! answers `None` when it does not know; then the machine carries on with an unknown value that keeps its sources.

use std::rc::Rc;

use super::{
    Machine,
    value::{Shape, Value},
};
use crate::Language;

mod javascript;
mod powershell;
pub(crate) mod python;
mod ruby;
mod shell;

/// The arguments of a call, evaluated.
#[derive(Clone, Default)]
pub struct Arguments<'a> {
    /// Those by position.
    pub positional: Vec<Value<'a>>,
    /// Those by name.
    pub named: Vec<(Rc<str>, Value<'a>)>,
}

impl<'a> Arguments<'a> {
    /// Only positional arguments.
    pub fn of(positional: Vec<Value<'a>>) -> Self {
        Self { positional, named: Vec::new() }
    }

    /// The argument at a position or, failing that, of a name.
    pub fn get(&self, position: usize, name: &str) -> Option<&Value<'a>> {
        self.positional
            .get(position)
            .or_else(|| self.named.iter().find(|(own, _)| &**own == name).map(|(_, value)| value))
    }

    /// All arguments.
    pub fn all(&self) -> impl Iterator<Item = &Value<'a>> {
        self.positional.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}

/// The result of calling an outside function by its resolved name, when it can be computed.
pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if !api.ends_with(".len") && !arguments.all().all(|value| afford(machine, value, "")) {
        return None;
    }
    match machine.language() {
        Language::Python => python::call(machine, api, arguments),
        Language::JavaScript => javascript::call(machine, api, arguments),
        Language::Shell => shell::call(machine, api, arguments),
        Language::PowerShell => powershell::call(machine, api, arguments),
        Language::Ruby => ruby::call(machine, api, arguments),
        _ => None,
    }
}

/// The result of calling a method on a known value, when it can be computed.
pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if !afford(machine, receiver, name) {
        return None;
    }
    match machine.language() {
        Language::Python => python::method(machine, receiver, name, arguments),
        Language::JavaScript => javascript::method(machine, receiver, name, arguments),
        Language::PowerShell => powershell::method(machine, receiver, name, arguments),
        Language::Ruby => ruby::method(machine, receiver, name, arguments),
        _ => None,
    }
}

/// Methods that make a list out of a list.
const COPIES: &[&str] =
    &["slice", "subarray", "concat", "copy", "splice", "flat", "toSorted", "toReversed", "toSpliced"];

/// Spends steps for a method or function that goes over all of a long list or text.
fn afford(machine: &mut Machine<'_>, receiver: &Value<'_>, name: &str) -> bool {
    match &receiver.shape {
        Shape::List(_) if matches!(name, "push" | "pop" | "append" | "at") => true,
        Shape::List(list) => {
            let length = list.try_borrow().map_or(0, |list| list.len());
            if COPIES.contains(&name) { machine.spend_on_list(length) } else { machine.spend_for(length, 16) }
        }
        Shape::Map(map) => {
            let length = map.try_borrow().map_or(0, |map| map.len());
            matches!(name, "get" | "has" | "set" | "add") || machine.spend_for(length, 16)
        }
        // Even one character costs a look at all of them, to learn whether they are all ASCII.
        Shape::Text(text) if name.starts_with("char") => machine.spend_for(text.len(), 16_384),
        Shape::Text(text) => machine.spend_for(text.len(), 512),
        _ => true,
    }
}

/// The value of a member of a known value that is not called (`"abc".length`), when it can be computed.
pub(super) fn member<'a>(machine: &mut Machine<'a>, receiver: &Value<'a>, name: &str) -> Option<Value<'a>> {
    match machine.language() {
        Language::JavaScript => javascript::member(machine, receiver, name),
        Language::PowerShell => powershell::member(receiver, name),
        _ => None,
    }
}

/// The texts that the standard library of Python has as constants.
pub(super) fn python_constant(name: &str) -> Option<&'static str> {
    Some(match name {
        "string.ascii_letters" => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.ascii_lowercase" => "abcdefghijklmnopqrstuvwxyz",
        "string.ascii_uppercase" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.digits" => "0123456789",
        "string.hexdigits" => "0123456789abcdefABCDEF",
        "string.octdigits" => "01234567",
        "string.punctuation" => "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "string.whitespace" => " \t\n\r\u{b}\u{c}",
        "string.printable" => concat!(
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\u{b}\u{c}"
        ),
        _ => return None,
    })
}

/// Whether a Python name that is not bound in the text is a builtin.
pub(super) fn is_python_builtin(name: &str) -> bool {
    python::is_builtin(name)
}

/// Whether a Python name that is not bound in the text is most likely a well-known module: `from .common import *` brought it.
pub(super) fn is_python_module(name: &str) -> bool {
    python::MODULES.contains(&name)
}

/// The value that a JSON text says.
pub(super) fn plain_json<'a>(text: &str) -> Option<Value<'a>> {
    javascript::parse_json(text)
}

/// The text that JavaScript makes of a value, when it is known.
pub(super) fn javascript_text(value: &Value<'_>) -> Option<String> {
    javascript::to_js_string(value)
}

/// The number that JavaScript makes of a value, when it is known.
pub(super) fn javascript_number(value: &Value<'_>) -> Option<f64> {
    javascript::to_number(value)
}
