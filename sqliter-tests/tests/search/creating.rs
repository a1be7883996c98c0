//! Creating and dropping searches.

use sqliter::prelude::*;
use sqliter::schema::Schema;
use sqliter::{Error, Model};

use super::library::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "notes", search(text))]
struct Note {
    #[model(pk)]
    id: i64,
    text: String,
}

/// The table before it was searched.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "notes")]
struct PlainNote {
    #[model(pk)]
    id: i64,
    text: String,
}

#[tokio::test]
async fn a_search_is_a_table_and_triggers() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    let sql = db.create_table::<Note>().to_sql()?;
    assert_eq!(
        sql,
        [
            r#"CREATE TABLE IF NOT EXISTS "notes" ("id" INTEGER PRIMARY KEY NOT NULL, "text" TEXT NOT NULL) STRICT"#.to_owned(),
            r#"CREATE VIRTUAL TABLE IF NOT EXISTS "notes_search" USING fts5("text", content='notes', content_rowid='id')"#.to_owned(),
            r#"CREATE TABLE IF NOT EXISTS "notes_search_replaced" ("id", "text")"#.to_owned(),
            r#"CREATE TRIGGER IF NOT EXISTS "notes_search_insert" AFTER INSERT ON "notes" BEGIN /* search, by sqliter */ "#.to_owned()
                + r#"INSERT INTO "notes_search" ("notes_search", rowid, "text") SELECT 'delete', r."id", r."text" "#
                + r#"FROM "notes_search_replaced" AS r WHERE EXISTS (SELECT 1 FROM "notes_search_docsize" WHERE id = r."id") "#
                + r#"AND (r."id" = new."id" OR NOT EXISTS (SELECT 1 FROM "notes" AS t WHERE t."id" = r."id")); "#
                + r#"DELETE FROM "notes_search_replaced" WHERE "id" IS NOT NULL; "#
                + r#"INSERT INTO "notes_search" (rowid, "text") VALUES (new."id", new."text"); END"#,
            r#"CREATE TRIGGER IF NOT EXISTS "notes_search_delete" AFTER DELETE ON "notes" BEGIN /* search, by sqliter */ "#.to_owned()
                + r#"INSERT INTO "notes_search" ("notes_search", rowid, "text") SELECT 'delete', r."id", r."text" "#
                + r#"FROM "notes_search_replaced" AS r WHERE EXISTS (SELECT 1 FROM "notes_search_docsize" WHERE id = r."id") "#
                + r#"AND (NOT EXISTS (SELECT 1 FROM "notes" AS t WHERE t."id" = r."id")); "#
                + r#"DELETE FROM "notes_search_replaced" WHERE "id" NOT IN (SELECT "id" FROM "notes"); "#
                + r#"INSERT INTO "notes_search" ("notes_search", rowid, "text") SELECT 'delete', old."id", old."text" "#
                + r#"WHERE EXISTS (SELECT 1 FROM "notes_search_docsize" WHERE id = old."id"); END"#,
            r#"CREATE TRIGGER IF NOT EXISTS "notes_search_update" AFTER UPDATE ON "notes" BEGIN /* search, by sqliter */ "#.to_owned()
                + r#"INSERT INTO "notes_search" ("notes_search", rowid, "text") SELECT 'delete', r."id", r."text" "#
                + r#"FROM "notes_search_replaced" AS r WHERE EXISTS (SELECT 1 FROM "notes_search_docsize" WHERE id = r."id") "#
                + r#"AND (r."id" = new."id" AND r."id" <> old."id" OR NOT EXISTS (SELECT 1 FROM "notes" AS t WHERE t."id" = r."id")); "#
                + r#"DELETE FROM "notes_search_replaced" WHERE "id" IS NOT NULL; "#
                + r#"INSERT INTO "notes_search" ("notes_search", rowid, "text") SELECT 'delete', old."id", old."text" "#
                + r#"WHERE EXISTS (SELECT 1 FROM "notes_search_docsize" WHERE id = old."id") AND (old."id" <> new."id" OR old."text" IS NOT new."text" COLLATE "BINARY"); "#
                + r#"INSERT INTO "notes_search" (rowid, "text") SELECT new."id", new."text" "#
                + r#"WHERE NOT EXISTS (SELECT 1 FROM "notes_search_docsize" WHERE id = new."id"); END"#,
            r#"CREATE TRIGGER IF NOT EXISTS "notes_search_before_insert" BEFORE INSERT ON "notes" "#.to_owned()
                + r#"WHEN EXISTS (SELECT 1 FROM "notes" WHERE "id" = new."id") BEGIN /* search, by sqliter */ "#
                + r#"DELETE FROM "notes_search_replaced" WHERE "id" IS NOT NULL; INSERT INTO "notes_search_replaced" "#
                + r#"("id", "text") SELECT "id", "text" FROM "notes" WHERE "id" IN (SELECT "id" FROM "notes" WHERE "id" = new."id"); END"#,
            r#"CREATE TRIGGER IF NOT EXISTS "notes_search_before_update" BEFORE UPDATE ON "notes" "#.to_owned()
                + r#"WHEN EXISTS (SELECT 1 FROM "notes" WHERE "id" <> old."id" AND "id" = new."id") BEGIN /* search, by sqliter */ "#
                + r#"DELETE FROM "notes_search_replaced" WHERE "id" IS NOT NULL; INSERT INTO "notes_search_replaced" "#
                + r#"("id", "text") SELECT "id", "text" FROM "notes" WHERE "id" IN "#
                + r#"(SELECT "id" FROM "notes" WHERE "id" <> old."id" AND "id" = new."id"); END"#,
            r#"INSERT INTO "notes_search" ("notes_search") VALUES ('rebuild')"#.to_owned(),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn what_is_created_is_what_the_models_say() -> sqliter::Result<()> {
    let db = library().await?;
    let diff = db.schema_diff::<(Author, Book)>().await?;
    assert!(diff.is_empty(), "{diff}");
    assert!(diff.others().is_empty());
    db.require_schema::<(Author, Book)>().await?;
    db.create_tables::<(Author, Book)>().await?;
    assert_eq!(Schema::of::<(Author, Book)>()?, db.schema().await?);
    Ok(())
}

#[tokio::test]
async fn rows_that_are_there_are_found_when_the_search_is_created() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<PlainNote>().await?;
    db.insert(PlainNote::builder().id(7).text("an old note")).await?;
    let find = async || db.select::<Note>().filter(|n| n.search.matches("old")).only(|n| n.id).fetch_all().await;
    assert!(find().await.is_err(), "there is no search");
    db.create_table::<Note>().await?;
    assert_eq!(find().await?, [7]);
    // A trigger that somebody has dropped comes again, and what it has missed.
    db.execute("DROP TRIGGER notes_search_insert").await?;
    db.insert(Note::builder().id(8).text("old too")).await?;
    assert_eq!(find().await?, [7]);
    assert!(!db.schema_diff::<(Note,)>().await?.is_empty());
    db.create_table::<Note>().await?;
    assert_eq!(find().await?, [7, 8]);
    Ok(())
}

