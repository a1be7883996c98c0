//! What foreign keys do when the row referred to is deleted, or its key changes.

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
    name: String,
}

/// Declares a model that refers to `Country` by these actions.
macro_rules! child {
    ($name:ident, $table:literal, $action:ident, $ty:ty $(, $default:literal)?) => {
        #[derive(Debug, Clone, PartialEq, Model)]
        #[model(table = $table)]
        struct $name {
            pk: Key<$name>,
            #[model(on_delete = $action, on_update = $action $(, default = Country::key($default))?)]
            country_id: $ty,
        }
    };
}

child!(Cascading, "cascading", cascade, Key<Country>);
child!(Clearing, "clearing", set_null, Option<Key<Country>>);
child!(Resetting, "resetting", set_default, Key<Country>, "xx");
child!(Restricting, "restricting", restrict, Key<Country>);
child!(Late, "late", no_action, Key<Country>);

/// Restricts without saying so.
#[derive(Debug, Clone, PartialEq, Model)]
struct City {
    pk: Key<City>,
    #[model(column = "Land")]
    country_id: Key<Country>,
}

/// Goes with its parent, which goes with its own.
#[derive(Debug, Clone, PartialEq, Model)]
struct Grandchild {
    pk: Key<Grandchild>,
    #[model(on_delete = cascade)]
    parent_id: Key<Cascading>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(children = Node::parent))]
struct Node {
    pk: Key<Node>,
    name: String,
    #[model(on_delete = cascade)]
    parent_id: Option<Key<Node>>,
}

async fn world() -> (Db, Country, Country) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Country, Cascading, Clearing, Resetting, Restricting, Late, City, Grandchild, Node)>()
        .await
        .unwrap();
    db.insert(Country::builder().code("xx").name("Nowhere")).await.unwrap();
    let at = db.insert(Country::builder().code("at").name("Austria")).await.unwrap();
    let ch = db.insert(Country::builder().code("ch").name("Switzerland")).await.unwrap();
    (db, at, ch)
}

const RENAME: &str = "UPDATE countries SET code = 'zz' WHERE code = 'at'";

