//! What a text means as a search: nothing but words, whatever stands in it.

use proptest::prelude::*;
use sqliter::search::{self, Words};
use sqliter::{Db, Model as _};

use super::library::*;

async fn texts() -> sqliter::Result<Db> {
    let db = library().await?;
    let rows = [
        ("Crème brûlée", Some("cream, eggs and sugar")),
        ("AND or NOT", Some("near the rock'n'roll club")),
        ("Rust async book", None),
        ("C++ in depth", Some("rust is not in it")),
    ];
    db.bulk_insert(rows.map(|(title, body)| Book::builder().title(title).body(body.map(str::to_owned)))).await?;
    Ok(db)
}

async fn found(db: &Db, words: Words) -> sqliter::Result<Vec<String>> {
    titles(db, words).await
}

#[tokio::test]
async fn a_text_alone_means_all_of_its_words() -> sqliter::Result<()> {
    let db = texts().await?;
    assert_eq!(titles(&db, "CREME sugar").await?, ["Crème brûlée"]);
    assert_eq!(titles(&db, "rust").await?, ["Rust async book", "C++ in depth"]);
    assert_eq!(titles(&db, String::from("rust book")).await?, ["Rust async book"]);
    // Operators are words, and what is no word at all does not count.
    assert_eq!(titles(&db, "not AND").await?, ["AND or NOT"]);
    assert_eq!(titles(&db, "C++ ( \" depth *").await?, ["C++ in depth"]);
    assert_eq!(titles(&db, "rock'n'roll").await?, ["AND or NOT"]);
    for nothing in ["", "  ", "\"", "++ -- ()", "\0", "\"\"\""] {
        assert!(titles(&db, nothing).await?.is_empty(), "{nothing:?}");
    }
    Ok(())
}

#[tokio::test]
async fn functions_mean_something_else_by_a_text() -> sqliter::Result<()> {
    let db = texts().await?;
    assert_eq!(found(&db, search::any("sugar club zebra")).await?, ["Crème brûlée", "AND or NOT"]);
    assert_eq!(found(&db, search::phrase("async book")).await?, ["Rust async book"]);
    assert!(found(&db, search::phrase("book async")).await?.is_empty());
    assert_eq!(found(&db, search::prefix("rust as")).await?, ["Rust async book"]);
    assert!(found(&db, search::prefix("rust as ")).await?.is_empty(), "a space ends the word");
    assert_eq!(found(&db, search::prefix("ru")).await?, ["Rust async book", "C++ in depth"]);
    assert_eq!(found(&db, search::near(["rust", "book"], 1)).await?, ["Rust async book"]);
    assert!(found(&db, search::near(["rust", "book"], 0)).await?.is_empty());
    assert_eq!(found(&db, search::near(["is not", "it"], 1)).await?, ["C++ in depth"]);
    for nothing in [search::any(" "), search::phrase(""), search::prefix("  "), search::near(["", " "], 3)] {
        assert!(found(&db, nothing).await?.is_empty());
    }
    assert!(found(&db, search::near(Vec::<String>::new(), 3)).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn words_are_combined() -> sqliter::Result<()> {
    let db = texts().await?;
    assert_eq!(found(&db, search::all("rust").without("depth")).await?, ["Rust async book"]);
    assert_eq!(found(&db, search::phrase("async book").or("sugar")).await?, ["Crème brûlée", "Rust async book"]);
    assert_eq!(found(&db, search::any("async depth").and(search::prefix("ru"))).await?.len(), 2);
    // What has no word matches nothing: so it takes nothing away, and adds nothing.
    assert!(found(&db, search::all("rust").and("")).await?.is_empty());
    assert_eq!(found(&db, search::all("rust").or("").without(" ")).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_search_in_one_column_leaves_the_others_out() -> sqliter::Result<()> {
    let db = texts().await?;
    let rust = db.select::<Book>().filter(|b| b.search.title.matches("rust")).only(|b| b.title).fetch_all().await?;
    assert_eq!(rust, ["Rust async book"]);
    let body = db.select::<Book>().filter(|b| b.search.body.matches(search::any("rust eggs"))).count().await?;
    assert_eq!(body, 2);
    assert_eq!(db.select::<Book>().filter(|b| b.search.body.matches("")).count().await?, 0);
    let neither = db.select::<Book>().filter(|b| !b.search.matches("rust") & b.search.title.matches("or")).count();
    assert_eq!(neither.await?, 1);
    Ok(())
}

#[tokio::test]
async fn many_words_are_a_search() -> sqliter::Result<()> {
    let db = texts().await?;
    let many: Vec<String> = (0..2000).map(|i| format!("w{i}")).collect();
    let many = many.join(" ");
    assert!(titles(&db, &many).await?.is_empty());
    assert_eq!(found(&db, search::any(format!("{many} sugar"))).await?, ["Crème brûlée"]);
    Ok(())
}

/// Pieces that mean something to FTS5, to SQL and to Unicode, beside any others.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => prop::sample::select(vec![
            "AND", "OR", "NOT", "NEAR", "NEAR(", "(", ")", "*", "^", ":", "\"", "'", "\"\"", "{title}", "title", "-", "+", ",", "\0", " ",
            "rust", "é", "\u{feff}", "\u{10ffff}", "a\u{301}", "--", "/*", "?", "\\", "body:", "rank",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

#[test]
fn no_text_is_an_error() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let db = runtime.block_on(texts()).unwrap();
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(one in text(), two in text(), between in any::<u32>())| {
        let all = [
            search::all(&one),
            search::any(&one),
            search::phrase(&one),
            search::prefix(&one),
            search::near([&one, &two], between),
            search::all(&one).and(&two),
            search::any(&one).or(search::phrase(&two)),
            search::prefix(&one).without(search::near([&two], 3)),
        ];
        for words in all {
            let found = runtime.block_on(titles(&db, &words));
            prop_assert!(found.is_ok(), "{:?} {:?}", words, found);
            let in_column = runtime.block_on(db.select::<Book>().filter(|b| b.search.body.matches(&words)).count());
            prop_assert!(in_column.is_ok(), "{:?} {:?}", words, in_column);
        }
    });
}
