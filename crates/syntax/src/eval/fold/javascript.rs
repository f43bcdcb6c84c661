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

pub(super) fn member<'a>(_machine: &mut Machine<'a>, _receiver: &Value<'a>, _name: &str) -> Option<Value<'a>> {
    None
}

pub(super) fn to_js_string(_value: &Value<'_>) -> Option<String> {
    None
}

pub(super) fn to_number(_value: &Value<'_>) -> Option<f64> {
    None
}
