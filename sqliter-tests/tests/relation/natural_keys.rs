//! Relations to models with natural keys: text, numbers, UUIDs, and keys that are foreign keys themselves.

use sqliter::Error;
use sqliter::prelude::*;
use sqliter::types::ValueRef;
use sqliter::types::{DecodeError, EncodeError, Encoded, Storage};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(cities = City::country), many_to_many(languages = Language))]
struct Country {
    #[model(pk, column = "iso")]
    code: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct City {
    pk: Key<City>,
    name: String,
    #[model(on_update = cascade, column = "iso_of_country")]
    country_id: Key<Country>,
    twin_id: Option<Key<Country>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(countries = Country::languages))]
struct Language {
    #[model(pk)]
    id: Uuid,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(readings = Reading::sensor), has_one(setting = Setting::sensor))]
struct Sensor {
    #[model(pk)]
    number: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Reading {
    #[model(pk)]
    id: Uuid,
    sensor_id: Key<Sensor>,
}

/// Its key is a foreign key.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(changes = Change::setting), many_to_many(presets = Setting))]
struct Setting {
    #[model(pk, on_delete = cascade)]
    #[model(relation = "sensor")]
    sensor_id: Key<Sensor>,
    volume: i64,
}

/// Refers to a key that is a foreign key.
#[derive(Debug, Clone, PartialEq, Model)]
struct Change {
    pk: Key<Change>,
    #[model(on_delete = cascade)]
    setting_id: Key<Setting>,
}

async fn memory() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(City, Country, Language, Reading, Setting, Sensor, Change)>().await.unwrap();
    db
}

#[tokio::test]
async fn a_text_key_leads_to_its_row() -> sqliter::Result<()> {
    let db = memory().await;
    let at = db.insert(Country::builder().code("at").name("Austria")).await?;
    let it = db.insert(Country::builder().code("it").name("Italy")).await?;
    let graz = db.insert(City::builder().name("Graz").country_id(&at).twin_id(&it)).await?;
    let linz = db.insert(City::builder().name("Linz").country_id(Country::key("at"))).await?;
    assert_eq!(graz.country(&db).fetch().await?, at);
    assert_eq!((graz.twin(&db).fetch().await?, linz.twin(&db).fetch().await?), (Some(it.clone()), None));
    assert_eq!(at.cities(&db).fetch_all().await?, [graz.clone(), linz.clone()]);
    let rows = db.select::<City>().select_related(|c| (c.country, c.twin)).fetch_all().await?;
    assert_eq!(rows, [(graz.clone(), at.clone(), Some(it.clone())), (linz.clone(), at.clone(), None)]);
    let rows = db.select::<Country>().prefetch_related(|c| c.cities).order(|c| c.code.asc()).fetch_all().await?;
    assert_eq!(rows, [(at.clone(), vec![graz.clone(), linz]), (it, vec![])]);
    let found = db.select::<City>().filter(|c| c.country.code.eq("at") & c.twin.name.eq("Italy")).fetch_all().await?;
    assert_eq!(found, [graz]);
    Ok(())
}