#[track_caller]
fn is_refused(error: &Error, operation: Operation, table: &str, columns: &[&str]) {
    assert!(
        matches!(error, Error::ForeignKeyViolation { operation: found, table: of, columns: named, .. }
            if *found == operation && of == table && named == columns),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_actions_stand_in_the_schema() -> sqliter::Result<()> {
    let (db, ..) = world().await;
    let actions =
        |table: &str| format!("SELECT on_delete || ', ' || on_update FROM pragma_foreign_key_list('{table}')");
    let expected = [
        ("cascading", "CASCADE, CASCADE"),
        ("clearing", "SET NULL, SET NULL"),
        ("resetting", "SET DEFAULT, SET DEFAULT"),
        ("restricting", "RESTRICT, RESTRICT"),
        ("late", "NO ACTION, NO ACTION"),
        ("cities", "RESTRICT, RESTRICT"),
        ("grandchildren", "CASCADE, RESTRICT"),
    ];
    for (table, expected) in expected {
        let found: String = sqliter::sqlx::query_scalar(sqliter::sqlx::AssertSqlSafe(actions(table)))
            .fetch_one(&db.pool())
            .await
            .unwrap();
        assert_eq!(found, expected, "{table}");
    }
    Ok(())
}

#[tokio::test]
async fn cascade_deletes_the_referring_rows_and_theirs() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    let gone = db.insert(Cascading::builder().country_id(&at)).await?;
    let stays = db.insert(Cascading::builder().country_id(&ch)).await?;
    db.insert(Grandchild::builder().parent_id(&gone)).await?;
    let other = db.insert(Grandchild::builder().parent_id(&stays)).await?;
    db.delete(&at).await?;
    assert_eq!(db.select::<Cascading>().fetch_all().await?, [stays]);
    assert_eq!(db.select::<Grandchild>().fetch_all().await?, [other]);
    Ok(())
}

#[tokio::test]
async fn a_bulk_delete_counts_its_own_rows_only() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    for country in [&at, &at, &ch] {
        db.insert(Cascading::builder().country_id(country)).await?;
    }
    assert_eq!(db.select::<Country>().filter(|c| c.code.ne("xx")).delete().await?, 2);
    assert_eq!(db.select::<Cascading>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn set_null_clears_and_set_default_resets() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    db.insert(Clearing::builder().country_id(&at)).await?;
    db.insert(Clearing::builder().country_id(&ch)).await?;
    db.insert(Resetting::builder().country_id(&at)).await?;
    db.delete(&at).await?;
    assert_eq!(db.select::<Clearing>().only(|c| c.country_id).fetch_all().await?, [None, Some(Country::key("ch"))]);
    assert_eq!(db.select::<Resetting>().only(|c| c.country_id).fetch_all().await?, [Country::key("xx")]);
    Ok(())
}

#[tokio::test]
async fn set_default_to_a_row_that_does_not_exist_is_refused() -> sqliter::Result<()> {
    let (db, at, _) = world().await;
    db.delete(Country::key("xx")).await?;
    db.insert(Resetting::builder().country_id(&at)).await?;
    let error = db.delete(&at).await.unwrap_err();
    assert!(
        matches!(&error, Error::ForeignKeyViolation { operation: Operation::Delete, table, .. } if table == "countries"),
        "{error:?}"
    );
    assert_eq!(db.select::<Country>().count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn restrict_and_no_action_refuse_a_delete_and_name_the_referring_columns() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    db.insert(Restricting::builder().country_id(&at)).await?;
    db.insert(Late::builder().country_id(&ch)).await?;
    is_refused(&db.delete(&at).await.unwrap_err(), Operation::Delete, "countries", &["restricting.country_id"]);
    let error = db.delete(&ch).await.unwrap_err();
    is_refused(&error, Operation::Delete, "countries", &["late.country_id"]);
    assert_eq!(error.to_string(), "cannot delete countries: late.country_id still refers to it");
    db.insert(City::builder().country_id(&at)).await?;
    let error = db.delete(&at).await.unwrap_err();
    is_refused(&error, Operation::Delete, "countries", &["cities.Land", "restricting.country_id"]);
    assert_eq!(db.select::<Country>().count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn restrict_and_no_action_refuse_a_bulk_delete_as_a_whole() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    db.insert(Cascading::builder().country_id(&ch)).await?;
    db.insert(Restricting::builder().country_id(&at)).await?;
    let error = db.select::<Country>().delete().await.unwrap_err();
    is_refused(&error, Operation::Delete, "countries", &["restricting.country_id"]);
    db.select::<Restricting>().delete().await?;
    db.insert(Late::builder().country_id(&at)).await?;
    let error = db.select::<Country>().filter(|c| c.code.ne("xx")).delete().await.unwrap_err();
    is_refused(&error, Operation::Delete, "countries", &["late.country_id"]);
    assert_eq!(db.select::<Country>().count().await?, 3);
    assert_eq!(db.select::<Cascading>().count().await?, 1);
    assert_eq!(db.select::<Country>().filter(|c| c.code.eq("ch")).delete().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_refused_delete_leaves_a_transaction_usable() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    db.insert(Restricting::builder().country_id(&at)).await?;
    db.transaction(async |tx| {
        let error = tx.delete(&at).await.unwrap_err();
        is_refused(&error, Operation::Delete, "countries", &["restricting.country_id"]);
        tx.delete(&ch).await
    })
    .await?;
    assert_eq!(db.select::<Country>().order(|c| c.code.asc()).only(|c| c.code).fetch_all().await?, ["at", "xx"]);
    Ok(())
}

#[tokio::test]
async fn an_action_of_a_child_stops_at_a_restricting_grandchild() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Country, Cascading, Guard)>().await?;
    let at = db.insert(Country::builder().code("at").name("Austria")).await?;
    let child = db.insert(Cascading::builder().country_id(&at)).await?;
    db.insert(Guard::builder().child_id(&child)).await?;
    let error = db.delete(&at).await.unwrap_err();
    is_refused(&error, Operation::Delete, "countries", &["guards.child_id"]);
    assert_eq!(db.select::<Cascading>().count().await?, 1);
    Ok(())
}

/// Restricts what would go by a cascade.
#[derive(Debug, Clone, PartialEq, Model)]
struct Guard {
    pk: Key<Guard>,
    child_id: Key<Cascading>,
}

#[tokio::test]
async fn a_changed_key_is_followed_cleared_or_reset() -> sqliter::Result<()> {
    let (db, at, _) = world().await;
    let cascading = db.insert(Cascading::builder().country_id(&at)).await?;
    let clearing = db.insert(Clearing::builder().country_id(&at)).await?;
    let resetting = db.insert(Resetting::builder().country_id(&at)).await?;
    assert_eq!(db.execute(RENAME).await?, 1);
    assert_eq!(db.get(cascading.pk).await?.unwrap().country_id, Country::key("zz"));
    assert_eq!(db.get(clearing.pk).await?.unwrap().country_id, None);
    assert_eq!(db.get(resetting.pk).await?.unwrap().country_id, Country::key("xx"));
    Ok(())
}

#[tokio::test]
async fn restrict_and_no_action_refuse_a_changed_key() -> sqliter::Result<()> {
    let (db, at, _) = world().await;
    let row = db.insert(Restricting::builder().country_id(&at)).await?;
    let error = db.execute(RENAME).await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { operation: Operation::Execute, .. }), "{error:?}");
    db.delete(&row).await?;
    db.insert(Late::builder().country_id(&at)).await?;
    let error = db.execute(RENAME).await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { operation: Operation::Execute, .. }), "{error:?}");
    assert_eq!(db.get(&at).await?, Some(at));
    Ok(())
}

