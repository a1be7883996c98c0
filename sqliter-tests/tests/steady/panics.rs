//! A panic in what a program gives the library reaches the caller as it was, and leaves nothing half-done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::SystemTime;

use crate::explosive::Explosive;
use crate::load;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(charges = Charge::site))]
struct Site {
    pk: Key<Site>,
    #[model(unique)]
    name: String,
    #[model(default = Explosive(0))]
    danger: Explosive,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Charge {
    pk: Key<Charge>,
    power: Explosive,
    site_id: Key<Site>,
    created_at: i64,
    updated_at: i64,
}

fn charge(power: i64) -> NewCharge {
    NewCharge { power: Explosive(power), site_id: Site::key(1) }
}

fn site(danger: i64) -> NewSite {
    NewSite { name: "quarry".to_owned(), danger: Explosive(danger) }
}

fn another_site(danger: i64) -> NewSite {
    NewSite { name: "mine".to_owned(), ..site(danger) }
}

/// The message of the panic that polling the future ends with.
async fn panic_of<T>(future: impl Future<Output = T>) -> String {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Ready(_)) => Poll::Ready("it ended without a panic".to_owned()),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(panic) => panic.downcast_ref::<&str>().map_or("a panic without a text", |text| text).to_owned(),
        }),
    })
    .await
}

struct Ground {
    db: Db,
    folder: tempfile::TempDir,
    clock_is_broken: Arc<AtomicBool>,
}

/// A site with the charges 7 and 13, of which the second cannot be read.
async fn ground(memory: bool) -> Ground {
    let folder = load::folder();
    let clock_is_broken = Arc::new(AtomicBool::new(false));
    let broken = Arc::clone(&clock_is_broken);
    let options = Db::options().max_readers(1).clock(move || {
        assert!(!broken.load(Ordering::Relaxed), "the clock is broken");
        SystemTime::UNIX_EPOCH
    });
    let options = if memory { options } else { options.path(folder.path().join("a.db")) };
    let db = options.open().await.unwrap();
    db.create_tables::<(Site, Charge)>().await.unwrap();
    db.insert(Site::builder().name("quarry")).await.unwrap();
    db.bulk_insert([7, 13].map(charge)).await.unwrap();
    Ground { db, folder, clock_is_broken }
}

/// All that is stored, without reading an `Explosive`.
async fn content(db: &Db) -> (Vec<(i64, String, i64, i64)>, Vec<(i64, i64, i64, i64, i64)>) {
    let charges = "SELECT pk, power, site_id, created_at, updated_at FROM charges ORDER BY pk";
    let sites = db.query("SELECT pk, name, danger, updated_at FROM sites ORDER BY pk").fetch_all().await.unwrap();
    (sites, db.query(charges).fetch_all().await.unwrap())
}

type Work<'a> = Pin<Box<dyn Future<Output = sqliter::Result<()>> + 'a>>;

