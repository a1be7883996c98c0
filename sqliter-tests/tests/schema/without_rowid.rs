//! Tables without row ids.

use super::kept::sql;
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(without_rowid, has_many(cities = City::country))]
struct Country {
    #[model(pk)]
    code: String,
    name: String,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(without_rowid, strict = false)]
struct City {
    #[model(pk)]
    number: i64,
    name: String,
    #[model(on_delete = cascade)]
    country_id: Key<Country>,
}

async fn tables() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Country, City)>().await.unwrap();
    db
}

#[tokio::test]
async fn the_tables_say_so() {
    let db = tables().await;
    assert_eq!(
        sql(&db, "countries").await,
        "CREATE TABLE \"countries\" (\"code\" TEXT PRIMARY KEY NOT NULL, \"name\" TEXT NOT NULL, \
         \"updated_at\" INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    );
    assert!(sql(&db, "cities").await.ends_with(") WITHOUT ROWID"));
}

#[tokio::test]
async fn rows_are_written_and_read_as_in_any_table() {
    let db = tables().await;
    let mut norway = db.insert(Country::builder().code("no").name("Norway")).await.unwrap();
    let drafts = (1..=5).map(|i| City::builder().number(i).name(format!("City {i}")).country_id(&norway));
    let cities = db.bulk_insert(drafts).await.unwrap();
    assert_eq!(db.get(City::key(3)).await.unwrap().as_ref(), Some(&cities[2]));
    norway.name = "Norge".to_owned();
    db.update(&mut norway).await.unwrap();
    assert_eq!(db.select::<Country>().prefetch_related(|c| c.cities).fetch_all().await.unwrap(), [(norway, cities)]);
    let changed = db.select::<City>().order(|c| c.number.desc()).limit(2).update(|c| c.name.set("x")).await.unwrap();
    assert_eq!(changed, 2);
    let changed =
        db.select::<City>().filter(|c| c.country.name.eq("Norge")).update(|c| c.name.set(c.country.code)).await;
    assert_eq!(changed.unwrap(), 5);
    assert_eq!(db.select::<City>().limit(1).offset(1).delete().await.unwrap(), 1);
    let error = db.insert(City::builder().number(1).name("again").country_id(Country::key("no"))).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { .. }), "{error:?}");
    let draft = City::builder().number(1).name("Oslo").country_id(Country::key("no"));
    assert_eq!(db.upsert(draft, |c| c.number).update(|c| c.name).await.unwrap().name, "Oslo");
    let page = db.select::<City>().page_after(None, 2).await.unwrap();
    assert_eq!(db.select::<City>().page_after(page.next, 9).await.unwrap().rows.len(), 2);
    db.delete(Country::key("no")).await.unwrap();
    assert_eq!(db.select::<City>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn cached_rows_are_never_stale() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.db");
    let db = Db::options().path(&path).cache(CacheOptions::default()).open().await.unwrap();
    db.create_tables::<(Country, City)>().await.unwrap();
    db.insert(Country::builder().code("no").name("Norway")).await.unwrap();
    let name = async || db.get(Country::key("no")).await.unwrap().unwrap().name;
    assert_eq!(name().await, "Norway");
    db.select::<Country>().update(|c| c.name.set("Norge")).await.unwrap();
    assert_eq!(name().await, "Norge");
    let other = Db::open(&path).await.unwrap();
    other.select::<Country>().update(|c| c.name.set("Noreg")).await.unwrap();
    assert_eq!(name().await, "Noreg");
}
