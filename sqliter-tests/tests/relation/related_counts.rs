//! Counts and other aggregates of related rows, beside each row.

use super::library::*;
use sqliter::Value;
use sqliter::prelude::*;

#[tokio::test]
async fn related_rows_are_counted_per_row_and_none_is_zero() {
    let Library { db, .. } = library().await.unwrap();
    let authors: Vec<(Author, i64)> = db.select::<Author>().with_count(|a| a.books).fetch_all().await.unwrap();
    let counts: Vec<_> = authors.iter().map(|(a, n)| (a.name.as_str(), *n)).collect();
    assert_eq!(counts, [("Ada", 2), ("Bob", 2), ("Cleo", 0)]);
    let books = db.select::<Book>().with_count(|b| b.tags).order(|b| b.pk.asc()).fetch_all().await.unwrap();
    assert_eq!(books.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2, 0, 1, 0]);
    let tags = db.select::<Tag>().with_count(|t| t.books).order(|t| t.name.asc()).fetch_all().await.unwrap();
    assert_eq!(tags.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn the_count_is_called_count_in_dictionaries() {
    let Library { db, .. } = library().await.unwrap();
    let rows = db.select::<Tag>().with_count(|t| t.books).order(|t| t.pk.asc()).fetch_dicts().await.unwrap();
    let json = serde_json::to_string(&rows[..1]).unwrap();
    assert_eq!(json, r#"[{"pk":1,"name":"rust","count":1}]"#);
    let named = db.select::<Tag>().with_values(|t| t.books.count().alias("books")).fetch_dicts().await.unwrap();
    assert_eq!(named[0].get("books"), Some(&Value::Integer(1)));
}

#[tokio::test]
async fn a_path_may_lead_over_to_one_relations_which_lose_no_row() {
    let Library { db, .. } = library().await.unwrap();
    let by_author = db.select::<Book>().with_count(|b| b.author.books).order(|b| b.pk.asc()).fetch_all().await.unwrap();
    assert_eq!(by_author.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2, 2, 2, 2]);
    // Notes has neither an editor nor a publisher.
    let by_country = db.select::<Book>().with_count(|b| b.publisher.country.publishers).order(|b| b.pk.asc());
    let counts: Vec<i64> = by_country.fetch_all().await.unwrap().into_iter().map(|(_, n)| n).collect();
    assert_eq!(counts, [1, 0, 1, 1]);
}

#[tokio::test]
async fn a_path_over_several_to_many_relations_counts_ways_or_rows() {
    let Library { db, notes, rust, .. } = library().await.unwrap();
    notes.tags(&db).add([&rust]).await.unwrap();
    let ways = db.select::<Author>().with_count(|a| a.books.then(|b| b.tags)).order(|a| a.pk.asc());
    let rows = db.select::<Author>().with_count(|a| a.books.then(|b| b.tags).distinct()).order(|a| a.pk.asc());
    let numbers = |rows: Vec<(Author, i64)>| rows.into_iter().map(|(_, n)| n).collect::<Vec<_>>();
    // Ada's Emma has both tags, her Notes one of them.
    assert_eq!(numbers(ways.fetch_all().await.unwrap()), [3, 1, 0]);
    assert_eq!(numbers(rows.fetch_all().await.unwrap()), [2, 1, 0]);
    // To-one relations may come between.
    let comments = db
        .select::<Tag>()
        .with_values(|t| t.books.then(|b| b.author.books).then(|b| b.comments).count())
        .order(|t| t.name.asc());
    let counts: Vec<i64> = comments.fetch_all().await.unwrap().into_iter().map(|(_, n)| n).collect();
    // rust: Emma and Notes, of Ada's two books three comments each; sql: Emma's three, and of Bob's two books one.
    assert_eq!(counts, [6, 4]);
}

#[tokio::test]
async fn one_path_may_be_counted_twice_and_be_a_filter_and_an_order() {
    let Library { db, .. } = library().await.unwrap();
    let authors: Vec<(Author, i64, i64)> = db
        .select::<Author>()
        .filter(|a| a.books.count().gt(0))
        .with_count(|a| a.books)
        .with_count(|a| a.books)
        .order(|a| (a.books.count().desc(), a.name.desc()))
        .limit(1)
        .fetch_all()
        .await
        .unwrap();
    assert_eq!((authors[0].0.name.as_str(), authors[0].1, authors[0].2), ("Bob", 2, 2));
    assert_eq!(authors.len(), 1);
    let by_number = db.select::<Author>().with_count(|a| a.books).order(|a| (a.books.count().asc(), a.pk.asc()));
    let second: Vec<(Author, i64)> = by_number.clone().limit(1).offset(1).fetch_all().await.unwrap();
    assert_eq!((second.len(), second[0].0.name.as_str(), second[0].1), (1, "Ada", 2));
    assert_eq!(by_number.filter(|a| a.books.count().eq(0)).count().await.unwrap(), 1);
}

#[tokio::test]
async fn counts_and_sums_of_several_relations_do_not_inflate_each_other() {
    let Library { db, .. } = library().await.unwrap();
    let books: Vec<(Book, i64, i64, Option<i64>)> = db
        .select::<Book>()
        .with_count(|b| b.tags)
        .with_count(|b| b.comments)
        .with_values(|b| b.comments.aggregate(|c| c.number.sum()))
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let numbers: Vec<_> = books.iter().map(|(_, tags, comments, sum)| (*tags, *comments, *sum)).collect();
    assert_eq!(numbers, [(2, 3, Some(11)), (0, 0, None), (1, 1, Some(1)), (0, 0, None)]);
}

#[tokio::test]
async fn a_symmetrical_relation_is_counted_from_both_sides() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Person>().await.unwrap();
    let people = db.bulk_insert(["A", "B", "C"].map(|name| Person::builder().name(name))).await.unwrap();
    people[0].friends(&db).add([&people[1]]).await.unwrap();
    people[2].friends(&db).add([&people[0]]).await.unwrap();
    people[1].follows(&db).add([&people[0], &people[2]]).await.unwrap();
    let counts: Vec<(Person, i64, i64, i64)> = db
        .select::<Person>()
        .with_count(|p| p.friends)
        .with_count(|p| p.followers)
        .with_count(|p| p.friends.then(|f| f.friends).distinct())
        .order(|p| p.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let numbers: Vec<_> = counts.iter().map(|(_, a, b, c)| (*a, *b, *c)).collect();
    assert_eq!(numbers, [(2, 1, 1), (1, 0, 2), (1, 1, 2)]);
}

#[tokio::test]
async fn counts_stand_beside_joined_and_prefetched_relations() {
    let Library { db, .. } = library().await.unwrap();
    let rows: Vec<(Book, Author, i64, Vec<Tag>)> = db
        .select::<Book>()
        .select_related(|b| b.author)
        .with_count(|b| b.comments)
        .prefetch_related(|b| b.tags)
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let (book, author, comments, tags) = &rows[0];
    assert_eq!((book.title.as_str(), author.name.as_str(), *comments, tags.len()), ("Emma", "Ada", 3, 2));
}

#[tokio::test]
async fn aggregates_of_related_rows_have_conditions_and_types_of_their_own() {
    let Library { db, .. } = library().await.unwrap();
    let rows: Vec<(String, Option<i64>, i64, Option<String>, Option<f64>)> = db
        .select::<Author>()
        .fields(|a| {
            (
                a.name,
                a.books.aggregate(|b| b.pages.max()),
                a.books.aggregate(|b| count().filter(b.pages.gt(100))),
                a.books.aggregate(|b| b.publisher.name.min()),
                a.books.aggregate(|b| b.pages.sum() / b.comments.count().sum()) * 1.0,
            )
        })
        .order(|a| a.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(rows[0], ("Ada".to_owned(), Some(474), 1, text("Murray"), Some(180.0)));
    assert_eq!(rows[1], ("Bob".to_owned(), Some(730), 1, text("Knopf"), Some(740.0)));
    assert_eq!(rows[2], ("Cleo".to_owned(), None, 0, None, None));
    let busy = db.select::<Author>().filter(|a| a.books.aggregate(|b| b.pages.sum()).gt(600)).only(|a| a.name);
    assert_eq!(busy.fetch_all().await.unwrap(), ["Bob"]);
}

#[tokio::test]
async fn an_update_can_set_what_related_rows_amount_to() {
    let Library { db, .. } = library().await.unwrap();
    let changed = db.select::<Book>().update(|b| b.pages.set(b.comments.aggregate(|c| c.number.sum()).coalesce(0)));
    assert_eq!(changed.await.unwrap(), 4);
    let pages = db.select::<Book>().order(|b| b.pk.asc()).only(|b| b.pages).fetch_all().await.unwrap();
    assert_eq!(pages, [11, 0, 1, 0]);
}

#[tokio::test]
async fn the_subquery_of_a_count_is_as_short_as_it_can_be() {
    let Library { db, .. } = library().await.unwrap();
    let sql = |query: sqliter::Result<sqliter::bounds::Sql>| query.unwrap().text;
    assert_eq!(
        sql(db.select::<Author>().only(|a| a.books.count()).to_sql()),
        r#"SELECT (SELECT COUNT(*) FROM "books" AS t1 WHERE t1."author_id" = t0."pk") FROM "authors" AS t0"#
    );
    assert_eq!(
        sql(db.select::<Author>().only(|a| a.books.then(|b| b.tags).distinct().count()).to_sql()),
        r#"SELECT (SELECT COUNT(*) FROM "tags" AS t1 WHERE t1."pk" IN (SELECT t3."pk" FROM "books" AS t2, "books_tags" AS j3 JOIN "tags" AS t3 ON t3."pk" = j3."tags_pk" WHERE t2."author_id" = t0."pk" AND j3."books_pk" = t2."pk")) FROM "authors" AS t0"#
    );
}
