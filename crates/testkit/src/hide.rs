//! Inert malware, hidden in every way we know: each technique of `fixtures/evasion/techniques.txt` times each way to spell a
//! name, to spell a text, and to wrap a whole program, and the handwritten ones of `fixtures/evasion/handmade.txt`.

mod javascript;
mod jsfuck;
mod pack;
mod python;

pub(crate) use pack::from_base64;

const TECHNIQUES: &str = include_str!("../../../fixtures/evasion/techniques.txt");
const HANDMADE: &[&str] = &[
    include_str!("../../../fixtures/evasion/handmade-javascript.txt"),
    include_str!("../../../fixtures/evasion/handmade-python.txt"),
    include_str!("../../../fixtures/evasion/handmade-others.txt"),
];

/// A package with one hidden technique.
pub struct Variant {
    /// The language of the hidden code.
    pub language: String,
    /// What it does.
    pub technique: String,
    /// How it is hidden.
    pub hiding: String,
    /// The files of the package.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Variant {
    /// `language technique hiding`.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.language, self.technique, self.hiding)
    }

    /// The package as an archive.
    pub fn archive(&self) -> Vec<u8> {
        let files: Vec<(&str, &[u8])> =
            self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        crate::archive::tgz(&files)
    }
}

/// All variants, in the same order every time.
pub fn variants() -> Vec<Variant> {
    let mut all = Vec::new();
    for technique in sections(TECHNIQUES) {
        let [language, name, when] = technique.head[..] else { panic!("a technique has three words in its head") };
        let template = Template::parse(technique.text);
        let hidden = match language {
            "python" => python::hide(&template),
            _ => javascript::hide(&template),
        };
        all.extend(hidden.into_iter().map(|(hiding, hidden)| Variant {
            language: language.into(),
            technique: name.into(),
            hiding,
            files: if language == "python" { hidden.into_sdist(when) } else { hidden.into_tarball(when) },
        }));
    }
    all.extend(HANDMADE.iter().flat_map(|text| sections(text)).map(handmade));
    all
}

/// A package that was written by hand: its files stand behind lines of `--- path`. A path ending in `:base64` holds bytes.
fn handmade(section: Section<'static>) -> Variant {
    let [language, technique, hiding] = section.head[..] else { panic!("a variant has three words in its head") };
    let files = section.text.split("--- ").skip(1).map(|file| {
        let (path, text) = file.split_once('\n').expect("a path and a text");
        match path.strip_suffix(":base64") {
            Some(path) => (path.to_owned(), from_base64(text)),
            None => (path.to_owned(), text.as_bytes().to_vec()),
        }
    });
    Variant { language: language.into(), technique: technique.into(), hiding: hiding.into(), files: files.collect() }
}

struct Section<'a> {
    head: Vec<&'a str>,
    text: &'a str,
}

fn sections(text: &str) -> impl Iterator<Item = Section<'_>> {
    text.split("=== ").skip(1).map(|section| {
        let (head, text) = section.split_once('\n').expect("a head and a text");
        Section { head: head.split(' ').collect(), text }
    })
}

/// The code of a technique with its names and texts marked.
struct Template<'a>(Vec<Part<'a>>);

enum Part<'a> {
    Code(&'a str),
    Name(&'a str),
    Text(&'a str),
}

impl<'a> Template<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['‹', '«']) {
            parts.push(Part::Code(&rest[..at]));
            let (open, close) = if rest[at..].starts_with('‹') { ('‹', '›') } else { ('«', '»') };
            let inner = &rest[at + open.len_utf8()..];
            let end = inner.find(close).expect("what is opened is closed");
            let part = &inner[..end];
            parts.push(if close == '›' { Part::Name(part) } else { Part::Text(part) });
            rest = &inner[end + close.len_utf8()..];
        }
        parts.push(Part::Code(rest));
        Self(parts)
    }

    /// The program with its names and texts spelled in some way.
    fn spell(&self, names: &Spelling, texts: &Spelling) -> String {
        let mut draft = Draft::default();
        let body: String = self
            .0
            .iter()
            .map(|part| match part {
                Part::Code(code) => (*code).to_owned(),
                Part::Name(name) => (names.spell)(&mut draft, name),
                Part::Text(text) => (texts.spell)(&mut draft, text),
            })
            .collect();
        let table = (texts.table)(&draft.table);
        format!("{table}{}{body}", draft.head)
    }
}

