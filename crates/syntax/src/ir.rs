//! The one small form into which every language is lowered.
//!
//! It keeps what matters for following values and drops the rest: operators that only compute become [`ExprKind::Opaque`] over
//! their operands, type annotations vanish, loops and branches keep their bodies. Everything lives in one arena, so that a
//! tree of any depth is dropped without recursion and references are free to copy.

pub use bumpalo::Bump;

/// Bytes `start..end` of the source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// An expression.
#[derive(Debug, Clone, Copy)]
pub struct Expr<'a> {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind<'a>,
}

/// What an expression is. It is also used for the targets of assignments: a name, member, index, list, map or spread.
#[derive(Debug, Clone, Copy)]
pub enum ExprKind<'a> {
    /// `None`, `null`, `undefined`, `nil`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text literal with its escapes resolved.
    Text(&'a str),
    /// A byte string literal with its escapes resolved.
    Bytes(&'a [u8]),
    /// A text put together from parts: template literals, f-strings, shell words.
    Join(&'a [Expr<'a>]),
    /// A name. `this` and `self` of the languages that have such a word stay names.
    Name(&'a str),
    /// `object.name`; also `Rust::path` and `Ruby::Path`.
    Member(&'a Expr<'a>, &'a str),
    /// `object[index]`.
    Index(&'a Expr<'a>, &'a Expr<'a>),
    /// `object[start:stop:step]`.
    Slice(&'a Slice<'a>),
    /// A call. Decorators, tagged templates, shell commands and Ruby's commands are calls too.
    Call(&'a Call<'a>),
    /// An operation on two operands.
    Binary(BinaryOp, &'a Expr<'a>, &'a Expr<'a>),
    /// An operation on one operand.
    Unary(UnaryOp, &'a Expr<'a>),
    /// A list, tuple or set.
    List(&'a [Expr<'a>]),
    /// A dictionary or object literal: keys and values. A spread stands as a key [`ExprKind::Spread`] with a `Null` value.
    Map(&'a [(Expr<'a>, Expr<'a>)]),
    /// A lambda, arrow, function expression or block.
    Function(&'a Function<'a>),
    /// A class expression.
    Class(&'a Class<'a>),
    /// An assignment with a value of its own (`:=`, JavaScript's `=` and `+=`).
    Assign(&'a Assign<'a>),
    /// `test ? then : otherwise`.
    Conditional(&'a Expr<'a>, &'a Expr<'a>, &'a Expr<'a>),
    /// `*list`, `**map`, `...rest`.
    Spread(&'a Expr<'a>),
    /// `await x`, `yield x` of other languages: the value of `x` as far as data goes.
    Await(&'a Expr<'a>),
    /// `yield x` of Python: a function that does it answers a sequence of what it yields.
    Yield(&'a Expr<'a>),
    /// A comprehension or generator expression.
    Comprehension(&'a Comprehension<'a>),
    /// Several expressions; the value is the last one's (JavaScript's comma).
    Sequence(&'a [Expr<'a>]),
    /// Something else, of which only the parts matter.
    Opaque(&'a [Expr<'a>]),
}

/// `object[start:stop:step]`.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    /// What is cut.
    pub object: Expr<'a>,
    /// From.
    pub start: Option<Expr<'a>>,
    /// To, exclusive.
    pub stop: Option<Expr<'a>>,
    /// Step.
    pub step: Option<Expr<'a>>,
}

/// A call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What is called.
    pub callee: Expr<'a>,
    /// With what. Positional arguments come before named ones only if the source has them so.
    pub arguments: &'a [Argument<'a>],
    /// Whether it is `new X()`.
    pub construct: bool,
}

/// An argument of a call.
#[derive(Debug, Clone, Copy)]
pub struct Argument<'a> {
    /// Its name, when it is given by name. `**map` is a [`ExprKind::Spread`] with the name `**`.
    pub name: Option<&'a str>,
    /// Its value; `*list` is a [`ExprKind::Spread`] without a name.
    pub value: Expr<'a>,
}

/// The name of the argument of a tagged template.
pub const TAGGED: &str = "``";

/// An assignment.
#[derive(Debug, Clone, Copy)]
pub struct Assign<'a> {
    /// What is assigned to.
    pub target: Expr<'a>,
    /// The operation of `+=` and its like.
    pub operator: Option<BinaryOp>,
    /// The value.
    pub value: Expr<'a>,
    /// Whether the assignment declares its names in the innermost scope (`var`, `let`, `const`, and every Python or Ruby
    /// assignment to a plain name). Without it the name is looked up outwards first.
    pub declares: bool,
}

/// Operations on two operands. What is not listed is opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    BitAnd,
    BitOr,
    BitXor,
    And,
    Or,
    /// `??`.
    Coalesce,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
}

/// Operations on one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Negate,
    Plus,
    Not,
    BitNot,
    TypeOf,
    Delete,
    Void,
}

