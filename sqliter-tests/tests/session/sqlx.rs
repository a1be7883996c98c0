//! What sqlx does on the pool of a database: rows as models, migrations, statements that its macros check.
//!
//! `query!` knows its statements from the files in `.sqlx`. After a change to one, apply the migrations to a file and
//! build once with `DATABASE_URL=sqlite:…` (that file), `SQLX_OFFLINE=false` and `SQLX_OFFLINE_DIR` as the absolute path
//! of `.sqlx`: the macros write the files anew.

use chrono::NaiveDate;
use sqliter::prelude::*;
use sqliter::{Error, Json};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(moons = Moon::planet))]
struct Planet {
    pk: Key<Planet>,
    #[model(unique)]
    name: String,
    radius_km: Option<f64>,
    ringed: bool,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Moon {
    pk: Key<Moon>,
    name: String,
    #[model(column = "seen_on")]
    seen: Option<NaiveDate>,
    #[model(on_delete = cascade)]
    planet_id: Key<Planet>,
}

async fn migrated() -> Db {
    let db = Db::memory().await.unwrap();
    sqlx::migrate!("./migrations").run(&db.pool()).await.unwrap();
    let saturn = db.select::<Planet>().filter(|p| p.name.eq("Saturn")).fetch_required().await.unwrap();
    let seen = NaiveDate::from_ymd_opt(1655, 3, 25).unwrap();
    db.insert(Moon::builder().name("Titan").seen(seen).planet_id(&saturn)).await.unwrap();
    db.insert(Moon::builder().name("Pan").planet_id(&saturn)).await.unwrap();
    db
}

#[tokio::test]
async fn migrations_of_sqlx_make_tables_for_models() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let migrator = sqlx::migrate!("./migrations");
    for _ in 0..2 {
        migrator.run(&db.pool()).await.unwrap();
    }
    assert_eq!(db.table_names().await.unwrap(), ["_sqlx_migrations", "planets", "moons"]);
    let versions = db.query::<i64>("SELECT version FROM _sqlx_migrations ORDER BY 1").fetch_all().await.unwrap();
    assert_eq!(versions, [20_250_101_000_000, 20_250_102_000_000]);
    // They are what the models say, so that creating the tables finds them in order.
    db.create_tables::<(Planet, Moon)>().await.unwrap();
    let planets = db.select::<Planet>().order(|p| p.pk.asc()).fetch_all().await.unwrap();
    let mars = Planet { pk: Planet::key(1), name: "Mars".into(), radius_km: Some(3389.5), ringed: false };
    assert_eq!(planets[0], mars);
    assert!(planets[1].ringed);
}

#[tokio::test]
async fn rows_of_sqlx_become_models() {
    let db = migrated().await;
    let pool = db.pool();
    let moons = sqlx::query_as::<_, Moon>("SELECT * FROM moons ORDER BY pk").fetch_all(&pool).await.unwrap();
    assert_eq!(moons, db.select::<Moon>().order(|m| m.pk.asc()).fetch_all().await.unwrap());
    assert_eq!((moons[0].seen, moons[1].seen), (NaiveDate::from_ymd_opt(1655, 3, 25), None));
    // By the names of the columns, whatever else there is.
    let sql =
        "SELECT p.name AS planet, planet_id, m.seen_on, m.name, m.pk FROM moons m JOIN planets p ON p.pk = planet_id
               WHERE m.name = ?";
    let pan = sqlx::query_as::<_, Moon>(sql).bind("Pan").fetch_one(&pool).await.unwrap();
    assert_eq!(pan, moons[1]);
    let none = sqlx::query_as::<_, Moon>(sql).bind("Io").fetch_optional(&pool).await.unwrap();
    assert_eq!(none, None);
    // In a transaction of sqlx too, from which the library sees nothing before its commit.
    let mut tx = pool.begin().await.unwrap();
    let sql = "INSERT INTO planets (name, radius_km) VALUES (?, NULL) RETURNING *";
    let venus: Planet = sqlx::query_as(sql).bind("Vênus").fetch_one(&mut *tx).await.unwrap();
    assert_eq!((venus.name.as_str(), venus.radius_km, venus.ringed), ("Vênus", None, false));
    tx.commit().await.unwrap();
    assert_eq!(db.get(venus.pk).await.unwrap(), Some(venus));
}

