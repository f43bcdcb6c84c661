//! The functions of expressions beyond CEL's own: licences, versions, patterns, time.
//!
//! An argument that is `null` matches no overload, so that a rule about something unknown fails and is reported, instead
//! of passing in silence.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use cel::{
    Env, ExecutionError,
    common::{
        types::{self, CelBool, CelDouble, CelInt, CelList, CelString},
        value::CowVal,
    },
};
use model::{Ecosystem, Version};
use regex::{Regex, RegexBuilder};

use super::glob;

/// One function of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How many arguments a person writes, a receiver included.
    pub arguments: &'static [usize],
    /// The variables that are put in front of the arguments when it is called.
    pub(super) given: &'static [&'static str],
}

/// The functions that may be called; all others are refused when a policy is read.
pub const FUNCTIONS: &[Function] = &[
    Function { name: "license_in", arguments: &[1], given: &["license"] },
    Function { name: "license_allowed", arguments: &[1], given: &["license"] },
    Function { name: "license_contains", arguments: &[1], given: &["license"] },
    Function { name: "version_below", arguments: &[1], given: &["ecosystem", "version"] },
    Function { name: "version_at_least", arguments: &[1], given: &["ecosystem", "version"] },
    Function { name: "glob", arguments: &[2], given: &[] },
    Function { name: "matches", arguments: &[2], given: &[] },
    Function { name: "days", arguments: &[1], given: &[] },
    Function { name: "hours", arguments: &[1], given: &[] },
    Function { name: "date", arguments: &[1], given: &[] },
    Function { name: "size", arguments: &[1], given: &[] },
    Function { name: "contains", arguments: &[2], given: &[] },
    Function { name: "startsWith", arguments: &[2], given: &[] },
    Function { name: "endsWith", arguments: &[2], given: &[] },
    Function { name: "string", arguments: &[1], given: &[] },
    Function { name: "int", arguments: &[1], given: &[] },
    Function { name: "double", arguments: &[1], given: &[] },
];

/// The environment in which every expression is compiled and asked.
pub(super) fn environment() -> &'static Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut env = Env::stdlib().with_optional_support(false);
        // Only a name that is declared twice is refused, and a test calls every function.
        let _ = declare(&mut env);
        Arc::new(env)
    })
}

fn declare(env: &mut Env) -> Result<(), cel::DeclarationError> {
    let text = || types::STRING_TYPE;
    for name in ["license_in", "license_allowed"] {
        env.add_overload(name, name, vec![text(), types::LIST_TYPE], license_in)?;
    }
    env.add_overload("license_contains", "license_contains", vec![text(), text()], license_contains)?;
    env.add_overload("version_below", "version_below", vec![text(), text(), text()], version_below)?;
    env.add_overload("version_at_least", "version_at_least", vec![text(), text(), text()], version_at_least)?;
    for (name, call) in [("glob", glob_matches as cel::common::functions::Function), ("matches", matches)] {
        env.add_overload(name, name, vec![text(), text()], call)?;
        env.add_member_overload(name, &format!("{name}_member"), text(), vec![text()], call)?;
    }
    env.add_overload("date", "date", vec![text()], date)?;
    for (kind, id) in [(types::INT_TYPE, "int"), (types::DOUBLE_TYPE, "double")] {
        env.add_overload("days", &format!("days_{id}"), vec![kind], days)?;
    }
    for (kind, id) in [(types::INT_TYPE, "int"), (types::DOUBLE_TYPE, "double")] {
        env.add_overload("hours", &format!("hours_{id}"), vec![kind], hours)?;
    }
    Ok(())
}

type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

fn truth<'b, 'v>(value: bool) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(value)))
}

fn failed(function: &str, why: impl ToString) -> ExecutionError {
    ExecutionError::function_error(function, why)
}

fn text<'a>(function: &str, arguments: &'a [CowVal<'_, '_>], at: usize) -> Result<&'a str, ExecutionError> {
    let text = arguments.get(at).and_then(|one| one.downcast_ref::<CelString>()).map(CelString::inner);
    text.ok_or_else(|| failed(function, "an argument is no text"))
}

fn license_in<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let license = parsed(text("license_in", &arguments, 0)?)?;
    let allowed = arguments.get(1).and_then(|one| one.downcast_ref::<CelList>());
    let allowed = allowed.ok_or_else(|| failed("license_in", "its argument is no list"))?;
    let allowed: Option<Vec<&str>> =
        allowed.inner().iter().map(|one| one.downcast_ref::<CelString>().map(CelString::inner)).collect();
    let allowed = allowed.ok_or_else(|| failed("license_in", "its list holds something that is no text"))?;
    truth(license.evaluate(|wanted| allowed.iter().any(|one| names(wanted, one))))
}

