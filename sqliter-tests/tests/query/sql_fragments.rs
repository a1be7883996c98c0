//! SQL of the program inside chains.

use chrono::{DateTime, NaiveDate, Utc};
use insta::assert_snapshot;
use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Error, Select, Value};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(children = Item::parent), many_to_many(marks = Mark))]
struct Item {
    pk: Key<Item>,
    title: String,
    size: i64,
    note: Option<String>,
    parent_id: Option<Key<Item>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Mark {
    pk: Key<Mark>,
    title: String,
}

async fn items() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Item, Mark)>().await.unwrap();
    let first =
        db.insert(Item::builder().title("apple").size(3).note(Some("A".to_owned())).parent_id(None)).await.unwrap();
    for (title, size) in [("Banana", 1), ("cherry", 2)] {
        let draft = Item::builder().title(title).size(size).note(None).parent_id(Some(first.pk));
        db.insert(draft).await.unwrap();
    }
    db.insert(Mark::builder().title("cherry")).await.unwrap();
    db
}

async fn titles(chain: Select<'_, Item>) -> Vec<String> {
    chain.only(|i| i.title).fetch_all().await.unwrap()
}

#[tokio::test]
async fn a_piece_of_sql_is_a_condition() {
    let db = items().await;
    let all = db.select::<Item>();
    let pattern = "?a*".to_owned();
    let glob = all.clone().filter(|i| sql::<bool>("? GLOB ?", (i.title, pattern.as_str())));
    assert_snapshot!(glob.to_sql().unwrap().to_string(), @r#"SELECT "pk", "title", "size", "note", "parent_id" FROM "items" WHERE ("title" GLOB ?) -- '?a*'"#);
    assert_eq!(titles(glob).await, ["Banana"]);
    // Beside conditions, from either side, and its complement, which keeps what is unknown.
    let noted = |i: &ItemColumns<Item>| sql::<Option<bool>>("? = 'A'", (i.note,));
    assert_eq!(titles(all.clone().filter(|i| noted(i) | i.size.eq(1))).await, ["apple", "Banana"]);
    assert_eq!(titles(all.clone().filter(|i| i.size.lt(3) & !noted(i))).await, ["Banana", "cherry"]);
    assert_eq!(titles(all.clone().filter(|i| !noted(i) & sql::<bool>("? > 1", (i.size,)))).await, ["cherry"]);
    // Columns of related rows, computed values, conditions, keys.
    let joined = all.clone().filter(|i| sql::<bool>("? < ?", (i.title, i.parent.title)));
    assert_snapshot!(joined.to_sql().unwrap().text, @r#"SELECT t0."pk", t0."title", t0."size", t0."note", t0."parent_id" FROM "items" AS t0 LEFT JOIN "items" AS t1 ON t1."pk" = t0."parent_id" WHERE (t0."title" < t1."title")"#);
    assert_eq!(titles(joined).await, ["Banana"]);
    assert_eq!(titles(all.clone().filter(|i| sql::<bool>("? * 2 = ?", (i.size + 1, 8)))).await, ["apple"]);
    assert_eq!(
        titles(all.clone().filter(|i| sql::<bool>("? + ? = 2", (i.size.gt(1), i.note.is_null())))).await,
        ["cherry"]
    );
    assert_eq!(
        titles(all.clone().filter(|i| sql::<bool>("? IN (1, ?)", (i.pk, Item::key(3))))).await,
        ["apple", "cherry"]
    );
    assert_eq!(titles(all.clone().filter(|_| sql::<bool>("1 -- every row?\n", ()))).await.len(), 3);
    // In conditions on related rows, which know the row around by `outer`.
    let parents = all.clone().filter(|i| i.children.any(|c| sql::<bool>("? < ?", (c.size, outer(i.size)))));
    assert_eq!(titles(parents).await, ["apple"]);
    assert_eq!(all.filter(|i| sql::<bool>("? GLOB '*an*'", (i.title,))).delete().await.unwrap(), 1);
}

#[tokio::test]
async fn a_name_in_a_query_of_its_own_is_that_of_the_row_around() {
    let db = items().await;
    // Both tables have a column `title`.
    let marked =
        db.select::<Item>().filter(|i| sql::<bool>("EXISTS (SELECT 1 FROM marks WHERE marks.title = ?)", (i.title,)));
    assert_snapshot!(marked.to_sql().unwrap().text, @r#"SELECT t0."pk", t0."title", t0."size", t0."note", t0."parent_id" FROM "items" AS t0 WHERE (EXISTS (SELECT 1 FROM marks WHERE marks.title = t0."title"))"#);
    assert_eq!(titles(marked.clone()).await, ["cherry"]);
    let counted = |i: &ItemColumns<Item>| sql::<i64>("(SELECT count(*) FROM marks WHERE marks.title = ?)", (i.title,));
    assert_eq!(db.select::<Item>().update(|i| i.size.set(counted(i))).await.unwrap(), 3);
    assert_eq!(db.select::<Item>().order(|i| i.pk.asc()).only(|i| i.size).fetch_all().await.unwrap(), [0, 0, 1]);
    assert_eq!(marked.delete().await.unwrap(), 1);
}

#[tokio::test]
async fn a_piece_of_sql_is_a_value_a_sort_key_and_what_is_set() {
    let db = items().await;
    let all = db.select::<Item>();
    let folded = |i: &ItemColumns<Item>| sql::<String>("? COLLATE NOCASE", (i.title,));
    assert_eq!(titles(all.clone().order(|i| folded(i).desc())).await, ["cherry", "Banana", "apple"]);
    let rows: Vec<(String, i64, Option<String>)> = all
        .clone()
        .order(|i| folded(i).asc())
        .fields(|i| (i.title, sql::<i64>("instr(?, ?)", (i.title, "an")), sql::<Option<String>>("lower(?)", (i.note,))))
        .fetch_all()
        .await
        .unwrap();
    let row = |title: &str, at, note: Option<&str>| (title.to_owned(), at, note.map(str::to_owned));
    assert_eq!(rows, [row("apple", 0, Some("a")), row("Banana", 2, None), row("cherry", 0, None)]);
    let beside: Vec<(Item, f64)> =
        all.clone().with_values(|i| sql::<f64>("? / 2.0", (i.size,))).order(|i| i.pk.asc()).fetch_all().await.unwrap();
    assert_eq!(beside.iter().map(|(_, half)| *half).collect::<Vec<_>>(), [1.5, 0.5, 1.0]);
    let named =
        all.clone().only(|i| sql::<i64>("? + 1", (i.size,)).alias("next")).limit(1).fetch_dicts().await.unwrap();
    assert_eq!(named[0].get("next"), Some(&Value::Integer(4)));
    // In the place of a value, with operators, as what groups have in common.
    assert_eq!(titles(all.clone().filter(|i| i.size.eq(sql::<i64>("? - 1", (3,))))).await, ["cherry"]);
    assert_eq!(
        titles(all.clone().filter(|i| sql::<i64>("unicode(?)", (i.title,)).as_value().lt(97))).await,
        ["Banana"]
    );
    let groups: Vec<(bool, i64)> =
        all.clone().group_by(|i| sql::<bool>("? > 1", (i.size,))).annotate(|_| count()).fetch_all().await.unwrap();
    assert_eq!(groups, [(false, 1), (true, 2)]);
    assert_eq!(
        all.clone().update(|i| i.title.set(sql::<String>("replace(?, 'an', '')", (i.title,)))).await.unwrap(),
        3
    );
    assert_eq!(titles(all.clone().order(|i| i.pk.asc())).await, ["apple", "Ba", "cherry"]);
    // Pages begin after a row by it too.
    let first = all.clone().order(|i| folded(i).asc()).page_after(None, 2).await.unwrap();
    let second = all.clone().order(|i| folded(i).asc()).page_after(first.next, 2).await.unwrap();
    assert_eq!(second.rows.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["cherry"]);
    // What is not of the type that was declared is an error.
    let wrong = all.only(|i| sql::<i64>("?", (i.note,))).fetch_all().await;
    assert!(matches!(wrong, Err(Error::Decode { .. })), "{wrong:?}");
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Visit {
    pk: Key<Visit>,
    day: NaiveDate,
    at: DateTime<Utc>,
    price: Decimal,
    code: Uuid,
}

/// SQLite's own functions give dates and numbers in other forms than those that are stored.
#[tokio::test]
async fn a_value_is_compared_and_set_in_the_form_of_its_type() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Visit>().await.unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    let at = |on| day(on).and_hms_opt(10, 0, 0).unwrap().and_utc();
    let code = Uuid::from_u128(0xab);
    for n in 1..=3 {
        let draft = Visit::builder().day(day(n)).at(at(n)).price(Decimal::from(n)).code(Uuid::from_u128(n.into()));
        db.insert(draft).await.unwrap();
    }
    let all = db.select::<Visit>().order(|v| v.pk.asc());
    let next = |v: &VisitColumns<Visit>| sql::<DateTime<Utc>>("datetime(?, '+1 day')", (v.at,)).as_value();
    let found = async |chain: Select<'_, Visit>| chain.only(|v| v.price).fetch_all().await.unwrap();
    let prices = |numbers: &[u8]| numbers.iter().copied().map(Decimal::from).collect::<Vec<_>>();
    assert_eq!(found(all.clone().filter(|v| next(v).eq(at(2)))).await, prices(&[1]));
    assert_eq!(found(all.clone().filter(|v| next(v).le(at(3)))).await, prices(&[1, 2]));
    assert_eq!(found(all.clone().filter(|v| next(v).is_in([at(2), at(4)]))).await, prices(&[1, 3]));
    assert_eq!(found(all.clone().filter(|v| v.at.lt(next(v)))).await, prices(&[1, 2, 3]));
    assert_eq!(
        found(all.clone().filter(|v| v.at.is_in(db.select::<Visit>().only(|v| next(v))))).await,
        prices(&[2, 3])
    );
    let price = |v: &VisitColumns<Visit>| sql::<Decimal>("? * 1.0", (v.price,)).as_value();
    assert_eq!(found(all.clone().filter(|v| price(v).gt(Decimal::ONE))).await, prices(&[2, 3]));
    let written = |_: &VisitColumns<Visit>| sql::<Uuid>("'000000000000000000000000000000AB'", ());
    assert_eq!(all.clone().filter(|v| written(v).as_value().eq(code)).count().await.unwrap(), 3);
    assert_snapshot!(all.clone().filter(|v| next(v).eq(at(2))).only(|v| next(v)).to_sql().unwrap().text, @r#"SELECT (datetime("at", '+1 day')) FROM "visits" WHERE canonical_instant((datetime("at", '+1 day')), 'a piece of SQL') = ? ORDER BY "pk""#);
    // Pages and groups by it.
    let first = all.clone().reorder(|v| next(v).desc()).page_after(None, 1).await.unwrap();
    let second = all.clone().reorder(|v| next(v).desc()).page_after(first.next, 1).await.unwrap();
    assert_eq!(second.rows[0].day, day(2));
    let grouped: Vec<(NaiveDate, i64)> = db
        .select::<Visit>()
        .group_by(|v| {
            sql::<NaiveDate>("CASE ? WHEN 1 THEN '2026-01-09' ELSE '2026-01-09 00:00' END", (v.pk,)).as_value()
        })
        .annotate(|_| count())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(grouped, [(day(9), 3)]);
    // What is set is stored as ever, and what is no such value is an error.
    let set = all.clone().update(|v| {
        (v.at.set(next(v)), v.day.set(sql::<NaiveDate>("datetime(?, '+1 day')", (v.day,))), v.code.set(written(v)))
    });
    assert_eq!(set.await.unwrap(), 3);
    let row = all.clone().fetch_required().await.unwrap();
    assert_eq!((row.day, row.at, row.code), (day(2), at(2), code));
    let stored: Vec<(String, String)> = db.query("SELECT day, at FROM visits").fetch_all().await.unwrap();
    assert_eq!(stored[0], ("2026-01-02".to_owned(), "2026-01-02T10:00:00+00:00".to_owned()));
    let error = all.filter(|_| sql::<NaiveDate>("'soon'", ()).as_value().gt(day(1))).count().await.unwrap_err();
    assert!(error.to_string().contains("a piece of SQL holds TEXT 'soon', expected a date, YYYY-MM-DD"), "{error}");
    let error =
        db.select::<Visit>().only(|v| sql::<i64>("nullif(?, ?)", (v.day, v.day))).fetch_all().await.unwrap_err();
    assert_snapshot!(error, @"the piece of SQL `nullif(?, ?)` holds NULL, expected an integer in the range of i64");
}

#[tokio::test]
async fn a_piece_that_cannot_stand_in_a_statement_is_refused() {
    let db = items().await;
    let refused = async |text: &'static str| {
        let error = db.select::<Item>().filter(|i| sql::<bool>(text, (i.title,))).count().await.unwrap_err();
        assert!(matches!(&error, Error::SqlFragment { sql, .. } if sql == text), "{error:?}");
        error.to_string()
    };
    assert_snapshot!(refused("1").await, @"the piece of SQL `1` has no `?` and is given 1 part");
    assert_snapshot!(refused("? GLOB ?").await, @"the piece of SQL `? GLOB ?` has 2 `?` and is given 1 part");
    assert_snapshot!(refused("? = 'a").await, @"the piece of SQL `? = 'a` ends inside quotes");
    assert_snapshot!(refused("? = 1 -- or not").await, @"the piece of SQL `? = 1 -- or not` ends inside of a comment");
    assert_snapshot!(refused("? = 1) OR (1").await, @"the piece of SQL `? = 1) OR (1` closes a parenthesis that it does not open");
    assert_snapshot!(refused("?1 = 2").await, @"the piece of SQL `?1 = 2` has a number behind a `?`; the parts stand in their order");
    assert_snapshot!(refused("? = :name").await, @"the piece of SQL `? = :name` has a named parameter; the place of a part is a `?`");
    assert_snapshot!(refused("?; DELETE FROM items").await, @"the piece of SQL `?; DELETE FROM items` has a semicolon; it is part of a statement");
    // A part of another query.
    let mut other = None;
    let _ = db.select::<Mark>().filter(|m| {
        other = Some(m.title);
        m.title.eq("x")
    });
    let other = other.unwrap();
    let error = db.select::<Item>().filter(|_| sql::<bool>("? = 'x'", (other,))).count().await.unwrap_err();
    assert!(
        matches!(&error, Error::NotInQuery { table, found: Some(found) } if table == "marks" && found == "items"),
        "{error}"
    );
    // What SQLite refuses is its error, as of any statement.
    let error = db.select::<Item>().filter(|i| sql::<bool>("nonsense(?)", (i.title,))).count().await.unwrap_err();
    assert!(matches!(error, Error::RecordFetch { .. }), "{error:?}");
}

#[tokio::test]
async fn a_long_text_that_printf_makes_is_whole() {
    let db = items().await;
    // On the thread of the program SQLite touches no text that is longer than 64 KB, and `printf` gives NULL for one.
    let long: Vec<i64> =
        db.select::<Item>().only(|_| sql::<i64>("length(printf('%100000s', 'x'))", ())).fetch_all().await.unwrap();
    assert_eq!(long, [100_000; 3]);
    let long = |i: &ItemColumns<Item>| sql::<bool>("length(Format('%100000s', ?)) = 100000", (i.title,));
    assert_eq!(db.select::<Item>().filter(long).count().await.unwrap(), 3);
    let set = |i: &ItemColumns<Item>| i.title.set(sql::<String>("printf('%.100000c', 'y')", ()));
    assert_eq!(db.select::<Item>().update(set).await.unwrap(), 3);
    let tx = db.begin().await.unwrap();
    assert_eq!(tx.select::<Item>().filter(|i| sql::<bool>("length(?) = 100000", (i.title,))).count().await.unwrap(), 3);
    assert_eq!(tx.select::<Item>().filter(long).count().await.unwrap(), 3);
    assert_eq!(tx.select::<Item>().filter(long).update(|i| i.size.set(1)).await.unwrap(), 3);
}

/// Nothing keeps a piece of SQL to the type that it is said to have.
#[tokio::test]
async fn pages_go_on_behind_values_of_another_type() -> sqliter::Result<()> {
    let db = items().await;
    let chain = db.select::<Item>().order(|i| sql::<i64>("iif(? > 0, ?, ?)", (i.size, i.title, i.size)).asc());
    let all = titles(chain.clone()).await;
    let (mut read, mut cursor) = (Vec::new(), None);
    loop {
        let page = chain.clone().page_after(cursor, 1).await?;
        read.extend(page.rows.into_iter().map(|item| item.title));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(read, all);
    Ok(())
}
