//! Requests that are made first and sent later: the table of effects sees only the call that sends.

use model::{Action, Role};

use super::{Arguments, Machine, Shape, Taint, Value, made};

/// What `urlopen(Request(url, data))` does beyond fetching: it sends the data.
pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if !matches!(api, "urllib.request.urlopen" | "urllib.request.build_opener().open" | "requests.send") {
        return None;
    }
    let request = arguments.positional.first()?;
    let carried = request.made_with()?;
    let name = request.api_name()?;
    let parts: Vec<&Value<'a>> = match &**name {
        "urllib.request.Request()" => vec![carried.get(1, "data"), carried.get(2, "headers")],
        "requests.Request()" | "requests.Request().prepare()" => {
            ["data", "json", "params", "files", "headers"].iter().map(|part| carried.get(usize::MAX, part)).collect()
        }
        _ => return None,
    }
    .into_iter()
    .flatten()
    .filter(|part| !matches!(part.shape, Shape::Null))
    .collect();
    let data = carried.get(1, "data").is_some_and(|data| !matches!(data.shape, Shape::Null));
    if parts.is_empty() || !data && &**name == "urllib.request.Request()" {
        return None;
    }
    let mut taint = Taint::default();
    for part in parts {
        taint.add(&machine.deep_taint(part));
    }
    let (object, here) = (machine.object_of(request), machine.here);
    let id = machine.record(Action::NetSend, object, api, here)?;
    machine.recorder.flow(&taint, id, Role::Data);
    Some(made(&format!("{api}()"), arguments.clone()).with(&Taint::of(id)))
}
