//! Mistakes in the SQL of attributes are reported where they stand.

use sqliter::Error;
use sqliter::prelude::*;

/// What creating the table of a model says.
async fn refused<M: Model>() -> String {
    let db = Db::memory().await.unwrap();
    let error = db.create_table::<M>().await.unwrap_err();
    assert!(matches!(&error, Error::SqlInModel { model, .. } if model == M::TABLE.model), "{error:?}");
    assert!(db.table_names().await.unwrap().is_empty());
    error.to_string()
}

#[tokio::test]
async fn a_check_of_a_column() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(check = "pages < 10000")]
    struct Book {
        pk: Key<Book>,
        #[model(check = "length(title) > 0")]
        title: String,
        #[model(check = "pagse > 0")]
        pages: i64,
    }
    assert_eq!(
        refused::<Book>().await,
        "the model Book has a mistake in its SQL, in the check of the column pages: no such column: pagse: pagse > 0"
    );
}

#[tokio::test]
async fn a_check_of_the_struct() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(check = "starts < = ends")]
    struct Event {
        pk: Key<Event>,
        starts: i64,
        ends: i64,
    }
    let text = refused::<Event>().await;
    assert!(
        text.starts_with("the model Event has a mistake in its SQL, in the check of the struct: near \"=\""),
        "{text}"
    );
}

#[tokio::test]
async fn a_generated_column() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Item {
        pk: Key<Item>,
        price: i64,
        #[model(generated = "price * amont")]
        total: i64,
    }
    assert_eq!(
        refused::<Item>().await,
        "the model Item has a mistake in its SQL, in the generated column total: no such column: amont: price * amont"
    );
}

#[tokio::test]
async fn an_index_over_an_expression_or_over_some_rows() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(expr = "lowr(name)"))]
    struct User {
        pk: Key<User>,
        name: String,
    }
    assert_eq!(
        refused::<User>().await,
        "the model User has a mistake in its SQL, in the index over lowr(name): no such function: lowr: lowr(name)"
    );
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(name, where = "deleted IS NULL"))]
    struct Group {
        pk: Key<Group>,
        name: String,
    }
    assert_eq!(
        refused::<Group>().await,
        "the model Group has a mistake in its SQL, in the index over \"name\": no such column: deleted: deleted IS NULL"
    );
}

#[tokio::test]
async fn other_reasons_stay_what_they_are() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(check = "pages > 0")]
    struct Book {
        pk: Key<Book>,
        pages: i64,
    }
    let db = Db::memory().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    let error = db.create_table::<Book>().exists_ok(false).await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { .. }), "{error:?}");
}
