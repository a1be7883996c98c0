//! Inserts with a key and timestamps of the caller's own: `insert_with`, `bulk_insert_with`.

use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use sqliter::bounds::ColumnValue;
use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
    #[model(unique)]
    email: String,
    rating: Option<f64>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    title: String,
    #[model(default = 100)]
    pages: i64,
    pk: Key<Book>,
    author_id: Key<Author>,
    #[model(column = "editor")]
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

#[derive(Debug, Clone, PartialEq, Model)]
struct Stamped {
    pk: Key<Stamped>,
    #[model(created_at)]
    born: Unix<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::options().clock(|| UNIX_EPOCH + Duration::from_secs(1000)).open().await?;
    db.create_tables::<(Author, Book, Country, Only, Stamped)>().await?;
    Ok(db)
}

fn author(email: &str) -> impl Draft<Model = Author> + use<> {
    Author::builder().name("x").email(email)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_key_is_stored_and_the_next_exceeds_the_largest_ever_used() -> sqliter::Result<()> {
    let db = open().await?;
    let seventh = db.insert_with(author("7"), |a| a.pk.given(Author::key(7))).await?;
    assert_eq!((seventh.pk, seventh.email.as_str(), seventh.created_at), (Author::key(7), "7", 1000));
    assert_eq!(db.get(Author::key(7)).await?, Some(seventh));
    assert_eq!(db.insert(author("8")).await?.pk, Author::key(8));
    for key in [-5, 0, 3, i64::MIN] {
        let row = db.insert_with(author(&key.to_string()), |a| a.pk.given(Author::key(key))).await?;
        assert_eq!((row.pk, db.get(Author::key(key)).await?), (Author::key(key), Some(row)));
    }
    assert_eq!(db.insert(author("9")).await?.pk, Author::key(9));
    let large = db.insert_with(author("large"), |a| a.pk.given(Author::key(1_000))).await?;
    db.delete(&large).await?;
    assert_eq!(db.insert(author("next")).await?.pk, Author::key(1_001));
    assert_eq!(db.insert_with(author("not given"), |_| ()).await?.pk, Author::key(1_002));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_is_refused_and_nothing_is_changed() -> sqliter::Result<()> {
    let db = open().await?;
    let first = db.insert(author("1")).await?;
    let error = db.insert_with(author("2"), |a| a.pk.given(first.pk)).await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Insert, "authors", 1555));
    assert_eq!(columns, &["pk"]);
    let error = db.insert_with(author("1"), |a| a.pk.given(Author::key(9))).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if columns == &["email"]), "{error:?}");
    assert_eq!(db.select::<Author>().fetch_all().await?, [first]);
    assert_eq!(db.insert(author("2")).await?.pk, Author::key(2), "the refused key 9 was never used");
    Ok(())
}

