//! Inserts of rows that may be there already: `upsert`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use sqliter::bounds::Assignment;
use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(name), unique(team, number))]
struct Visitor {
    pk: Key<Visitor>,
    #[model(unique)]
    email: String,
    name: String,
    #[model(default = 1)]
    visits: i64,
    rating: Option<f64>,
    #[model(unique)]
    badge: Option<i64>,
    team: Option<String>,
    number: Option<i64>,
    host_id: Option<Key<Author>>,
    guide_id: Option<Key<Author>>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk, column = "iso")]
    code: String,
    #[model(unique)]
    name: String,
    people: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Sensor {
    #[model(pk)]
    number: i64,
    #[model(unique)]
    place: String,
    readings: i64,
}

/// A database whose clock stands at the number of seconds.
async fn open() -> sqliter::Result<(Db, Arc<AtomicU64>)> {
    let seconds = Arc::new(AtomicU64::new(1000));
    let clock = Arc::clone(&seconds);
    let db =
        Db::options().clock(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed))).open().await?;
    db.create_tables::<(Author, Visitor, Country, Sensor)>().await?;
    Ok((db, seconds))
}

fn visitor(email: &str, name: &str) -> NewVisitor {
    Visitor::builder().email(email).name(name).build()
}

async fn all(session: &Session) -> sqliter::Result<Vec<Visitor>> {
    session.select::<Visitor>().order(|v| v.pk.asc()).fetch_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_row_is_inserted_by_both_ends() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let ada = db.upsert(visitor("ada", "Ada"), |v| v.email).ignore().await?.unwrap();
    let bea = db.upsert(visitor("bea", "Bea"), |v| v.email).update(|v| (v.name, v.visits.add(1))).await?;
    assert_eq!((ada.pk, ada.visits, ada.created_at, ada.updated_at), (Visitor::key(1), 1, 1000, 1000));
    assert_eq!((bea.pk, bea.visits, bea.name.as_str()), (Visitor::key(2), 1, "Bea"));
    assert_eq!(all(&db).await?, [ada, bea]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ignore_leaves_the_row_that_is_there() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    let ada = db.insert(visitor("ada", "Ada")).await?;
    clock.store(2000, Ordering::Relaxed);
    assert_eq!(db.upsert(visitor("ada", "Eve"), |v| v.email).ignore().await?, None);
    assert_eq!(all(&db).await?, [ada]);
    Ok(())
}

#[tokio::test]
async fn a_bare_column_is_the_new_value_and_an_assignment_computes_from_the_stored_row() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    let ada = db.insert(Visitor::builder().email("ada").name("Ada").visits(5).rating(1.0)).await?;
    clock.store(2000, Ordering::Relaxed);
    let draft = || Visitor::builder().email("ada").name("Countess").visits(100).rating(9.0);
    let updated = db.upsert(draft(), |v| v.email).update(|v| (v.name, v.visits.add(2))).await?;
    let expected = Visitor { name: "Countess".to_owned(), visits: 7, updated_at: 2000, ..ada };
    assert_eq!(updated, expected, "rating and created_at stay");
    assert_eq!(all(&db).await?, [expected.clone()]);

    // All assignments see the stored row, and a bare column the new one.
    let updated = db
        .upsert(draft(), |v| v.email)
        .update(|v| (v.rating, v.visits.set(v.number), v.name.set(v.email), v.badge.set(v.visits)))
        .await;
    assert!(matches!(updated, Err(Error::NotNullViolation { .. })), "the stored number is NULL: {updated:?}");
    assert_eq!(all(&db).await?, [expected.clone()]);
    let updated = db
        .upsert(draft(), |v| v.email)
        .update(|v| (v.rating, v.visits.mul(3), v.name.set(v.email), v.badge.set(v.visits)))
        .await?;
    assert_eq!((updated.rating, updated.visits, updated.name.as_str()), (Some(9.0), 21, "ada"));
    assert_eq!(updated.badge, Some(7));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn updated_at_is_set_unless_it_is_assigned() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    db.insert(visitor("ada", "Ada")).await?;
    let upsert = || db.upsert(visitor("ada", "Ada"), |v| v.email);
    clock.store(2000, Ordering::Relaxed);
    let row = upsert().update(|v| v.name).await?;
    assert_eq!((row.created_at, row.updated_at), (1000, 2000));
    let row = upsert().update(|v| v.updated_at.set(7)).await?;
    assert_eq!((row.created_at, row.updated_at), (1000, 7));
    let row = upsert().update(|v| (v.updated_at, v.created_at)).await?;
    assert_eq!((row.created_at, row.updated_at), (2000, 2000));
    let row = upsert().update(|v| v.updated_at.set(v.visits)).await?;
    assert_eq!((row.created_at, row.updated_at), (2000, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_to_write_the_row_stays_and_is_given() -> sqliter::Result<()> {
    let (db, clock) = open().await?;
    let ada = db.upsert(visitor("ada", "Ada"), |v| v.email).update(|_| ()).await?;
    clock.store(2000, Ordering::Relaxed);
    assert_eq!(db.upsert(visitor("ada", "Eve"), |v| v.email).update(|_| ()).await?, ada);
    let none = Vec::<Assignment<Visitor>>::new;
    assert_eq!(db.upsert(visitor("ada", "Eve"), |v| v.email).update(|_| none()).await?, ada);
    assert_eq!(all(&db).await?, [ada]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_can_be_chosen_at_run_time() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    db.insert(visitor("ada", "Ada")).await?;
    let (rating, visits): (Option<f64>, Option<i64>) = (None, Some(9));
    let row = db
        .upsert(visitor("ada", "Eve"), |v| v.email)
        .update(|v| {
            let mut sets = Vec::new();
            sets.extend(rating.map(|rating| v.rating.set(rating)));
            sets.extend(visits.map(|visits| v.visits.set(visits)));
            (sets, v.name)
        })
        .await?;
    assert_eq!((row.rating, row.visits, row.name.as_str()), (None, 9, "Eve"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_columns_of_a_unique_index_are_named_in_any_order() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let draft = |email: &str, number: i64| Visitor::builder().email(email).name(email).team("red").number(number);
    let first = db.insert(draft("a", 1)).await?;
    let updated = db.upsert(draft("b", 1), |v| (v.number, v.team)).update(|v| v.email).await?;
    assert_eq!((updated.pk, updated.email.as_str(), updated.name.as_str()), (first.pk, "b", "a"));
    assert_eq!(db.upsert(draft("c", 1), |v| (v.team, v.number)).ignore().await?, None);
    assert_eq!(db.upsert(draft("c", 1), |v| (v.team, v.number, v.team)).ignore().await?, None);
    assert!(db.upsert(draft("c", 2), |v| (v.team, v.number)).ignore().await?.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_do_not_tell_rows_apart_are_refused_before_anything_runs() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let draft = || visitor("ada", "Ada");
    let before = db.statement_count();
    let refused = [
        (db.upsert(draft(), |v| v.name).ignore().await.unwrap_err(), vec!["name"]),
        (db.upsert(draft(), |v| v.team).update(|v| v.name).await.unwrap_err(), vec!["team"]),
        (db.upsert(draft(), |v| (v.email, v.name)).update(|_| ()).await.unwrap_err(), vec!["email", "name"]),
        (
            db.upsert(draft(), |v| (v.team, v.number, v.email)).ignore().await.unwrap_err(),
            vec!["team", "number", "email"],
        ),
        (db.get_or_create(draft(), |v| v.visits).await.unwrap_err(), vec!["visits"]),
    ];
    for (error, named) in refused {
        let Error::ConflictColumns { table, columns, .. } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), columns.clone()), ("visitors", named.iter().map(|&n| n.to_owned()).collect()));
        let expected = format!(
            "a new row of visitors cannot conflict in ({}): they are neither the key, nor a unique column, nor all \
             columns of a unique index",
            named.join(", ")
        );
        assert_eq!(error.to_string(), expected);
    }
    for error in [
        db.upsert(draft(), |v| v.pk).update(|v| v.name).await.unwrap_err(),
        db.get_or_create(draft(), |v| (v.pk, v.email)).await.unwrap_err(),
    ] {
        assert!(
            error.to_string().ends_with(": SQLite chooses the key of a new row, so no other row has it"),
            "{error}"
        );
    }
    assert_eq!(db.statement_count(), before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_never_conflicts() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    for email in ["a", "b"] {
        assert!(db.upsert(visitor(email, "x"), |v| v.badge).ignore().await?.is_some());
    }
    let third = Visitor::builder().email("c").name("x").team("red");
    assert_eq!(db.upsert(third, |v| (v.team, v.number)).update(|v| v.name.set("y")).await?.name, "x");
    let fourth = Visitor::builder().email("d").name("x").team("red");
    assert_eq!(db.upsert(fourth, |v| (v.team, v.number)).update(|v| v.name.set("y")).await?.name, "x");
    assert_eq!(db.select::<Visitor>().count().await?, 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_unique_columns_are_refused_as_by_an_insert() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    db.insert(Visitor::builder().email("ada").name("x").badge(1)).await?;
    db.insert(Visitor::builder().email("bea").name("x").badge(2)).await?;
    let before = all(&db).await?;
    let draft = |email: &str, badge: i64| Visitor::builder().email(email).name("y").badge(badge);
    let refused = [
        (db.upsert(draft("new", 1), |v| v.email).ignore().await.map(|_| ()).unwrap_err(), "badge"),
        (db.upsert(draft("new", 1), |v| v.email).update(|v| v.name).await.map(|_| ()).unwrap_err(), "badge"),
        // The update of the row that is there meets another row.
        (db.upsert(draft("ada", 2), |v| v.email).update(|v| v.badge).await.map(|_| ()).unwrap_err(), "badge"),
        (db.upsert(draft("ada", 2), |v| v.badge).update(|v| v.email).await.map(|_| ()).unwrap_err(), "email"),
    ];
    for (error, column) in refused {
        let Error::UniqueViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
        assert_eq!(
            (*operation, table.as_str(), columns.join(", ")),
            (Operation::Insert, "visitors", column.to_owned())
        );
    }
    assert_eq!(all(&db).await?, before);
    // What the new row would violate does not matter when it is not inserted.
    assert_eq!(db.upsert(draft("ada", 2), |v| v.email).ignore().await?, None);
    assert_eq!(db.upsert(draft("ada", 1), |v| v.email).update(|v| v.name).await?.name, "y");
    assert_eq!(db.upsert(draft("ada", 2), |v| v.badge).update(|v| v.name).await?.email, "bea");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_references_of_what_was_written_are_named() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let host = db.insert(Author::builder().name("A")).await?;
    let ghost = Author::key(99);
    let broken = |email: &str| Visitor::builder().email(email).name("x").host_id(ghost);
    let named = |error: Error| {
        let Error::ForeignKeyViolation { operation, table, columns, source, .. } = error else { panic!("{error:?}") };
        assert_eq!((operation, table.as_str(), source.code), (Operation::Insert, "visitors", 787));
        columns
    };
    let upsert = |email: &str| db.upsert(broken(email), |v| v.email);
    assert_eq!(named(upsert("new").ignore().await.unwrap_err()), ["host_id"]);
    assert_eq!(named(upsert("new").update(|v| v.guide_id.set(ghost)).await.unwrap_err()), ["host_id"]);
    db.insert(visitor("ada", "Ada")).await?;
    let before = all(&db).await?;
    // A broken reference that is not written breaks nothing.
    assert_eq!(upsert("ada").ignore().await?, None);
    assert_eq!(upsert("ada").update(|v| (v.visits, v.guide_id.set(&host))).await?.guide_id, Some(host.pk));
    assert_eq!(upsert("ada").update(|v| v.guide_id.set(None)).await?, before[0]);
    assert_eq!(named(upsert("ada").update(|v| v.guide_id.set(ghost)).await.unwrap_err()), ["guide_id"]);
    assert_eq!(named(upsert("ada").update(|v| (v.host_id, v.guide_id.set(&host))).await.unwrap_err()), ["host_id"]);
    assert_eq!(all(&db).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn natural_keys_and_models_without_timestamps() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let country = |code: &str, name: &str, people| Country::builder().code(code).name(name).people(people);
    let france = db.upsert(country("FR", "France", 66), |c| c.code).update(|c| c.people).await?;
    assert_eq!(france, Country { code: "FR".to_owned(), name: "France".to_owned(), people: 66 });
    let france = db.upsert(country("FR", "Frankreich", 68), |c| c.code).update(|c| c.people).await?;
    assert_eq!((france.name.as_str(), france.people), ("France", 68));
    assert_eq!(db.upsert(country("FR", "Frankreich", 1), |c| c.code).ignore().await?, None);
    // By another unique column, while the key is taken too, and by the key, while the other column is taken too.
    assert_eq!(db.upsert(country("FR", "France", 69), |c| c.name).update(|c| c.people).await?.people, 69);
    assert_eq!(db.upsert(country("FR", "France", 70), |c| c.code).update(|c| c.people).await?.people, 70);
    let error = db.upsert(country("FR", "Francia", 1), |c| c.name).ignore().await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if columns == &["iso"]), "{error:?}");

    let sensor = |number, place: &str| Sensor::builder().number(number).place(place).readings(1);
    for _ in 0..3 {
        db.upsert(sensor(7, "roof"), |s| s.number).update(|s| s.readings.add(1)).await?;
        db.upsert(sensor(7, "roof"), |s| s.place).update(|s| s.readings.add(10)).await?;
    }
    assert_eq!(
        db.select::<Sensor>().fetch_all().await?,
        [Sensor { number: 7, place: "roof".to_owned(), readings: 1 + 2 + 30 }]
    );
    let error = db.upsert(sensor(7, "cellar"), |s| s.place).ignore().await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if columns == &["number"]), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_and_values_without_a_form_change_nothing() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    db.insert(visitor("ada", "Ada")).await?;
    let before = all(&db).await?;
    let upsert = || db.upsert(visitor("ada", "Eve"), |v| v.email);
    let error = upsert().update(|v| (v.name, v.visits.add(i64::MAX))).await.unwrap_err();
    let Error::CheckViolation { operation, columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, columns.join(", "), source.code), (Operation::Insert, "visits".to_owned(), 275));
    let statements = db.statement_count();
    let draft = Visitor::builder().email("new").name("x").rating(f64::NAN);
    for error in [
        upsert().update(|v| v.rating.set(f64::NAN)).await.map(|_| ()).unwrap_err(),
        db.upsert(draft, |v| v.email).ignore().await.map(|_| ()).unwrap_err(),
    ] {
        assert!(matches!(&error, Error::Encode { column, .. } if column == "rating"), "{error:?}");
    }
    assert_eq!(db.statement_count(), statements, "nothing ran");
    assert_eq!(all(&db).await?, before);
    db.drop_table::<Visitor>().await?;
    let error = upsert().ignore().await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { table, .. } if table == "visitors"), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_row_that_does_not_fit_is_reported_and_left_as_it_was() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE TABLE countries (iso TEXT PRIMARY KEY, name BLOB UNIQUE, people INTEGER)").await?;
    db.execute("INSERT INTO countries VALUES ('FR', x'00', 1)").await?;
    let draft = || Country::builder().code("FR").name("France").people(2);
    let error = db.upsert(draft(), |c| c.code).update(|c| c.people).await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, .. } if column == "name"), "{error:?}");
    assert_eq!(db.select::<Country>().only(|c| c.people).fetch_all().await?, [1]);
    assert_eq!(db.upsert(draft(), |c| c.code).update(|c| (c.name, c.people)).await?.people, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_a_related_row_can_be_a_value() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let hosts = db.bulk_insert(["Ada", "Bea"].map(|name| Author::builder().name(name))).await?;
    db.insert(Visitor::builder().email("v").name("x").host_id(&hosts[0])).await?;
    db.insert(Visitor::builder().email("w").name("x").host_id(&hosts[1])).await?;
    let row = db.upsert(visitor("w", "y"), |v| v.email).update(|v| v.team.set(v.host.name)).await?;
    assert_eq!((row.team.as_deref(), row.name.as_str()), (Some("Bea"), "x"));
    assert_eq!(all(&db).await?[0].team, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_a_transaction_a_rollback_undoes_it_and_a_failure_only_itself() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let ada = db.insert(visitor("ada", "Ada")).await?;
    let tx = db.begin().await?;
    assert_eq!(tx.upsert(visitor("ada", "Eve"), |v| v.email).update(|v| v.name).await?.name, "Eve");
    assert!(tx.upsert(visitor("bea", "Bea"), |v| v.email).ignore().await?.is_some());
    assert_eq!(tx.upsert(visitor("bea", "Bea"), |v| v.email).ignore().await?, None);
    tx.rollback().await?;
    assert_eq!(all(&db).await?, [ada]);
    db.transaction(async |tx| {
        tx.upsert(visitor("bea", "Bea"), |v| v.email).ignore().await?;
        let failing = tx.upsert(visitor("bea", "Eve"), |v| v.email).update(|v| (v.name, v.host_id.set(Author::key(9))));
        assert!(matches!(failing.await, Err(Error::ForeignKeyViolation { .. })));
        tx.upsert(visitor("bea", "Cora"), |v| v.email).update(|v| v.visits.add(1)).await
    })
    .await?;
    let names = db.select::<Visitor>().order(|v| v.email.asc()).fields(|v| (v.name, v.visits)).fetch_all().await?;
    assert_eq!(names, [("Ada".to_owned(), 1), ("Bea".to_owned(), 2)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_key_exceeds_all_and_one_upsert_is_one_statement() -> sqliter::Result<()> {
    let (db, _) = open().await?;
    let ada = db.insert(visitor("ada", "Ada")).await?;
    let before = db.statement_count();
    db.upsert(visitor("ada", "Ada"), |v| v.email).update(|v| v.visits.add(1)).await?;
    assert_eq!(db.statement_count(), before + 1);
    let bea = db.insert(visitor("bea", "Bea")).await?;
    assert!(bea.pk > ada.pk);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_count_without_losing_one() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for db in [Db::memory().await?, Db::open(folder.path().join("many.db")).await?] {
        db.create_tables::<(Author, Visitor)>().await?;
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(
                    async move { db.upsert(visitor("ada", "Ada"), |v| v.email).update(|v| v.visits.add(1)).await },
                )
            })
            .collect();
        for task in tasks {
            task.await.unwrap()?;
        }
        let rows = all(&db).await?;
        assert_eq!((rows.len(), rows[0].visits), (1, 64));
        db.close().await?;
    }
    Ok(())
}