#[tokio::test]
async fn values_of_every_kind_come_through_sqlx() {
    #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
    #[column(integer)]
    enum Level {
        Low = 1,
        High = 5,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Everything {
        #[model(pk)]
        code: String,
        level: Level,
        small: i8,
        real: f64,
        whole: f64,
        flag: Option<bool>,
        bytes: Vec<u8>,
        none: Vec<u8>,
        empty: String,
        json: Json<Vec<i64>>,
        at: chrono::DateTime<chrono::Utc>,
        id: uuid::Uuid,
        amount: rust_decimal::Decimal,
        up: Option<Key<Everything>>,
    }
    let db = Db::memory().await.unwrap();
    db.create_table::<Everything>().await.unwrap();
    let at = chrono::DateTime::from_timestamp(1_700_000_000, 5_000_000).unwrap();
    let row = Everything::builder().code("a\0b").level(Level::High).small(-5).real(1.5).whole(2.0).flag(true);
    let row = row.bytes(vec![0, 255]).none(vec![]).empty("").json(vec![1, 2]).at(at).id(uuid::Uuid::from_u128(7));
    let row = db.insert(row.amount(rust_decimal::Decimal::new(12_345, 2))).await.unwrap();
    let read = sqlx::query_as::<_, Everything>("SELECT * FROM everythings").fetch_all(&db.pool()).await.unwrap();
    assert_eq!(read, [row]);
}

#[tokio::test]
async fn errors_of_models_are_errors_of_sqlx() {
    let db = migrated().await;
    let read = async |sql: &'static str| sqlx::query_as::<_, Planet>(sql).fetch_all(&db.pool()).await.unwrap_err();
    let error = read("SELECT pk, name, ringed FROM planets").await;
    assert!(matches!(&error, sqlx::Error::ColumnNotFound(name) if name == "radius_km"), "{error:?}");
    let error = read("SELECT pk, name, radius_km, 2 AS ringed FROM planets").await;
    let sqlx::Error::ColumnDecode { index, source } = &error else { panic!("{error:?}") };
    assert_eq!(index, "\"ringed\"");
    assert_eq!(source.to_string(), "planets.ringed holds INTEGER 2, expected a boolean, 0 or 1");
    assert!(matches!(source.downcast_ref::<Error>(), Some(Error::Decode { .. })), "{source:?}");
    let error = read("SELECT pk, CAST(x'ff' AS TEXT) AS name, radius_km, ringed FROM planets").await;
    assert!(error.to_string().contains("planets.name holds TEXT that is not UTF-8"), "{error}");
    let error = read("SELECT pk, NULL AS name, radius_km, ringed FROM planets").await;
    assert!(error.to_string().contains("planets.name holds NULL, expected text"), "{error}");
}

#[tokio::test]
async fn statements_that_sqlx_has_checked_run_on_the_pool() {
    let db = migrated().await;
    let pool = db.pool();
    let larger = 10_000.0;
    let planets = sqlx::query!("SELECT pk, name, radius_km FROM planets WHERE radius_km > ? ORDER BY name", larger)
        .fetch_all(&pool);
    let planets = planets.await.unwrap();
    assert_eq!((planets.len(), planets[0].name.as_str(), planets[0].radius_km), (1, "Saturn", Some(58232.0)));
    // What it gives is what the library takes.
    let moons = db.select::<Moon>().filter(|m| m.planet_id.eq(Planet::key(planets[0].pk))).count().await.unwrap();
    assert_eq!(moons, 2);
    let changed =
        sqlx::query!("UPDATE moons SET name = ? WHERE seen_on IS NULL", "Pan II").execute(&pool).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
    assert!(db.select::<Moon>().filter(|m| m.name.eq("Pan II")).exists().await.unwrap());
}

/// Rows of `Planet` with a column that the model does not know.
async fn planets(executor: impl sqlx::SqliteExecutor<'_>) -> sqlx::Result<Vec<Planet>> {
    sqlx::query_as("SELECT * FROM planets").fetch_all(executor).await
}

#[tokio::test]
async fn the_pool_reads_every_row_after_the_table_was_altered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::options().path(&path).pool_connections(2).open().await.unwrap();
    db.create_tables::<(Planet, Moon)>().await.unwrap();
    db.insert(Planet::builder().name("Mars").ringed(false)).await.unwrap();
    let pool = db.pool();
    let other = rusqlite::Connection::open(&path).unwrap();
    for round in 0..4 {
        assert_eq!(planets(&pool).await.unwrap().len(), 1);
        let alter = format!("ALTER TABLE planets ADD COLUMN further_{round} TEXT");
        match round {
            0 => db.execute(alter).await.map(drop).unwrap(),
            1 => other.execute_batch(&alter).unwrap(),
            2 => sqlx::raw_sql(sqlx::AssertSqlSafe(alter)).execute(&pool).await.map(drop).unwrap(),
            _ => {
                let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
                assert_eq!(planets(&mut *tx).await.unwrap().len(), 1);
                sqlx::raw_sql(sqlx::AssertSqlSafe(alter)).execute(&mut *tx).await.unwrap();
                assert_eq!(planets(&mut *tx).await.unwrap().len(), 1);
                tx.commit().await.unwrap();
            }
        }
        assert_eq!(planets(&pool).await.unwrap().len(), 1, "{round}");
        let one: Option<Planet> = sqlx::query_as("SELECT * FROM planets").fetch_optional(&pool).await.unwrap();
        assert_eq!(one.unwrap().name, "Mars");
    }
}
