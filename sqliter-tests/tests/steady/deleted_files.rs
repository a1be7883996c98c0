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
                with_one_row(&other, false).await.close().await.unwrap();
                std::fs::rename(&other, &path).unwrap();
            } else {
                remove(&path);
            }
            let size = std::fs::metadata(&path).ok().map(|file| file.len());
            // The first reads and streams, on connections that have to be opened.
            assert_told(db.select::<Item>().count().await);
            assert_told(db.get(Item::key(1)).await);
            assert_told(db.select::<Item>().fetch_stream().next().await.unwrap());
            assert_told(db.begin_read().await.map(drop));
            let pool = db.pool();
            let refused = sqlx::query("SELECT 1").execute(&pool).await.unwrap_err().to_string();
            assert!(replaced == refused.contains("deleted or replaced"), "{refused}");
            assert_eq!(std::fs::metadata(&path).ok().map(|file| file.len()), size, "nothing was made or written");
            // Closed, it is opened anew.
            db.close().await.unwrap();
            if replaced {
                assert_eq!(db.select::<Item>().count().await.unwrap(), 1);
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
