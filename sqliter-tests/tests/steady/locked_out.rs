//! Writers that wait for the lock of another program.

use crate::together::{Item, Place, Work, ask, inserts};

/// Another program that has the lock, and inserts that come together: they get the connection, and wait for the lock.
pub async fn behind_a_lock(
    place: &Place,
    numbers: impl IntoIterator<Item = i64>,
) -> (rusqlite::Connection, Vec<Work<'_, sqliter::Result<Item>>>) {
    let other = rusqlite::Connection::open(place.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut first = inserts(&place.db, [0]);
    ask(&mut first).await;
    let mut works = inserts(&place.db, numbers);
    ask(&mut works).await;
    drop(first);
    (other, works)
}
