//! What a call does, by the lines of the table.

use model::{Action, Role};

use super::{
    Machine,
    closure::SECRET,
    effects::{Effect, Part, Selector, Trigger},
    fold::Arguments,
    value::{Shape, Taint, Value},
};
use crate::ir::Span;

impl<'a> Machine<'a> {
    /// Fires the lines of a table for one call. Answers the sources that its result carries.
    pub(super) fn fire(
        &mut self,
        effects: &'static [Effect],
        api: &str,
        receiver: Option<&Value<'a>>,
        arguments: &Arguments<'a>,
        span: Span,
    ) -> Taint {
        let mut yields = Taint::default();
        for effect in effects.iter().filter(|effect| effect.trigger == Trigger::Call) {
            let Some(action) = effect.action else { continue };
            let present = |machine: &mut Self, selector: &Selector| {
                machine
                    .select(selector, receiver, arguments)
                    .iter()
                    .any(|value| !matches!(value.shape, Shape::Null | Shape::Bool(false)))
            };
            if !effect.when.iter().all(|selector| present(self, selector))
                || effect.unless.iter().any(|selector| present(self, selector))
            {
                continue;
            }
            let Some(id) = self.fire_one(effect, action, api, receiver, arguments, span) else { continue };
            // What the same call yielded goes into what it does next: `urlretrieve` fetches, then writes.
            if matches!(action, Action::FileWrite | Action::CodeEval | Action::CodeLoad) {
                self.recorder.flow(&yields, id, Role::Data);
            }
            if yields_data(action) {
                yields.add(&Taint::of(id));
            }
        }
        yields
    }

    fn fire_one(
        &mut self,
        effect: &'static Effect,
        action: Action,
        api: &str,
        receiver: Option<&Value<'a>>,
        arguments: &Arguments<'a>,
        span: Span,
    ) -> Option<u32> {
        let mut parts: Vec<(Part, Value<'a>)> = Vec::new();
        for (part, selectors) in &effect.roles {
            for selector in selectors {
                let values = self.select(selector, receiver, arguments);
                let found = !values.is_empty();
                parts.extend(values.into_iter().map(|value| (*part, value)));
                if found && *part != Part::Data {
                    break;
                }
            }
        }
        let shown = [Part::Object, Part::Address, Part::Path, Part::Command, Part::Code]
            .iter()
            .find_map(|wanted| parts.iter().find(|(part, _)| part == wanted));
        let object = match shown {
            Some((part, value)) => {
                let value = value.clone();
                self.object_for(*part, &value, arguments)
            }
            None => model::Object::unknown(),
        };
        let id = self.record(action, object.clone(), api, span)?;
        for flag in &effect.flags {
            self.recorder.flag(id, flag);
        }
        for (selector, flag) in &effect.conditions {
            let holds = self.select(selector, receiver, arguments).iter().any(|value| value.truth() != Some(false));
            if holds {
                self.recorder.flag(id, flag);
            }
        }
        for (selector, text, flag) in &effect.contents {
            for value in self.select(selector, receiver, arguments) {
                let named = value.api_name().is_some_and(|name| name.contains(&**text));
                if named || self.line_of(&value).contains(&**text) {
                    self.recorder.flag(id, flag);
                }
            }
        }
        for (part, value) in &parts {
            let role = match part {
                Part::Object => continue,
                Part::Address => Role::Address,
                Part::Path => Role::Path,
                Part::Command => Role::Command,
                Part::Code => Role::Code,
                Part::Data => Role::Data,
            };
            let taint = self.deep_taint(value);
            self.recorder.flow(&taint, id, role);
        }
        if matches!(action, Action::NetSend | Action::NetFetch) && parts.iter().any(|(_, value)| holds_secret(value, 0))
        {
            self.recorder.flag(id, "unchanged-secret");
        }
        self.follow_paths(action, id, &object.text, &parts);
        self.open_layers(action, id, api, &parts, span);
        Some(id)
    }

    /// The object of a behaviour. A command with separate arguments becomes one line.
    fn object_for(&mut self, part: Part, value: &Value<'a>, arguments: &Arguments<'a>) -> model::Object {
        if part == Part::Command
            && !matches!(value.shape, Shape::List(_))
            && let Some(Shape::List(rest)) = arguments.positional.get(1).map(|rest| rest.shape.clone())
        {
            let mut line = vec![value.clone()];
            line.extend(rest.borrow().iter().cloned());
            return self.object_of(&Value::list(line));
        }
        self.object_of(value)
    }

    pub(super) fn select(
        &mut self,
        selector: &Selector,
        receiver: Option<&Value<'a>>,
        arguments: &Arguments<'a>,
    ) -> Vec<Value<'a>> {
        let one = match selector {
            Selector::Position(at) => arguments.positional.get(*at).cloned(),
            Selector::Named(name) => {
                arguments.named.iter().find(|(own, _)| **own == **name).map(|(_, value)| value.clone())
            }
            Selector::Property(at, key) => arguments.positional.get(*at).and_then(|value| match &value.shape {
                Shape::Map(map) => map.borrow().get(*key).cloned(),
                _ => None,
            }),
            Selector::Receiver => receiver.cloned(),
            Selector::Made(at, name) => {
                receiver.and_then(Value::made_with).and_then(|made| made.get(*at, name)).cloned()
            }
            Selector::Constant(text) => Some(Value::text(*text)),
            Selector::All => return arguments.all().cloned().collect(),
        };
        one.into_iter().collect()
    }
}

/// Whether a value holds what a caller handed over as a secret, as it came: in a list or dictionary, or written in another form.
pub(super) fn holds_secret(value: &Value<'_>, depth: u32) -> bool {
    const FORMS: &[&str] = &[
        "dumps()",
        "stringify()",
        "str()",
        "String()",
        "repr()",
        "encode()",
        "decode()",
        "strip()",
        "trim()",
        "toString()",
        "b64encode()",
        "from()",
        "btoa()",
        "URLSearchParams()",
        "urlencode()",
        "TextEncoder().encode()",
        "quote()",
        "encodeURIComponent()",
        "hex()",
        "bytes()",
        "dict()",
        "copy()",
    ];
    if depth > 4 {
        return false;
    }
    match &value.shape {
        Shape::Api(name) => &**name == SECRET,
        Shape::List(list) => list.borrow().iter().take(64).any(|item| holds_secret(item, depth + 1)),
        Shape::Map(map) => map.borrow().values().take(64).any(|item| holds_secret(item, depth + 1)),
        Shape::Made(made) => {
            FORMS.iter().any(|form| made.name.ends_with(form))
                && (made.name.split_once('.').is_some_and(|(head, _)| head == SECRET)
                    || made.arguments.all().any(|item| holds_secret(item, depth + 1)))
        }
        _ => false,
    }
}

/// Whether what is done yields data that goes on in the result. An open file or connection goes on as a handle.
fn yields_data(action: Action) -> bool {
    !matches!(
        action,
        Action::FileDelete
            | Action::FileChmod
            | Action::ProcKill
            | Action::Sleep
            | Action::Exit
            | Action::OutputSilence
            | Action::EnvWrite
            | Action::ClipboardWrite
            | Action::WinregWrite
            | Action::HookGlobal
    )
}
