//! How far a long command has come, on a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqliter::bounds::MigrationProgress;

use crate::output::Output;

/// A line on the terminal that says how far it has come; nothing where standard error is no terminal, or with `--json`.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Begins it.
    pub fn new(output: Output) -> Self {
        let is_seen = !output.is_json() && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if is_seen {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self(bar)
    }

    /// So many of so many, as of pages that are copied.
    pub fn count(&self, what: &'static str, done: u64, of: u64) {
        self.style("{msg} [{bar:30}] {percent}% {eta}");
        self.0.set_length(of);
        self.0.set_position(done);
        self.0.set_message(what);
    }

    /// What is being done, where nobody knows how long it takes.
    pub fn say(&self, what: String) {
        self.style("{spinner} {msg} ({elapsed})");
        self.0.set_message(what);
    }

    /// How far the migrations have come.
    pub fn migration(&self, progress: &MigrationProgress) {
        match progress {
            MigrationProgress::Copying { pages, of } => self.count("copying the database", *pages, *of),
            MigrationProgress::Running { version, description, done, of, statement, statements, steps } => {
                let number = done + 1;
                self.say(format!(
                    "{number} of {of}: {version} {description}, statement {statement} of {statements}, {} million steps",
                    steps / 1_000_000
                ));
            }
            MigrationProgress::Checking { .. } => self.say("checking the database".to_owned()),
            // Of another kind there is nothing to say yet.
            _ => {}
        }
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
