//! The variables of expressions: what a subject says under each name, and how a name is given a value by hand.

use cel::{
    common::{
        types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString},
        value::{CowVal, Val},
    },
    context::VariableResolver,
};
use model::Decision;

use super::{Day, Door, Subject, subject::Vulnerability};

/// A list of more values than this is not looked through: the rule that asks for it fails, and says so.
pub(super) const MOST_VALUES: usize = 500;
/// Other names of one vulnerability, at most.
pub(super) const MOST_ALIASES: usize = 20;
/// A text of more bytes than this is not looked at.
pub(super) const LONGEST_TEXT: usize = 4096;

/// What kind of value a variable has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Truth,
    /// A list of texts.
    Texts,
    /// A list of maps with the fields of [`VULNERABILITY`].
    Vulnerabilities,
}

impl Shape {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Truth => "true or false",
            Self::Texts => "list of texts",
            Self::Vulnerabilities => "list of vulnerabilities",
        }
    }
}

/// One variable of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name; `pkg.` may stand before it.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it is `null` where nobody knows.
    pub nullable: bool,
}

/// The fields of a vulnerability.
pub const VULNERABILITY: [&str; 5] = ["id", "aliases", "severity", "cvss", "fixed"];

macro_rules! variables {
    ($($field:ident: $kind:ty,)+) => {
        /// The variables that a subject holds.
        const HELD: &[Variable] = &[$(Variable {
            name: stringify!($field),
            shape: <$kind as Held>::SHAPE,
            nullable: <$kind as Held>::NULLABLE,
        },)+];

        fn held<'s>(subject: &'s Subject, name: &str) -> Option<CowVal<'s, 's>> {
            match name {
                $(stringify!($field) => Held::value(&subject.$field),)+
                _ => None,
            }
        }

        impl Subject {
            /// Gives the variable of this name a value, as unit tests in policies and the command line write it.
            pub fn set(&mut self, name: &str, given: &Given) -> Result<(), String> {
                let name = name.strip_prefix("pkg.").unwrap_or(name);
                match name {
                    $(stringify!($field) => {
                        self.$field = Held::read(given).map_err(|wanted| format!("`{name}` must be {wanted}"))?;
                        Ok(())
                    })+
                    _ => Err(unknown(name)),
                }
            }
        }
    };
}

variables! {
    purl: String,
    ecosystem: String,
    name: String,
    version: String,
    state: Decision,
    score: Option<u8>,
    verified: bool,
    source: String,
    records: Vec<String>,
    findings: Vec<String>,
    complete: bool,
    age_hours: Option<f64>,
    install_scripts: Option<bool>,
    new_install_scripts: Option<bool>,
    publisher_changed: Option<bool>,
    provenance: Option<bool>,
    squat_distance: Option<u32>,
    hash: &'static str,
    digests: Vec<String>,
    issues: Vec<String>,
    origin: &'static str,
    registry: String,
    foreign_registry: bool,
    license: Option<String>,
    vulnerabilities: Vec<Vulnerability>,
    direct: bool,
    dev: bool,
    optional: bool,
    deprecated: Option<bool>,
    yanked: Option<bool>,
    downloads: Option<u64>,
    path: String,
    groups: Vec<String>,
}

/// The variables that are derived from the others, or from where and when is asked.
const DERIVED: [Variable; 6] = [
    Variable { name: "licenses", shape: Shape::Texts, nullable: true },
    Variable { name: "severity", shape: Shape::Text, nullable: false },
    Variable { name: "cvss", shape: Shape::Number, nullable: true },
    Variable { name: "door", shape: Shape::Text, nullable: false },
    Variable { name: "today", shape: Shape::Text, nullable: false },
    Variable { name: "now", shape: Shape::Number, nullable: false },
];

/// Every variable.
pub fn variables() -> impl Iterator<Item = &'static Variable> {
    HELD.iter().chain(&DERIVED)
}

/// The variable of this name, with or without `pkg.`.
pub(super) fn variable(name: &str) -> Option<&'static Variable> {
    let name = name.strip_prefix("pkg.").unwrap_or(name);
    variables().find(|one| one.name == name)
}

/// The values that a variable can have, where they are few.
pub(super) fn words(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "state" => &["malicious", "suspicious", "inconclusive", "unknown", "benign"],
        "hash" => &["verified", "pinned", "missing", "mismatch"],
        "origin" => &["registry", "git", "url", "path", "bundled", "unknown"],
        "severity" => &["critical", "high", "medium", "low", "unknown", "none"],
        "door" => &["scan", "guard", "proxy", "mcp"],
        _ => return None,
    })
}

/// The sentence for a name that is no variable's.
pub(super) fn unknown(name: &str) -> String {
    let near = variables().map(|one| (distance(name, one.name), one.name)).min();
    match near {
        Some((edits, near)) if edits <= 3 => format!("there is no variable `{name}`; did you mean `{near}`?"),
        _ => format!("there is no variable `{name}`; docs/policy.md lists those that there are"),
    }
}

