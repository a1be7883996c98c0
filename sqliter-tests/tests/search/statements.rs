//! The statements of searches, and what they say of the rows that match.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::window::row_number;
use sqliter::{Error, search};

use super::library::*;

async fn shelf() -> sqliter::Result<Db> {
    let db = library().await?;
    let rows = [
        ("Whales", "a whale is no fish", 3),
        ("Fish", "fish swim with fish", 20),
        ("Birds", "some birds eat fish", 12),
        ("Stones", "they do nothing", 9),
    ];
    db.bulk_insert(rows.map(|(title, body, pages)| Book::builder().title(title).body(body).pages(pages))).await?;
    Ok(db)
}

#[tokio::test]
async fn a_filter_alone_is_a_list_of_keys() -> sqliter::Result<()> {
    let db = shelf().await?;
    let chain = db.select::<Book>().filter(|b| b.search.matches("fish") & b.pages.gt(5)).only(|b| b.title);
    assert_eq!(
        chain.to_sql()?.text,
        r#"SELECT "title" FROM "books" WHERE "pk" IN (SELECT rowid FROM "books_search" WHERE "books_search" MATCH ?) "#
            .to_owned()
            + r#"AND "pages" > ? AND "deleted_at" IS NULL"#
    );
    assert_eq!(chain.fetch_all().await?.len(), 2);
    let either = db.select::<Book>().filter(|b| b.search.title.matches("whales") | b.pages.eq(9));
    assert_eq!(either.clone().count().await?, 2);
    assert_eq!(db.select::<Book>().filter(|b| !b.search.matches("fish")).count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_a_search_says_of_a_row_joins_it() -> sqliter::Result<()> {
    let db = shelf().await?;
    let chain = db
        .select::<Book>()
        .search(|b| b.search.matches("fish"))
        .fields(|b| (b.title, b.search.rank(), b.search.body.highlight("[", "]")))
        .limit(2);
    assert_eq!(
        chain.to_sql()?.text,
        r#"SELECT t0."title", +s0."rank", highlight(s0."books_search", 1, ?, ?) FROM "books" AS t0 "#.to_owned()
            + r#"JOIN "books_search" AS s0 ON s0.rowid = t0."pk" WHERE s0."books_search" MATCH ? AND t0."deleted_at" IS NULL "#
            + r#"ORDER BY +s0."rank", t0."pk" LIMIT 2"#
    );
    let rows: Vec<(String, f64, Option<String>)> = chain.fetch_all().await?;
    assert_eq!(rows[0].0, "Fish");
    assert_eq!(rows[0].2.as_deref(), Some("[fish] swim with [fish]"));
    assert!(rows[0].1 < rows[1].1 && rows[1].1 < 0.0, "{rows:?}");
    Ok(())
}

#[tokio::test]
async fn weights_say_which_column_counts() -> sqliter::Result<()> {
    let db = library().await?;
    db.insert(Book::builder().title("apple").body("pear pear pear pear")).await?;
    db.insert(Book::builder().title("pear").body("apple apple apple apple")).await?;
    db.bulk_insert((0..6).map(|i| Book::builder().title(format!("other {i}")))).await?;
    let first = async |title: f64, body: f64| {
        db.select::<Book>()
            .filter(|b| b.search.matches("apple"))
            .order(|b| b.search.weighted_rank([b.search.title.weight(title), b.search.body.weight(body)]).asc())
            .only(|b| b.title)
            .fetch_first()
            .await
    };
    assert_eq!(first(100.0, 1.0).await?.as_deref(), Some("apple"));
    assert_eq!(first(0.0, 1.0).await?.as_deref(), Some("pear"));
    assert!(matches!(first(f64::NAN, 1.0).await, Err(Error::Encode { .. })));
    Ok(())
}

#[tokio::test]
async fn snippets_are_pieces_of_the_text() -> sqliter::Result<()> {
    let db = library().await?;
    let long = format!("{}needle {}", "hay ".repeat(50), "straw ".repeat(50));
    db.insert(Book::builder().title("needle").body(long)).await?;
    db.insert(Book::builder().title("needle only")).await?;
    let rows: Vec<(Option<String>, String, Option<String>)> = db
        .select::<Book>()
        .filter(|b| b.search.matches("needle"))
        .order(|b| b.pk.asc())
        .fields(|b| {
            (
                b.search.body.snippet("<", ">", "…", 3),
                b.search.title.snippet("<", ">", "…", 0),
                b.search.snippet("<", ">", "…", 255),
            )
        })
        .fetch_all()
        .await?;
    assert_eq!(rows[0].0.as_deref(), Some("…hay <needle> straw…"));
    assert_eq!(rows[0].1, "<needle>");
    assert!(rows[0].2.as_ref().is_some_and(|text| text.contains("<needle>")));
    assert_eq!((rows[1].0.as_deref().unwrap_or_default(), &*rows[1].1), ("", "<needle>…"));
    Ok(())
}

#[tokio::test]
async fn what_is_said_of_matches_needs_a_search() -> sqliter::Result<()> {
    let db = shelf().await?;
    let not_searched = |result: Result<_, Error>| match result {
        Err(Error::NotSearched { table, value }) => (table, value),
        other => panic!("{other:?}"),
    };
    let all = db.select::<Book>().order(|b| b.search.rank().asc());
    assert_eq!(not_searched(all.fetch_all().await.map(drop)), ("books".to_owned(), "rank".to_owned()));
    let either = db.select::<Book>().filter(|b| b.search.matches("fish") | b.pages.gt(1));
    let either = either.only(|b| b.search.body.snippet("", "", "", 9)).fetch_all().await;
    assert_eq!(not_searched(either.map(drop)).1, "body");
    let not = db.select::<Book>().search(|b| !b.search.matches("fish")).fetch_all().await;
    let message = not.unwrap_err().to_string();
    assert_eq!(
        message,
        "rank of books is known of rows that a search has found: filter the query by `search.matches(…)`, not within `|` or `!`"
    );
    Ok(())
}

#[tokio::test]
async fn searches_are_counted_paged_grouped_and_kept() -> sqliter::Result<()> {
    let db = shelf().await?;
    let chain = || db.select::<Book>().search(|b| b.search.matches("fish"));
    assert_eq!(chain().count().await?, 3);
    assert!(chain().exists().await?);
    assert_eq!(chain().filter(|b| b.search.body.matches("whale")).count().await?, 1, "both searches");
    let twice = chain().filter(|b| b.search.body.matches("eat")).only(|b| b.title).fetch_all().await?;
    assert_eq!(twice, ["Birds"]);

    let all: Vec<Book> = chain().fetch_all().await?;
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let page = chain().page_after(cursor, 1).with_total().await?;
        assert_eq!(page.total, Some(3));
        pages.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, all);
    let of_fish = chain().page_after(None, 1).await?.next;
    let of_others = db.select::<Book>().search(|b| b.search.matches("some")).page_after(of_fish, 1).await;
    assert!(matches!(of_others, Err(Error::Cursor { .. })), "a cursor of another search");
    assert_eq!(chain().fetch_last().await?.as_ref(), all.last());
    assert_eq!(chain().offset(1).limit(1).fetch_all().await?.as_slice(), &all[1..2]);

    let groups: Vec<(bool, i64)> = db
        .select::<Book>()
        .filter(|b| b.search.matches("fish"))
        .group_by(|b| b.pages.gt(10).as_value())
        .annotate(|_| count())
        .fetch_all()
        .await?;
    assert_eq!(groups, [(false, 1), (true, 2)]);
    let best: Option<f64> = db
        .select::<Book>()
        .filter(|b| b.search.matches("fish"))
        .annotate(|b| b.search.rank().min())
        .fetch_required()
        .await?;
    assert!(best.is_some_and(|best| best < 0.0));

    let changed = chain().limit(1).update(|b| b.pages.set(1000)).await?;
    assert_eq!(changed, 1);
    assert_eq!(db.get(all[0].pk).await?.map(|book| book.pages), Some(1000), "the best is changed");
    is_true(&db).await?;
    Ok(())
}

/// Of groups SQLite knows the rank, and nothing else that a search says of a row.
#[tokio::test]
async fn what_is_said_of_a_row_does_not_stand_beside_groups_and_windows() -> sqliter::Result<()> {
    let db = shelf().await?;
    let found = || db.select::<Book>().filter(|b| b.search.matches("fish"));
    let errors = [
        found().group_by(|b| b.search.body.highlight("", "")).annotate(|_| count()).fetch_all().await.unwrap_err(),
        found().annotate(|b| b.search.weighted_rank([]).min()).to_sql().map(drop).unwrap_err(),
        found()
            .annotate(|b| b.search.weighted_rank([b.search.body.weight(2.0)]).min())
            .fetch_all()
            .await
            .map(drop)
            .unwrap_err(),
        found()
            .fields(|b| (b.search.title.snippet("", "", "", 3), row_number().over(|w| w.order(b.pk.asc()))))
            .fetch_all()
            .await
            .map(drop)
            .unwrap_err(),
        // Values once each are groups too.
        found().only(|b| b.search.body.highlight("[", "]")).distinct().fetch_all().await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::SearchInGroups { .. }), "{error:?}");
    }
    // A window is sorted by it.
    let best = found().fields(|b| {
        (b.title, row_number().over(|w| w.order(b.search.weighted_rank([b.search.body.weight(2.0)]).asc())))
    });
    let mut best: Vec<(String, i64)> = best.fetch_all().await?;
    best.sort_by_key(|(_, number)| *number);
    assert_eq!(best.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 2, 3]);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Book)]
