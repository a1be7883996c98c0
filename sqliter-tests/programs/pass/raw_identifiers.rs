//! Keywords are names of fields, variants and structs, and the database has them without `r#`.
use sqliter::Value;
use sqliter::prelude::*;

#[allow(non_camel_case_types)]
#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Kind {
    r#struct,
    r#enum,
}

#[allow(non_camel_case_types)]
#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(r#type, r#match), new(derive(Debug, Clone, serde::Deserialize)))]
struct r#union {
    pk: Key<r#union>,
    r#type: String,
    r#match: i64,
    #[model(default = 7)]
    r#async: i64,
    r#fn: Option<String>,
    r#ref: Option<Key<r#union>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    #[model(pk)]
    r#type: String,
    r#struct: Kind,
    r#use: Key<r#union>,
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(r#union, Item)>().await?;
    assert_eq!(db.table_names().await?, ["unions", "items"]);
    let union = db.insert(r#union::builder().r#type("a").r#match(3).r#fn("f")).await?;
    assert_eq!(union.r#async, 7);
    db.insert(Item::builder().r#type("x").r#struct(Kind::r#enum).r#use(&union)).await?;
    let rows = db.select::<Item>().filter(|i| i.r#struct.eq(Kind::r#enum) & i.r#type.eq("x")).fetch_dicts().await?;
    assert_eq!(rows[0].get("struct"), Some(&Value::Text("enum".to_owned())));
    Ok(())
}
