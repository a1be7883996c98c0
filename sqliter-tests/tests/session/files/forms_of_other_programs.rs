//! Tables of other programs that store the same values in other forms, with other collating sequences, and numbers as
//! text: every operation that compares gives the same answers as over the tables of the library.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Error, Select};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer)]
enum Level {
    Low = 1,
    High = 10,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(title), has_many(notes = Note::doc), many_to_many(tags = Tag))]
struct Doc {
    #[model(pk)]
    id: Uuid,
    title: String,
    place: String,
    pages: i64,
    rating: Option<f64>,
    price: Decimal,
    day: NaiveDate,
    at: DateTime<Utc>,
    time: Option<NaiveTime>,
    open: bool,
    level: Level,
    seen: Unix<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(docs = Doc::tags), has_many(notes = Note::tag))]
struct Tag {
    #[model(pk)]
    code: String,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    doc_id: Key<Doc>,
    tag_id: Option<Key<Tag>>,
    text: String,
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0xabcd_ef00_0000_7000_8000_0000_0000_0000 + n)
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

/// The rows as the library stores them.
async fn own() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Doc, Tag, Note)>().await.unwrap();
    let doc = |n, title: &str, place: &str, pages| {
        Doc::builder().id(id(n)).title(title).place(place).pages(pages).level(Level::Low)
    };
    let when = at("2026-01-01T10:00:00Z");
    db.bulk_insert([
        doc(1, "Emma", "x", 9)
            .rating(9.5)
            .price(dec("1.5"))
            .day(day("2026-01-01"))
            .at(when)
            .time(time("10:00:00"))
            .open(true)
            .seen(when),
        doc(2, "emma", "x ", 66)
            .rating(10.25)
            .price(dec("1.5"))
            .day(day("2026-01-02"))
            .at(at("2026-01-01T10:00:00.5Z"))
            .time(time("09:30:00"))
            .open(false)
            .seen(when),
        doc(3, "EMMA", "y", 130)
            .rating(None)
            .price(dec("9"))
            .day(day("2025-12-31"))
            .at(at("2026-01-01T09:59:59Z"))
            .time(None)
            .open(true)
            .seen(at("2001-09-09T01:46:39Z")),
        doc(4, "notes", "y", 1000)
            .rating(100.0)
            .price(dec("10"))
            .day(day("2026-01-01"))
            .at(when)
            .time(time("10:00:00"))
            .open(false)
            .seen(at("1970-01-01T00:01:40Z")),
        doc(5, "Notes on x", "X", 7)
            .rating(9.5)
            .price(dec("-2.25"))
            .day(day("1999-05-05"))
            .at(at("1999-05-05T23:30:00Z"))
            .time(time("23:59:59.25"))
            .open(true)
            .seen(when),
    ])
    .await
    .unwrap();
    db.execute("UPDATE docs SET level = 10 WHERE pages > 100").await.unwrap();
    db.bulk_insert([("rust", "Rust"), ("Rust", "rust"), ("sql", "SQL")].map(|(c, n)| Tag::builder().code(c).name(n)))
        .await
        .unwrap();
    let note = |doc, tag: Option<&str>, text: &str| {
        Note::builder().doc_id(Doc::key(id(doc))).tag_id(tag.map(Tag::key)).text(text)
    };
    db.bulk_insert([
        note(1, Some("rust"), "Emma"),
        note(1, Some("Rust"), "emma"),
        note(2, None, "Emma"),
        note(4, Some("sql"), "NOTES"),
    ])
    .await
    .unwrap();
    for (doc, tags) in [(1, ["rust", "sql"]), (2, ["Rust", "sql"]), (4, ["rust", "Rust"])] {
        let doc = db.get(Doc::key(id(doc))).await.unwrap().unwrap();
        doc.tags(&db).add(tags.map(Tag::key)).await.unwrap();
    }
    db
}

