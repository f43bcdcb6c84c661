//! How far the work is, for who watches a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wire::text::{cut, visible};

/// A bar on stderr; silent when stderr is no terminal, when it is told to be, or when there is nothing to count.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar over so many targets.
    pub fn start(targets: usize, quiet: bool) -> Self {
        if quiet || !crate::output::is_watched() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(Some(targets as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} [{bar:30}] {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Self(bar)
    }

    /// A target turned out to be more than one thing.
    pub fn grow(&self, by: usize) {
        self.0.inc_length(by as u64);
    }

    /// One more target is done.
    pub fn done(&self, label: &str) {
        self.0.set_message(cut(&visible(label), 60));
        self.0.inc(1);
    }

    /// Takes the bar away: the report follows.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
