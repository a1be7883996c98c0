//! Keys in embedded structs, and models whose keys and relations stand behind groups.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
}

#[derive(Debug, Clone, PartialEq, Embed)]
struct Place {
    city: String,
    #[model(on_delete = cascade)]
    country_id: Key<Country>,
    #[model(unique)]
    code: Option<String>,
}

/// The key, the foreign key, the version and what is generated stand behind groups.
#[derive(Debug, Clone, PartialEq, Model)]
struct Trip {
    #[model(embed)]
    from: Place,
    #[model(embed)]
    to: Option<Place>,
    #[model(pk)]
    year: i64,
    #[model(pk)]
    number: i64,
    #[model(on_delete = cascade)]
    guide_id: Key<Guide>,
    deputy_id: Option<Key<Guide>>,
    #[model(generated = "upper(from_city)")]
    title: String,
    #[model(version)]
    version: i64,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(trips = Trip::guide))]
struct Guide {
    #[model(embed(prefix = ""))]
    base: Place,
    pk: Key<Guide>,
}

async fn filled() -> (Db, Guide, Trip) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Trip, Guide, Country)>().await.unwrap();
    for code in ["at", "de"] {
        db.insert(Country::builder().code(code)).await.unwrap();
    }
    let guide = db.insert(Guide::builder().base(place("Wien", "at"))).await.unwrap();
    let trip = Trip::builder().from(place("Graz", "at")).year(2026).number(1);
    let trip = guide.trips(&db).create(trip).await.unwrap();
    (db, guide, trip)
}

fn place(city: &str, country: &str) -> Place {
    Place { city: city.to_owned(), country_id: Country::key(country), code: None }
}

#[tokio::test]
async fn a_key_in_a_group_is_a_foreign_key_of_the_table() {
    let (db, guide, trip) = filled().await;
    let missing = db.insert(Guide::builder().base(place("Paris", "fr"))).await.unwrap_err();
    assert!(matches!(missing, Error::ForeignKeyViolation { .. }), "{missing}");
    assert!(missing.to_string().contains("country_id"), "{missing}");
    let indexes: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE tbl_name = 'trips' AND type = 'index' AND sql IS NOT NULL ORDER BY name",
    )
    .fetch_all(&db.pool())
    .await
    .unwrap();
    assert_eq!(
        indexes,
        ["idx_trips_deputy_id", "idx_trips_from_country_id", "idx_trips_guide_id", "idx_trips_to_country_id",]
    );
    db.delete(Country::key("at")).await.unwrap();
    assert_eq!(db.get(guide.pk).await.unwrap(), None);
    assert_eq!(db.get(trip.primary_key()).await.unwrap(), None);
}

#[tokio::test]
async fn fields_behind_groups_are_what_they_are_elsewhere() {
    let (db, guide, mut trip) = filled().await;
    assert_eq!((trip.title.as_str(), trip.version, &trip.guide_id), ("GRAZ", 1, &guide.pk));
    assert_eq!(trip.guide(&db).fetch().await.unwrap(), guide);
    trip.from.city = "Linz".to_owned();
    trip.to = Some(place("Bonn", "de"));
    db.update(&mut trip).await.unwrap();
    assert_eq!((trip.title.as_str(), trip.version), ("LINZ", 2));
    assert_eq!(db.get(Trip::key((2026, 1))).await.unwrap(), Some(trip.clone()));
    let pairs: Vec<(Trip, Guide)> = db.select::<Trip>().select_related(|t| t.guide).fetch_all().await.unwrap();
    assert_eq!(pairs, [(trip.clone(), guide.clone())]);
    let rows: Vec<(Guide, Vec<Trip>)> = db.select::<Guide>().prefetch_related(|g| g.trips).fetch_all().await.unwrap();
    assert_eq!(rows, [(guide.clone(), vec![trip.clone()])]);
    let from_wien = db.select::<Guide>().filter(|g| g.trips.any(|t| t.to.city.eq("Bonn")) & g.base.city.eq("Wien"));
    assert_eq!(from_wien.count().await.unwrap(), 1);
    db.delete(&trip).await.unwrap();
    assert_eq!(db.get(Trip::key((2026, 1))).await.unwrap(), None);
    assert_eq!(db.select::<Trip>().with_deleted().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_unique_column_of_a_group_tells_rows_apart() {
    let (db, guide, _) = filled().await;
    let coded = |city: &str| Place { code: Some("VIE".to_owned()), ..place(city, "at") };
    let first = db.insert(Guide::builder().base(coded("Wien"))).await.unwrap();
    assert_ne!(first.pk, guide.pk);
    let again = db.upsert(Guide::builder().base(coded("Schwechat")), |g| g.base.code).update(|g| g.base).await.unwrap();
    assert_eq!((again.pk, again.base.city.as_str()), (first.pk, "Schwechat"));
    let (found, created) = db.get_or_create(Guide::builder().base(coded("x")), |g| g.base.code).await.unwrap();
    assert_eq!((found, created), (again, false));
}
