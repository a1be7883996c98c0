//! Fields may have the names that generated code uses inside.
#![allow(non_snake_case)]
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(new(derive(Debug, Clone, serde::Serialize, serde::Deserialize)))]
struct Awkward {
    pk: Key<Awkward>,
    build: String,
    self_: String,
    value: i64,
    row: String,
    row_id: i64,
    now: i64,
    arguments: String,
    missing: String,
    builder: String,
    columns: String,
    S_row: String,
    IsSet_row: String,
    P: i64,
    T: i64,
    Path_: i64,
    _hidden: i64,
    #[model(default = 1)]
    default: i64,
    #[model(default = 2)]
    default_default: i64,
    clone: Option<String>,
    insert: Option<i64>,
    eq: Option<i64>,
    pk_: Option<Key<Awkward>>,
    info: Option<i64>,
    column: Option<i64>,
    path: Option<i64>,
    raw: Option<i64>,
    key: Option<i64>,
    name: Option<i64>,
    set: Option<i64>,
    order: Option<i64>,
    group: Option<i64>,
    select: Option<i64>,
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Awkward>().await?;
    let draft = Awkward::builder()
        .build("b")
        .self_("s")
        .value(1)
        .row("r")
        .row_id(2)
        .now(3)
        .arguments("a")
        .missing("m")
        .builder("b")
        .columns("c")
        .S_row("s")
        .IsSet_row("yes")
        .P(4)
        .T(5)
        .Path_(6)
        ._hidden(8);
    let mut row = db.insert(draft).await?;
    assert_eq!((row.default, row.default_default, row.now), (1, 2, 3));
    row.row = "other".to_owned();
    db.update(&mut row).await?;
    assert_eq!(db.select::<Awkward>().filter(|a| a.row.eq("other") & a.name.is_null()).fetch_one().await?, Some(row));
    Ok(())
}
