//! Paths and addresses. Their unknown parts stay holes.

use super::{Arguments, HOLE, Machine, Value, argument, patterned};

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if let Some(name) = api.strip_prefix("path.") {
        let name = name.strip_prefix("posix.").or_else(|| name.strip_prefix("win32.")).unwrap_or(name);
        return path(machine, name, arguments);
    }
    match api {
        "url.fileURLToPath" | "url.pathToFileURL" => argument(arguments, 0).cloned(),
        "url.resolve" => {
            let (base, rest) = (argument(arguments, 0)?.clone(), argument(arguments, 1)?.clone());
            let (base, rest) = (machine.text_with_holes(&base), machine.text_with_holes(&rest));
            let whole = if rest.contains("://") {
                rest
            } else {
                format!("{}/{}", base.trim_end_matches('/'), rest.trim_start_matches('/'))
            };
            Some(patterned(whole))
        }
        _ => None,
    }
}

fn path<'a>(machine: &mut Machine<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let parts: Vec<String> = arguments.positional.iter().map(|part| machine.text_with_holes(part)).collect();
    let first = parts.first()?;
    if parts.iter().all(|part| part.chars().all(|one| one == HOLE)) && parts.len() == 1 {
        return None;
    }
    let last =
        |path: &str| path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    Some(patterned(match name {
        "join" => tidy(&parts.join("/")),
        "resolve" => {
            let start = parts.iter().rposition(|part| part.starts_with('/')).unwrap_or(0);
            tidy(&parts[start..].join("/"))
        }
        "normalize" | "toNamespacedPath" => tidy(first),
        "basename" => {
            let name = last(first);
            match parts.get(1) {
                Some(ending) => name.strip_suffix(ending.as_str()).unwrap_or(&name).to_owned(),
                None => name,
            }
        }
        "dirname" => match first.trim_end_matches('/').rsplit_once('/') {
            Some(("", _)) => "/".to_owned(),
            Some((folder, _)) => folder.to_owned(),
            None => ".".to_owned(),
        },
        "extname" => {
            let name = last(first);
            name.rfind('.').filter(|at| *at > 0).map_or_else(String::new, |at| name[at..].to_owned())
        }
        _ => return None,
    }))
}

/// Takes out `.` and `x/..`.
fn tidy(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if out.last().is_some_and(|last| *last != ".." && !last.contains(HOLE)) => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    let joined = out.join("/");
    if path.starts_with('/') { format!("/{joined}") } else { joined }
}