/// A function. Methods, lambdas, arrows, Ruby blocks and shell functions are functions too.
#[derive(Debug, Clone, Copy)]
pub struct Function<'a> {
    /// Its name; empty for an anonymous one.
    pub name: &'a str,
    /// Its parameters.
    pub parameters: &'a [Parameter<'a>],
    /// Its body. An arrow or lambda with an expression body has one `Return`.
    pub body: &'a [Stmt<'a>],
    /// Where it stands.
    pub span: Span,
    /// Decorators, innermost last.
    pub decorators: &'a [Expr<'a>],
    /// Whether it is a method bound to an instance: its first parameter (Python), or `this`, is the receiver.
    pub method: bool,
    /// Whether the function has its own `this` (JavaScript: everything but arrows).
    pub own_this: bool,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter<'a> {
    /// The name or pattern.
    pub target: Expr<'a>,
    /// The value when none is given.
    pub default: Option<Expr<'a>>,
    /// How many arguments it takes.
    pub kind: ParameterKind,
}

/// How many arguments a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// One.
    One,
    /// All further positional ones (`*args`, `...rest`).
    Rest,
    /// All further named ones (`**kwargs`).
    RestNamed,
}

/// A class.
#[derive(Debug, Clone, Copy)]
pub struct Class<'a> {
    /// Its name; empty for an anonymous one.
    pub name: &'a str,
    /// What it extends.
    pub bases: &'a [Expr<'a>],
    /// Its body: methods are `Stmt::Function` with `method` set, fields are assignments that declare.
    pub body: &'a [Stmt<'a>],
    /// Where it stands.
    pub span: Span,
    /// Decorators.
    pub decorators: &'a [Expr<'a>],
}

/// A comprehension.
#[derive(Debug, Clone, Copy)]
pub struct Comprehension<'a> {
    /// The element, or the key of a dictionary.
    pub element: Expr<'a>,
    /// The value of a dictionary.
    pub value: Option<Expr<'a>>,
    /// `for target in iterable if tests`, outermost first.
    pub loops: &'a [(Expr<'a>, Expr<'a>, &'a [Expr<'a>])],
}

/// A statement.
#[derive(Debug, Clone, Copy)]
pub struct Stmt<'a> {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind<'a>,
}

/// What a statement is.
#[derive(Debug, Clone, Copy)]
pub enum StmtKind<'a> {
    /// An expression.
    Expr(Expr<'a>),
    /// An assignment. `a = b = v` is two of them in a block.
    Assign(&'a Assign<'a>),
    /// An import of a module or of one name out of it.
    Import(&'a Import<'a>),
    /// A function that is declared under its name.
    Function(&'a Function<'a>),
    /// A class that is declared under its name.
    Class(&'a Class<'a>),
    /// A branch.
    If(&'a If<'a>),
    /// A loop.
    Loop(&'a Loop<'a>),
    /// `try`: the body, then each handler, then `else` and `finally`.
    Try(&'a Try<'a>),
    /// Statements in the same scope. `with a as b:` is a block of the assignment and the body.
    Block(&'a [Stmt<'a>]),
    /// `return`.
    Return(Option<Expr<'a>>),
    /// `raise`, `throw`.
    Throw(Option<Expr<'a>>),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `global x, y` and `nonlocal x`: assignments to these names go outwards.
    Outer(&'a [&'a str]),
}

/// An import. Python: `import a.b` is module `a.b`, no name, alias `a` (alias `c` for `as c`); `from a import b as c` is module
/// `a`, name `b`, alias `c`; relative modules keep their dots. JavaScript: `import d from 'm'` is name `default`;
/// `import * as n from 'm'` has no name; `import 'm'` has no name and an empty alias. `from m import *` is name `*`.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// The module as it is written.
    pub module: &'a str,
    /// The name out of it.
    pub name: Option<&'a str>,
    /// The name under which it is known here. Empty when it is not bound.
    pub alias: &'a str,
}

/// A branch.
#[derive(Debug, Clone, Copy)]
pub struct If<'a> {
    /// The test.
    pub test: Expr<'a>,
    /// When it holds.
    pub then: &'a [Stmt<'a>],
    /// When it does not.
    pub otherwise: &'a [Stmt<'a>],
}

/// A loop.
#[derive(Debug, Clone, Copy)]
pub struct Loop<'a> {
    /// How it goes round.
    pub kind: LoopKind<'a>,
    /// What it does.
    pub body: &'a [Stmt<'a>],
}

/// How a loop goes round.
#[derive(Debug, Clone, Copy)]
pub enum LoopKind<'a> {
    /// `for target in iterable` (JavaScript: `for of`).
    Each(Expr<'a>, Expr<'a>),
    /// `for (target in object)`: over the keys.
    Keys(Expr<'a>, Expr<'a>),
    /// `while test`; the update of a C-like `for` runs after each round (its start stands before the loop).
    While(Expr<'a>, Option<Expr<'a>>),
    /// `do ... while test`.
    DoWhile(Expr<'a>),
}

/// A `try`.
#[derive(Debug, Clone, Copy)]
pub struct Try<'a> {
    /// What is tried.
    pub body: &'a [Stmt<'a>],
    /// The handlers: the name of the error, and what is done.
    pub handlers: &'a [(Option<Expr<'a>>, &'a [Stmt<'a>])],
    /// What is done in the end (Python's `else` stands before it in the same list).
    pub last: &'a [Stmt<'a>],
}
