//! Values over windows: aggregates and rankings over the rows around each row, and rows that are chosen by them.

use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::window::{
    cume_dist, current_row, dense_rank, following, ntile, percent_rank, preceding, rank, row_number,
};
use sqliter::{Error, Page, Select};

#[derive(Debug, Clone, PartialEq, Model)]
struct Region {
    pk: Key<Region>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Sale {
    pk: Key<Sale>,
    region_id: Key<Region>,
    day: i64,
    amount: i64,
    note: Option<String>,
    price: Decimal,
}

/// | pk | region | day | amount | note | price |
/// |----|--------|-----|--------|------|-------|
/// | 1  | north  | 1   | 5      | a    | 0.1   |
/// | 2  | north  | 2   | 7      |      | 0.2   |
/// | 3  | north  | 2   | 1      | c    | 0.3   |
/// | 4  | south  | 1   | 3      | d    | 0.4   |
/// | 5  | south  | 3   | 4      |      | 0.5   |
async fn sales() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Region, Sale)>().await.unwrap();
    let regions = db.bulk_insert(["north", "south"].map(|name| Region::builder().name(name))).await.unwrap();
    let rows = [(0, 1, 5, Some("a")), (0, 2, 7, None), (0, 2, 1, Some("c")), (1, 1, 3, Some("d")), (1, 3, 4, None)];
    let drafts = rows.into_iter().zip(1..).map(|((region, day, amount, note), n)| {
        let draft = Sale::builder().region_id(&regions[region]).day(day).amount(amount).price(Decimal::new(n, 1));
        draft.note(note.map(str::to_owned))
    });
    db.bulk_insert(drafts).await.unwrap();
    db
}

fn all(db: &Db) -> Select<'_, Sale> {
    db.select::<Sale>().order(|s| s.pk.asc())
}

#[tokio::test]
async fn an_aggregate_over_a_window_with_an_order_is_a_running_one() -> sqliter::Result<()> {
    let db = sales().await;
    let chain =
        all(&db).fields(|s| (s.region.name, s.amount.sum().over(|w| w.partition_by(s.region.name).order(s.day.asc()))));
    assert_eq!(
        chain.to_sql()?.text,
        "SELECT t1.\"name\", SUM(t0.\"amount\") OVER (PARTITION BY t1.\"name\" ORDER BY t0.\"day\") FROM \"sales\" AS t0 \
         LEFT JOIN \"regions\" AS t1 ON t1.\"pk\" = t0.\"region_id\" ORDER BY t0.\"pk\""
    );
    let sums: Vec<_> =
        chain.fetch_all().await?.into_iter().map(|(_, sum): (String, Option<i64>)| sum.unwrap()).collect();
    // Rows of one day are equal in the order, and taken together.
    assert_eq!(sums, [5, 13, 13, 3, 7]);
    Ok(())
}

#[tokio::test]
async fn all_aggregates_are_computed_over_windows() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = all(&db).fields(|s| {
        (
            count().over(|w| w),
            s.note.count().over(|w| w.partition_by(s.region_id)),
            s.amount.avg().over(|w| w.partition_by(s.region_id)),
            s.amount.min().over(|w| w.partition_by(s.region_id)),
            s.amount.max().over(|w| w.partition_by((s.region_id, s.day))),
            s.amount.total().over(|w| w.partition_by(s.day.gt(1))),
            s.note.group_concat("-").over(|w| w.order(s.pk.asc())),
            count().filter(s.amount.gt(3)).over(|w| w.partition_by(s.region_id)),
        )
    });
    assert_eq!(
        chain.to_sql()?.text,
        "SELECT COUNT(*) OVER (), COUNT(\"note\") OVER (PARTITION BY \"region_id\"), \
         AVG(\"amount\") OVER (PARTITION BY \"region_id\"), MIN(\"amount\") OVER (PARTITION BY \"region_id\"), \
         MAX(\"amount\") OVER (PARTITION BY \"region_id\", \"day\"), \
         TOTAL(\"amount\") OVER (PARTITION BY ((\"day\" > ?) IS TRUE)), \
         GROUP_CONCAT(\"note\", ?) OVER (ORDER BY \"pk\"), \
         COUNT(*) FILTER (WHERE \"amount\" > ?) OVER (PARTITION BY \"region_id\") FROM \"sales\" ORDER BY \"pk\""
    );
    let rows = chain.fetch_all().await?;
    assert_eq!(rows[2], (5, 2, Some(13.0 / 3.0), Some(1), Some(7), 12.0, Some("a-c".to_owned()), 2));
    assert_eq!(rows[4], (5, 1, Some(3.5), Some(3), Some(4), 12.0, Some("a-c-d".to_owned()), 1));
    Ok(())
}

