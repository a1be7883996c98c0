//! `created_at` and `updated_at`, with a clock of the test's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    #[model(unique)]
    text: String,
    created_at: i64,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Renamed {
    pk: Key<Renamed>,
    name: String,
    #[model(created_at)]
    born: i64,
    #[model(updated_at, column = "last_change")]
    changed: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Plain {
    pk: Key<Plain>,
    #[model(plain)]
    created_at: i64,
    #[model(plain)]
    updated_at: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Created {
    pk: Key<Created>,
    name: String,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Updated {
    pk: Key<Updated>,
    name: String,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct ChronoStamped {
    pk: Key<ChronoStamped>,
    name: String,
    created_at: Unix<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct JiffStamped {
    pk: Key<JiffStamped>,
    name: String,
    created_at: jiff::Timestamp,
    updated_at: Unix<jiff::Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct TimeStamped {
    pk: Key<TimeStamped>,
    name: String,
    created_at: time::PrimitiveDateTime,
    updated_at: time::OffsetDateTime,
}

/// Milliseconds since 1970.
#[derive(Clone, Default)]
struct TestClock {
    millis: Arc<AtomicI64>,
    readings: Arc<AtomicU64>,
}

impl TestClock {
    fn at(seconds: i64) -> Self {
        let clock = Self::default();
        clock.set_millis(seconds * 1000);
        clock
    }

    fn set_millis(&self, millis: i64) {
        self.millis.store(millis, Ordering::Relaxed);
    }

    fn set(&self, seconds: i64) {
        self.set_millis(seconds * 1000);
    }

    fn now(&self) -> SystemTime {
        let millis = self.millis.load(Ordering::Relaxed);
        let distance = Duration::from_millis(millis.unsigned_abs());
        if millis < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }

    async fn db(&self) -> sqliter::Result<Db> {
        let clock = self.clone();
        let tell = move || {
            clock.readings.fetch_add(1, Ordering::Relaxed);
            clock.now()
        };
        let db = Db::options().clock(tell).open().await?;
        db.create_tables::<(Note, Renamed, Plain, Created, Updated, ChronoStamped, JiffStamped, TimeStamped)>().await?;
        Ok(db)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_sets_both_to_the_same_second() -> sqliter::Result<()> {
    let clock = TestClock::default();
    clock.set_millis(1_000_999);
    let db = clock.db().await?;
    let note = db.insert(Note::builder().text("a")).await?;
    assert_eq!((note.created_at, note.updated_at), (1000, 1000));
    assert_eq!(db.get(note.pk).await?, Some(note));
    clock.set_millis(-1);
    let early = db.insert(Note::builder().text("b")).await?;
    assert_eq!((early.created_at, early.updated_at), (-1, -1));
    assert_eq!(db.get(early.pk).await?, Some(early));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_clock_it_is_the_time_of_the_system() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Note>().await?;
    let seconds = || i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let before = seconds();
    let note = db.insert(Note::builder().text("a")).await?;
    assert!((before..=seconds()).contains(&note.created_at));
    assert_eq!(note.created_at, note.updated_at);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_sets_updated_at_only_even_when_nothing_changed() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let mut note = db.insert(Note::builder().text("a")).await?;
    let other = db.insert(Note::builder().text("b")).await?;
    clock.set(2000);
    db.update(&mut note).await?;
    assert_eq!((note.created_at, note.updated_at), (1000, 2000));
    assert_eq!(db.get(note.pk).await?, Some(note.clone()));
    assert_eq!(db.get(other.pk).await?, Some(other));
    // A clock that goes backwards is believed too.
    clock.set(500);
    db.update(&mut note).await?;
    assert_eq!((note.created_at, note.updated_at), (1000, 500));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_cannot_override_updated_at_and_writes_created_at_back() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let mut note = db.insert(Note::builder().text("a")).await?;
    clock.set(2000);
    note.updated_at = 99_999;
    note.created_at = 5;
    db.update(&mut note).await?;
    assert_eq!((note.created_at, note.updated_at), (5, 2000));
    assert_eq!(db.get(note.pk).await?, Some(note));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_update_sets_updated_at_unless_it_is_assigned() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let notes = db.bulk_insert(["a", "b", "c"].map(|text| Note::builder().text(text))).await?;
    let stamps =
        async || db.select::<Note>().order(|n| n.pk.asc()).fields(|n| (n.created_at, n.updated_at)).fetch_all().await;
    clock.set(2000);
    assert_eq!(db.select::<Note>().filter(|n| n.pk.eq(notes[0].pk)).update(|n| n.text.set("x")).await?, 1);
    assert_eq!(stamps().await?, [(1000, 2000), (1000, 1000), (1000, 1000)]);
    clock.set(3000);
    let second = db.select::<Note>().filter(|n| n.pk.eq(notes[1].pk));
    assert_eq!(second.update(|n| (n.updated_at.set(7), n.created_at.set(6))).await?, 1);
    assert_eq!(stamps().await?, [(1000, 2000), (6, 7), (1000, 1000)]);
    let third = db.select::<Note>().filter(|n| n.pk.eq(notes[2].pk));
    assert_eq!(third.update(|n| n.updated_at.set(n.created_at)).await?, 1);
    assert_eq!(stamps().await?, [(1000, 2000), (6, 7), (1000, 1000)]);
    assert_eq!(db.select::<Note>().filter(|n| n.text.eq("nobody")).update(|n| n.text.set("y")).await?, 0);
    assert_eq!(db.select::<Note>().update(|_| ()).await?, 0);
    assert_eq!(stamps().await?, [(1000, 2000), (6, 7), (1000, 1000)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_reads_the_clock_once() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let before = clock.readings.load(Ordering::Relaxed);
    let notes = db.bulk_insert((0..500).map(|i| Note::builder().text(i.to_string()))).await?;
    assert_eq!(clock.readings.load(Ordering::Relaxed), before + 1);
    assert!(notes.iter().all(|note| (note.created_at, note.updated_at) == (1000, 1000)));
    assert_eq!(db.select::<Note>().order(|n| n.pk.asc()).fetch_all().await?, notes);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_update_leaves_the_instance_as_it_was() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    db.insert(Note::builder().text("taken")).await?;
    let mut note = db.insert(Note::builder().text("a")).await?;
    note.text = "taken".to_owned();
    let before = note.clone();
    clock.set(2000);
    let error = db.update(&mut note).await.unwrap_err();
    assert!(matches!(error, Error::UniqueViolation { .. }), "{error:?}");
    assert_eq!(note, before);
    assert_eq!(db.get(note.pk).await?.unwrap().updated_at, 1000);

    db.delete(note.pk).await?;
    note.text = "gone".to_owned();
    let before = note.clone();
    assert!(matches!(db.update(&mut note).await, Err(Error::RecordNotFound { .. })));
    assert_eq!(note, before);
    Ok(())
}

#[tokio::test]
async fn a_failed_bulk_update_changes_no_stamp_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let notes = db.bulk_insert(["a", "b"].map(|text| Note::builder().text(text))).await?;
    clock.set(2000);
    let error = db.select::<Note>().update(|n| n.text.set("same")).await.unwrap_err();
    assert!(matches!(error, Error::UniqueViolation { .. }), "{error:?}");
    assert_eq!(db.select::<Note>().order(|n| n.pk.asc()).fetch_all().await?, notes);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_other_names_can_take_the_roles() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let mut row = db.insert(Renamed::builder().name("a")).await?;
    assert_eq!((row.born, row.changed), (1000, 1000));
    clock.set(2000);
    db.update(&mut row).await?;
    assert_eq!((row.born, row.changed), (1000, 2000));
    assert_eq!(db.get(row.pk).await?, Some(row.clone()));
    clock.set(3000);
    db.select::<Renamed>().update(|r| r.name.set("b")).await?;
    let read = db.get(row.pk).await?.unwrap();
    assert_eq!((read.name.as_str(), read.born, read.changed), ("b", 1000, 3000));
    db.execute("UPDATE renameds SET last_change = 1").await?;
    assert_eq!(db.get(row.pk).await?.unwrap().changed, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_fields_are_ordinary_columns() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let mut row = db.insert(Plain::builder().created_at(7)).await?;
    assert_eq!((row.created_at, row.updated_at.clone()), (7, None));
    row.updated_at = Some("by me".to_owned());
    db.update(&mut row).await?;
    db.select::<Plain>().update(|p| p.created_at.add(1)).await?;
    let read = db.get(row.pk).await?.unwrap();
    assert_eq!((read.created_at, read.updated_at.as_deref()), (8, Some("by me")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_may_have_only_one_of_the_two() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let mut created = db.insert(Created::builder().name("a")).await?;
    let mut updated = db.insert(Updated::builder().name("a")).await?;
    clock.set(2000);
    db.update(&mut created).await?;
    db.update(&mut updated).await?;
    assert_eq!((created.created_at, updated.updated_at), (1000, 2000));
    clock.set(3000);
    db.select::<Created>().update(|c| c.name.set("b")).await?;
    db.select::<Updated>().update(|u| u.name.set("b")).await?;
    assert_eq!(db.get(created.pk).await?.unwrap().created_at, 1000);
    assert_eq!(db.get(updated.pk).await?.unwrap().updated_at, 3000);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_stamps_equal_what_is_stored() -> sqliter::Result<()> {
    let clock = TestClock::default();
    clock.set_millis(1_717_237_230_250);
    let db = clock.db().await?;
    let mut chrono = db.insert(ChronoStamped::builder().name("a")).await?;
    let mut jiff = db.insert(JiffStamped::builder().name("a")).await?;
    let mut time = db.insert(TimeStamped::builder().name("a")).await?;
    assert_eq!(chrono.updated_at.timestamp_millis(), 1_717_237_230_250);
    assert_eq!(jiff.created_at.as_millisecond(), 1_717_237_230_250);
    assert_eq!(time.updated_at.unix_timestamp_nanos(), 1_717_237_230_250_000_000);
    // Whole seconds, in the returned row as in the stored one.
    assert_eq!(chrono.created_at.timestamp_millis(), 1_717_237_230_000);
    assert_eq!(db.get(chrono.pk).await?.as_ref(), Some(&chrono));
    assert_eq!(db.get(jiff.pk).await?.as_ref(), Some(&jiff));
    assert_eq!(db.get(time.pk).await?.as_ref(), Some(&time));
    for millis in [2_000_000_000_999, -1] {
        clock.set_millis(millis);
        db.update(&mut chrono).await?;
        db.update(&mut jiff).await?;
        db.update(&mut time).await?;
        assert_eq!(db.get(chrono.pk).await?.as_ref(), Some(&chrono));
        assert_eq!(db.get(jiff.pk).await?.as_ref(), Some(&jiff));
        assert_eq!(db.get(time.pk).await?.as_ref(), Some(&time));
        assert_eq!(chrono.created_at.timestamp_millis(), 1_717_237_230_000);
        assert_eq!(chrono.updated_at.timestamp_millis(), millis);
        assert_eq!(jiff.updated_at.as_millisecond(), millis.div_euclid(1000) * 1000);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_the_column_cannot_hold_is_refused() -> sqliter::Result<()> {
    let clock = TestClock::at(1000);
    let db = clock.db().await?;
    let mut row = db.insert(ChronoStamped::builder().name("a")).await?;
    let before = row.clone();
    clock.set(253_402_300_800); // 10000-01-01
    let refused = [
        db.insert(ChronoStamped::builder().name("b")).await.map(|_| ()).unwrap_err(),
        db.update(&mut row).await.unwrap_err(),
        db.select::<ChronoStamped>().update(|c| c.name.set("c")).await.map(|_| ()).unwrap_err(),
    ];
    for error in refused {
        assert!(
            matches!(&error, Error::Encode { table, column, .. }
                if table == "chrono_stampeds" && ["created_at", "updated_at"].contains(&column.as_str())),
            "{error:?}"
        );
    }
    assert_eq!(row, before);
    assert_eq!(db.select::<ChronoStamped>().fetch_all().await?, [before]);
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Visit {
    pk: Key<Visit>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
}

#[tokio::test]
async fn a_nullable_timestamp_is_set_all_the_same() -> sqliter::Result<()> {
    let db = Db::options().clock(|| UNIX_EPOCH + Duration::from_secs(7)).open().await?;
    db.create_table::<Visit>().await?;
    let visit = db.insert(Visit::builder()).await?;
    assert_eq!((visit.created_at, visit.updated_at), (Some(7), Some(7)));
    db.execute("UPDATE visits SET created_at = NULL, updated_at = NULL").await?;
    let mut visit = db.get(visit.pk).await?.unwrap();
    assert_eq!((visit.created_at, visit.updated_at), (None, None));
    db.update(&mut visit).await?;
    assert_eq!((visit.created_at, visit.updated_at), (None, Some(7)));
    assert_eq!(db.select::<Visit>().update(|v| v.created_at.set(5)).await?, 1);
    assert_eq!(db.get(&visit).await?.unwrap().created_at, Some(5));
    Ok(())
}
