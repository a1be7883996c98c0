//! `any`, `none` and `all` mean the same rows in every terminal, under any limit and offset.

use super::library::*;
use sqliter::prelude::*;
use sqliter::{Condition, Select};

/// Authors with several books each, of which most meet a condition several times.
async fn shelves() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Country, Publisher, Author, Profile, Book, Tag, Comment, Person)>().await.unwrap();
    let tags = db.bulk_insert(["a", "b"].map(|name| Tag::builder().name(name))).await.unwrap();
    for i in 0..8_i64 {
        let author = db.insert(Author::builder().name(format!("a{i}"))).await.unwrap();
        let books = (0..i % 4).map(|j| Book::builder().title(format!("t{j}")).pages(100 * j + i).author_id(&author));
        for book in db.bulk_insert(books).await.unwrap() {
            book.tags(&db).add(&tags).await.unwrap();
            db.bulk_insert((0..2).map(|n| Comment::builder().number(n).position(n).book_id(&book))).await.unwrap();
        }
        let person = db.insert(Person::builder().name(format!("p{i}"))).await.unwrap();
        for friend in 1..i.min(4) {
            person.friends(&db).add([Person::key(friend)]).await.unwrap();
        }
    }
    db
}

type Test = fn(&AuthorColumns<Author>) -> Condition<Author>;

const TESTS: [Test; 12] = [
    |a| a.books.any(|b| b.pages.gt(1)),
    |a| a.books.any(|b| b.pages.gt(1)) & a.books.any(|b| b.pages.lt(150)),
    |a| a.books.any(|b| b.comments.any(|c| c.number.ge(0))),
    |a| a.books.any(|b| b.tags.any(|t| t.name.ge("a"))),
    |a| a.books.any(|b| b.tags.any(|t| t.name.eq("a")) & b.comments.any(|c| c.number.eq(1))) & a.pk.gt(Author::key(0)),
    |a| a.books.any(|b| b.author.books.any(|c| c.pages.ge(100))),
    |a| !a.books.any(|b| b.pages.gt(1)),
    |a| a.books.any(|b| b.pages.gt(1)) | a.name.eq("a0"),
    |a| a.books.none(|b| b.pages.lt(100)),
    |a| a.books.all(|b| b.pages.lt(200)),
    |a| a.books.all(|b| b.comments.any(|c| c.number.eq(1))),
    |a| a.books.none(|b| b.comments.all(|c| c.number.eq(1))),
];

fn chain(session: &Session, test: Test, limit: usize, offset: usize) -> Select<'_, Author> {
    session.select::<Author>().filter(test).limit(limit as u64).offset(offset as u64)
}

fn keys(rows: &[Author]) -> Vec<i64> {
    rows.iter().map(|row| row.pk.into_raw()).collect()
}

