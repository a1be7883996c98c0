//! A condition means the same wherever it stands: beside others, negated, in CASE, in FILTER, on related rows.

use sqliter::Condition;
use sqliter::prelude::*;

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
    sold: Option<i64>,
    author_id: Key<Author>,
}

/// A condition, and whether it holds for a row; `None` where it is unknown.
type Test = (fn(&BookColumns<Book>) -> Condition<Book>, fn(&Book) -> Option<bool>);

/// Whatever writes more than one operator, and what is simple beside it.
const TESTS: [Test; 20] = [
    (|b| b.title.starts_with("b"), |b| Some(b.title.starts_with('b'))),
    (|b| b.title.upper().starts_with("A"), |b| Some(b.title.starts_with('a'))),
    (|b| b.title.starts_with("\u{10ffff}"), |_| Some(false)),
    (|b| b.title.starts_with(""), |_| Some(true)),
    (|b| b.title.ends_with("x"), |b| Some(b.title.ends_with('x'))),
    (|b| b.title.contains("y"), |b| Some(b.title.contains('y'))),
    (|b| b.title.istarts_with("A"), |b| Some(b.title.starts_with('a'))),
    (|b| b.title.iends_with("X"), |b| Some(b.title.ends_with('x'))),
    (|b| b.title.like("%x"), |b| Some(b.title.ends_with('x'))),
    (|b| b.title.regex("^a|y$"), |b| Some(b.title.starts_with('a') || b.title.ends_with('y'))),
    (|b| b.pages.between(2, 4), |b| Some((2..=4).contains(&b.pages))),
    (|b| b.sold.between(b.pages, 9), |b| b.sold.map(|sold| (b.pages..=9).contains(&sold))),
    (|b| (b.pages + 1_i64).lt(b.pages * 2_i64 - 3_i64), |b| Some(b.pages + 1 < b.pages * 2 - 3)),
    (|b| (b.pages - (b.pages - 1_i64)).eq(1), |_| Some(true)),
    (|b| (b.pages * (b.pages + 1_i64) % 4_i64).eq(2), |b| Some(b.pages * (b.pages + 1) % 4 == 2)),
    (|b| b.sold.is_null(), |b| Some(b.sold.is_none())),
    (|b| b.sold.gt(2), |b| b.sold.map(|sold| sold > 2)),
    (|b| b.sold.not_in([1, 3]), |b| b.sold.map(|sold| ![1, 3].contains(&sold))),
    (
        |b| b.author.books.any(|o| o.title.starts_with("b") | o.pages.between(4, 5)),
        |b| Some(b.author_id == Author::key(1)),
    ),
    (|b| b.author.books.all(|o| o.title.starts_with("c") | o.pages.lt(3)), |b| Some(b.author_id == Author::key(2))),
];

const fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

const fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn not(a: Option<bool>) -> Option<bool> {
    Some(a != Some(true))
}

async fn books() -> (Db, Vec<Book>) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    let authors = db.bulk_insert(["Ada", "Bob"].map(|name| Author::builder().name(name))).await.unwrap();
    let mut books = Vec::new();
    for (i, title) in ["ax", "ay", "bx", "by", "b", "", "cx", "cy"].into_iter().enumerate() {
        for sold in [None, Some(1), Some(3), Some(i as i64)] {
            let author = &authors[usize::from(title.starts_with('c'))];
            books.push(Book::builder().title(title).pages(i as i64).sold(sold).author_id(author));
        }
    }
    let books = db.bulk_insert(books).await.unwrap();
    (db, books)
}

fn expected(books: &[Book], holds: impl Fn(&Book) -> Option<bool>) -> Vec<Key<Book>> {
    books.iter().filter(|book| holds(book) == Some(true)).map(|book| book.pk).collect()
}