/// A program in the making.
#[derive(Default)]
struct Draft {
    /// Lines that go before the program.
    head: String,
    /// Texts that stand in a table before the program.
    table: Vec<String>,
    /// How many names were made up.
    made: usize,
}

impl Draft {
    /// Adds a line before the program, once.
    fn need(&mut self, line: &str) {
        if !self.head.lines().any(|own| own == line) {
            self.head.push_str(line);
            self.head.push('\n');
        }
    }

    /// A new name.
    fn name(&mut self) -> String {
        self.made += 1;
        format!("_{}", self.made)
    }
}

/// A way to spell names or texts.
struct Spelling {
    name: &'static str,
    spell: fn(&mut Draft, &str) -> String,
    /// What stands before a program with these texts in a table.
    table: fn(&[String]) -> String,
}

/// A way to hide a whole program.
struct Wrap {
    name: &'static str,
    wrap: fn(&str) -> Hidden,
}

/// A hidden program.
#[derive(Default)]
struct Hidden {
    text: String,
    /// Whether it is a JavaScript module.
    module: bool,
    /// Files beside it.
    beside: Vec<(&'static str, Vec<u8>)>,
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Hidden {
    fn into_sdist(self, when: &str) -> Vec<(String, Vec<u8>)> {
        let text = format!("import lazaret_inert_specimen\n{}\n", self.text);
        let plain = "from setuptools import setup\nsetup(name='x', version='1.0', packages=['x'])\n";
        let mut files = vec![("x-1.0/PKG-INFO".to_owned(), b"Name: x\nVersion: 1.0\n".to_vec())];
        let folder = if when == "install" {
            files.push(("x-1.0/setup.py".into(), format!("{text}{plain}").into_bytes()));
            "x-1.0"
        } else {
            files.push(("x-1.0/setup.py".into(), plain.into()));
            files.push(("x-1.0/x/__init__.py".into(), text.into_bytes()));
            "x-1.0/x"
        };
        files.extend(self.beside.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
        files
    }

    fn into_tarball(self, when: &str) -> Vec<(String, Vec<u8>)> {
        let (head, end) = if self.module {
            ("import 'lazaret-inert-specimen'", "mjs")
        } else {
            ("require('lazaret-inert-specimen')", "js")
        };
        let manifest = if when == "install" {
            format!(r#"{{"name":"x","version":"1.0.0","scripts":{{"postinstall":"node index.{end}"}}}}"#)
        } else {
            format!(r#"{{"name":"x","version":"1.0.0","main":"index.{end}"}}"#)
        };
        let mut files = vec![
            ("package/package.json".to_owned(), manifest.into_bytes()),
            (format!("package/index.{end}"), format!("{head};\n{}\n", self.text).into_bytes()),
        ];
        files.extend(self.beside.into_iter().map(|(name, bytes)| (format!("package/{name}"), bytes)));
        files
    }
}

/// Every way of a language: names spelled, texts spelled, the whole wrapped.
fn ways(template: &Template<'_>, names: &[Spelling], texts: &[Spelling], wraps: &[Wrap]) -> Vec<(String, Hidden)> {
    let mut all = Vec::new();
    let plain = template.spell(&names[0], &texts[0]);
    all.push(("plain".to_owned(), plain.clone().into()));
    for one in &names[1..] {
        let text = template.spell(one, &texts[0]);
        let module = text.starts_with("import ");
        all.push((format!("names:{}", one.name), Hidden { text, module, ..Hidden::default() }));
    }
    for one in &texts[1..] {
        all.push((format!("texts:{}", one.name), template.spell(&names[0], one).into()));
    }
    // Both at once: each way of names meets another way of texts.
    for (at, one) in names[1..].iter().enumerate() {
        let other = &texts[1 + at % (texts.len() - 1)];
        let text = template.spell(one, other);
        let module = text.starts_with("import ");
        all.push((format!("names:{}+texts:{}", one.name, other.name), Hidden { text, module, ..Hidden::default() }));
    }
    all.extend(wraps.iter().map(|one| (format!("wrap:{}", one.name), (one.wrap)(&plain))));
    all
}
