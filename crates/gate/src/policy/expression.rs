//! One expression of a policy: compiled, bounded, and asked.
//!
//! CEL has no limit of steps, so what an expression can cost at most is reckoned before it runs (`cost.rs`), from the
//! greatest lists that a subject may hand to it. Parsing recurses, so it belongs on a thread with a large stack.

use cel::{Context, Value, common::ast::IdedExpr};

use super::{
    cost,
    facts::{Facts, LONGEST_TEXT, MOST_VALUES},
    functions::environment,
};

/// An expression of more bytes than this is refused.
pub(super) const LONGEST: usize = 4096;

/// An expression that may be asked.
#[derive(Debug, Clone)]
pub struct Expression {
    source: String,
    tree: IdedExpr,
    /// The variables that it names, each once, sorted.
    variables: Vec<&'static str>,
    /// Variables that may be `null` and are used as if they never were.
    unguarded: Vec<&'static str>,
    /// The findings that it asks for by name.
    findings: Vec<String>,
}

impl Expression {
    /// Compiles an expression. The error is a sentence.
    pub fn compile(source: &str) -> Result<Self, String> {
        if source.len() > LONGEST {
            return Err(format!("the expression has more than {LONGEST} bytes; split it into several rules"));
        }
        if source.trim().is_empty() {
            return Err("the expression is empty; write `true` for a rule that always matches".into());
        }
        let program = environment().compile(source).map_err(|errors| {
            let first = errors.errors.first();
            let (line, column) = first.map_or((1, 1), |one| one.pos);
            let why = first.map_or("it cannot be read", |one| one.msg.as_str());
            let why: String = why.trim().chars().take(160).collect();
            format!("line {line}, column {column} of the expression: {why}")
        })?;
        let mut tree = program.expression().clone();
        let found = cost::examine(&mut tree)?;
        let source = source.trim().to_owned();
        Ok(Self { source, tree, variables: found.variables, unguarded: found.unguarded, findings: found.findings })
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The variables that it names.
    pub fn variables(&self) -> &[&'static str] {
        &self.variables
    }

    /// Variables that may be `null`, and that it uses as if they never were.
    pub fn unguarded(&self) -> &[&'static str] {
        &self.unguarded
    }

    /// The findings that it asks for by name.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// Whether it holds. The error says what could not be known, in a sentence's half.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> Result<bool, String> {
        let mut context = Context::with_env(environment().clone());
        context.set_variable_resolver(facts);
        match Value::resolve(&self.tree, &context) {
            Ok(Value::Bool(answer)) => Ok(answer),
            Ok(_) => Err("its expression gives something other than true or false".into()),
            Err(error) => Err(self.why(facts, &error)),
        }
    }

    /// Why it could not be asked: mostly since something that it needs is not known.
    fn why(&self, facts: &Facts<'_>, error: &cel::ExecutionError) -> String {
        let is_null = |name: &&&str| {
            facts.value(name).is_some_and(|one| one.downcast_ref::<cel::common::types::CelNull>().is_some())
        };
        let unknown: Vec<&str> = self.variables.iter().filter(is_null).copied().collect();
        let too_much = self.variables.iter().find(|name| facts.value(name).is_none());
        match (too_much, error) {
            (Some(name), _) => {
                format!("`{name}` has more than {MOST_VALUES} values or {LONGEST_TEXT} bytes, too much to look through")
            }
            (None, cel::ExecutionError::FunctionError { message, .. }) => message.clone(),
            (None, _) if !unknown.is_empty() => format!("{} is not known", unknown.join(", ")),
            (None, error) => error.to_string().chars().take(200).collect(),
        }
    }
}
