//! What the tests of shared commits have in common.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::Poll;

use sqliter::prelude::*;
use tokio::runtime::{Builder, Runtime};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "items")]
pub struct Item {
    pub pk: Key<Item>,
    #[model(unique)]
    pub number: i64,
}

/// The work of a caller.
pub type Work<'s, T> = Pin<Box<dyn Future<Output = T> + Send + 's>>;

pub struct Place {
    pub folder: tempfile::TempDir,
    pub db: Db,
}

impl Place {
    pub async fn new() -> Self {
        Self::with(Db::options()).await
    }

    pub async fn with(options: sqliter::DbOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = options.path(folder.path().join("a.db")).open().await.unwrap();
        db.create_table::<Item>().await.unwrap();
        Self { folder, db }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("a.db")
    }

    /// The numbers of all rows in the order of their keys, as another program sees them.
    pub fn numbers(&self) -> Vec<i64> {
        let raw = rusqlite::Connection::open(self.path()).unwrap();
        raw.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        let mut numbers = raw.prepare("SELECT number FROM items ORDER BY pk").unwrap();
        numbers.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// How many commits stand in the write-ahead log.
    pub fn commits(&self) -> usize {
        commits(&self.folder.path().join("a.db-wal"))
    }
}

/// Counts the frames that end a commit: <https://www.sqlite.org/fileformat2.html#walformat>.
fn commits(log: &Path) -> usize {
    let bytes = std::fs::read(log).unwrap();
    let (header, frames) = bytes.split_at(32);
    let page = u32::from_be_bytes(header[8..12].try_into().unwrap()) as usize;
    let valid = |frame: &&[u8]| frame[8..16] == header[16..24];
    frames.chunks_exact(24 + page).take_while(valid).filter(|frame| frame[4..8] != [0; 4]).count()
}

pub fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
        Builder::new_current_thread().enable_all().build().unwrap(),
    ]
}

pub fn item(number: i64) -> impl sqliter::Draft<Model = Item> {
    Item::builder().number(number)
}

pub fn inserts(db: &Db, numbers: impl IntoIterator<Item = i64>) -> Vec<Work<'_, sqliter::Result<Item>>> {
    numbers.into_iter().map(|number| -> Work<'_, _> { Box::pin(db.insert(item(number))) }).collect()
}

/// All of them ask for the connection now, in their order, and none gets it.
pub async fn ask<T>(works: &mut [Work<'_, T>]) {
    poll_fn(|cx| {
        works.iter_mut().for_each(|work| assert!(work.as_mut().poll(cx).is_pending(), "somebody has the connection"));
        Poll::Ready(())
    })
    .await;
}

/// What all of them give, working at the same time.
pub async fn all<T>(mut works: Vec<Work<'_, T>>) -> Vec<T> {
    let mut given: Vec<Option<T>> = works.iter().map(|_| None).collect();
    poll_fn(|cx| {
        let mut left = false;
        for (work, given) in works.iter_mut().zip(&mut given).filter(|(_, given)| given.is_none()) {
            match work.as_mut().poll(cx) {
                Poll::Ready(value) => *given = Some(value),
                Poll::Pending => left = true,
            }
        }
        if left { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    given.into_iter().flatten().collect()
}
