//! What the package can do, as a short list.

use std::collections::BTreeMap;

use model::{Action, Capability, Known, Phase};

use crate::subject::Subject;

/// More objects than this make no list short.
const MOST_OBJECTS: usize = 6;

/// What the package can do. Tests, examples and documents of the package do not count.
pub fn list(subject: &Subject) -> Vec<Capability> {
    let mut found: BTreeMap<(Action, Phase), Capability> = BTreeMap::new();
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        // A parameter is where data comes from, and nothing that the package can do.
        for one in source.seen.behaviours.iter().filter(|one| one.action != Action::SecretArgument) {
            let capability = found.entry((one.action, one.phase)).or_insert_with(|| Capability {
                action: one.action,
                phase: one.phase,
                count: 0,
                objects: Vec::new(),
                place: one.place.clone(),
            });
            capability.count += 1;
            let text = &one.object.text;
            if one.object.known != Known::Unknown
                && capability.objects.len() < MOST_OBJECTS
                && text.len() < 200
                && !capability.objects.contains(text)
            {
                capability.objects.push(text.clone());
            }
        }
    }
    // The earliest phase of each action is what matters; later ones only add to its count.
    let mut list: Vec<Capability> = Vec::new();
    for ((action, _), capability) in found {
        match list.iter_mut().find(|old| old.action == action) {
            Some(old) => {
                old.count += capability.count;
                for object in capability.objects {
                    if old.objects.len() < MOST_OBJECTS && !old.objects.contains(&object) {
                        old.objects.push(object);
                    }
                }
            }
            None => list.push(capability),
        }
    }
    list.sort_by_key(|one| (one.phase, one.action));
    list
}
