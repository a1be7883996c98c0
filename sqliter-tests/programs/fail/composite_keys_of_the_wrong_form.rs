//! What a key of several columns is made of, and how it is given.
use sqliter::prelude::*;

#[derive(Model)]
struct Line {
    #[model(pk)]
    order: Option<i64>,
    #[model(pk, default = 3)]
    number: i64,
}

#[derive(Model)]
struct Measure {
    #[model(pk)]
    place: i64,
    #[model(pk)]
    value: f64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Cell {
    #[model(pk)]
    row: i64,
    #[model(pk)]
    column: String,
    text: String,
}

async fn run(db: &Db, cell: Cell) -> sqliter::Result<()> {
    db.get(Cell::key(1)).await?;
    db.get(Cell::key((1, 2))).await?;
    db.get((1, "a")).await?;
    db.select::<Cell>().update(|c| c.row.set(3)).await?;
    db.select::<Cell>().filter(|c| c.row.eq(&cell)).count().await?;
    db.upsert(Cell::builder().row(1).column("a").text("x"), |c| (c.row, c.column)).update(|c| c.row).await?;
    db.query::<Cell>("SELECT * FROM cells WHERE row = ?").bind(&cell).fetch_all().await?;
    Ok(())
}

fn main() {}
