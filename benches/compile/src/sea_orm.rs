//! Entities of SeaORM, in its dense format.

use crate::Templates;

pub(crate) fn templates() -> Templates {
    let dependencies = "sea-orm = { version = \"2\", default-features = false, features = [\"macros\", \
                        \"runtime-tokio\", \"sqlite-use-returning-for-3_35\", \"sqlx-sqlite\"] }\n\
                        tokio = { version = \"1\", features = [\"rt-multi-thread\"] }\n";
    Templates {
        dependencies: dependencies.to_owned(),
        model: MODEL,
        main: MAIN,
        call: "    mSELF::STEP(db).await?;\n",
        others: Vec::new(),
    }
}

const MAIN: &str = r#"
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbErr};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: PROGRAM DATABASE")?;
    // As servers do it; else the compiler makes all of it once for each kind of runtime.
    let work: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(async {
        let db = Database::connect(format!("sqlite://{path}?mode=rwc")).await?;
        for table in include_str!("tables.sql").lines() {
            db.execute_unprepared(table).await?;
        }
        all(&db).await?;
        Ok(())
    });
    tokio::runtime::Runtime::new()?.block_on(work)
}

async fn all(db: &DatabaseConnection) -> Result<(), DbErr> {
CALLS    Ok(())
}
"#;

const MODEL: &str = r#"use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _, Set};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mSELF")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub pk: i64,
    #[sea_orm(unique)]
    pub name: String,
    pub title: String,
    pub count: i64,
    pub size: i64,
    pub ratio: f64,
    pub active: bool,
    pub note: Option<String>,
    pub parent_id: i64,
    pub other_id: Option<i64>,
    #[sea_orm(belongs_to, from = "parent_id", to = "pk")]
    pub parent: BelongsTo<crate::mPARENT::Entity>,
    #[sea_orm(belongs_to, from = "other_id", to = "pk")]
    pub other: BelongsTo<Option<crate::mOTHER::Entity>>,
    #[sea_orm(has_many)]
    pub children: HasMany<crate::mCHILDREN::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

pub async fn find(db: &DatabaseConnection, name: &str) -> Result<Vec<(Model, crate::mPARENT::Model)>, DbErr> {
    let limit = 0;
    Entity::find()
        .find_both_related(crate::mPARENT::Entity)
        .filter(Column::Name.starts_with(name))
        .filter(Column::Count.gt(limit))
        .order_by_asc(Column::Title)
        .all(db)
        .await
}

pub async fn with_children(
    db: &DatabaseConnection,
) -> Result<Vec<(Model, Vec<crate::mCHILDREN::Model>)>, DbErr> {
    let rows = Entity::find().filter(Column::Active.eq(true)).order_by_asc(Column::Name).limit(20).all(db).await?;
    let children = rows.load_many(crate::mCHILDREN::Entity, db).await?;
    Ok(rows.into_iter().zip(children).collect())
}

pub async fn by_title(db: &DatabaseConnection) -> Result<Vec<(String, i64, Option<f64>)>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Title)
        .column_as(Column::Pk.count(), "count")
        .column_as(Column::Ratio.avg(), "average")
        .filter(Column::Count.gt(0))
        .group_by(Column::Title)
        .order_by_asc(Column::Title)
        .into_tuple()
        .all(db)
        .await
}

pub async fn add(db: &DatabaseConnection, name: &str, title: &str) -> Result<Model, DbErr> {
    let new = ActiveModel {
        name: Set(name.to_owned()),
        title: Set(title.to_owned()),
        count: Set(1),
        size: Set(2),
        ratio: Set(0.5),
        active: Set(true),
        parent_id: Set(1),
        ..Default::default()
    };
    new.insert(db).await
}

pub async fn set_title(db: &DatabaseConnection, name: &str, title: &str) -> Result<u64, DbErr> {
    let update = Entity::update_many().col_expr(Column::Title, Expr::value(title));
    Ok(update.filter(Column::Name.eq(name)).exec(db).await?.rows_affected)
}

pub async fn fill(db: &DatabaseConnection) -> Result<(), DbErr> {
    let added = add(db, "SELF", "first").await?;
    assert_eq!(set_title(db, &added.name, "second").await?, 1);
    Ok(())
}

pub async fn read(db: &DatabaseConnection) -> Result<(), DbErr> {
    let found = find(db, "SELF").await?;
    assert!(found.len() == 1 && found[0].0.title == "second" && found[0].1.pk == 1);
    let children = with_children(db).await?;
    assert!(children.len() == 1 && children[0].1.len() == 1);
    assert_eq!(by_title(db).await?, [("second".to_owned(), 1, Some(0.5))]);
    Ok(())
}
"#;