/// The same rows as another program has stored them.
async fn foreign() -> Db {
    let db = Db::memory().await.unwrap();
    let upper = |n| format!("'{}'", id(n).to_string().to_uppercase());
    let bare = |n| format!("'{}'", id(n).simple());
    let blob = |n| format!("x'{}'", id(n).simple());
    let tables = [
        "CREATE TABLE docs (id TEXT PRIMARY KEY, title VARCHAR(99) NOT NULL COLLATE NOCASE, place TEXT NOT NULL COLLATE RTRIM, \
         pages TEXT NOT NULL, rating TEXT, price DECIMAL(10, 2), day DATE, at DATETIME, time, open VARCHAR, level, seen TEXT)",
        "CREATE TABLE tags (code TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE)",
        "CREATE UNIQUE INDEX codes ON tags (code COLLATE BINARY)",
        "CREATE TABLE notes (pk INTEGER PRIMARY KEY, doc_id TEXT NOT NULL, tag_id TEXT COLLATE NOCASE, text TEXT COLLATE NOCASE)",
        "CREATE TABLE docs_tags (id INTEGER PRIMARY KEY, docs_pk, tags_pk TEXT COLLATE NOCASE)",
        "INSERT INTO tags VALUES ('rust', 'Rust'), ('Rust', 'rust'), ('sql', 'SQL')",
    ];
    let rows = [
        format!(
            "INSERT INTO docs VALUES ({}, 'Emma', 'x', 9, 9.5, '1.50', '2026-01-01', '2026-01-01 10:00:00', '10:00', '1', '1', '1767261600')",
            upper(1)
        ),
        format!(
            "INSERT INTO docs VALUES ({}, 'emma', 'x ', 66, 10.25, '1.5', '2026-01-02 00:00', '2026-01-01T12:00:00.500+02:00', '09:30:00', '0', '1', '1767261600')",
            blob(2)
        ),
        format!(
            "INSERT INTO docs VALUES ({}, 'EMMA', 'y', 130, NULL, '9.000', '2025-12-31T00:00:00Z', '2026-01-01T09:59:59Z', NULL, '1', '10', '999999999')",
            bare(3)
        ),
        format!(
            "INSERT INTO docs VALUES ({}, 'notes', 'y', 1000, '100', '1e1', '2026-01-01', 1767261600, '10:00:00.000', '0', 10, '100')",
            blob(4)
        ),
        format!(
            "INSERT INTO docs VALUES ('{}', 'Notes on x', 'X', 7, 9.5, '-2.250', '1999-05-05', '1999-05-05 23:30', '23:59:59.250', '1', 1, '1767261600')",
            id(5)
        ),
        format!(
            "INSERT INTO notes VALUES (1, {}, 'rust', 'Emma'), (2, {}, 'Rust', 'emma'), (3, {}, NULL, 'Emma'), (4, {}, 'sql', 'NOTES')",
            blob(1),
            bare(1),
            upper(2),
            upper(4)
        ),
        format!(
            "INSERT INTO docs_tags (docs_pk, tags_pk) VALUES ({0}, 'rust'), ({0}, 'sql'), ({1}, 'Rust'), ({1}, 'sql'), ({2}, 'rust'), ({2}, 'Rust')",
            bare(1),
            upper(2),
            upper(4)
        ),
    ];
    for sql in tables.into_iter().map(str::to_owned).chain(rows) {
        db.execute(&sql).await.unwrap();
    }
    db
}

/// What was asked, beside what was answered.
type Answers = Vec<(String, String)>;

fn sorted<T: std::fmt::Debug>(rows: Vec<T>) -> String {
    let mut rows: Vec<_> = rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows.join(", ")
}

