//! How long `sqliter::testing` takes to open a fresh database with tables, beside opening an empty one, and beside opening one
//! and making the tables. Medians of 500, in turn.

use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::testing;

macro_rules! models {
    ($($model:ident)*) => {
        $(
            #[derive(Debug, Clone, PartialEq, Model)]
            #[model(index(title), unique(title, pages))]
            #[expect(dead_code, reason = "only its table is made")]
            struct $model {
                pk: Key<$model>,
                title: String,
                pages: i64,
                note: Option<String>,
            }
        )*
        type All = ($($model,)*);
    };
}

models!(A B C D E F G H I J);

async fn took(times: &mut Vec<Duration>, open: impl AsyncFnOnce() -> sqliter::Result<Db>) -> sqliter::Result<()> {
    let begun = Instant::now();
    let db = open().await?;
    times.push(begun.elapsed());
    db.close().await
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    Ok(tokio::runtime::Builder::new_current_thread().build()?.block_on(measure())?)
}

async fn measure() -> sqliter::Result<()> {
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..500 {
        let [empty, copied, made] = &mut times;
        took(empty, async || Db::memory().await).await?;
        took(copied, async || testing::created::<All>().await).await?;
        took(made, async || {
            let db = Db::memory().await?;
            db.create_tables::<All>().await?;
            Ok(db)
        })
        .await?;
    }
    for (name, mut times) in
        ["an empty one", "a copy with 10 tables", "an empty one, then 10 tables"].into_iter().zip(times)
    {
        times.sort();
        println!("{name:30} {:6} µs", times[times.len() / 2].as_micros());
    }
    Ok(())
}