#[tokio::test]
async fn a_dangling_text_key_is_refused() -> sqliter::Result<()> {
    let db = memory().await;
    let error = db.insert(City::builder().name("Graz").country_id(Country::key("at"))).await.unwrap_err();
    assert!(
        matches!(&error, Error::ForeignKeyViolation { table, columns, .. }
            if table == "cities" && columns == &["iso_of_country"]),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_changed_text_key_is_followed() -> sqliter::Result<()> {
    let db = memory().await;
    let at = db.insert(Country::builder().code("at").name("Austria")).await?;
    let german = db.insert(Language::builder().id(Uuid::from_u128(7)).name("German")).await?;
    let graz = db.insert(City::builder().name("Graz").country_id(&at)).await?;
    at.languages(&db).add([&german]).await?;
    db.execute("UPDATE countries SET iso = 'AUT'").await?;
    assert_eq!(db.get(graz.pk).await?.unwrap().country_id, Country::key("AUT"));
    assert_eq!(german.countries(&db).only(|c| c.code).fetch_all().await?, ["AUT"]);
    Ok(())
}

#[tokio::test]
async fn the_pairs_have_the_types_of_the_keys() -> sqliter::Result<()> {
    let db = memory().await;
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'countries_languages'";
    let sql: String = sqliter::sqlx::query_scalar(sql).fetch_one(&db.pool()).await.unwrap();
    let uuid = Language::TABLE.key_column().storage.as_sql();
    let form = "CONSTRAINT \"languages_pk must be a UUID in lower case with hyphens\" CHECK (\"languages_pk\" GLOB '";
    let columns = format!("\"countries_pk\" TEXT NOT NULL, \"languages_pk\" {uuid} NOT NULL {form}");
    assert!(sql.contains(&columns), "{sql}");
    assert!(sql.contains("REFERENCES \"countries\"(\"iso\") ON DELETE"), "{sql}");
    Ok(())
}

#[tokio::test]
async fn text_and_uuids_are_paired() -> sqliter::Result<()> {
    let db = memory().await;
    let drafts = ["at", "ch"].map(|code| Country::builder().code(code).name(code));
    let countries = db.bulk_insert(drafts).await?;
    let drafts =
        [(1, "German"), (2, "French")].map(|(id, name)| Language::builder().id(Uuid::from_u128(id)).name(name));
    let languages = db.bulk_insert(drafts).await?;
    countries[1].languages(&db).add(&languages).await?;
    languages[0].countries(&db).add([Country::key("at"), Country::key("ch")]).await?;
    let names = countries[1].languages(&db).order(|l| l.name.asc()).only(|l| l.name).fetch_all().await?;
    assert_eq!(names, ["French", "German"]);
    assert_eq!(languages[0].countries(&db).fetch_all().await?, countries);
    countries[1].languages(&db).set([languages[1].primary_key()]).await?;
    assert_eq!(languages[0].countries(&db).only(|c| c.code).fetch_all().await?, ["at"]);
    let rows = db.select::<Language>().prefetch_related(|l| l.countries).order(|l| l.name.asc()).fetch_all().await?;
    assert_eq!(rows.into_iter().map(|(_, found)| found.len()).collect::<Vec<_>>(), [1, 1]);
    let error = countries[0].languages(&db).add([Language::key(Uuid::max())]).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if columns == &["languages_pk"]), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_given_number_leads_to_its_row() -> sqliter::Result<()> {
    let db = memory().await;
    let sensor = db.insert(Sensor::builder().number(-7)).await?;
    let zero = db.insert(Sensor::builder().number(0)).await?;
    let reading = db.insert(Reading::builder().id(Uuid::from_u128(1)).sensor_id(&sensor)).await?;
    let other = db.insert(Reading::builder().id(Uuid::from_u128(2)).sensor_id(Sensor::key(0))).await?;
    assert_eq!(reading.sensor(&db).fetch().await?, sensor);
    assert_eq!(other.sensor(&db).fetch().await?, zero);
    assert_eq!(zero.readings(&db).fetch_all().await?, [other]);
    let keys = db.select::<Reading>().filter(|r| r.sensor_id.eq(Sensor::key(-7))).fetch_all().await?;
    assert_eq!(keys, [reading]);
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_a_foreign_key_is_one_to_one() -> sqliter::Result<()> {
    let db = memory().await;
    let sensor = db.insert(Sensor::builder().number(5)).await?;
    let other = db.insert(Sensor::builder().number(6)).await?;
    let setting = db.insert(Setting::builder().sensor_id(&sensor).volume(3)).await?;
    let again = db.insert(Setting::builder().sensor_id(&sensor).volume(4)).await.unwrap_err();
    assert!(matches!(&again, Error::UniqueViolation { columns, .. } if columns == &["sensor_id"]), "{again:?}");
    let missing = db.insert(Setting::builder().sensor_id(Sensor::key(9)).volume(4)).await.unwrap_err();
    assert!(matches!(&missing, Error::ForeignKeyViolation { columns, .. } if columns == &["sensor_id"]), "{missing:?}");
    assert_eq!(setting.sensor(&db).fetch().await?, sensor);
    assert_eq!(sensor.setting(&db).fetch().await?, Some(setting.clone()));
    assert_eq!(other.setting(&db).fetch().await?, None);
    assert_eq!(db.get(setting.primary_key()).await?, Some(setting));
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_a_foreign_key_is_referred_to() -> sqliter::Result<()> {
    let db = memory().await;
    let sensor = db.insert(Sensor::builder().number(5)).await?;
    let setting = db.insert(Setting::builder().sensor_id(&sensor).volume(3)).await?;
    let change = db.insert(Change::builder().setting_id(&setting)).await?;
    assert_eq!(change.setting(&db).fetch().await?, setting);
    assert_eq!(setting.changes(&db).fetch_all().await?, [change.clone()]);
    setting.presets(&db).add([&setting]).await?;
    assert_eq!(setting.presets(&db).fetch_all().await?, [setting.clone()]);
    let found = db.select::<Change>().filter(|c| c.setting.sensor.number.eq(5)).fetch_all().await?;
    assert_eq!(found, [change]);
    db.delete(&sensor).await?;
    assert_eq!((db.select::<Setting>().count().await?, db.select::<Change>().count().await?), (0, 0));
    assert_eq!(setting.presets(&db).count().await?, 0);
    Ok(())
}

/// Text that compares without case, though keys are the same by their bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Code(String);

impl ColumnType for Code {
    type Inner = Self;
    type Kind = sqliter::types::kind::Text;
    const STORAGE: Storage = Storage::Text;
    const COLLATION: Option<&'static str> = Some("NOCASE");
    const EXPECTED: &'static str = "text";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        self.0.encode()
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        String::decode(value).map(Self)
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Shelf {
    #[model(pk)]
    code: Code,
    books: i64,
}

#[tokio::test]
async fn a_key_names_one_row_whatever_the_collating_sequence_of_its_type() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Shelf>().await?;
    let code = |code: &str| Code(code.to_owned());
    let [mut upper, lower] = [("A", 1), ("a", 2)].map(|(name, books)| Shelf { code: code(name), books });
    db.bulk_insert([("A", 1), ("a", 2)].map(|(name, books)| Shelf::builder().code(code(name)).books(books))).await?;
    assert_eq!(db.get(Shelf::key(code("A"))).await?.as_ref(), Some(&upper));
    upper.books = 3;
    db.update(&mut upper).await?;
    assert_eq!(db.get(Shelf::key(code("a"))).await?.as_ref(), Some(&lower));
    db.upsert(Shelf::builder().code(code("a")).books(4), |s| s.code).update(|s| s.books).await?;
    db.delete(&lower).await?;
    assert_eq!(db.select::<Shelf>().fetch_all().await?, [upper]);
    Ok(())
}
