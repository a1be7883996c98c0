//! Rows of to-many relations joined to the rows that they are related to, as pairs.

use insta::assert_snapshot;
use sqliter::Error;
use sqliter::prelude::*;

use super::library::*;

/// The rows of a model in each of its to-many relations, as pairs and from lists: both must say the same.
macro_rules! same_as_lists {
    ($db:expr, $model:ty: $($relation:ident)+) => {$({
        let chain = $db.select::<$model>().order(|m| m.pk.asc());
        let lists = chain.clone().prefetch_related(|m| m.$relation).fetch_all().await?;
        let mut inner = Vec::new();
        let mut left = Vec::new();
        for (row, related) in lists {
            if related.is_empty() {
                left.push((row.clone(), None));
            }
            for other in related {
                inner.push((row.clone(), other.clone()));
                left.push((row.clone(), Some(other)));
            }
        }
        let name = stringify!($relation);
        let pairs = chain.clone().join_related(|m| m.$relation).order(|_, r| r.pk.asc());
        assert_eq!(pairs.clone().fetch_all().await?, inner, "{name}");
        assert_eq!(pairs.clone().count().await?, inner.len() as u64, "{name}");
        assert_eq!(pairs.clone().exists().await?, !inner.is_empty(), "{name}");
        assert_eq!(pairs.clone().fetch_first().await?.as_ref(), inner.first(), "{name}");
        assert_eq!(pairs.clone().fetch_last().await?.as_ref(), inner.last(), "{name}");
        let mut streamed = Vec::new();
        let mut stream = pairs.clone().fetch_stream();
        while let Some(pair) = stream.next().await {
            streamed.push(pair?);
        }
        assert_eq!(streamed, inner, "{name}");
        let middle: Vec<_> = inner.iter().skip(1).take(2).cloned().collect();
        let some = pairs.clone().offset(1).limit(2);
        assert_eq!(some.clone().fetch_all().await?, middle, "{name}");
        assert_eq!(some.clone().fetch_last().await?.as_ref(), middle.last(), "{name}");
        assert_eq!(some.count().await?, middle.len() as u64, "{name}");
        let backwards: Vec<_> = inner.iter().rev().cloned().collect();
        assert_eq!(pairs.reversed().fetch_all().await?, backwards, "{name}");
        let pairs = chain.clone().left_join_related(|m| m.$relation).order(|_, r| r.pk.asc());
        assert_eq!(pairs.clone().fetch_all().await?, left, "{name}");
        assert_eq!(pairs.clone().count().await?, left.len() as u64, "{name}");
        // The first of each is that of its list.
        let chain = chain.clone();
        let lists = chain.clone().prefetch_related(|m| m.$relation.order(|r| r.pk.desc()).limit(1)).fetch_all().await?;
        let firsts: Vec<_> = lists.into_iter().map(|(row, mut related)| (row, related.pop())).collect();
        assert_eq!(chain.clone().with_first(|m| m.$relation.order(|r| r.pk.desc())).fetch_all().await?, firsts, "{name}");
        let lists = chain.clone().prefetch_related(|m| m.$relation.order(|r| r.pk.desc()).limit(2)).fetch_all().await?;
        let two: Vec<_> = lists.into_iter().flat_map(|(row, related)| {
            related.into_iter().map(move |other| (row.clone(), other))
        }).collect();
        let limited = chain.join_related(|m| m.$relation.order(|r| r.pk.desc()).limit(2)).order(|_, r| r.pk.desc());
        assert_eq!(limited.fetch_all().await?, two, "{name}");
    })+};
}

#[tokio::test]
async fn pairs_are_what_lists_of_related_rows_hold() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    same_as_lists!(db, Author: books edited pupils);
    same_as_lists!(db, Book: tags comments);
    same_as_lists!(db, Tag: books);
    same_as_lists!(db, Publisher: books);
    db.create_table::<Person>().await?;
    let people = db.bulk_insert(["a", "b", "c", "d"].map(|name| Person::builder().name(name))).await?;
    let [a, b, c, d] = &people[..] else { return Ok(()) };
    a.friends(&db).add([a, b, d]).await?;
    c.friends(&db).add([a]).await?;
    a.follows(&db).add([a, b]).await?;
    b.follows(&db).add([a, c]).await?;
    same_as_lists!(db, Person: friends follows followers);
    Ok(())
}

