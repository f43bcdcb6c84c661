//! What an expression can cost at most, and which names it uses. Nothing is evaluated.
//!
//! Each part gets a bound of how many values it can hold, from the greatest lists that a subject may hand over; a
//! comprehension multiplies. Names that do not exist, and forms that a policy has no use for, are refused here, so that a
//! mistyped variable is an error of the file and not a rule that never matches.

use std::collections::BTreeSet;

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue,
    operators::{CONDITIONAL, EQUALS, IN, LOGICAL_AND, LOGICAL_NOT, LOGICAL_OR, NOT_EQUALS},
};

use super::{
    facts::{self, MOST_ALIASES, MOST_VALUES, VULNERABILITY, Variable, variable},
    functions::{FUNCTIONS, regular},
};

/// So many steps an expression may take, in the worst case.
const MOST_STEPS: f64 = 10_000_000.0;
/// So many comprehensions may stand one inside of the other.
const DEEPEST_COMPREHENSIONS: usize = 3;
/// So deep an expression may be nested.
const DEEPEST: usize = 64;

/// What an expression uses.
pub(super) struct Found {
    pub variables: Vec<&'static str>,
    pub unguarded: Vec<&'static str>,
    pub findings: Vec<String>,
}

/// Looks an expression through, and puts the subject's own values in front of the arguments of those functions that are
/// about it.
pub(super) fn examine(tree: &mut IdedExpr) -> Result<Found, String> {
    let mut examiner = Examiner::default();
    examiner.walk(tree, 0)?;
    let unguarded = examiner.used_bare.difference(&examiner.compared_with_null).copied().collect();
    if let Some(sentence) = examiner.wrong_word {
        return Err(sentence);
    }
    let variables = examiner.variables.into_iter().collect();
    Ok(Found { variables, unguarded, findings: examiner.findings })
}

/// How much a value can hold.
#[derive(Debug, Clone)]
enum Size {
    /// One value that counts as so many.
    One(f64),
    /// A list.
    List(f64, Box<Size>),
}

impl Size {
    fn one() -> Self {
        Self::One(1.0)
    }

    fn weight(&self) -> f64 {
        match self {
            Self::One(weight) => *weight,
            Self::List(items, each) => 1.0 + items * each.weight(),
        }
    }

    /// How many rounds a comprehension over it takes, and what each one sees.
    fn rounds(&self) -> (f64, Size) {
        match self {
            Self::One(weight) => (*weight, Self::One(*weight)),
            Self::List(items, each) => (*items, (**each).clone()),
        }
    }

    fn greater(self, other: Self) -> Self {
        match (self, other) {
            (Self::List(one, each), Self::List(other, every)) => {
                Self::List(one.max(other), Box::new(each.greater(*every)))
            }
            (one, other) => {
                if one.weight() >= other.weight() {
                    one
                } else {
                    other
                }
            }
        }
    }
}

#[derive(Default)]
struct Examiner {
    /// The variables of comprehensions around the place, innermost last.
    scope: Vec<(String, Size)>,
    steps: f64,
    /// How often the place is come by.
    times: Vec<f64>,
    comprehensions: usize,
    variables: BTreeSet<&'static str>,
    used_bare: BTreeSet<&'static str>,
    compared_with_null: BTreeSet<&'static str>,
    findings: Vec<String>,
    /// A word that a variable never is, as a sentence.
    wrong_word: Option<String>,
}

impl Examiner {
    fn spend(&mut self, steps: f64) -> Result<(), String> {
        self.steps += steps * self.times.last().copied().unwrap_or(1.0);
        if self.steps > MOST_STEPS {
            return Err(
                "the expression could take too long over large lists; nest fewer `exists`, `filter` or `map`".into()
            );
        }
        Ok(())
    }

    fn walk(&mut self, tree: &mut IdedExpr, depth: usize) -> Result<Size, String> {
        if depth > DEEPEST {
            return Err(format!(
                "the expression is nested more than {DEEPEST} levels deep; split it into several rules"
            ));
        }
        self.spend(1.0)?;
        match &mut tree.expr {
            Expr::Literal(_) => Ok(Size::one()),
            Expr::Ident(name) => self.name(&name.clone(), tree),
            Expr::Select(_) => self.select(tree, depth),
            Expr::Call(call) => self.call(call, depth),
            Expr::Comprehension(one) => self.comprehension(one, depth),
            Expr::List(list) => {
                let mut each = Size::one();
                for item in &mut list.elements {
                    each = each.greater(self.walk(item, depth + 1)?);
                }
                let list = Size::List(list.elements.len() as f64, Box::new(each));
                self.spend(list.weight())?;
                Ok(list)
            }
            Expr::Map(map) => {
                let mut weight = 1.0;
                for entry in &mut map.entries {
                    let EntryExpr::MapEntry(entry) = &mut entry.expr else { return Err(refused("this kind of map")) };
                    weight += self.walk(&mut entry.key, depth + 1)?.weight();
                    weight += self.walk(&mut entry.value, depth + 1)?.weight();
                }
                self.spend(weight)?;
                Ok(Size::One(weight))
            }
            Expr::Struct(_) | Expr::Unspecified => Err(refused("messages")),
        }
    }

