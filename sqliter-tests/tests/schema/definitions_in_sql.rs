//! Tables of other programs as models: columns and constraints that are said in SQL, foreign keys without an index, values of any
//! storage class.

use super::kept::{indexes, sql, table};
use sqliter::prelude::*;
use sqliter::{Any, Error, Value};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    strict = false,
    unique(name, year, constraint),
    constraint = "FOREIGN KEY (name, year) REFERENCES albums (name, year)"
)]
#[model(index(artist, name = "by_artist"))]
struct Album {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    id: Key<Album>,
    #[model(sql = "VARCHAR(80) NOT NULL COLLATE NOCASE", collate = nocase)]
    name: String,
    #[model(sql = "DATE DEFAULT (1 + 1999)")]
    year: Option<i64>,
    #[model(sql = "VARCHAR(10) UNIQUE ON CONFLICT ABORT", unique)]
    code: Option<String>,
    #[model(sql = "", index = false)]
    artist: Option<Key<Artist>>,
    #[model(sql = "AS (upper(name)) STORED", generated = "upper(name)", stored)]
    loud: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Artist {
    pk: Key<Artist>,
}

async fn albums() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Album, Artist)>().await.unwrap();
    db
}

#[tokio::test]
async fn a_column_is_defined_by_exactly_the_sql_that_is_said() {
    let db = albums().await;
    let expected = r#"CREATE TABLE "albums" ("id" INTEGER PRIMARY KEY, "name" VARCHAR(80) NOT NULL COLLATE NOCASE, "year" DATE DEFAULT (1 + 1999), "code" VARCHAR(10) UNIQUE ON CONFLICT ABORT, "artist" , "loud" AS (upper(name)) STORED, FOREIGN KEY ("artist") REFERENCES "artists"("pk") ON DELETE RESTRICT ON UPDATE RESTRICT, UNIQUE ("name", "year"), FOREIGN KEY (name, year) REFERENCES albums (name, year))"#;
    assert_eq!(sql(&db, "albums").await, expected);
    assert_eq!(indexes(&db).await, ["sqlite_autoindex_albums_1", "sqlite_autoindex_albums_2", "by_artist"]);
    assert!(db.schema_diff::<(Album, Artist)>().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_said_beside_the_sql_tells_the_library_what_it_does() {
    let db = albums().await;
    let first = db.insert(Album::builder().name("Low").year(1977).code("PL 12030")).await.unwrap();
    assert_eq!(first.loud.as_deref(), Some("LOW"));
    let same = Album::builder().name("LOW").year(1977);
    assert!(
        matches!(db.insert(same).await, Err(Error::UniqueViolation { columns, .. }) if columns == ["name", "year"])
    );
    db.upsert(Album::builder().name("low").year(1977), |a| (a.name, a.year)).update(|a| a.name).await.unwrap();
    db.upsert(Album::builder().name("Lodger").code("PL 12030"), |a| a.code).update(|a| a.name).await.unwrap();
    let all = db.select::<Album>().filter(|a| a.name.eq("LODGER")).fetch_all().await.unwrap();
    let [album] = all.try_into().unwrap();
    assert_eq!((album.id, album.name.as_str(), album.loud.as_deref()), (first.id, "Lodger", Some("LODGER")));
    assert_eq!(db.get(first.id).await.unwrap(), Some(album));
}

#[tokio::test]
async fn a_key_of_several_columns_is_declared_by_a_constraint() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "notes", strict = false, constraint = "PRIMARY KEY (\"day\" DESC, \"number\") ON CONFLICT REPLACE")]
    struct Note {
        #[model(pk, sql = "TEXT")]
        day: String,
        #[model(pk, sql = "INT")]
        number: i64,
        #[model(sql = "CLOB")]
        text: Option<String>,
    }
    let db = table::<Note>().await;
    let statement = sql(&db, "notes").await;
    assert!(
        statement.ends_with(r#""text" CLOB, PRIMARY KEY ("day" DESC, "number") ON CONFLICT REPLACE)"#),
        "{statement}"
    );
    db.insert(Note::builder().day("monday").number(1).text("a")).await.unwrap();
    let note = db.insert(Note::builder().day("monday").number(1).text("b")).await.unwrap();
    assert_eq!(db.get(note.primary_key()).await.unwrap(), Some(note));
    assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn another_definition_in_the_file_is_a_difference() {
    let db = albums().await;
    db.execute("ALTER TABLE albums RENAME COLUMN code TO barcode").await.unwrap();
    let found = db.schema_diff::<(Album, Artist)>().await.unwrap().to_string();
    assert!(found.starts_with("albums.code: the column is missing: \"code\" VARCHAR(10)"), "{found}");
    let other = r#"CREATE TABLE "albums" (id INTEGER PRIMARY KEY, name VARCHAR(81) NOT NULL COLLATE NOCASE, year DATE DEFAULT 2000, code VARCHAR(10), artist REFERENCES artists ON DELETE RESTRICT ON UPDATE RESTRICT, loud AS (upper(name)) STORED, UNIQUE (name))"#;
    let db = Db::memory().await.unwrap();
    db.execute(other).await.unwrap();
    db.create_table::<Artist>().await.unwrap();
    let found = db.schema_diff::<(Album, Artist)>().await.unwrap();
    let found: Vec<_> = found.differences.iter().map(ToString::to_string).collect();
    let expected = [
        "albums.name: the type is VARCHAR(81), and should be VARCHAR(80)",
        "albums.year: the default is DEFAULT 2000, and should be DEFAULT (1 + 1999)",
    ];
    assert_eq!(found.iter().filter(|line| expected.contains(&line.as_str())).count(), 2, "{found:#?}");
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[tokio::test]
async fn mistakes_in_the_sql_are_told_with_their_place() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Book {
        pk: Key<Book>,
        #[model(sql = "TEXT NOT")]
        title: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(constraint = "UNIQUE (titel)")]
    struct Paper {
        pk: Key<Paper>,
        title: String,
    }
    let db = Db::memory().await.unwrap();
    let error = db.create_table::<Book>().await.unwrap_err().to_string();
    assert!(
        error.starts_with("the model Book has a mistake in its SQL, in the definition of the column title: "),
        "{error}"
    );
    let error = db.create_table::<Paper>().await.unwrap_err().to_string();
    assert!(error.starts_with("the model Paper has a mistake in its SQL, in the constraint: "), "{error}");
}

#[tokio::test]
async fn a_foreign_key_with_an_index_that_is_named_has_no_other() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(artist_id, name = "of_artist"))]
    struct Song {
        pk: Key<Song>,
        artist_id: Key<Artist>,
    }
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Song, Artist)>().await.unwrap();
    assert_eq!(indexes(&db).await, ["of_artist"]);
}

