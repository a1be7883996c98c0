//! One call, on its connection: the parts that are between migrations in Rust.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Instant;

use super::applied::{self, AppliedMigration};
use super::call::{CONTEXT, Direction};
use super::migrations::{Code, Failure, Migrations, Step, Way};
use super::progress::{MigrationProgress, Reporter};
use super::sound::{self, Broken};
use crate::engine::{Connection, FailedStatement, Target, count_statements};
use crate::error::{Context, Error, Operation, Result};
use crate::sql::{self, Statement};

/// A call and how far it has come.
pub(super) struct Run {
    pub(super) migrations: Migrations,
    pub(super) direction: Direction,
    pub(super) to: Option<i64>,
    /// Where a copy of the database is made first.
    pub(super) backup: Option<PathBuf>,
    pub(super) reporter: Reporter,
    /// The versions that are not done yet.
    pub(super) pending: VecDeque<i64>,
    pub(super) done: Vec<AppliedMigration>,
    /// How many of those that are done are committed.
    pub(super) kept: usize,
    /// What was broken before.
    pub(super) before: Broken,
    /// When the present migration began.
    pub(super) began: Instant,
}

/// What comes next.
pub(super) enum Next {
    Done,
    /// A copy, by another connection, while the open transaction keeps all from writing.
    Copy(PathBuf),
    /// This code, inside the open transaction.
    Code(Code),
}

impl Run {
    /// Begins, and goes on up to the first migration in Rust.
    pub(super) fn begin(&mut self, connection: &mut Connection) -> Result<Next> {
        self.contained(connection, |run, connection| {
            connection.suspend_foreign_keys(CONTEXT)?;
            run.go_on(connection)
        })
    }

    /// Goes on after the copy.
    pub(super) fn go_on_after_copy(&mut self, connection: &mut Connection) -> Result<Next> {
        self.contained(connection, Self::go_on)
    }

    /// Goes on after a migration in Rust.
    pub(super) fn resume(&mut self, connection: &mut Connection) -> Result<Next> {
        self.contained(connection, |run, connection| {
            run.record(connection)?;
            run.go_on(connection)
        })
    }

    /// Runs work after which the connection is as it was, unless something comes next inside the transaction.
    fn contained(
        &mut self,
        connection: &mut Connection,
        work: impl FnOnce(&mut Self, &mut Connection) -> Result<Next>,
    ) -> Result<Next> {
        let ticks = self.reporter.ticks();
        let next = connection.ticking(ticks, |connection| work(self, connection));
        if !matches!(next, Ok(Next::Code(_) | Next::Copy(_))) {
            // What cannot be put back now is tried again when the connection goes back to its lane, which else gives it up.
            let _ = connection.abandon();
        }
        next
    }

    fn go_on(&mut self, connection: &mut Connection) -> Result<Next> {
        loop {
            if connection.is_autocommit() {
                self.open(connection)?;
                if let Some(path) = self.backup.take().filter(|_| !self.pending.is_empty()) {
                    return Ok(Next::Copy(path));
                }
            }
            let Some((step, way)) = self.pending.front().and_then(|version| self.step(*version)) else {
                self.commit(connection)?;
                return Ok(Next::Done);
            };
            self.began = Instant::now();
            if way.is_bare {
                self.run_bare(connection, &step, &way)?;
                continue;
            }
            if let Some(sql) = &way.sql {
                self.run_script(connection, &step, sql.as_str(), false)?;
            }
            if let Some(code) = way.code {
                self.tell_running(&step, 0, 0);
                return Ok(Next::Code(code));
            }
            self.record(connection)?;
        }
    }

    fn step(&self, version: i64) -> Option<(Step, Way)> {
        let step = self.migrations.step(version)?.clone();
        let way = match self.direction {
            Direction::Up => step.up.clone(),
            Direction::Down => step.down.clone()?,
        };
        Some((step, way))
    }

