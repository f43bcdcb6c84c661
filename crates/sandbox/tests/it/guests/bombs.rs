//! What uses up all there is meets a ceiling, is told, and does not outlive its step.

use std::time::Duration;

use sandbox::Budget;

use super::{attempt_with, guest, launchers, step};

fn small() -> Budget {
    Budget {
        time: Duration::from_secs(60),
        memory: 256 << 20,
        processes: 64,
        disk: 16 << 20,
        files: 2_000,
        output: 1 << 20,
        events: 5_000,
        ..Budget::default()
    }
}

#[test]
fn processes_threads_files_and_bytes_have_ceilings() {
    for launcher in launchers() {
        let tried = attempt_with(&launcher, &["disk-bomb", "inode-bomb", "thread-bomb", "fork-bomb"], &small());
        assert_eq!(tried.outcome("disk-bomb"), "ENOSPC");
        assert_eq!(tried.outcome("inode-bomb"), "ENOSPC");
        assert_eq!(tried.outcome("thread-bomb"), "EAGAIN");
        assert_eq!(tried.outcome("fork-bomb"), "EAGAIN after 0");
    }
}

#[test]
fn memory_that_many_processes_hold_together_has_a_ceiling() {
    for launcher in launchers() {
        for name in ["memory-bomb", "shared-memory-bomb"] {
            let tried = attempt_with(&launcher, &[name], &small());
            assert!(tried.saw_limit("memory"), "{name}: {:?}", tried.ran.trace.gaps);
            assert!(!tried.ran.trace.gaps.is_empty());
        }
    }
}

#[test]
fn output_and_events_have_ceilings() {
    for launcher in launchers() {
        let tried = attempt_with(&launcher, &["output-bomb"], &small());
        assert!(tried.saw_limit("output"));
        assert!(tried.ran.trace.steps[0].output.len() <= 64 << 10);
        let tried = attempt_with(&launcher, &["open-flood"], &Budget { events: 500, ..small() });
        assert!(tried.saw_limit("events"));
        assert!(tried.ran.trace.events.len() <= 520);
    }
}

#[test]
fn what_hangs_is_ended_and_the_next_step_runs() {
    for launcher in launchers() {
        let mut hang = step(&["/work/specimen", "hang"]);
        hang.time = Duration::from_millis(300);
        let steps = [hang, step(&["echo", "next"])];
        let ran = sandbox::run(&launcher, &guest(), &steps, &small()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ran.trace.steps[0].exit, None);
        assert_eq!(ran.trace.steps[1].output, "next\n");
        assert!(ran.trace.gaps.iter().any(|gap| gap.detail.contains("time")));
    }
}
