//! A limit before `group_by`, `annotate` or `distinct` says which rows are grouped; one behind them, which groups come.

use sqliter::Error;
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
    rating: f64,
    author_id: Key<Author>,
}

/// | title | rating | author |
/// |-------|--------|--------|
/// | a     | 1      | Ada    |
/// | b     | 5      | Bob    |
/// | c     | 3      | Ada    |
/// | d     | 4      | Bob    |
/// | e     | 2      | Ada    |
async fn books() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    let authors = db.bulk_insert(["Ada", "Bob"].map(|name| Author::builder().name(name))).await.unwrap();
    let rows = [("a", 1.0, 0), ("b", 5.0, 1), ("c", 3.0, 0), ("d", 4.0, 1), ("e", 2.0, 0)];
    db.bulk_insert(rows.map(|(t, r, a)| Book::builder().title(t).rating(r).author_id(&authors[a]))).await.unwrap();
    db
}

#[tokio::test]
async fn an_aggregate_is_of_the_rows_that_the_limit_has_left() -> sqliter::Result<()> {
    let db = books().await;
    let all = db.select::<Book>();
    assert_eq!(all.clone().annotate(|b| b.rating.avg()).fetch_all().await?, [Some(3.0)]);
    // The first three keys.
    assert_eq!(all.clone().limit(3).annotate(|b| b.rating.avg()).fetch_all().await?, [Some(3.0)]);
    assert_eq!(all.clone().limit(2).annotate(|b| (count(), b.rating.sum())).fetch_all().await?, [(2, Some(6.0))]);
    assert_eq!(all.clone().offset(3).annotate(|b| (count(), b.rating.sum())).fetch_all().await?, [(2, Some(6.0))]);
    assert_eq!(all.clone().limit(2).offset(1).annotate(|b| b.rating.max()).fetch_all().await?, [Some(5.0)]);
    assert_eq!(all.clone().limit(0).annotate(|b| (count(), b.rating.avg())).fetch_all().await?, [(0, None)]);
    assert_eq!(all.clone().offset(9).annotate(|_| count()).fetch_all().await?, [0]);
    // The order says which rows these are.
    let best = all.clone().order(|b| b.rating.desc()).limit(3);
    assert_eq!(
        best.clone().annotate(|b| (b.rating.avg(), b.rating.min())).fetch_all().await?,
        [(Some(4.0), Some(3.0))]
    );
    let by_author =
        all.clone().order(|b| (b.author.name.desc(), b.title.asc())).limit(3).annotate(|b| b.title.group_concat(""));
    assert_eq!(by_author.fetch_required().await?.map(|t| t.len()), Some(3));
    let filtered =
        all.filter(|b| b.author.name.eq("Ada")).order(|b| b.rating.desc()).limit(2).annotate(|b| b.rating.sum());
    assert_eq!(filtered.fetch_all().await?, [Some(5.0)]);
    Ok(())
}

