//! Moments and durations in queries: what they give is what the date crates give, to the nanosecond.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Issue {
    pk: Key<Issue>,
    opened_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    local: NaiveDateTime,
    due: NaiveDate,
    seen: Unix<DateTime<Utc>>,
    estimate: Option<TimeDelta>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct TimeRow {
    pk: Key<TimeRow>,
    at: time::OffsetDateTime,
    plain: time::PrimitiveDateTime,
    day: time::Date,
    length: time::Duration,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct JiffRow {
    pk: Key<JiffRow>,
    at: jiff::Timestamp,
    plain: jiff::civil::DateTime,
    day: jiff::civil::Date,
    length: jiff::SignedDuration,
}

async fn count(chain: sqliter::Select<'_, Issue>) -> u64 {
    chain.count().await.unwrap()
}

async fn open() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Issue, TimeRow, JiffRow)>().await.unwrap();
    db
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn issue(opened_at: DateTime<Utc>, closed_at: Option<DateTime<Utc>>) -> NewIssue {
    NewIssue {
        opened_at,
        closed_at,
        local: opened_at.naive_utc(),
        due: opened_at.date_naive(),
        seen: Unix(DateTime::from_timestamp(opened_at.timestamp(), 0).unwrap()),
        estimate: closed_at.map(|closed| closed - opened_at),
    }
}

