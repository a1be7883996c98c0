//! A table that is searched over time: from each version to each other one, by a migration over rows, beside what others have made.

use std::pin::Pin;

use sqliter::bounds::Models;
use sqliter::prelude::*;
use sqliter::schema::Decisions;
use sqliter::sqlx::migrate::{Migration, MigrationType, Migrator};
use sqliter::sqlx::{self, SqlSafeStr as _};

macro_rules! versions {
    ($($module:ident $model:ident [$($table:tt)*] { $($field:tt)* })*) => {$(
        mod $module {
            use sqliter::prelude::*;

            #[derive(Debug, Clone, PartialEq, Model)]
            #[model($($table)*)]
            pub(super) struct $model { $($field)* }
        }
    )*};
}

versions! {
    plain Text [] { pk: Key<Text>, title: String, body: Option<String> }
    of_title Text [search(title)] { pk: Key<Text>, title: String, body: Option<String> }
    of_both Text [search(title, body, tokenize = "porter unicode61")] { pk: Key<Text>, title: String, body: Option<String> }
    of_both_by_prefix Text [search(title, body, tokenize = "porter unicode61", prefix = "2 3")] {
        pk: Key<Text>, title: String, body: Option<String>
    }
    checked Text [search(body)] { pk: Key<Text>, #[model(check = "title <> ''")] title: String, body: String }
    short Text [search(title)] { pk: Key<Text>, title: String }
    heading Text [search(heading, body)] { pk: Key<Text>, heading: String, body: Option<String> }
    heading_as_title Text [search(heading, body)] {
        pk: Key<Text>, #[model(column = "title")] heading: String, body: Option<String>
    }
    unique Text [search(body, title), unique(title)] { pk: Key<Text>, title: String, body: Option<String> }
    other_key Text [search(title, body)] { #[model(column = "id")] pk: Key<Text>, title: String, body: Option<String> }
    other_name Text [table = "documents", search(title, body)] { pk: Key<Text>, title: String, body: Option<String> }
    all_other Text [table = "a \"b\" c", search(heading)] {
        #[model(column = "the key")] pk: Key<Text>,
        #[model(column = "the 'heading'", check = "length(\"the 'heading'\") > 0")] heading: String,
    }
    generated Text [search(loud)] {
        pk: Key<Text>, title: String, body: Option<String>, #[model(generated = "upper(title)")] loud: String
    }
}

type Done<'a, T> = Pin<Box<dyn Future<Output = sqliter::Result<T>> + 'a>>;

/// A version by its names in the database.
struct Version {
    name: &'static str,
    table: &'static str,
    key: &'static str,
    title: &'static str,
    body: Body,
    /// The columns of its search.
    searched: &'static [&'static str],
    /// A computed column.
    loud: bool,
    create: for<'a> fn(&'a Db) -> Done<'a, ()>,
    /// The statements that lead there.
    statements: for<'a> fn(&'a Db, &'a Decisions) -> Done<'a, Vec<String>>,
}

#[derive(PartialEq)]
enum Body {
    Absent,
    Nullable,
    Required,
}

fn create<'a, T: Models>(db: &'a Db) -> Done<'a, ()> {
    Box::pin(async { db.create_tables::<T>().await })
}

fn statements<'a, T: Models>(db: &'a Db, told: &'a Decisions) -> Done<'a, Vec<String>> {
    Box::pin(async { db.schema_diff::<T>().await?.sql(told) })
}

