//! Random conditions on random rows: the database keeps the rows that the same condition keeps in Rust, under SQL's
//! three-valued logic with `!` as the complement; and all terminals of a chain mean the same rows.

mod condition;
mod rows;

use std::cmp::Ordering;
use std::sync::LazyLock;

use condition::{Tree, tree};
use proptest::prelude::any;
use proptest::prelude::*;
use rows::{Row, RowColumns, rows};
use sqliter::prelude::*;
use sqliter::{Order, Select};
use tokio::runtime::Runtime;

struct Fixture {
    runtime: Runtime,
    db: Db,
    /// In the order of their keys.
    rows: Vec<Row>,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let (db, rows) = runtime.block_on(async {
        let db = Db::memory().await.unwrap();
        db.create_table::<Row>().await.unwrap();
        let rows = db.bulk_insert(rows()).await.unwrap();
        (db, rows)
    });
    Fixture { runtime, db, rows }
});

/// A key of an order.
#[derive(Debug, Clone, Copy)]
struct SortKey {
    column: SortColumn,
    descending: bool,
    nulls: Option<Nulls>,
}

#[derive(Debug, Clone, Copy)]
enum SortColumn {
    Whole,
    Count,
    Text,
    Mark,
    Ratio,
    Due,
    Key,
}

#[derive(Debug, Clone, Copy)]
enum Nulls {
    First,
    Last,
}

fn sort_key() -> impl Strategy<Value = SortKey> {
    use SortColumn::*;
    let column = prop::sample::select(vec![Whole, Count, Text, Mark, Ratio, Due, Key]);
    let nulls = prop::sample::select(vec![None, None, Some(Nulls::First), Some(Nulls::Last)]);
    (column, any::<bool>(), nulls).prop_map(|(column, descending, nulls)| SortKey { column, descending, nulls })
}

impl SortKey {
    fn typed(self, r: &RowColumns<Row>) -> Order<Row> {
        macro_rules! directed {
            ($column:expr) => {
                if self.descending { $column.desc() } else { $column.asc() }
            };
        }
        let order = match self.column {
            SortColumn::Whole => directed!(r.whole),
            SortColumn::Count => directed!(r.count),
            SortColumn::Text => directed!(r.text),
            SortColumn::Mark => directed!(r.mark),
            SortColumn::Ratio => directed!(r.ratio),
            SortColumn::Due => directed!(r.due),
            SortColumn::Key => directed!(r.pk),
        };
        match self.nulls {
            None => order,
            Some(Nulls::First) => order.nulls_first(),
            Some(Nulls::Last) => order.nulls_last(),
        }
    }

    fn compare(self, a: &Row, b: &Row) -> Ordering {
        match self.column {
            SortColumn::Whole => self.options(Some(&a.whole), Some(&b.whole)),
            SortColumn::Count => self.options(a.count.as_ref(), b.count.as_ref()),
            SortColumn::Text => self.options(Some(&a.text), Some(&b.text)),
            SortColumn::Mark => self.options(a.mark.as_ref(), b.mark.as_ref()),
            SortColumn::Ratio => self.options(a.ratio.as_ref(), b.ratio.as_ref()),
            SortColumn::Due => self.options(a.due.as_ref(), b.due.as_ref()),
            SortColumn::Key => self.options(Some(&a.pk), Some(&b.pk)),
        }
    }

    /// `NULL` is smallest, unless its place is given.
    fn options<T: PartialOrd>(self, a: Option<&T>, b: Option<&T>) -> Ordering {
        let order = match (a, b) {
            (Some(a), Some(b)) => a.partial_cmp(b).unwrap(),
            (None, None) => Ordering::Equal,
            (a, _) => match self.nulls {
                Some(Nulls::First) => return if a.is_none() { Ordering::Less } else { Ordering::Greater },
                Some(Nulls::Last) => return if a.is_none() { Ordering::Greater } else { Ordering::Less },
                None if a.is_none() => Ordering::Less,
                None => Ordering::Greater,
            },
        };
        if self.descending { order.reverse() } else { order }
    }
}

/// Equal rows come in the order of the key, in the direction of the last sort key.
fn sorted<'r>(mut rows: Vec<&'r Row>, order: &[SortKey]) -> Vec<&'r Row> {
    let last = order.last().is_some_and(|key| key.descending);
    rows.sort_by(|a, b| {
        let by_keys = order.iter().map(|key| key.compare(a, b)).find(|order| order.is_ne());
        by_keys.unwrap_or_else(|| if last { b.pk.cmp(&a.pk) } else { a.pk.cmp(&b.pk) })
    });
    rows
}

