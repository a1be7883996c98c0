//! The two ways to use Diesel.

use std::path::Path;
use std::thread;

use common::Result;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};

/// How work gets its connection.
pub trait Connections: Sized + Send + 'static {
    /// The name in the tables.
    const NAME: &'static str;

    /// Opens the database.
    ///
    /// # Errors
    ///
    /// What SQLite refuses.
    fn open(path: &Path) -> Result<Self>;

    /// Runs the work with a connection.
    fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Sums up what the work gives for each key, with all lists at once.
    fn at_once(
        &mut self,
        keys: Vec<Vec<i64>>,
        work: fn(&mut SqliteConnection, i64) -> Result<i64>,
    ) -> impl Future<Output = Result<i64>> + Send;
}

pub(crate) const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                        PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON";

pub(crate) fn url(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| "the path is not UTF-8".into())
}

fn connect(path: &Path) -> Result<SqliteConnection> {
    let mut connection = SqliteConnection::establish(url(path)?)?;
    connection.batch_execute(SETTINGS)?;
    Ok(connection)
}

/// One connection for everything, and one for each of the two plain threads that get at once.
pub struct InPlace {
    connection: SqliteConnection,
    threads: [SqliteConnection; 2],
}

impl Connections for InPlace {
    const NAME: &'static str = "diesel";

    fn open(path: &Path) -> Result<Self> {
        Ok(Self { connection: connect(path)?, threads: [connect(path)?, connect(path)?] })
    }

    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        work(&mut self.connection)
    }

    async fn at_once(
        &mut self,
        keys: Vec<Vec<i64>>,
        work: fn(&mut SqliteConnection, i64) -> Result<i64>,
    ) -> Result<i64> {
        let (left, right) = keys.split_at(keys.len() / 2);
        thread::scope(|scope| {
            let threads: Vec<_> = self
                .threads
                .iter_mut()
                .zip([left, right])
                .map(|(connection, lists)| {
                    let keys = lists.iter().flatten();
                    scope.spawn(move || keys.map(|&pk| work(connection, pk)).sum::<Result<i64>>())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?).sum()
        })
    }
}

/// An r2d2 pool; all work is done on Tokio's blocking threads.
pub struct Pooled {
    pool: Pool<ConnectionManager<SqliteConnection>>,
}

#[derive(Debug)]
struct Settings;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Settings {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        connection.batch_execute(SETTINGS).map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Pooled {
    async fn run<T: Send + 'static>(
        pool: &Pool<ConnectionManager<SqliteConnection>>,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let pool = pool.clone();
        tokio::task::spawn_blocking(move || work(&mut *pool.get()?)).await?
    }
}

impl Connections for Pooled {
    const NAME: &'static str = "diesel (spawn_blocking)";

    fn open(path: &Path) -> Result<Self> {
        let pool = Pool::builder()
            .max_size(common::pool_size())
            .test_on_check_out(false)
            .connection_customizer(Box::new(Settings));
        Ok(Self { pool: pool.build(ConnectionManager::new(url(path)?))? })
    }

    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        Self::run(&self.pool, work).await
    }

    async fn at_once(
        &mut self,
        keys: Vec<Vec<i64>>,
        work: fn(&mut SqliteConnection, i64) -> Result<i64>,
    ) -> Result<i64> {
        common::at_once(keys, |keys| {
            let pool = self.pool.clone();
            async move {
                let mut sum = 0;
                for pk in keys {
                    sum += Self::run(&pool, move |connection| work(connection, pk)).await?;
                }
                Ok(sum)
            }
        })
        .await
    }
}
