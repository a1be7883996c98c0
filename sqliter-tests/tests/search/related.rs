//! Searches of related rows.

use sqliter::prelude::*;

use super::library::*;

async fn authors() -> sqliter::Result<Db> {
    let db = library().await?;
    for (name, titles) in [("Émile", ["Green apple", "Red pear"]), ("Bea", ["Red apple", "Blue plum"])] {
        let author = db.insert(Author::builder().name(name)).await?;
        db.bulk_insert(titles.map(|title| Book::builder().title(title).author_id(&author))).await?;
    }
    Ok(db)
}

#[tokio::test]
async fn rows_are_found_by_related_rows_that_match() -> sqliter::Result<()> {
    let db = authors().await?;
    let chain = db.select::<Author>().filter(|a| a.books.any(|b| b.search.matches("pear"))).only(|a| a.name);
    assert_eq!(
        chain.to_sql()?.text,
        r#"SELECT t0."name" FROM "authors" AS t0 WHERE t0."pk" IN (SELECT t1."author_id" FROM "books" AS t1 WHERE "#
            .to_owned()
            + r#"t1."pk" IN (SELECT rowid FROM "books_search" WHERE "books_search" MATCH ?) AND t1."deleted_at" IS NULL)"#
    );
    assert_eq!(chain.fetch_all().await?, ["Émile"]);
    let none =
        db.select::<Author>().filter(|a| a.books.none(|b| b.search.matches("pear"))).only(|a| a.name).fetch_all();
    assert_eq!(none.await?, ["Bea"]);
    let counts =
        db.select::<Author>().only(|a| a.books.matching(|b| b.search.matches("red")).count()).fetch_all().await?;
    assert_eq!(counts, [1, 1]);
    Ok(())
}

#[tokio::test]
async fn rows_are_found_by_the_row_that_they_refer_to() -> sqliter::Result<()> {
    let db = authors().await?;
    let books = db
        .select::<Book>()
        .filter(|b| b.author.search.matches("emile") & b.search.matches("apple"))
        .fields(|b| (b.title, b.author.search.name.highlight("<", ">"), b.search.rank(), b.author.search.rank()))
        .fetch_all()
        .await?;
    let [(title, author, rank, authors_rank)]: [(String, Option<String>, f64, Option<f64>); 1] =
        books.try_into().unwrap();
    assert_eq!((title.as_str(), author.as_deref()), ("Green apple", Some("<Émile>")));
    assert!(rank < 0.0 && authors_rank.is_some());
    Ok(())
}

#[tokio::test]
async fn prefetched_rows_are_searched_and_sorted() -> sqliter::Result<()> {
    let db = authors().await?;
    let authors = db
        .select::<Author>()
        .prefetch_related(|a| a.books.filter(|b| b.search.matches("red")).order(|b| b.search.rank().asc()))
        .fetch_all()
        .await?;
    let titles: Vec<Vec<String>> =
        authors.into_iter().map(|(_, books)| books.into_iter().map(|book: Book| book.title).collect()).collect();
    assert_eq!(titles, [["Red pear"], ["Red apple"]]);
    // The best one of each.
    let best = db
        .select::<Author>()
        .prefetch_related(|a| {
            let red = a.books.filter(|b| b.search.matches(sqliter::search::any("red apple")));
            red.order(|b| b.search.rank().asc()).limit(1)
        })
        .fetch_all()
        .await?;
    let titles: Vec<usize> = best.into_iter().map(|(_, books)| books.len()).collect();
    assert_eq!(titles, [1, 1]);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Author)]
struct Found {
    name: String,
    #[view(
        filter = |b| b.search.matches(sqliter::search::any("red apple")),
        order = |b| (b.search.weighted_rank([b.search.title.weight(3.0)]).asc(), b.title.desc()),
        limit = 1,
    )]
    books: Vec<Hit>,
}

#[derive(Debug, PartialEq, View)]
#[view(Book)]
struct Hit {
    #[view(with = |b| b.search.title.highlight("<", ">"))]
    title: String,
    #[view(with = |b| b.search.snippet("<", ">", "…", 4))]
    piece: Option<String>,
}

/// SQLite says them while it reads a row, and not behind the window by which the rows of each row are limited.
#[tokio::test]
async fn pieces_of_the_best_related_rows_are_loaded() -> sqliter::Result<()> {
    let db = authors().await?;
    let found = db.select::<Author>().order(|a| a.pk.asc()).view::<Found>().fetch_all().await?;
    let titles: Vec<&str> = found.iter().flat_map(|author| &author.books).map(|hit| hit.title.as_str()).collect();
    assert_eq!(titles, ["<Red> pear", "<Red> <apple>"]);
    assert!(found.iter().flat_map(|author| &author.books).all(|hit| hit.piece.is_some()));
    Ok(())
}
