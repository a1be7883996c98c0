//! Writes as the statements that they run, as plain data.

use std::time::{Duration, UNIX_EPOCH};

use sqliter::Error;
use sqliter::bounds::{Argument, Sql};
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(default = 0)]
    pages: i64,
    author_id: Key<Author>,
    #[model(version)]
    version: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Size {
    pk: Key<Size>,
    bytes: u64,
}

/// The time is always the thousandth second.
async fn library() -> Db {
    let db = Db::options().clock(|| UNIX_EPOCH + Duration::from_secs(1000)).open().await.unwrap();
    db.create_tables::<(Author, Book, Note, Size)>().await.unwrap();
    db
}

fn shown(statements: sqliter::Result<Vec<Sql>>) -> Vec<String> {
    statements.unwrap().iter().map(ToString::to_string).collect()
}

fn ada() -> impl Draft<Model = Author> {
    Author::builder().name("Ada")
}

#[tokio::test]
async fn an_insert_is_a_statement_for_each_row() {
    let db = library().await;
    assert_eq!(
        shown(db.insert(ada()).to_sql()),
        [r#"INSERT INTO "authors" ("name", "updated_at") VALUES (?, ?) -- 'Ada', 1000"#]
    );
    assert_eq!(
        shown(db.insert_with(ada(), |a| a.pk.given(Author::key(7))).to_sql()),
        [r#"INSERT INTO "authors" ("name", "updated_at", "pk") VALUES (?, ?, ?) -- 'Ada', 1000, 7"#]
    );
    let notes = ["a", "b"].map(|text| Note::builder().text(text));
    assert_eq!(
        shown(db.bulk_insert(notes).to_sql()),
        [
            r#"INSERT INTO "notes" ("text", "deleted_at") VALUES (?, ?) -- 'a', NULL"#,
            r#"INSERT INTO "notes" ("text", "deleted_at") VALUES (?, ?) -- 'b', NULL"#
        ]
    );
    assert!(db.bulk_insert(Vec::<NewNote>::new()).to_sql().unwrap().is_empty());
}

#[tokio::test]
async fn an_upsert_says_what_becomes_of_a_row_that_is_there() {
    let db = library().await;
    assert_eq!(
        shown(db.upsert(ada(), |a| a.name).ignore().to_sql()),
        [
            r#"INSERT INTO "authors" AS t0 ("name", "updated_at") VALUES (?, ?) ON CONFLICT ("name") DO NOTHING -- 'Ada', 1000"#
        ]
    );
    assert_eq!(
        shown(db.bulk_upsert([ada()], |a| a.name).update(|a| a.name).to_sql()),
        [
            r#"INSERT INTO "authors" AS t0 ("name", "updated_at") VALUES (?, ?) ON CONFLICT ("name") DO UPDATE SET "name" = excluded."name", "updated_at" = excluded."updated_at" -- 'Ada', 1000"#
        ]
    );
    let not_unique = db.upsert(ada(), |a| a.updated_at).ignore().to_sql();
    assert!(matches!(not_unique, Err(Error::ConflictColumns { .. })), "{not_unique:?}");
}

#[tokio::test]
async fn a_change_of_a_chain_is_one_statement() {
    let db = library().await;
    let of_ada = || db.select::<Book>().filter(|b| b.author.name.eq("Ada"));
    assert_eq!(
        shown(of_ada().update(|b| b.pages.add(1)).to_sql()),
        [
            r#"UPDATE "books" SET "pages" = checked_i64("pages" + ?, 'pages'), "version" = checked_i64("version" + ?, 'version') WHERE "pk" IN (SELECT t0."pk" FROM "books" AS t0 JOIN "authors" AS t1 ON t1."pk" = t0."author_id" WHERE t1."name" = ?) -- 1, 1, 'Ada'"#
        ]
    );
    assert_eq!(shown(db.select::<Book>().update(|_| ()).to_sql()), [""; 0], "what sets nothing runs nothing");
    assert_eq!(shown(db.select::<Book>().delete().to_sql()), [r#"DELETE FROM "books""#]);
    assert_eq!(
        shown(db.select::<Note>().filter(|n| n.text.eq("a")).delete().to_sql()),
        [r#"UPDATE "notes" SET "deleted_at" = ? WHERE "text" = ? AND "deleted_at" IS NULL -- 1000, 'a'"#]
    );
    let some = db.select::<Book>().filter(|b| b.pages.is_in([1, 2, 3, 4])).delete().to_sql().unwrap();
    assert!(matches!(some[0].arguments.as_slice(), [Argument::List(list)] if list.len() == 4), "{some:?}");
}

#[tokio::test]
async fn a_deletion_by_keys_is_a_statement_for_each() {
    let db = library().await;
    assert_eq!(shown(db.delete(Book::key(3)).to_sql()), [r#"DELETE FROM "books" WHERE "pk" = ? -- 3"#]);
    assert_eq!(
        shown(db.bulk_delete([Note::key(3), Note::key(4)]).to_sql()),
        [
            r#"UPDATE "notes" SET "deleted_at" = ? WHERE "pk" = ? AND "deleted_at" IS NULL -- 1000, 3"#,
            r#"UPDATE "notes" SET "deleted_at" = ? WHERE "pk" = ? AND "deleted_at" IS NULL -- 1000, 4"#
        ]
    );
}

#[tokio::test]
async fn a_value_without_a_form_is_refused_and_nothing_is_written() {
    let db = library().await;
    let error = db.insert(Size::builder().bytes(u64::MAX)).to_sql().unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error:?}");
    drop(db.insert(ada()).to_sql().unwrap());
    assert_eq!(db.select::<Author>().count().await.unwrap(), 0);
}

/// Runs the statements of a write by hand; gives what the tables have then.
async fn run(db: &Db, statements: Vec<Sql>) -> Vec<Author> {
    for Sql { text, arguments, .. } in statements {
        let mut execute = db.execute(&text);
        for argument in arguments {
            match argument {
                Argument::Value(value) => execute = execute.bind(value),
                Argument::List(list) => panic!("{list:?}"),
            }
        }
        execute.await.unwrap();
    }
    db.select::<Author>().order(|a| a.pk.asc()).fetch_all().await.unwrap()
}

#[tokio::test]
async fn the_statements_do_what_the_write_does() {
    let (by_hand, by_itself) = (library().await, library().await);
    let drafts = || ["Ada", "Bea", "Ada"].map(|name| Author::builder().name(name));
    let statements = by_hand.bulk_upsert(drafts(), |a| a.name).update(|a| a.name).to_sql().unwrap();
    by_itself.bulk_upsert(drafts(), |a| a.name).update(|a| a.name).await.unwrap();
    let rows = by_itself.select::<Author>().order(|a| a.pk.asc()).fetch_all().await.unwrap();
    assert_eq!(run(&by_hand, statements).await, rows);

    let statements = by_hand.select::<Author>().filter(|a| a.name.eq("Bea")).update(|a| a.name.set("B")).to_sql();
    by_itself.select::<Author>().filter(|a| a.name.eq("Bea")).update(|a| a.name.set("B")).await.unwrap();
    let rows = by_itself.select::<Author>().order(|a| a.pk.asc()).fetch_all().await.unwrap();
    assert_eq!(run(&by_hand, statements.unwrap()).await, rows);
}
