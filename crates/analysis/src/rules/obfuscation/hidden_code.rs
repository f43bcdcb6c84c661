//! Code that reaches an interpreter in disguise: through decoders, ciphers, or sums of numbers. Shared by the rules here.

use model::{Action, Layer, Role};

use crate::{rules::query::Seen, source::Source, subject::Subject};

/// What comes from outside of the file: other rules speak of it.
const FOREIGN: &[Action] = &[
    Action::NetFetch,
    Action::NetReceive,
    Action::NetSend,
    Action::NetConnect,
    Action::FileRead,
    Action::EnvRead,
    Action::EnvReadAll,
    Action::ProcExec,
    Action::SecretArgument,
    Action::ClipboardRead,
    Action::InputCapture,
    Action::SecretStore,
];
/// What makes code worth hiding: everything that reaches out to hosts, programs, secrets and people.
const REACHING: &[Action] = &[
    Action::NetFetch,
    Action::NetSend,
    Action::NetConnect,
    Action::NetReceive,
    Action::ProcExec,
    Action::CodeEval,
    Action::CodeLoad,
    Action::EnvReadAll,
    Action::SecretStore,
    Action::MemoryNative,
    Action::ScreenCapture,
    Action::InputCapture,
    Action::HookGlobal,
    Action::PackageInstall,
    Action::WinregWrite,
];
/// Decoders of everyday data, which say nothing when the code they yield is not known.
const EVERYDAY: &[&str] = &[
    "escapes",
    "html",
    "json",
    "percent",
    "pgp",
    "pickle",
    "pixels",
    "png",
    "quoted-printable",
    "rsa",
    "url",
    "v8",
    "wasm",
    "yaml",
];

/// Code in disguise at one place.
pub(super) struct HiddenCode<'s> {
    /// Where it is run.
    pub run: Seen<'s>,
    /// The first decoder, when one is known.
    pub decoder: Option<Seen<'s>>,
    /// The decoders and ciphers, without those of everyday data.
    pub how: Vec<&'s str>,
    /// The text, when it could be worked out and does not stand in the file as it is.
    pub code: Option<&'s Layer>,
    /// Whether a cipher is among the decoders.
    pub encrypted: bool,
    /// Whether the code reaches out of the interpreter, as far as it is known.
    pub reaches: bool,
    /// Whether the data comes from a file.
    pub file: Option<Seen<'s>>,
}

impl<'s> HiddenCode<'s> {
    /// All of it, without tests and examples, and without code that comes from a host.
    pub fn all(subject: &'s Subject) -> Vec<Self> {
        let sources = subject.sources.iter().filter(|source| !source.is_aside);
        sources
            .flat_map(|source| source.behaviours(&[Action::CodeEval, Action::ProcExec, Action::CodeLoad]))
            .filter_map(Self::at)
            .collect()
    }

    fn at(run: Seen<'s>) -> Option<Self> {
        let source = run.source;
        // What stands in a layer that was hidden itself is told with that layer.
        if source
            .layer_of(&run.behaviour.place)
            .is_some_and(|layer| is_decoded(layer) && run.behaviour.action == Action::CodeEval)
        {
            return None;
        }
        let role = if run.behaviour.action == Action::ProcExec { Role::Command } else { Role::Code };
        let origins: Vec<(u32, Role)> =
            source.origins(run.id).into_iter().filter(|(_, own)| *own == role || *own == Role::Path).collect();
        let seen = |id: u32| Seen { source, id, behaviour: source.behaviour(id) };
        let mut decoders: Vec<Seen<'s>> = Vec::new();
        let mut file = None;
        for (id, own) in origins {
            let from = seen(id);
            match from.behaviour.action {
                Action::DataDecode | Action::DataDecrypt if own == role => decoders.push(from),
                Action::FileRead => file = file.or(Some(from)),
                action if FOREIGN.contains(&action) && own == role => return None,
                _ => {}
            }
        }
        let code = hidden_layer(run);
        let mut how: Vec<&str> = code
            .map(|code| code.how.iter().map(String::as_str).filter(|one| is_decoder(one)).collect())
            .unwrap_or_default();
        for decoder in &decoders {
            let name = name_of(*decoder);
            if !how.contains(&name) && !EVERYDAY.contains(&name) {
                how.push(name);
            }
        }
        if code.is_none() && how.is_empty() || run.behaviour.action != Action::CodeEval && decoders.is_empty() {
            return None;
        }
        let encrypted =
            decoders.iter().any(|one| one.behaviour.action == Action::DataDecrypt && !EVERYDAY.contains(&one.text()));
        let reaches = code.is_some_and(|code| reaches_out(source, code));
        Some(Self { run, decoder: decoders.first().copied(), how, code, encrypted, reaches, file })
    }

