//! What is known of a value while code is followed.

use std::{cell::RefCell, rc::Rc};

use rustc_hash::FxHashMap;

use super::fold::Arguments;
use crate::ir::{Class, Function};

/// A value: its shape as far as it is known, and where its data came from.
#[derive(Clone, Default)]
pub struct Value<'a> {
    /// What is known.
    pub shape: Shape<'a>,
    /// The behaviours whose data is in it.
    pub taint: Taint,
}

/// What is known of a value.
#[derive(Clone, Default)]
pub enum Shape<'a> {
    /// Nothing.
    #[default]
    Unknown,
    /// `None`, `null`, `undefined`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Rc<str>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A text of which some parts are known: each unknown part is the character [`HOLE`].
    Pattern(Rc<str>),
    /// A list, tuple or set.
    List(Rc<RefCell<Vec<Value<'a>>>>),
    /// A dictionary or object.
    Map(Rc<RefCell<Map<'a>>>),
    /// Something from outside, by its resolved name: `os`, `os.environ`, `requests.get`, `requests.get()`, `fs.promises`.
    /// A call's result is the name with `()` behind it, so that methods of it have a name too: `socket.socket().connect`.
    Api(Rc<str>),
    /// The result of a call to something outside, with the arguments it was called with.
    Made(Rc<Made<'a>>),
    /// A function of this file.
    Function(Rc<Closure<'a>>),
    /// A class of this file.
    Class(Rc<ClassValue<'a>>),
    /// An instance of a class of this file.
    Instance(Rc<Instance<'a>>),
}

/// Stands for an unknown part of a [`Shape::Pattern`]. It is a private-use character that no honest text has.
pub const HOLE: char = '\u{F8FF}';

/// A key that marks a map of which not all keys are known.
pub const OPEN: &str = "\0open";

/// A dictionary whose keys are texts (numbers are spelled).
pub type Map<'a> = FxHashMap<Rc<str>, Value<'a>>;

/// The result of a call to something outside: `urllib.request.Request("http://...")`.
pub struct Made<'a> {
    /// What was called, with `()` behind it.
    pub name: Rc<str>,
    /// With what.
    pub arguments: Arguments<'a>,
}

/// A function with the scope that it closes over.
pub struct Closure<'a> {
    /// The function.
    pub function: &'a Function<'a>,
    /// The scope in which it was made: an index into the machine's scopes.
    pub scope: u32,
    /// The receiver, when it is a bound method.
    pub receiver: Option<Value<'a>>,
    /// The class whose method it is.
    pub class: Option<Rc<ClassValue<'a>>>,
}

/// A class of this file.
pub struct ClassValue<'a> {
    /// The class.
    pub class: &'a Class<'a>,
    /// Its members: methods and fields.
    pub members: RefCell<Map<'a>>,
    /// What it extends.
    pub bases: Vec<Value<'a>>,
}

/// An instance of a class of this file.
pub struct Instance<'a> {
    /// Its class.
    pub class: Rc<ClassValue<'a>>,
    /// Its fields.
    pub fields: RefCell<Map<'a>>,
}

/// A set of behaviours, by number. Empty most of the time, and then free.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Taint(Option<Rc<[u32]>>);

/// More sources than this in one value tell nothing more.
const MOST_SOURCES: usize = 24;

impl Taint {
    /// Data of one behaviour.
    pub fn of(behaviour: u32) -> Self {
        Self(Some(Rc::from([behaviour])))
    }

    /// Whether no behaviour's data is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The behaviours, in order.
    pub fn sources(&self) -> &[u32] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Adds the other's behaviours.
    pub fn add(&mut self, other: &Self) {
        let Some(more) = &other.0 else { return };
        match &self.0 {
            None => self.0 = Some(more.clone()),
            Some(own) if Rc::ptr_eq(own, more) || holds(own, more) => {}
            Some(own) if own.len() < more.len() && holds(more, own) => self.0 = Some(more.clone()),
            Some(own) => {
                let mut all = [0; MOST_SOURCES];
                let count = merge(own, more, &mut all);
                if all[..count] != **own {
                    self.0 = Some(all[..count].into());
                }
            }
        }
    }

    /// Both sets.
    pub fn and(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }
}

/// Whether a sorted list holds all of another one.
fn holds(list: &[u32], all: &[u32]) -> bool {
    let mut rest = list.iter();
    all.len() <= list.len() && all.iter().all(|one| rest.by_ref().find(|own| *own >= one) == Some(one))
}

/// Writes the first of two sorted lists in order, each once; answers how many there are.
fn merge(left: &[u32], right: &[u32], into: &mut [u32]) -> usize {
    let (mut left, mut right) = (left.iter().copied().peekable(), right.iter().copied().peekable());
    let mut count = 0;
    for slot in into {
        let least = match (left.peek(), right.peek()) {
            (Some(one), Some(other)) => *one.min(other),
            (Some(one), None) | (None, Some(one)) => *one,
            (None, None) => break,
        };
        left.next_if_eq(&least);
        right.next_if_eq(&least);
        *slot = least;
        count += 1;
    }
    count
}

impl<'a> Value<'a> {
    /// A value of which nothing is known but where its data came from.
    pub fn unknown(taint: Taint) -> Self {
        Self { shape: Shape::Unknown, taint }
    }

    /// A text.
    pub fn text(text: impl Into<Rc<str>>) -> Self {
        Shape::Text(text.into()).into()
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Rc<[u8]>>) -> Self {
        Shape::Bytes(bytes.into()).into()
    }

    /// Something from outside.
    pub fn api(name: impl Into<Rc<str>>) -> Self {
        Shape::Api(name.into()).into()
    }

    /// A list.
    pub fn list(items: Vec<Value<'a>>) -> Self {
        Shape::List(Rc::new(RefCell::new(items))).into()
    }

    /// A dictionary.
    pub fn map(map: Map<'a>) -> Self {
        Shape::Map(Rc::new(RefCell::new(map))).into()
    }

    /// The same shape with more sources.
    pub fn with(mut self, taint: &Taint) -> Self {
        self.taint.add(taint);
        self
    }

    /// The resolved name of something outside; the result of a call has `()` at its end.
    pub fn api_name(&self) -> Option<&Rc<str>> {
        match &self.shape {
            Shape::Api(name) => Some(name),
            Shape::Made(made) => Some(&made.name),
            _ => None,
        }
    }

    /// The arguments with which an outside thing was made.
    pub fn made_with(&self) -> Option<&Arguments<'a>> {
        match &self.shape {
            Shape::Made(made) => Some(&made.arguments),
            _ => None,
        }
    }

    /// The text, when the whole of it is known.
    pub fn as_text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a known text or byte string.
    pub fn as_data(&self) -> Option<&[u8]> {
        match &self.shape {
            Shape::Text(text) => Some(text.as_bytes()),
            Shape::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The whole number.
    pub fn as_int(&self) -> Option<i64> {
        match self.shape {
            Shape::Int(number) => Some(number),
            Shape::Bool(truth) => Some(truth.into()),
            Shape::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(number as i64),
            _ => None,
        }
    }

    /// Whether it holds as a condition, when that is known.
    pub fn truth(&self) -> Option<bool> {
        match &self.shape {
            Shape::Null => Some(false),
            Shape::Bool(truth) => Some(*truth),
            Shape::Int(number) => Some(*number != 0),
            Shape::Float(number) => Some(*number != 0.0),
            Shape::Text(text) => Some(!text.is_empty()),
            Shape::Bytes(bytes) => Some(!bytes.is_empty()),
            Shape::Function(_) | Shape::Class(_) | Shape::Instance(_) => Some(true),
            _ => None,
        }
    }

    /// Whether nothing is known of its shape.
    pub fn is_unknown(&self) -> bool {
        matches!(self.shape, Shape::Unknown)
    }
}

impl<'a> From<Shape<'a>> for Value<'a> {
    fn from(shape: Shape<'a>) -> Self {
        Self { shape, taint: Taint::default() }
    }
}
