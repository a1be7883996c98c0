//! One row at a time: insert, get, update, delete.

use sqliter::prelude::*;
use sqliter::{Error, Operation, SqliteError};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(new(derive(Debug, Clone, PartialEq)))]
struct Author {
    pk: Key<Author>,
    name: String,
    #[model(unique)]
    email: String,
    born: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(default = 100)]
    pages: i64,
    author_id: Key<Author>,
    #[model(on_delete = set_null)]
    editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Only {
    pk: Key<Only>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Missing {
    pk: Key<Missing>,
    name: String,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book, Only)>().await?;
    Ok(db)
}

fn ada() -> impl Draft<Model = Author> {
    Author::builder().name("Ada").email("ada@example.org")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_gives_the_row_back_with_its_key() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = db.insert(ada()).await?;
    let expected =
        Author { pk: Author::key(1), name: "Ada".to_owned(), email: "ada@example.org".to_owned(), born: None };
    assert_eq!(ada, expected);
    assert_eq!(db.get(ada.pk).await?.as_ref(), Some(&expected));
    assert_eq!(db.get(&ada).await?.as_ref(), Some(&expected));
    assert_eq!(db.get(Author::key(1)).await?, Some(expected));
    assert_eq!(db.get(Author::key(2)).await?, None);
    assert_eq!(db.get(Author::key(-1)).await?, None);
    assert_eq!(db.get(Author::key(i64::MIN)).await?, None);
    Ok(())
}

