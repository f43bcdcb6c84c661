//! The prints of known obfuscators and packers.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

use super::{MarkKind, Page, stats};
use crate::Language;

/// What a needle is a print of.
#[derive(Clone, Copy, PartialEq)]
enum Print {
    /// A name of javascript-obfuscator's.
    HexName,
    /// The head of its rotation loop.
    Rotation,
    /// Its self-defence.
    SelfDefence,
    /// A sign that is enough by itself, of JavaScript.
    Js(&'static str),
    /// The same, of Python.
    Py(&'static str),
    /// Perhaps a name that is made to be unreadable.
    Unreadable,
}

use Print::{HexName, Js, Py, Rotation, SelfDefence, Unreadable};

const NEEDLES: &[(&str, Print)] = &[
    ("_0x", HexName),
    ("while(!![])", Rotation),
    ("while (!![])", Rotation),
    ("(((.+)+)+)+$", SelfDefence),
    ("eval(function(p,a,c,k,e,", Js("packer")),
    ("eval(function(p, a, c, k, e,", Js("packer")),
    ("eval(function(w,i,s,e)", Js("wise packer")),
    ("$=~[];", Js("jjencode")),
    ("ﾟωﾟﾉ", Js("aaencode")),
    ("__pyarmor__(", Py("PyArmor")),
    ("from pyarmor_runtime", Py("PyArmor")),
    ("import __pyarmor", Py("PyArmor")),
    ("from pytransform import pyarmor", Py("PyArmor")),
    ("class Kramer(", Py("Kramer")),
    ("__obfuscator__", Py("Hyperion or its kin")),
    ("with BlankOBF", Py("BlankOBF")),
    ("pyobfuscate=", Py("pyobfuscate")),
    ("_ = lambda __ :", Py("lambda loader")),
    ("_ = lambda __:", Py("lambda loader")),
    ("_=lambda __:", Py("lambda loader")),
    ("with Py-Fuscate", Py("Py-Fuscate")),
    ("with PlusOBF", Py("PlusOBF")),
    ("trust = eval(", Py("development-tools obfuscator")),
    ("exec(marshal.loads(", Py("marshal loader")),
    ("exec(__import__('marshal').loads(", Py("marshal loader")),
    ("exec(__import__(\"marshal\").loads(", Py("marshal loader")),
    ("IlI", Unreadable),
    ("lIl", Unreadable),
    ("IIl", Unreadable),
    ("llI", Unreadable),
    ("1l1", Unreadable),
    ("O0O", Unreadable),
    ("0O0", Unreadable),
    ("OO0", Unreadable),
    ("____(", Unreadable),
    ("____=", Unreadable),
    ("____ =", Unreadable),
];

static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(NEEDLES.iter().map(|(needle, _)| *needle)).ok()
});

/// The fewest names that make a print.
const LEAST_NAMES: usize = 20;
/// The fewest hits that make it worth to weigh all names.
const LEAST_UNREADABLE: usize = 24;

/// Looks for prints. `brackets` is the longest run of JSFuck's characters.
pub(super) fn scan(page: &mut Page<'_>, brackets: Option<Range<usize>>) {
    if let Some(run) = brackets {
        let detail = format!("JSFuck: {} brackets in a row", run.len());
        page.mark(MarkKind::ObfuscatorJs, run.start, run.len(), detail, None);
    }
    let Some(search) = &*SEARCH else { return };
    let bytes = page.text.as_bytes();
    let mut names = Names::default();
    let mut unreadable = 0;
    let mut seen: Vec<&'static str> = Vec::new();
    for found in search.find_iter(bytes) {
        let at = found.start();
        match NEEDLES[found.pattern().as_usize()].1 {
            HexName => names.count(bytes, at),
            Rotation => names.rotation |= is_rotation(bytes, at),
            SelfDefence => names.defence = true,
            Js(name) if page.language != Some(Language::Python) && !seen.contains(&name) => {
                seen.push(name);
                page.mark(MarkKind::ObfuscatorJs, at, found.len(), name.to_owned(), None);
            }
            Py(name) if page.language != Some(Language::JavaScript) && !seen.contains(&name) => {
                seen.push(name);
                page.mark(MarkKind::ObfuscatorPy, at, found.len(), name.to_owned(), None);
            }
            Js(_) | Py(_) => {}
            Unreadable => unreadable += 1,
        }
    }
    names.judge(page);
    if unreadable >= LEAST_UNREADABLE {
        unreadable_names(page);
    }
}

/// Names such as `_0x3f2a1b`.
#[derive(Default)]
struct Names {
    count: usize,
    first: usize,
    last: usize,
    rotation: bool,
    defence: bool,
}

impl Names {
    fn count(&mut self, bytes: &[u8], at: usize) {
        let digits = bytes[at + 3..].iter().take(8).take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits >= 4 {
            if self.count == 0 {
                self.first = at;
            }
            self.count += 1;
            self.last = at + 3 + digits;
        }
    }

    fn judge(&self, page: &mut Page<'_>) {
        let foreign = !matches!(page.language, Some(Language::JavaScript) | None);
        if foreign || (self.count < LEAST_NAMES && !self.rotation) {
            return;
        }
        let mut detail = format!("javascript-obfuscator: {} hexadecimal names", self.count);
        if self.rotation {
            detail.push_str(", string array rotation");
        }
        if self.defence {
            detail.push_str(", self-defence");
        }
        let first = if self.count == 0 { 0 } else { self.first };
        page.mark(MarkKind::ObfuscatorJs, first, self.last.saturating_sub(first), detail, None);
    }
}

/// The loop that turns the string array until a sum of `parseInt`s is right.
fn is_rotation(bytes: &[u8], at: usize) -> bool {
    let body = &bytes[at..bytes.len().min(at + 1500)];
    memchr::memmem::find_iter(body, b"parseInt(").count() >= 4
}

fn unreadable_names(page: &mut Page<'_>) {
    let names = stats::unreadable(page.text);
    if names.count >= LEAST_UNREADABLE && names.count * 6 >= names.all {
        let detail = format!(
            "{} of {} names are made to be mistaken for each other, such as {}",
            names.count, names.all, names.example
        );
        let kind = match page.language {
            Some(Language::Python) => MarkKind::ObfuscatorPy,
            Some(Language::JavaScript) => MarkKind::ObfuscatorJs,
            _ => MarkKind::UnreadableNames,
        };
        page.mark(kind, names.first, names.example.len(), detail, None);
    }
}
