//! Indexes: their statements as SQLite has kept them, their names, and when they are made.

use crate::kept::{indexes, sql, table};
use sqliter::Error;
use sqliter::prelude::*;

#[tokio::test]
async fn indexes_have_the_columns_in_their_order_and_come_once() {
    #[expect(clippy::duplicated_attributes, reason = "two indexes may share a field")]
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(b, a), index(a), unique(a, b), index(b, a))]
    #[model(unique(c))]
    struct Item {
        pk: Key<Item>,
        #[model(index)]
        a: i64,
        b: i64,
        #[model(index, column = "see")]
        c: i64,
        d: i64,
    }
    let db = table::<Item>().await;
    let expected = [
        ("idx_items_b_a", r#"CREATE INDEX "idx_items_b_a" ON "items" ("b", "a")"#),
        ("idx_items_a_b_unique", r#"CREATE UNIQUE INDEX "idx_items_a_b_unique" ON "items" ("a", "b")"#),
        ("idx_items_see_unique", r#"CREATE UNIQUE INDEX "idx_items_see_unique" ON "items" ("see")"#),
    ];
    assert_eq!(indexes(&db).await, expected.map(|(name, _)| name));
    for (name, statement) in expected {
        assert_eq!(sql(&db, name).await, statement);
    }
    let draft = |c| Item::builder().a(1).b(2).c(c).d(0);
    db.insert(draft(1)).await.unwrap();
    let error = db.insert(draft(2)).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if *columns == ["a", "b"]), "{error:?}");
}

#[tokio::test]
async fn an_index_name_that_another_table_has_taken_is_an_error() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "ix", index(a, b_c))]
    struct IxA {
        pk: Key<IxA>,
        a: i64,
        b_c: i64,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "ix_a", index(b_c))]
    struct IxB {
        pk: Key<IxB>,
        b_c: i64,
    }
    let db = table::<IxA>().await;
    let error = db.create_table::<IxB>().await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { table, .. } if table == "ix_a"), "{error:?}");
    assert!(error.to_string().contains("the index name idx_ix_a_b_c is taken by an index of the table ix"), "{error}");
    assert_eq!(db.table_names().await.unwrap(), ["ix"]);
    assert!(db.create_tables::<(IxB, IxA)>().force().await.is_err());
}

#[tokio::test]
async fn two_indexes_of_one_table_with_the_same_name_are_an_error() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(a_b, c), index(a_x))]
    struct Item {
        pk: Key<Item>,
        a_b: i64,
        c: i64,
        a_x: Key<Item>,
    }
    // Without a clash: the index of the foreign key is the declared one.
    let db = table::<Item>().await;
    assert_eq!(indexes(&db).await, ["idx_items_a_x", "idx_items_a_b_c"]);

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(unique(a, x_id))]
    struct Fine {
        pk: Key<Fine>,
        a: i64,
        x_id: i64,
        a_x_id: Option<Key<Fine>>,
    }
    table::<Fine>().await;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(a, x_id))]
    struct Clash {
        pk: Key<Clash>,
        a: i64,
        x_id: i64,
        a_x_id: Option<Key<Clash>>,
    }
    let error = Db::memory().await.unwrap().create_table::<Clash>().await.unwrap_err();
    assert!(
        matches!(&error, Error::TableCreation { .. }) && error.to_string().contains("idx_clashes_a_x_id"),
        "{error}"
    );
}

#[tokio::test]
async fn indexes_and_keys_use_the_name_of_the_column() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(owner, title))]
    struct Disc {
        pk: Key<Disc>,
        #[model(column = "caption")]
        title: String,
        #[model(column = "belongs to", on_delete = set_null, on_update = cascade)]
        owner: Option<Key<Disc>>,
    }
    let db = table::<Disc>().await;
    assert_eq!(
        sql(&db, "discs").await,
        "CREATE TABLE \"discs\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"caption\" TEXT NOT NULL, \
         \"belongs to\" INTEGER, \
         FOREIGN KEY (\"belongs to\") REFERENCES \"discs\"(\"pk\") ON DELETE SET NULL ON UPDATE CASCADE) STRICT"
    );
    // COL-15: a foreign key has an index, here the one that begins with it.
    assert_eq!(indexes(&db).await, ["idx_discs_belongs to_caption"]);
    assert_eq!(
        sql(&db, "idx_discs_belongs to_caption").await,
        r#"CREATE INDEX "idx_discs_belongs to_caption" ON "discs" ("belongs to", "caption")"#
    );
}

#[tokio::test]
async fn indexes_can_be_made_apart_from_the_table() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "items")]
    struct Bare {
        pk: Key<Bare>,
        name: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(name))]
    struct Item {
        pk: Key<Item>,
        name: String,
    }
    let db = table::<Bare>().await;
    assert!(indexes(&db).await.is_empty());
    db.create_indexes::<Item>().await.unwrap();
    db.create_indexes::<Item>().await.unwrap();
    assert_eq!(indexes(&db).await, ["idx_items_name"]);
    db.drop_table::<Item>().await.unwrap();
    let error = db.create_indexes::<Item>().await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { table, .. } if table == "items"), "{error:?}");
}
