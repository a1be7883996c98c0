//! Update and delete by query.

use sqliter::bounds::Assignment;
use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(title, author_id))]
struct Book {
    pk: Key<Book>,
    title: String,
    subtitle: Option<String>,
    pages: i64,
    rating: Option<f64>,
    sold: Option<i64>,
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
    updated_at: i64,
}

/// Six books of two authors, with 100 to 600 pages.
async fn library() -> sqliter::Result<Db> {
    let db = Db::options().clock(|| std::time::UNIX_EPOCH + std::time::Duration::from_secs(1000)).open().await?;
    db.create_tables::<(Author, Book)>().await?;
    let authors = db.bulk_insert(["A", "B"].map(|name| Author::builder().name(name))).await?;
    let books = (1..=6_i64).map(|i| {
        Book::builder().title(format!("Book {i}")).pages(i * 100).author_id(&authors[if i <= 3 { 0 } else { 1 }])
    });
    db.bulk_insert(books).await?;
    db.execute("UPDATE books SET updated_at = 1").await?;
    Ok(db)
}

async fn all(session: &Session) -> sqliter::Result<Vec<Book>> {
    session.select::<Book>().order(|b| b.pk.asc()).fetch_all().await
}

async fn pages(session: &Session) -> sqliter::Result<Vec<i64>> {
    session.select::<Book>().order(|b| b.pk.asc()).only(|b| b.pages).fetch_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_changed_rows_is_returned() -> sqliter::Result<()> {
    let db = library().await?;
    let before = all(&db).await?;
    let changed = db.select::<Book>().filter(|b| b.pages.gt(400)).update(|b| b.title.set("long")).await;
    assert!(matches!(changed, Err(Error::UniqueViolation { .. })), "two books of one author get one title");
    assert_eq!(db.select::<Book>().filter(|b| b.pages.gt(400)).update(|b| b.sold.set(7)).await?, 2);
    let after = all(&db).await?;
    assert_eq!(after[..4], before[..4]);
    for (after, before) in after.iter().zip(&before).skip(4) {
        assert_eq!(*after, Book { sold: Some(7), updated_at: 1000, ..before.clone() });
    }
    assert_eq!(db.select::<Book>().filter(|b| b.pages.gt(9000)).update(|b| b.sold.set(8)).await?, 0);
    assert_eq!(db.select::<Book>().update(|b| b.sold.set(9)).await?, 6);
    // A row counts even if it has the value already.
    assert_eq!(db.select::<Book>().update(|b| b.sold.set(9)).await?, 6);
    Ok(())
}

#[tokio::test]
async fn updates_and_deletes_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = library().await?;
    assert_eq!(db.select::<Book>().filter(|b| b.pages.le(300)).update(|b| b.pages.mul(10)).await?, 3);
    assert_eq!(pages(&db).await?, [1000, 2000, 3000, 400, 500, 600]);
    assert_eq!(db.select::<Book>().filter(|b| b.pages.ge(1000)).delete().await?, 3);
    assert_eq!(pages(&db).await?, [400, 500, 600]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_assignment_set_changes_nothing_and_runs_nothing() -> sqliter::Result<()> {
    let db = library().await?;
    let before = all(&db).await?;
    assert_eq!(db.select::<Book>().update(|_| ()).await?, 0);
    assert_eq!(db.select::<Book>().update(|_| Vec::<Assignment<Book>>::new()).await?, 0);
    assert_eq!(all(&db).await?, before);
    db.drop_table::<Book>().await?;
    assert_eq!(db.select::<Book>().update(|_| ()).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn assignments_can_be_chosen_at_run_time() -> sqliter::Result<()> {
    let db = library().await?;
    let (title, sold): (Option<&str>, Option<i64>) = (None, Some(3));
    let changed = db
        .select::<Book>()
        .filter(|b| b.pk.eq(Book::key(1)))
        .update(|b| {
            let mut sets = Vec::new();
            sets.extend(title.map(|title| b.title.set(title)));
            sets.extend(sold.map(|sold| b.sold.set(sold)));
            sets
        })
        .await?;
    assert_eq!(changed, 1);
    let book = db.get(Book::key(1)).await?.unwrap();
    assert_eq!((book.title.as_str(), book.sold), ("Book 1", Some(3)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn limit_offset_and_order_choose_the_rows() -> sqliter::Result<()> {
    let db = library().await?;
    let books = || db.select::<Book>();
    assert_eq!(books().order(|b| b.pages.desc()).limit(2).update(|b| b.sold.set(1)).await?, 2);
    assert_eq!(books().order(|b| b.pages.asc()).offset(1).limit(2).update(|b| b.sold.set(2)).await?, 2);
    let sold = books().order(|b| b.pk.asc()).only(|b| b.sold).fetch_all().await?;
    assert_eq!(sold, [None, Some(2), Some(2), None, Some(1), Some(1)]);
    assert_eq!(books().limit(0).update(|b| b.sold.set(3)).await?, 0);
    assert_eq!(books().offset(6).update(|b| b.sold.set(3)).await?, 0);
    assert_eq!(books().filter(|b| b.pages.gt(200)).offset(3).update(|b| b.sold.set(4)).await?, 1);
    assert_eq!(db.get(Book::key(6)).await?.unwrap().sold, Some(4));
    // Without an order, the order of the key.
    assert_eq!(books().limit(1).update(|b| b.sold.set(5)).await?, 1);
    assert_eq!(db.get(Book::key(1)).await?.unwrap().sold, Some(5));

    assert_eq!(books().order(|b| b.pages.desc()).offset(1).limit(2).delete().await?, 2);
    assert_eq!(pages(&db).await?, [100, 200, 300, 600]);
    assert_eq!(books().limit(0).delete().await?, 0);
    assert_eq!(books().offset(2).delete().await?, 2);
    assert_eq!(pages(&db).await?, [100, 200]);
    assert_eq!(books().delete().await?, 2);
    assert_eq!(books().delete().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_are_chosen_before_any_is_changed() -> sqliter::Result<()> {
    let db = library().await?;
    let shortest = db.select::<Book>().order(|b| b.pages.asc()).limit(3);
    assert_eq!(shortest.update(|b| b.pages.add(10_000)).await?, 3);
    assert_eq!(pages(&db).await?, [10_100, 10_200, 10_300, 400, 500, 600]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn null_can_be_set_and_tested() -> sqliter::Result<()> {
    let db = library().await?;
    let books = || db.select::<Book>();
    assert_eq!(books().update(|b| (b.subtitle.set("s"), b.rating.set(Some(4.5)), b.sold.set(3))).await?, 6);
    let one = books().filter(|b| b.pk.eq(Book::key(2)));
    let cleared = one.clone().update(|b| (b.subtitle.set(None), b.rating.set(None::<f64>), b.editor_id.set(None)));
    assert_eq!(cleared.await?, 1);
    let book = one.fetch_required().await?;
    assert_eq!((book.subtitle, book.rating, book.sold, book.editor_id), (None, None, Some(3), None));
    assert_eq!(books().filter(|b| b.subtitle.is_null()).delete().await?, 1);
    assert_eq!(books().filter(|b| b.subtitle.eq(None)).delete().await?, 0);
    assert_eq!(books().filter(|b| b.subtitle.is_not_null() & b.pages.gt(300)).delete().await?, 3);
    assert_eq!(pages(&db).await?, [100, 300]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arithmetic_works_on_the_stored_value() -> sqliter::Result<()> {
    let db = library().await?;
    let first = || db.select::<Book>().filter(|b| b.pk.eq(Book::key(1)));
    first().update(|b| b.pages.add(5)).await?;
    first().update(|b| b.pages.sub(7)).await?;
    first().update(|b| b.pages.mul(-2)).await?;
    assert_eq!(pages(&db).await?[0], -196);
    // NULL stays NULL.
    assert_eq!(first().update(|b| (b.sold.add(1), b.rating.mul(2.0))).await?, 1);
    let book = first().fetch_required().await?;
    assert_eq!((book.sold, book.rating), (None, None));
    first().update(|b| (b.sold.set(1), b.rating.set(1.5))).await?;
    first().update(|b| (b.sold.add(1), b.rating.mul(2.0))).await?;
    let book = first().fetch_required().await?;
    assert_eq!((book.sold, book.rating), (Some(2), Some(3.0)));
    // Every assignment sees the values from before the update.
    first().update(|b| (b.pages.set(7), b.sold.set(b.pages), b.subtitle.set(b.title))).await?;
    let book = first().fetch_required().await?;
    assert_eq!((book.pages, book.sold, book.subtitle.as_deref()), (7, Some(-196), Some("Book 1")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overflow_is_refused_and_nothing_is_changed() -> sqliter::Result<()> {
    let db = library().await?;
    db.select::<Book>().filter(|b| b.pk.eq(Book::key(6))).update(|b| b.pages.set(i64::MAX)).await?;
    let before = all(&db).await?;
    let books = || db.select::<Book>();
    for error in [
        books().update(|b| b.pages.add(1)).await.unwrap_err(),
        books().update(|b| b.pages.mul(2)).await.unwrap_err(),
        books().update(|b| b.pages.sub(i64::MIN)).await.unwrap_err(),
    ] {
        let Error::CheckViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*operation, table.as_str(), source.code), (Operation::Update, "books", 275));
        assert_eq!(columns, &["pages"]);
        assert!(error.to_string().starts_with("update violates a check of books: "), "{error}");
    }
    assert_eq!(all(&db).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_of_an_update_are_told_apart() -> sqliter::Result<()> {
    let db = library().await?;
    let before = all(&db).await?;
    let books = || db.select::<Book>();

    let error = books().update(|b| b.title.set("same")).await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Update, "books", 2067));
    assert_eq!(columns, &["title", "author_id"]);

    let ghost = Author::key(99);
    for (error, named) in [
        (books().update(|b| b.author_id.set(ghost)).await.unwrap_err(), vec!["author_id"]),
        (books().update(|b| (b.pages.add(1), b.editor_id.set(ghost))).await.unwrap_err(), vec!["editor_id"]),
        (
            books().limit(1).update(|b| (b.author_id.set(ghost), b.editor_id.set(ghost))).await.unwrap_err(),
            vec!["author_id", "editor_id"],
        ),
        (
            books().limit(1).update(|b| (b.author_id.set(Author::key(1)), b.editor_id.set(ghost))).await.unwrap_err(),
            vec!["editor_id"],
        ),
    ] {
        let Error::ForeignKeyViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*operation, table.as_str(), source.code), (Operation::Update, "books", 787));
        assert_eq!(columns, &named);
    }

    let error = books().update(|b| b.title.set(b.subtitle)).await.unwrap_err();
    let Error::NotNullViolation { operation, table, column, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), column.as_str()), (Operation::Update, "books", "title"));
    assert_eq!(all(&db).await?, before);
    assert_eq!(books().filter(|b| b.pages.lt(0)).update(|b| b.author_id.set(ghost)).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_delete_names_the_referrers_and_deletes_nothing() -> sqliter::Result<()> {
    let db = library().await?;
    let free = db.insert(Author::builder().name("C")).await?;
    let error = db.select::<Author>().delete().await.unwrap_err();
    let Error::ForeignKeyViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (Operation::Delete, "authors"));
    assert_eq!(columns, &["books.author_id"]);
    assert_eq!(db.select::<Author>().count().await?, 3);
    // Only what the chain means is looked at.
    assert_eq!(db.select::<Author>().order(|a| a.name.desc()).limit(1).delete().await?, 1);
    assert_eq!(db.get(free.pk).await?, None);
    let limited = db.select::<Author>().filter(|a| a.name.eq("B")).limit(1).delete().await.unwrap_err();
    assert!(matches!(&limited, Error::ForeignKeyViolation { columns, .. } if columns == &["books.author_id"]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_undoes_updates_and_deletes() -> sqliter::Result<()> {
    let db = library().await?;
    let before = all(&db).await?;
    let tx = db.begin().await?;
    assert_eq!(tx.select::<Book>().filter(|b| b.pages.gt(300)).delete().await?, 3);
    assert_eq!(tx.select::<Book>().update(|b| b.pages.add(1)).await?, 3);
    assert_eq!(pages(&tx).await?, [101, 201, 301]);
    tx.rollback().await?;
    assert_eq!(all(&db).await?, before);
    db.transaction(async |tx| tx.select::<Book>().update(|b| b.pages.add(1)).await).await?;
    assert_eq!(pages(&db).await?, [101, 201, 301, 401, 501, 601]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_update_in_a_transaction_undoes_only_itself() -> sqliter::Result<()> {
    let db = library().await?;
    db.transaction(async |tx| {
        tx.select::<Book>().update(|b| b.sold.set(1)).await?;
        assert!(tx.select::<Book>().update(|b| (b.pages.add(1), b.title.set("same"))).await.is_err());
        assert!(tx.select::<Author>().delete().await.is_err());
        Ok::<_, Error>(())
    })
    .await?;
    let books = all(&db).await?;
    assert!(books.iter().all(|book| book.sold == Some(1)));
    assert_eq!(pages(&db).await?, [100, 200, 300, 400, 500, 600]);
    assert_eq!(db.select::<Author>().count().await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_can_be_kept_and_run_for_each_purpose() -> sqliter::Result<()> {
    let db = library().await?;
    let long = db.select::<Book>().filter(|b| b.pages.gt(200)).order(|b| b.pages.desc()).limit(3);
    assert_eq!(long.clone().count().await?, 3);
    assert_eq!(long.clone().update(|b| b.sold.set(1)).await?, 3);
    assert_eq!(long.clone().fetch_all().await?.len(), 3);
    assert_eq!(long.clone().delete().await?, 3);
    assert_eq!(pages(&db).await?, [100, 200, 300]);
    assert_eq!(long.count().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn update_where_equals_filter_and_update() -> sqliter::Result<()> {
    let (db, chained) = (library().await?, library().await?);
    let changed = db
        .update_where::<Book, _>(|b| b.author.name.eq("A") & b.pages.ge(200), |b| (b.pages.add(1), b.sold.set(3)))
        .await?;
    let same = chained.select::<Book>().filter(|b| b.author.name.eq("A") & b.pages.ge(200));
    assert_eq!((changed, same.update(|b| (b.pages.add(1), b.sold.set(3))).await?), (2, 2));
    assert_eq!(all(&db).await?, all(&chained).await?);
    assert_eq!(pages(&db).await?, [100, 201, 301, 400, 500, 600]);
    let stamps = db.select::<Book>().order(|b| b.pk.asc()).only(|b| b.updated_at).fetch_all().await?;
    assert_eq!(stamps, [1, 1000, 1000, 1, 1, 1]);
    assert_eq!(db.update_where::<Book, _>(|b| b.pages.gt(9_000), |b| b.sold.set(4)).await?, 0);
    assert_eq!(db.update_where::<Book, _>(|b| b.pk.ne(Book::key(0)), |b| b.sold.set(5)).await?, 6);
    Ok(())
}

#[tokio::test]
async fn update_where_refuses_and_rolls_back_like_the_chain() -> sqliter::Result<()> {
    let db = library().await?;
    let before = all(&db).await?;
    let statements = db.statement_count();
    assert_eq!(db.update_where::<Book, _>(|b| b.pages.gt(0), |_| ()).await?, 0);
    assert_eq!(db.statement_count(), statements);
    let error = db.update_where::<Book, _>(|b| b.rating.eq(f64::NAN), |b| b.pages.add(1)).await.unwrap_err();
    assert!(matches!(&error, Error::Encode { column, .. } if column == "rating"), "{error:?}");
    let ghost = Author::key(99);
    let error = db.update_where::<Book, _>(|b| b.pages.gt(500), |b| b.editor_id.set(ghost)).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if columns == &["editor_id"]), "{error:?}");
    let tx = db.begin().await?;
    assert_eq!(tx.update_where::<Book, _>(|b| b.pages.gt(300), |b| b.pages.mul(2)).await?, 3);
    assert_eq!(pages(&tx).await?, [100, 200, 300, 800, 1000, 1200]);
    tx.rollback().await?;
    assert_eq!(all(&db).await?, before);
    Ok(())
}
