//! JavaScript in six characters, and in symbols.

/// A program in `[]()!+`.
pub fn jsfuck(code: &str) -> String {
    let function = format!("[][{}][{}]", word("flat"), word("constructor"));
    let escaped = format!("return\"{}\"", octal(code));
    format!("{function}({})()({function}({})());", word("return eval"), word(&escaped))
}

/// Every character as an octal escape, which needs only digits and the backslash.
fn octal(code: &str) -> String {
    code.bytes().map(|byte| format!("\\{byte:03o}")).collect()
}

fn word(text: &str) -> String {
    text.chars().map(letter).collect::<Vec<_>>().join("+")
}

fn digit(number: usize) -> String {
    match number {
        0 => "+[]".into(),
        1 => "+!+[]".into(),
        _ => vec!["!+[]"; number].join("+"),
    }
}

fn number(number: usize) -> String {
    let digits: Vec<String> =
        number.to_string().bytes().map(|one| format!("[{}]", digit((one - b'0').into()))).collect();
    if digits.len() == 1 { digit(number) } else { digits.join("+") }
}

fn at(text: &str, place: usize) -> String {
    format!("({text})[{}]", number(place))
}

fn letter(one: char) -> String {
    const NATIVE: &str = "function flat() { [native code] }";
    let find = |text: &str| text.find(one);
    if let Some(digits) = one.to_digit(10) {
        return format!("[{}]", digit(digits as usize));
    }
    for (text, source) in [("false", "![]+[]"), ("true", "!![]+[]"), ("undefined", "[][[]]+[]"), ("NaN", "+[![]]+[]")] {
        if let Some(place) = find(text) {
            return at(source, place);
        }
    }
    if let Some(place) = find(NATIVE) {
        return at(&format!("[][{}]+[]", word("flat")), place);
    }
    match one {
        '/' => at(&format!("([]+[])[{}]()", word("italics")), 4),
        '"' => at(&format!("([]+[])[{}]()", word("fontcolor")), 12),
        '\\' => {
            let function = format!("[][{}][{}]", word("flat"), word("constructor"));
            let pattern = format!("{function}({})()[{}]({})", word("return/false/"), word("constructor"), letter('/'));
            at(&format!("{pattern}+[]"), 1)
        }
        _ => panic!("this letter is made another way"),
    }
}

/// A program in jjencode's shape: names of `$` and `_`, letters out of `false`, `true` and `[object Object]`.
pub fn jjencode(code: &str) -> String {
    let digits = ["___", "__$", "_$_", "_$$", "$__", "$_$", "$$_", "$$$"];
    let escapes: String = code
        .bytes()
        .map(|byte| {
            let octal = format!("{byte:03o}");
            let parts: String = octal.bytes().map(|one| format!("$.{}+", digits[usize::from(one - b'0')])).collect();
            format!("\"\\\\\"+{parts}")
        })
        .collect();
    let table = "$=~[];$={___:++$,$$$$:(![]+\"\")[$],__$:++$,$_$_:(![]+\"\")[$],_$_:++$,$_$$:({}+\"\")[$],$$_$:($[$]+\"\")[$],_$$:++$,\
                 $$$_:(!\"\"+\"\")[$],$__:++$,$_$:++$,$$__:({}+\"\")[$],$$_:++$,$$$:++$,$___:++$,$__$:++$};\
                 $.$_=($.$_=$+\"\")[$.$_$]+($._$=$.$_[$.__$])+($.$$=($.$+\"\")[$.__$])+((!$)+\"\")[$._$$]+($.__=$.$_[$.$$_])+\
                 ($.$=(!\"\"+\"\")[$.__$])+($._=(!\"\"+\"\")[$._$_])+$.$_[$.$_$]+$.__+$._$+$.$;\
                 $.$$=$.$+(!\"\"+\"\")[$._$$]+$.__+$._+$.$+$.$$;$.$=($.___)[$.$_][$.$_];";
    format!("{table}$.$($.$($.$$+\"\\\"\"+{escapes}\"\\\"\")())();")
}