    /// Whether the code is a marshalled object.
    pub fn is_marshalled(&self) -> bool {
        self.how.contains(&"marshal")
    }

    /// How it was hidden, in words.
    pub fn ways(&self) -> String {
        if self.how.is_empty() {
            "put together from pieces and numbers".into()
        } else {
            format!("hidden by {}", self.how.join(", "))
        }
    }
}

/// The layer that opens where something is run, when its text does not stand in the file.
fn hidden_layer<'s>(run: Seen<'s>) -> Option<&'s Layer> {
    let source = run.source;
    let outer = source.layer_of(&run.behaviour.place).map_or(source.text.as_str(), |layer| layer.text.as_str());
    let ends: &[&str] = if run.behaviour.action == Action::CodeEval { &["eval", "data-url"] } else { &["shell"] };
    let layer = source
        .layers_at(&run.behaviour.place)
        .filter(|layer| layer.how.last().is_some_and(|how| ends.contains(&how.as_str())))
        .max_by_key(|layer| layer.how.len())?;
    let marshalled = layer.how.iter().any(|how| how == "marshal");
    // What stands in the file is not hidden, even when it is handed on through a layer such as `exec("exec code")`.
    let plain = !marshalled && (is_spelled_out(&layer.text, outer) || is_spelled_out(&layer.text, &source.text));
    if run.behaviour.has("partly-known") || plain {
        return None;
    }
    let code = marshalled
        || has_behaviour(source, layer)
        || layer.language == "shell"
        || syntax::decode::looks_like_code(&layer.text).is_some();
    code.then_some(layer)
}

/// Whether a layer came out of a decoder or cipher.
pub(super) fn is_decoded(layer: &Layer) -> bool {
    layer.how.iter().any(|how| is_decoder(how))
}

fn is_decoder(how: &str) -> bool {
    !matches!(how, "eval" | "shell" | "file" | "stdin" | "data-url") && !EVERYDAY.contains(&how)
}

fn name_of(decoder: Seen<'_>) -> &str {
    if decoder.text().is_empty() {
        decoder.behaviour.api.rsplit('.').next().unwrap_or("a cipher")
    } else {
        decoder.text()
    }
}

/// Whether the words of a text stand in another: then nothing is hidden, however the pieces are put together.
pub(super) fn is_spelled_out(text: &str, outer: &str) -> bool {
    let mut words: Vec<&str> =
        text.split(|one: char| !one.is_alphanumeric() && one != '_').filter(|word| word.len() >= 4).take(400).collect();
    words.sort_unstable();
    words.dedup();
    let found = words.iter().filter(|word| memchr::memmem::find(outer.as_bytes(), word.as_bytes()).is_some()).count();
    words.len() < 2 || found * 2 >= words.len()
}

fn has_behaviour(source: &Source, layer: &Layer) -> bool {
    inside(source, layer).next().is_some()
}

fn reaches_out(source: &Source, layer: &Layer) -> bool {
    inside(source, layer).any(|one| REACHING.contains(&one.action))
}

/// The behaviours of a layer and of the layers inside it.
fn inside<'s>(source: &'s Source, layer: &'s Layer) -> impl Iterator<Item = &'s model::Behaviour> {
    let first = source.seen.layers.iter().position(|one| std::ptr::eq(one, layer)).unwrap_or(usize::MAX);
    source.seen.behaviours.iter().filter(move |one| {
        let mut at = one.place.layer;
        while let Some(number) = at {
            if number as usize == first {
                return true;
            }
            at = source
                .seen
                .layers
                .get(number as usize)
                .and_then(|layer| layer.place.layer)
                .filter(|outer| *outer < number);
        }
        false
    })
}
