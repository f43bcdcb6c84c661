//! Expressions of vet in our words. They are taken apart into tokens, paths are replaced, and the rest stays as it was.

/// An ecosystem as purls write it, from any of vet's spellings.
pub(super) fn ecosystem(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    let word = word.strip_prefix("ecosystem_").unwrap_or(&word);
    let known = match word {
        "rubygems" | "ruby" => "gem",
        "go" | "golang" => "golang",
        "crates.io" | "crates" | "cargo" | "rust" => "cargo",
        "packagist" => "composer",
        "python" | "pip" => "pypi",
        "github_actions" | "githubactions" | "actions" => "githubactions",
        other => other,
    };
    known.to_owned()
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    /// With its quotes.
    Text(String),
    Other(String),
    Space(String),
}

/// The expression in our words, or why there is no such.
pub(super) fn rewrite(source: &str) -> Result<String, String> {
    if source.len() > 16 << 10 {
        return Err("it is too long".into());
    }
    let tokens = tokens(source);
    let mentions =
        |word: &str| tokens.iter().any(|one| matches!(one, Token::Name(name) if name.eq_ignore_ascii_case(word)));
    let (ecosystems, severities) = (mentions("ecosystem"), mentions("severity"));
    let mut out = String::new();
    let mut locals: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Name(_) => {
                let (path, next) = path(&tokens, at);
                out += &replaced(&path, &tokens, next, &mut locals)?;
                at = next;
                continue;
            }
            Token::Text(text) => out += &word(text, ecosystems, severities),
            Token::Other(text) | Token::Space(text) => out += text,
        }
        at += 1;
    }
    Ok(out.trim().to_owned())
}

/// The names that are joined by dots from here, and the token behind them.
fn path(tokens: &[Token], from: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut at = from;
    while let Some(Token::Name(name)) = tokens.get(at) {
        path.push(name.clone());
        at += 1;
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some(Token::Other(dot)), Some(Token::Name(_))) if dot == "." => at += 1,
            _ => break,
        }
    }
    (path, at)
}

fn replaced(path: &[String], tokens: &[Token], next: usize, locals: &mut Vec<String>) -> Result<String, String> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let parts = match parts.as_slice() {
        ["_" | "pkg", rest @ ..] if !rest.is_empty() => [&["pkg"], rest].concat(),
        other => other.to_vec(),
    };
    if let Some(Token::Other(open)) = tokens.get(next) {
        let mut inside = tokens.iter().skip(next + 1).filter(|one| !matches!(one, Token::Space(_)));
        let binds = matches!(parts.last(), Some(&("exists" | "all" | "filter" | "map" | "exists_one")));
        if let (true, true, Some(Token::Name(local))) = (open == "(", binds, inside.next()) {
            locals.push(local.clone());
        }
    }
    let (head, tail): (String, &[&str]) = match parts.as_slice() {
        [local, tail @ ..] if locals.iter().any(|one| one == local) => return field(local, tail),
        ["pkg", "licenses", "contains_license"] | ["licenses", "contains_license"] => {
            return Ok("license_contains".into());
        }
        ["pkg", name @ ("ecosystem" | "name" | "version"), tail @ ..] => ((*name).into(), tail),
        ["pkg", "vulnerabilities", tail @ ..] | ["vulns", "all", tail @ ..] => ("vulnerabilities".into(), tail),
        ["vulns", severity @ ("critical" | "high" | "medium" | "low"), tail @ ..] => {
            (format!("vulnerabilities.filter(vuln, vuln.severity == '{severity}')"), tail)
        }
        ["pkg", "licenses", tail @ ..] | ["licenses", tail @ ..] => ("licenses".into(), tail),
        ["pkg", "attributes", "direct", tail @ ..] => ("direct".into(), tail),
        ["manifest", "path", tail @ ..] => ("path".into(), tail),
        ["manifest", "ecosystem", tail @ ..] => ("ecosystem".into(), tail),
        ["Ecosystem", name] => return Ok(format!("'{}'", ecosystem(name))),
        ["scorecard", ..] => return Err("Lazaret does not know the OpenSSF Scorecard".into()),
        ["projects" | "project", ..] | ["pkg", "projects" | "insight", ..] => {
            return Err("Lazaret does not know the source project (stars, forks, issues)".into());
        }
        [first @ ("true" | "false" | "null" | "in" | "size" | "string" | "int" | "double"), tail @ ..] => {
            ((*first).into(), tail)
        }
        // A method of a text or a bracket: what stands before the dot is in the output already.
        [method] if tokens.get(next) == Some(&Token::Other("(".into())) && *method != "now" => ((*method).into(), &[]),
        other => return Err(format!("`{}` is not known here", other.join("."))),
    };
    Ok(std::iter::once(head.as_str()).chain(tail.iter().copied()).collect::<Vec<_>>().join("."))
}

/// A field of a comprehension's variable.
fn field(local: &str, tail: &[&str]) -> Result<String, String> {
    let tail: Vec<&str> = match tail {
        ["cvss_score", rest @ ..] => [&["cvss"], rest].concat(),
        ["cve_id" | "cve", ..] => return Err("the CVE of a vulnerability is one of its `aliases` here".into()),
        ["type" | "stars" | "forks" | "issues", ..] => {
            return Err("Lazaret does not know the source project (stars, forks, issues)".into());
        }
        other => other.to_vec(),
    };
    Ok(std::iter::once(local).chain(tail).collect::<Vec<_>>().join("."))
}

/// A text in quotes, with the words of vet's enumerations in ours.
fn word(text: &str, ecosystems: bool, severities: bool) -> String {
    const ECOSYSTEMS: [&str; 16] = [
        "npm",
        "pypi",
        "rubygems",
        "ruby",
        "go",
        "golang",
        "crates.io",
        "cargo",
        "maven",
        "nuget",
        "packagist",
        "composer",
        "hex",
        "pub",
        "github_actions",
        "terraform",
    ];
    let Some(inner) = text.get(1..text.len().saturating_sub(1)) else { return text.to_owned() };
    let lower = inner.to_ascii_lowercase();
    if severities && ["critical", "high", "medium", "low"].contains(&lower.as_str()) {
        return format!("'{lower}'");
    }
    if ecosystems && ECOSYSTEMS.contains(&lower.strip_prefix("ecosystem_").unwrap_or(&lower)) {
        return format!("'{}'", ecosystem(inner));
    }
    text.to_owned()
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if c.is_whitespace() => prefix(rest, char::is_whitespace),
            c if c.is_ascii_alphabetic() || c == '_' => prefix(rest, |c| c.is_ascii_alphanumeric() || c == '_'),
            c if c.is_ascii_digit() => prefix(rest, |c| c.is_ascii_alphanumeric() || c == '.'),
            '"' | '\'' => quoted(rest, first),
            c => c.len_utf8(),
        };
        let (token, behind) = rest.split_at(length.max(1));
        rest = behind;
        tokens.push(match first {
            c if c.is_whitespace() => Token::Space(token.into()),
            c if c.is_ascii_alphabetic() || c == '_' => Token::Name(token.into()),
            '"' | '\'' => Token::Text(token.into()),
            _ => Token::Other(token.into()),
        });
    }
    tokens
}

fn prefix(text: &str, keep: impl Fn(char) -> bool) -> usize {
    text.find(|c| !keep(c)).unwrap_or(text.len())
}

/// How long the text in quotes is that starts here.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