macro_rules! comparisons {
    ($answers:ident, $db:ident, $column:ident, $same:expr, [$($value:expr),+ $(,)?]) => {{
        let same = $same;
        let mut say = |what: String, answer: String| $answers.push((format!("{} {what}", stringify!($column)), answer));
        for value in [$($value),+] {
            macro_rules! kept {
                ($name:literal, |$d:ident| $condition:expr) => {{
                    let rows = $db.select::<Doc>().filter(|$d| $condition);
                    let ids = rows.clone().only(|d| d.id).fetch_all().await.unwrap();
                    assert_eq!(rows.clone().count().await.unwrap(), ids.len() as u64);
                    assert_eq!(rows.clone().exists().await.unwrap(), !ids.is_empty());
                    let changed = changed(&$db, rows).await;
                    assert_eq!(changed, (ids.len() as u64, ids.len() as u64));
                    say(format!("{} {value:?}", $name), sorted(ids));
                }};
            }
            kept!("eq", |d| d.$column.eq(value.clone()));
            kept!("ne", |d| d.$column.ne(value.clone()));
            kept!("not eq", |d| !d.$column.eq(value.clone()));
            kept!("lt", |d| d.$column.lt(value.clone()));
            kept!("le", |d| d.$column.le(value.clone()));
            kept!("gt", |d| d.$column.gt(value.clone()));
            kept!("ge", |d| d.$column.ge(value.clone()));
            kept!("between", |d| d.$column.between(value.clone(), value.clone()));
            kept!("in", |d| d.$column.is_in([value.clone()]));
            kept!("not in", |d| d.$column.not_in([value.clone()]));
            kept!("case", |d| case_when(d.$column.ge(value.clone()), 1_i64).otherwise(0_i64).eq(1_i64));
            kept!("any", |d| d.notes.any(|n| n.doc.$column.eq(value.clone())));
            let notes = $db.select::<Note>().filter(|n| n.doc.$column.le(value.clone())).count().await.unwrap();
            say(format!("through a key {value:?}"), notes.to_string());
            let notes = $db.select::<Tag>().filter(|t| t.docs.any(|d| d.$column.eq(value.clone()))).only(|t| t.code).fetch_all();
            say(format!("over pairs {value:?}"), sorted(notes.await.unwrap()));
            let having = $db.select::<Doc>().group_by(|d| d.open).annotate(|d| d.$column.max()).having(|d| d.$column.max().le(value.clone()));
            let groups = having.fetch_all().await.unwrap();
            say(format!("having {value:?}"), sorted(groups.into_iter().map(|(open, most)| (open, most.map(same))).collect()));
        }
        for (name, order) in [("asc", false), ("desc", true)] {
            let chain = $db.select::<Doc>().order(|d| if order { d.$column.desc() } else { d.$column.asc() });
            let ids = chain.clone().only(|d| d.id).fetch_all().await.unwrap();
            let mut paged = Vec::new();
            let mut cursor = None;
            loop {
                let page = chain.clone().page_after(cursor, 2).await.unwrap();
                paged.extend(page.rows.into_iter().map(|doc| doc.id));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(paged, ids);
            let first = chain.clone().limit(2).only(|d| d.id).fetch_all().await.unwrap();
            assert_eq!(first, ids[..2]);
            assert_eq!(chain.fetch_last().await.unwrap().unwrap().id, ids[4]);
            say(format!("order {name}"), format!("{ids:?}"));
        }
        let groups = $db.select::<Doc>().group_by(|d| d.$column).annotate(|_| count()).fetch_all().await.unwrap();
        say("groups".to_owned(), sorted(groups.into_iter().map(|(value, n)| (Some(value).map(same), n)).collect()));
        let values = $db.select::<Doc>().only(|d| d.$column).distinct().fetch_all().await.unwrap();
        say("distinct".to_owned(), sorted(values.into_iter().map(|value| Some(value).map(same)).collect()));
        let (low, high, number, all) = $db
            .select::<Doc>()
            .annotate(|d| (d.$column.min(), d.$column.max(), d.$column.distinct().count(), d.$column.count()))
            .fetch_one()
            .await
            .unwrap()
            .unwrap();
        say("aggregates".to_owned(), format!("{:?}", (low.map(same), high.map(same), number, all)));
        let most = $db.select::<Tag>().with_values(|t| t.docs.aggregate(|d| d.$column.max())).fetch_all().await.unwrap();
        say("of related rows".to_owned(), sorted(most.into_iter().map(|(tag, most)| (tag.code, most.map(same))).collect()));
    }};
}

/// How many rows a chain would update and delete.
async fn changed(db: &Db, rows: Select<'_, Doc>) -> (u64, u64) {
    let ids = rows.only(|d| d.id).fetch_all().await.unwrap();
    let mut numbers = (0, 0);
    let undone = db
        .transaction(async |tx| {
            let chain = || tx.select::<Doc>().filter(|d| d.id.is_in(ids.clone()));
            numbers.0 = chain().update(|d| d.place.set("changed")).await?;
            chain().update(|d| d.pages.add(1)).await?;
            tx.execute("DELETE FROM notes").await?;
            tx.execute("DELETE FROM docs_tags").await?;
            numbers.1 = chain().limit(10).delete().await?;
            Err::<(), _>(Error::TransactionEnded)
        })
        .await;
    assert!(matches!(undone, Err(Error::TransactionEnded)), "{undone:?}");
    numbers
}

/// Every operation that compares, on every kind of column.
async fn compared(db: &Db) -> Answers {
    let mut answers = Answers::new();
    let when = at("2026-01-01T10:00:00Z");
    comparisons!(answers, db, id, |v: Uuid| v, [id(1), id(2), id(9)]);
    comparisons!(answers, db, title, |v: String| v, ["Emma".to_owned(), "emma".to_owned(), "Notes on x".to_owned()]);
    comparisons!(answers, db, place, |v: String| v, ["x".to_owned(), "x ".to_owned()]);
    comparisons!(answers, db, pages, |v: i64| v, [9, 66, 100]);
    comparisons!(answers, db, price, |v: Decimal| v.normalize(), [dec("1.5"), dec("9"), dec("9.5")]);
    comparisons!(answers, db, day, |v: NaiveDate| v, [day("2026-01-01"), day("2025-12-31")]);
    comparisons!(answers, db, at, |v: DateTime<Utc>| v, [when, at("2026-01-01T10:00:00.25Z")]);
    comparisons!(answers, db, open, |v: bool| v, [true, false]);
    comparisons!(answers, db, level, |v: Level| v, [Level::Low, Level::High]);
    comparisons!(answers, db, seen, |v: Unix<DateTime<Utc>>| v, [Unix(when), Unix(at("2001-01-01T00:00:00Z"))]);
    answers
}

/// Keys, relations and what is computed.
async fn related(db: &Db) -> Answers {
    let mut answers = Answers::new();
    let mut say = |what: &str, answer: String| answers.push((what.to_owned(), answer));
    for n in 1..=6 {
        say("get", format!("{:?}", db.get(Doc::key(id(n))).await.unwrap().map(|doc| doc.title)));
    }
    for code in ["rust", "Rust", "RUST", "sql"] {
        say("get by text", format!("{:?}", db.get(Tag::key(code)).await.unwrap()));
    }
    let rows = db.select::<Note>().select_related(|n| (n.doc, n.tag)).order(|n| n.pk.asc()).fetch_all().await.unwrap();
    let rows = rows.into_iter().map(|(note, doc, tag)| (note.text, doc.title, tag)).collect::<Vec<_>>();
    say("select_related", format!("{rows:?}"));
    let rows = db.select::<Doc>().prefetch_related(|d| (d.notes, d.tags)).order(|d| d.pages.asc()).fetch_all();
    for (doc, mut notes, tags) in rows.await.unwrap() {
        notes.sort_by_key(|note| *note.pk.raw());
        let notes: Vec<_> = notes.into_iter().map(|note| note.text).collect();
        say("prefetch_related", format!("{} {notes:?} {}", doc.title, sorted(tags)));
    }
    let rows =
        db.select::<Tag>().prefetch_related(|t| t.docs.filter(|d| d.pages.gt(9)).order(|d| d.at.desc()).limit(1));
    for (tag, docs) in rows.order(|t| t.code.asc()).fetch_all().await.unwrap() {
        say("limited", format!("{} {:?}", tag.code, docs.into_iter().map(|doc| doc.title).collect::<Vec<_>>()));
    }
    let rows = db
        .select::<Doc>()
        .with_count(|d| d.notes)
        .with_count(|d| d.tags)
        .with_count(|d| d.tags.then(|t| t.notes).distinct());
    for (doc, notes, tags, others) in rows.order(|d| d.id.asc()).fetch_all().await.unwrap() {
        say("counts", format!("{} {notes} {tags} {others}", doc.title));
    }
    let docs = db.select::<Doc>().order(|d| d.id.asc()).fetch_all().await.unwrap();
    for doc in &docs {
        say("notes of a row", sorted(doc.notes(db).only(|n| n.text).fetch_all().await.unwrap()));
        say("tags of a row", sorted(doc.tags(db).fetch_all().await.unwrap()));
    }
    let lists = db.fetch_related(&docs, |d| d.notes).await.unwrap();
    say("fetch_related", format!("{:?}", lists.iter().map(Vec::len).collect::<Vec<_>>()));
    let notes = db.select::<Note>().order(|n| n.pk.asc()).fetch_all().await.unwrap();
    let targets = db.fetch_related(&notes, |n| n.doc).await.unwrap();
    say("targets", format!("{:?}", targets.into_iter().map(|doc| doc.title).collect::<Vec<_>>()));
    for note in &notes {
        say("target", note.doc(db).fetch().await.unwrap().title);
        say("nullable target", format!("{:?}", note.tag(db).fetch().await.unwrap()));
    }
    let same = db.select::<Note>().filter(|n| n.text.eq(n.doc.title)).only(|n| n.pk).fetch_all().await.unwrap();
    say("column with column", sorted(same));
    let same = db.select::<Note>().filter(|n| n.doc.title.lower().eq(n.text)).only(|n| n.pk).fetch_all().await.unwrap();
    say("computed with column", sorted(same));
    let none =
        db.select::<Tag>().filter(|t| t.notes.none(|n| n.text.eq("emma"))).only(|t| t.code).fetch_all().await.unwrap();
    say("none", sorted(none));
    let texts =
        db.select::<Doc>().filter(|d| d.title.starts_with("E") | d.title.ends_with("x") | d.title.contains("ote"));
    say("text", sorted(texts.only(|d| d.title).fetch_all().await.unwrap()));
    let sums = db
        .select::<Doc>()
        .annotate(|d| (d.pages.sum(), d.pages.avg(), d.rating.sum(), d.price.sum(), (d.pages + 1_i64).max()));
    let (pages, average, rating, price, most) = sums.fetch_one().await.unwrap().unwrap();
    say("sums", format!("{:?}", (pages, average, rating, price.map(|sum| sum.normalize()), most)));
    let parts =
        db.select::<Doc>().fields(|d| (d.id, d.at.year(), d.at.hour(), d.seen.year(), d.day.month(), d.pages * 2_i64));
    say("parts", sorted(parts.fetch_all().await.unwrap()));
    let rated =
        db.select::<Doc>().filter(|d| d.rating.gt(9.9) | d.rating.is_null()).order(|d| d.rating.desc().nulls_last());
    say("nullable", format!("{:?}", rated.only(|d| d.title).fetch_all().await.unwrap()));
    let filled =
        db.select::<Doc>().filter(|d| d.rating.coalesce(0.0).ge(9.9)).only(|d| d.title).fetch_all().await.unwrap();
    say("coalesce", sorted(filled));
    let early = db.select::<Doc>().filter(|d| d.time.le(time("10:00:00"))).order(|d| d.time.asc()).only(|d| d.title);
    say("time", format!("{:?}", early.fetch_all().await.unwrap()));
    answers
}

/// Writes by key and by values, and what is there afterwards.
async fn written(db: &Db) -> Answers {
    let mut answers = Answers::new();
    let mut say = |what: &str, answer: String| answers.push((what.to_owned(), answer));
    let mut doc = db.get(Doc::key(id(2))).await.unwrap().unwrap();
    doc.title = "updated".into();
    db.update(&mut doc).await.unwrap();
    let mut two = db.select::<Doc>().filter(|d| d.id.is_in([id(3), id(4)])).fetch_all().await.unwrap();
    two.iter_mut().for_each(|doc| doc.pages += 1);
    db.bulk_update(&mut two).await.unwrap();
    let changed = db.select::<Doc>().filter(|d| d.notes.any(|n| n.text.eq("Emma"))).update(|d| d.pages.mul(2)).await;
    say("update", format!("{changed:?}"));
    let changed = db.select::<Doc>().order(|d| d.pages.desc()).limit(2).update(|d| d.place.set("far")).await;
    say("update some", format!("{changed:?}"));
    let tag = |code: &str, name: &str| Tag::builder().code(code).name(name);
    say("ignored", format!("{:?}", db.upsert(tag("rust", "x"), |t| t.code).ignore().await.unwrap()));
    say("updated", format!("{:?}", db.upsert(tag("Rust", "crab"), |t| t.code).update(|t| t.name).await.unwrap()));
    say("inserted", format!("{:?}", db.upsert(tag("RUST", "rUST"), |t| t.code).update(|t| t.name).await.unwrap()));
    say("found", format!("{:?}", db.get_or_create(tag("x", "crab"), |t| t.name).await.unwrap()));
    say("created", format!("{:?}", db.get_or_create(tag("x", "CRAB"), |t| t.name).await.unwrap()));
    let doc = db.get(Doc::key(id(1))).await.unwrap().unwrap();
    doc.tags(db).remove([Tag::key("rust")]).await.unwrap();
    say("pairs", sorted(doc.tags(db).only(|t| t.code).fetch_all().await.unwrap()));
    let doc = db.get(Doc::key(id(4))).await.unwrap().unwrap();
    doc.tags(db).add([Tag::key("rust"), Tag::key("sql")]).await.unwrap();
    say("pairs", sorted(doc.tags(db).only(|t| t.code).fetch_all().await.unwrap()));
    doc.tags(db).clear().await.unwrap();
    db.delete(Doc::key(id(5))).await.unwrap();
    let gone = db.delete(Doc::key(id(5))).await;
    assert!(matches!(gone, Err(Error::RecordNotFound { .. })), "{gone:?}");
    let rows = db.select::<Doc>().fields(|d| (d.id, d.title, d.place, d.pages)).fetch_all().await.unwrap();
    say("rows", sorted(rows));
    answers
}

fn assert_same(own: Answers, foreign: Answers) {
    assert_eq!(own.len(), foreign.len());
    let differ: Vec<_> = own.iter().zip(&foreign).filter(|(own, foreign)| own != foreign).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}

/// The same work over both databases; its future is too large for the stack of a test in a debug build.
fn same_answers(work: impl AsyncFn(&Db) -> Answers + Send + 'static) {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Box::pin(async {
            assert_same(work(&own().await).await, work(&foreign().await).await);
        }));
    };
    std::thread::Builder::new().stack_size(256 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn comparisons_of_values_in_other_forms_give_the_same_answers() {
    same_answers(compared);
}

#[test]
fn relations_over_values_in_other_forms_give_the_same_answers() {
    same_answers(related);
}

#[test]
fn writes_find_their_rows_in_other_forms() {
    same_answers(written);
}
