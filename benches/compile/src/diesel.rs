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
    Templates {
        dependencies: dependencies.to_owned(),
        model: MODEL,
        main: MAIN,
        call: "    mSELF::STEP(connection)?;\n",
        others: vec![("schema", schema)],
    }
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

const MAIN: &str = r#"
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryResult, SqliteConnection};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: PROGRAM DATABASE")?;
    let mut connection = SqliteConnection::establish(&path)?;
    connection.batch_execute(include_str!("tables.sql"))?;
    all(&mut connection)?;
    Ok(())
}

fn all(connection: &mut SqliteConnection) -> QueryResult<()> {
CALLS    Ok(())
}
"#;

const MODEL: &str = r#"use diesel::dsl::{avg, count_star};
use diesel::prelude::*;

use crate::mCHILDREN::MCHILDREN;
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

pub fn with_children(connection: &mut SqliteConnection) -> QueryResult<Vec<(MSELF, Vec<MCHILDREN>)>> {
    let rows = mSELF::table
        .filter(mSELF::active.eq(true))
        .order(mSELF::name)
        .limit(20)
        .select(MSELF::as_select())
        .load(connection)?;
    let children = MCHILDREN::belonging_to(&rows).select(MCHILDREN::as_select()).load(connection)?;
    let children = children.grouped_by(&rows);
    Ok(rows.into_iter().zip(children).collect())
}

pub fn by_title(connection: &mut SqliteConnection) -> QueryResult<Vec<(String, i64, Option<f64>)>> {
    mSELF::table
        .filter(mSELF::count.gt(0))
        .group_by(mSELF::title)
        .order(mSELF::title)
        .select((mSELF::title, count_star(), avg(mSELF::ratio)))
        .load(connection)
}

pub fn add(connection: &mut SqliteConnection, name: &str, title: &str) -> QueryResult<MSELF> {
    let new = NewMSELF {
        name: name.to_owned(),
        title: title.to_owned(),
        count: 1,
        size: 2,
        ratio: 0.5,
        active: true,
        note: None,
        parent_id: 1,
        other_id: None,
    };
    diesel::insert_into(mSELF::table).values(new).returning(MSELF::as_returning()).get_result(connection)
}

pub fn set_title(connection: &mut SqliteConnection, name: &str, title: &str) -> QueryResult<usize> {
    diesel::update(mSELF::table.filter(mSELF::name.eq(name))).set(mSELF::title.eq(title)).execute(connection)
}

pub fn fill(connection: &mut SqliteConnection) -> QueryResult<()> {
    let added = add(connection, "SELF", "first")?;
    assert_eq!(set_title(connection, &added.name, "second")?, 1);
    Ok(())
}

pub fn read(connection: &mut SqliteConnection) -> QueryResult<()> {
    let found = find(connection, "SELF")?;
    assert!(found.len() == 1 && found[0].0.title == "second" && found[0].1.pk == 1);
    let children = with_children(connection)?;
    assert!(children.len() == 1 && children[0].1.len() == 1);
    assert_eq!(by_title(connection)?, [("second".to_owned(), 1, Some(0.5))]);
    Ok(())
}
"#;
