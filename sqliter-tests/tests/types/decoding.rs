//! What other programs stored: read if it fits, else a decode error; and what keeps them from storing it.

use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Error, Json};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Status {
    Open,
    InReview,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer)]
enum Level {
    Low = 1,
    High = 10,
}

/// Lives in a table without declared types, which holds anything.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(strict = false)]
struct Loose {
    pk: Key<Loose>,
    flag: bool,
    small: i8,
    big: i64,
    count: u64,
    real: f64,
    single: f32,
    text: String,
    bytes: Vec<u8>,
    date: chrono::NaiveDate,
    time: chrono::NaiveTime,
    at: chrono::DateTime<chrono::Utc>,
    unix: Unix<chrono::DateTime<chrono::Utc>>,
    list: Json<Vec<i64>>,
    id: Uuid,
    amount: Decimal,
    status: Status,
    level: Level,
    parent: Key<Loose>,
}

/// The same table, where everything is optional.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "looses", strict = false)]
struct Optional {
    pk: Key<Optional>,
    flag: Option<bool>,
    small: Option<i8>,
    big: Option<i64>,
    count: Option<u64>,
    real: Option<f64>,
    single: Option<f32>,
    date: Option<chrono::NaiveDate>,
    at: Option<chrono::DateTime<chrono::Utc>>,
    unix: Option<Unix<chrono::DateTime<chrono::Utc>>>,
    amount: Option<Decimal>,
    status: Option<Status>,
    level: Option<Level>,
    parent: Option<Key<Optional>>,
}

const COLUMNS: &str = "flag, small, big, count, real, single, text, bytes, date, time, at, unix, list, id, amount, \
    status, level, parent";

async fn loose() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.execute(format!("CREATE TABLE looses (pk INTEGER PRIMARY KEY, {COLUMNS})")).await?;
    db.execute(format!(
        "INSERT INTO looses (pk, {COLUMNS}) VALUES (1, 1, 1, 1, 1, 1.5, 1.5, '', x'', '2024-01-01', '10:00', \
         '2024-01-01 10:00', 0, '[]', '{}', '1.5', 'open', 1, 1)",
        Uuid::nil()
    ))
    .await?;
    Ok(db)
}

