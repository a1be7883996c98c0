//! The table `books`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "books")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub pk: i64,
    pub title: String,
    pub pages: i64,
    pub published: i64,
    pub author_id: i64,
    #[sea_orm(belongs_to, from = "author_id", to = "pk")]
    pub author: BelongsTo<super::author::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
