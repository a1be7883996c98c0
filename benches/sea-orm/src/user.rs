//! The table `users`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub pk: i64,
    pub name: String,
    #[sea_orm(unique)]
    pub email: String,
    pub age: i64,
    pub city: String,
    pub score: f64,
    pub bio: Option<String>,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