#[tokio::test]
async fn rankings_number_the_rows_of_a_partition() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = all(&db).filter(|s| s.region.name.eq("north")).fields(|s| {
        (
            row_number().over(|w| w.order(s.day.desc())),
            rank().over(|w| w.order(s.day.asc())),
            dense_rank().over(|w| w.order(s.day.desc())),
            percent_rank().over(|w| w.order(s.day.asc())),
            cume_dist().over(|w| w.order(s.day.asc())),
            ntile(2).over(|w| w.order(s.day.asc())),
        )
    });
    let rows: Vec<(i64, i64, i64, f64, f64, i64)> = chain.clone().fetch_all().await?;
    assert_eq!(rows[0], (3, 1, 2, 0.0, 1.0 / 3.0, 1));
    assert_eq!(rows[1], (2, 2, 1, 0.5, 1.0, 1));
    assert_eq!(rows[2], (1, 2, 1, 0.5, 1.0, 2));
    let sql = chain.to_sql()?.text;
    // What numbers equal rows has an order that leaves nothing open; what gives equal rows one number has not.
    assert!(sql.contains("row_number() OVER (ORDER BY t0.\"day\" DESC, t0.\"pk\" DESC)"), "{sql}");
    assert!(sql.contains("rank() OVER (ORDER BY t0.\"day\")"), "{sql}");
    assert!(sql.contains("ntile(2) OVER (ORDER BY t0.\"day\", t0.\"pk\")"), "{sql}");
    Ok(())
}

