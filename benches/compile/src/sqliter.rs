//! Models of sqliter.

use crate::Templates;

pub(crate) fn templates() -> Templates {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sqliter");
    let tokio = "tokio = { version = \"1\", features = [\"rt-multi-thread\"] }\n";
    Templates {
        dependencies: format!("sqliter = {{ path = {path:?} }}\n{tokio}"),
        model: MODEL,
        main: MAIN,
        call: "    mSELF::STEP(db).await?;\n",
        others: Vec::new(),
    }
}

const MAIN: &str = r#"
use sqliter::Db;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: PROGRAM DATABASE")?;
    // As servers do it; else the compiler makes all of it once for each kind of runtime.
    let work: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(async {
        let db = Db::open(&path).await?;
        for table in include_str!("tables.sql").lines() {
            db.execute(table).await?;
        }
        all(&db).await?;
        Ok(())
    });
    tokio::runtime::Runtime::new()?.block_on(work)
}

async fn all(db: &Db) -> sqliter::Result<()> {
CALLS    Ok(())
}
"#;

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

pub async fn with_children(db: &Db) -> sqliter::Result<Vec<(MSELF, Vec<MCHILDREN>)>> {
    db.select::<MSELF>()
        .filter(|m| m.active.eq(true))
        .order(|m| m.name.asc())
        .limit(20)
        .prefetch_related(|m| m.children)
        .fetch_all()
        .await
}

pub async fn by_title(db: &Db) -> sqliter::Result<Vec<(String, i64, Option<f64>)>> {
    db.select::<MSELF>()
        .filter(|m| m.count.gt(0))
        .group_by(|m| m.title)
        .annotate(|m| (count(), m.ratio.avg()))
        .order(|m| m.title.asc())
        .fetch_all()
        .await
}

pub async fn add(db: &Db, name: &str, title: &str) -> sqliter::Result<MSELF> {
    let new = MSELF::builder().name(name).title(title).count(1).size(2).ratio(0.5).active(true);
    db.insert(new.parent_id(MPARENT::key(1))).await
}

pub async fn set_title(db: &Db, name: &str, title: &str) -> sqliter::Result<u64> {
    db.select::<MSELF>().filter(|m| m.name.eq(name)).update(|m| m.title.set(title)).await
}

pub async fn fill(db: &Db) -> sqliter::Result<()> {
    let added = add(db, "SELF", "first").await?;
    assert_eq!(set_title(db, &added.name, "second").await?, 1);
    Ok(())
}

pub async fn read(db: &Db) -> sqliter::Result<()> {
    let found = find(db, "SELF").await?;
    assert!(found.len() == 1 && found[0].0.title == "second" && found[0].1.pk == MPARENT::key(1));
    let children = with_children(db).await?;
    assert!(children.len() == 1 && children[0].1.len() == 1);
    assert_eq!(by_title(db).await?, [("second".to_owned(), 1, Some(0.5))]);
    Ok(())
}
"#;
