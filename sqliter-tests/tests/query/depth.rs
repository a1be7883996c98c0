//! Conditions and calculations of any number and any depth: side by side they are many, nested too deep they are an error.

use std::time::{Duration, Instant};

use sqliter::bounds::Computed;
use sqliter::prelude::*;
use sqliter::{Column, Condition, Error};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

async fn books() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    db.bulk_insert((1..=3).map(|pages| Book::builder().title("x").pages(pages).author_id(&ada))).await.unwrap();
    db
}

async fn keys(db: &Db, condition: Condition<Book>) -> Result<Vec<i64>, Error> {
    let keys = db.select::<Book>().filter(|_| condition).order(|b| b.pk.asc()).only(|b| b.pages).fetch_all().await?;
    Ok(keys)
}

#[derive(Clone, Copy)]
struct Columns {
    title: Column<Book, String>,
    pages: Column<Book, i64>,
}

fn columns(db: &Db) -> Columns {
    let mut columns = None;
    let _ = db.select::<Book>().filter(|b| {
        columns = Some(Columns { title: b.title, pages: b.pages });
        b.pages.eq(0)
    });
    columns.unwrap()
}

/// A test of the test of the test … of all books of the author.
fn any_of_any(db: &Db, depth: usize) -> Condition<Book> {
    let mut any = columns(db).pages.gt(0);
    let _ = db.select::<Book>().filter(|b| {
        for _ in 0..depth {
            any = b.author.books.any(|_| any.clone());
        }
        b.pages.eq(0)
    });
    any
}

/// Whatever is done to it, it is an error and the program goes on.
async fn is_too_deep(db: &Db, condition: Condition<Book>) {
    let error = keys(db, condition.clone()).await.unwrap_err();
    assert!(matches!(&error, Error::TooDeep { table, .. } if table == "books"), "{error:?}");
    assert!(error.to_string().contains("more than 380 levels deep"), "{error}");
    let chain = || db.select::<Book>().filter(|_| condition.clone());
    assert!(matches!(chain().count().await, Err(Error::TooDeep { .. })));
    assert!(matches!(chain().update(|b| b.pages.set(1)).await, Err(Error::TooDeep { .. })));
    assert!(matches!(chain().delete().await, Err(Error::TooDeep { .. })));
    assert!(format!("{condition:?}").len() > 10);
}

#[tokio::test]
async fn conditions_are_joined_in_any_order_and_number() {
    let db = books().await;
    let b = columns(&db);
    for number in [2, 99, 100, 101, 999, 1001, 20_000] {
        let one = |i: i64| if i == number / 2 { b.pages.eq(2) } else { b.pages.eq(-i) };
        let mut forwards = one(0);
        let mut backwards = one(0);
        for i in 1..number {
            forwards = forwards | one(i);
            backwards = one(i) | backwards;
        }
        assert_eq!(keys(&db, forwards).await.unwrap(), [2], "{number} forwards");
        assert_eq!(keys(&db, backwards).await.unwrap(), [2], "{number} backwards");
        let all = |i: i64| if i == number / 2 { b.pages.ne(2) } else { b.pages.ne(-i) };
        let both = (1..number).fold(all(0), |joined, i| if i % 2 == 0 { joined & all(i) } else { all(i) & joined });
        assert_eq!(keys(&db, both).await.unwrap(), [1, 3], "{number} from both sides");
        let mut halves: Vec<_> = (0..number).map(one).collect();
        while halves.len() > 1 {
            let rest = halves.split_off(halves.len().div_ceil(2));
            let mut rest = rest.into_iter();
            halves = halves.into_iter().map(|left| rest.next().map_or(left.clone(), |right| left | right)).collect();
        }
        assert_eq!(keys(&db, halves.remove(0)).await.unwrap(), [2], "{number} by halves");
    }
}