#[tokio::test]
async fn the_life_of_a_row_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = open().await?;
    let mut ada = db.insert(ada()).await?;
    assert_eq!(db.get(ada.pk).await?.as_ref(), Some(&ada));
    ada.name = "Ada Lovelace".to_owned();
    ada.born = Some(1815);
    let () = db.update(&mut ada).await?;
    assert_eq!(db.get(ada.pk).await?.as_ref(), Some(&ada));
    let () = db.delete(ada.pk).await?;
    assert_eq!(db.get(ada.pk).await?, None);
    assert!(matches!(db.delete(ada.pk).await, Err(Error::RecordNotFound { .. })));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_struct_written_out_inserts_like_its_builder() -> sqliter::Result<()> {
    let db = open().await?;
    let new = NewAuthor { name: "Ada".to_owned(), email: "a@x".to_owned(), born: Some(1815) };
    let built = Author::builder().name("Ada").email("a@x").born(1815).build();
    assert_eq!(new, built);
    let ada = db.insert(new).await?;
    assert_eq!(ada.born, Some(1815));
    assert_eq!(db.get(ada.pk).await?, Some(ada));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_fills_in_what_is_left_out() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = db.insert(ada()).await?;
    let book = db.insert(Book::builder().title("Notes").author_id(&ada)).await?;
    assert_eq!((book.pages, book.author_id, book.editor_id), (100, ada.pk, None));
    let long = db.insert(Book::builder().title("Long").pages(900).author_id(ada.pk).editor_id(&ada)).await?;
    assert_eq!((long.pages, long.editor_id), (900, Some(ada.pk)));
    assert_eq!(db.get(long.pk).await?, Some(long));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_key_exceeds_the_largest_ever_used() -> sqliter::Result<()> {
    let db = open().await?;
    let key = async |email: &str| db.insert(Author::builder().name("x").email(email)).await.map(|a| *a.pk.raw());
    assert_eq!((key("1").await?, key("2").await?), (1, 2));
    db.delete(Author::key(2)).await?;
    assert_eq!(key("3").await?, 3);
    db.execute("INSERT INTO authors (pk, name, email) VALUES (1000, 'raw', 'raw')").await?;
    assert_eq!(key("4").await?, 1001);
    db.execute("INSERT INTO authors (pk, name, email) VALUES (-5, 'raw', 'negative')").await?;
    assert_eq!(db.get(Author::key(-5)).await?.unwrap().email, "negative");
    db.select::<Author>().delete().await?;
    assert_eq!(key("5").await?, 1002);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_nothing_but_its_key() -> sqliter::Result<()> {
    let db = open().await?;
    let mut first = db.insert(Only::builder()).await?;
    let rest = db.bulk_insert([Only::builder(), Only::builder()]).await?;
    assert_eq!((first.pk, rest[1].pk), (Only::key(1), Only::key(3)));
    db.update(&mut first).await?;
    db.delete(&first).await?;
    assert!(matches!(db.update(&mut first).await, Err(Error::RecordNotFound { .. })));
    assert_eq!(db.select::<Only>().fetch_all().await?, rest);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_bound_never_spliced() -> sqliter::Result<()> {
    let db = open().await?;
    let nasty = "'); DROP TABLE authors; --\" ? :a @b $c";
    let mut row = db.insert(Author::builder().name(nasty).email(nasty)).await?;
    assert_eq!(db.select::<Author>().filter(|a| a.name.eq(nasty)).fetch_all().await?, [row.clone()]);
    row.name.push_str(nasty);
    db.update(&mut row).await?;
    assert_eq!(db.get(row.pk).await?, Some(row));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_writes_every_column_of_its_row_only() -> sqliter::Result<()> {
    let db = open().await?;
    let mut ada = db.insert(ada()).await?;
    let other = db.insert(Author::builder().name("B").email("b@x").born(1)).await?;
    ada.name = "Lovelace".to_owned();
    ada.email = "l@x".to_owned();
    ada.born = Some(1815);
    db.update(&mut ada).await?;
    assert_eq!(db.get(ada.pk).await?.as_ref(), Some(&ada));
    ada.born = None;
    db.update(&mut ada).await?;
    assert_eq!(db.get(ada.pk).await?.unwrap().born, None);
    assert_eq!(db.get(other.pk).await?, Some(other));
    // The whole row is written: what another writer did meanwhile is overwritten.
    db.execute("UPDATE authors SET name = 'elsewhere'").await?;
    db.update(&mut ada).await?;
    assert_eq!(db.get(ada.pk).await?.unwrap().name, "Lovelace");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn update_of_a_missing_row_is_not_found() -> sqliter::Result<()> {
    let db = open().await?;
    let mut ada = db.insert(ada()).await?;
    db.delete(&ada).await?;
    assert_eq!(ada.pk, Author::key(1));
    let error = db.update(&mut ada).await.unwrap_err();
    let Error::RecordNotFound { table, key } = &error else { panic!("{error:?}") };
    assert_eq!((table.as_str(), key.as_deref()), ("authors", Some("1")));
    assert_eq!(error.to_string(), "no such row in authors: key 1");
    ada.pk = Author::key(0);
    assert_eq!(db.update(&mut ada).await.unwrap_err().to_string(), "no such row in authors: key 0");
    assert_eq!(db.select::<Author>().count().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_takes_a_key_or_the_row_and_a_missing_row_is_not_found() -> sqliter::Result<()> {
    let db = open().await?;
    let rows = db.bulk_insert((0..3).map(|i| Author::builder().name("x").email(i.to_string()))).await?;
    db.delete(rows[0].pk).await?;
    db.delete(&rows[1]).await?;
    assert_eq!(db.select::<Author>().fetch_all().await?, rows[2..]);
    for error in [db.delete(rows[0].pk).await.unwrap_err(), db.delete(&rows[0]).await.unwrap_err()] {
        assert!(matches!(&error, Error::RecordNotFound { table, key: Some(key) } if table == "authors" && key == "1"));
    }
    assert_eq!(db.select::<Author>().count().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_parent_is_kept_and_its_referrers_are_named() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = db.insert(ada()).await?;
    let book = db.insert(Book::builder().title("x").author_id(&ada)).await?;
    let error = db.delete(ada.pk).await.unwrap_err();
    let Error::ForeignKeyViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (Operation::Delete, "authors"));
    assert_eq!(columns, &["books.author_id"]);
    assert!(db.get(&ada).await?.is_some());
    db.delete(&book).await?;
    db.delete(&ada).await?;
    assert_eq!(db.select::<Author>().count().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_reference_becomes_null() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = db.insert(ada()).await?;
    let editor = db.insert(Author::builder().name("E").email("e@x")).await?;
    let book = db.insert(Book::builder().title("x").author_id(&ada).editor_id(&editor)).await?;
    db.delete(&editor).await?;
    assert_eq!(db.get(book.pk).await?, Some(Book { editor_id: None, ..book }));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_is_the_error_of_the_operation() -> sqliter::Result<()> {
    let db = open().await?;
    let key = Missing::key(1);
    let mut row = Missing { pk: key, name: "x".to_owned() };
    let new = || Missing::builder().name("x");
    let all = || db.select::<Missing>();
    let insertions =
        [db.insert(new()).await.map(|_| ()).unwrap_err(), db.bulk_insert([new()]).await.map(|_| ()).unwrap_err()];
    let fetches = [
        db.get(key).await.map(|_| ()).unwrap_err(),
        all().fetch_all().await.map(|_| ()).unwrap_err(),
        all().fetch_one().await.map(|_| ()).unwrap_err(),
        all().fetch_required().await.map(|_| ()).unwrap_err(),
        all().count().await.map(|_| ()).unwrap_err(),
        all().exists().await.map(|_| ()).unwrap_err(),
        all().only(|m| m.name).fetch_all().await.map(|_| ()).unwrap_err(),
        all().fetch_dicts().await.map(|_| ()).unwrap_err(),
    ];
    let updates = [db.update(&mut row).await.unwrap_err(), all().update(|m| m.name.set("y")).await.unwrap_err()];
    let deletions = [db.delete(key).await.unwrap_err(), all().delete().await.unwrap_err()];

    let is_missing = |table: &str, source: &SqliteError| {
        assert_eq!((table, source.code, source.message.as_str()), ("missings", 1, "no such table: missings"));
    };
    for error in insertions {
        let Error::RecordInsertion { table, source } = &error else { panic!("{error:?}") };
        is_missing(table, source);
        assert!(error.to_string().starts_with("cannot insert into missings: "), "{error}");
    }
    for error in fetches {
        let Error::RecordFetch { table, source } = &error else { panic!("{error:?}") };
        is_missing(table, source);
        assert!(error.to_string().starts_with("cannot read from missings: "), "{error}");
    }
    for error in updates {
        let Error::RecordUpdate { table, source } = &error else { panic!("{error:?}") };
        is_missing(table, source);
        assert!(error.to_string().starts_with("cannot update missings: "), "{error}");
    }
    for error in deletions {
        let Error::RecordDeletion { table, source } = &error else { panic!("{error:?}") };
        is_missing(table, source);
        assert!(error.to_string().starts_with("cannot delete from missings: "), "{error}");
    }
    assert_eq!(row.name, "x");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_write_leaves_nothing_behind_and_the_database_usable() -> sqliter::Result<()> {
    let db = open().await?;
    let first = db.insert(ada()).await?;
    assert!(matches!(db.insert(ada()).await, Err(Error::UniqueViolation { .. })));
    assert!(!db.in_transaction());
    assert_eq!(db.select::<Author>().fetch_all().await?, std::slice::from_ref(&first));
    let mut second = db.insert(Author::builder().name("B").email("b@x")).await?;
    second.email.clone_from(&first.email);
    assert!(matches!(db.update(&mut second).await, Err(Error::UniqueViolation { .. })));
    assert_eq!(db.get(second.pk).await?.unwrap().email, "b@x");
    second.email = "c@x".to_owned();
    db.update(&mut second).await?;
    assert_eq!(db.select::<Author>().count().await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_insert_and_read_at_once() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for db in [Db::memory().await?, Db::open(folder.path().join("many.db")).await?] {
        db.create_table::<Author>().await?;
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let db = db.clone();
                tokio::spawn(async move {
                    for i in 0..25 {
                        let row = db.insert(Author::builder().name("x").email(format!("{task}-{i}"))).await?;
                        assert_eq!(db.get(row.pk).await?, Some(row));
                    }
                    Ok::<_, Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap()?;
        }
        let mut keys = db.select::<Author>().only(|a| a.pk).fetch_all().await?;
        keys.sort();
        assert_eq!(keys, (1..=200).map(Author::key).collect::<Vec<_>>());
        db.close().await?;
    }
    Ok(())
}
