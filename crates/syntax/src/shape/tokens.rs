//! From code to tokens, and from runs of tokens to shingles.

use rustc_hash::FxHashSet;

use super::{
    Extent, MOST_TOKENS, SPAN, hash,
    names::{Named, Names},
    parts::{self, Part},
};
use crate::ir::{BinaryOp, Call, Class, Expr, ExprKind, Function, LoopKind, Stmt, StmtKind};

/// Writes the shingles of a text.
pub(super) struct Writer<'n, 'a, 'm> {
    names: &'n Names<'a, 'm>,
    extent: Extent,
    /// The sequence at hand.
    tokens: Vec<u64>,
    shingles: Vec<u64>,
    written: usize,
    /// Functions and classes by address that were written or wait for it.
    met: FxHashSet<usize>,
    waiting: Vec<Named<'a>>,
    /// Whether only the names matter, and no token is written.
    silent: u32,
}

/// Kinds of tokens; with its text, each is a number.
const NODE: u8 = 1;
const OUTSIDE: u8 = 2;
const MEMBER: u8 = 3;
const OPERATION: u8 = 4;

/// Calls that say what a package is.
const DESCRIPTIONS: &[&str] =
    &["setup", "setuptools.setup", "distutils.core.setup", "skbuild.setup", "Gem.Specification.new"];

/// From this length on a text is a blob and no word.
const BLOB: usize = 256;

impl<'n, 'a, 'm> Writer<'n, 'a, 'm> {
    pub fn new(names: &'n Names<'a, 'm>, extent: Extent) -> Self {
        Self {
            names,
            extent,
            tokens: Vec::new(),
            shingles: Vec::new(),
            written: 0,
            met: FxHashSet::default(),
            waiting: Vec::new(),
            silent: 0,
        }
    }