#[tokio::test]
async fn any_holds_values_of_every_storage_class() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Setting {
        #[model(pk)]
        name: String,
        value: Any,
        before: Option<Any>,
    }
    let db = table::<Setting>().await;
    let values = [Value::Real(1.5), Value::Integer(2), Value::Text("2".to_owned()), Value::Blob(vec![0])];
    for (i, value) in values.iter().enumerate() {
        let setting = Setting::builder().name(i.to_string()).value(Any(value.clone())).before(Any(value.clone()));
        db.insert(setting).await.unwrap();
    }
    let rows = db.select::<Setting>().order(|s| s.value.asc()).fetch_all().await.unwrap();
    assert_eq!(rows.iter().map(|row| &row.value.0).collect::<Vec<_>>(), values.iter().collect::<Vec<_>>());
    let same = db.select::<Setting>().filter(|s| s.value.eq(Any(Value::Integer(2)))).fetch_only().await.unwrap();
    assert_eq!((same.name.as_str(), same.before), ("1", Some(Any(Value::Integer(2)))));
    let null = Setting::builder().name("x").value(Any(Value::Null));
    assert!(matches!(db.insert(null).await, Err(Error::Encode { column, .. }) if column == "value"));
}

#[tokio::test]
async fn a_schema_is_read_from_a_file_that_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("albums.db");
    let db = Db::open(&path).await.unwrap();
    db.create_tables::<(Album, Artist)>().await.unwrap();
    let schema = db.schema().await.unwrap();
    assert_eq!(sqliter::schema::Schema::from_file(&path).unwrap(), schema);
    db.close().await.unwrap();
    assert_eq!(sqliter::schema::Schema::from_file(&path).unwrap(), schema);
    let missing = folder.path().join("none.db");
    assert!(sqliter::schema::Schema::from_file(&missing).is_err() && !missing.exists());
}
