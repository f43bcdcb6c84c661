//! The settings at the top of a policy file.

use ecosystem::document::{Kind, Node};
use model::Answer;

use super::{Reader, span};
use crate::policy::{
    Door, MALWARE, Settings,
    settings::{ByDoor, LOCKFILE},
};

pub(super) fn read(settings: &mut Settings, root: Node<'_, '_>, reader: &mut Reader) {
    by_door(&mut settings.malware, root, MALWARE, reader);
    if settings.malware.0.contains(&Answer::Allow) {
        let line = root.get(MALWARE).map_or(0, Node::line);
        reader.fault(line, "malware cannot be allowed as a whole; an exception can accept one version or hash");
    }
    by_door(&mut settings.suspicious, root, "suspicious", reader);
    by_door(&mut settings.unknown, root, "unknown", reader);
    by_door(&mut settings.incomplete, root, "incomplete", reader);
    if let Some(node) = root.get("lockfile").filter(|one| reader.is_map(*one, "`lockfile`")) {
        let codes: Vec<&str> = LOCKFILE.iter().map(|(code, ..)| *code).collect();
        reader.known(node, &codes, "`lockfile`");
        for child in node.children() {
            settings.lockfile.extend(reader.answer(child).map(|answer| (child.key().to_owned(), answer)));
        }
    }
    if let Some(node) = root.get("unevaluable") {
        match reader.answer(node) {
            Some(Answer::Allow) => {
                reader.fault(node.line(), "a rule that cannot be asked warns or blocks, it never allows")
            }
            Some(answer) => settings.unevaluable = answer,
            None => {}
        }
    }
    if let Some(node) = root.get("cooldown") {
        settings.cooldown = cooldown(node, reader);
    }
    if let Some(node) = root.get("database").filter(|one| reader.is_map(*one, "`database`")) {
        reader.known(node, &["warn_after", "fail_after"], "`database`");
        // What stands here replaces what the preset says as a whole.
        settings.database.warn_after = node.get("warn_after").and_then(|one| span(reader, one));
        settings.database.fail_after = node.get("fail_after").and_then(|one| span(reader, one));
    }
}

/// One answer for all doors, or one for each: doors that are not named keep what they had.
fn by_door(setting: &mut ByDoor, root: Node<'_, '_>, key: &str, reader: &mut Reader) {
    let Some(node) = root.get(key) else { return };
    if node.kind() != Kind::Map {
        if let Some(answer) = reader.answer(node) {
            *setting = answer.into();
        }
        return;
    }
    for child in node.children() {
        if let (Some(door), Some(answer)) = (reader.door(child.line(), child.key()), reader.answer(child)) {
            setting.set(door, answer);
        }
    }
}

/// `24h`, `off`, or a map with `wait` and `doors`.
fn cooldown(node: Node<'_, '_>, reader: &mut Reader) -> Option<(f64, Vec<Door>)> {
    const DOORS: [Door; 3] = [Door::Guard, Door::Proxy, Door::Mcp];
    if node.kind() != Kind::Map {
        let off = node.scalar() == Some("off");
        return if off { None } else { span(reader, node).map(|hours| (hours, DOORS.to_vec())) };
    }
    reader.known(node, &["wait", "doors"], "`cooldown`");
    let Some(wait) = node.get("wait") else {
        reader.fault(node.line(), "`cooldown` needs `wait`, such as 24h");
        return None;
    };
    let hours = span(reader, wait)?;
    let named = reader.texts(node, "doors");
    let doors: Vec<Door> = named.into_iter().filter_map(|(line, word)| reader.door(line, &word)).collect();
    Some((hours, if doors.is_empty() { DOORS.to_vec() } else { doors }))
}