#[tokio::test]
async fn every_terminal_takes_the_rows_that_limit_and_offset_say() {
    let db = shelves().await;
    for (i, test) in TESTS.into_iter().enumerate() {
        let every = db.select::<Author>().filter(test);
        let all = keys(&every.clone().order(|a| a.pk.asc()).fetch_all().await.unwrap());
        let reversed = keys(&every.order(|a| a.name.desc()).fetch_all().await.unwrap());
        assert!(!all.is_empty(), "{i}");
        for offset in 0..=all.len() + 1 {
            for limit in [0, 1, 2, 20] {
                let place = format!("test {i}, {limit} from {offset}");
                let part = |rows: &[i64]| rows.iter().copied().skip(offset).take(limit).collect::<Vec<_>>();
                let expected = part(&all);
                assert_eq!(keys(&chain(&db, test, limit, offset).fetch_all().await.unwrap()), expected, "{place}");
                let down = chain(&db, test, limit, offset).order(|a| a.name.desc()).fetch_all().await.unwrap();
                assert_eq!(keys(&down), part(&reversed), "{place}");
                assert_eq!(chain(&db, test, limit, offset).count().await.unwrap(), expected.len() as u64, "{place}");
                assert_eq!(chain(&db, test, limit, offset).exists().await.unwrap(), !expected.is_empty(), "{place}");
                let last = chain(&db, test, limit, offset).fetch_last().await.unwrap();
                assert_eq!(last.map(|a| a.pk.into_raw()), expected.last().copied(), "{place}");
                let beside = chain(&db, test, limit, offset)
                    .with_count(|a| a.books)
                    .prefetch_related(|a| a.books)
                    .fetch_all()
                    .await
                    .unwrap();
                let beside: Vec<_> = beside.into_iter().map(|(author, ..)| author).collect();
                assert_eq!(keys(&beside), expected, "{place}");
                let tx = db.begin().await.unwrap();
                assert_eq!(
                    chain(&tx, test, limit, offset).update(|a| a.name.set("changed")).await.unwrap(),
                    expected.len() as u64,
                    "{place}"
                );
                let changed = tx.select::<Author>().filter(|a| a.name.eq("changed")).order(|a| a.pk.asc());
                assert_eq!(keys(&changed.fetch_all().await.unwrap()), expected, "{place}");
                tx.rollback().await.unwrap();
                let tx = db.begin().await.unwrap();
                assert_eq!(chain(&tx, test, limit, offset).delete().await.unwrap(), expected.len() as u64, "{place}");
                tx.rollback().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn rows_behind_tables_of_pairs_are_told_apart_too() {
    let db = shelves().await;
    let tagged = |offset| db.select::<Book>().filter(|b| b.tags.any(|t| t.name.ge("a"))).offset(offset);
    let friendly = |offset| db.select::<Person>().filter(|p| p.friends.any(|f| f.name.ne("x"))).offset(offset);
    let all = tagged(0).count().await.unwrap();
    assert_eq!(tagged(all - 1).fetch_all().await.unwrap().len(), 1);
    assert_eq!((tagged(all).count().await.unwrap(), tagged(all).exists().await.unwrap()), (0, false));
    let all = friendly(0).count().await.unwrap();
    assert_eq!(friendly(all - 1).fetch_all().await.unwrap().len(), 1);
    assert_eq!(friendly(all).count().await.unwrap(), 0);
}

/// What SQLite 3.51 makes of a bare `EXISTS`. When this fails, the plus in front of it can go, in `sql/write/related.rs`,
/// once [the test above](every_terminal_takes_the_rows_that_limit_and_offset_say) passes without it.
#[test]
fn sqlite_counts_related_rows_for_an_offset_behind_a_bare_exists() {
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    sqlite
        .execute_batch(
            "CREATE TABLE a (pk INTEGER PRIMARY KEY);
             CREATE TABLE b (pk INTEGER PRIMARY KEY, a_pk INTEGER);
             CREATE INDEX b_a ON b (a_pk);
             INSERT INTO a VALUES (1), (2), (3), (4), (5), (6);
             INSERT INTO b (a_pk) SELECT pk FROM a UNION ALL SELECT pk FROM a UNION ALL SELECT pk FROM a;",
        )
        .unwrap();
    let found = |exists: &str| -> Vec<i64> {
        let sql = format!(
            "SELECT pk FROM a AS t0 WHERE {exists} (SELECT 1 FROM b AS t1 WHERE t1.a_pk = t0.pk) ORDER BY pk LIMIT -1 OFFSET 2"
        );
        let mut statement = sqlite.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(found("+EXISTS"), [3, 4, 5, 6]);
    assert_ne!(
        found("EXISTS"),
        [3, 4, 5, 6],
        "SQLite {} answers a bare EXISTS with an OFFSET right: the plus before EXISTS is no longer needed",
        rusqlite::version()
    );
}

#[tokio::test]
async fn related_rows_are_searched_by_their_index() {
    let Library { db, .. } = library().await.unwrap();
    let plan = async |chain: Select<'_, Author>| chain.explain().await.unwrap().to_string();
    let any = plan(db.select::<Author>().filter(|a| a.books.any(|b| b.pages.gt(1)))).await;
    assert!(any.contains("SEARCH t1 USING INDEX idx_books_author_id (author_id=?)"), "{any}");
    let named = db.select::<Author>().filter(|a| a.books.any(|b| b.pages.gt(1)) & a.pk.eq(Author::key(1)));
    let named = plan(named).await;
    assert!(named.contains("SEARCH t0 USING INTEGER PRIMARY KEY"), "{named}");
    let pairs =
        db.select::<Book>().filter(|b| b.tags.any(|t| t.pk.eq(Tag::key(1)))).explain().await.unwrap().to_string();
    assert!(!pairs.contains("SCAN j1") && !pairs.contains("SCAN t1"), "{pairs}");
}