#[tokio::test]
async fn no_action_waits_for_the_end_of_the_statement() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    db.insert(Late::builder().country_id(&at)).await?;
    // Both keys change places in one statement; only RESTRICT would look at each row.
    db.execute("UPDATE countries SET code = CASE code WHEN 'at' THEN 'c2' ELSE 'at' END WHERE code IN ('at', 'ch')")
        .await?;
    assert_eq!(db.get(&at).await?.map(|country| country.name), Some("Switzerland".to_owned()));
    assert_eq!(db.get(&ch).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_tree_goes_with_its_root() -> sqliter::Result<()> {
    let (db, ..) = world().await;
    let root = db.insert(Node::builder().name("root")).await?;
    let branch = db.insert(Node::builder().name("branch").parent_id(&root)).await?;
    db.insert(Node::builder().name("leaf").parent_id(&branch)).await?;
    let other = db.insert(Node::builder().name("other")).await?;
    assert_eq!(root.children(&db).delete().await?, 1);
    assert_eq!(db.select::<Node>().count().await?, 2);
    db.insert(Node::builder().name("new").parent_id(&root)).await?;
    db.delete(&root).await?;
    assert_eq!(db.select::<Node>().fetch_all().await?, [other]);
    Ok(())
}

#[tokio::test]
async fn dropping_a_table_deletes_its_rows_first() -> sqliter::Result<()> {
    let (db, at, ch) = world().await;
    db.insert(Cascading::builder().country_id(&at)).await?;
    let row = db.insert(Restricting::builder().country_id(&ch)).await?;
    let error = db.drop_table::<Country>().await.unwrap_err();
    is_refused(&error, Operation::DropTable, "countries", &["restricting.country_id"]);
    let error = db.create_table::<Country>().force().await.unwrap_err();
    is_refused(&error, Operation::DropTable, "countries", &["restricting.country_id"]);
    assert_eq!((db.select::<Country>().count().await?, db.select::<Cascading>().count().await?), (3, 1));
    db.delete(&row).await?;
    db.drop_table::<Country>().await?;
    assert_eq!(db.select::<Cascading>().count().await?, 0);
    Ok(())
}