#[tokio::test]
async fn a_search_goes_with_its_table() -> sqliter::Result<()> {
    let db = library().await?;
    db.create_table::<Note>().await?;
    db.insert(Note::builder().id(1).text("text")).await?;
    db.create_table::<Note>().force().await?;
    assert_eq!(db.select::<Note>().filter(|n| n.search.matches("text")).count().await?, 0);
    db.drop_table::<PlainNote>().await?;
    assert!(db.table_names().await?.iter().all(|name| !name.starts_with("notes")), "{:?}", db.table_names().await?);
    db.drop_table::<Book>().await?;
    db.drop_table::<Author>().await?;
    assert!(db.table_names().await?.is_empty());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    Db::open(&path).await?.create_tables::<(Author, Book)>().await?;
    assert!(Db::options().path(&path).reset().open().await?.table_names().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn another_table_under_the_name_is_told() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE VIRTUAL TABLE notes_search USING fts5(text)").await?;
    let error = db.create_table::<Note>().await.unwrap_err();
    assert!(matches!(&error, Error::SchemaDiffers { table, .. } if table == "notes"), "{error}");
    assert!(db.table_names().await?.iter().all(|name| name != "notes"), "nothing was done");
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(text, tokenize = "unicode62"))]
struct Mistaken {
    pk: Key<Mistaken>,
    text: String,
}

#[tokio::test]
async fn a_tokenizer_that_sqlite_does_not_know_is_told_with_the_attribute() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    for error in [
        db.create_table::<Mistaken>().await.unwrap_err(),
        db.require_schema::<(Mistaken,)>().await.unwrap_err(),
        Schema::of::<(Mistaken,)>().unwrap_err(),
    ] {
        let Error::SqlInModel { model, place, sql, reason } = &error else { panic!("{error}") };
        assert_eq!((model.as_str(), place.as_str(), sql.as_str()), ("Mistaken", "search", r#"tokenize = "unicode62""#));
        assert!(reason.contains("unicode62"), "{reason}");
    }
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(title, slug, tokenize = "trigram"))]
struct Page {
    pk: Key<Page>,
    title: String,
    #[model(generated = "replace(title, ' ', '-') || '-page'")]
    slug: String,
}

#[tokio::test]
async fn generated_columns_and_other_tokenizers_are_searched() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Page>().await?;
    let mut page = db.insert(Page::builder().title("Hello world")).await?;
    let find = async |text: &str| db.select::<Page>().filter(|p| p.search.matches(text)).count().await;
    // Of three characters at least; what is shorter does not count.
    assert_eq!((find("lo wor").await?, find("ello").await?, find("d-pag").await?, find("el").await?), (1, 1, 1, 0));
    let phrase = async |text: &str| {
        db.select::<Page>().filter(|p| p.search.matches(sqliter::search::phrase(text))).count().await
    };
    assert_eq!((phrase("lo wor").await?, phrase("o wood").await?), (1, 0));
    page.title = "Bye".to_owned();
    db.update(&mut page).await?;
    assert_eq!((find("hello").await?, find("bye-p").await?), (0, 1));
    db.execute("INSERT INTO pages_search (pages_search, rank) VALUES ('integrity-check', 1)").await?;
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "od\"d 'names", search(text, tokenize = "unicode61 tokenchars '-'"))]
struct Odd {
    #[model(pk, column = "the \"key'")]
    key: i64,
    #[model(column = "the 'te\"xt")]
    text: String,
}

#[tokio::test]
async fn odd_names_are_searched() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Odd>().await?;
    db.insert(Odd::builder().key(3).text("well-known words")).await?;
    let chain = db.select::<Odd>().search(|o| o.search.text.matches("well-known"));
    let found = chain.only(|o| o.search.text.highlight("<", ">")).fetch_all().await?;
    assert_eq!(found, ["<well-known> words"]);
    assert!(db.schema_diff::<(Odd,)>().await?.is_empty());
    assert_eq!(db.select::<Odd>().filter(|o| o.search.matches("well")).count().await?, 0);
    db.select::<Odd>().delete().await?;
    assert_eq!(Odd::TABLE.name, "od\"d 'names");
    Ok(())
}