#[tokio::test]
async fn values_of_other_rows_are_null_where_there_is_none() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = all(&db).fields(|s| {
        (
            s.amount.lag(1).over(|w| w.partition_by(s.region_id).order(s.day.asc())),
            s.amount.lag_or(2, 0).over(|w| w.order(s.pk.asc())),
            s.amount.lead_or(1, s.day).over(|w| w.order(s.pk.asc())),
            s.note.lead(1).over(|w| w.order(s.pk.asc())),
            s.amount.first_value().over(|w| w.partition_by(s.region_id).order(s.amount.desc())),
            s.amount.last_value().over(|w| w.partition_by(s.region_id).order(s.amount.desc()).rows(..)),
            s.amount.nth_value(2).over(|w| w.order(s.pk.asc())),
        )
    });
    let rows: Vec<(Option<i64>, i64, i64, Option<String>, Option<i64>, Option<i64>, Option<i64>)> =
        chain.fetch_all().await?;
    assert_eq!(rows[0], (None, 0, 7, None, Some(7), Some(1), None));
    assert_eq!(rows[1], (Some(5), 0, 1, Some("c".to_owned()), Some(7), Some(1), Some(7)));
    assert_eq!(rows[2], (Some(7), 5, 3, Some("d".to_owned()), Some(7), Some(1), Some(7)));
    assert_eq!(rows[4], (Some(3), 1, 3, None, Some(4), Some(3), Some(7)));
    let either: Vec<Option<String>> =
        all(&db).only(|s| s.note.lag_or(1, "?").over(|w| w.order(s.pk.asc()))).fetch_all().await?;
    assert_eq!(either[..2], [Some("?".to_owned()), Some("a".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn a_frame_has_both_of_its_edges() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = all(&db).fields(|s| {
        (
            s.amount.sum().over(|w| w.order(s.pk.asc()).rows(preceding(1)..=following(1))),
            s.amount.sum().over(|w| w.order(s.pk.asc()).rows(current_row()..)),
            s.amount.sum().over(|w| w.order(s.pk.asc()).rows(..=preceding(1))),
            s.amount.sum().over(|w| w.order(s.day.asc()).range(preceding(1)..=current_row())),
            s.amount.sum().over(|w| w.order(s.day.asc()).groups(preceding(1)..=preceding(1))),
            s.amount.sum().over(|w| w.rows(..).exclude_current_row()),
            s.amount.sum().over(|w| w.order(s.day.asc()).exclude_group()),
            s.amount.sum().over(|w| w.order(s.day.asc()).range(..).exclude_ties()),
        )
    });
    assert_eq!(
        chain.to_sql()?.text,
        "SELECT SUM(\"amount\") OVER (ORDER BY \"pk\" ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), \
         SUM(\"amount\") OVER (ORDER BY \"pk\" ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING), \
         SUM(\"amount\") OVER (ORDER BY \"pk\" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), \
         SUM(\"amount\") OVER (ORDER BY \"day\" RANGE BETWEEN 1 PRECEDING AND CURRENT ROW), \
         SUM(\"amount\") OVER (ORDER BY \"day\" GROUPS BETWEEN 1 PRECEDING AND 1 PRECEDING), \
         SUM(\"amount\") OVER (ORDER BY \"pk\" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW), \
         SUM(\"amount\") OVER (ORDER BY \"day\" RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP), \
         SUM(\"amount\") OVER (ORDER BY \"day\" RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) \
         FROM \"sales\" ORDER BY \"pk\""
    );
    let rows = chain.fetch_all().await?;
    assert_eq!(rows[0], (Some(12), Some(20), None, Some(8), None, Some(15), None, Some(17)));
    assert_eq!(rows[2], (Some(11), Some(8), Some(12), Some(16), Some(8), Some(19), Some(8), Some(13)));
    Ok(())
}

#[tokio::test]
async fn sums_of_decimals_are_exact_over_moving_frames() -> sqliter::Result<()> {
    let db = sales().await;
    let moving: Vec<Option<Decimal>> = all(&db)
        .only(|s| s.price.sum().over(|w| w.order(s.pk.asc()).rows(preceding(1)..=preceding(1))))
        .fetch_all()
        .await?;
    assert_eq!(moving, [None, Some(1), Some(2), Some(3), Some(4)].map(|n| n.map(|n| Decimal::new(n, 1))));
    let running: Vec<Option<Decimal>> =
        all(&db).only(|s| s.price.sum().over(|w| w.order(s.pk.asc()))).fetch_all().await?;
    assert_eq!(running.last(), Some(&Some(Decimal::new(15, 1))));
    Ok(())
}

#[tokio::test]
async fn what_is_of_the_whole_partition_takes_any_frame() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = all(&db).fields(|s| {
        (
            row_number().over(|w| w.order(s.day.asc()).range(preceding(1)..=current_row())),
            s.amount.lag(1).over(|w| w.order(s.day.asc()).range(preceding(1)..=current_row()).exclude_ties()),
        )
    });
    assert_eq!(
        chain.to_sql()?.text,
        "SELECT row_number() OVER (ORDER BY \"day\", \"pk\"), lag(\"amount\", 1) OVER (ORDER BY \"day\", \"pk\") \
         FROM \"sales\" ORDER BY \"pk\""
    );
    let rows: Vec<(i64, Option<i64>)> = chain.fetch_all().await?;
    assert_eq!(rows, [(1, None), (3, Some(3)), (4, Some(7)), (2, Some(5)), (5, Some(1))]);
    Ok(())
}

#[tokio::test]
async fn rows_that_are_equal_in_the_order_are_left_out_of_a_frame_of_rows_too() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = all(&db).fields(|s| {
        (
            s.amount.sum().over(|w| w.order(s.day.asc()).rows(..).exclude_group()),
            s.amount.sum().over(|w| w.order(s.day.asc()).rows(..).exclude_ties()),
        )
    });
    assert_eq!(
        chain.to_sql()?.text,
        "SELECT SUM(\"amount\") OVER (ORDER BY \"day\" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP), \
         SUM(\"amount\") OVER (ORDER BY \"day\" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) \
         FROM \"sales\" ORDER BY \"pk\""
    );
    let rows = chain.fetch_all().await?;
    assert_eq!(rows[0], (Some(12), Some(17)));
    assert_eq!(rows[1], (Some(12), Some(19)));
    assert_eq!(rows[4], (Some(16), Some(20)));
    Ok(())
}