macro_rules! cases {
    ($($message:literal: |$db:ident| $work:expr;)*) => {
        [$((stringify!($work), $message, (|$db| Box::pin(async move { $work.await?; Ok(()) })) as for<'a> fn(&'a Db) -> Work<'a>)),*]
    };
}

const WRITTEN: usize = 14;
const READ: usize = 15;
const CLOSURES: usize = 4;
const CLOCK: usize = 10;

type Case = (&'static str, &'static str, for<'a> fn(&'a Db) -> Work<'a>);

const IN_ENCODE: [Case; WRITTEN] = cases! {
    "exploded while it was written": |db| db.insert(charge(-1));
    "exploded while it was written": |db| db.insert_with(charge(1), |c| c.power.given(Explosive(-1)));
    "exploded while it was written": |db| db.bulk_insert([1, 2, -1, 3].map(charge));
    "exploded while it was written": |db| db.bulk_insert((0..500).map(|i| charge(if i == 400 { -1 } else { i * 20 })));
    "exploded while it was written": |db| db.bulk_insert_with([(charge(1), 1), (charge(1), -1)], |c, i| c.power.given(Explosive(i)));
    "exploded while it was written": |db| async move { db.update(&mut loaded(-1)).await };
    "exploded while it was written": |db| async move { db.bulk_update(&mut [loaded(1), loaded(-1)]).await };
    "exploded while it was written": |db| db.upsert(site(-1), |s| s.name).ignore();
    "exploded while it was written": |db| db.upsert(site(-1), |s| s.name).update(|s| s.danger);
    "exploded while it was written": |db| db.get_or_create(another_site(-1), |s| s.name);
    "exploded while it was written": |db| async move { db.select::<Charge>().filter(|c| c.power.eq(Explosive(-1))).delete().await };
    "exploded while it was written": |db| async move { db.select::<Charge>().update(|c| c.power.set(Explosive(-1))).await };
    "exploded while it was written": |db| async move { db.execute("UPDATE charges SET power = ?").bind(Explosive(-1)).await };
    "exploded while it was written": |db| db.transaction(async |tx| {
        tx.insert(charge(1)).await?;
        tx.transaction(async |inner| inner.bulk_insert([2, -1].map(charge)).await).await
    });
};

const IN_DECODE: [Case; READ] = cases! {
    "exploded while it was read": |db| db.get(Charge::key(2)).into_future();
    "exploded while it was read": |db| db.select::<Charge>().fetch_all();
    "exploded while it was read": |db| db.select::<Charge>().fetch_last();
    "exploded while it was read": |db| db.select::<Charge>().only(|c| c.power).fetch_all();
    "exploded while it was read": |db| db.select::<Charge>().select_related(|c| c.site).fetch_all();
    "exploded while it was read": |db| db.select::<Site>().prefetch_related(|s| s.charges).fetch_all();
    "exploded while it was read": |db| async move {
        let sites = db.select::<Site>().fetch_all().await?;
        db.fetch_related(&sites, |s| s.charges).await
    };
    "exploded while it was read": |db| async move {
        let mut rows = db.select::<Charge>().order(|c| c.pk.asc()).fetch_stream();
        while rows.next().await.transpose()?.is_some() {}
        sqliter::Result::Ok(())
    };
    "exploded while it was read": |db| db.select::<Charge>().page_after(None, 5).into_future();
    "exploded while it was read": |db| db.query::<Charge>("SELECT * FROM charges").fetch_all();
    // What is read here was written just before, by the same statement.
    "exploded while it was read": |db| db.insert_with(charge(1), |c| c.power.given(Explosive(13)));
    "exploded while it was read": |db| db.upsert(site(13), |s| s.name).update(|s| s.danger);
    "exploded while it was read": |db| db.query::<Charge>("UPDATE charges SET power = 13 RETURNING *").fetch_all();
    "exploded while it was read": |db| db.query::<Charge>("UPDATE charges SET power = 13 RETURNING *").fetch_one();
    "exploded while it was read": |db| db.transaction(async |tx| {
        tx.insert(charge(1)).await?;
        tx.select::<Charge>().fetch_all().await
    });
};

const IN_CLOSURES: [Case; CLOSURES] = cases! {
    "on purpose": |db| db.transaction(async |tx| {
        tx.insert(charge(1)).await?;
        tx.delete(Charge::key(1)).await?;
        explode()
    });
    "on purpose": |db| db.transaction(async |tx| {
        tx.insert(charge(1)).await?;
        tx.transaction(async |inner| {
            inner.bulk_insert((0..500).map(charge_of)).await?;
            explode()
        }).await
    });
    "on purpose": |db| db.transaction(async |tx| {
        let (one, two) = tokio::join!(tx.insert(charge(1)), async { tx.insert(charge(2)).await?; explode() });
        one?;
        two
    });
    "on purpose": |db| async move {
        let tx = db.begin().await?;
        let inner = tx.begin().await?;
        inner.insert(charge(1)).await?;
        explode()
    };
};

const IN_CLOCK: [Case; CLOCK] = cases! {
    "the clock is broken": |db| db.insert(charge(1));
    "the clock is broken": |db| db.bulk_insert([1, 2].map(charge));
    "the clock is broken": |db| db.insert_with(charge(1), |c| c.power.given(Explosive(2)));
    "the clock is broken": |db| async move { db.update(&mut loaded(1)).await };
    "the clock is broken": |db| async move { db.bulk_update(&mut [loaded(1)]).await };
    "the clock is broken": |db| db.select::<Charge>().update(|c| c.power.set(Explosive(5)));
    "the clock is broken": |db| db.upsert(site(1), |s| s.name).update(|s| s.danger);
    "the clock is broken": |db| db.get_or_create(another_site(1), |s| s.name);
    "the clock is broken": |db| async move {
        db.transaction(async |tx| {
            tx.select::<Charge>().delete().await?;
            tx.insert(charge(1)).await
        }).await
    };
    "the clock is broken": |db| async move {
        db.transaction(async |tx| {
            tx.execute("UPDATE sites SET danger = 2").await?;
            tx.transaction(async |inner| inner.insert(charge(1)).await).await
        }).await
    };
};

fn explode() -> sqliter::Result<()> {
    panic!("on purpose")
}

fn charge_of(power: i64) -> NewCharge {
    charge(power + 100)
}

fn loaded(power: i64) -> Charge {
    Charge { pk: Charge::key(1), power: Explosive(power), site_id: Site::key(1), created_at: 0, updated_at: 0 }
}

async fn panics(memory: bool) {
    let Ground { db, folder, clock_is_broken } = ground(memory).await;
    let before = content(&db).await;
    // Twice: statements that were short run in place the second time.
    for round in 0..2 {
        for (cases, breaks_the_clock) in
            [(&IN_ENCODE[..], false), (&IN_DECODE[..], false), (&IN_CLOSURES[..], false), (&IN_CLOCK[..], true)]
        {
            for (name, message, run) in cases {
                let step = format!("{name}, round {round}, in memory: {memory}");
                clock_is_broken.store(breaks_the_clock, Ordering::Relaxed);
                let told = panic_of(run(&db)).await;
                clock_is_broken.store(false, Ordering::Relaxed);
                assert!(told.contains(message), "{step}: {told}");
                load::assert_all_lanes_free::<Site>(&db, &step).await;
                assert_eq!(content(&db).await, before, "{step}");
            }
        }
    }
    let next = db.insert(charge(8)).await.unwrap();
    assert_eq!(db.get(next.pk).await.unwrap(), Some(next));
    if !memory {
        db.close().await.unwrap();
        load::assert_sound(&folder.path().join("a.db"));
    }
}

#[test]
fn panics_leave_nothing_half_done_on_one_thread() {
    load::one_thread().block_on(panics(false));
}

#[test]
fn panics_leave_nothing_half_done_on_many_threads() {
    load::many_threads().block_on(panics(false));
}

#[test]
fn panics_leave_nothing_half_done_in_memory() {
    load::many_threads().block_on(panics(true));
}

/// A panic in a task is that of the task, and the transaction of another task goes on.
#[test]
fn a_panic_in_one_task_leaves_the_transaction_of_another_alone() {
    load::many_threads().block_on(async {
        let Ground { db, folder: _folder, .. } = ground(false).await;
        let tx = db.begin().await.unwrap();
        tx.insert(charge(1)).await.unwrap();
        let reader = db.clone();
        let read = tokio::spawn(async move { reader.select::<Charge>().fetch_all().await.map(drop) });
        assert!(read.await.unwrap_err().is_panic());
        let writer = db.clone();
        let write = tokio::spawn(async move { writer.bulk_insert([2, -1].map(charge)).await.map(drop) });
        tokio::task::yield_now().await;
        tx.insert(charge(3)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(write.await.unwrap_err().is_panic());
        let powers: Vec<i64> = db.query("SELECT power FROM charges ORDER BY pk").fetch_all().await.unwrap();
        assert_eq!(powers, [7, 13, 1, 3]);
    });
}