struct Hit {
    title: String,
    #[view(with = |b| b.search.body.highlight("*", "*"))]
    text: Option<String>,
    #[view(with = |b| b.search.rank())]
    rank: f64,
}

#[tokio::test]
async fn rows_that_match_stay_sorted_by_how_well_they_do_whatever_is_chosen_of_them() -> sqliter::Result<()> {
    let db = library().await?;
    let rows =
        [("apple", None), ("apple apple apple", Some(1)), ("pear", Some(1)), ("red apple, one of many", Some(2))];
    for (title, before) in rows {
        db.insert(Book::builder().title(title).before_id(before.map(Book::key))).await?;
    }
    let apples = || db.select::<Book>().search(|b| b.search.matches("apple"));
    let titles = apples().only(|b| b.title).fetch_all().await?;
    assert_eq!(titles.len(), 3);
    let chosen = apples().qualify(|b| row_number().over(|w| w.order(b.search.rank().asc())).le(2)).only(|b| b.title);
    assert_eq!(
        chosen.to_sql()?.text,
        "SELECT t0.\"title\" FROM \"books\" AS t0 JOIN \"books_search\" AS s0 ON s0.rowid = t0.\"pk\" WHERE t0.\"pk\" IN (SELECT k FROM \
         (SELECT t1.\"pk\" AS k, (row_number() OVER (ORDER BY +s1.\"rank\", t1.\"pk\") <= ?) AS q FROM \"books\" AS t1 \
         JOIN \"books_search\" AS s1 ON s1.rowid = t1.\"pk\" WHERE s1.\"books_search\" MATCH ? AND t1.\"deleted_at\" IS NULL) WHERE q) \
         AND s0.\"books_search\" MATCH ? AND t0.\"deleted_at\" IS NULL ORDER BY +s0.\"rank\", t0.\"pk\""
    );
    assert_eq!(chosen.fetch_all().await?, titles[..2]);
    let pieces = apples().limit(1).qualify(|_| count().over(|w| w).gt(0)).only(|b| b.search.title.highlight("<", ">"));
    assert_eq!(pieces.fetch_all().await?, ["<apple> <apple> <apple>"]);
    let pairs = apples().limit(2).join_related(|b| b.sequels).fetch_all().await?;
    assert!(pairs.iter().all(|(book, sequel)| sequel.before_id == Some(book.pk)), "{pairs:?}");
    let below = apples().descendants(|b| b.sequels, Book::key(1)).only(|b| b.title).fetch_all().await?;
    assert_eq!(below, ["apple apple apple", "red apple, one of many"]);
    let trees = apples().tree(|b| b.sequels, |b| b.before_id.is_null()).await?;
    assert_eq!(
        trees[0].clone().map(|book| book.title).iter().map(|(_, title)| title.as_str()).collect::<Vec<_>>(),
        ["apple", "apple apple apple", "red apple, one of many"]
    );
    // Behind a limit too, where the trees are sorted and limited by how well their roots match.
    let below = apples().limit(3).descendants(|b| b.sequels, Book::key(1)).only(|b| b.title).fetch_all().await?;
    assert_eq!(below, ["apple apple apple", "red apple, one of many"]);
    let trees = apples().limit(3).tree(|b| b.sequels, |b| b.pages.eq(0)).limit(1).await?;
    assert_eq!(trees.iter().map(|tree| tree.row.title.as_str()).collect::<Vec<_>>(), ["apple"]);
    Ok(())
}

