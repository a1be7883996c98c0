//! The calls that migrate.

use std::collections::VecDeque;
use std::future::IntoFuture;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::unbounded_channel;

use super::applied::{self, AppliedMigration, MigrationStatus};
use super::migrations::{Code, Failure, Migrations};
use super::progress::{MigrationProgress, Reporter};
use super::run::{self, Next, Run};
use super::sound::Broken;
use crate::engine::{Access, Connection, Inside, Kind, Pace, Target, TransactionLane, inside};
use crate::error::{Context, Error, Operation, Result};
use crate::session::{Pending, Progress, Session, TxLink, telling};
use crate::transaction::Tx;

pub(super) const CONTEXT: Context<'static> = Context::new(Operation::Migrate, "the database");

/// Whether migrations are applied or undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

/// The running of migrations, from [`Db::migrate`](crate::Db::migrate) and
/// [`Db::undo_migrations`](crate::Db::undo_migrations); it begins when it is awaited.
#[must_use = "nothing is migrated before this is awaited"]
pub struct Migrate<'s> {
    call: Call<'s>,
    progress: Option<Progress<'s, MigrationProgress>>,
}

/// What is to be done.
#[derive(Debug)]
struct Call<'s> {
    session: &'s Session,
    migrations: Migrations,
    direction: Direction,
    to: Option<i64>,
    backup: Option<PathBuf>,
    at: &'static Location<'static>,
}

impl std::fmt::Debug for Migrate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Migrate").field("call", &self.call).finish_non_exhaustive()
    }
}

impl<'s> Migrate<'s> {
    pub(crate) fn new(
        session: &'s Session,
        migrations: Migrations,
        direction: Direction,
        at: &'static Location<'static>,
    ) -> Self {
        Self { call: Call { session, migrations, direction, to: None, backup: None, at }, progress: None }
    }

    /// The last version that is applied afterwards; 0 for none. Without this, `migrate` applies all migrations, and
    /// `undo_migrations` undoes the last one.
    ///
    /// A version without a migration is [`Error::CannotMigrate`].
    pub const fn to(mut self, version: i64) -> Self {
        self.call.to = Some(version);
        self
    }

    /// Copies the database to another file first, if there is anything to migrate: as it is at that moment, with all that is
    /// committed. Nobody writes between the copy and the migrations.
    ///
    /// The file appears when it is complete. One that is there already is not overwritten; it is [`Error::Backup`], and nothing is
    /// migrated then. A process that is killed leaves a file whose name ends in `.partial`.
    pub fn backup_to(mut self, path: impl Into<PathBuf>) -> Self {
        self.call.backup = Some(path.into());
        self
    }

    /// Tells how far the call has come: when a statement begins, some twenty times a second while it runs, and when the
    /// database is checked.
    ///
    /// The closure is called where the future is polled.
    pub fn progress(mut self, tell: impl FnMut(&MigrationProgress) + Send + 's) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }
}

impl<'s> IntoFuture for Migrate<'s> {
    type Output = Result<Vec<AppliedMigration>>;
    type IntoFuture = Pending<'s, Vec<AppliedMigration>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { call, progress } = self;
        Box::pin(async move {
            match progress {
                None => call.run(Reporter::new(None)).await,
                Some(progress) => {
                    let (sender, told) = unbounded_channel();
                    telling(told, progress, call.run(Reporter::new(Some(sender)))).await
                }
            }
        })
    }
}