/// What is found in the column, from the error of reading the literal there.
async fn refused(db: &Db, column: &str, literal: &str) -> sqliter::Result<String> {
    db.execute(format!("CREATE TABLE saved AS SELECT {column} AS value FROM looses")).await?;
    db.execute(format!("UPDATE looses SET {column} = {literal}")).await?;
    let mut errors = vec![
        db.get(Loose::key(1)).await.map(|_| ()).unwrap_err(),
        db.select::<Loose>().fetch_all().await.map(|_| ()).unwrap_err(),
    ];
    let in_transaction = db.transaction(async |tx| tx.select::<Loose>().fetch_first().await).await;
    errors.push(in_transaction.map(|_| ()).unwrap_err());
    db.execute(format!("UPDATE looses SET {column} = (SELECT value FROM saved)")).await?;
    db.execute("DROP TABLE saved").await?;
    let mut all = Vec::new();
    for error in errors {
        let text = error.to_string();
        let Error::Decode { table, column: named, expected, found } = error else { panic!("{column}: {error:?}") };
        assert_eq!((table.as_str(), named.as_str()), ("looses", column), "{literal}");
        assert!(!expected.is_empty());
        assert_eq!(text, format!("looses.{column} holds {found}, expected {expected}"));
        all.push(found);
    }
    assert!(all.iter().all(|found| *found == all[0]), "{all:?}");
    Ok(all.remove(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn null_in_a_required_field_is_a_decode_error() -> sqliter::Result<()> {
    let db = loose().await?;
    assert!(db.get(Loose::key(1)).await?.is_some());
    for column in COLUMNS.split(", ") {
        assert_eq!(refused(&db, column, "NULL").await?, "NULL", "{column}");
    }
    assert!(db.get(Loose::key(1)).await?.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_storage_class_is_a_decode_error() -> sqliter::Result<()> {
    let db = loose().await?;
    for column in COLUMNS.split(", ") {
        // JSON may be a blob, a blob of 16 bytes may be a UUID; this one is neither.
        let (literal, found) = if column == "bytes" { ("'x'", "TEXT 'x'") } else { ("x'0001'", "BLOB of 2 bytes") };
        let was = refused(&db, column, literal).await?;
        assert!(was.starts_with(found), "{column}: {was}");
    }
    for (column, literal, found) in [
        ("flag", "'yes'", "TEXT 'yes'"),
        ("flag", "0.0", "REAL 0.0"),
        ("big", "'1x'", "TEXT '1x'"),
        ("big", "1.5", "REAL 1.5"),
        ("big", "''", "TEXT ''"),
        ("real", "'one'", "TEXT 'one'"),
        ("text", "7", "INTEGER 7"),
        ("bytes", "7", "INTEGER 7"),
        ("list", "7", "INTEGER 7"),
        ("id", "7", "INTEGER 7"),
        ("status", "0", "INTEGER 0"),
        ("level", "'low'", "TEXT 'low'"),
        ("parent", "'one'", "TEXT 'one'"),
        ("unix", "'2024-01-01'", "TEXT '2024-01-01'"),
        ("time", "600", "INTEGER 600"),
    ] {
        let was = refused(&db, column, literal).await?;
        assert!(was.starts_with(found), "{column}: {was}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_range_is_a_decode_error() -> sqliter::Result<()> {
    let db = loose().await?;
    for (column, literal, found) in [
        ("flag", "2", "INTEGER 2"),
        ("flag", "-1", "INTEGER -1"),
        ("small", "128", "INTEGER 128"),
        ("small", "-129", "INTEGER -129"),
        ("small", "'300'", "TEXT '300'"),
        ("count", "-1", "INTEGER -1"),
        ("big", "'9223372036854775808'", "TEXT '9223372036854775808'"),
        ("real", "9007199254740993", "INTEGER 9007199254740993"),
        ("single", "1e300", "REAL 1e300"),
        ("unix", "9223372036854775807", "INTEGER 9223372036854775807"),
        ("amount", "'79228162514264337593543950336'", "TEXT '79228162514264337593543950336'"),
        ("amount", "9e999", "REAL inf"),
        ("level", "2", "INTEGER 2"),
        ("status", "'OPEN'", "TEXT 'OPEN'"),
        ("status", "''", "TEXT ''"),
        ("at", "'10000-01-01'", "TEXT '10000-01-01'"),
    ] {
        let was = refused(&db, column, literal).await?;
        assert!(was.starts_with(found), "{column}: {was}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_text_is_a_decode_error() -> sqliter::Result<()> {
    let db = loose().await?;
    for (column, literal) in [
        ("date", "'2023-02-29'"),
        ("date", "'2024-13-01'"),
        ("date", "'01.02.2024'"),
        ("date", "''"),
        ("date", "'2024-01-01 10:00'"),
        ("time", "'25:00'"),
        ("time", "'2024-01-01'"),
        ("at", "'yesterday'"),
        ("at", "'2024-01-01 10:60'"),
        ("at", "'now'"),
        ("list", "'[1,'"),
        ("list", "'{\"a\": 1}'"),
        ("id", "'00000000-0000-0000-0000-00000000000'"),
        ("amount", "'1,5'"),
        ("amount", "'NaN'"),
    ] {
        let was = refused(&db, column, literal).await?;
        assert!(was.starts_with(&format!("TEXT {literal}")), "{column}: {was}");
    }
    let long = refused(&db, "date", &format!("'{}'", "é".repeat(10_000))).await?;
    assert!(long.len() < 200, "{}", long.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_not_utf_8_is_a_decode_error() -> sqliter::Result<()> {
    let db = loose().await?;
    for column in COLUMNS.split(", ").filter(|column| *column != "bytes") {
        let was = refused(&db, column, "CAST(x'61ff' AS TEXT)").await?;
        assert!(was.starts_with("TEXT that is not UTF-8"), "{column}: {was}");
    }
    db.execute("UPDATE looses SET text = CAST(x'ff' AS TEXT)").await?;
    let all = || db.select::<Loose>();
    for error in [
        all().only(|l| l.text).fetch_all().await.map(|_| ()).unwrap_err(),
        all().fields(|l| (l.pk, l.text)).fetch_one().await.map(|_| ()).unwrap_err(),
        all().fetch_dicts().await.map(|_| ()).unwrap_err(),
    ] {
        assert!(matches!(&error, Error::Decode { table, column, .. } if table == "looses" && column == "text"));
    }
    assert_eq!(all().fields(|l| (l.pk, l.flag)).fetch_all().await?, [(Loose::key(1), true)]);
    Ok(())
}

#[tokio::test]
async fn decode_errors_leave_the_database_usable_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = loose().await?;
    assert_eq!(refused(&db, "small", "1000").await?, "INTEGER 1000");
    assert_eq!(db.get(Loose::key(1)).await?.unwrap().small, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_the_python_original_wrote_into_optional_columns_is_read() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute(
        "CREATE TABLE looses (pk INTEGER PRIMARY KEY AUTOINCREMENT, flag TEXT, small TEXT, big TEXT, count TEXT, \
         real TEXT, single TEXT, date TEXT, at TEXT, unix TEXT, amount TEXT, status TEXT, level TEXT, parent TEXT)",
    )
    .await?;
    // The column gives each number the form of text, as it does for the original.
    db.execute(
        "INSERT INTO looses VALUES (1, 0, 10, -9223372036854775808, 10, 10.5, 10, 1704067200, 1704103200, 22970390400, \
         10.25, 'in_review', 10, 1)",
    )
    .await?;
    db.execute("INSERT INTO looses (pk, flag) VALUES (2, 1)").await?;
    let row = db.get(Optional::key(1)).await?.unwrap();
    let instant = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(
        row,
        Optional {
            pk: Optional::key(1),
            flag: Some(false),
            small: Some(10),
            big: Some(i64::MIN),
            count: Some(10),
            real: Some(10.5),
            single: Some(10.0),
            date: chrono::NaiveDate::from_ymd_opt(2024, 1, 1),
            at: Some(instant("2024-01-01T10:00:00Z")),
            unix: Some(Unix(instant("2697-11-26T00:00:00Z"))),
            amount: Some("10.25".parse().unwrap()),
            status: Some(Status::InReview),
            level: Some(Level::High),
            parent: Some(Optional::key(1)),
        }
    );
    let empty = db.get(Optional::key(2)).await?.unwrap();
    assert_eq!((empty.flag, empty.big, empty.date), (Some(true), None, None));
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Guarded {
    pk: Key<Guarded>,
    flag: bool,
    maybe: Option<bool>,
    status: Option<Status>,
    level: Level,
    number: Option<i64>,
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_tables_and_checks_keep_other_programs_from_breaking_a_model() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Guarded>().await?;
    let row = db.insert(Guarded::builder().flag(true).level(Level::Low)).await?;
    for (assignment, code) in [
        ("flag = 2", "275"),
        ("flag = NULL", "1299"),
        ("flag = 'yes'", "3091"),
        ("maybe = -1", "275"),
        ("status = 'closed'", "275"),
        ("status = 'OPEN'", "275"),
        ("level = 5", "275"),
        ("number = 'ten'", "3091"),
        ("number = 1.5", "3091"),
    ] {
        let sql = sqliter::sqlx::AssertSqlSafe(format!("UPDATE guardeds SET {assignment}"));
        let error = sqliter::sqlx::query(sql).execute(&db.pool()).await.unwrap_err();
        let code_found = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        assert_eq!(code_found, code, "{assignment}: {error}");
    }
    sqliter::sqlx::query("UPDATE guardeds SET maybe = NULL, status = 'open', level = 10, number = '7'")
        .execute(&db.pool())
        .await
        .unwrap();
    let read = db.get(row.pk).await?.unwrap();
    assert_eq!((read.maybe, read.status, read.level, read.number), (None, Some(Status::Open), Level::High, Some(7)));
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(strict = false)]
struct Relaxed {
    pk: Key<Relaxed>,
    number: i64,
    flag: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_strict_keeps_its_checks() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Relaxed>().await?;
    let sql = &db.create_table::<Relaxed>().to_sql()?[0];
    assert!(!sql.contains("STRICT"), "{sql}");
    let row = db.insert(Relaxed::builder().number(1).flag(true)).await?;
    assert_eq!(db.get(row.pk).await?.as_ref(), Some(&row));
    assert!(matches!(db.execute("UPDATE relaxeds SET flag = 2").await, Err(Error::CheckViolation { .. })));
    for number in ["'ten'", "1.5", "x'31'"] {
        let error = db.execute(format!("UPDATE relaxeds SET number = {number}")).await.unwrap_err();
        assert!(matches!(&error, Error::CheckViolation { columns, .. } if *columns == ["number"]), "{error:?}");
    }
    db.execute("UPDATE relaxeds SET number = '10'").await?;
    assert_eq!(db.get(row.pk).await?.unwrap().number, 10);
    Ok(())
}