#[tokio::test]
async fn the_first_and_the_last_of_all_rows_are_certain_where_rows_are_equal() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = all(&db).fields(|s| {
        (
            s.amount.first_value().over(|w| w.order(s.region_id.desc()).range(..)),
            s.amount.last_value().over(|w| w.order(s.region_id.asc()).range(..)),
            s.amount.last_value().over(|w| w.order(s.region_id.desc()).groups(preceding(1)..)),
            s.amount.last_value().over(|w| w.range(..)),
        )
    });
    assert_eq!(
        chain.to_sql()?.text,
        "SELECT first_value(\"amount\") OVER (ORDER BY \"region_id\" DESC, \"pk\" DESC RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), \
         last_value(\"amount\") OVER (ORDER BY \"region_id\", \"pk\" RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), \
         last_value(\"amount\") OVER (ORDER BY \"region_id\" DESC, \"pk\" DESC GROUPS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING), \
         last_value(\"amount\") OVER (ORDER BY \"pk\" RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) \
         FROM \"sales\" ORDER BY \"pk\""
    );
    assert_eq!(chain.fetch_first().await?, Some((Some(4), Some(4), Some(5), Some(4))));
    Ok(())
}

#[tokio::test]
async fn values_over_windows_have_no_pages_and_the_name_of_what_they_are_of() -> sqliter::Result<()> {
    let db = sales().await;
    // The second page would number its rows from 1 again.
    let numbered = all(&db).with_values(|s| row_number().over(|w| w.order(s.pk.asc())));
    let refused = numbered.page_after(None, 2).await;
    assert!(matches!(&refused, Err(Error::Cursor { reason }) if reason.contains("window")), "{refused:?}");
    let named = all(&db).only(|s| s.amount.abs().lag_or(1, s.day).over(|w| w.order(s.pk.asc())));
    assert_eq!(named.limit(1).fetch_dicts().await?[0].iter().map(|(name, _)| name).collect::<Vec<_>>(), ["lag"]);
    Ok(())
}

#[tokio::test]
async fn values_over_windows_are_calculated_with() -> sqliter::Result<()> {
    let db = sales().await;
    let shares: Vec<Option<f64>> = all(&db)
        .only(|s| s.amount.cast::<f64>() / s.amount.sum().over(|w| w.partition_by(s.region_id)))
        .fetch_all()
        .await?;
    assert_eq!(shares[0], Some(5.0 / 13.0));
    let chain = all(&db).fields(|s| {
        let mean = s.amount.avg().over(|w| w.partition_by(s.region_id));
        let before = s.amount.lag(1).over(|w| w.partition_by(s.region_id).order(s.pk.asc()));
        (
            s.amount - mean.clone(),
            mean.clone() - s.amount,
            mean.gt(4.0),
            s.amount.max().over(|w| w.partition_by(s.region_id)).gt(s.amount),
            before.clone().coalesce(s.amount),
            s.amount - before,
        )
    });
    let rows: Vec<(Option<f64>, Option<f64>, bool, bool, i64, Option<i64>)> = chain.fetch_all().await?;
    assert_eq!(rows[3], (Some(-0.5), Some(0.5), false, true, 3, None));
    assert_eq!(rows[4], (Some(0.5), Some(-0.5), false, false, 3, Some(1)));
    // The window is said of all aggregates of an expression.
    let means: Vec<Option<i64>> =
        all(&db).only(|s| (s.amount.sum() / count()).over(|w| w.partition_by(s.region_id))).fetch_all().await?;
    assert_eq!(means[0], Some(4));
    Ok(())
}

