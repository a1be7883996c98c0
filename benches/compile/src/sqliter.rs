//! Models of sqliter.

use crate::Templates;

pub(crate) fn templates() -> Templates {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sqliter");
    Templates { dependencies: format!("sqliter = {{ path = {path:?} }}\n"), model: MODEL, others: Vec::new() }
}

const MODEL: &str = r#"use sqliter::prelude::*;

use crate::mCHILDREN::MCHILDREN;
use crate::mOTHER::MOTHER;
use crate::mPARENT::MPARENT;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "mSELF", has_many(children = MCHILDREN::parent))]
pub struct MSELF {
    pub pk: Key<MSELF>,
    #[model(unique)]
    pub name: String,
    pub title: String,
    pub count: i64,
    pub size: i64,
    pub ratio: f64,
    pub active: bool,
    pub note: Option<String>,
    pub parent_id: Key<MPARENT>,
    pub other_id: Option<Key<MOTHER>>,
}

pub async fn find(db: &Db, name: &str) -> sqliter::Result<Vec<(MSELF, MPARENT)>> {
    let limit = 0;
    db.select::<MSELF>()
        .select_related(|m| m.parent)
        .filter(|m| m.name.starts_with(name) & m.count.gt(limit))
        .order(|m| m.title.asc())
        .fetch_all()
        .await
}
"#;
