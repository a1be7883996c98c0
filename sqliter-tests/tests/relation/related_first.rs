//! Whether there are related rows, some of them, and the first of them.

use super::library::*;
use insta::assert_snapshot;
use sqliter::Select;
use sqliter::bounds::Shape;
use sqliter::prelude::*;

/// The statement from its FROM on.
fn from<M: Model, S: Shape<M>>(query: &Select<'_, M, S>) -> String {
    let text = query.to_sql().unwrap().text;
    text.split_once(" FROM ").map(|(_, from)| from.to_owned()).unwrap_or_default()
}

async fn names(chain: Select<'_, Author>) -> Vec<String> {
    chain.order(|a| a.name.asc()).only(|a| a.name).fetch_all().await.unwrap()
}

#[tokio::test]
async fn whether_there_are_related_rows() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let authors = db.select::<Author>();
    assert_eq!(names(authors.clone().filter(|a| a.books.exists())).await, ["Ada", "Bob"]);
    assert_eq!(names(authors.clone().filter(|a| a.books.is_empty())).await, ["Cleo"]);
    assert_eq!(names(authors.clone().filter(|a| !a.books.exists() | a.edited.is_empty())).await, ["Ada", "Cleo"]);
    assert_snapshot!(from(&authors.clone().filter(|a| a.books.exists())), @r#""authors" AS t0 WHERE +EXISTS (SELECT 1 FROM "books" AS t1 WHERE t1."author_id" = t0."pk")"#);
    assert_snapshot!(from(&authors.clone().filter(|a| a.books.is_empty())), @r#""authors" AS t0 WHERE NOT EXISTS (SELECT 1 FROM "books" AS t1 WHERE t1."author_id" = t0."pk")"#);
    assert_snapshot!(from(&db.select::<Book>().filter(|b| b.tags.exists())), @r#""books" AS t0 WHERE +EXISTS (SELECT 1 FROM "books_tags" AS j1 WHERE j1."books_pk" = t0."pk")"#);
    let told: Vec<(String, bool)> =
        authors.order(|a| a.name.asc()).fields(|a| (a.name, a.edited.exists())).fetch_all().await?;
    assert_eq!(told.iter().map(|(_, is)| *is).collect::<Vec<_>>(), [false, true, true]);
    // Behind a row that is not there, there are none.
    assert_eq!(db.select::<Book>().filter(|b| b.editor.books.is_empty()).count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn conditions_between_two_hops() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let authors = db.select::<Author>().order(|a| a.name.asc());
    let long: Vec<(Author, i64)> =
        authors.clone().with_count(|a| a.books.matching(|b| b.pages.gt(400))).fetch_all().await?;
    assert_eq!(long.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 1, 0]);
    let tags = authors.clone().only(|a| {
        let tags = a.books.matching(|b| b.pages.gt(400) & b.author.name.ne("Cleo")).then(|b| b.tags);
        tags.matching(|t| t.name.ge("a") & t.name.ne(outer(a.name))).count()
    });
    assert_snapshot!(tags.to_sql()?.text, @r#"SELECT (SELECT COUNT(*) FROM "books" AS t1 LEFT JOIN "authors" AS t2 ON t2."pk" = t1."author_id", "books_tags" AS j3 JOIN "tags" AS t3 ON t3."pk" = j3."tags_pk" WHERE t1."author_id" = t0."pk" AND (t1."pages" > ? AND t2."name" <> ?) AND j3."books_pk" = t1."pk" AND (t3."name" >= ? AND t3."name" <> t0."name")) FROM "authors" AS t0 ORDER BY t0."name", t0."pk""#);
    let all: Vec<i64> = authors.clone().only(|a| a.books.then(|b| b.tags).count()).fetch_all().await?;
    assert_eq!((tags.fetch_all().await?, all), (vec![2, 1, 0], vec![2, 1, 0]));
    let none: Vec<i64> = authors
        .clone()
        .only(|a| a.books.matching(|b| b.pages.lt(400)).then(|b| b.tags).distinct().count())
        .fetch_all()
        .await?;
    assert_eq!(none, [0, 0, 0]);
    let twice: Vec<i64> = authors
        .only(|a| a.books.matching(|b| b.pages.gt(50)).matching(|b| b.pages.lt(400)).count())
        .fetch_all()
        .await?;
    assert_eq!(twice.len(), 3);
    Ok(())
}

#[tokio::test]
async fn the_first_related_row_is_selected_filtered_and_sorted_by() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let authors = db.select::<Author>().order(|a| a.name.asc());
    let longest: Vec<(Author, Option<String>, Option<i64>)> = authors
        .clone()
        .with_values(|a| {
            let longest = a.books.order(|b| b.pages.desc());
            (longest.clone().first(|b| b.title), longest.first(|b| b.pages + 1))
        })
        .fetch_all()
        .await?;
    let titles: Vec<_> = longest.iter().map(|(_, title, _)| title.as_deref()).collect();
    assert_eq!(titles, [Some("Emma"), Some("Ulysses"), None]);
    let chosen = db.select::<Author>().filter(|a| a.books.order(|b| b.pages.asc()).first(|b| b.title).eq("Notes"));
    assert_snapshot!(from(&chosen), @r#""authors" AS t0 WHERE (SELECT t1."title" FROM "books" AS t1 WHERE t1."author_id" = t0."pk" ORDER BY t1."pages", t1."pk" LIMIT 1) = ?"#);
    assert_eq!(names(chosen).await, ["Ada"]);
    // Some of them, by pairs, with what a joined row has, and with the row around.
    let tag = db.select::<Book>().order(|b| b.pk.asc()).only(|b| {
        b.tags.filter(|t| t.name.ne(outer(b.author.name)) & t.books.exists()).order(|t| t.name.desc()).first(|t| t.name)
    });
    assert_snapshot!(tag.to_sql()?.text, @r#"SELECT (SELECT t2."name" FROM "books_tags" AS j2 JOIN "tags" AS t2 ON t2."pk" = j2."tags_pk" WHERE j2."books_pk" = t0."pk" AND (t2."name" <> t1."name" AND +EXISTS (SELECT 1 FROM "books_tags" AS j3 WHERE j3."tags_pk" = t2."pk")) ORDER BY t2."name" DESC, t2."pk" DESC LIMIT 1) FROM "books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" ORDER BY t0."pk""#);
    let tags: Vec<Option<String>> = tag.fetch_all().await?;
    assert_eq!(tags.iter().flatten().collect::<Vec<_>>(), ["sql", "sql"]);
    let sorted = db.select::<Author>().order(|a| a.books.order(|b| b.title.desc()).first(|b| b.author.name).desc());
    assert_eq!(sorted.only(|a| a.name).fetch_first().await?.as_deref(), Some("Bob"));
    let set = db.select::<Author>().filter(|a| a.books.exists());
    assert_eq!(set.update(|a| a.name.set(a.books.order(|b| b.pages.desc()).first(|b| b.title))).await?, 2);
    assert_eq!(names(db.select::<Author>()).await, ["Cleo", "Emma", "Ulysses"]);
    Ok(())
}