    fn name(&mut self, name: &str, tree: &mut IdedExpr) -> Result<Size, String> {
        if let Some((_, size)) = self.scope.iter().rev().find(|(known, _)| known == name) {
            return Ok(size.clone());
        }
        let Some(known) = variable(name) else {
            return Err(match name {
                "pkg" => "`pkg` needs a field, such as `pkg.state`".into(),
                name => facts::unknown(name),
            });
        };
        // The plain name everywhere: one look-up, and one spelling in what is explained.
        tree.expr = Expr::Ident(known.name.to_owned());
        self.variables.insert(known.name);
        if known.nullable {
            self.used_bare.insert(known.name);
        }
        Ok(match known.shape {
            facts::Shape::Text | facts::Shape::Number | facts::Shape::Truth => Size::one(),
            facts::Shape::Texts => Size::List(MOST_VALUES as f64, Box::new(Size::one())),
            facts::Shape::Vulnerabilities => {
                let each = Size::One(VULNERABILITY.len() as f64 + MOST_ALIASES as f64);
                Size::List(MOST_VALUES as f64, Box::new(each))
            }
        })
    }

    fn select(&mut self, tree: &mut IdedExpr, depth: usize) -> Result<Size, String> {
        let Expr::Select(select) = &mut tree.expr else { return Ok(Size::one()) };
        if select.test {
            return Err(format!("`has()` is not needed: compare with null instead, as in `{} != null`", select.field));
        }
        let of_package = matches!(&select.operand.expr, Expr::Ident(name) if name == "pkg")
            && !self.scope.iter().any(|(known, _)| known == "pkg");
        if of_package {
            let name = select.field.clone();
            return self.name(&name, tree);
        }
        if !VULNERABILITY.contains(&select.field.as_str()) {
            return Err(format!(
                "there is no field `{}`; a vulnerability has {}",
                select.field,
                VULNERABILITY.join(", ")
            ));
        }
        let aliases = select.field == "aliases";
        self.walk(&mut select.operand, depth + 1)?;
        Ok(if aliases { Size::List(MOST_ALIASES as f64, Box::new(Size::one())) } else { Size::one() })
    }

