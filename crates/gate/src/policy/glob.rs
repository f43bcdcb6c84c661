//! Patterns for paths and names: `*` within a part, `**` across parts, `?` one character.

/// Whether a pattern matches the whole of a text. Parts are separated by `/`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // One row of a table: whether the pattern so far matches the text up to each place. Never exponential.
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let crosses = pattern[at] == '*' && pattern.get(at + 1) == Some(&'*');
        match pattern[at] {
            '*' => {
                for place in 1..=text.len() {
                    row[place] = row[place] || (row[place - 1] && (crosses || text[place - 1] != '/'));
                }
                at += if crosses { 2 } else { 1 };
                // `**/` stands for no folder too.
                if crosses && pattern.get(at) == Some(&'/') {
                    let starts = |place: usize| place == 0 || text[place - 1] == '/';
                    row.iter_mut().enumerate().for_each(|(place, here)| *here &= starts(place));
                    at += 1;
                }
            }
            letter => {
                for place in (1..=text.len()).rev() {
                    let same = if letter == '?' { text[place - 1] != '/' } else { text[place - 1] == letter };
                    row[place] = row[place - 1] && same;
                }
                row[0] = false;
                at += 1;
            }
        }
    }
    row[text.len()]
}

/// Whether a pattern lets everything through.
pub(super) fn is_everything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|one| matches!(one, '*' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match() {
        let table = [
            ("**/package.json", "package.json", true),
            ("**/package.json", "a/b/package.json", true),
            ("**/package.json", "a/xpackage.json", false),
            ("services/**", "services/a/b", true),
            ("services/*", "services/a/b", false),
            ("*.lock", "Cargo.lock", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("@acme/*", "@acme/tool", true),
            ("@acme/*", "@other/tool", false),
            ("", "", true),
            ("", "a", false),
            ("a**b", "a/x/b", true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        // Would take for ever when tried one way after the other.
        assert!(!matches(&"*a".repeat(200), &"a".repeat(150)));
    }
}