#[tokio::test]
async fn conditions_orders_and_values_are_of_both_sides() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let pairs = db
        .select::<Author>()
        .filter(|a| a.name.ne("Cleo"))
        .join_related(|a| a.books)
        .filter(|a, b| b.pages.lt(700) & a.mentor.name.ne(b.title))
        .order(|a, b| (b.publisher.name.desc(), a.name.asc()));
    assert_snapshot!(pairs.clone().fields(|a, b| (a.name, b.title)).to_sql()?.text, @r#"SELECT t0."name", t1."title" FROM "authors" AS t0 JOIN "books" AS t1 ON t1."author_id" = t0."pk" JOIN "authors" AS t2 ON t2."pk" = t0."mentor_id" LEFT JOIN "publishers" AS t3 ON t3."pk" = t1."publisher_id" WHERE t0."name" <> ? AND t1."pages" < ? AND t2."name" <> t1."title" ORDER BY t3."name" DESC, t0."name", t0."pk", t1."pk""#);
    let names: Vec<(String, String)> = pairs.fields(|a, b| (a.name, b.title)).fetch_all().await?;
    assert_eq!(names, [("Bob".to_owned(), "Zero".to_owned())]);
    let chosen = db.select::<Author>().join_related(|a| a.books).filter_some(Some(100), |_, b, n| b.pages.gt(n));
    let titles: Vec<String> = chosen.clone().order(|_, b| b.title.desc()).only(|_, b| b.title).fetch_all().await?;
    assert_eq!(titles, ["Ulysses", "Emma"]);
    let tagged = chosen.filter(|a, b| b.tags.any(|t| t.name.eq("rust")) & a.books.count().eq(2) & b.author_id.eq(a.pk));
    assert_eq!(tagged.clone().fetch_only().await?.1.title, "Emma");
    assert_eq!(tagged.fetch_dicts().await?[0].get("title"), Some(&sqliter::Value::Text("Emma".to_owned())));
    let none = db.select::<Author>().join_related(|a| a.books).filter(|_, b| b.pages.gt(1000));
    assert!(matches!(none.fetch_required().await, Err(Error::RecordNotFound { .. })));
    Ok(())
}

