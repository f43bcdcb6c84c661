//! What is spent on code: little on what is not known, much on what decodes.

use syntax::{Behaviours, Budget, Language, behaviours};

fn read(language: Language, text: &str) -> Behaviours {
    let text = text.to_owned();
    let work = move || behaviours(language, "a", &text, Budget::default()).value;
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap().join().unwrap()
}

/// Goes round without end over things that nobody knows.
const WALK: &str = "
const stack = [[root, 0]];
while (stack.length > 0) {
    const [node, parent] = stack.pop();
    seen.push({ start: node.start, parent });
    for (let i = 0; i < 9; i++) stack.push([node.children[i], node.count + parent]);
}
";

/// Decodes a text letter by letter, again and again.
const DECODER: &str = "
function plain(text, key) {
    let out = '';
    for (let i = 0; i < text.length; i++) out += String.fromCharCode(text.charCodeAt(i) ^ key);
    return out;
}
let code = 'gpqcn*/2/+';
for (let round = 0; round < 400; round++) code = plain(code, 2);
eval(code);
";

#[test]
fn what_is_not_known_is_not_repeated_for_long() {
    let found = read(Language::JavaScript, &format!("function walk(root, seen) {{ {WALK} }}\nwalk(a, b);"));
    assert!(found.steps < 500_000, "{}", found.steps);
}

#[test]
fn a_decoder_is_followed_after_much_that_is_not_known() {
    let found = read(Language::JavaScript, &format!("function walk(root, seen) {{ {WALK} }}\nwalk(a, b);\n{DECODER}"));
    let seen = found.behaviours.iter().find(|one| one.api == "eval").map(|one| one.object.text.as_str());
    assert_eq!(seen, Some("gpqcn*/2/+"), "400 rounds undo each other");
    assert!(found.steps > 20_000, "the rounds were followed: {}", found.steps);
}

#[test]
fn each_place_of_a_call_is_followed_even_then() {
    let text = format!(
        "const http = require('https');\nfunction go(host) {{ {} http.get('https://' + host + '/x'); }}\n{}",
        WALK.replace("root", "host.a").replace("seen.", "host.b."),
        (0..40).map(|at| format!("go('h{at}.example');\n")).collect::<String>()
    );
    let found = read(Language::JavaScript, &text);
    assert!(found.behaviours.iter().any(|one| one.object.text == "https://h39.example/x"));
}

#[test]
fn a_buffer_and_a_list_do_not_ask_each_other_without_end() {
    let found =
        read(Language::JavaScript, "eval(Buffer.from('abcdefgh').readUInt64LE(0)); eval([1, 2].readFloatLE(0))");
    assert_eq!(found.behaviours.iter().filter(|one| one.api == "eval").count(), 2);
}

#[test]
fn a_list_that_is_changed_with_itself_has_no_text() {
    let found = read(Language::JavaScript, "const a = [1]; a.splice(a); a.fill(a, a); eval(a)");
    assert!(found.behaviours.iter().any(|one| one.api == "eval"));
}
