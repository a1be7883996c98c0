//! Searches in the difference of schemas, and in what mends it.

use sqliter::prelude::*;
use sqliter::schema::{Decisions, Schema};

mod before {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "texts")]
    pub(super) struct Text {
        pub(super) pk: Key<Text>,
        pub(super) title: String,
        pub(super) body: Option<String>,
    }
}

mod searched {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "texts", search(title))]
    pub(super) struct Text {
        pub(super) pk: Key<Text>,
        pub(super) title: String,
        pub(super) body: Option<String>,
    }
}

mod both {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "texts", search(title, body, tokenize = "porter unicode61"))]
    pub(super) struct Text {
        pub(super) pk: Key<Text>,
        pub(super) title: String,
        pub(super) body: Option<String>,
    }
}

mod rebuilt {
    use sqliter::prelude::*;

    /// What `ALTER TABLE` cannot do.
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "texts", search(title, body, tokenize = "porter unicode61"))]
    pub(super) struct Text {
        pub(super) pk: Key<Text>,
        #[model(check = "title <> ''")]
        pub(super) title: String,
        pub(super) body: String,
    }
}

mod renamed {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "documents", renamed_from = "texts", search(heading, body, tokenize = "porter unicode61"))]
    pub(super) struct Document {
        pub(super) pk: Key<Document>,
        #[model(renamed_from = "title", check = "heading <> ''")]
        pub(super) heading: String,
        pub(super) body: String,
    }
}

/// Makes the schema what the models say, as migrations do.
async fn mend<T: sqliter::bounds::Models>(db: &Db, told: Decisions) -> sqliter::Result<Vec<String>> {
    let statements = db.schema_diff::<T>().await?.sql(&told)?;
    let pool = db.pool();
    let mut connection = pool.acquire().await.unwrap();
    for sql in ["PRAGMA foreign_keys = off".to_owned(), "BEGIN".to_owned()]
        .into_iter()
        .chain(statements.clone())
        .chain(["COMMIT".to_owned(), "PRAGMA foreign_keys = on".to_owned()])
    {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&mut *connection).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    drop(connection);
    let diff = db.schema_diff::<T>().await?;
    assert!(diff.is_empty(), "{diff}");
    Ok(statements)
}

async fn check(db: &Db, search: &str) -> sqliter::Result<()> {
    let check = format!("INSERT INTO {search} ({search}, rank) VALUES ('integrity-check', 1)");
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(check)).execute(&db.pool()).await;
    assert!(done.is_ok(), "{done:?}");
    Ok(())
}

#[tokio::test]
async fn a_search_is_added_changed_and_taken_away() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("texts.db")).await?;
    db.create_table::<before::Text>().await?;
    db.bulk_insert(["Cats", "Dogs"].map(|title| before::Text::builder().title(title).body("they were running")))
        .await?;

    let statements = mend::<(searched::Text,)>(&db, Decisions::new()).await?;
    assert_eq!(
        statements.last().map(String::as_str),
        Some(r#"INSERT INTO "texts_search" ("texts_search") VALUES ('rebuild')"#)
    );
    check(&db, "texts_search").await?;
    assert_eq!(db.select::<searched::Text>().filter(|t| t.search.matches("cats")).count().await?, 1);

    mend::<(both::Text,)>(&db, Decisions::new()).await?;
    check(&db, "texts_search").await?;
    assert_eq!(db.select::<both::Text>().filter(|t| t.search.matches("cat run")).count().await?, 1);

    let told = Decisions::new().value("texts", "body", "coalesce(upper(body), '')").rows_satisfy("texts");
    mend::<(rebuilt::Text,)>(&db, told).await?;
    check(&db, "texts_search").await?;
    let found = db.select::<rebuilt::Text>().search(|t| t.search.matches("dog run"));
    assert_eq!(found.only(|t| t.search.body.highlight("<", ">")).fetch_all().await?, ["THEY WERE <RUNNING>"]);

    mend::<(renamed::Document,)>(&db, Decisions::new()).await?;
    check(&db, "documents_search").await?;
    let mut document = db.insert(renamed::Document::builder().heading("Birds").body("they sing")).await?;
    document.body = "they sang".to_owned();
    db.update(&mut document).await?;
    check(&db, "documents_search").await?;
    assert_eq!(db.select::<renamed::Document>().filter(|t| t.search.heading.matches("birds")).count().await?, 1);
    assert!(db.table_names().await?.iter().all(|name| !name.starts_with("texts")), "{:?}", db.table_names().await?);
    Ok(())
}

#[tokio::test]
async fn what_is_left_of_a_search_is_a_difference() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("texts.db")).await?;
    db.create_table::<both::Text>().await?;
    db.insert(both::Text::builder().title("Cats")).await?;
    let diff = db.schema_diff::<(before::Text,)>().await?;
    assert_eq!(diff.differences.len(), 7, "five triggers and two tables: {diff}");
    assert!(diff.others().is_empty());
    let statements = mend::<(before::Text,)>(&db, Decisions::new()).await?;
    assert_eq!(
        statements,
        [
            r#"DROP TRIGGER "texts_search_insert""#,
            r#"DROP TRIGGER "texts_search_delete""#,
            r#"DROP TRIGGER "texts_search_update""#,
            r#"DROP TRIGGER "texts_search_before_insert""#,
            r#"DROP TRIGGER "texts_search_before_update""#,
            r#"DROP TABLE "texts_search_replaced""#,
            r#"DROP TABLE "texts_search""#,
        ]
    );
    assert_eq!(db.table_names().await?, ["texts"]);
    db.insert(before::Text::builder().title("Dogs")).await?;
    Ok(())
}

#[tokio::test]
async fn a_tokenizer_alone_is_changed() -> sqliter::Result<()> {
    let texts = |options: &str| {
        let module = format!("fts5(title, content='texts', content_rowid='pk'{options})");
        Schema::from_sql([
            "CREATE TABLE texts (pk INTEGER PRIMARY KEY, title TEXT)".to_owned(),
            format!("CREATE VIRTUAL TABLE texts_search USING {module}"),
        ])
    };
    let diff = texts("")?.diff(&texts(", tokenize='trigram'")?)?;
    assert_eq!(
        diff.sql(&Decisions::new())?,
        [
            r#"DROP TABLE "texts_search""#,
            "CREATE VIRTUAL TABLE texts_search USING fts5(title, content='texts', content_rowid='pk', tokenize='trigram')",
            r#"INSERT INTO "texts_search" ("texts_search") VALUES ('rebuild')"#,
        ]
    );
    // One with texts of its own is not thrown away.
    let own = Schema::from_sql([
        "CREATE TABLE texts (pk INTEGER PRIMARY KEY, title TEXT)",
        "CREATE VIRTUAL TABLE texts_search USING fts5(title)",
    ])?;
    assert!(own.diff(&texts("")?)?.sql(&Decisions::new()).is_err());
    Ok(())
}

#[tokio::test]
async fn shadow_tables_are_part_of_the_search() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<both::Text>().await?;
    let schema = db.schema().await?;
    let names: Vec<_> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["texts", "texts_search", "texts_search_replaced"]);
    let search = schema.table("texts_search").and_then(|table| table.search()).unwrap();
    assert_eq!(search.columns, ["title", "body"]);
    assert_eq!(search.option("tokenize"), Some("porter unicode61"));
    assert_eq!(schema.table("texts").and_then(|table| table.search()), None);
    Ok(())
}