fn license_contains<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let license = parsed(text("license_contains", &arguments, 0)?)?;
    let wanted = text("license_contains", &arguments, 1)?;
    truth(license.requirements().any(|one| names(&one.req, wanted)))
}

fn parsed(license: &str) -> Result<spdx::Expression, ExecutionError> {
    spdx::Expression::parse_mode(license, spdx::ParseMode::LAX)
        .map_err(|_| failed("license", "the package's licence is not an SPDX expression"))
}

/// Whether a requirement is the licence of this name. `GPL-2.0` stands for its spellings with `-only` and `-or-later`.
fn names(wanted: &spdx::LicenseReq, name: &str) -> bool {
    let shown = wanted.to_string();
    let plain = |text: &str| {
        let text = text.to_ascii_lowercase();
        let text = text.trim_end_matches('+');
        text.strip_suffix("-only").or_else(|| text.strip_suffix("-or-later")).unwrap_or(text).to_owned()
    };
    shown.eq_ignore_ascii_case(name)
        || (!name.ends_with("-only") && !name.ends_with("-or-later") && plain(&shown) == plain(name))
}

/// The licences that an expression names, as it spells them; the text itself where it is no expression.
pub(super) fn license_ids(license: &str) -> Vec<String> {
    match spdx::Expression::parse_mode(license, spdx::ParseMode::LAX) {
        Ok(expression) => expression.requirements().map(|one| one.req.to_string()).collect(),
        Err(_) => vec![license.to_owned()],
    }
}

fn version_below<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    truth(order("version_below", &arguments)?.is_lt())
}

fn version_at_least<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    truth(order("version_at_least", &arguments)?.is_ge())
}

fn order(function: &str, arguments: &[CowVal<'_, '_>]) -> Result<std::cmp::Ordering, ExecutionError> {
    let ecosystem = text(function, arguments, 0)?;
    let known: Ecosystem = ecosystem
        .parse()
        .map_err(|_| failed(function, format!("how versions of {ecosystem} are ordered is not known")))?;
    let (one, other) = (text(function, arguments, 1)?, text(function, arguments, 2)?);
    if one.is_empty() {
        return Err(failed(function, "no version is pinned"));
    }
    Ok(ecosystem::registry(known).order(&Version(one.to_owned()), &Version(other.to_owned())))
}

fn glob_matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let (text, pattern) = (text("glob", &arguments, 0)?, text("glob", &arguments, 1)?);
    truth(glob::matches(pattern, text))
}

/// Patterns are few and asked often, and most are constants.
const MOST_PATTERNS: usize = 256;

fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let (text, pattern) = (text("matches", &arguments, 0)?, text("matches", &arguments, 1)?);
    truth(regular(pattern).map_err(|why| failed("matches", why))?.is_match(text))
}

/// A regular expression, which is bounded in size; matching is linear in the text.
pub(super) fn regular(pattern: &str) -> Result<Regex, String> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Regex>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Default::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = known.get(pattern) {
        return Ok(regex.clone());
    }
    let regex = RegexBuilder::new(pattern).size_limit(1 << 20).nest_limit(32).build();
    let regex = regex.map_err(|_| format!("\"{pattern}\" is not a regular expression, or too large a one"))?;
    if known.len() >= MOST_PATTERNS {
        known.clear();
    }
    known.insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

fn date<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let text = text("date", &arguments, 0)?;
    let day = text.parse().map_err(|_| failed("date", format!("\"{text}\" is no date such as 2026-12-31")))?;
    Ok(CowVal::owned(CelDouble::from(super::facts::hours(day))))
}

fn days<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelDouble::from(24.0 * number("days", &arguments)?)))
}

fn hours<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelDouble::from(number("hours", &arguments)?)))
}

fn number(function: &str, arguments: &[CowVal<'_, '_>]) -> Result<f64, ExecutionError> {
    let one = arguments.first();
    let whole = one.and_then(|one| one.downcast_ref::<CelInt>()).map(|one| *one.inner() as f64);
    let number = whole.or_else(|| one.and_then(|one| one.downcast_ref::<CelDouble>()).map(|one| *one.inner()));
    number.ok_or_else(|| failed(function, "its argument is no number"))
}