#[tokio::test]
async fn each_timestamp_is_given_or_set_by_itself_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = open().await?;
    let stamps = |row: &Author| (row.created_at, row.updated_at);
    let created = db.insert_with(author("1"), |a| a.created_at.given(5)).await?;
    assert_eq!(stamps(&created), (5, 1000));
    let updated = db.insert_with(author("2"), |a| a.updated_at.given(-6)).await?;
    assert_eq!(stamps(&updated), (1000, -6));
    let both = db.insert_with(author("3"), |a| (a.updated_at.given(8), a.created_at.given(0))).await?;
    assert_eq!(stamps(&both), (0, 8));
    let neither = db.insert_with(author("4"), |a| a.name.given("Eve")).await?;
    assert_eq!(stamps(&neither), (1000, 1000));
    assert_eq!(db.select::<Author>().order(|a| a.pk.asc()).fetch_all().await?, [created, updated, both, neither]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_timestamps_are_given_as_their_type() -> sqliter::Result<()> {
    let db = open().await?;
    let then: DateTime<Utc> = "2001-02-03T04:05:06.789Z".parse().unwrap();
    let row = db.insert_with(Stamped::builder(), |s| (s.born.given(Unix(then)), s.updated_at.given(then))).await?;
    assert_eq!(row.born.timestamp(), then.timestamp());
    assert_eq!(row.updated_at, then);
    // What the database has: whole seconds.
    assert_eq!(row.born.timestamp_subsec_millis(), 0);
    assert_eq!(db.get(row.pk).await?, Some(row));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_timestamp_stands_in_for_a_clock_that_the_column_cannot_hold() -> sqliter::Result<()> {
    let db = Db::options().clock(|| UNIX_EPOCH + Duration::from_secs(253_402_300_800)).open().await?;
    db.create_table::<Stamped>().await?;
    let then: DateTime<Utc> = "2001-02-03T04:05:06Z".parse().unwrap();
    assert!(matches!(db.insert_with(Stamped::builder(), |_| ()).await, Err(Error::Encode { .. })));
    let row = db.insert_with(Stamped::builder(), |s| (s.born.given(Unix(then)), s.updated_at.given(then))).await?;
    assert_eq!((row.born, row.updated_at), (Unix(then), then));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_column_of_the_model_can_be_given_and_overrides_the_draft() -> sqliter::Result<()> {
    let db = open().await?;
    let draft = Author::builder().name("draft").email("draft").rating(f64::NAN);
    let ada = db
        .insert_with(draft, |a| (a.name.given("Ada"), a.email.given("ada".to_owned()), a.rating.given(Some(4.5))))
        .await?;
    assert_eq!((ada.name.as_str(), ada.email.as_str(), ada.rating), ("Ada", "ada", Some(4.5)));
    let eve = db.insert_with(Author::builder().name("Eve").email("eve").rating(1.0), |a| a.rating.given(None)).await?;
    assert_eq!(eve.rating, None);
    let book = db
        .insert_with(Book::builder().title("x").author_id(&ada), |b| {
            (b.pk.given(Book::key(70)), b.pages.given(7), b.author_id.given(&eve), b.editor_id.given(ada.pk))
        })
        .await?;
    let expected =
        Book { title: "x".to_owned(), pages: 7, pk: Book::key(70), author_id: eve.pk, editor_id: Some(ada.pk) };
    assert_eq!(book, expected);
    assert_eq!(db.select::<Book>().fetch_all().await?, [expected]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_can_be_chosen_at_run_time_and_the_last_counts() -> sqliter::Result<()> {
    let db = open().await?;
    let (key, stamp): (Option<i64>, Option<i64>) = (Some(40), None);
    let row = db
        .insert_with(author("1"), |a| {
            let mut given: Vec<ColumnValue<Author>> = Vec::new();
            given.extend(key.map(|key| a.pk.given(Author::key(key))));
            given.extend(stamp.map(|stamp| a.created_at.given(stamp)));
            given
        })
        .await?;
    assert_eq!((row.pk, row.created_at), (Author::key(40), 1000));
    let row = db
        .insert_with(author("2"), |a| {
            (a.pk.given(Author::key(1)), a.name.given("a"), (a.pk.given(Author::key(2)), a.name.given("b")))
        })
        .await?;
    assert_eq!((row.pk, row.name.as_str()), (Author::key(2), "b"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn natural_keys_and_models_without_timestamps() -> sqliter::Result<()> {
    let db = open().await?;
    let france = db.insert_with(Country::builder().code("XX").name("France"), |c| c.code.given("FR")).await?;
    assert_eq!(france, Country { code: "FR".to_owned(), name: "France".to_owned() });
    assert_eq!(db.select::<Country>().fetch_all().await?, [france]);
    let error = db.insert_with(Country::builder().code("DE").name("x"), |c| c.code.given("FR")).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if columns == &["iso"]), "{error:?}");
    assert_eq!(db.insert_with(Only::builder(), |_| ()).await?.pk, Only::key(1));
    assert_eq!(db.insert_with(Only::builder(), |o| o.pk.given(Only::key(9))).await?.pk, Only::key(9));
    assert_eq!(db.insert(Only::builder()).await?.pk, Only::key(10));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_those_of_an_insert() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = db.insert(author("1")).await?;
    let book = || Book::builder().title("x").author_id(&ada);
    let error = db.insert_with(book(), |b| b.editor_id.given(Author::key(99))).await.unwrap_err();
    let Error::ForeignKeyViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Insert, "books", 787));
    assert_eq!(columns, &["editor"]);
    let before = db.statement_count();
    let error = db.insert_with(author("2"), |a| a.rating.given(f64::NAN)).await.unwrap_err();
    assert!(matches!(&error, Error::Encode { table, column, .. } if table == "authors" && column == "rating"));
    assert_eq!(db.statement_count(), before, "nothing ran");
    db.execute("CREATE TRIGGER few BEFORE INSERT ON books BEGIN SELECT RAISE(ABORT, 'no more books'); END").await?;
    let error = db.insert_with(book(), |b| b.pages.given(1)).await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { constraint, .. } if constraint == "no more books"), "{error:?}");
    assert_eq!(db.select::<Book>().count().await?, 0);
    db.drop_table::<Book>().await?;
    let error = db.insert_with(book(), |b| b.pages.given(1)).await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { table, .. } if table == "books"), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_a_trigger_leaves_out_is_not_inserted() -> sqliter::Result<()> {
    let db = open().await?;
    db.execute("CREATE TRIGGER none BEFORE INSERT ON countries BEGIN SELECT RAISE(IGNORE); END").await?;
    let error = db.insert_with(Country::builder().code("FR").name("x"), |_| ()).await.unwrap_err();
    assert!(matches!(&error, Error::Ignored { table, .. } if table == "countries"), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_is_what_the_database_has_or_nothing_is_kept() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    // The table of another program, which makes numbers of what looks like one.
    db.execute("CREATE TABLE countries (iso TEXT PRIMARY KEY, name NUMERIC)").await?;
    let error = db.insert_with(Country::builder().code("FR").name("33"), |_| ()).await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, .. } if column == "name"), "{error:?}");
    assert_eq!(db.select::<Country>().count().await?, 0);
    db.transaction(async |tx| {
        tx.insert_with(Country::builder().code("DE").name("Germany"), |_| ()).await?;
        assert!(tx.insert_with(Country::builder().code("FR").name("33"), |_| ()).await.is_err());
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(db.select::<Country>().only(|c| c.code).fetch_all().await?, ["DE"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_a_transaction_the_commit_is_left_to_it() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    let row = tx.insert_with(author("1"), |a| a.pk.given(Author::key(50))).await?;
    assert_eq!(tx.get(row.pk).await?, Some(row));
    tx.rollback().await?;
    assert_eq!(db.select::<Author>().count().await?, 0);
    assert_eq!(db.insert(author("1")).await?.pk, Author::key(1));
    db.transaction(async |tx| {
        tx.insert_with(author("2"), |a| a.pk.given(Author::key(60))).await?;
        assert!(tx.insert_with(author("2"), |a| a.pk.given(Author::key(61))).await.is_err());
        tx.insert_with(author("3"), |a| a.created_at.given(3)).await
    })
    .await?;
    let keys = db.select::<Author>().order(|a| a.pk.asc()).only(|a| a.pk).fetch_all().await?;
    assert_eq!(keys, [1, 60, 61].map(Author::key));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_keys_and_timestamps_of_its_own() -> sqliter::Result<()> {
    let db = open().await?;
    let saved = (0..1_000_i64).map(|i| (author(&i.to_string()), (1_000 - i, 5 * i)));
    let rows = db
        .bulk_insert_with(saved, |a, (key, created)| (a.pk.given(Author::key(key)), a.created_at.given(created)))
        .await?;
    assert_eq!(rows.len(), 1_000);
    for (i, row) in (0_i64..).zip(&rows) {
        let expected = (Author::key(1_000 - i), i.to_string(), 5 * i, 1000);
        assert_eq!((row.pk, row.email.clone(), row.created_at, row.updated_at), expected);
    }
    let stored = db.select::<Author>().order(|a| a.pk.desc()).fetch_all().await?;
    assert_eq!(stored, rows);
    assert_eq!(db.insert(author("next")).await?.pk, Author::key(1_001));

    // Rows may differ in what they are given.
    let mixed = [Some(2_000), None, Some(1_500)].into_iter().zip(["x", "y", "z"]).map(|(key, e)| (author(e), key));
    let rows = db
        .bulk_insert_with(mixed, |a, key: Option<i64>| {
            key.map(|key| a.pk.given(Author::key(key))).into_iter().collect::<Vec<_>>()
        })
        .await?;
    assert_eq!(rows.iter().map(|row| row.pk).collect::<Vec<_>>(), [2_000, 2_001, 1_500].map(Author::key));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_given_keys_is_all_or_nothing() -> sqliter::Result<()> {
    let db = open().await?;
    let first = db.insert(author("1")).await?;
    let batch = |keys: [i64; 3]| keys.map(|key| (author(&format!("e{key}")), Author::key(key)));
    let error = db.bulk_insert_with(batch([5, 6, 1]), |a, key| a.pk.given(key)).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if columns == &["pk"]), "{error:?}");
    assert_eq!(db.select::<Author>().fetch_all().await?, std::slice::from_ref(&first));
    db.transaction(async |tx| {
        assert!(tx.bulk_insert_with(batch([5, 6, 1]), |a, key| a.pk.given(key)).await.is_err());
        assert_eq!(tx.select::<Author>().count().await?, 1);
        tx.bulk_insert_with(batch([5, 6, 7]), |a, key| a.pk.given(key)).await
    })
    .await?;
    assert_eq!(db.select::<Author>().count().await?, 4);
    let none: [(NewAuthor, i64); 0] = [];
    let before = db.statement_count();
    assert_eq!(db.bulk_insert_with(none, |_, _| ()).await?, []);
    assert_eq!(db.statement_count(), before, "an empty batch runs nothing");
    Ok(())
}