    pub fn write(mut self, body: &'a [Stmt<'a>]) -> Vec<u64> {
        self.sequence(|writer| writer.body(body));
        while let Some(next) = self.waiting.pop() {
            match next {
                Named::Function(function) => self.function(function),
                Named::Class(class) => self.class(class),
            }
        }
        self.shingles
    }

    /// Writes a sequence of its own beside the one at hand.
    fn sequence(&mut self, write: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.tokens);
        write(self);
        let tokens = std::mem::replace(&mut self.tokens, outer);
        self.shingles.extend(tokens.windows(SPAN).map(hash::of_run));
    }

    fn token(&mut self, kind: u8, text: &str) {
        if self.silent == 0 && self.written < MOST_TOKENS {
            self.written += 1;
            self.tokens.push(hash::of_text(kind, text));
        }
    }

    /// A literal. Long lists of them are as long as they are by chance.
    fn literal(&mut self, text: &str) {
        let token = hash::of_text(NODE, text);
        if !self.tokens.ends_with(&[token, token, token]) {
            self.token(NODE, text);
        }
    }

    fn part(&mut self, part: Part<'a>) {
        match part {
            Part::Expr(expr) | Part::Target(expr) => self.expr(expr),
            Part::Body(body) => self.body(body),
            Part::Function(function) => {
                self.token(NODE, "function");
                self.met.insert(std::ptr::from_ref(function) as usize);
                self.function(function);
            }
            Part::Class(class) => {
                self.token(NODE, "class");
                self.met.insert(std::ptr::from_ref(class) as usize);
                self.class(class);
            }
        }
    }

    fn body(&mut self, body: &'a [Stmt<'a>]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &'a Stmt<'a>) {
        match stmt.kind {
            StmtKind::Import(_) | StmtKind::Outer(_) => return,
            StmtKind::Assign(assign) if self.names.is_import(&assign.value) => return,
            StmtKind::Function(function) => return self.declared(Named::Function(function)),
            StmtKind::Class(class) => return self.declared(Named::Class(class)),
            StmtKind::Assign(assign) => match assign.value.kind {
                ExprKind::Function(function) if is_name(&assign.target) => {
                    return self.declared(Named::Function(function));
                }
                ExprKind::Class(class) if is_name(&assign.target) => return self.declared(Named::Class(class)),
                _ => self.token(NODE, "assign"),
            },
            StmtKind::If(one) if self.is_skipped(&one.test) => return self.body(one.otherwise),
            StmtKind::If(one) => self.token(NODE, if one.otherwise.is_empty() { "if" } else { "if-else" }),
            StmtKind::Loop(one) => self.token(
                NODE,
                match one.kind {
                    LoopKind::Each(..) | LoopKind::Keys(..) => "each",
                    LoopKind::While(..) | LoopKind::DoWhile(_) => "while",
                },
            ),
            StmtKind::Try(_) => self.token(NODE, "try"),
            StmtKind::Return(_) => self.token(NODE, "return"),
            StmtKind::Throw(_) => self.token(NODE, "throw"),
            StmtKind::Break | StmtKind::Continue => self.token(NODE, "jump"),
            StmtKind::Expr(_) | StmtKind::Block(_) => {}
        }
        parts::of_stmt(stmt, &mut |part| self.part(part));
    }

    /// A declaration does nothing by itself: its body is written when its name is used.
    fn declared(&mut self, named: Named<'a>) {
        if self.extent == Extent::Whole {
            self.await_body(named);
        }
        // A decorator gets the function and may run it.
        let (Named::Function(Function { decorators, .. }) | Named::Class(Class { decorators, .. })) = named;
        decorators.iter().for_each(|one| self.expr(one));
        if !decorators.is_empty() {
            self.await_body(named);
        }
    }

    fn await_body(&mut self, named: Named<'a>) {
        let address = match named {
            Named::Function(function) => std::ptr::from_ref(function) as usize,
            Named::Class(class) => std::ptr::from_ref(class) as usize,
        };
        if self.met.insert(address) {
            self.waiting.push(named);
        }
    }

    fn use_name(&mut self, name: &str) {
        let names = self.names;
        names.named(name).iter().for_each(|named| self.await_body(*named));
    }

    /// Whether a block runs only in a program, and this is none.
    fn is_skipped(&self, test: &Expr<'a>) -> bool {
        let mentions = |expr: &Expr<'_>| matches!(expr.kind, ExprKind::Name("__name__"));
        self.extent == Extent::Running { program: false }
            && matches!(test.kind, ExprKind::Binary(BinaryOp::Equal, left, right) if mentions(left) || mentions(right))
    }

    fn function(&mut self, function: &'a Function<'a>) {
        let silent = std::mem::take(&mut self.silent);
        self.sequence(|writer| {
            for parameter in function.parameters {
                parameter.default.iter().for_each(|one| writer.expr(one));
            }
            writer.body(function.body);
        });
        self.silent = silent;
    }

    /// The methods of a class that is used may run; which of them, only a run could tell.
    fn class(&mut self, class: &'a Class<'a>) {
        self.sequence(|writer| {
            class.bases.iter().for_each(|base| writer.expr(base));
            writer.body(class.body);
        });
        for stmt in class.body {
            if let StmtKind::Function(function) = stmt.kind {
                self.await_body(Named::Function(function));
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr<'a>) {
        match expr.kind {
            ExprKind::Null => return self.literal("null"),
            ExprKind::Bool(_) => return self.literal("bool"),
            ExprKind::Int(_) | ExprKind::Float(_) => return self.literal("number"),
            ExprKind::Text(text) => return self.literal(kind_of(text)),
            ExprKind::Bytes(bytes) => return self.literal(if bytes.len() < BLOB { "bytes" } else { "blob" }),
            ExprKind::Name(name) => return self.name(expr, name),
            ExprKind::Member(object, name) => return self.member(expr, object, name),
            ExprKind::Call(call) => return self.call(call),
            // Texts in pieces are one text.
            ExprKind::Binary(BinaryOp::Add, left, right) if is_text(left) && is_text(right) => {
                let mut whole = String::new();
                spell(expr, &mut whole);
                return self.literal(kind_of(&whole));
            }
            ExprKind::Binary(operator, ..) => self.token(OPERATION, name_of(operator)),
            ExprKind::Unary(..) => self.token(NODE, "unary"),
            ExprKind::Join(_) => self.token(NODE, "join"),
            ExprKind::Index(..) => self.token(NODE, "index"),
            ExprKind::Slice(_) => self.token(NODE, "slice"),
            ExprKind::List(_) => self.token(NODE, "list"),
            ExprKind::Map(_) => self.token(NODE, "map"),
            ExprKind::Assign(_) => self.token(NODE, "assign"),
            ExprKind::Conditional(..) => self.token(NODE, "conditional"),
            ExprKind::Comprehension(_) => self.token(NODE, "comprehension"),
            ExprKind::Spread(_)
            | ExprKind::Await(_)
            | ExprKind::Yield(_)
            | ExprKind::Sequence(_)
            | ExprKind::Opaque(_)
            | ExprKind::Function(_)
            | ExprKind::Class(_) => {}
        }
        parts::of_expr(expr, &mut |part| self.part(part));
    }

    fn name(&mut self, expr: &Expr<'a>, name: &str) {
        match self.names.outside(expr) {
            Some(path) => self.token(OUTSIDE, &path),
            None => {
                self.token(NODE, "name");
                self.use_name(name);
            }
        }
    }

    fn member(&mut self, expr: &Expr<'a>, object: &'a Expr<'a>, name: &str) {
        self.use_name(name);
        if let Some(path) = self.names.outside(expr) {
            return self.token(OUTSIDE, &path);
        }
        if self.names.is_own_member(name) {
            self.token(NODE, "member");
        } else {
            self.token(MEMBER, name);
        }
        self.expr(object);
    }

    fn call(&mut self, call: &'a Call<'a>) {
        if self.names.outside(&call.callee).is_some_and(|path| DESCRIPTIONS.contains(&path.as_str())) {
            self.silent += 1;
            call.arguments.iter().for_each(|one| self.expr(&one.value));
            self.silent -= 1;
            return;
        }
        self.token(NODE, if call.construct { "new" } else { "call" });
        self.expr(&call.callee);
        for argument in call.arguments {
            if let Some(name) = argument.name.filter(|name| !self.names.is_own(name)) {
                self.token(MEMBER, name);
            }
            self.expr(&argument.value);
        }
    }
}

fn is_name(target: &Expr<'_>) -> bool {
    matches!(target.kind, ExprKind::Name(_) | ExprKind::Member(..))
}

fn is_text(expr: &Expr<'_>) -> bool {
    match expr.kind {
        ExprKind::Text(text) => text.len() < BLOB,
        ExprKind::Binary(BinaryOp::Add, left, right) => is_text(left) && is_text(right),
        _ => false,
    }
}

/// Writes a text that stands in pieces.
fn spell(expr: &Expr<'_>, out: &mut String) {
    match expr.kind {
        ExprKind::Text(text) => out.push_str(text),
        ExprKind::Binary(_, left, right) => {
            spell(left, out);
            spell(right, out);
        }
        _ => {}
    }
}

/// What kind of text it is: another host is still an address.
fn kind_of(text: &str) -> &'static str {
    if text.len() >= BLOB {
        "blob"
    } else if text.contains("://") {
        "address"
    } else if text.contains(['/', '\\']) {
        "path"
    } else if text.contains(char::is_whitespace) {
        "words"
    } else if text.is_empty() {
        "empty"
    } else {
        "word"
    }
}

/// Operators of a kind are exchanged for each other without changing what is done.
fn name_of(operator: BinaryOp) -> &'static str {
    match operator {
        BinaryOp::Add => "add",
        BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::FloorDivide | BinaryOp::Power => {
            "arithmetic"
        }
        BinaryOp::Remainder => "remainder",
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::ShiftRightUnsigned => "shift",
        BinaryOp::BitAnd | BinaryOp::BitOr => "bits",
        BinaryOp::BitXor => "xor",
        BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce => "logic",
        BinaryOp::Equal | BinaryOp::NotEqual => "equal",
        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => "compare",
        BinaryOp::In | BinaryOp::NotIn => "in",
    }
}
