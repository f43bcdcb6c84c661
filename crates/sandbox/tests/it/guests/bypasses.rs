//! Ways past the tracer: what is tried is seen, or refused and told.

use model::{EventSource, TraceDeed};
use sandbox::{Budget, Guest};

use super::{attempt, guest, launchers, step};

#[test]
fn calls_that_blind_a_tracer_are_refused_and_told() {
    let expected = [
        ("foreign", "ENOSYS", "foreign ABI"),
        ("io-uring", "ENOSYS", "io_uring_setup"),
        ("untraced-clone", "EPERM", "clone"),
        ("listener", "EBUSY", "seccomp"),
        ("traceme", "EPERM", "ptrace"),
        ("vsock", "EAFNOSUPPORT", "socket(AF_VSOCK)"),
    ];
    for launcher in launchers() {
        for (name, outcome, call) in expected {
            let tried = attempt(&launcher, &[name]);
            assert_eq!(tried.outcome(name), outcome, "{name}");
            assert!(tried.saw_refused(call), "{name} is told");
            assert!(!tried.saw_secret_opened());
        }
        assert_eq!(attempt(&launcher, &["clone3"]).outcome("clone3"), "ENOSYS");
    }
}

#[test]
fn a_filter_of_the_packages_own_hides_nothing() {
    for launcher in launchers() {
        let tried = attempt(&launcher, &["own-filter"]);
        assert_eq!(tried.outcome("own-filter"), "done, then done");
        assert!(tried.saw_secret_opened());
    }
}

#[test]
fn programs_without_a_file_are_kept_by_digest() {
    for launcher in launchers() {
        let tried = attempt(&launcher, &["memory-file", "deleted-program"]);
        assert_eq!(tried.outcome("memory-file"), "ended with 0");
        assert_eq!(tried.outcome("deleted-program"), "ended with 0");
        assert!(tried.saw(|deed| matches!(deed, TraceDeed::Memfd { name } if name == "hidden")));
        let bytes = std::fs::read("/usr/bin/true").expect("it is there");
        let started = tried.events().filter_map(|event| match &event.deed {
            TraceDeed::Exec { path, sha256: Some(sha256), .. } => Some((path.as_str(), sha256)),
            _ => None,
        });
        for (path, sha256) in started {
            assert!(path.contains("specimen") || path.contains("(deleted)"), "{path}");
            let kept = tried.ran.kept.iter().find(|kept| kept.sha256 == *sha256).expect("it is kept");
            assert!(path.contains("specimen") || kept.bytes == bytes);
        }
    }
}

#[test]
fn whoever_is_started_in_whatever_way_is_followed() {
    for launcher in launchers() {
        let tried = attempt(&launcher, &["daemon", "vfork-storm", "thread-exec", "stop-self"]);
        assert_eq!(tried.outcome("vfork-storm"), "100 started");
        assert_eq!(tried.outcome("thread-exec"), "ended with 0");
        assert_eq!(tried.outcome("stop-self"), "ended with 7");
        let started = |name: &str| {
            let fits = |deed: &&TraceDeed| matches!(deed, TraceDeed::Exec { argv, .. } if argv.first().is_some_and(|one| one.contains(name)));
            tried.events().map(|event| &event.deed).filter(fits).count()
        };
        assert_eq!(started("from-a-thread"), 1);
        assert_eq!(started("true"), 100);
        // The daemon outlives its starter, and its file is told.
        assert_eq!(started("sleep"), 1);
        assert!(tried.saw(|deed| matches!(deed, TraceDeed::File { path, .. } if path == "/tmp/from-the-daemon")));
    }
}

/// A log that believes what a program says at the start of a call names the wrong file in about half of the cases.
#[test]
fn what_was_opened_is_what_the_kernel_opened() {
    for launcher in launchers() {
        let tried = attempt(&launcher, &["flip"]);
        let secrets: u32 = tried.outcome("flip").parse().expect("a number");
        assert_eq!(secrets > 0, tried.saw_secret_opened());
        for event in tried.events() {
            if let TraceDeed::Open { asked, path, .. } = &event.deed
                && asked.contains(".plainx")
                && asked != path
            {
                assert_eq!(path, "/home/dev/.secret");
            }
        }
    }
}

#[test]
fn long_waits_are_cut_short_and_told() {
    for launcher in launchers() {
        let tried = attempt(&launcher, &["sleep"]);
        assert_eq!(tried.outcome("sleep"), "cut short");
        assert!(tried.saw(|deed| matches!(deed, TraceDeed::Slept { millis } if *millis > 3_500_000)));
    }
}

#[test]
fn a_step_that_fails_cancels_nothing_and_each_has_its_own_events() {
    for launcher in launchers() {
        let last = step(&["sh", "-c", "echo hello; rm /home/dev/.secret"]);
        let steps = [step(&["/usr/bin/false"]), step(&["no-such-program"]), last];
        let ran =
            sandbox::run(&launcher, &guest(), &steps, &Budget::default()).unwrap_or_else(|error| panic!("{error}"));
        let ends: Vec<_> = ran.trace.steps.iter().map(|step| step.exit).collect();
        assert_eq!(ends, [Some(1), Some(127), Some(0)]);
        assert_eq!(ran.trace.steps[2].output, "hello\n");
        assert!(ran.trace.gaps.is_empty(), "{:?}", ran.trace.gaps);
        let gone = ran.trace.events.iter().find(
            |event| matches!(&event.deed, TraceDeed::File { path, vanished: true, .. } if path == "/home/dev/.secret"),
        );
        let gone = gone.expect("what vanished is told");
        assert_eq!((gone.step, gone.source), (2, EventSource::Files));
        assert!(ran.trace.events.is_sorted_by_key(|event| event.number));
    }
}

#[test]
fn what_leaves_in_a_command_line_is_recognised() {
    let tokens = sandbox::tokens::Tokens::new([9; 32]);
    let mut guest = Guest { tokens: Some([9; 32]), ..Guest::default() };
    guest.plant(&tokens.home(Guest::HOME));
    let script = "t=$(cat /home/dev/.npmrc | base64 -w0); echo $t > /tmp/out; /usr/bin/true \"$t\"";
    for launcher in launchers() {
        let ran = sandbox::run(&launcher, &guest, &[step(&["sh", "-c", script])], &Budget::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let found = |fits: &dyn Fn(&TraceDeed) -> bool| {
            ran.trace.events.iter().any(|event| {
                fits(&event.deed) && event.tokens.iter().any(|token| token.starts_with("npm-token:base64"))
            })
        };
        assert!(found(&|deed| matches!(deed, TraceDeed::Exec { path, .. } if path == "/usr/bin/true")));
        assert!(found(&|deed| matches!(deed, TraceDeed::File { path, .. } if path == "/tmp/out")));
    }
}
