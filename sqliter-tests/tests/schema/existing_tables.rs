//! `create_tables` where the tables exist already.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Status {
    Open,
    Closed,
    Blocked,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "issues", index(title), index(size, unique))]
struct Issue {
    pk: Key<Issue>,
    title: String,
    size: i64,
    ratio: f64,
    note: Option<String>,
    status: Status,
}

const KEY: &str = "pk INTEGER PRIMARY KEY";

async fn differences(sql: &str) -> Vec<String> {
    let db = Db::memory().await.unwrap();
    for sql in sql.split(';') {
        db.execute(sql).await.unwrap();
    }
    let before = db.schema().await.unwrap();
    match db.create_tables::<(Issue,)>().await {
        Ok(()) => Vec::new(),
        Err(Error::SchemaDiffers { table, differences }) => {
            assert_eq!(table, "issues");
            assert_eq!(db.schema().await.unwrap(), before, "it has changed what it refuses");
            differences
        }
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_table_that_cannot_serve_its_model_is_refused() {
    for (table, expected) in [
        (format!("({KEY}, title TEXT, size, ratio REAL, note TEXT)"), vec!["it has no column status"]),
        (
            format!("({KEY}, title INTEGER, size INTEGER, ratio REAL, note DOUBLE, status TEXT)"),
            vec!["title is INTEGER, and should be TEXT", "note is DOUBLE, and should be TEXT"],
        ),
        (
            format!("({KEY}, title TEXT, size TEXT, ratio ANY, note INT, status TEXT) STRICT"),
            vec!["size is TEXT, and should be INTEGER", "note is INT, and should be TEXT"],
        ),
        (
            format!("({KEY}, title TEXT, size INTEGER, ratio REAL, note TEXT NOT NULL, status TEXT, more NOT NULL)"),
            vec![
                "more is NOT NULL without a default, and the model does not know it",
                "note is NOT NULL, and may be NULL in the model",
            ],
        ),
        (
            format!("({KEY}, title TEXT, size AS (length(title)), ratio REAL, note TEXT, status TEXT)"),
            vec!["size is computed, and cannot be written"],
        ),
        (
            format!("({KEY}, title TEXT, size, ratio, note, status TEXT CHECK (status IN ('open', 'closed')))"),
            vec![
                "a check is CHECK (status IN ('open', 'closed')), and should be \
                 CHECK (\"status\" = 'open' OR \"status\" = 'closed' OR \"status\" = 'blocked')",
            ],
        ),
        (
            format!("({KEY}, title, size, ratio, note, status); CREATE INDEX idx_issues_title ON issues (note)"),
            vec!["the index idx_issues_title is INDEX (note), and should be INDEX (title)"],
        ),
        (
            format!("({KEY}, title, size, ratio, note, status); CREATE INDEX idx_issues_size_unique ON issues (size)"),
            vec!["the index idx_issues_size_unique is INDEX (size), and should be UNIQUE INDEX (size)"],
        ),
    ] {
        assert_eq!(differences(&format!("CREATE TABLE issues {table}")).await, expected, "{table}");
    }
}

#[tokio::test]
async fn what_others_have_besides_and_wider_types_are_none_of_its_business() {
    for table in [
        format!(
            "({KEY}, title VARCHAR(20), size BIGINT, ratio FLOAT, note CLOB, status TEXT, more NOT NULL DEFAULT 1)"
        ),
        format!("({KEY}, title, size, ratio, note, status); CREATE INDEX others ON issues (size DESC)"),
        format!("({KEY}, title ANY, size INT, ratio ANY, note ANY, status ANY, x ANY AS (1) NOT NULL) STRICT"),
        format!("(x NOT NULL DEFAULT 'x', {KEY}, title DATETIME, size TEXT, ratio NUMERIC, note STRING, status BLOB)"),
        format!(
            "({KEY}, title, size, ratio, note, status TEXT CHECK (status IN ('blocked', 'open', 'closed', 'new')), \
             CHECK (size < 9))"
        ),
    ] {
        assert_eq!(differences(&format!("CREATE TABLE issues {table}")).await, Vec::<String>::new(), "{table}");
    }
}

#[tokio::test]
async fn indexes_of_the_same_name_are_looked_at_where_only_indexes_are_created() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE issues (pk INTEGER PRIMARY KEY, title, size)").await.unwrap();
    db.create_indexes::<Issue>().await.unwrap();
    db.create_indexes::<Issue>().await.unwrap();
    db.execute("DROP INDEX idx_issues_title").await.unwrap();
    db.execute("CREATE INDEX idx_issues_title ON issues (title) WHERE size > 1").await.unwrap();
    let error = db.create_indexes::<Issue>().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the table issues in the file does not serve its model: the index idx_issues_title is INDEX (title) WHERE \
         size > 1, and should be INDEX (title); `schema_diff` gives the SQL that mends it"
    );
}

#[tokio::test]
async fn a_table_that_cannot_serve_is_made_anew_by_force() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE issues (pk INTEGER PRIMARY KEY, title INTEGER)").await.unwrap();
    db.create_tables::<(Issue,)>().force().await.unwrap();
    db.require_schema::<(Issue,)>().await.unwrap();
    db.insert(Issue::builder().title("a").size(1).ratio(0.5).status(Status::Blocked)).await.unwrap();
}

mod before {
    use super::*;
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(tags = Tag))]
    pub struct Article {
        pub pk: Key<Article>,
        pub body: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Tag {
        pub pk: Key<Tag>,
        pub name: String,
    }
    pub type All = (Article, Tag);
}

mod after {
    use super::*;
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(renamed_from = "articles", many_to_many(tags = Tag))]
    pub struct Post {
        pub pk: Key<Post>,
        #[model(renamed_from = "body", collate = nocase)]
        pub text: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Tag {
        pub pk: Key<Tag>,
        pub name: String,
    }
    pub type All = (Post, Tag);
}

#[tokio::test]
async fn what_a_model_says_of_its_old_names_is_followed_into_pairs_too() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<before::All>().await.unwrap();
    let article = db.insert(before::Article::builder().body("text")).await.unwrap();
    let tag = db.insert(before::Tag::builder().name("tag")).await.unwrap();
    article.tags(&db).add([&tag]).await.unwrap();
    let diff = db.schema_diff::<after::All>().await.unwrap();
    let texts: Vec<_> = diff.differences.iter().map(ToString::to_string).collect();
    assert_eq!(texts[0], "posts: the name is articles, and should be posts", "{texts:#?}");
    let statements = diff.sql(&sqliter::schema::Decisions::new()).unwrap();
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    sqlite.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    sqlite.execute_batch(&db.schema().await.unwrap().to_string()).unwrap();
    sqlite.execute_batch("INSERT INTO articles VALUES (4, 'x'); INSERT INTO tags VALUES (5, 'y'); INSERT INTO articles_tags VALUES (6, 4, 5)").unwrap();
    for sql in &statements {
        sqlite.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let pair = sqlite.query_row("SELECT posts_pk, tags_pk FROM posts_tags", [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(pair.unwrap(), (4, 5));
    let text: String = sqlite.query_row("SELECT text FROM posts WHERE text = 'X'", [], |row| row.get(0)).unwrap();
    assert_eq!(text, "x");
}
