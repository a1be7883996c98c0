//! Pages there and back, with how many rows there are.

use std::time::Duration;

use sqliter::bounds::GivesRows;
use sqliter::prelude::*;
use sqliter::{Cursor, Error, Page, Select};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(marks = Mark::reading), index(station, value))]
struct Reading {
    pk: Key<Reading>,
    station: String,
    value: Option<i64>,
    level: f64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Mark {
    pk: Key<Mark>,
    weight: i64,
    #[model(on_delete = set_null)]
    reading_id: Option<Key<Reading>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Line {
    #[model(pk)]
    order: i64,
    #[model(pk)]
    place: String,
    amount: Option<i64>,
}

async fn filled(number: i64) -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Reading, Mark, Line)>().await.unwrap();
    let reading = |i: i64| {
        Reading::builder()
            .station(["north", "south", "east"][(i % 3) as usize])
            .value((i % 5 != 0).then_some(i % 7))
            .level((i % 4) as f64 / 2.0)
    };
    db.bulk_insert((0..number).map(reading)).await.unwrap();
    let mark = |i: i64| Mark::builder().weight(i % 4).reading_id((i % 3 != 0).then_some(Reading::key(i % 7 + 1)));
    db.bulk_insert((0..number).map(mark)).await.unwrap();
    let line = |i: i64| {
        Line::builder().order(i / 4).place(["a", "b", "c", "d"][(i % 4) as usize]).amount((i % 3 != 0).then_some(i % 5))
    };
    db.bulk_insert((0..number).map(line)).await.unwrap();
    db
}

/// As a web service hands it out and gets it back.
fn passed_on(cursor: Option<Cursor>) -> Option<Cursor> {
    cursor.map(|cursor| cursor.to_string().parse().unwrap())
}

