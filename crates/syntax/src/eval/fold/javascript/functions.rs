//! Functions as values: `call`, `apply`, `bind`, and the roads to `Function`.

use std::rc::Rc;

use super::{super::super::value::Closure, Arguments, Machine, Shape, Value, argument, taint_of};

/// The methods that a function has.
pub(super) const METHODS: &[&str] = &["apply", "bind", "call", "hasOwnProperty", "toString", "valueOf"];

/// A call by the name of something outside: `eval.call(...)`, `Reflect.apply(eval, ...)`, `Math.max.constructor(...)`.
pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    match api {
        "Reflect.apply" | "Function.prototype.call.call" => {
            let handed = match api {
                "Reflect.apply" => spread(argument(arguments, 2)),
                _ => Arguments::of(arguments.positional.iter().skip(2).cloned().collect()),
            };
            return Some(machine.invoke(argument(arguments, 0)?, argument(arguments, 1), handed));
        }
        "Reflect.construct" => {
            let handed = spread(argument(arguments, 1));
            return Some(machine.invoke(argument(arguments, 0)?, None, handed));
        }
        _ => {}
    }
    let (base, how) = api.rsplit_once('.')?;
    match how {
        "call" | "apply" => {
            let (this, handed) = handed_on(how, arguments);
            if let Some(method) =
                base.strip_prefix("Array.prototype.").or_else(|| base.strip_prefix("String.prototype."))
            {
                let this = match &this.shape {
                    Shape::Map(map) => super::objects::as_list(&map.borrow()).map_or(this.clone(), Value::list),
                    _ => this,
                };
                return super::method(machine, &this, method, &handed);
            }
            Some(machine.invoke(&Value::api(base), Some(&this), handed))
        }
        "bind" if arguments.positional.len() < 2 => Some(Value::api(base)),
        "bind" => Some(machine.bound(&Value::api(base), &arguments.positional[1..])),
        // The constructor of any function makes functions.
        "constructor" if arguments.positional.last().is_some_and(|code| code.as_text().is_some()) => {
            Some(machine.invoke(&Value::api("Function"), None, arguments.clone()))
        }
        _ => None,
    }
}

/// The receiver and the arguments that `call` and `apply` hand on.
fn handed_on<'a>(how: &str, arguments: &Arguments<'a>) -> (Value<'a>, Arguments<'a>) {
    let this = argument(arguments, 0).cloned().unwrap_or_default();
    let handed = match how {
        "call" => Arguments::of(arguments.positional.iter().skip(1).cloned().collect()),
        _ => spread(argument(arguments, 1)),
    };
    (this, handed)
}

/// The arguments in a list. An unknown list is one unknown argument.
fn spread<'a>(list: Option<&Value<'a>>) -> Arguments<'a> {
    match list.map(|list| (&list.shape, list)) {
        Some((Shape::List(items), _)) => Arguments::of(items.borrow().clone()),
        Some((Shape::Bytes(bytes), _)) => {
            Arguments::of(bytes.iter().map(|byte| Shape::Int((*byte).into()).into()).collect())
        }
        Some((Shape::Map(map), _)) => match super::objects::as_list(&map.borrow()) {
            Some(items) => Arguments::of(items),
            None => Arguments::default(),
        },
        Some((Shape::Null, _)) | None => Arguments::default(),
        Some((_, list)) => Arguments::of(vec![Value::unknown(list.taint.clone())]),
    }
}

/// Methods of a function of the text.
pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match name {
        "call" | "apply" => {
            let (this, handed) = handed_on(name, arguments);
            Some(machine.invoke(receiver, Some(&this), handed))
        }
        "bind" if arguments.positional.len() < 2 => {
            let Shape::Function(closure) = &receiver.shape else { return Some(receiver.clone()) };
            let this = argument(arguments, 0).filter(|this| !matches!(this.shape, Shape::Null)).cloned();
            let bound = Closure {
                function: closure.function,
                scope: closure.scope,
                receiver: this.or_else(|| closure.receiver.clone()),
                class: closure.class.clone(),
            };
            Some(Shape::Function(Rc::new(bound)).into())
        }
        "bind" => Some(machine.bound(receiver, &arguments.positional[1..]).with(&taint_of(arguments))),
        _ => None,
    }
}

/// `[].concat.apply(list, items)`: methods of a method that was not called.
pub(super) fn native<'a>(
    machine: &mut Machine<'a>,
    method: &str,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match name {
        "call" | "apply" => {
            let (this, handed) = handed_on(name, arguments);
            let this = match &this.shape {
                Shape::Map(map) => super::objects::as_list(&map.borrow()).map_or(this.clone(), Value::list),
                _ => this,
            };
            super::method(machine, &this, method, &handed)
        }
        "bind" => Some(super::native(method)),
        "toString" => Some(Value::text(format!("function {method}() {{ [native code] }}"))),
        _ => None,
    }
}