#[tokio::test]
async fn very_many_conditions_take_no_longer_from_one_side_than_from_the_other() {
    let db = books().await;
    let b = columns(&db);
    let begun = Instant::now();
    let mut forwards = b.pages.eq(0);
    let mut backwards = b.pages.eq(0);
    for i in 1..300_000 {
        forwards = forwards | b.pages.eq(i);
        backwards = b.pages.eq(i) | backwards;
    }
    let joined = forwards | backwards;
    drop(joined);
    // Moving all of them for each would take minutes.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn nesting_as_deep_as_sqlite_takes_it_works() {
    let db = books().await;
    let b = columns(&db);
    let mut condition = b.pages.eq(2);
    for i in 0..200 {
        condition = if i % 2 == 0 { condition & b.pages.gt(0) } else { condition | b.pages.lt(0) };
    }
    assert_eq!(keys(&db, condition).await.unwrap(), [2]);
    let mut sum: Computed<Book, i64> = b.pages + 0_i64;
    for _ in 0..300 {
        sum = sum + 1_i64;
    }
    assert_eq!(keys(&db, sum.eq(302)).await.unwrap(), [2]);
    let mut negated = b.pages.eq(2);
    for _ in 0..150 {
        negated = !negated;
    }
    assert_eq!(keys(&db, negated).await.unwrap(), [2]);
    // Full lists inside each other.
    let mut lists = b.pages.eq(2);
    for i in 0..3 {
        for _ in 0..100 {
            lists = if i % 2 == 0 { lists & b.pages.gt(0) } else { lists | b.pages.lt(0) };
        }
    }
    assert_eq!(keys(&db, lists).await.unwrap(), [2]);
}

#[tokio::test]
async fn nesting_that_is_deeper_is_an_error() {
    let db = books().await;
    let b = columns(&db);
    let mut condition = b.pages.eq(2);
    let mut from_the_right = b.pages.eq(2);
    let mut negated = b.pages.eq(2);
    let mut sum: Computed<Book, i64> = b.pages + 0_i64;
    let mut right: Computed<Book, i64> = b.pages + 0_i64;
    let mut case: Computed<Book, i64> = b.pages + 0_i64;
    let mut conditions = b.pages.eq(2);
    let mut text = b.title.lower();
    for i in 0..10_000 {
        condition = if i % 2 == 0 { condition & b.pages.gt(0) } else { condition | b.pages.lt(0) };
        from_the_right = if i % 2 == 0 { b.pages.gt(0) & from_the_right } else { b.pages.lt(0) | from_the_right };
        negated = !negated;
        sum = sum + 1_i64;
        right = 1_i64 + right;
        case = case_when(b.pages.gt(1), case).otherwise(1_i64);
        conditions = case_when(conditions, 1_i64).otherwise(0_i64).eq(1);
        text = text.upper();
    }
    is_too_deep(&db, condition).await;
    is_too_deep(&db, from_the_right).await;
    is_too_deep(&db, negated).await;
    is_too_deep(&db, sum.clone().gt(1)).await;
    is_too_deep(&db, right.between(1, 2)).await;
    is_too_deep(&db, case.clone().is_in([1])).await;
    is_too_deep(&db, conditions).await;
    is_too_deep(&db, text.starts_with("x")).await;
    let chain = db.select::<Book>();
    let (ordered, grouped) = (chain.clone().order(|_| case.clone().asc()), chain.clone().group_by(|_| case.clone()));
    assert!(matches!(ordered.page_after(None, 2).await, Err(Error::TooDeep { .. })));
    assert!(matches!(grouped.fetch_all().await, Err(Error::TooDeep { .. })));
    assert!(matches!(chain.clone().update(|b| b.pages.set(sum)).await, Err(Error::TooDeep { .. })));
    let mut total = b.pages.sum();
    for _ in 0..10_000 {
        total = total.filter(b.pages.gt(0));
    }
    // Filters of an aggregate stand side by side.
    assert_eq!(chain.annotate(|_| total).fetch_all().await.unwrap(), [Some(6)]);
}

#[tokio::test]
async fn conditions_on_related_rows_count_too() {
    let db = books().await;
    assert_eq!(keys(&db, any_of_any(&db, 8)).await.unwrap(), [1, 2, 3]);
    is_too_deep(&db, any_of_any(&db, 2_000)).await;
}