/// How many letters must be changed to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().take(64).enumerate() {
        let mut corner = std::mem::replace(&mut row[0], at + 1);
        for (column, against) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != *against);
            corner = row[column + 1];
            row[column + 1] = changed.min(corner + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

/// A value that is given by hand.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Nothing is known.
    Null,
    /// A scalar.
    Scalar(String),
    /// A list.
    List(Vec<Given>),
    /// A map.
    Map(Vec<(String, Given)>),
}

impl Given {
    /// The value in a command line's `name=value`: lists are separated by commas.
    pub fn of_argument(name: &str, text: &str) -> Self {
        match variable(name).map(|one| one.shape) {
            _ if text == "null" => Self::Null,
            Some(Shape::Texts) => {
                Self::List(text.split(',').filter(|one| !one.is_empty()).map(|one| Self::Scalar(one.into())).collect())
            }
            _ => Self::Scalar(text.into()),
        }
    }

    fn scalar(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

/// A type that a variable can have.
trait Held: Sized {
    const SHAPE: Shape;
    const NULLABLE: bool = false;
    /// The value; nothing when there is too much of it.
    fn value(&self) -> Option<CowVal<'_, '_>>;
    /// The value that is given by hand, or what it must be.
    fn read(given: &Given) -> Result<Self, &'static str>;
}

fn text(text: &str) -> Option<CowVal<'_, '_>> {
    (text.len() <= LONGEST_TEXT).then(|| CowVal::owned(CelString::from(text)))
}

impl Held for String {
    const SHAPE: Shape = Shape::Text;

    fn value(&self) -> Option<CowVal<'_, '_>> {
        text(self)
    }

    fn read(given: &Given) -> Result<Self, &'static str> {
        given.scalar().map(str::to_owned).ok_or("a text")
    }
}

impl Held for &'static str {
    const SHAPE: Shape = Shape::Text;

    fn value(&self) -> Option<CowVal<'_, '_>> {
        text(self)
    }

    fn read(given: &Given) -> Result<Self, &'static str> {
        const WORDS: [&str; 10] =
            ["verified", "pinned", "missing", "mismatch", "registry", "git", "url", "path", "bundled", "unknown"];
        let known = given.scalar().and_then(|word| WORDS.into_iter().find(|one| *one == word));
        known.ok_or("verified, pinned, missing or mismatch (`hash`), or registry, git, url, path, bundled or unknown (`origin`)")
    }
}

impl Held for Decision {
    const SHAPE: Shape = Shape::Text;

    fn value(&self) -> Option<CowVal<'_, '_>> {
        text(self.as_str())
    }

    fn read(given: &Given) -> Result<Self, &'static str> {
        let all = [Self::Benign, Self::Unknown, Self::Inconclusive, Self::Suspicious, Self::Malicious];
        let known = given.scalar().and_then(|word| all.into_iter().find(|one| one.as_str() == word));
        known.ok_or("malicious, suspicious, inconclusive, unknown or benign")
    }
}

impl Held for bool {
    const SHAPE: Shape = Shape::Truth;

    fn value(&self) -> Option<CowVal<'_, '_>> {
        Some(CowVal::owned(CelBool::from(*self)))
    }

    fn read(given: &Given) -> Result<Self, &'static str> {
        given.scalar().and_then(|word| word.parse().ok()).ok_or("true or false")
    }
}

macro_rules! numbers {
    ($($number:ty => $cel:ty as $inner:ty,)+) => {
        $(impl Held for $number {
            const SHAPE: Shape = Shape::Number;

            fn value(&self) -> Option<CowVal<'_, '_>> {
                Some(CowVal::owned(<$cel>::from(<$inner>::try_from(*self).unwrap_or_else(|_| <$inner>::MAX))))
            }

            fn read(given: &Given) -> Result<Self, &'static str> {
                given.scalar().and_then(|word| word.parse().ok()).ok_or("a number")
            }
        })+
    };
}

numbers! {
    u8 => CelInt as i64,
    u32 => CelInt as i64,
    u64 => CelInt as i64,
    f64 => CelDouble as f64,
}

impl<T: Held> Held for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const NULLABLE: bool = true;

    fn value(&self) -> Option<CowVal<'_, '_>> {
        match self {
            Some(value) => value.value(),
            None => Some(CowVal::owned(CelNull)),
        }
    }

    fn read(given: &Given) -> Result<Self, &'static str> {
        match given {
            Given::Null => Ok(None),
            given => T::read(given).map(Some),
        }
    }
}

impl Held for Vec<String> {
    const SHAPE: Shape = Shape::Texts;

    fn value(&self) -> Option<CowVal<'_, '_>> {
        texts(self, MOST_VALUES).map(CowVal::owned)
    }

    fn read(given: &Given) -> Result<Self, &'static str> {
        let Given::List(items) = given else { return Err("a list of texts") };
        items.iter().map(|one| one.scalar().map(str::to_owned).ok_or("a list of texts")).collect()
    }
}

impl Held for Vec<Vulnerability> {
    const SHAPE: Shape = Shape::Vulnerabilities;