#[tokio::test]
async fn a_condition_means_the_same_beside_every_other() {
    let (db, books) = books().await;
    let kept = async |condition: Condition<Book>| {
        db.select::<Book>().filter(|_| condition).order(|b| b.pk.asc()).only(|b| b.pk).fetch_all().await.unwrap()
    };
    let mut columns = None;
    let _ = db.select::<Author>().filter(|a| {
        let _ = a.books.any(|b| {
            columns = Some(TESTS.map(|(condition, _)| condition(b)));
            b.pages.eq(1)
        });
        a.name.eq("")
    });
    let conditions = columns.unwrap();
    let c = |i: usize| conditions[i].clone();
    for (i, (_, one)) in TESTS.into_iter().enumerate() {
        assert_eq!(kept(c(i)).await, expected(&books, one), "{i}");
        assert_eq!(kept(!c(i)).await, expected(&books, |b| not(one(b))), "!{i}");
        for (j, (_, other)) in TESTS.into_iter().enumerate() {
            let both = kept(c(i) & c(j)).await;
            assert_eq!(both, expected(&books, |b| and(one(b), other(b))), "{i} & {j}");
            let either = kept(c(i) | c(j)).await;
            assert_eq!(either, expected(&books, |b| or(one(b), other(b))), "{i} | {j}");
            let mixed = kept(c(j) & (c(i) | !c(j)) | !(c(i) & c(j) | c(j))).await;
            let holds = |b: &Book| {
                let (x, y) = (one(b), other(b));
                or(and(y, or(x, not(y))), not(or(and(x, y), y)))
            };
            assert_eq!(mixed, expected(&books, holds), "{i} and {j} mixed");
            let filters = db.select::<Book>().filter(|_| c(i) | c(j)).filter(|_| c(j)).order(|b| b.pk.asc());
            let filters = filters.only(|b| b.pk).fetch_all().await.unwrap();
            assert_eq!(filters, expected(&books, |b| and(or(one(b), other(b)), other(b))), "filters {i} and {j}");
        }
    }
}

#[tokio::test]
async fn a_condition_means_the_same_in_case_filter_and_on_related_rows() {
    let (db, books) = books().await;
    for (i, (condition, holds)) in TESTS.into_iter().enumerate() {
        let met = expected(&books, holds).len() as i64;
        let case = db.select::<Book>().order(|b| b.pk.asc()).only(|b| case_when(condition(b), 1_i64).otherwise(0_i64));
        let case: Vec<_> = case.fetch_all().await.unwrap().into_iter().map(|found| found == 1).collect();
        assert_eq!(case, books.iter().map(|b| holds(b) == Some(true)).collect::<Vec<_>>(), "{i}");
        let compared = db.select::<Book>().filter(|b| {
            case_when(condition(b), b.pages).otherwise(-1_i64).eq(b.pages)
                & case_when(!condition(b), 1_i64).end().is_null()
        });
        assert_eq!(compared.count().await.unwrap() as i64, met, "{i}");
        let counted = db.select::<Book>().annotate(|b| (count().filter(condition(b)), count().filter(!condition(b))));
        assert_eq!(counted.fetch_only().await.unwrap(), (met, books.len() as i64 - met), "{i}");
        let related = db.select::<Author>().with_values(|a| a.books.aggregate(|b| count().filter(condition(b))));
        let related: i64 = related.fetch_all().await.unwrap().iter().map(|(_, number)| number).sum();
        assert_eq!(related, met, "{i}");
        for author in db.select::<Author>().fetch_all().await.unwrap() {
            let own: Vec<_> = books.iter().filter(|book| book.author_id == author.pk).collect();
            let any = own.iter().any(|book| holds(book) == Some(true));
            let all = own.iter().all(|book| holds(book) == Some(true));
            let one = || db.select::<Author>().filter(|a| a.pk.eq(&author));
            assert_eq!(one().filter(|a| a.books.any(condition)).exists().await.unwrap(), any, "{i}");
            assert_eq!(one().filter(|a| a.books.none(condition)).exists().await.unwrap(), !any, "{i}");
            assert_eq!(one().filter(|a| a.books.all(condition)).exists().await.unwrap(), all, "{i}");
            let list = db.select::<Author>().prefetch_related(|a| a.books.filter(condition).filter(|b| b.pages.ge(0)));
            let list = list.filter(|a| a.pk.eq(&author)).fetch_only().await.unwrap().1;
            assert_eq!(list.len(), own.iter().filter(|book| holds(book) == Some(true)).count(), "{i}");
        }
        let groups = db
            .select::<Book>()
            .group_by(|b| b.pk)
            .annotate(|_| count())
            .having(|b| count().filter(condition(b)).gt(0) & (count().between(1, 2) | count().gt(5)));
        assert_eq!(groups.count().await.unwrap() as i64, met, "{i}");
    }
}