#[tokio::test]
async fn whole_rows_have_values_over_windows_beside_them_and_are_sorted_by_them() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = db
        .select::<Sale>()
        .with_values(|s| rank().over(|w| w.partition_by(s.region_id).order(s.amount.desc())))
        .order(|s| (rank().over(|w| w.partition_by(s.region_id).order(s.amount.desc())).asc(), s.pk.asc()));
    let ranked: Vec<(Sale, i64)> = chain.clone().fetch_all().await?;
    assert_eq!(
        ranked.iter().map(|(s, rank)| (*s.pk.raw(), *rank)).collect::<Vec<_>>(),
        [(2, 1), (5, 1), (1, 2), (4, 2), (3, 3)]
    );
    let last = chain.clone().limit(2).fetch_last().await?;
    assert_eq!(last.map(|(sale, _)| *sale.pk.raw()), Some(5));
    assert_eq!(chain.clone().count().await?, 5);
    let names = all(&db).fields(|s| (s.pk, row_number().over(|w| w), s.amount.sum().over(|w| w))).fetch_dicts().await?;
    assert_eq!(names[0].iter().map(|(name, _)| name).collect::<Vec<_>>(), ["pk", "row_number", "sum_amount"]);
    let paged = chain.page_after(None, 2).await;
    assert!(matches!(&paged, Err(Error::Cursor { reason }) if reason.contains("window")), "{paged:?}");
    Ok(())
}

#[tokio::test]
async fn groups_have_windows_over_groups() -> sqliter::Result<()> {
    let db = sales().await;
    let chain = db
        .select::<Sale>()
        .group_by(|s| s.day)
        .annotate(|s| {
            (
                s.amount.sum(),
                rank().over(|w| w.order(s.amount.sum().desc())),
                s.amount.sum().sum_of_groups().over(|w| w.order(s.day.asc())),
                count().lag(1).over(|w| w.order(s.day.asc())),
                s.amount.sum() - s.amount.sum().max_of_groups().over(|w| w),
            )
        })
        .order(|s| s.day.asc());
    assert_eq!(
        chain.to_sql()?.text,
        "SELECT \"day\", SUM(\"amount\"), rank() OVER (ORDER BY SUM(\"amount\") DESC), \
         SUM(SUM(\"amount\")) OVER (ORDER BY \"day\"), lag(COUNT(*), 1) OVER (ORDER BY \"day\"), \
         SUM(\"amount\") - MAX(SUM(\"amount\")) OVER () FROM \"sales\" GROUP BY \"day\" ORDER BY \"day\""
    );
    let days: Vec<(i64, Option<i64>, i64, Option<i64>, Option<i64>, Option<i64>)> = chain.fetch_all().await?;
    assert_eq!(
        days,
        [
            (1, Some(8), 1, Some(8), None, Some(0)),
            (2, Some(8), 1, Some(16), Some(2), Some(0)),
            (3, Some(4), 3, Some(20), Some(2), Some(-4))
        ]
    );
    let sorted = db.select::<Sale>().group_by(|s| s.day).annotate(|_| count());
    let sorted = sorted.order(|s| row_number().over(|w| w.order((count().asc(), s.day.desc()))).asc());
    assert_eq!(sorted.fetch_all().await?, [(3, 1), (2, 2), (1, 2)]);
    Ok(())
}

#[tokio::test]
async fn a_window_of_groups_is_over_what_groups_have() {
    let db = sales().await;
    let chain = db
        .select::<Sale>()
        .group_by(|s| s.day)
        .annotate(|s| rank().over(|w| w.partition_by(s.region_id).order(count().asc())));
    let refused = chain.fetch_all().await;
    assert!(matches!(&refused, Err(Error::Window { table, .. }) if table == "sales"), "{refused:?}");
}

