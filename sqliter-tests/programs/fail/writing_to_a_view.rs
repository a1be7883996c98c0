//! A view is only read.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(view = "SELECT pk, title FROM books")]
struct Title {
    pk: Key<Title>,
    title: String,
}

async fn run(db: &Db, mut title: Title) -> sqliter::Result<()> {
    db.insert(Title::builder()).await?;
    db.insert(Title::builder().title("Emma")).await?;
    db.update(&mut title).await?;
    db.bulk_update(&mut [title]).await?;
    db.delete(Title::key(1)).await?;
    db.select::<Title>().delete().await?;
    db.select::<Title>().update(|t| t.title.set("Emma")).await?;
    db.update_where::<Title, _>(|t| t.title.eq("Emma"), |_| ()).await?;
    Ok(())
}

fn main() {}