    fn value(&self) -> Option<CowVal<'_, '_>> {
        if self.len() > MOST_VALUES {
            return None;
        }
        let items = self.iter().map(|one| vulnerability(one).map(|map| Box::new(map) as Box<dyn Val>));
        Some(CowVal::owned(CelList::from(items.collect::<Option<Vec<_>>>()?)))
    }

    fn read(given: &Given) -> Result<Self, &'static str> {
        const WANTED: &str = "a list of maps with `id`, `severity`, `cvss`, `fixed` and `aliases`";
        let Given::List(items) = given else { return Err(WANTED) };
        items
            .iter()
            .map(|one| if let Given::Map(fields) = one { read_vulnerability(fields) } else { Err(WANTED) })
            .collect()
    }
}

fn read_vulnerability(fields: &[(String, Given)]) -> Result<Vulnerability, &'static str> {
    let mut one =
        Vulnerability { id: String::new(), aliases: Vec::new(), severity: "unknown".into(), cvss: None, fixed: None };
    for (name, given) in fields {
        match name.as_str() {
            "id" => one.id = Held::read(given)?,
            "aliases" => one.aliases = Held::read(given)?,
            "severity" => one.severity = Held::read(given)?,
            "cvss" => one.cvss = Held::read(given)?,
            "fixed" => one.fixed = Held::read(given)?,
            _ => return Err("a list of maps with `id`, `severity`, `cvss`, `fixed` and `aliases` only"),
        }
    }
    Ok(one)
}

fn texts(all: &[String], most: usize) -> Option<CelList<'_>> {
    if all.len() > most || all.iter().any(|one| one.len() > LONGEST_TEXT) {
        return None;
    }
    Some(CelList::from(
        all.iter().map(|one| Box::new(CelString::from(one.as_str())) as Box<dyn Val + '_>).collect::<Vec<_>>(),
    ))
}

fn vulnerability(one: &Vulnerability) -> Option<CelMap<'_>> {
    let mut fields: std::collections::HashMap<CelMapKey<'_>, Box<dyn Val + '_>> = std::collections::HashMap::new();
    let number = |value: Option<f64>| -> Box<dyn Val> {
        value.map_or_else(|| Box::new(CelNull) as Box<dyn Val>, |value| Box::new(CelDouble::from(value)))
    };
    let fixed: Box<dyn Val + '_> = match &one.fixed {
        Some(version) => Box::new(CelString::from(version.as_str())),
        None => Box::new(CelNull),
    };
    fields.insert("id".into(), Box::new(CelString::from(one.id.as_str())));
    fields.insert("aliases".into(), Box::new(texts(&one.aliases, MOST_ALIASES)?));
    fields.insert("severity".into(), Box::new(CelString::from(one.severity.as_str())));
    fields.insert("cvss".into(), number(one.cvss));
    fields.insert("fixed".into(), fixed);
    Some(CelMap::from(fields))
}

/// A subject at a door on a day: what an expression can ask.
pub(super) struct Facts<'s> {
    pub subject: &'s Subject,
    pub door: Door,
    pub day: Day,
    pub today: String,
}

impl<'s> Facts<'s> {
    pub fn new(subject: &'s Subject, door: Door, day: Day) -> Self {
        Self { subject, door, day, today: day.to_string() }
    }

    /// The value of a variable; nothing when there is no such, or too much of it.
    pub fn value(&self, name: &str) -> Option<CowVal<'_, '_>> {
        let name = name.strip_prefix("pkg.").unwrap_or(name);
        match name {
            "door" => text(self.door.as_str()),
            "today" => text(&self.today),
            "now" => Some(CowVal::owned(CelDouble::from(hours(self.day)))),
            "severity" => text(self.severity()),
            "cvss" => {
                Some(self.cvss().map_or_else(|| CowVal::owned(CelNull), |one| CowVal::owned(CelDouble::from(one))))
            }
            "licenses" => self.licenses(),
            name => held(self.subject, name),
        }
    }

    fn severity(&self) -> &'static str {
        const WORST_FIRST: [&str; 4] = ["critical", "high", "medium", "low"];
        let all = &self.subject.vulnerabilities;
        let worst = WORST_FIRST.into_iter().find(|word| all.iter().any(|one| one.severity == *word));
        worst.unwrap_or(if all.is_empty() { "none" } else { "unknown" })
    }

    fn cvss(&self) -> Option<f64> {
        self.subject.vulnerabilities.iter().filter_map(|one| one.cvss).max_by(f64::total_cmp)
    }

    fn licenses(&self) -> Option<CowVal<'_, '_>> {
        let Some(license) = &self.subject.license else { return Some(CowVal::owned(CelNull)) };
        if license.len() > LONGEST_TEXT {
            return None;
        }
        let ids = super::functions::license_ids(license);
        let ids = ids.into_iter().map(|id| Box::new(CelString::from(id)) as Box<dyn Val + '_>);
        Some(CowVal::owned(CelList::from(ids.collect::<Vec<_>>())))
    }
}

/// Hours from the start of 1970 to the start of a day.
pub(super) fn hours(day: Day) -> f64 {
    let seconds = day.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |one| one.timestamp().as_second());
    seconds as f64 / 3600.0
}

impl VariableResolver for Facts<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        self.value(name)
    }
}