#[tokio::test]
async fn rows_are_chosen_by_values_over_windows() -> sqliter::Result<()> {
    let db = sales().await;
    let newest = db
        .select::<Sale>()
        .qualify(|s| row_number().over(|w| w.partition_by(s.region_id).order(s.day.desc())).eq(1))
        .order(|s| s.region.name.desc());
    assert_eq!(
        newest.to_sql()?.text,
        "SELECT t0.\"pk\", t0.\"region_id\", t0.\"day\", t0.\"amount\", t0.\"note\", t0.\"price\" FROM \"sales\" AS t0 \
         LEFT JOIN \"regions\" AS t1 ON t1.\"pk\" = t0.\"region_id\" WHERE t0.\"pk\" IN (SELECT k FROM \
         (SELECT t2.\"pk\" AS k, (row_number() OVER (PARTITION BY t2.\"region_id\" ORDER BY t2.\"day\" DESC, t2.\"pk\" DESC) = ?) AS q \
         FROM \"sales\" AS t2) WHERE q) ORDER BY t1.\"name\" DESC, t0.\"pk\" DESC"
    );
    let keys = |rows: Vec<Sale>| rows.into_iter().map(|sale| *sale.pk.raw()).collect::<Vec<_>>();
    assert_eq!(keys(newest.clone().fetch_all().await?), [5, 3]);
    assert_eq!(newest.clone().count().await?, 2);
    assert_eq!(keys(newest.clone().limit(1).fetch_all().await?), [5]);
    assert_eq!(newest.clone().fetch_last().await?.map(|s| *s.pk.raw()), Some(3));
    let first: Page<Sale> = newest.clone().page_after(None, 1).with_total().await?;
    let second = newest.clone().page_after(first.next.clone(), 1).await?;
    assert_eq!((keys(first.rows), first.total, keys(second.rows), second.next), (vec![5], Some(2), vec![3], None));
    // Beside it, whole rows and what belongs to them.
    let beside: Vec<(Sale, Region)> = newest.select_related(|s| s.region).fetch_all().await?;
    assert_eq!(beside[0].1.name, "south");
    Ok(())
}