#[tokio::test]
async fn the_sql_calls_functions_that_know_nanoseconds() {
    let db = open().await;
    let all = db.select::<Issue>();
    let averages = all.clone().annotate(|i| (i.closed_at - i.opened_at).avg());
    assert_snapshot!(averages.to_sql().unwrap().text, @r#"SELECT duration_avg(moment_diff("closed_at", "opened_at") COLLATE "duration") FROM "issues""#);
    let late = all.clone().filter(|i| i.closed_at.gt(i.opened_at + TimeDelta::days(7))).only(|i| i.pk);
    assert_snapshot!(late.to_sql().unwrap().to_string(), @r#"SELECT "pk" FROM "issues" WHERE "closed_at" > canonical_instant(moment_add("opened_at", ?), 'the result of a calculation') -- '604800'"#);
    let long = all.clone().filter(|i| (i.closed_at - i.opened_at).ge(TimeDelta::milliseconds(1500))).only(|i| i.pk);
    assert_snapshot!(long.to_sql().unwrap().to_string(), @r#"SELECT "pk" FROM "issues" WHERE moment_diff("closed_at", "opened_at") COLLATE "duration" >= ? -- '1.5'"#);
    let unix =
        all.clone().fields(|i| (i.seen - TimeDelta::hours(1), i.due + TimeDelta::days(1), i.local - i.opened_at));
    assert_snapshot!(unix.to_sql().unwrap().text, @r#"SELECT moment_sub("seen", ?), canonical_date(moment_add("due", ?), 'the result of a calculation'), moment_diff("local", "opened_at") FROM "issues""#);
    let over = all.filter(|i| i.estimate.lt(i.closed_at - i.opened_at)).order(|i| i.estimate.desc()).only(|i| i.pk);
    assert_snapshot!(over.to_sql().unwrap().text, @r#"SELECT "pk" FROM "issues" WHERE "estimate" COLLATE "duration" < moment_diff("closed_at", "opened_at") ORDER BY "estimate" COLLATE "duration" DESC, "pk" DESC"#);
}

#[tokio::test]
async fn durations_between_moments_are_compared_and_aggregated() {
    let db = open().await;
    let start = utc("2026-01-31T23:59:59.999999999Z");
    for length in [Some(9_000_000_000), Some(10_000_000_000), Some(-1), None, Some(2)] {
        db.insert(issue(start, length.map(|nanos| start + TimeDelta::nanoseconds(nanos)))).await.unwrap();
    }
    let all = db.select::<Issue>();
    let nanos = |nanos| Some(TimeDelta::nanoseconds(nanos));
    let whole: (Option<TimeDelta>, Option<TimeDelta>, Option<TimeDelta>, Option<TimeDelta>, i64) = all
        .clone()
        .annotate(|i| {
            let open = || i.closed_at - i.opened_at;
            (open().sum(), open().avg(), open().min(), open().max(), open().count())
        })
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(whole, (nanos(19_000_000_001), nanos(4_750_000_000), nanos(-1), nanos(10_000_000_000), 4));
    let stored: (Option<TimeDelta>, Option<TimeDelta>) =
        all.clone().annotate(|i| (i.estimate.sum(), i.estimate.distinct().max())).fetch_required().await.unwrap();
    assert_eq!(stored, (nanos(19_000_000_001), nanos(10_000_000_000)));
    let sorted: Vec<Option<TimeDelta>> = all
        .clone()
        .order(|i| (i.closed_at - i.opened_at).asc())
        .only(|i| i.closed_at - i.opened_at)
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(sorted, [None, nanos(-1), nanos(2), nanos(9_000_000_000), nanos(10_000_000_000)]);
    let of = |length: TimeDelta| all.clone().filter(move |i| (i.closed_at - i.opened_at).eq(length)).count();
    assert_eq!(of(TimeDelta::seconds(9)).await.unwrap(), 1);
    assert_eq!(all.clone().filter(|i| (i.closed_at - i.opened_at).eq(i.estimate)).count().await.unwrap(), 4);
    let longer = all.clone().filter(|i| (i.closed_at - i.opened_at - TimeDelta::seconds(1)).gt(TimeDelta::seconds(8)));
    assert_eq!(longer.count().await.unwrap(), 1);
    let none = all
        .clone()
        .filter(|i| i.opened_at.lt(utc("2000-01-01T00:00:00Z")))
        .annotate(|i| (i.closed_at - i.opened_at).avg());
    let none: Option<TimeDelta> = none.fetch_required().await.unwrap();
    assert_eq!(none, None);
    // By pages, whose cursors hold durations.
    let page = all.clone().order(|i| i.estimate.asc()).page_after(None, 2).await.unwrap();
    let rest = all.order(|i| i.estimate.asc()).page_after(page.next, 9).await.unwrap();
    let rest: Vec<_> = rest.rows.into_iter().map(|issue| issue.estimate).collect();
    assert_eq!(rest, [nanos(2), nanos(9_000_000_000), nanos(10_000_000_000)]);
}

#[tokio::test]
async fn what_is_set_from_a_moment_and_a_duration_has_the_stored_form() {
    let db = open().await;
    let start = utc("2026-02-28T23:59:59.5Z");
    db.insert(issue(start, None)).await.unwrap();
    let all = db.select::<Issue>();
    let tenth = TimeDelta::milliseconds(500);
    let changed = all.clone().update(|i| {
        (
            i.closed_at.set(i.opened_at + tenth),
            i.local.set(i.local + tenth - TimeDelta::nanoseconds(1)),
            i.due.set(i.due + TimeDelta::hours(47)),
            i.seen.set(i.seen + tenth),
            i.estimate.set(i.opened_at - i.local + tenth),
        )
    });
    assert_eq!(changed.await.unwrap(), 1);
    let raw: (String, String, String, i64, String) =
        db.query("SELECT closed_at, local, due, seen, estimate FROM issues").fetch_required().await.unwrap();
    let text = str::to_owned;
    assert_eq!(
        raw,
        (
            text("2026-03-01T00:00:00+00:00"),
            text("2026-02-28 23:59:59.999999999"),
            text("2026-03-01"),
            utc("2026-02-28T23:59:59Z").timestamp(),
            text("0.5")
        )
    );
    let row = all.fetch_required().await.unwrap();
    assert_eq!(row.closed_at, Some(start + tenth));
}

#[tokio::test]
async fn a_result_outside_the_years_of_dates_is_an_error_and_changes_nothing() {
    let db = open().await;
    let start = utc("9999-12-31T23:59:59.999999999Z");
    db.insert(issue(start, None)).await.unwrap();
    let all = db.select::<Issue>();
    let last: DateTime<Utc> = all.clone().only(|i| i.opened_at - TimeDelta::zero()).fetch_required().await.unwrap();
    assert_eq!(last, start);
    let error = all.clone().only(|i| i.opened_at + TimeDelta::nanoseconds(1)).fetch_all().await.unwrap_err();
    assert!(error.to_string().contains("outside the years 0000 to 9999"), "{error}");
    let error = all.clone().update(|i| i.opened_at.set(i.opened_at - TimeDelta::days(3_652_425))).await.unwrap_err();
    assert!(matches!(error, Error::RecordUpdate { .. }), "{error:?}");
    for moved in [TimeDelta::MAX, TimeDelta::MIN] {
        let error = all.clone().filter(|i| i.seen.lt(i.seen + moved)).count().await.unwrap_err();
        assert!(error.to_string().contains("outside the years 0000 to 9999"), "{error}");
    }
    assert_eq!(all.fetch_required().await.unwrap().opened_at, start);
}

/// A sequence of numbers that seem random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A moment of the years 0000 to 9999, with 0, 3, 6 or 9 digits.
    fn moment(&mut self) -> DateTime<Utc> {
        let seconds = match self.below(8) {
            0 => self.below(200_000) as i64 - 62_167_219_200,
            1 => 253_402_300_799 - self.below(200_000) as i64,
            2 => self.below(200_000) as i64 - 100_000,
            _ => self.below(253_402_300_800 + 62_167_219_200) as i64 - 62_167_219_200,
        };
        let unit = [1_000_000_000, 1_000_000, 1_000, 100, 10, 1][self.below(6) as usize];
        DateTime::from_timestamp(seconds, self.below(1_000_000_000 / unit.max(1)) as u32 * unit as u32 % 1_000_000_000)
            .unwrap()
    }

    fn duration(&mut self) -> TimeDelta {
        let sign = if self.below(2) == 0 { 1 } else { -1 };
        let seconds = match self.below(4) {
            0 => 0,
            1 => self.below(100_000),
            2 => self.below(100_000_000_000),
            _ => self.below(400_000_000_000),
        };
        let nanos = [0, self.below(1_000) * 1_000_000, self.below(1_000_000_000)][self.below(3) as usize];
        (TimeDelta::seconds(seconds as i64) + TimeDelta::nanoseconds(nanos as i64)) * sign
    }
}

#[tokio::test]
async fn over_all_years_the_results_are_those_of_chrono() {
    let db = open().await;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let pairs: Vec<_> = (0..3_000).map(|_| (random.moment(), random.moment())).collect();
    db.bulk_insert(pairs.iter().map(|(start, end)| issue(*start, Some(*end)))).await.unwrap();
    let between: Vec<(Option<TimeDelta>, Option<TimeDelta>, Option<TimeDelta>, TimeDelta)> = db
        .select::<Issue>()
        .order(|i| i.pk.asc())
        .fields(|i| (i.closed_at - i.opened_at, i.closed_at - i.local, i.estimate, i.local - i.opened_at))
        .fetch_all()
        .await
        .unwrap();
    for ((start, end), found) in pairs.iter().zip(between) {
        let expected = Some(*end - *start);
        assert_eq!(found, (expected, expected, expected, TimeDelta::zero()), "{start} to {end}");
    }
    let mut overflows = 0;
    for (i, (start, _)) in pairs.iter().enumerate().take(1_500) {
        let by = random.duration();
        let row = db.select::<Issue>().filter(|row| row.pk.eq(Issue::key(i as i64 + 1)));
        let exact = (*start + by, *start - by);
        let in_years = |end: DateTime<Utc>| (0..=9999).contains(&chrono::Datelike::year(&end));
        let end = in_years(exact.0).then_some(exact.0);
        let found = row.clone().only(|i| i.opened_at + by).fetch_required().await.ok();
        assert_eq!(found, end, "{start} + {by}");
        let found = row.clone().only(|i| i.local - by).fetch_required().await.ok();
        assert_eq!(found, in_years(exact.1).then(|| exact.1.naive_utc()), "{start} - {by}");
        let days = start.date_naive() + by;
        let found = row.clone().only(|i| i.due + by).fetch_required().await.ok();
        assert_eq!(found, (0..=9999).contains(&chrono::Datelike::year(&days)).then_some(days), "{start} + {by}");
        let Some(end) = end else {
            overflows += 1;
            continue;
        };
        // It is equal to the bound value, and so of one form with it.
        let same = row.clone().filter(|i| (i.opened_at + by).eq(end) & (i.local + by).eq(end.naive_utc()));
        assert_eq!(same.count().await.unwrap(), 1, "{start} + {by}");
        let second = DateTime::from_timestamp(
            DateTime::from_timestamp(start.timestamp(), 0).map_or(0, |whole| (whole + by).timestamp()),
            0,
        );
        let found = row.only(|i| i.seen + by).fetch_required().await.ok().map(|unix| unix.0);
        assert_eq!(found, second.filter(|second| in_years(*second)), "{start} + {by}");
    }
    assert!((100..1_400).contains(&overflows), "{overflows}");
}

#[tokio::test]
async fn the_crates_have_their_own_durations() {
    let db = open().await;
    let at = time::macros::datetime!(2026-01-31 10:00:00.25 UTC);
    let length = time::Duration::new(-3, -500_000_000);
    let plain = time::PrimitiveDateTime::new(at.date(), at.time());
    let draft = TimeRow::builder().at(at).plain(plain).day(at.date()).length(length);
    let row = db.insert(draft).await.unwrap();
    let rows = db.select::<TimeRow>();
    let found: (time::OffsetDateTime, time::PrimitiveDateTime, time::Date, time::Duration, time::Duration) = rows
        .clone()
        .fields(|t| (t.at + t.length, t.plain - t.length, t.day + t.length, t.at - t.plain, t.length + length))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(found, (at + length, plain - length, at.date() + length, time::Duration::ZERO, length * 2));
    let raw: (String, String) = db.query("SELECT length, plain FROM time_rows").fetch_required().await.unwrap();
    assert_eq!(raw, ("-3.5".to_owned(), "2026-01-31 10:00:00.25".to_owned()));
    rows.clone().update(|t| t.plain.set(t.plain + time::Duration::milliseconds(750))).await.unwrap();
    let raw: String = db.query("SELECT plain FROM time_rows").fetch_required().await.unwrap();
    assert_eq!(raw, "2026-01-31 10:00:01.0");
    assert_eq!(db.get(row.pk).await.unwrap().unwrap().length, length);

    let at: jiff::Timestamp = "2026-01-31T10:00:00.25Z".parse().unwrap();
    let plain = jiff::tz::Offset::UTC.to_datetime(at);
    let length = jiff::SignedDuration::new(90_000, 1);
    db.insert(JiffRow::builder().at(at).plain(plain).day(plain.date()).length(length)).await.unwrap();
    let found: (jiff::Timestamp, jiff::civil::DateTime, jiff::civil::Date, jiff::SignedDuration) = db
        .select::<JiffRow>()
        .fields(|j| (j.at + j.length, j.plain - length, j.day + length, j.plain - j.at + length))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(found, (at + length, plain - length, plain.date() + length, length));
    let sum: Option<jiff::SignedDuration> =
        db.select::<JiffRow>().annotate(|j| j.length.sum()).fetch_required().await.unwrap();
    assert_eq!(sum, Some(length));
}

#[tokio::test]
async fn now_takes_the_form_of_the_column() {
    let db = open().await;
    let before = Utc::now();
    db.insert(issue(before, None)).await.unwrap();
    let all = db.select::<Issue>();
    let changed = all.clone().filter(|i| i.opened_at.le(now()) & i.local.le(now()) & i.seen.le(now()));
    assert_eq!(changed.update(|i| (i.closed_at.set(now()), i.seen.set(now()))).await.unwrap(), 1);
    let row = all.clone().fetch_required().await.unwrap();
    let after = Utc::now();
    assert!((before..=after).contains(&row.closed_at.unwrap()), "{row:?}");
    assert_eq!(row.seen.timestamp_subsec_nanos(), 0);
    assert_eq!(count(all.clone().filter(|i| i.opened_at.gt(now() - TimeDelta::days(1)))).await, 1);
    assert_eq!(count(all.clone().filter(|i| i.closed_at.lt(now() - std::time::Duration::from_secs(60)))).await, 0);
    assert_eq!(count(all.clone().filter(|i| i.local.lt(now() + jiff::SignedDuration::from_hours(1)))).await, 1);
    let ages: (TimeDelta, Option<TimeDelta>, TimeDelta) = all
        .clone()
        .fields(|i| (now() - i.opened_at, now() - i.closed_at, Utc::now() - i.opened_at))
        .fetch_required()
        .await
        .unwrap();
    assert!(ages.0 >= after - before && ages.1.is_some_and(|age| age <= ages.0) && ages.2 >= ages.0, "{ages:?}");
    assert_eq!(count(all.clone().filter(|i| i.closed_at.coalesce(now()).le(now()))).await, 1);
    let far = now() + TimeDelta::MAX;
    let error = all.filter(|i| i.opened_at.lt(far)).count().await.unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error:?}");
}

#[tokio::test]
async fn a_column_of_durations_takes_one_form_of_each() {
    let db = open().await;
    db.insert(issue(utc("2026-01-31T10:00:00Z"), None)).await.unwrap();
    for (text, fits) in [("'90'", true), ("'-0.5'", true), ("'0.50'", false), ("'1e3'", false), ("'01'", false)] {
        let result = db.execute(format!("UPDATE issues SET estimate = {text}")).await;
        assert_eq!(result.is_ok(), fits, "{text}");
    }
    let error = db.execute("UPDATE issues SET estimate = '1.0'").await.unwrap_err();
    assert!(error.to_string().contains("estimate must be a number of seconds without needless zeros"), "{error}");
    assert!(db.schema_diff::<(Issue, TimeRow, JiffRow)>().await.unwrap().is_empty());
}
