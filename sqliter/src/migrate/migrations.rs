//! The migrations of a program.

#[cfg(feature = "testing")]
use std::any::TypeId;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use sqlx::SqlStr;
use sqlx::migrate::{MigrationType, Migrator};

use crate::error::{Error, Result};
use crate::transaction::Tx;

/// What a migration in Rust has to say when it fails.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs on one thread from its beginning to its end.
type Running<'t> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 't>>;

/// The code of a migration in Rust.
#[derive(Clone)]
pub(super) struct Code {
    pub(super) run: Arc<dyn for<'t> Fn(&'t Tx) -> Running<'t> + Send + Sync>,
    /// Which code it is.
    #[cfg(feature = "testing")]
    of: TypeId,
}

/// A migration in Rust, for what SQL cannot do: it comes between the SQL files of a program, see [`Migrations::with`].
///
/// ```
/// use sqliter::prelude::*;
/// use sqliter::{Migration, Migrations, sqlx};
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # use sqlx::SqlSafeStr as _;
/// # let sql = |version, name: &'static str, text: &'static str| {
/// #     sqlx::migrate::Migration::new(version, name.into(), sqlx::migrate::MigrationType::Simple, text.into_sql_str(), false)
/// # };
/// // Mostly `static FILES: sqlx::migrate::Migrator = sqlx::migrate!();`
/// let files = sqlx::migrate::Migrator::with_migrations(vec![
///     sql(1, "create", "CREATE TABLE people (pk INTEGER PRIMARY KEY, name TEXT NOT NULL, family TEXT)"),
///     sql(3, "index", "CREATE INDEX by_family ON people (family)"),
/// ]);
/// let migrations = Migrations::from(&files).with(Migration::rust(2, "split names", async |tx| {
///     let people: Vec<(i64, String)> = tx.query("SELECT pk, name FROM people").fetch_all().await?;
///     for (pk, name) in people {
///         if let Some((name, family)) = name.split_once(' ') {
///             tx.execute("UPDATE people SET name = ?, family = ? WHERE pk = ?").bind(name).bind(family).bind(pk).await?;
///         }
///     }
///     Ok(())
/// }));
///
/// let db = Db::memory().await?;
/// let applied = db.migrate(&migrations).await?;
/// assert_eq!(applied.iter().map(|migration| migration.version).collect::<Vec<_>>(), [1, 2, 3]);
/// # Ok(())
/// # }
/// ```
///
/// The code runs in the transaction of all migrations of the call, on a thread of the library, in the caller's runtime. Foreign
/// keys are not enforced there, as everywhere in a migration. What it awaits keeps the database from all other writers.
///
/// Write it with SQL rather than with the models of the program: these will be others when it runs on an old file in a year.
pub struct Migration {
    version: i64,
    description: String,
    up: Code,
    down: Option<Code>,
}

impl Migration {
    /// A migration with its place among the others, its description, and its code.
    pub fn rust<F>(version: i64, description: impl Into<String>, up: F) -> Self
    where
        F: AsyncFn(&Tx) -> Result<()> + Send + Sync + 'static,
    {
        Self { version, description: description.into(), up: code(up), down: None }
    }

    /// As [`rust`](Self::rust), for code with an error type of the program's own.
    pub fn try_rust<E, F>(version: i64, description: impl Into<String>, up: F) -> Self
    where
        F: AsyncFn(&Tx) -> Result<(), E> + Send + Sync + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        Self { version, description: description.into(), up: code(up), down: None }
    }

    /// The code that undoes it, for [`Db::undo_migrations`](crate::Db::undo_migrations).
    pub fn down<F>(mut self, down: F) -> Self
    where
        F: AsyncFn(&Tx) -> Result<()> + Send + Sync + 'static,
    {
        self.down = Some(code(down));
        self
    }
}

impl fmt::Debug for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migration")
            .field("version", &self.version)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

fn code<E, F>(work: F) -> Code
where
    F: AsyncFn(&Tx) -> Result<(), E> + Send + Sync + 'static,
    E: Into<Failure> + 'static,
{
    let work = Arc::new(work);
    Code {
        run: Arc::new(move |tx| {
            let work = Arc::clone(&work);
            Box::pin(async move { work(tx).await.map_err(Into::into) })
        }),
        #[cfg(feature = "testing")]
        of: TypeId::of::<F>(),
    }
}

/// The migrations of a program, in the order of their versions: the SQL files that sqlx reads, and those in Rust between them.
#[derive(Debug, Clone)]
pub struct Migrations {
    pub(super) steps: Arc<Vec<Step>>,
    /// The table with what was applied.
    pub(super) table: Arc<str>,
    /// Whether migrations may have been applied that are not among these.
    pub(super) ignores_missing: bool,
    /// What is wrong with them, told when they are to run.
    pub(super) mistake: Option<String>,
}

/// What tells migrations from others: for each its version, description and checksum, and which code it has.
#[cfg(feature = "testing")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(String, Vec<(i64, String, Vec<u8>, Option<TypeId>)>);

/// One migration.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) version: i64,
    pub(super) description: String,
    pub(super) checksum: Vec<u8>,
    pub(super) up: Way,
    pub(super) down: Option<Way>,
}

