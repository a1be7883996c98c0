//! The indexes that models declare, and those that are left out.

use super::kept::{indexes, sql, table};
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    index(due desc, priority),
    index(priority, name = "by_priority"),
    unique(title, where = "deleted_at IS NULL", name = "one_open_title"),
    index(expr = "lower(title)"),
    index(due, expr = "length(title)", where = "priority > 1", unique, name = "odd \"one\"")
)]
struct Task {
    pk: Key<Task>,
    title: String,
    due: i64,
    #[model(default = 1)]
    priority: i64,
    deleted_at: Option<i64>,
}

#[tokio::test]
async fn indexes_are_as_they_are_declared() {
    let db = table::<Task>().await;
    let expected = [
        ("idx_tasks_due_priority", r#"CREATE INDEX "idx_tasks_due_priority" ON "tasks" ("due" DESC, "priority")"#),
        ("by_priority", r#"CREATE INDEX "by_priority" ON "tasks" ("priority")"#),
        ("one_open_title", r#"CREATE UNIQUE INDEX "one_open_title" ON "tasks" ("title") WHERE deleted_at IS NULL"#),
        ("idx_tasks_lower_title", r#"CREATE INDEX "idx_tasks_lower_title" ON "tasks" (lower(title))"#),
        ("odd \"one\"", r#"CREATE UNIQUE INDEX "odd ""one""" ON "tasks" ("due", length(title)) WHERE priority > 1"#),
    ];
    assert_eq!(indexes(&db).await, expected.map(|(name, _)| name));
    for (name, statement) in expected {
        assert_eq!(sql(&db, name).await, statement);
    }
    db.create_table::<Task>().await.unwrap();
    assert_eq!(indexes(&db).await.len(), expected.len());
}

#[tokio::test]
async fn an_index_over_some_rows_is_unique_among_them_only() {
    let db = table::<Task>().await;
    let task = |title: &str| Task::builder().title(title).due(1);
    let mut first = db.insert(task("tea")).await.unwrap();
    let error = db.insert(task("tea")).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if *columns == ["title"]), "{error:?}");
    first.deleted_at = Some(1);
    db.update(&mut first).await.unwrap();
    db.insert(task("tea")).await.unwrap();
    let error = db.upsert(task("tea"), |t| t.title).ignore().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a new row of tasks cannot conflict in (title): the unique index over them has a WHERE, so rows outside of it may \
         have the same values"
    );
}

#[tokio::test]
async fn a_violated_index_over_an_expression_is_named_with_the_columns_in_it() {
    let db = table::<Task>().await;
    let task = |title: &str| Task::builder().title(title).due(1).priority(2);
    db.insert(task("tea")).await.unwrap();
    let error = db.insert(task("cup")).await.unwrap_err();
    assert_eq!(error.to_string(), "insert violates uniqueness of tasks (the index odd \"one\")");
    assert!(matches!(&error, Error::UniqueViolation { table, columns, .. }
        if table == "tasks" && *columns == ["due", "title"]));
    let other = db.insert(task("coffee").due(2)).await.unwrap();
    for error in [
        db.bulk_insert([task("cup")]).await.unwrap_err(),
        db.update(&mut Task { due: 1, title: "cup".to_owned(), ..other }).await.unwrap_err(),
        db.select::<Task>().update(|t| (t.due.set(1), t.title.set("cup"))).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, Error::UniqueViolation { columns, index: Some(index), .. }
            if *columns == ["due", "title"] && index == "odd \"one\""),
            "{error:?}"
        );
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(friends = Author, through = "friends"))]
struct Author {
    pk: Key<Author>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    unique(author_id, title),
    index(editor_id desc, title),
    index(title),
    index(title, pages),
    index(title desc, pages desc, isbn),
    index(pages, name = "kept"),
    index(pages, title),
    index(pk),
    index(isbn),
    unique(isbn),
    index(isbn, pages),
    index(pages, where = "pages > 3", name = "long")
)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    #[model(unique)]
    isbn: String,
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
    reader_id: Option<Key<Author>>,
    #[model(unique)]
    owner_id: Key<Author>,
}

#[tokio::test]
async fn no_index_is_the_beginning_of_another_or_of_a_constraint() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    let expected = [
        "idx_books_reader_id",
        "idx_books_author_id_title_unique",
        "idx_books_editor_id_title",
        "idx_books_title_pages_isbn",
        "kept",
        "idx_books_pages_title",
        "idx_books_isbn_pages",
        "long",
        "idx_friends_authors_pk_right",
    ];
    let made = indexes(&db).await;
    let made: Vec<_> = made.iter().filter(|name| !name.starts_with("sqlite_autoindex")).collect();
    let mut sorted = made.clone();
    sorted.sort();
    let mut wanted: Vec<_> = expected.iter().map(|name| (*name).to_owned()).collect();
    wanted.sort();
    assert_eq!(sorted, wanted.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn every_foreign_key_is_searched_by_an_index() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    for column in ["author_id", "editor_id", "reader_id", "owner_id"] {
        let plan: Vec<(i64, i64, i64, String)> =
            db.query(format!("EXPLAIN QUERY PLAN SELECT * FROM books WHERE {column} = 1")).fetch_all().await.unwrap();
        assert!(plan[0].3.starts_with("SEARCH books USING INDEX"), "{column}: {plan:?}");
    }
    for column in ["authors_pk_left", "authors_pk_right"] {
        let plan: Vec<(i64, i64, i64, String)> =
            db.query(format!("EXPLAIN QUERY PLAN SELECT * FROM friends WHERE {column} = 1")).fetch_all().await.unwrap();
        assert!(plan[0].3.starts_with("SEARCH friends USING"), "{column}: {plan:?}");
    }
}