/// Something that nests by one step more.
type Step = fn(&BookColumns<Book>, Condition<Book>, usize) -> Condition<Book>;

/// Every kind of expression that another one can be in.
const STEPS: [(&str, Step); 12] = [
    ("and, or", |b, inner, i| if i % 2 == 0 { inner & b.pages.gt(0) } else { b.pages.lt(0) | inner }),
    ("!", |_, inner, _| !inner),
    ("lists", |b, inner, i| {
        (0..99).fold(inner, |joined, _| if i % 2 == 0 { joined & b.pages.gt(0) } else { b.pages.lt(0) | joined })
    }),
    ("long lists", |b, inner, i| {
        (0..999).fold(inner, |joined, _| if i % 2 == 0 { joined & b.pages.gt(0) } else { joined | b.pages.lt(0) })
    }),
    ("case", |b, inner, _| case_when(inner, b.pages).otherwise(0_i64).gt(0)),
    ("else", |b, inner, _| {
        let value = case_when(inner, 1_i64).otherwise(0_i64);
        case_when(b.pages.lt(0), 1_i64).otherwise(value).between(1, 2)
    }),
    ("arithmetic", |b, inner, _| (1_i64 + case_when(inner, b.pages * 1_i64).otherwise(0_i64).abs()).is_in([2, 3, 4])),
    ("text", |b, inner, _| case_when(inner, b.title.lower()).otherwise("y").upper().istarts_with("x")),
    ("regex", |b, inner, _| case_when(inner, b.title).end().coalesce("y").ends_with("x")),
    ("any", |b, inner, _| b.author.books.any(|_| inner)),
    ("all", |b, inner, _| b.author.books.all(|other| other.author.books.any(|_| inner.clone()) | other.pages.gt(0))),
    ("count", |b, inner, _| b.author.books.aggregate(|_| count().filter(inner)).gt(0)),
];

/// Whether a result is that of an expression within the limit; what SQLite finds too deep is none.
fn fits<T>(name: &str, result: Result<T, Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(Error::TooDeep { .. }) => false,
        Err(error) => panic!("{name}: {error}"),
    }
}

#[tokio::test]
async fn sqlite_never_meets_what_is_too_deep_for_it() {
    let db = books().await;
    for (name, step) in STEPS {
        let nested =
            |depth: usize| move |b: &BookColumns<Book>| (0..depth).fold(b.pages.gt(0), |inner, i| step(b, inner, i));
        let mut deepest = 0;
        for bit in (0..10).rev() {
            let depth = deepest | 1 << bit;
            if fits(name, db.select::<Book>().filter(nested(depth)).count().await) {
                deepest = depth;
            }
        }
        assert!(deepest >= 3, "{name}: {deepest}");
        // What is within the limit fits wherever it stands.
        for depth in [deepest - 1, deepest, deepest + 1] {
            let value = |b: &BookColumns<Book>| case_when(nested(depth)(b), 1_i64).otherwise(0_i64);
            let many = (0..99).fold(db.select::<Book>(), |chain, _| chain.filter(|b| b.pages.gt(0)));
            let chain = many.filter(nested(depth));
            let ordered = chain.clone().order(|b| (value(b).asc(), value(b).desc()));
            let limited = ordered.clone().limit(2);
            let related = db.select::<Author>().filter(|a| a.books.all(nested(depth)));
            let groups = limited.clone().group_by(value).annotate(|b| count().filter(nested(depth)(b)));
            fits(name, ordered.page_after(None, 1).await);
            fits(name, limited.clone().update(|b| b.pages.set(value(b) * b.pages + 1_i64)).await);
            fits(name, limited.clone().update(|b| b.title.set(b.author.name)).await);
            fits(name, limited.clone().fetch_last().await);
            fits(name, limited.update(|b| b.pages.set(1)).await);
            fits(name, groups.fetch_all().await);
            fits(name, related.limit(1).update(|a| a.name.set("Ada")).await);
        }
    }
}
