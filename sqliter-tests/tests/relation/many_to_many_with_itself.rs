//! Many-to-many relations of a model with itself: directed and symmetrical.

use sqliter::prelude::*;
use sqliter::{Error, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    many_to_many(follows = Person),
    many_to_many(followers = Person::follows),
    many_to_many(friends = Person, through = "friendships", symmetrical)
)]
struct Person {
    pk: Key<Person>,
    name: String,
}

/// With a key whose order is not that of the inserts.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(borders = Country, symmetrical))]
struct Country {
    #[model(pk)]
    code: String,
}

async fn people() -> (Db, [Person; 3]) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Person, Country)>().await.unwrap();
    let people = db.bulk_insert(["a", "b", "c"].map(|name| Person::builder().name(name))).await.unwrap();
    (db, people.try_into().unwrap())
}

async fn pairs(db: &Db, table: &str) -> Vec<(i64, i64)> {
    let sql = format!("SELECT people_pk_left, people_pk_right FROM {table} ORDER BY 1, 2");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&db.pool()).await.unwrap()
}

#[tokio::test]
async fn the_owner_of_a_directed_pair_is_left() -> sqliter::Result<()> {
    let (db, [a, b, c]) = people().await;
    b.follows(&db).add([&a]).await?;
    c.follows(&db).add([&a, &b]).await?;
    assert_eq!(pairs(&db, "people_people").await, [(2, 1), (3, 1), (3, 2)]);
    assert_eq!(c.follows(&db).fetch_all().await?, [a.clone(), b.clone()]);
    assert_eq!(a.follows(&db).fetch_all().await?, []);
    Ok(())
}

#[tokio::test]
async fn the_other_side_reads_and_writes_the_same_pairs() -> sqliter::Result<()> {
    let (db, [a, b, c]) = people().await;
    b.follows(&db).add([&a]).await?;
    assert_eq!(a.followers(&db).fetch_all().await?, [b.clone()]);
    assert_eq!(b.followers(&db).fetch_all().await?, []);
    a.followers(&db).add([&b, &c]).await?;
    assert_eq!(pairs(&db, "people_people").await, [(2, 1), (3, 1)]);
    a.follows(&db).add([&b]).await?;
    a.followers(&db).set([&c]).await?;
    assert_eq!(pairs(&db, "people_people").await, [(1, 2), (3, 1)]);
    a.followers(&db).clear().await?;
    assert_eq!(pairs(&db, "people_people").await, [(1, 2)]);
    b.followers(&db).remove([&a]).await?;
    assert_eq!(pairs(&db, "people_people").await, []);
    Ok(())
}

#[tokio::test]
async fn queries_tell_the_directions_apart() -> sqliter::Result<()> {
    let (db, [a, b, c]) = people().await;
    b.follows(&db).add([&a]).await?;
    let rows = db.select::<Person>().prefetch_related(|p| (p.follows, p.followers)).fetch_all().await?;
    let expected =
        [(a.clone(), vec![], vec![b.clone()]), (b.clone(), vec![a.clone()], vec![]), (c.clone(), vec![], vec![])];
    assert_eq!(rows, expected);
    let followed = db.select::<Person>().filter(|p| p.followers.any(|f| f.name.eq("b"))).fetch_all().await?;
    assert_eq!(followed, [a]);
    let following = db.select::<Person>().filter(|p| p.follows.count().eq(1)).fetch_all().await?;
    assert_eq!(following, [b]);
    Ok(())
}

#[tokio::test]
async fn a_symmetrical_pair_is_one_row_seen_from_both() -> sqliter::Result<()> {
    let (db, [a, b, c]) = people().await;
    b.friends(&db).add([&a]).await?;
    a.friends(&db).add([&b]).await?;
    b.friends(&db).add([&a, &c]).await?;
    assert_eq!(pairs(&db, "friendships").await, [(1, 2), (2, 3)]);
    assert_eq!(a.friends(&db).fetch_all().await?, [b.clone()]);
    assert_eq!(b.friends(&db).fetch_all().await?, [a.clone(), c.clone()]);
    assert_eq!(c.friends(&db).fetch_all().await?, [b.clone()]);
    assert_eq!((b.friends(&db).count().await?, a.follows(&db).count().await?), (2, 0));
    Ok(())
}

#[tokio::test]
async fn a_symmetrical_pair_is_removed_from_either_side() -> sqliter::Result<()> {
    let (db, [a, b, c]) = people().await;
    b.friends(&db).set([&a, &c]).await?;
    a.friends(&db).remove([&b]).await?;
    assert_eq!(pairs(&db, "friendships").await, [(2, 3)]);
    c.friends(&db).set([&a, &b]).await?;
    assert_eq!(pairs(&db, "friendships").await, [(1, 3), (2, 3)]);
    c.friends(&db).set([&a]).await?;
    assert_eq!(pairs(&db, "friendships").await, [(1, 3)]);
    b.friends(&db).clear().await?;
    a.friends(&db).clear().await?;
    assert_eq!(pairs(&db, "friendships").await, []);
    Ok(())
}

