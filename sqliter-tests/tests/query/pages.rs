//! Streams of rows, and pages that go on where the last one ended.

use std::time::Duration;

use chrono::NaiveDate;
use sqliter::prelude::*;
use sqliter::{Cursor, Error, Page, Record};
use tokio_stream::StreamExt as _;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(marks = Mark::reading), index(station, value))]
struct Reading {
    pk: Key<Reading>,
    station: String,
    value: Option<i64>,
    level: f64,
    on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Mark {
    pk: Key<Mark>,
    reading_id: Key<Reading>,
}

async fn readings(db: &Db, number: i64) {
    db.create_tables::<(Reading, Mark)>().await.unwrap();
    let draft = |i: i64| {
        Reading::builder()
            .station(["north", "south", "east"][(i % 3) as usize])
            .value((i % 5 != 0).then_some(i % 7))
            .level((i % 4) as f64 / 2.0)
            .on((i % 2 == 0).then_some(NaiveDate::from_ymd_opt(2024, 1, 1 + (i % 6) as u32).unwrap()))
    };
    db.bulk_insert((0..number).map(draft)).await.unwrap();
}

async fn file(name: &str, number: i64) -> (tempfile::TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let options = Db::options().path(folder.path().join(name)).busy_timeout(Duration::from_millis(300));
    let db = options.open().await.unwrap();
    readings(&db, number).await;
    (folder, db)
}

#[tokio::test]
async fn a_stream_gives_all_rows_in_the_order_of_the_chain() {
    let (_folder, db) = file("a.db", 1000).await;
    let chain = db.select::<Reading>().filter(|r| r.station.ne("east")).order(|r| (r.value.desc(), r.pk.asc()));
    let all = chain.clone().fetch_all().await.unwrap();
    assert!(all.len() > 600);
    let streamed: Vec<Reading> = chain.clone().fetch_stream().collect::<Result<_, _>>().await.unwrap();
    assert_eq!(streamed, all);
    let mut stream = chain.limit(3).only(|r| r.pk).fetch_stream();
    let mut keys = Vec::new();
    while let Some(key) = stream.next().await {
        keys.push(key.unwrap());
    }
    assert_eq!(keys, all.iter().take(3).map(|r| r.pk).collect::<Vec<_>>());
    assert!(stream.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_works_with_groups_dictionaries_and_joined_rows() {
    let (_folder, db) = file("a.db", 30).await;
    db.insert(Mark::builder().reading_id(Reading::key(7))).await.unwrap();
    let groups: Vec<(String, i64)> = db
        .select::<Reading>()
        .group_by(|r| r.station)
        .annotate(|_| count())
        .fetch_stream()
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(groups.len(), 3);
    let pairs: Vec<(Mark, Reading)> =
        db.select::<Mark>().select_related(|m| m.reading).fetch_stream().map(Result::unwrap).collect().await;
    assert_eq!(pairs[0].1.pk, Reading::key(7));
    let records = db.select::<Reading>().exclude(|r| r.level).fetch_stream().map(Result::unwrap);
    assert_eq!(records.collect::<Vec<Record>>().await.len(), 30);
}

#[tokio::test]
async fn a_stream_dropped_early_stops_its_query_and_gives_the_connection_back() {
    let (_folder, db) = file("a.db", 2000).await;
    // More streams than there are readers, one after another, each dropped at another place.
    for taken in 0..40 {
        let mut stream = db.select::<Reading>().fetch_stream();
        for _ in 0..taken * 10 {
            stream.next().await.unwrap().unwrap();
        }
    }
    assert_eq!(db.select::<Reading>().count().await.unwrap(), 2000);
    db.insert(Mark::builder().reading_id(Reading::key(1))).await.unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_stream_sees_one_state_while_others_write() {
    let (_folder, db) = file("a.db", 1500).await;
    let mut stream = db.select::<Reading>().order(|r| r.pk.asc()).fetch_stream();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first.pk, Reading::key(1));
    assert_eq!(db.select::<Reading>().filter(|r| r.pk.gt(Reading::key(500))).delete().await.unwrap(), 1000);
    let rest: Vec<Reading> = stream.map(Result::unwrap).collect().await;
    assert_eq!(rest.len(), 1499);
    assert_eq!(db.select::<Reading>().count().await.unwrap(), 500);
}

#[tokio::test]
async fn a_stream_ends_with_the_error_after_the_rows_before_it() {
    let (_folder, db) = file("a.db", 300).await;
    // As another program may that does not check constraints.
    let sql = "PRAGMA ignore_check_constraints = ON; UPDATE readings SET \"on\" = 'no date' WHERE pk = 200";
    sqlx::raw_sql(sql).execute(&db.pool()).await.unwrap();
    let mut stream = db.select::<Reading>().order(|r| r.pk.asc()).fetch_stream();
    let mut number = 0;
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(_) => number += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Decode { .. }));
    assert_eq!(number % 128, 0);
    assert!(stream.next().await.is_none());
    let mut refused = db.select::<Reading>().filter(|r| r.level.gt(f64::NAN)).fetch_stream();
    assert!(matches!(refused.next().await, Some(Err(Error::Encode { .. }))));
}

#[tokio::test]
async fn a_stream_inside_a_transaction_sees_its_writes_and_holds_its_statements_back() {
    let (_folder, db) = file("a.db", 10).await;
    let tx = db.begin().await.unwrap();
    tx.insert(Mark::builder().reading_id(Reading::key(1))).await.unwrap();
    let mut stream = tx.select::<Mark>().fetch_stream();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    tx.select::<Mark>().delete().await.unwrap();
    let mut open = tx.select::<Reading>().fetch_stream();
    open.next().await.unwrap().unwrap();
    drop(open);
    tx.commit().await.unwrap();
    assert_eq!(db.select::<Mark>().count().await.unwrap(), 0);
}

/// All rows, page by page.
async fn all_pages<T>(size: u64, page: impl AsyncFn(Option<Cursor>, u64) -> Page<T>) -> Vec<T> {
    let mut rows = Vec::new();
    let mut cursor = None;
    loop {
        let page = page(cursor, size).await;
        assert!(page.rows.len() as u64 <= size);
        assert!(page.next.is_none() || page.rows.len() as u64 == size);
        rows.extend(page.rows);
        match page.next {
            // As a web service passes it on.
            Some(next) => cursor = Some(next.to_string().parse().unwrap()),
            None => return rows,
        }
    }
}

macro_rules! same_as_without_pages {
    ($db:ident, $($order:expr;)*) => {$(
        let chain = $db.select::<Reading>().filter(|r| r.station.ne("south")).order($order);
        let expected = chain.clone().fetch_all().await.unwrap();
        for size in [1, 7, 40, 100] {
            let paged = all_pages(size, async |cursor, n| chain.clone().page_after(cursor, n).await.unwrap()).await;
            assert!(paged == expected, "pages of {size} in the order {}", stringify!($order));
        }
    )*};
}

#[tokio::test]
async fn pages_together_are_what_one_query_gives_in_every_order() {
    let db = Db::memory().await.unwrap();
    readings(&db, 60).await;
    same_as_without_pages! { db,
        |_| Vec::<sqliter::Order<Reading>>::new();
        |r| r.pk.desc();
        |r| r.station.asc();
        |r| r.value.asc();
        |r| r.value.desc();
        |r| r.value.asc().nulls_last();
        |r| r.value.desc().nulls_first();
        |r| (r.station.desc(), r.value.asc());
        |r| (r.value.desc(), r.on.asc().nulls_last(), r.level.desc());
        |r| (r.on.asc(), r.station.asc(), r.pk.desc());
        |r| (r.level * 2).asc();
        |r| (r.marks.count().desc(), r.on.year().asc());
    }
}

#[tokio::test]
async fn pages_stay_correct_while_rows_come_and_go() {
    let db = Db::memory().await.unwrap();
    readings(&db, 30).await;
    let chain = db.select::<Reading>().order(|r| r.pk.asc());
    let first = chain.clone().page_after(None, 10).await.unwrap();
    // An offset would give a row twice now, and then leave some out.
    db.execute("INSERT INTO readings (pk, station, level) VALUES (-1, 'new', 0.0)").await.unwrap();
    db.select::<Reading>()
        .filter(|r| r.pk.is_in([Reading::key(3), Reading::key(10), Reading::key(12)]))
        .delete()
        .await
        .unwrap();
    let second = chain.page_after(first.next, 10).await.unwrap();
    let keys: Vec<Key<Reading>> = second.rows.iter().map(|r| r.pk).collect();
    assert_eq!(keys, [11, 13, 14, 15, 16, 17, 18, 19, 20, 21].map(Reading::key));
}

#[tokio::test]
async fn pages_carry_what_is_loaded_beside_the_rows() {
    let db = Db::memory().await.unwrap();
    readings(&db, 12).await;
    for _ in 0..3 {
        db.insert(Mark::builder().reading_id(Reading::key(5))).await.unwrap();
    }
    let chain = db.select::<Reading>().prefetch_related(|r| r.marks).with_count(|r| r.marks).order(|r| r.pk.asc());
    let rows = all_pages(5, async |cursor, n| chain.clone().page_after(cursor, n).await.unwrap()).await;
    assert_eq!(rows.iter().map(|(_, marks, n)| (marks.len(), *n)).max(), Some((3, 3)));
    assert_eq!(rows.len(), 12);
    let names = db.select::<Reading>().only(|r| r.station).order(|r| r.level.desc()).page_after(None, 2).await.unwrap();
    assert_eq!(names.rows.len(), 2);
}

#[tokio::test]
async fn keys_behind_the_primary_key_say_nothing_new() {
    let db = Db::memory().await.unwrap();
    readings(&db, 60).await;
    same_as_without_pages! { db,
        |r| (r.pk.asc(), r.value.desc());
        |r| (r.pk.desc(), r.value.asc().nulls_last(), r.on.desc());
        |r| (r.station.asc(), r.pk.asc(), r.on.desc().nulls_last(), r.value.asc());
        |r| (r.value.desc(), r.pk.desc(), r.value.desc());
    }
}

#[tokio::test]
async fn pages_in_orders_of_every_kind_of_value() {
    let db = Db::memory().await.unwrap();
    readings(&db, 60).await;
    db.bulk_insert((1..40).map(|i| Mark::builder().reading_id(Reading::key(i % 7 + 1)))).await.unwrap();
    same_as_without_pages! { db,
        |r| (r.marks.aggregate(|m| m.pk.max()).desc(), r.station.asc());
        |r| r.marks.aggregate(|m| m.pk.min()).asc().nulls_last();
        |r| r.marks.aggregate(|_| count()).asc();
        |r| case_when(r.value.gt(3), "many").when(r.value.is_null(), "?").otherwise("few").desc();
        |r| case_when(r.value.gt(3), r.level).end().asc();
        |r| case_when(r.value.gt(3), r.level).end().desc().nulls_first();
        |r| (r.station.upper().desc(), r.station.length().asc());
        |r| r.value.coalesce(-1).desc();
        |r| (r.value * -1_i64).asc();
        |r| (r.value / 2_i64).desc();
        |r| (r.level / 0.0).asc();
        |r| (r.level + r.value).desc().nulls_first();
        |r| (r.on.month().desc(), r.on.weekday().asc());
        |r| r.on.desc().nulls_first();
        |r| (r.value % 3_i64).asc().nulls_last();
        |r| (r.value - 3_i64).abs().asc();
    }
    let marks = db.select::<Mark>().order(|m| (m.reading.station.desc(), m.reading.value.asc().nulls_last()));
    let expected = marks.clone().fetch_all().await.unwrap();
    let paged = all_pages(4, async |cursor, n| marks.clone().page_after(cursor, n).await.unwrap()).await;
    assert_eq!(paged, expected);
    // A filter through another relation does not change whom a cursor belongs to.
    let cursor = marks.clone().page_after(None, 4).await.unwrap().next;
    let filtered = marks.filter(|m| m.reading.marks.any(|other| other.pk.gt(Mark::key(0))));
    assert_eq!(filtered.page_after(cursor, 50).await.unwrap().rows, expected[4..]);
}

#[tokio::test]
async fn a_page_is_searched_by_the_index_of_its_order() {
    let db = Db::memory().await.unwrap();
    readings(&db, 60).await;
    let chain = db.select::<Reading>().order(|r| (r.station.asc(), r.value.asc()));
    let cursor = chain.clone().page_after(None, 20).await.unwrap().next;
    let before = db.statement_count();
    chain.page_after(cursor, 20).await.unwrap();
    assert_eq!(db.statement_count() - before, 1);
}

#[tokio::test]
async fn cursors_of_other_orders_and_malformed_ones_are_refused() {
    let db = Db::memory().await.unwrap();
    readings(&db, 10).await;
    let by_station = db.select::<Reading>().order(|r| r.station.asc());
    let cursor = by_station.clone().page_after(None, 3).await.unwrap().next;
    let other = db.select::<Reading>().order(|r| r.station.desc()).page_after(cursor.clone(), 3).await;
    assert!(matches!(other, Err(Error::Cursor { .. })));
    assert_eq!(
        other.unwrap_err().to_string(),
        "the cursor does not fit: it belongs to a query over another model, or with another order"
    );
    assert!(matches!("nonsense".parse::<Cursor>(), Err(Error::Cursor { .. })));
    let json = serde_json::to_string(&cursor).unwrap();
    assert_eq!(serde_json::from_str::<Option<Cursor>>(&json).unwrap(), cursor);
    assert!(serde_json::from_str::<Cursor>("\"x\"").is_err());
    // Another filter is another question, which the cursor allows.
    let filtered = by_station.clone().filter(|r| r.level.gt(0.0)).page_after(cursor.clone(), 3).await.unwrap();
    assert!(filtered.rows.len() <= 3);
    let none = by_station.page_after(cursor.clone(), 0).await.unwrap();
    assert_eq!((none.rows.len(), none.next), (0, cursor));
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Probe {
    pk: Key<Probe>,
    station: i64,
    first_id: Option<Key<Reading>>,
    second_id: Option<Key<Reading>>,
}

#[tokio::test]
async fn a_cursor_belongs_to_its_model_and_its_order_with_all_values_in_it() {
    let db = Db::memory().await.unwrap();
    readings(&db, 10).await;
    db.create_table::<Probe>().await.unwrap();
    let drafts =
        (1..=10).map(|i| Probe::builder().station(i).first_id(Some(Reading::key(i))).second_id(Some(Reading::key(1))));
    db.bulk_insert(drafts).await.unwrap();
    let readings = |order: fn(&ReadingColumns<Reading>) -> sqliter::Order<Reading>| db.select::<Reading>().order(order);
    let probes = |order: fn(&ProbeColumns<Probe>) -> sqliter::Order<Probe>| db.select::<Probe>().order(order);
    type Readings = fn(&ReadingColumns<Reading>) -> sqliter::Order<Reading>;
    type Probes = fn(&ProbeColumns<Probe>) -> sqliter::Order<Probe>;
    let of_readings: [Readings; 9] = [
        |r| r.station.asc(),
        |r| r.pk.asc(),
        |r| r.value.asc(),
        |r| r.value.asc().nulls_last(),
        |r| (r.value * 1_i64).asc(),
        |r| (r.value * -1_i64).asc(),
        |r| case_when(r.station.eq("north"), 1_i64).otherwise(0_i64).asc(),
        |r| case_when(r.station.eq("south"), 1_i64).otherwise(0_i64).asc(),
        |r| case_when(r.station.is_in(["south"]), 1_i64).otherwise(0_i64).asc(),
    ];
    let of_probes: [Probes; 4] =
        [|p| p.station.asc(), |p| p.pk.asc(), |p| p.first.station.asc(), |p| p.second.station.asc()];
    let mut cursors = Vec::new();
    for order in of_readings {
        cursors.push(readings(order).page_after(None, 3).await.unwrap().next.unwrap());
    }
    for order in of_probes {
        cursors.push(probes(order).page_after(None, 3).await.unwrap().next.unwrap());
    }
    for (i, cursor) in cursors.iter().enumerate() {
        for rows in [0, 3] {
            for (j, order) in of_readings.into_iter().enumerate() {
                let page = readings(order).page_after(Some(cursor.clone()), rows).await;
                assert!(if i == j { page.is_ok() } else { matches!(page, Err(Error::Cursor { .. })) }, "{i} for {j}");
            }
            for (j, order) in of_probes.into_iter().enumerate() {
                let page = probes(order).page_after(Some(cursor.clone()), rows).await;
                let own = i == j + of_readings.len();
                assert!(
                    if own { page.is_ok() } else { matches!(page, Err(Error::Cursor { .. })) },
                    "{i} for probes {j}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_forged_cursor_moves_the_page_or_is_refused_and_never_reaches_sqlite() {
    let db = Db::memory().await.unwrap();
    readings(&db, 10).await;
    let chains: [sqliter::Select<'_, Reading>; 8] = [
        db.select::<Reading>().order(|r| r.pk.desc()),
        db.select::<Reading>().order(|r| r.station.asc()),
        db.select::<Reading>().order(|r| r.value.desc()),
        db.select::<Reading>().order(|r| r.level.asc()),
        db.select::<Reading>().order(|r| r.on.asc()),
        db.select::<Reading>().order(|r| r.marks.count().asc()),
        db.select::<Reading>().order(|r| case_when(r.value.gt(1), "a").end().asc()),
        db.select::<Reading>().order(|r| (r.value + 1_i64).asc()),
    ];
    // What each first key may be: NULL, an integer, a number, a text, bytes.
    let allowed = ["i", "t", "ni", "ir", "nt", "i", "nt", "nir"];
    let values = [("n", ".n"), ("i", ".i7"), ("r", ".r3ff0000000000000"), ("t", ".t61"), ("b", ".b00")];
    for (chain, allowed) in chains.into_iter().zip(allowed) {
        let text = chain.clone().page_after(None, 1).await.unwrap().next.unwrap().to_string();
        let parts: Vec<&str> = text.split('.').collect();
        for (kind, value) in values {
            let forged =
                if parts.len() == 2 { format!("{}{value}", parts[0]) } else { format!("{}{value}.i1", parts[0]) };
            let page = chain.clone().page_after(Some(forged.parse().unwrap()), 3).await;
            match page {
                Ok(_) => assert!(allowed.contains(kind), "{forged}"),
                Err(Error::Cursor { .. }) => assert!(!allowed.contains(kind), "{forged}"),
                Err(error) => panic!("{forged}: {error}"),
            }
            // The key is never NULL and never a text; and there are as many values as sort keys.
            for forged in [
                format!("{}.n.n", parts[0]),
                format!("{}.t61.t61", parts[0]),
                parts[0].to_owned(),
                format!("{text}.i1"),
            ] {
                let page = chain.clone().page_after(Some(forged.parse().unwrap()), 3).await;
                assert!(matches!(page, Err(Error::Cursor { .. })), "{forged}");
            }
        }
    }
}
