//! What a document has inside is reached by a path, whose type is said.
use serde::{Deserialize, Serialize};
use sqliter::Json;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Meta {
    width: i64,
    tags: Vec<String>,
}

#[derive(Model)]
struct Image {
    pk: Key<Image>,
    meta: Json<Meta>,
    tags: Json<Vec<String>>,
}

fn query(db: &Db) {
    let _ = db.select::<Image>().filter(|i| i.meta.path("$.width").gt(2));
    let _ = db.select::<Image>().filter(|i| i.meta.width.gt(2));
    let _ = db.select::<Image>().filter(|i| i.meta.path::<i64>("$.width").contains("2"));
    let _ = db.select::<Image>().filter(|i| i.tags.contains("sky"));
    let _ = db.select::<Image>().filter(|i| i.tags.any(|tag| tag.eq("sky")));
    let _ = db.select::<Image>().filter(|i| i.meta.path::<Vec<String>>("$.tags").contains("sky"));
    let _ = db.select::<Image>().update(|i| i.meta.path::<i64>("$.width").set(3));
    let _ = db.select::<Image>().update(|i| i.meta.set_path("$.width"));
}

fn main() {}