fn keys<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Vec<i64> {
    rows.into_iter().map(|row| row.pk.into_raw()).collect()
}

fn limits() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![3 => Just(None), 6 => (0..40_u64).prop_map(Some), 1 => Just(Some(u64::MAX))]
}

fn offsets() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0), 6 => 0..40_u64, 1 => Just(u64::MAX)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_keeps_the_rows_for_which_its_condition_is_true(tree in tree()) {
        let Fixture { runtime, db, rows } = &*FIXTURE;
        let (kept, left): (Vec<_>, Vec<_>) = rows.iter().partition(|row| tree.holds(row) == Some(true));
        let fetch = |query: Select<'static, Row>| runtime.block_on(query.order(|r| r.pk.asc()).fetch_all()).unwrap();
        let query = db.select::<Row>().filter(|r| tree.condition(r));
        prop_assert_eq!(keys(&fetch(query)), keys(kept.iter().copied()));
        // The complement, in any place of a chain.
        let query = db.select::<Row>().filter(|r| !tree.condition(r));
        prop_assert_eq!(keys(&fetch(query.clone())), keys(left));
        prop_assert!(fetch(query.filter(|r| tree.condition(r))).is_empty());
    }

    #[test]
    fn every_terminal_means_the_same_rows(
        filters in prop::collection::vec(tree(), 0..3),
        order in prop::collection::vec(sort_key(), 0..3),
        limit in limits(),
        offset in offsets(),
    ) {
        let Fixture { runtime, db, rows } = &*FIXTURE;
        let kept: Vec<_> =
            rows.iter().filter(|row| filters.iter().all(|tree: &Tree| tree.holds(row) == Some(true))).collect();
        let all = sorted(kept, &order);
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let take = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let expected = keys(all.iter().copied().skip(skip).take(take));
        let last = &expected[expected.len().saturating_sub(1)..];

        let chain = Chain { filters, order, limit, offset };
        runtime.block_on(chain.check(db, &expected, last)).unwrap();
    }
}

struct Chain {
    filters: Vec<Tree>,
    order: Vec<SortKey>,
    limit: Option<u64>,
    offset: u64,
}

impl Chain {
    fn on<'s>(&self, session: &'s Session) -> Select<'s, Row> {
        let mut query = session.select::<Row>();
        for tree in &self.filters {
            query = query.filter(|r| tree.condition(r));
        }
        query = query.order(|r| self.order.iter().map(|key| key.typed(r)).collect::<Vec<_>>()).offset(self.offset);
        match self.limit {
            Some(limit) => query.limit(limit),
            None => query,
        }
    }

    /// Whether nothing says which row comes first.
    fn is_unordered(&self) -> bool {
        self.order.is_empty() && self.limit.is_none() && self.offset == 0
    }

    async fn check(&self, db: &Db, expected: &[i64], last: &[i64]) -> sqliter::Result<()> {
        let first = &expected[..expected.len().min(1)];
        let mut fetched = keys(&self.on(db).fetch_all().await?);
        let one = keys(&self.on(db).fetch_one().await?);
        if self.is_unordered() {
            fetched.sort_unstable();
            assert_eq!(one.len(), first.len());
            assert!(one.iter().all(|key| expected.contains(key)));
        } else {
            assert_eq!(one, first);
        }
        assert_eq!(fetched, expected);
        assert_eq!(keys(&self.on(db).fetch_first().await?), first);
        assert_eq!(keys(&self.on(db).fetch_last().await?), last);
        assert_eq!(self.on(db).count().await?, expected.len() as u64);
        assert_eq!(self.on(db).exists().await?, !expected.is_empty());

        // These change exactly the rows of the chain. The transactions are not committed.
        let before = keys(&db.select::<Row>().order(|r| r.pk.asc()).fetch_all().await?);
        let (chosen, others): (Vec<i64>, Vec<i64>) = before.iter().partition(|key| expected.contains(key));
        let marked = i64::from(i32::MAX);
        let tx = db.begin().await?;
        assert_eq!(self.on(&tx).update(|r| r.whole.set(marked)).await?, expected.len() as u64);
        let changed = tx.select::<Row>().filter(|r| r.whole.eq(marked)).order(|r| r.pk.asc()).fetch_all().await?;
        assert_eq!(keys(&changed), chosen);
        tx.rollback().await?;
        let tx = db.begin().await?;
        assert_eq!(self.on(&tx).delete().await?, expected.len() as u64);
        assert_eq!(keys(&tx.select::<Row>().order(|r| r.pk.asc()).fetch_all().await?), others);
        tx.rollback().await
    }
}
