//! Copies of a database that is in use.

use std::future::IntoFuture;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::engine::{Access, Connection, Image, Kind, Pace, Target, TransactionLane};
#[cfg(doc)]
use crate::error::Error;
use crate::error::{Context, Operation, Result};
use crate::session::{Pending, Progress, Session, TxLink, telling};

const CONTEXT: Context<'static> = Context::new(Operation::Execute, "a backup");

/// A copy of a database, from [`Db::backup`](crate::Db::backup); it begins when it is awaited.
#[must_use = "nothing is copied before this is awaited"]
pub struct Backup<'s> {
    session: &'s Session,
    target: Target,
    progress: Option<Progress<'s, BackupProgress>>,
    at: &'static Location<'static>,
}

/// How far a copy has come, from [`Backup::progress`](crate::bounds::Backup::progress).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// How many [pages](https://www.sqlite.org/fileformat2.html#pages) are copied.
    pub pages: u64,
    /// How many there are.
    pub of: u64,
}

impl std::fmt::Debug for Backup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backup").field("target", &self.target).finish_non_exhaustive()
    }
}

impl<'s> Backup<'s> {
    pub(crate) const fn new(session: &'s Session, path: PathBuf, at: &'static Location<'static>) -> Self {
        Self { session, target: Target::new(path), progress: None, at }
    }

    /// Replaces a file that is there already, at the end and at once: whoever opens the name finds the old file or the new one,
    /// and never a part. A file with an open log or journal beside it is not replaced, nor is the database itself:
    /// [`Error::Backup`].
    pub const fn replace(mut self) -> Self {
        self.target.replaces = true;
        self
    }

    /// Tells how far the copy has come, after every 512 pages.
    ///
    /// The closure is called where the future is polled, and delays nothing but that.
    pub fn progress(mut self, tell: impl FnMut(&BackupProgress) + Send + 's) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }
}

impl<'s> IntoFuture for Backup<'s> {
    type Output = Result<()>;
    type IntoFuture = Pending<'s, ()>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { session, target, progress, at } = self;
        Box::pin(async move {
            match progress {
                None => copy(session, target, at, None).await,
                Some(progress) => {
                    let (sender, told) = unbounded_channel();
                    telling(told, progress, copy(session, target, at, Some(sender))).await
                }
            }
        })
    }
}

async fn copy(
    session: &Session,
    target: Target,
    at: &'static Location<'static>,
    teller: Option<UnboundedSender<BackupProgress>>,
) -> Result<()> {
    let mut tell = move |pages, of| {
        // Whoever wanted to know may have gone in the meantime.
        let _ = teller.as_ref().map(|teller| teller.send(BackupProgress { pages, of }));
    };
    let engine = session.engine();
    if engine.location().is_memory() {
        // Others wait for the one connection no longer than it takes to copy the pages in memory.
        let image = session.run(Access::Read, CONTEXT, Pace::Long, |connection| Image::of(connection, CONTEXT)).await?;
        let unwanted = Unwanted::default();
        let stops = Arc::clone(&unwanted.0);
        let write = move || async move { image.copy_to(&target, &|| stops.load(Ordering::Relaxed), &mut tell) };
        return engine.elsewhere(write).await?;
    }
    let lane = Arc::new(TransactionLane::open_backup(engine.lane(Access::Stream), CONTEXT, at).await?);
    let work = move |(): &mut (), connection: &mut Connection| connection.copy_to(&target, &mut tell);
    TxLink::outermost(&lane, true).control_with(Kind::BEGIN_READ.long(), CONTEXT, (), work).await.map(drop)
}

/// Tells a copy to end when nobody waits for it any more.
#[derive(Default)]
struct Unwanted(Arc<AtomicBool>);

impl Drop for Unwanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