#[tokio::test]
async fn symmetrical_pairs_in_queries() -> sqliter::Result<()> {
    let (db, [a, b, c]) = people().await;
    b.friends(&db).add([&a, &c]).await?;
    let rows = db.select::<Person>().prefetch_related(|p| p.friends).fetch_all().await?;
    let expected =
        [(a.clone(), vec![b.clone()]), (b.clone(), vec![a.clone(), c.clone()]), (c.clone(), vec![b.clone()])];
    assert_eq!(rows, expected);
    let friends_of_b = db.select::<Person>().filter(|p| p.friends.any(|f| f.name.eq("b"))).fetch_all().await?;
    assert_eq!(friends_of_b, [a, c.clone()]);
    let popular = db.select::<Person>().filter(|p| p.friends.count().ge(2)).fetch_all().await?;
    assert_eq!(popular, [b]);
    let found: Vec<Vec<Person>> = db.fetch_related(&[c], |p| p.friends).await?;
    assert_eq!(found[0].len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_row_may_be_related_to_itself_and_is_there_once() -> sqliter::Result<()> {
    let (db, [a, b, _]) = people().await;
    a.friends(&db).add([&a, &b, &a]).await?;
    assert_eq!(pairs(&db, "friendships").await, [(1, 1), (1, 2)]);
    assert_eq!(a.friends(&db).fetch_all().await?, [a.clone(), b.clone()]);
    assert_eq!(a.friends(&db).count().await?, 2);
    let rows = db.select::<Person>().filter(|p| p.pk.eq(a.pk)).prefetch_related(|p| p.friends).fetch_all().await?;
    assert_eq!(rows[0].1, [a.clone(), b.clone()]);
    a.friends(&db).remove([&a]).await?;
    assert_eq!(pairs(&db, "friendships").await, [(1, 2)]);
    b.follows(&db).add([&b]).await?;
    assert_eq!(b.follows(&db).fetch_all().await?, [b.clone()]);
    assert_eq!(b.followers(&db).fetch_all().await?, [b]);
    Ok(())
}

#[tokio::test]
async fn a_missing_row_is_an_error_whichever_key_is_smaller() -> sqliter::Result<()> {
    let (db, [a, b, _]) = people().await;
    a.friends(&db).add([&b]).await?;
    for missing in [0, 99] {
        let error = a.friends(&db).set([Person::key(3), Person::key(missing)]).await.unwrap_err();
        assert!(
            matches!(&error, Error::ForeignKeyViolation { table, columns, .. }
                if table == "friendships" && columns == &["people_pk_right"]),
            "{error:?}"
        );
    }
    assert_eq!(pairs(&db, "friendships").await, [(1, 2)]);
    Ok(())
}

#[tokio::test]
async fn a_deleted_row_takes_its_pairs_in_both_directions() -> sqliter::Result<()> {
    let (db, [a, b, c]) = people().await;
    b.follows(&db).add([&a, &c]).await?;
    c.follows(&db).add([&b]).await?;
    b.friends(&db).add([&a, &c]).await?;
    db.delete(&b).await?;
    assert_eq!((pairs(&db, "people_people").await, pairs(&db, "friendships").await), (vec![], vec![]));
    Ok(())
}

#[tokio::test]
async fn text_keys_are_ordered_as_sqlite_orders_them() -> sqliter::Result<()> {
    let (db, _) = people().await;
    let codes = ["b", "Z", "é", "a"];
    let countries = db.bulk_insert(codes.map(|code| Country::builder().code(code))).await?;
    for country in &countries {
        country.borders(&db).add(&countries).await?;
    }
    let sql = "SELECT COUNT(*), SUM(countries_pk_left <= countries_pk_right) FROM countries_countries";
    let counts: (i64, i64) = sqlx::query_as(sql).fetch_one(&db.pool()).await.unwrap();
    assert_eq!(counts, (10, 10));
    let first = &countries[0];
    let borders = first.borders(&db).only(|c| c.code).fetch_all().await?;
    assert_eq!(borders, ["Z", "a", "b", "é"]);
    first.borders(&db).remove([Country::key("é"), Country::key("Z")]).await?;
    assert_eq!(first.borders(&db).only(|c| c.code).fetch_all().await?, ["a", "b"]);
    assert_eq!(countries[2].borders(&db).count().await?, 3);
    Ok(())
}