fn all() -> Vec<Version> {
    macro_rules! version {
        ($module:ident $($field:ident: $value:expr),*) => {
            Version {
                name: stringify!($module),
                create: create::<($module::Text,)>,
                statements: statements::<($module::Text,)>,
                $($field: $value,)*
                ..Version {
                    name: "",
                    table: "texts",
                    key: "pk",
                    title: "title",
                    body: Body::Nullable,
                    searched: &["title", "body"],
                    loud: false,
                    create: create::<($module::Text,)>,
                    statements: statements::<($module::Text,)>,
                }
            }
        };
    }
    vec![
        version!(plain searched: &[]),
        version!(of_title searched: &["title"]),
        version!(of_both loud: false),
        version!(of_both_by_prefix loud: false),
        version!(checked searched: &["body"], body: Body::Required),
        version!(short searched: &["title"], body: Body::Absent),
        version!(heading title: "heading", searched: &["heading", "body"]),
        version!(heading_as_title loud: false),
        version!(unique searched: &["body", "title"]),
        version!(other_key key: "id"),
        version!(other_name table: "documents"),
        version!(all_other table: "a \"b\" c", key: "the key", title: "the 'heading'", body: Body::Absent, searched: &["the 'heading'"]),
        version!(generated searched: &["loud"], loud: true),
    ]
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Version {
    /// What a person would decide who goes from this version to another one.
    fn decisions(&self, to: &Self) -> Decisions {
        let mut told = Decisions::new().rows_satisfy(to.table);
        if self.table != to.table {
            told = told.rename_table(self.table, to.table);
        }
        for (old, new) in [(self.key, to.key), (self.title, to.title)] {
            if old != new {
                told = told.rename_column(to.table, old, new);
            }
        }
        if self.loud && !to.loud {
            told = told.drop_column(to.table, "loud");
        }
        match (&self.body, &to.body) {
            (Body::Absent, Body::Required) => told.value(to.table, "body", "'they were running'"),
            (Body::Nullable, Body::Required) => told.value(to.table, "body", "coalesce(body, '')"),
            (Body::Nullable | Body::Required, Body::Absent) => told.drop_column(to.table, "body"),
            _ => told,
        }
    }

    async fn insert(&self, db: &Session, title: &str) -> sqliter::Result<()> {
        let (table, column) = (quoted(self.table), quoted(self.title));
        let (columns, values) = match self.body {
            Body::Absent => (column, "?"),
            _ => (format!("{column}, body"), "?, 'they were running'"),
        };
        let sql = format!("INSERT INTO {table} ({columns}) VALUES ({values})");
        db.execute(sql).bind(title.to_owned()).await.map(drop)
    }

    /// The search is the table, by FTS5's own check, by its number of rows, and by what it finds.
    async fn is_true(&self, db: &Session, titles: &[&str]) -> sqliter::Result<()> {
        let search = quoted(&format!("{}_search", self.table));
        if self.searched.is_empty() {
            let left: Vec<String> =
                db.query("SELECT name FROM sqlite_schema WHERE name LIKE '%search%'").fetch_all().await?;
            assert!(left.is_empty(), "{left:?}");
            return Ok(());
        }
        db.execute(format!("INSERT INTO {search} ({search}, rank) VALUES ('integrity-check', 1)")).await?;
        let sizes = quoted(&format!("{}_search_docsize", self.table));
        let number: i64 = db.query(format!("SELECT count(*) FROM {sizes}")).fetch_required().await?;
        assert_eq!(number, titles.len() as i64);
        let name = format!("{}_search", self.table);
        let columns: Vec<String> = db.query("SELECT name FROM pragma_table_info(?)").bind(name).fetch_all().await?;
        assert_eq!(columns, self.searched);
        if self.searched != ["body"] {
            for title in titles {
                let found = format!("SELECT count(*) FROM {search} WHERE {search} MATCH ?");
                let found: i64 = db.query(found).bind((*title).to_owned()).fetch_required().await?;
                assert_eq!(found, 1, "{title}");
            }
        }
        Ok(())
    }
}

/// Runs statements as a migration.
async fn migrate(db: &Db, statements: &[String]) -> sqliter::Result<()> {
    let sql = sqlx::AssertSqlSafe(statements.join(";\n")).into_sql_str();
    let migration = Migration::new(1, "change".into(), MigrationType::Simple, sql, false);
    db.migrate(Migrator::with_migrations(vec![migration])).await.map(drop)
}

/// What others have beside the table: a log that a trigger writes, and a view of it.
async fn of_others(db: &Db, version: &Version) -> sqliter::Result<()> {
    let (table, title) = (quoted(version.table), quoted(version.title));
    db.execute("CREATE TABLE log (what TEXT)").await?;
    db.execute(format!("CREATE TRIGGER logs AFTER INSERT ON {table} BEGIN INSERT INTO log VALUES (new.{title}); END"))
        .await?;
    db.execute(format!("CREATE VIEW shouts AS SELECT upper({title}) AS shout FROM {table}")).await?;
    Ok(())
}

async fn step(from: &Version, to: &Version) -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("texts.db");
    let db = Db::open(&path).await?;
    (from.create)(&db).await?;
    of_others(&db, from).await?;
    for title in ["cats", "dogs"] {
        from.insert(&db, title).await?;
    }
    from.is_true(&db, &["cats", "dogs"]).await?;
    // A connection of another program, which has seen the tables as they were.
    let other = rusqlite::Connection::open(&path).unwrap();
    let number = |sql: &str| other.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("SELECT count(*) FROM log"), 2);

    let told = from.decisions(to);
    let statements = (to.statements)(&db, &told).await?;
    migrate(&db, &statements).await?;
    let left = (to.statements)(&db, &Decisions::new()).await?;
    assert!(left.is_empty(), "{} to {}: {left:?}", from.name, to.name);
    to.is_true(&db, &["cats", "dogs"]).await?;

    // Whoever writes then: another connection, and this one.
    let (table, title) = (quoted(to.table), quoted(to.title));
    other.execute(&format!("UPDATE {table} SET {title} = 'birds' WHERE {title} = 'dogs'"), []).unwrap();
    to.is_true(&db, &["cats", "birds"]).await?;
    to.insert(&db, "fishes").await?;
    to.is_true(&db, &["cats", "birds", "fishes"]).await?;
    other.execute(&format!("DELETE FROM {table} WHERE {title} = 'cats'"), []).unwrap();
    to.is_true(&db, &["birds", "fishes"]).await?;
    let key = quoted(to.key);
    if !to.loud {
        // Rows that give way to themselves.
        other.execute(&format!("REPLACE INTO {table} SELECT * FROM {table} WHERE {key} > 1"), []).unwrap();
    }
    to.is_true(&db, &["birds", "fishes"]).await?;
    let of_others = [
        number("SELECT count(*) FROM log WHERE what = 'fishes'").min(1),
        number("SELECT count(*) FROM shouts WHERE shout = 'FISHES'"),
    ];
    assert_eq!(of_others, [1, 1], "{} to {}: the trigger and the view of others", from.name, to.name);
    Ok(())
}

#[tokio::test]
async fn each_version_of_a_searched_table_leads_to_each_other() {
    let versions = all();
    let mut failed = Vec::new();
    for from in &versions {
        for to in versions.iter().filter(|to| to.name != from.name) {
            let done = step(from, to).await;
            if let Err(error) = done {
                failed.push(format!("{} to {}: {error}", from.name, to.name));
            }
        }
    }
    assert!(failed.is_empty(), "{}\n{}", failed.len(), failed.join("\n"));
}
