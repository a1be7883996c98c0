//! Filters by related rows over rare and common values, on 20,000 articles: counted, fetched and read as a page, as the
//! library writes them, with a list and with `EXISTS` whatever the chain.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{Condition, Result};

const ARTICLES: i64 = 20_000;

#[derive(Debug, Clone, Model)]
struct User {
    pk: Key<User>,
    name: String,
}

#[derive(Debug, Clone, Model)]
#[model(many_to_many(articles = Article::tags))]
struct Tag {
    pk: Key<Tag>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, Model)]
#[model(many_to_many(tags = Tag), many_to_many(favorited_by = User), index(created_at))]
struct Article {
    pk: Key<Article>,
    title: String,
    created_at: i64,
}

/// The best of several runs.
async fn best<T, F: Future<Output = Result<T>>>(run: impl Fn() -> F) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..15 {
        let since = Instant::now();
        black_box(run().await?);
        best = best.min(since.elapsed());
    }
    Ok(best)
}

/// The keys of the articles with a tag, and the condition that there is a pair, as both are written by hand.
type Written = fn(&Session, &ArticleColumns<Article>, &'static str) -> Condition<Article>;

const WAYS: [(&str, Written); 3] = [
    ("as the library writes it", |_, a, tag| a.tags.any(|t| t.name.eq(tag))),
    ("a list", |db, a, tag| {
        a.pk.is_in(db.select::<Article>().filter(|a| a.tags.any(|t| t.name.eq(tag))).only(|a| a.pk))
    }),
    ("EXISTS", |db, a, tag| {
        exists(db.select::<Article>().filter(|b| b.pk.eq(outer(a.pk)) & b.tags.any(|t| t.name.eq(tag))))
    }),
];

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    Ok(tokio::runtime::Builder::new_current_thread().build()?.block_on(measure())?)
}

async fn measure() -> Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(User, Tag, Article)>().await?;
    let tags = db.bulk_insert(["rare", "middling", "common"].map(|name| Tag::builder().name(name))).await?;
    let me = db.insert(User::builder().name("me")).await?;
    db.transaction(async |tx| {
        for i in 0..ARTICLES {
            let article = tx.insert(Article::builder().title(format!("article {i}"))).await?;
            let own = [(2000, 0), (200, 1), (1, 2)].into_iter().filter(|(every, _)| i % every == 7 % every);
            article.tags(tx).add(own.map(|(_, tag)| &tags[tag])).await?;
            if i % 50 == 0 {
                article.favorited_by(tx).add([&me]).await?;
            }
        }
        Ok(())
    })
    .await?;
    println!("{:<26} {:>10} {:>10} {:>10} {:>10}", "", "", "count", "fetch", "page");
    for tag in ["rare", "middling", "common"] {
        for (way, condition) in WAYS {
            let all = db.select::<Article>().filter(|a| condition(&db, a, tag));
            let page = all.clone().order(|a| a.created_at.desc()).limit(20);
            let count = best(|| all.clone().count()).await?;
            let fetch = best(|| all.clone().fetch_all()).await?;
            let page = best(|| page.clone().fetch_all()).await?;
            println!("{way:<26} {tag:>10} {count:>10.1?} {fetch:>10.1?} {page:>10.1?}");
        }
    }
    for (who, key) in [("signed in", Some(me.pk)), ("nobody", None)] {
        let page = db.select::<Article>().order(|a| a.created_at.desc()).limit(20);
        let feed = page.with_values(|a| a.favorited_by.contains(key));
        println!("a page with whether {who} likes each: {:.1?}", best(|| feed.clone().fetch_all()).await?);
    }
    Ok(())
}
