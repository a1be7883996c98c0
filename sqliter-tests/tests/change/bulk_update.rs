//! Many rows in hand at once: `bulk_update`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
    rating: Option<f64>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk, column = "iso")]
    code: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Only {
    pk: Key<Only>,
}

/// A database whose clock stands at the number of seconds.
async fn open() -> sqliter::Result<(Db, Arc<AtomicU64>)> {
    let seconds = Arc::new(AtomicU64::new(1000));
    let clock = Arc::clone(&seconds);
    let db =
        Db::options().clock(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed))).open().await?;
    db.create_tables::<(Author, Book, Country, Only)>().await?;
    Ok((db, seconds))
}

async fn authors(session: &Session, number: i64) -> sqliter::Result<Vec<Author>> {
    session.bulk_insert((0..number).map(|i| Author::builder().name(format!("author {i}")))).await
}

async fn stored(session: &Session) -> sqliter::Result<Vec<Author>> {
    session.select::<Author>().order(|a| a.pk.asc()).fetch_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_and_every_model_is_updated() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    let mut rows = authors(&db, 1_000).await?;
    let untouched = rows.split_off(900);
    for row in &mut rows {
        row.name.push('!');
        row.rating = Some(0.5);
        row.created_at = 5;
        row.updated_at = 6;
    }
    clock.store(2000, Ordering::Relaxed);
    db.bulk_update(&mut rows).await?;
    assert!(rows.iter().all(|row| (row.created_at, row.updated_at) == (5, 2000)));
    let all = stored(&db).await?;
    assert!(all[..900] == rows[..]);
    assert!(all[900..] == untouched[..]);
    Ok(())
}