#[tokio::test]
async fn statements_of_pairs() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let from = |text: String| text.split_once(" FROM ").map(|(_, from)| from.to_owned()).unwrap_or_default();
    let authors = db.select::<Author>();
    let books = db.select::<Book>();
    assert_snapshot!(authors.clone().join_related(|a| a.books).to_sql()?.text, @r#"SELECT t0."pk", t0."name", t0."mentor_id", t1."pk", t1."title", t1."pages", t1."author_id", t1."editor_id", t1."publisher_id" FROM "authors" AS t0 JOIN "books" AS t1 ON t1."author_id" = t0."pk""#);
    assert_snapshot!(from(authors.clone().left_join_related(|a| a.books).limit(3).to_sql()?.text), @r#""authors" AS t0 LEFT JOIN "books" AS t1 ON t1."author_id" = t0."pk" ORDER BY t0."pk", t1."pk" LIMIT 3"#);
    assert_snapshot!(from(authors.clone().left_join_related(|a| a.books.filter(|b| b.pages.gt(300))).to_sql()?.text), @r#""authors" AS t0 LEFT JOIN "books" AS t1 ON t1."author_id" = t0."pk" AND t1."pages" > ?"#);
    assert_snapshot!(from(authors.clone().left_join_related(|a| a.books.filter(|b| b.publisher.name.eq("Knopf"))).to_sql()?.text), @r#""authors" AS t0 LEFT JOIN "books" AS t1 ON t1."pk" IN (SELECT t2."pk" FROM "books" AS t2 JOIN "publishers" AS t3 ON t3."pk" = t2."publisher_id" WHERE t2."author_id" = t0."pk" AND t3."name" = ?)"#);
    assert_snapshot!(from(authors.clone().join_related(|a| a.books.order(|b| b.pages.desc()).limit(2)).to_sql()?.text), @r#""authors" AS t0 JOIN "books" AS t1 ON t1."pk" IN (SELECT t2."pk" FROM "books" AS t2 WHERE t2."author_id" = t0."pk" ORDER BY t2."pages" DESC, t2."pk" DESC LIMIT 2)"#);
    assert_snapshot!(from(authors.clone().with_first(|a| a.books.order(|b| b.pages.desc())).to_sql()?.text), @r#""authors" AS t0 LEFT JOIN "books" AS t1 ON t1."pk" = (SELECT t2."pk" FROM "books" AS t2 WHERE t2."author_id" = t0."pk" ORDER BY t2."pages" DESC, t2."pk" DESC LIMIT 1)"#);
    assert_snapshot!(from(books.clone().join_related(|b| b.tags).to_sql()?.text), @r#""books" AS t0 JOIN "books_tags" AS j1 JOIN "tags" AS t1 ON t1."pk" = j1."tags_pk" AND j1."books_pk" = t0."pk""#);
    assert_snapshot!(from(books.clone().left_join_related(|b| b.tags).to_sql()?.text), @r#""books" AS t0 LEFT JOIN "tags" AS t1 ON t1."pk" IN (SELECT j."tags_pk" FROM "books_tags" AS j WHERE j."books_pk" = t0."pk")"#);
    assert_snapshot!(from(books.clone().join_related(|b| b.author.books).to_sql()?.text), @r#""books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."author_id" JOIN "books" AS t2 ON t2."author_id" = t1."pk""#);
    assert_snapshot!(from(books.clone().with_first(|b| b.tags.order(|t| t.name.desc())).to_sql()?.text), @r#""books" AS t0 LEFT JOIN "tags" AS t1 ON t1."pk" = (SELECT t2."pk" FROM "books_tags" AS j2 JOIN "tags" AS t2 ON t2."pk" = j2."tags_pk" WHERE j2."books_pk" = t0."pk" ORDER BY t2."name" DESC, t2."pk" DESC LIMIT 1)"#);
    assert_snapshot!(from(db.select::<Person>().join_related(|p| p.friends).to_sql()?.text), @r#""people" AS t0 JOIN "people" AS t1 ON t1."pk" IN (SELECT CASE t0."pk" WHEN j."people_pk_left" THEN j."people_pk_right" ELSE j."people_pk_left" END FROM "friends" AS j WHERE (j."people_pk_left" = t0."pk" OR j."people_pk_right" = t0."pk"))"#);
    // A limit before is about the rows of the model, whose order stays.
    let first = books.order(|b| b.title.desc()).limit(2).join_related(|b| b.tags);
    assert_snapshot!(from(first.to_sql()?.text), @r#""books" AS t0 JOIN "books_tags" AS j1 JOIN "tags" AS t1 ON t1."pk" = j1."tags_pk" AND j1."books_pk" = t0."pk" WHERE t0."pk" IN (SELECT t2."pk" FROM "books" AS t2 ORDER BY t2."title" DESC, t2."pk" DESC LIMIT 2) ORDER BY t0."title" DESC, t0."pk" DESC, t1."pk" DESC"#);
    let found: Vec<(String, String)> = first.fields(|b, t| (b.title, t.name)).fetch_all().await?;
    assert_eq!(found, [("Ulysses".to_owned(), "sql".to_owned())]);
    Ok(())
}

/// Of three authors by name, two: what chooses pairs chooses among those of these two, whether there are several for each or one.
#[tokio::test]
async fn a_limit_before_is_about_the_rows_whatever_is_joined() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let two = db.select::<Author>().order(|a| a.name.asc()).limit(2);
    let names =
        |pairs: Vec<(Author, Option<Book>)>| pairs.into_iter().map(|(author, _)| author.name).collect::<Vec<_>>();
    let all = two.clone().left_join_related(|a| a.books);
    assert_eq!(names(all.filter(|a, _| a.name.ne("Ada")).fetch_all().await?), ["Bob", "Bob"]);
    let single = two.clone().left_join_related(|a| a.books.order(|b| b.pages.desc()).limit(1));
    assert_eq!(names(single.clone().filter(|a, _| a.name.ne("Ada")).fetch_all().await?), ["Bob"]);
    assert_eq!(names(single.clone().reorder(|a, _| a.name.desc()).fetch_all().await?), ["Bob", "Ada"]);
    assert_eq!(single.clone().filter(|a, _| a.name.ne("Ada")).count().await?, 1);
    assert_eq!(names(single.limit(1).fetch_all().await?), ["Ada"]);
    // The first beside each row leaves the chain as it was: its limit is one of all that comes.
    let first = two.with_first(|a| a.books).filter(|a| a.name.ne("Ada"));
    assert_eq!(names(first.fetch_all().await?), ["Bob", "Cleo"]);
    Ok(())
}

#[tokio::test]
async fn conditions_in_the_relation_keep_rows_that_have_none() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let told = |pairs: Vec<(Author, Option<Book>)>| -> Vec<(String, Option<String>)> {
        pairs.into_iter().map(|(author, book)| (author.name, book.map(|book| book.title))).collect()
    };
    let text = |name: &str, title: Option<&str>| (name.to_owned(), title.map(ToOwned::to_owned));
    let authors = db.select::<Author>().order(|a| a.name.asc());
    let long = authors.clone().left_join_related(|a| a.books.filter(|b| b.pages.lt(100)));
    let expected = [text("Ada", Some("Notes")), text("Bob", Some("Zero")), text("Cleo", None)];
    assert_eq!(told(long.clone().fetch_all().await?), expected);
    let none: Vec<String> = long.filter(|_, b| b.title.is_null()).only(|a, _| a.name).fetch_all().await?;
    assert_eq!(none, ["Cleo"]);
    // By a joined row, and by the row around.
    let britain = authors.clone().left_join_related(|a| {
        a.books.filter(|b| b.publisher.country.code.eq("GB") & b.title.ne(outer(a.mentor.name)))
    });
    let expected = [text("Ada", None), text("Bob", Some("Zero")), text("Cleo", None)];
    assert_eq!(told(britain.fetch_all().await?), expected);
    let own = authors.left_join_related(|a| a.books.filter(|b| b.title.gt(outer(a.name)) & b.pages.gt(500)));
    assert_eq!(told(own.fetch_all().await?), [text("Ada", None), text("Bob", Some("Ulysses")), text("Cleo", None)]);
    Ok(())
}

#[tokio::test]
async fn the_first_rows_beside_each_row_come_by_one_statement() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let authors = db.select::<Author>().order(|a| a.name.asc());
    let both = authors
        .clone()
        .with_first(|a| a.books.order(|b| b.pages.desc()))
        .with_count(|a| a.books)
        .with_first(|a| a.books.order(|b| b.pages.asc()))
        .with_first(|a| a.edited.filter(|b| b.pages.gt(100)));
    let rows: Vec<(Author, Option<Book>, i64, Option<Book>, Option<Book>)> =
        counted(&db, 1, both.clone().fetch_all()).await?;
    let title = |book: &Option<Book>| book.as_ref().map_or("", |book| &book.title).to_owned();
    let told: Vec<_> = rows.iter().map(|(_, a, n, b, c)| (title(a), *n, title(b), title(c))).collect();
    let expected = [("Emma", 2, "Notes", ""), ("Ulysses", 2, "Zero", "Emma"), ("", 0, "", "Ulysses")];
    assert_eq!(told, expected.map(|(a, n, b, c)| (a.to_owned(), n, b.to_owned(), c.to_owned())));
    // Each row comes once: pages, maps and counts are those of the rows.
    let page = both.clone().page_after(None, 2).with_total().await?;
    assert_eq!((page.rows.as_slice(), page.total), (&rows[..2], Some(3)));
    assert_eq!(both.clone().page_after(page.next, 2).await?.rows, rows[2..]);
    assert_eq!(both.clone().fetch_map().await?.len(), 3);
    assert_eq!(both.count().await?, 3);
    // To filter and sort by several columns of it.
    let longest = authors.left_join_related(|a| a.books.order(|b| b.pages.desc()).limit(1));
    let sorted = longest.filter(|_, b| b.pages.gt(0) & b.title.ne("Persuasion")).reorder(|_, b| b.pages.desc());
    let names: Vec<String> = sorted.only(|a, _| a.name).fetch_all().await?;
    assert_eq!(names, ["Bob", "Ada"]);
    // Beside what is loaded besides.
    let all = db.select::<Book>().select_related(|b| b.author).prefetch_related(|b| b.tags).with_first(|b| b.comments);
    let all: Vec<(Book, Author, Vec<Tag>, Option<Comment>)> = all.order(|b| b.title.asc()).fetch_all().await?;
    assert_eq!(
        all.iter().map(|(.., comment)| comment.as_ref().map(|c| c.number)).collect::<Vec<_>>(),
        [Some(5), None, Some(1), None]
    );
    let pairs: Vec<(Book, Vec<Comment>, Tag)> =
        db.select::<Book>().prefetch_related(|b| b.comments).join_related(|b| b.tags).fetch_all().await?;
    assert_eq!(pairs.iter().map(|(_, comments, _)| comments.len()).collect::<Vec<_>>(), [3, 3, 1]);
    Ok(())
}

#[tokio::test]
async fn columns_of_joined_rows_do_not_leave_their_chain() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let mut taken = None;
    let pairs = db.select::<Author>().join_related(|a| a.books).filter(|_, b| {
        taken = Some(b.title);
        b.pages.gt(1)
    });
    assert_eq!(pairs.count().await?, 4);
    let Some(title) = taken else { return Ok(()) };
    let strange = db.select::<Author>().filter(|_| title.eq("Emma")).count().await;
    assert!(matches!(&strange, Err(Error::NotInQuery { table, .. }) if table == "books"), "{strange:?}");
    Ok(())
}