/// What is done in one direction: the SQL, and then the Rust.
#[derive(Clone, Default)]
pub(super) struct Way {
    pub(super) sql: Option<SqlStr>,
    pub(super) code: Option<Code>,
    /// Whether it runs without a transaction.
    pub(super) is_bare: bool,
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way")
            .field("sql", &self.sql.as_ref().map(SqlStr::as_str))
            .field("code", &self.code.is_some())
            .field("is_bare", &self.is_bare)
            .finish()
    }
}

impl Migrations {
    /// Puts a migration in Rust between the SQL files.
    ///
    /// It has a row in the table of sqlx, as the files have. sqlx itself, as in `sqlx migrate run`, reports a row that it has no
    /// file for as an error. So there can be a file of the same version and description beside it: sqlx finds that file, and
    /// `db.migrate` runs first the SQL of the file, which may be a comment, and then the code. (The program `sqlx` runs such a file
    /// without the code. Where migrations in Rust are, leave the running to the program that has them.)
    pub fn with(mut self, migration: Migration) -> Self {
        let Migration { version, description, up, down } = migration;
        let steps = Arc::make_mut(&mut self.steps);
        let same = steps.iter_mut().find(|step| step.version == version);
        match same {
            Some(step) if step.description == description && step.up.code.is_none() => {
                if step.up.is_bare {
                    self.mistake.get_or_insert(format!(
                        "the file of migration {version} ({description}) begins with `-- no-transaction`, but its code in Rust \
                         runs in a transaction: give them two versions"
                    ));
                }
                step.up.code = Some(up);
                if let Some(down) = down {
                    step.down.get_or_insert_default().code = Some(down);
                }
            }
            Some(step) => {
                self.mistake.get_or_insert(doubled(version, &step.description, &description));
            }
            None => {
                // Nothing of the code is in it: it tells only that this is no file.
                let sql = sqlx::SqlSafeStr::into_sql_str("-- written in Rust");
                let kind = MigrationType::Simple;
                let checksum =
                    sqlx::migrate::Migration::new(version, "".into(), kind, sql, false).checksum.into_owned();
                let way = |code| Way { code: Some(code), ..Way::default() };
                steps.push(Step { version, description, checksum, up: way(up), down: down.map(way) });
                steps.sort_by_key(|step| step.version);
            }
        }
        self
    }

    /// The versions and descriptions, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &str)> {
        self.steps.iter().map(|step| (step.version, step.description.as_str()))
    }

    pub(super) fn step(&self, version: i64) -> Option<&Step> {
        self.steps.iter().find(|step| step.version == version)
    }

    /// Tells migrations from others, within a process.
    #[cfg(feature = "testing")]
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let code = |way: &Way| way.code.as_ref().map(|code| code.of);
        let step = |step: &Step| (step.version, step.description.clone(), step.checksum.clone(), code(&step.up));
        Fingerprint(self.table.to_string(), self.steps.iter().map(step).collect())
    }

    /// Refuses migrations that do not fit together.
    pub(super) fn check(&self) -> Result<()> {
        match &self.mistake {
            None => Ok(()),
            Some(reason) => Err(Error::CannotMigrate { reason: reason.clone(), source: None }),
        }
    }
}

fn doubled(version: i64, one: &str, other: &str) -> String {
    format!("two migrations have the version {version}: {one}, and {other}; give one of them another version")
}

/// None, for a program whose migrations are all in Rust.
impl Default for Migrations {
    fn default() -> Self {
        Self::from(&Migrator::DEFAULT)
    }
}

impl From<&Migrator> for Migrations {
    fn from(migrator: &Migrator) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        let mut mistake = None;
        let way = |it: &sqlx::migrate::Migration| Way { sql: Some(it.sql.clone()), code: None, is_bare: it.no_tx };
        for up in migrator.iter().filter(|it| it.migration_type.is_up_migration()) {
            let (version, description) = (up.version, up.description.to_string());
            if let Some(other) = steps.iter().find(|step| step.version == version) {
                mistake.get_or_insert(doubled(version, &other.description, &description));
            }
            steps.push(Step { version, description, checksum: up.checksum.to_vec(), up: way(up), down: None });
        }
        for down in migrator.iter().filter(|it| it.migration_type.is_down_migration()) {
            match steps.iter_mut().find(|step| step.version == down.version) {
                Some(step) => step.down = Some(way(down)),
                None => {
                    let (version, description) = (down.version, &down.description);
                    mistake.get_or_insert(format!(
                        "migration {version} ({description}) has a file `.down.sql` and none `.up.sql`"
                    ));
                }
            }
        }
        steps.sort_by_key(|step| step.version);
        let table = Arc::from(&*migrator.table_name);
        Self { steps: Arc::new(steps), table, ignores_missing: migrator.ignore_missing, mistake }
    }
}

impl From<Migrator> for Migrations {
    fn from(migrator: Migrator) -> Self {
        Self::from(&migrator)
    }
}

impl From<&Migrations> for Migrations {
    fn from(migrations: &Migrations) -> Self {
        migrations.clone()
    }
}