#[tokio::test]
async fn groups_are_of_the_rows_that_the_limit_has_left() -> sqliter::Result<()> {
    let db = books().await;
    let best = || db.select::<Book>().order(|b| b.rating.desc()).limit(3);
    let groups =
        || best().group_by(|b| b.author.name).annotate(|b| (count(), b.rating.sum())).order(|b| b.author.name.asc());
    let expected = [("Ada".to_owned(), 1, Some(3.0)), ("Bob".to_owned(), 2, Some(9.0))];
    assert_eq!(groups().fetch_all().await?, expected);
    // Every terminal means the same groups.
    assert_eq!((groups().count().await?, groups().exists().await?), (2, true));
    assert_eq!(groups().fetch_first().await?.as_ref(), expected.first());
    assert_eq!(groups().fetch_last().await?.as_ref(), expected.last());
    assert_eq!(groups().limit(1).fetch_last().await?.as_ref(), expected.first());
    assert_eq!(groups().offset(1).fetch_only().await?, expected[1]);
    assert_eq!(groups().fetch_dicts().await?.len(), 2);
    let mut stream = groups().fetch_stream();
    assert_eq!(stream.next().await.transpose()?.as_ref(), expected.first());
    drop(stream);
    let none = db.select::<Book>().limit(0).group_by(|b| b.author_id).annotate(|_| count());
    assert_eq!((none.clone().count().await?, none.clone().exists().await?), (0, false));
    assert!(none.fetch_all().await?.is_empty());
    // Conditions on groups, and further ones on the rows that are grouped.
    assert_eq!(groups().having(|_| count().gt(1)).fetch_all().await?, expected[1..]);
    let further = best().group_by(|b| b.author_id).annotate(|_| count()).filter(|b| b.rating.lt(5.0));
    assert_eq!(further.order(|_| count().asc()).fetch_all().await?, [(Author::key(1), 1), (Author::key(2), 1)]);
    // Further groups, and aggregates over further relations.
    let twice = best()
        .group_by(|b| b.author_id)
        .group_by(|b| b.title)
        .annotate(|b| b.author.name.max())
        .order(|b| b.title.asc());
    assert_eq!(twice.fetch_all().await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn distinct_values_are_of_the_rows_that_the_limit_has_left() -> sqliter::Result<()> {
    let db = books().await;
    let authors = db.select::<Book>().order(|b| b.rating.desc()).only(|b| b.author.name);
    assert_eq!(authors.clone().limit(2).distinct().fetch_all().await?, ["Bob"]);
    assert_eq!(authors.clone().limit(3).distinct().order(|b| b.author.name.asc()).fetch_all().await?, ["Ada", "Bob"]);
    assert_eq!(authors.clone().limit(3).distinct().count().await?, 2);
    let one = authors.limit(3).distinct().limit(1).order(|b| b.author.name.desc());
    assert_eq!((one.clone().fetch_all().await?, one.count().await?), (vec!["Bob".to_owned()], 1));
    Ok(())
}

#[tokio::test]
async fn limit_and_order_behind_the_groups_are_about_groups() -> sqliter::Result<()> {
    let db = books().await;
    let groups = db.select::<Book>().group_by(|b| b.author.name);
    let after = groups.clone().annotate(|_| count()).order(|_| count().desc()).limit(1);
    assert_eq!(after.fetch_all().await?, [("Ada".to_owned(), 3)]);
    let between = groups.limit(1).annotate(|_| count()).order(|_| count().asc());
    assert_eq!(between.fetch_all().await?, [("Bob".to_owned(), 2)]);
    // Without a limit an order has no rows to choose: it sorts the groups.
    let sorted = db.select::<Book>().order(|b| b.author.name.desc()).group_by(|b| b.author.name).annotate(|_| count());
    assert_eq!(sorted.fetch_first().await?, Some(("Bob".to_owned(), 2)));
    let unsorted = db.select::<Book>().order(|b| b.rating.desc()).group_by(|b| b.author_id).annotate(|_| count());
    assert!(matches!(unsorted.fetch_all().await, Err(Error::NotGrouped { .. })));
    let twice = db.select::<Book>().order(|b| b.rating.desc()).limit(3).group_by(|b| b.author_id).annotate(|_| count());
    let undetermined = twice.clone().order(|b| b.rating.asc()).fetch_all().await;
    assert!(matches!(undetermined, Err(Error::NotGrouped { .. })));
    assert_eq!(twice.order(|_| count().desc()).limit(1).fetch_all().await?, [(Author::key(2), 2)]);
    Ok(())
}

#[tokio::test]
async fn the_rows_are_chosen_by_a_subquery() {
    let db = books().await;
    let sql = db.select::<Book>().order(|b| b.rating.desc()).limit(3).annotate(|b| b.rating.avg()).to_sql().unwrap();
    insta::assert_snapshot!(sql, @r#"SELECT AVG(t0."rating") FROM "books" AS t0 WHERE t0."pk" IN (SELECT t1."pk" FROM "books" AS t1 ORDER BY t1."rating" DESC, t1."pk" DESC LIMIT 3)"#);
    let sql = db
        .select::<Book>()
        .filter(|b| b.author.name.eq("Ada"))
        .offset(1)
        .group_by(|b| b.author.name)
        .annotate(|_| count())
        .limit(2)
        .to_sql()
        .unwrap();
    insta::assert_snapshot!(sql, @r#"SELECT t1."name", COUNT(*) FROM "books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" WHERE t0."pk" IN (SELECT t2."pk" FROM "books" AS t2 JOIN "authors" AS t3 ON t3."pk" = t2."author_id" WHERE t3."name" = ? ORDER BY t2."pk" LIMIT -1 OFFSET 1) GROUP BY t1."name" ORDER BY t1."name" LIMIT 2 -- 'Ada'"#);
}