/// Walks from one end to the other and back, and looks at what each page says of its neighbours.
async fn walk<M: Model, S>(chain: Select<'_, M, S>, size: u64, what: &str)
where
    S: GivesRows<M, Output: Clone + PartialEq + std::fmt::Debug>,
{
    // With a limit the key ends the order, as it does for pages.
    let expected = chain.clone().limit(1_000_000).fetch_all().await.unwrap();
    let (mut forwards, mut cursor, mut pages) = (Vec::new(), None, Vec::<Page<S::Output>>::new());
    loop {
        let page = chain.clone().page_after(cursor, size).with_total().await.unwrap();
        assert_eq!(page.is_first(), forwards.is_empty(), "{what}, pages of {size}");
        assert_eq!(page.total, Some(expected.len() as u64), "{what}, pages of {size}");
        forwards.extend(page.rows.iter().cloned());
        assert_eq!(page.is_last(), forwards.len() == expected.len(), "{what}, pages of {size}");
        cursor = passed_on(page.next.clone());
        pages.push(page);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(forwards, expected, "{what}, pages of {size}");

    // Each page but the first leads back to the one before.
    for both in pages.windows(2) {
        let back = chain.clone().page_before(passed_on(both[1].previous.clone()), size).await.unwrap();
        assert_eq!(back.rows, both[0].rows, "{what}, pages of {size}");
        assert_eq!((back.is_first(), back.is_last()), (both[0].is_first(), false), "{what}, pages of {size}");
        let on = chain.clone().page_after(passed_on(back.next), size).await.unwrap();
        assert_eq!(on.rows, both[1].rows, "{what}, pages of {size}");
    }

    let (mut backwards, mut cursor) = (Vec::new(), None);
    loop {
        let page = chain.clone().page_before(cursor, size).await.unwrap();
        assert!(page.rows.len() as u64 <= size);
        assert_eq!(page.is_last(), backwards.is_empty(), "{what}, pages of {size}");
        backwards.splice(0..0, page.rows);
        assert_eq!(page.previous.is_none(), backwards.len() == expected.len(), "{what}, pages of {size}");
        cursor = passed_on(page.previous);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(backwards, expected, "{what}, pages of {size}");
}

macro_rules! there_and_back {
    ($chain:expr; $($order:expr;)*) => {$(
        for size in [1, 3, 7, 30, 100] {
            walk($chain.order($order), size, stringify!($order)).await;
        }
    )*};
}

#[tokio::test]
async fn pages_there_and_back_are_the_same_rows_in_every_order() {
    let db = filled(30).await;
    let readings = db.select::<Reading>().filter(|r| r.station.ne("south"));
    there_and_back! { readings.clone();
        |_| Vec::<sqliter::Order<Reading>>::new();
        |r| r.pk.desc();
        |r| r.station.asc();
        |r| r.value.asc();
        |r| r.value.desc();
        |r| r.value.asc().nulls_last();
        |r| r.value.desc().nulls_first();
        |r| (r.station.desc(), r.value.asc());
        |r| (r.value.desc(), r.level.asc(), r.station.desc());
        |r| (r.pk.asc(), r.value.desc());
        |r| (r.level * 2).asc();
        |r| (r.value / 2_i64).desc().nulls_first();
        |r| (r.marks.count().desc(), r.value.asc().nulls_last());
        |r| r.marks.aggregate(|m| m.weight.max()).asc();
        |r| case_when(r.value.gt(3), "many").when(r.value.is_null(), "?").otherwise("few").desc();
    }
    let marks = db.select::<Mark>();
    there_and_back! { marks.clone();
        |m| m.reading.station.asc();
        |m| (m.reading.station.desc().nulls_last(), m.reading.value.asc(), m.weight.desc());
    }
    let lines = db.select::<Line>();
    there_and_back! { lines.clone();
        |_| Vec::<sqliter::Order<Line>>::new();
        |l| l.place.desc();
        |l| (l.amount.asc().nulls_last(), l.order.desc());
        |l| l.amount.desc();
    }
}

#[tokio::test]
async fn pages_there_and_back_carry_what_is_loaded_beside_the_rows() {
    let db = filled(20).await;
    let beside = db.select::<Mark>().select_related(|m| m.reading).order(|m| m.weight.desc());
    walk(beside, 6, "select_related").await;
    let below = db.select::<Reading>().prefetch_related(|r| r.marks).with_count(|r| r.marks).reversed();
    walk(below, 6, "prefetch_related").await;
    walk(db.select::<Reading>().only(|r| r.level).order(|r| r.level.asc()), 6, "only").await;
    walk(db.select::<Reading>().fields(|r| (r.station, r.value)).order(|r| r.value.asc()), 6, "fields").await;
}

#[tokio::test]
async fn the_way_back_is_right_when_the_row_of_the_cursor_is_gone() {
    let db = filled(12).await;
    let chain = db.select::<Reading>().order(|r| r.pk.asc());
    let keys = |page: &Page<Reading>| page.rows.iter().map(|r| *r.pk.raw()).collect::<Vec<_>>();
    let first = chain.clone().page_after(None, 4).await.unwrap();
    let second = chain.clone().page_after(first.next.clone(), 4).await.unwrap();

    // The last row of the first page goes: the second page stays what it is, and still knows that rows come before.
    db.delete(Reading::key(4)).await.unwrap();
    let again = chain.clone().page_after(first.next.clone(), 4).await.unwrap();
    assert_eq!(keys(&again), [5, 6, 7, 8]);
    assert_eq!(again.previous, second.previous);
    assert_eq!(keys(&chain.clone().page_before(again.previous, 4).await.unwrap()), [1, 2, 3]);

    // All rows before it go: then it is the first page.
    db.select::<Reading>().filter(|r| r.pk.lt(Reading::key(5))).delete().await.unwrap();
    let again = chain.clone().page_after(first.next, 4).await.unwrap();
    assert_eq!((keys(&again), again.is_first()), (vec![5, 6, 7, 8], true));
    let back = chain.clone().page_before(second.next.clone(), 4).await.unwrap();
    assert_eq!((keys(&back), back.is_first(), back.is_last()), (vec![5, 6, 7], true, false));
}

#[tokio::test]
async fn an_empty_page_leads_back_to_the_rows_that_are_left() {
    let db = filled(8).await;
    let chain = db.select::<Reading>().order(|r| r.pk.desc());
    let keys = |page: &Page<Reading>| page.rows.iter().map(|r| *r.pk.raw()).collect::<Vec<_>>();
    let first = chain.clone().page_after(None, 4).await.unwrap();
    db.select::<Reading>().filter(|r| r.pk.le(Reading::key(4))).delete().await.unwrap();
    let empty = chain.clone().page_after(passed_on(first.next), 4).with_total().await.unwrap();
    assert_eq!((keys(&empty), empty.is_first(), empty.is_last()), (vec![], false, true));
    assert_eq!(empty.total, Some(4));
    // The row of the cursor is among them.
    let back = chain.clone().page_before(passed_on(empty.previous), 3).await.unwrap();
    assert_eq!(keys(&back), [7, 6, 5]);
    assert_eq!((back.is_first(), back.is_last()), (false, true));
    let back = chain.clone().page_before(passed_on(back.previous), 3).await.unwrap();
    assert_eq!((keys(&back), back.is_first(), back.is_last()), (vec![8], true, false));

    db.select::<Reading>().delete().await.unwrap();
    let none = chain.clone().page_before(passed_on(back.next.clone()), 3).await.unwrap();
    assert_eq!((none.rows.len(), none.previous, none.next), (0, None, None));
    let none = chain.page_after(None, 3).with_total().await.unwrap();
    assert_eq!((none.rows.len(), none.previous, none.next, none.total), (0, None, None, Some(0)));
}

#[tokio::test]
async fn a_page_of_no_rows_keeps_its_place() {
    let db = filled(8).await;
    let chain = db.select::<Reading>().order(|r| r.pk.asc());
    let next = chain.clone().page_after(None, 4).await.unwrap().next;
    let none = chain.clone().page_after(next.clone(), 0).with_total().await.unwrap();
    assert_eq!((none.rows.len(), &none.next, none.total), (0, &next, Some(8)));
    let back = chain.page_before(passed_on(none.previous), 2).await.unwrap();
    assert_eq!(back.rows.iter().map(|r| *r.pk.raw()).collect::<Vec<_>>(), [3, 4]);
}

#[tokio::test]
async fn the_total_counts_what_the_filters_keep_and_nothing_else() {
    let db = filled(30).await;
    let chain = db.select::<Reading>().filter(|r| r.station.eq("north")).order(|r| r.value.asc());
    assert_eq!(chain.clone().page_after(None, 3).await.unwrap().total, None);
    let page = chain.clone().limit(2).offset(1).page_after(None, 3).with_total().await.unwrap();
    assert_eq!((page.rows.len(), page.total), (3, Some(10)));
    let page = chain.page_before(page.next, 2).with_total().await.unwrap();
    assert_eq!((page.rows.len(), page.total), (2, Some(10)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rows_and_the_total_are_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::options().path(folder.path().join("a.db")).open().await.unwrap();
    db.create_tables::<(Reading, Mark)>().await.unwrap();
    let writer = db.clone();
    let writing = tokio::spawn(async move {
        for i in 0..200 {
            writer.insert(Reading::builder().station("north").value(Some(i)).level(0.0)).await.unwrap();
            tokio::time::sleep(Duration::from_micros(50)).await;
        }
    });
    while !writing.is_finished() {
        let page = db.select::<Reading>().page_after(None, 1000).with_total().await.unwrap();
        assert_eq!(page.total, Some(page.rows.len() as u64));
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_page_is_one_statement_and_with_its_total_two_in_one_transaction() {
    let db = filled(30).await;
    let chain = db.select::<Reading>().order(|r| (r.station.asc(), r.value.asc()));
    let before = db.statement_count();
    let first = chain.clone().page_after(None, 10).await.unwrap();
    let second = chain.clone().page_after(first.next, 10).await.unwrap();
    chain.clone().page_before(second.previous, 10).await.unwrap();
    assert_eq!(db.statement_count() - before, 3);
    let before = db.statement_count();
    chain.page_after(None, 10).with_total().await.unwrap();
    // With BEGIN and COMMIT.
    assert_eq!(db.statement_count() - before, 4);
}

#[tokio::test]
async fn a_page_in_json_is_what_people_expect() {
    let db = filled(3).await;
    let chain = db.select::<Reading>().order(|r| r.pk.asc());
    let page = chain.clone().page_after(None, 2).await.unwrap().map(|r| r.station);
    let next = page.next.clone().unwrap();
    let json = serde_json::to_value(&page).unwrap();
    assert_eq!(json, serde_json::json!({ "rows": ["north", "south"], "next": next.to_string(), "previous": null }));
    assert_eq!(serde_json::from_value::<Page<String>>(json).unwrap(), page);
    let page = chain.page_after(Some(next), 2).with_total().await.unwrap().map(|r| r.pk);
    let json = serde_json::to_value(&page).unwrap();
    let previous = page.previous.clone().unwrap().to_string();
    assert_eq!(json, serde_json::json!({ "rows": [3], "next": null, "previous": previous, "total": 3 }));
    assert_eq!(serde_json::from_value::<Page<Key<Reading>>>(json).unwrap(), page);
}

#[tokio::test]
async fn there_are_no_pages_in_random_order() {
    let db = filled(3).await;
    let chain = db.select::<Reading>().in_random_order();
    for page in [chain.clone().page_after(None, 2).await, chain.page_before(None, 2).await] {
        let error = page.unwrap_err();
        assert!(matches!(error, Error::Cursor { .. }));
        assert_eq!(
            error.to_string(),
            "the cursor does not fit: rows in random order have no pages, as their order is another one each time"
        );
    }
}

#[tokio::test]
async fn pages_of_rows_in_the_cache_are_those_of_the_file() {
    let db = Db::options().memory().cache(sqliter::CacheOptions::default()).open().await.unwrap();
    db.create_tables::<(Reading, Mark)>().await.unwrap();
    let draft = |i| Reading::builder().station("north").value(Some(i)).level(0.0);
    db.bulk_insert((0..9).map(draft)).await.unwrap();
    for _ in 0..2 {
        walk(db.select::<Reading>().order(|r| r.value.desc()), 4, "cached").await;
    }
    assert!(db.cache_stats().hits > 0);
}
