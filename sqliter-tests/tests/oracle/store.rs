//! The rows of the oracle in a database, and back.

use sqliter::{Db, Result, Session};

use super::access::{Root, with_model};
use super::catalog::TABLES;
use super::schema::All;
use super::tree::Deleted;
use super::world::{Row, World};
use super::write::Deletion;

/// The time of all writes, in Unix seconds.
pub const NOW: u64 = 1_800_000_000;

pub async fn open(cache: bool) -> Result<Db> {
    let options = Db::options().clock(|| std::time::UNIX_EPOCH + std::time::Duration::from_secs(NOW));
    let options = if cache { options.cache(sqliter::CacheOptions::default()) } else { options };
    let db = options.open().await?;
    db.create_tables::<All>().await?;
    Ok(db)
}

/// Replaces all rows.
pub async fn fill(db: &Db, world: &World) -> Result<()> {
    db.transaction(async |tx| {
        tx.execute("DELETE FROM books_position").await?;
        tx.execute("DELETE FROM friends").await?;
        // References among the rows of a table would stand in the way.
        tx.execute("UPDATE t0 SET mentor_id = NULL").await?;
        for table in TABLES.into_iter().rev() {
            with_model!(table, M => M::deleting(M::which(tx, Deleted::Included), Deletion::ForGood).await?);
        }
        for table in TABLES {
            with_model!(table, M => insert::<M>(tx, world.rows(table)).await?);
        }
        for (book, tag) in &world.tags {
            let values = (number(book), number(tag));
            tx.execute("INSERT INTO books_position (books_pk, position_pk) VALUES (?, ?)")
                .bind(values.0)
                .bind(values.1)
                .await?;
        }
        for (a, b) in &world.friends {
            let values = (number(a), number(b));
            tx.execute("INSERT INTO friends (t0_pk_left, t0_pk_right) VALUES (?, ?)")
                .bind(values.0)
                .bind(values.1)
                .await?;
        }
        Ok(())
    })
    .await
}

async fn insert<M: Root>(session: &Session, rows: &[Row]) -> Result<()> {
    for row in rows {
        session.insert_with(M::draft(row), |columns| M::given(columns, row)).await?;
    }
    Ok(())
}

pub fn number(datum: &super::datum::Datum) -> i64 {
    match datum {
        super::datum::Datum::Int(number) => *number,
        other => panic!("{other:?} is no key of a pair"),
    }
}

/// All rows, in the order of their keys.
pub async fn read(session: &Session) -> Result<World> {
    let mut world = World::default();
    for table in TABLES {
        *world.rows_mut(table) = with_model!(table, M => rows::<M>(session).await?);
    }
    let pair = |(a, b): (i64, i64)| (super::datum::Datum::Int(a), super::datum::Datum::Int(b));
    let tags: Vec<(i64, i64)> = session.query("SELECT books_pk, position_pk FROM books_position").fetch_all().await?;
    world.tags = tags.into_iter().map(pair).collect();
    let friends: Vec<(i64, i64)> = session.query("SELECT t0_pk_left, t0_pk_right FROM friends").fetch_all().await?;
    world.friends = friends.into_iter().map(pair).collect();
    Ok(world.sorted())
}

async fn rows<M: Root>(session: &Session) -> Result<Vec<Row>> {
    Ok(M::which(session, Deleted::Included).fetch_all().await?.into_iter().map(M::into_row).collect())
}
