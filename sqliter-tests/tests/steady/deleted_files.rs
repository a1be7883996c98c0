//! A file that is deleted, or replaced, while it is open: what is read and what is written never goes to different files.

use std::path::Path;

use sqliter::prelude::*;
use sqliter::{CacheOptions, Error};

use crate::load;
use crate::together::{Item, item};

async fn with_one_row(path: &Path, cached: bool) -> Db {
    let options = Db::options().path(path);
    let options = if cached { options.cache(CacheOptions::default()) } else { options };
    let db = options.open().await.unwrap();
    db.create_table::<Item>().await.unwrap();
    db.insert(item(1)).await.unwrap();
    db
}

fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
}

fn assert_told<T: std::fmt::Debug>(result: sqliter::Result<T>) {
    let Err(Error::Connection { reason, .. }) = result else { panic!("{result:?}") };
    assert!(reason.starts_with("the file was deleted or replaced while it was open: close the database"), "{reason}");
}

#[tokio::test]
async fn no_connection_opens_another_file_than_the_first_one() {
    for cached in [false, true] {
        for replaced in [false, true] {
            let folder = load::folder();
            let (path, other) = (folder.path().join("a.db"), folder.path().join("b.db"));
            let db = with_one_row(&path, cached).await;
            if replaced {
                let new = with_one_row(&other, false).await;
                new.insert(item(3)).await.unwrap();
                new.close().await.unwrap();
                std::fs::rename(&other, &path).unwrap();
            } else {
                remove(&path);
            }
            let content = std::fs::read(&path).ok();
            // The first reads and streams, on connections that have to be opened.
            assert_told(db.select::<Item>().count().await);
            assert_told(db.get(Item::key(1)).await);
            assert_told(db.select::<Item>().fetch_stream().next().await.unwrap());
            assert_told(db.begin_read().await.map(drop));
            // SQLite would take the log of the old file for that of the new one, and move it there.
            assert_eq!(std::fs::read(&path).ok(), content, "nothing was made or written");
            // Closed, and without what is left of the old file, it is opened anew.
            db.close().await.unwrap();
            for ending in ["-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
            }
            if replaced {
                assert_eq!(db.select::<Item>().count().await.unwrap(), 2, "the rows of the new file");
            } else {
                db.create_table::<Item>().await.unwrap();
                assert_eq!(db.select::<Item>().count().await.unwrap(), 0);
            }
            db.insert(item(2)).await.unwrap();
            db.close().await.unwrap();
        }
    }
}

/// Where it lies does not matter: by a link it is the same file.
#[tokio::test]
async fn a_file_that_was_only_renamed_away_and_back_is_the_same() {
    let folder = load::folder();
    let (path, other) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let db = with_one_row(&path, false).await;
    std::fs::rename(&path, &other).unwrap();
    assert_told(db.select::<Item>().count().await);
    std::fs::rename(&other, &path).unwrap();
    assert_eq!(db.select::<Item>().count().await.unwrap(), 1);
    db.close().await.unwrap();
}
