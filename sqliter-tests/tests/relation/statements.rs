//! The SQL of queries through relations, where its exact form matters.

use super::library::*;
use insta::assert_snapshot;
use sqliter::Select;
use sqliter::bounds::Shape;
use sqliter::prelude::*;

async fn db() -> Db {
    Db::memory().await.unwrap()
}

/// The statement from its FROM on, which is where relations are.
fn from<M: Model, S: Shape<M>>(query: &Select<'_, M, S>) -> String {
    let text = query.to_sql().unwrap().text;
    text.split_once(" FROM ").map(|(_, from)| from.to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_join_is_inner_where_a_filter_needs_the_related_row_and_left_elsewhere() {
    let db = db().await;
    let query = db.select::<Book>();
    assert_snapshot!(from(&query.clone().filter(|b| b.author.name.eq("Ada"))), @r#""books" AS t0 JOIN "authors" AS t1 ON t1."pk" = t0."author_id" WHERE t1."name" = ?"#);
    assert_snapshot!(from(&query.clone().filter(|b| b.editor.name.eq("Ada"))), @r#""books" AS t0 JOIN "authors" AS t1 ON t1."pk" = t0."editor_id" WHERE t1."name" = ?"#);
    // A filter that is true without the related row keeps the rows that have none.
    assert_snapshot!(from(&query.clone().filter(|b| b.author.name.eq("Ada") | b.pages.gt(1))), @r#""books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" WHERE t1."name" = ? OR t0."pages" > ?"#);
    assert_snapshot!(from(&query.clone().filter(|b| !b.author.name.eq("Ada"))), @r#""books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" WHERE (t1."name" = ?) IS NOT TRUE"#);
    assert_snapshot!(from(&query.clone().filter(|b| b.author.name.not_in([] as [&str; 0]))), @r#""books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" WHERE t1."name" NOT IN rarray(?)"#);
    // What is loaded loses no row, however required its key is: other programs delete rows that are referred to.
    assert_snapshot!(from(&query.clone().select_related(|b| b.publisher.with(|p| p.country))), @r#""books" AS t0 LEFT JOIN "publishers" AS t1 ON t1."pk" = t0."publisher_id" LEFT JOIN "countries" AS t2 ON t2."code" = t1."country_id""#);
    // So is the other side of a unique key.
    assert_snapshot!(from(&db.select::<Author>().select_related(|a| a.profile)), @r#""authors" AS t0 LEFT JOIN "profiles" AS t1 ON t1."author_id" = t0."pk""#);
    // Whether a nullable key is set needs no join.
    assert_snapshot!(from(&query.filter(|b| b.editor.is_null() & b.author.mentor.is_not_null())), @r#""books" AS t0 JOIN "authors" AS t1 ON t1."pk" = t0."author_id" WHERE t0."editor_id" IS NULL AND t1."mentor_id" IS NOT NULL"#);
}

#[tokio::test]
async fn one_join_for_a_path_however_often_it_is_used() {
    let db = db().await;
    let query = db
        .select::<Comment>()
        .filter(|c| c.book.author.name.eq("Ada") & c.number.gt(1))
        .filter(|c| !(c.book.author.name.eq("Bob") | c.book.editor.name.eq("Bob")))
        .order(|c| (c.book.author.name.asc(), c.book.title.desc()))
        .select_related(|c| c.book.with(|b| (b.author, b.editor)))
        .limit(2);
    assert_snapshot!(query.to_sql().unwrap().text, @r#"SELECT t0."pk", t0."number", t0."position", t0."book_id", t1."pk", t1."title", t1."pages", t1."author_id", t1."editor_id", t1."publisher_id", t2."pk", t2."name", t2."mentor_id", t3."pk", t3."name", t3."mentor_id" FROM "comments" AS t0 JOIN "books" AS t1 ON t1."pk" = t0."book_id" JOIN "authors" AS t2 ON t2."pk" = t1."author_id" LEFT JOIN "authors" AS t3 ON t3."pk" = t1."editor_id" WHERE t2."name" = ? AND t0."number" > ? AND (t2."name" = ? OR t3."name" = ?) IS NOT TRUE ORDER BY t2."name", t1."title" DESC, t0."pk" DESC LIMIT 2"#);
    let own = db.select::<Comment>().filter(|c| c.number.gt(1)).order(|c| c.number.asc());
    assert_snapshot!(own.to_sql().unwrap().text, @r#"SELECT "pk", "number", "position", "book_id" FROM "comments" WHERE "number" > ? ORDER BY "number", "pk""#);
}

#[tokio::test]
async fn any_none_all_and_count_are_subqueries() {
    let db = db().await;
    let authors = db.select::<Author>();
    assert_snapshot!(from(&authors.clone().filter(|a| a.books.any(|b| b.pages.gt(300)))), @r#""authors" AS t0 WHERE +EXISTS (SELECT 1 FROM "books" AS t1 WHERE t1."author_id" = t0."pk" AND t1."pages" > ?)"#);
    assert_snapshot!(from(&authors.clone().filter(|a| a.books.none(|b| b.pages.gt(300) | b.editor.name.eq("Bob")))), @r#""authors" AS t0 WHERE NOT EXISTS (SELECT 1 FROM "books" AS t1 LEFT JOIN "authors" AS t2 ON t2."pk" = t1."editor_id" WHERE t1."author_id" = t0."pk" AND (t1."pages" > ? OR t2."name" = ?))"#);
    assert_snapshot!(from(&authors.clone().filter(|a| a.books.all(|b| b.tags.any(|t| t.name.eq("x"))))), @r#""authors" AS t0 WHERE NOT EXISTS (SELECT 1 FROM "books" AS t1 WHERE t1."author_id" = t0."pk" AND (+EXISTS (SELECT 1 FROM "books_tags" AS j2 JOIN "tags" AS t2 ON t2."pk" = j2."tags_pk" WHERE j2."books_pk" = t1."pk" AND t2."name" = ?)) IS NOT TRUE)"#);
    assert_snapshot!(from(&authors.filter(|a| a.books.count().ge(2)).order(|a| a.edited.count().desc())), @r#""authors" AS t0 WHERE (SELECT COUNT(*) FROM "books" AS t1 WHERE t1."author_id" = t0."pk") >= ? ORDER BY (SELECT COUNT(*) FROM "books" AS t2 WHERE t2."editor_id" = t0."pk") DESC, t0."pk" DESC"#);
    assert_snapshot!(from(&db.select::<Comment>().filter(|c| c.book.tags.any(|t| t.name.eq("x")))), @r#""comments" AS t0 JOIN "books" AS t1 ON t1."pk" = t0."book_id" WHERE t1."pk" IN (SELECT j2."books_pk" FROM "books_tags" AS j2 JOIN "tags" AS t2 ON t2."pk" = j2."tags_pk" WHERE t2."name" = ?)"#);
    assert_snapshot!(from(&db.select::<Person>().filter(|p| p.friends.any(|f| f.name.eq("x")))), @r#""people" AS t0 WHERE +EXISTS (SELECT 1 FROM "friends" AS j1 JOIN "people" AS t1 ON t1."pk" = CASE t0."pk" WHEN j1."people_pk_left" THEN j1."people_pk_right" ELSE j1."people_pk_left" END WHERE (j1."people_pk_left" = t0."pk" OR j1."people_pk_right" = t0."pk") AND t1."name" = ?)"#);
    assert_snapshot!(from(&db.select::<Person>().filter(|p| p.followers.count().eq(1))), @r#""people" AS t0 WHERE (SELECT COUNT(*) FROM "follows" AS j1 JOIN "people" AS t1 ON t1."pk" = j1."people_pk_left" WHERE j1."people_pk_right" = t0."pk") = ?"#);
}

#[tokio::test]
async fn rows_equal_in_the_order_come_in_the_order_of_the_key_of_the_root() {
    let db = db().await;
    let query = db.select::<Book>().select_related(|b| b.author).order(|b| b.title.desc()).limit(3);
    assert_snapshot!(from(&query), @r#""books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" ORDER BY t0."title" DESC, t0."pk" DESC LIMIT 3"#);
    assert_snapshot!(from(&db.select::<Book>().order(|b| b.author.name.asc()).offset(1)), @r#""books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" ORDER BY t1."name", t0."pk" LIMIT -1 OFFSET 1"#);
}

#[tokio::test]
async fn joins_only_for_loading_select_the_columns_of_the_models_in_turn() {
    let db = db().await;
    let query = db.select::<Publisher>().select_related(|p| p.country);
    assert_snapshot!(query.to_sql().unwrap().text, @r#"SELECT t0."pk", t0."name", t0."founded", t0."country_id", t1."code", t1."name" FROM "publishers" AS t0 LEFT JOIN "countries" AS t1 ON t1."code" = t0."country_id""#);
}

#[tokio::test]
async fn relations_are_reached_by_their_indexes() {
    let Library { db, .. } = library().await.unwrap();
    let sql = db.select::<Author>().filter(|a| a.books.any(|b| b.tags.any(|t| t.name.eq("x")))).to_sql().unwrap();
    let plan: Vec<(i64, i64, i64, String)> =
        sqliter::sqlx::query_as(sqliter::sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.text)))
            .bind("x")
            .fetch_all(&db.pool())
            .await
            .unwrap();
    let scans: Vec<&str> = plan.iter().map(|step| step.3.as_str()).filter(|step| step.starts_with("SCAN")).collect();
    // Only the tags, whose name has no index.
    assert_eq!(scans, ["SCAN t2"]);
    // A filter at the end of a path is where SQLite begins.
    let comments = db.select::<Comment>().filter(|c| c.book.author.pk.eq(Author::key(1)) & c.number.gt(0));
    let plan = comments.select_related(|c| c.book.with(|b| b.author)).explain().await.unwrap().to_string();
    assert!(plan.starts_with("SEARCH t2 USING INTEGER PRIMARY KEY") && !plan.contains("SCAN"), "{plan}");
}
