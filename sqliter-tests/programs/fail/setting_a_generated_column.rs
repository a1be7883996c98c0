//! A generated column is only read.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    price: i64,
    #[model(generated = "price * 2")]
    double: i64,
}

async fn run(db: &Db) -> sqliter::Result<()> {
    db.insert(Item::builder().price(1).double(2)).await?;
    db.select::<Item>().update(|i| i.double.set(3)).await?;
    db.select::<Item>().update(|i| i.double.add(3)).await?;
    db.insert_with(Item::builder().price(1), |i| i.double.given(2)).await?;
    db.upsert(Item::builder().price(1), |i| i.double).ignore().await?;
    db.upsert(Item::builder().price(1), |i| i.price).update(|i| i.double).await?;
    Ok(())
}

fn main() {}
