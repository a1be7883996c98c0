//! Models of Diesel, and the schema that its command line tool prints for such tables.

use crate::{Model, Templates};

pub(crate) fn templates(models: &[Model]) -> Templates {
    let dependencies = "diesel = { version = \"2.3\", features = [\"r2d2\", \"returning_clauses_for_sqlite_3_35\", \
                        \"sqlite\"] }\nlibsqlite3-sys = { version = \"0.37\", features = [\"bundled\"] }\n";
    let tables = models.iter().map(|model| model.fill(TABLE));
    let joins = models.iter().map(|model| {
        model.fill("diesel::joinable!(mSELF -> mPARENT (parent_id));\ndiesel::joinable!(mSELF -> mOTHER (other_id));\n")
    });
    let names: Vec<_> = models.iter().map(|model| model.fill("mSELF")).collect();
    let together = format!("diesel::allow_tables_to_appear_in_same_query!({});\n", names.join(", "));
    let schema = tables.chain(joins).chain([together]).collect();
    Templates { dependencies: dependencies.to_owned(), model: MODEL, others: vec![("schema", schema)] }
}

const TABLE: &str = "diesel::table! {
    mSELF (pk) {
        pk -> BigInt,
        name -> Text,
        title -> Text,
        count -> BigInt,
        size -> BigInt,
        ratio -> Double,
        active -> Bool,
        note -> Nullable<Text>,
        parent_id -> BigInt,
        other_id -> Nullable<BigInt>,
    }
}

";

const MODEL: &str = r#"use diesel::prelude::*;

use crate::mOTHER::MOTHER;
use crate::mPARENT::MPARENT;
use crate::schema::{mPARENT, mSELF};

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations, AsChangeset)]
#[diesel(table_name = mSELF, primary_key(pk), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(MPARENT, foreign_key = parent_id), belongs_to(MOTHER, foreign_key = other_id))]
pub struct MSELF {
    pub pk: i64,
    pub name: String,
    pub title: String,
    pub count: i64,
    pub size: i64,
    pub ratio: f64,
    pub active: bool,
    pub note: Option<String>,
    pub parent_id: i64,
    pub other_id: Option<i64>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = mSELF)]
pub struct NewMSELF {
    pub name: String,
    pub title: String,
    pub count: i64,
    pub size: i64,
    pub ratio: f64,
    pub active: bool,
    pub note: Option<String>,
    pub parent_id: i64,
    pub other_id: Option<i64>,
}

pub fn find(connection: &mut SqliteConnection, name: &str) -> QueryResult<Vec<(MSELF, MPARENT)>> {
    let limit = 0;
    mSELF::table
        .inner_join(mPARENT::table)
        .filter(mSELF::name.like(format!("{name}%")))
        .filter(mSELF::count.gt(limit))
        .order(mSELF::title)
        .select((MSELF::as_select(), MPARENT::as_select()))
        .load(connection)
}
"#;