#[tokio::test]
async fn views_have_pieces_of_text() -> sqliter::Result<()> {
    let db = shelf().await?;
    let hits = db.select::<Book>().search(|b| b.search.matches("whale")).view::<Hit>().fetch_all().await?;
    assert_eq!(hits[0].text.as_deref(), Some("a *whale* is no fish"));
    assert!(hits[0].rank < 0.0);
    Ok(())
}

#[tokio::test]
async fn cached_searches_follow_the_rows() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let cache = CacheOptions::default().ttl(Duration::from_secs(60));
    let db = Db::options().path(folder.path().join("books.db")).cache(cache).open().await?;
    db.create_tables::<(Author, Book)>().await?;
    let count = || db.select::<Book>().filter(|b| b.search.matches("fish")).fetch_all();
    assert!(count().await?.is_empty());
    db.insert(Book::builder().title("fish")).await?;
    assert_eq!(count().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn optional_words_search_only_when_they_are_there() -> sqliter::Result<()> {
    let db = shelf().await?;
    for (words, number) in [(None, 4), (Some("fish"), 3), (Some(""), 0)] {
        let chain = db.select::<Book>().filter_some(words, |b, words| b.search.matches(search::prefix(words)));
        assert_eq!(chain.count().await?, number);
    }
    Ok(())
}
