//! Placeholder until the table is filled.

use super::{super::{Machine, value::Value}, Arguments};

pub(super) fn call<'a>(_machine: &mut Machine<'a>, _api: &str, _arguments: &Arguments<'a>) -> Option<Value<'a>> {
    None
}

pub(super) fn method<'a>(
    _machine: &mut Machine<'a>,
    _receiver: &Value<'a>,
    _name: &str,
    _arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    None
}

/// The builtins that a plain name means when the file does not bind it.
pub(crate) const BUILTINS: &[&str] = &[];
