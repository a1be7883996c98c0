//! Databases like one that was made before.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::db::{Db, DbOptions};
use crate::engine::{Access, Connection, Image, Pace};
use crate::error::{Context, Operation, Result};
use crate::migrate::{Fingerprint, Migrations};
use crate::model::Models;

const CONTEXT: Context<'static> = Context::new(Operation::Open, "a copy of a template");

/// A database as it was made once, with tables and rows, to begin each test with one like it.
///
/// ```
/// use sqliter::prelude::*;
/// use sqliter::testing::Template;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// // Mostly in a `static LIBRARY: tokio::sync::OnceCell<Template>`.
/// let library = Template::new(async |db| {
///     db.create_table::<Book>().await?;
///     db.insert(Book::builder().title("Emma")).await.map(drop)
/// })
/// .await?;
/// let (one, other) = (library.open().await?, library.open().await?);
/// one.select::<Book>().delete().await?;
/// assert_eq!(other.select::<Book>().count().await?, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Template(Arc<Image>);

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Template")
    }
}

impl Template {
    /// Makes the first one, in memory.
    ///
    /// # Errors
    ///
    /// That of the closure, or [`Error::Connection`](crate::Error::Connection).
    pub async fn new(fill: impl AsyncFnOnce(&Db) -> Result<()>) -> Result<Self> {
        let db = Db::memory().await?;
        fill(&db).await?;
        let image = |connection: &mut Connection| Image::of(connection, CONTEXT);
        Ok(Self(Arc::new(db.run(Access::Write, CONTEXT, Pace::Short, image).await?)))
    }

    /// Another database with the same tables and rows, in memory.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`](crate::Error::Connection) when SQLite refuses.
    pub async fn open(&self) -> Result<Db> {
        self.open_with(Db::options()).await
    }

    /// As [`open`](Self::open), with options: with a clock or a cache, or as a file, whose tables are replaced.
    ///
    /// # Errors
    ///
    /// As [`Db::open`].
    pub async fn open_with(&self, options: DbOptions) -> Result<Db> {
        let db = options.open().await?;
        let image = Arc::clone(&self.0);
        let restore = move |connection: &mut Connection| image.restore(connection, CONTEXT);
        db.run(Access::Write, CONTEXT, Pace::Short, restore).await?;
        Ok(db)
    }
}

/// What a template was made from.
#[derive(PartialEq, Eq, Hash)]
enum Origin {
    Migrations(Fingerprint),
    Models(TypeId),
}

type Made = Arc<OnceCell<Template>>;

static MADE: Mutex<Option<HashMap<Origin, Made>>> = Mutex::new(None);

fn made(origin: Origin) -> Made {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(made.get_or_insert_default().entry(origin).or_default())
}

/// A database in memory to which all migrations were applied. They run once in a test program; every further database is a copy.
///
/// ```
/// # use sqliter::sqlx;
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let migrations = sqlx::migrate::Migrator::with_migrations(Vec::new());
/// // Mostly `migrated(&MIGRATIONS)`.
/// let db = sqliter::testing::migrated(&migrations).await?;
/// assert!(db.migrate(&migrations).await?.is_empty());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`Db::migrate`].
pub async fn migrated(migrations: impl Into<Migrations>) -> Result<Db> {
    let migrations = migrations.into();
    let made = made(Origin::Migrations(migrations.fingerprint()));
    let fill = async |db: &Db| db.migrate(migrations).await.map(drop);
    made.get_or_try_init(|| Template::new(fill)).await?.open().await
}

/// A database in memory with the tables of these models, as [`create_tables`](crate::Session::create_tables) makes them. They are
/// made once in a test program; every further database is a copy.
///
/// # Errors
///
/// As [`create_tables`](crate::Session::create_tables).
pub async fn created<T: Models + 'static>() -> Result<Db> {
    let fill = async |db: &Db| db.create_tables::<T>().await;
    made(Origin::Models(TypeId::of::<T>())).get_or_try_init(|| Template::new(fill)).await?.open().await
}