#[tokio::test]
async fn what_comes_before_says_what_windows_are_over_and_what_comes_behind_is_about_the_rest() -> sqliter::Result<()> {
    let db = sales().await;
    let keys = |rows: Vec<Sale>| rows.into_iter().map(|sale| *sale.pk.raw()).collect::<Vec<_>>();
    fn of_each(chain: Select<'_, Sale>) -> Select<'_, Sale> {
        chain
            .qualify(|s| rank().over(|w| w.partition_by(s.region_id).order(s.amount.desc())).eq(1))
            .filter(|s| s.amount.lt(7))
    }
    assert_eq!(keys(of_each(all(&db)).fetch_all().await?), [5]);
    assert_eq!(keys(of_each(all(&db).filter(|s| s.amount.lt(7))).fetch_all().await?), [1, 5]);
    // A limit before: of the first four rows.
    assert_eq!(keys(of_each(all(&db).limit(4)).fetch_all().await?), [4]);
    let twice = all(&db)
        .qualify(|s| row_number().over(|w| w.partition_by(s.region_id).order(s.amount.desc())).le(2))
        .qualify(|s| s.amount.min().over(|w| w.partition_by(s.region_id)).eq(s.amount));
    assert_eq!(keys(twice.fetch_all().await?), [1, 4]);
    Ok(())
}

#[tokio::test]
async fn rows_that_windows_choose_are_changed_and_deleted() -> sqliter::Result<()> {
    let db = sales().await;
    let older = || {
        db.select::<Sale>().qualify(|s| row_number().over(|w| w.partition_by(s.region_id).order(s.day.desc())).gt(1))
    };
    assert_eq!(older().update(|s| s.note.set("old")).await?, 3);
    assert_eq!(db.select::<Sale>().filter(|s| s.note.eq("old")).count().await?, 3);
    assert_eq!(older().delete().await?, 3);
    assert_eq!(db.select::<Sale>().order(|s| s.pk.asc()).only(|s| s.amount).fetch_all().await?, [1, 4]);
    assert!(db.select::<Sale>().qualify(|s| s.amount.sum().over(|w| w).gt(4)).exists().await?);
    Ok(())
}

#[tokio::test]
async fn a_chain_with_a_window_is_a_list_in_another_one() -> sqliter::Result<()> {
    let db = sales().await;
    let numbers = db.select::<Sale>().only(|s| row_number().over(|w| w.order(s.amount.desc())));
    let days = all(&db).filter(|s| s.day.is_in(numbers.clone().limit(2))).only(|s| s.pk);
    assert_eq!(days.count().await?, 4);
    let newest = db.select::<Sale>().qualify(|s| row_number().over(|w| w.order(s.day.desc())).eq(1)).only(|s| s.day);
    assert_eq!(all(&db).filter(|s| s.day.eq(newest)).count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_sqlite_cannot_compute_is_refused_with_the_reason() -> sqliter::Result<()> {
    let db = sales().await;
    let refused = |result: sqliter::Result<sqliter::bounds::Sql>| match result {
        Err(Error::Window { table, reason }) => {
            assert_eq!(table, "sales");
            reason
        }
        other => panic!("{other:?}"),
    };
    let reason = refused(all(&db).only(|s| s.amount.distinct().sum().over(|w| w)).to_sql());
    assert!(reason.contains("distinct"), "{reason}");
    let reason = refused(all(&db).only(|_| ntile(0).over(|w| w)).to_sql());
    assert!(reason.contains("ntile"), "{reason}");
    let reason = refused(all(&db).only(|s| s.amount.nth_value(0).over(|w| w)).to_sql());
    assert!(reason.contains("from 1"), "{reason}");
    let backwards = all(&db).only(|s| s.amount.sum().over(|w| w.order(s.pk.asc()).rows(following(1)..=preceding(1))));
    let reason = refused(backwards.to_sql());
    assert!(reason.contains("ends before it begins"), "{reason}");
    let reason = refused(all(&db).only(|s| s.amount.sum().over(|w| w.range(preceding(1)..))).to_sql());
    assert!(reason.contains("between numbers"), "{reason}");
    let by_text = all(&db).only(|s| s.amount.sum().over(|w| w.order(s.note.asc()).range(preceding(1)..)));
    let reason = refused(by_text.to_sql());
    assert!(reason.contains("between numbers"), "{reason}");
    let ranks = db.select::<Sale>().only(|s| rank().over(|w| w.order(s.day.asc()))).distinct();
    let reason = refused(ranks.to_sql());
    assert!(reason.contains("qualify"), "{reason}");
    // Many rows before and behind are no error.
    let wide = all(&db).only(|s| s.amount.sum().over(|w| w.order(s.pk.asc()).rows(preceding(u64::MAX)..=following(9))));
    assert_eq!(wide.fetch_first().await?, Some(Some(20)));
    Ok(())
}

/// Groups that are equal in the order of their window come in that of what they are grouped by, in the direction of the last key.
#[tokio::test]
async fn groups_that_are_equal_in_the_order_come_in_that_of_their_keys() -> sqliter::Result<()> {
    let db = sales().await;
    let of_days = || db.select::<Sale>().group_by(|s| s.day);
    let numbered = of_days().annotate(|_| row_number().over(|w| w.order(count().desc())));
    assert_eq!(
        numbered.to_sql()?.text,
        r#"SELECT "day", row_number() OVER (ORDER BY COUNT(*) DESC, "day" DESC) FROM "sales" GROUP BY "day""#
    );
    // Two sales on the first and on the second day, one on the third.
    let numbers: Vec<(i64, i64)> = numbered.order(|s| s.day.asc()).fetch_all().await?;
    assert_eq!(numbers, [(1, 2), (2, 1), (3, 3)]);
    let so_far = of_days().annotate(|s| s.amount.sum().sum_of_groups().over(|w| w.rows(..=current_row())));
    let sums: Vec<(i64, Option<i64>)> = so_far.order(|s| s.day.desc()).fetch_all().await?;
    assert_eq!(sums, [(3, Some(20)), (2, Some(16)), (1, Some(8))]);
    Ok(())
}
