//! Entities of SeaORM, in its dense format.

use crate::Templates;

pub(crate) fn templates() -> Templates {
    let dependencies = "sea-orm = { version = \"2\", default-features = false, features = [\"macros\", \
                        \"runtime-tokio\", \"sqlite-use-returning-for-3_35\", \"sqlx-sqlite\"] }\n";
    Templates { dependencies: dependencies.to_owned(), model: MODEL, others: Vec::new() }
}

const MODEL: &str = r#"use sea_orm::QueryOrder as _;
use sea_orm::entity::prelude::*;

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
"#;