    fn call(&mut self, call: &mut CallExpr, depth: usize) -> Result<Size, String> {
        let name = call.func_name.clone();
        if is_operator(&name) {
            return self.operator(&name, call, depth);
        }
        let written = call.args.len() + usize::from(call.target.is_some());
        let Some(known) = FUNCTIONS.iter().find(|one| one.name == name) else {
            let names: Vec<&str> = FUNCTIONS.iter().map(|one| one.name).collect();
            return Err(format!("there is no function `{name}`; there are {}", names.join(", ")));
        };
        if !known.arguments.contains(&written) || (call.target.is_some() && !known.given.is_empty()) {
            let form = if known.given.is_empty() { "" } else { "; it is about the package and called as a function" };
            return Err(format!("`{name}` does not take {written} arguments so{form}"));
        }
        if let (true, Some(Expr::Literal(LiteralValue::String(pattern)))) =
            (name == "matches", call.args.last().map(|one| &one.expr))
        {
            regular(pattern.inner())?;
        }
        let given = known.given.iter().map(|name| IdedExpr { id: 0, expr: Expr::Ident((*name).to_owned()) });
        call.args.splice(0..0, given);
        let mut weight = 1.0;
        for part in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
            weight += self.walk(part, depth + 1)?.weight();
        }
        self.spend(weight)?;
        Ok(Size::one())
    }

    fn operator(&mut self, name: &str, call: &mut CallExpr, depth: usize) -> Result<Size, String> {
        self.guard(name, call);
        self.words(name, call);
        let mut sizes = Vec::new();
        for part in &mut call.args {
            sizes.push(self.walk(part, depth + 1)?);
        }
        let weight: f64 = sizes.iter().map(Size::weight).sum();
        match name {
            LOGICAL_AND | LOGICAL_OR | LOGICAL_NOT => Ok(Size::one()),
            CONDITIONAL => Ok(sizes.into_iter().skip(1).fold(Size::one(), Size::greater)),
            "_+_" => {
                self.spend(weight)?;
                let mut sizes = sizes.into_iter();
                Ok(match (sizes.next(), sizes.next()) {
                    (Some(Size::List(one, each)), Some(Size::List(other, every))) => {
                        Size::List(one + other, Box::new(each.greater(*every)))
                    }
                    _ => Size::One(weight),
                })
            }
            "_[_]" => Ok(sizes.first().map_or(Size::one(), |one| one.rounds().1)),
            _ => {
                self.spend(weight)?;
                Ok(Size::one())
            }
        }
    }

    /// Notes which variables are compared with null, so that the author has thought of it.
    fn guard(&mut self, name: &str, call: &CallExpr) {
        if !matches!(name, EQUALS | NOT_EQUALS) {
            return;
        }
        let [one, other] = call.args.as_slice() else { return };
        for (side, against) in [(one, other), (other, one)] {
            // `x == null` and `x == true` both say what is meant where nobody knows.
            if let (Some(known), Expr::Literal(_)) = (named(side), &against.expr) {
                self.compared_with_null.insert(known.name);
            }
        }
    }

    /// Looks at the words that variables with few values are compared with: a mistyped one would never match.
    fn words(&mut self, name: &str, call: &CallExpr) {
        let [one, other] = call.args.as_slice() else { return };
        let text = |tree: &IdedExpr| match &tree.expr {
            Expr::Literal(LiteralValue::String(text)) => Some(text.inner().to_owned()),
            _ => None,
        };
        let pairs: Vec<(&IdedExpr, String)> = match (name, &other.expr) {
            (EQUALS | NOT_EQUALS, _) => {
                let sides = [(one, text(other)), (other, text(one))];
                sides.into_iter().filter_map(|(side, word)| Some((side, word?))).collect()
            }
            (IN, Expr::List(list)) => list.elements.iter().filter_map(|item| Some((one, text(item)?))).collect(),
            (IN, _) => text(one).map(|word| (other, word)).into_iter().collect(),
            _ => return,
        };
        for (side, word) in pairs {
            let Some(known) = named(side) else { continue };
            match facts::words(known.name) {
                Some(words) if !words.contains(&word.as_str()) => {
                    let sentence = format!("`{}` is never \"{word}\"; it is {}", known.name, words.join(", "));
                    self.wrong_word.get_or_insert(sentence);
                }
                _ if known.name == "findings" => self.findings.push(word),
                _ => {}
            }
        }
    }

    fn comprehension(&mut self, one: &mut ComprehensionExpr, depth: usize) -> Result<Size, String> {
        if one.iter_var2.is_some() {
            return Err(refused("comprehensions with two variables"));
        }
        self.comprehensions += 1;
        if self.comprehensions > DEEPEST_COMPREHENSIONS {
            return Err(format!(
                "more than {DEEPEST_COMPREHENSIONS} comprehensions are nested; split it into several rules"
            ));
        }
        let (rounds, each) = self.walk(&mut one.iter_range, depth + 1)?.rounds();
        let start = self.walk(&mut one.accu_init, depth + 1)?;
        let outside = self.times.last().copied().unwrap_or(1.0);
        self.scope.push((one.iter_var.clone(), each));
        self.scope.push((one.accu_var.clone(), start));
        self.times.push(outside * rounds.max(1.0));
        self.walk(&mut one.loop_cond, depth + 1)?;
        let step = self.walk(&mut one.loop_step, depth + 1)?;
        self.times.pop();
        let grown = match step {
            Size::List(items, each) => {
                // Each round may copy what was gathered so far.
                self.spend(rounds * rounds * items)?;
                Size::List(items * rounds, each)
            }
            Size::One(_) => Size::one(),
        };
        self.scope.truncate(self.scope.len() - 2);
        self.scope.push((one.accu_var.clone(), grown));
        let result = self.walk(&mut one.result, depth + 1);
        self.scope.pop();
        self.comprehensions -= 1;
        result
    }
}

/// The variable that a part of an expression names as a whole.
fn named(tree: &IdedExpr) -> Option<&'static Variable> {
    match &tree.expr {
        Expr::Ident(name) => variable(name),
        Expr::Select(select) if matches!(&select.operand.expr, Expr::Ident(one) if one == "pkg") => {
            variable(&select.field)
        }
        _ => None,
    }
}

fn is_operator(name: &str) -> bool {
    name == IN || name.starts_with('_') || name == LOGICAL_NOT || name == "-_" || name.starts_with('@')
}

fn refused(what: &str) -> String {
    format!("{what} cannot be used in a policy")
}
