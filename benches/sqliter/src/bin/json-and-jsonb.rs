//! Documents as text and in SQLite's binary form: 20,000 of some 500 bytes, read whole, filtered by a path and changed at a path.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{Json, Jsonb, Result};

const DOCUMENTS: i64 = 20_000;

/// A document: keys with values, and in them lists and texts.
type Document = std::collections::BTreeMap<String, Vec<String>>;

#[derive(Debug, Clone, Model)]
struct Text {
    pk: Key<Text>,
    document: Json<Document>,
}

#[derive(Debug, Clone, Model)]
struct Binary {
    pk: Key<Binary>,
    document: Jsonb<Document>,
}

/// Some 500 bytes of JSON, with a number at the end.
fn document(number: i64) -> Document {
    let words = |n: i64| (0..5).map(|i| format!("word {} of {n}", number.wrapping_mul(7 + i) % 1000)).collect();
    let mut all: Document = (0..5).map(|n| (format!("key{n}"), words(n))).collect();
    all.insert("number".to_owned(), vec![format!("{:03}", number % 1000)]);
    all
}

/// The best of several runs.
async fn best<T, F: Future<Output = Result<T>>>(run: impl Fn() -> F) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..11 {
        let since = Instant::now();
        black_box(run().await?);
        best = best.min(since.elapsed());
    }
    Ok(best)
}

/// The same of both forms.
macro_rules! measured {
    ($db:expr, $model:ident, $name:expr) => {{
        let db = $db;
        let drafts = || (0..DOCUMENTS).map(|n| $model::builder().document(document(n)));
        let insert = {
            let since = Instant::now();
            db.bulk_insert(drafts()).await?;
            since.elapsed()
        };
        let bytes: i64 = db
            .query(format!("SELECT sum(octet_length(document)) FROM {}", <$model as sqliter::Model>::TABLE.name))
            .fetch_required()
            .await?;
        let filtered = db.select::<$model>().filter(|t| t.document.path::<String>("$.number[0]").eq("123"));
        let filter = best(|| filtered.clone().count()).await?;
        let deep = db.select::<$model>().filter(|t| t.document.path::<String>("$.key4[4]").starts_with("word 99"));
        let last = best(|| deep.clone().count()).await?;
        let update = best(|| db.select::<$model>().update(|t| t.document.set_path("$.number[0]", "124"))).await?;
        let read = best(|| db.select::<$model>().fetch_all()).await?;
        println!(
            "{:<6} {:>9} {insert:>9.1?} {filter:>9.1?} {last:>9.1?} {update:>9.1?} {read:>9.1?}",
            $name,
            bytes / DOCUMENTS
        );
    }};
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    Ok(tokio::runtime::Builder::new_current_thread().build()?.block_on(measure())?)
}

async fn measure() -> Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Text, Binary)>().await?;
    println!("{:<6} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}", "", "bytes", "insert", "filter", "last", "update", "read");
    measured!(&db, Text, "text");
    measured!(&db, Binary, "binary");
    Ok(())
}
