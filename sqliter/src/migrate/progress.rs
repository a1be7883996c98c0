//! How far a call has come.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

/// How far a call has come, from [`Migrate::progress`](crate::bounds::Migrate::progress).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrationProgress {
    /// The file is being copied.
    Copying {
        /// How many pages are copied.
        pages: u64,
        /// How many there are.
        of: u64,
    },
    /// A migration runs.
    Running {
        /// Its version.
        version: i64,
        /// Its description.
        description: String,
        /// How many of this call are done.
        done: usize,
        /// How many there are in this call.
        of: usize,
        /// Which of its statements runs, counted from 1; 0 where it is code in Rust.
        statement: usize,
        /// How many statements it has.
        statements: usize,
        /// How many [steps](https://www.sqlite.org/opcode.html) SQLite has made in this call so far. It goes on to grow, some twenty
        /// times a second, while a statement takes long.
        steps: u64,
    },
    /// All have run, and the database is looked at before the commit.
    Checking {
        /// How many steps SQLite has made in this call so far.
        steps: u64,
    },
}

impl MigrationProgress {
    const fn steps_mut(&mut self) -> Option<&mut u64> {
        match self {
            Self::Running { steps, .. } | Self::Checking { steps } => Some(steps),
            Self::Copying { .. } => None,
        }
    }
}

/// Tells how far a call has come, if somebody wants to know.
#[derive(Clone)]
pub(super) struct Reporter(Option<Telling>);

#[derive(Clone)]
struct Telling {
    sender: UnboundedSender<MigrationProgress>,
    /// What was told last, and the steps so far.
    last: Arc<Mutex<(Option<MigrationProgress>, u64)>>,
}

impl Reporter {
    pub(super) fn new(sender: Option<UnboundedSender<MigrationProgress>>) -> Self {
        Self(sender.map(|sender| Telling { sender, last: Arc::default() }))
    }

    pub(super) const fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn tell(&self, progress: MigrationProgress) {
        if let Some(telling) = &self.0 {
            telling.tell(0, |last| *last = Some(progress));
        }
    }

    /// Tells that SQLite is still at it.
    pub(super) fn ticks(&self) -> Option<Box<dyn FnMut(u64)>> {
        let telling = self.0.clone()?;
        Some(Box::new(move |steps| telling.tell(steps, |_| {})))
    }
}

impl Telling {
    fn tell(&self, steps: u64, change: impl FnOnce(&mut Option<MigrationProgress>)) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (progress, so_far) = &mut *last;
        change(progress);
        *so_far += steps;
        if let Some(progress) = progress {
            if let Some(steps) = progress.steps_mut() {
                *steps = *so_far;
            }
            // Whoever wanted to know may have gone in the meantime.
            let _ = self.sender.send(progress.clone());
        }
    }
}