#[tokio::test]
async fn a_slice_or_an_array_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    let mut rows = authors(&db, 4).await?;
    clock.store(2000, Ordering::Relaxed);
    rows.iter_mut().for_each(|row| row.rating = Some(1.0));
    db.bulk_update(&mut rows[1..3]).await?;
    let ratings = stored(&db).await?.iter().map(|row| row.rating).collect::<Vec<_>>();
    assert_eq!(ratings, [None, Some(1.0), Some(1.0), None]);
    assert_eq!(rows.iter().map(|row| row.updated_at).collect::<Vec<_>>(), [1000, 2000, 2000, 1000]);
    let mut pair = [rows.remove(0), rows.remove(2)];
    db.bulk_update(&mut pair).await?;
    assert!(stored(&db).await?.iter().all(|row| row.rating == Some(1.0) && row.updated_at == 2000));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_slice_runs_nothing_and_many_rows_are_one_statement() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let mut rows = authors(&db, 200).await?;
    let before = db.statement_count();
    db.bulk_update(&mut Vec::<Author>::new()).await?;
    db.bulk_update::<Author>(&mut []).await?;
    assert_eq!(db.statement_count(), before);
    db.bulk_update(&mut rows).await?;
    assert_eq!(db.statement_count(), before + 3, "BEGIN, one statement repeated, COMMIT");
    db.drop_table::<Book>().await?;
    db.drop_table::<Author>().await?;
    db.bulk_update(&mut rows[..0]).await?;
    let error = db.bulk_update(&mut rows).await.unwrap_err();
    assert!(matches!(&error, Error::RecordUpdate { table, .. } if table == "authors"), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_row_is_not_found_and_nothing_is_kept() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    for number in [1, 2, 100] {
        let mut rows = authors(&db, number).await?;
        let gone = rows.last().unwrap().pk;
        db.delete(gone).await?;
        let before = stored(&db).await?;
        rows.iter_mut().for_each(|row| row.rating = Some(1.0));
        clock.store(2000, Ordering::Relaxed);
        let held = rows.clone();
        let error = db.bulk_update(&mut rows).await.unwrap_err();
        let Error::RecordNotFound { table, key } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), key.clone()), ("authors", Some(gone.to_string())));
        assert_eq!(rows, held, "the models are as they were");
        assert_eq!(stored(&db).await?, before);
        db.select::<Author>().delete().await?;
        clock.store(1000, Ordering::Relaxed);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_violated_constraint_undoes_all_of_it() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    let mut rows = authors(&db, 10).await?;
    let before = rows.clone();
    clock.store(2000, Ordering::Relaxed);
    rows[8].name = "author 2".to_owned();
    let held = rows.clone();
    let error = db.bulk_update(&mut rows).await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (Operation::Update, "authors"));
    assert_eq!(columns, &["name"]);
    assert_eq!((rows.clone(), stored(&db).await?), (held, before.clone()));

    rows[8].name = "unique".to_owned();
    rows[9].rating = Some(f64::NAN);
    let statements = db.statement_count();
    let error = db.bulk_update(&mut rows).await.unwrap_err();
    assert!(matches!(&error, Error::Encode { table, column, .. } if table == "authors" && column == "rating"));
    assert_eq!(db.statement_count(), statements, "nothing ran");
    assert_eq!(stored(&db).await?, before);

    // The rows are written one after the other: names cannot be exchanged in one go.
    rows[9].rating = None;
    let (first, second) = (rows[0].name.clone(), rows[1].name.clone());
    (rows[0].name, rows[1].name) = (second, first);
    assert!(matches!(db.bulk_update(&mut rows).await, Err(Error::UniqueViolation { .. })));
    assert_eq!(stored(&db).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_references_are_named() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let owners = authors(&db, 2).await?;
    let new = (0..3).map(|i| Book::builder().title(i.to_string()).author_id(&owners[0]));
    let mut books = db.bulk_insert(new).await?;
    let before = books.clone();
    books[0].title = "changed".to_owned();
    books[1].editor_id = Some(Author::key(99));
    let error = db.bulk_update(&mut books).await.unwrap_err();
    let Error::ForeignKeyViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Update, "books", 787));
    assert_eq!(columns, &["editor_id"]);
    let error = db.update(&mut books[1]).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if columns == &["editor_id"]), "{error:?}");
    assert_eq!(db.select::<Book>().order(|b| b.pk.asc()).fetch_all().await?, before);
    books[1].editor_id = Some(owners[1].pk);
    books[2].author_id = owners[1].pk;
    db.bulk_update(&mut books).await?;
    assert_eq!(db.select::<Book>().order(|b| b.pk.asc()).fetch_all().await?, books);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn natural_keys_models_without_timestamps_and_nothing_but_a_key() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let new = ["FR", "DE", "IT"].map(|code| Country::builder().code(code).name("?"));
    let mut countries = db.bulk_insert(new).await?;
    for (country, name) in countries.iter_mut().zip(["France", "Germany", "Italy"]) {
        country.name = name.to_owned();
    }
    db.bulk_update(&mut countries).await?;
    let names = db.select::<Country>().order(|c| c.code.asc()).only(|c| c.name).fetch_all().await?;
    assert_eq!(names, ["Germany", "France", "Italy"]);
    db.delete(Country::key("IT")).await?;
    let error = db.bulk_update(&mut countries).await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { key: Some(key), .. } if key == "'IT'"), "{error:?}");

    let mut only = db.bulk_insert([Only::builder(), Only::builder()]).await?;
    db.bulk_update(&mut only).await?;
    db.delete(&only[0]).await?;
    let error = db.bulk_update(&mut only).await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { key: Some(key), .. } if key == "1"), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_a_transaction_it_is_a_savepoint() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    let mut rows = authors(&db, 3).await?;
    let before = rows.clone();
    clock.store(2000, Ordering::Relaxed);
    rows.iter_mut().for_each(|row| row.rating = Some(2.0));
    let tx = db.begin().await?;
    tx.bulk_update(&mut rows).await?;
    assert_eq!(stored(&tx).await?, rows);
    tx.rollback().await?;
    assert_eq!(stored(&db).await?, before);

    let mut rows = before.clone();
    db.transaction(async |tx| {
        let mut doubled = before.clone();
        doubled[0].rating = Some(7.0);
        doubled[2].name = before[1].name.clone();
        assert!(tx.bulk_update(&mut doubled).await.is_err());
        assert_eq!(stored(tx).await?, before);
        rows[1].rating = Some(3.0);
        tx.bulk_update(&mut rows).await
    })
    .await?;
    assert_eq!(stored(&db).await?, rows);
    assert_eq!(rows[1].rating, Some(3.0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_models_of_one_row_the_later_stays() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let row = authors(&db, 1).await?.remove(0);
    let mut twice = [Author { rating: Some(1.0), ..row.clone() }, Author { rating: Some(2.0), ..row }];
    db.bulk_update(&mut twice).await?;
    assert_eq!(stored(&db).await?, twice[1..]);
    Ok(())
}
