//! What a path leads to is a value of JSON, and is compared with its own type.
use serde::{Deserialize, Serialize};
use sqliter::{Json, prelude::*};

#[derive(Serialize, Deserialize)]
struct Size {
    width: i64,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    size: Size,
    tags: Vec<String>,
}

#[derive(Model)]
struct Image {
    pk: Key<Image>,
    meta: Json<Meta>,
}

fn query(db: &Db) {
    let _ = db.select::<Image>().filter(|i| i.meta.path::<i64>("$.size.width").gt("2"));
    let _ = db.select::<Image>().only(|i| i.meta.path::<Size>("$.size"));
    let _ = db.select::<Image>().only(|i| i.meta.path::<Option<i64>>("$.size.width"));
    let _ = db.select::<Image>().only(|i| i.meta.path::<Vec<u8>>("$.bytes"));
    let _ = db.select::<Image>().filter(|i| i.meta.path::<Json<Size>>("$.size").eq(Json(Size { width: 1 })));
    let _ = db.select::<Image>().filter(|i| i.meta.items::<String>("$.tags").contains(5));
}

fn main() {}
