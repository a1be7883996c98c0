//! A bulk upsert says what becomes of the rows that are there.
use sqliter::prelude::*;

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    #[model(unique)]
    name: String,
}

async fn write(db: &Db, drafts: Vec<NewTag>, others: Vec<NewTag>) {
    let _ = db.bulk_upsert(others, |t| t.name).await;
    let _ = db.bulk_upsert(drafts, |t| t.name).returning_rows().fetch_all().await;
}

fn main() {}