    /// Begins a transaction, and looks what is to be done, as another process may have done it in the meantime.
    fn open(&mut self, connection: &mut Connection) -> Result<()> {
        connection.begin(CONTEXT)?;
        let table = &self.migrations.table;
        connection.batch(&sql::create_applied(table), CONTEXT)?;
        let applied = applied::read(connection, table)?;
        self.pending = applied::pending(&self.migrations, &applied, self.direction, self.to)?;
        if let (Direction::Down, None, Some(last)) = (self.direction, self.to, self.pending.back()) {
            // Of those that are left then, another one is the last.
            self.to = Some(applied::before(&applied, *last));
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        self.before = Broken::read(connection)?;
        Ok(())
    }

    /// Commits what is sound.
    fn commit(&mut self, connection: &mut Connection) -> Result<()> {
        if self.done.len() > self.kept {
            self.check(connection)?;
        }
        connection.commit(CONTEXT)?;
        self.kept = self.done.len();
        Ok(())
    }

    fn check(&self, connection: &mut Connection) -> Result<()> {
        self.reporter.tell(MigrationProgress::Checking { steps: 0 });
        let mut problems = Broken::read(connection)?.since(&self.before);
        let damage = sound::damage(connection)?;
        if !damage.is_empty() {
            let is_inside = !connection.is_autocommit();
            if is_inside {
                connection.abandon()?;
            }
            let before = if is_inside { sound::damage(connection)? } else { Vec::new() };
            let is_older = damage.iter().all(|problem| before.contains(problem));
            problems.extend(damage);
            if is_older {
                problems.push("all of this was so before: mend it first, or in the migration".to_owned());
            }
        }
        match self.done.last() {
            Some(last) if !problems.is_empty() => {
                let (version, kept) = (last.version, self.kept());
                Err(Error::MigrationUnsound { version, problems, kept })
            }
            _ => Ok(()),
        }
    }

    fn run_script(&self, connection: &mut Connection, step: &Step, text: &str, in_part: bool) -> Result<()> {
        let statements = if self.reporter.is_wanted() { count_statements(text) } else { 0 };
        let ran = connection.run_script(text, &mut |statement| self.tell_running(step, statement + 1, statements));
        ran.map_err(|FailedStatement { sql, line, error }| Error::Migration {
            version: step.version,
            description: step.description.clone(),
            statement: Some(sql).filter(|sql| !sql.is_empty()),
            line: Some(line),
            kept: self.kept(),
            in_part,
            source: error,
        })
    }

    /// Runs a migration that runs without a transaction. Its row tells all others that it is being run.
    fn run_bare(&mut self, connection: &mut Connection, step: &Step, way: &Way) -> Result<()> {
        if connection.is_clustered() {
            let reason =
                format!("the migration {} runs without a transaction, and a cluster has only those", step.version);
            return Err(Error::NotReplicated { reason });
        }
        let table = self.migrations.table.clone();
        let version = step.version;
        let insert = |is_done| insert(&table, step, is_done, 0);
        let (claim, give_up, finish) = match self.direction {
            Direction::Up => {
                (insert(false), sql::delete_applied(&table, version), sql::set_done(&table, version, true))
            }
            Direction::Down => (
                sql::set_done(&table, version, false),
                sql::set_done(&table, version, true),
                sql::delete_applied(&table, version),
            ),
        };
        execute(connection, &claim)?;
        self.commit(connection)?;
        if let Some(sql) = &way.sql
            && let Err(error) = self.run_script(connection, step, sql.as_str(), true)
        {
            // Where this fails too, the row says that the migration was begun.
            let _ = execute(connection, &give_up);
            return Err(error);
        }
        execute(connection, &finish)?;
        self.add(step);
        self.kept = self.done.len();
        self.check(connection)
    }

    /// The present migration is done.
    fn record(&mut self, connection: &mut Connection) -> Result<()> {
        let Some((step, _)) = self.pending.front().and_then(|version| self.step(*version)) else { return Ok(()) };
        let took = i64::try_from(self.began.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let table = &self.migrations.table;
        let statement = match self.direction {
            Direction::Up => insert(table, &step, true, took),
            Direction::Down => sql::delete_applied(table, step.version),
        };
        execute(connection, &statement)?;
        self.add(&step);
        Ok(())
    }

    fn add(&mut self, step: &Step) {
        self.pending.pop_front();
        self.done.push(AppliedMigration {
            version: step.version,
            description: step.description.clone(),
            took: self.began.elapsed(),
        });
    }

    /// The versions that stay when the call fails.
    fn kept(&self) -> Vec<i64> {
        self.done.iter().take(self.kept).map(|done| done.version).collect()
    }

    /// The error of the present migration, whose code has failed.
    pub(super) fn failed(&self, source: Failure) -> Error {
        let step = self.pending.front().and_then(|version| self.migrations.step(*version));
        let (version, description) =
            step.map_or_else(Default::default, |step| (step.version, step.description.clone()));
        let (statement, line, in_part) = (None, None, false);
        Error::Migration { version, description, statement, line, kept: self.kept(), in_part, source }
    }

    fn tell_running(&self, step: &Step, statement: usize, statements: usize) {
        if self.reporter.is_wanted() {
            self.reporter.tell(MigrationProgress::Running {
                version: step.version,
                description: step.description.clone(),
                done: self.done.len(),
                of: self.done.len() + self.pending.len(),
                statement,
                statements,
                steps: 0,
            });
        }
    }
}

/// Makes a copy of the database.
pub(super) fn copy(connection: &mut Connection, target: &Target, reporter: &Reporter) -> Result<()> {
    connection.copy_to(target, &mut |pages, of| reporter.tell(MigrationProgress::Copying { pages, of }))
}

fn insert(table: &str, step: &Step, is_done: bool, nanoseconds: i64) -> Statement {
    let Step { version, description, checksum, .. } = step;
    sql::insert_applied(table, &sql::AppliedRow { version: *version, description, is_done, checksum, nanoseconds })
}

fn execute(connection: &mut Connection, statement: &Statement) -> Result<()> {
    let context = Context::new(Operation::Execute, &statement.text);
    connection.try_execute(statement).map(drop).map_err(|source| connection.error(context, source))
}