impl Call<'_> {
    async fn run(self, reporter: Reporter) -> Result<Vec<AppliedMigration>> {
        const PAUSE: Duration = Duration::from_millis(20);
        let (begun, limit) = (Instant::now(), self.session.engine().busy_timeout());
        loop {
            match self.attempt(&reporter).await {
                // Another process may be at it.
                Err(Error::MigrationUnfinished { .. }) if begun.elapsed() < limit => {
                    self.session.engine().pause(PAUSE).await;
                }
                result => return result,
            }
        }
    }

    async fn attempt(&self, reporter: &Reporter) -> Result<Vec<AppliedMigration>> {
        let Self { session, migrations, direction, to, backup, at, .. } = self;
        let (direction, to) = (*direction, *to);
        // Mostly there is nothing to do, and then nobody is kept waiting.
        let known = migrations.clone();
        let look = move |connection: &mut Connection| {
            let applied = applied::read(connection, &known.table)?;
            Ok(applied::pending(&known, &applied, direction, to)?.is_empty())
        };
        if session.run(Access::Read, CONTEXT, Pace::Long, look).await? {
            return Ok(Vec::new());
        }
        session.engine().check(Access::Write, CONTEXT)?;
        let lane = Arc::new(TransactionLane::open(session.engine().lane(Access::Write), CONTEXT, at).await?);
        let link = TxLink::outermost(&lane, false);
        let is_memory = session.engine().location().is_memory();
        if let Some(path) = backup.clone().filter(|_| is_memory) {
            // There is one connection for everything, and it is this one.
            copy(&link, path, reporter).await?;
        }
        let run = Run {
            migrations: migrations.clone(),
            direction,
            to,
            backup: backup.clone().filter(|_| !is_memory),
            reporter: reporter.clone(),
            pending: VecDeque::new(),
            done: Vec::new(),
            kept: 0,
            before: Broken::default(),
            began: Instant::now(),
        };
        let (mut run, mut next) = link.control_with(Kind::BEGIN.long(), CONTEXT, run, Run::begin).await?;
        loop {
            let (failure, go_on): (_, fn(&mut Run, &mut Connection) -> Result<Next>) = match next {
                Next::Done => return Ok(run.done),
                Next::Copy(path) => (self.copy_beside(path, reporter).await.err(), Run::go_on_after_copy),
                Next::Code(code) => {
                    let tx = Tx::begun(session, link.clone(), Arc::clone(&lane), at);
                    let ran = self.run_code(tx, Arc::clone(&lane), code).await?;
                    (ran.err().map(|failure| run.failed(failure)), Run::resume)
                }
            };
            if let Some(error) = failure {
                link.control(Kind::BEGIN.long(), CONTEXT, |connection| connection.abandon()).await?;
                return Err(error);
            }
            (run, next) = link.control_with(Kind::END.long(), CONTEXT, run, go_on).await?;
        }
    }

    /// Copies the database by a connection that reads.
    async fn copy_beside(&self, path: PathBuf, reporter: &Reporter) -> Result<()> {
        let readers = self.session.engine().lane(Access::Read);
        let lane = Arc::new(TransactionLane::open(readers, CONTEXT, self.at).await?);
        copy(&TxLink::outermost(&lane, true), path, reporter).await
    }

    async fn run_code(&self, tx: Tx, lane: Arc<TransactionLane>, code: Code) -> Result<Result<(), Failure>> {
        let begun = Inside { kind: "transaction", at: self.at };
        self.session.engine().elsewhere(move || async move { inside(&lane, None, begun, (code.run)(&tx)).await }).await
    }
}

async fn copy(link: &TxLink, path: PathBuf, reporter: &Reporter) -> Result<()> {
    let (reporter, target) = (reporter.clone(), Target::new(path));
    let work = move |(): &mut (), connection: &mut Connection| run::copy(connection, &target, &reporter);
    link.control_with(Kind::BEGIN_READ.long(), CONTEXT, (), work).await.map(drop)
}

/// What each migration is to the database.
pub(crate) async fn status(session: &Session, migrations: Migrations) -> Result<Vec<MigrationStatus>> {
    migrations.check()?;
    session
        .run(Access::Read, CONTEXT, Pace::Long, move |connection| {
            Ok(applied::status(&migrations, &applied::read(connection, &migrations.table)?))
        })
        .await
}
