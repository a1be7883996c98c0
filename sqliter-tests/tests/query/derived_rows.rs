//! `#[derive(Row)]`: structs that are read from the rows of any statement, by field name.

use sqliter::bounds::FromRow;
use sqliter::prelude::*;
use sqliter::{Error, Json, Row};

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Size {
    Small,
    Large,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Shop {
    pk: Key<Shop>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Sale {
    pk: Key<Sale>,
    country: String,
    amount: Option<f64>,
    #[model(default = Size::Small)]
    size: Size,
    shop_id: Key<Shop>,
}

#[derive(Debug, Clone, PartialEq, Row)]
struct CountryTotal {
    country: String,
    total: Option<f64>,
}

async fn sales() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Shop, Sale)>().await.unwrap();
    let shop = db.insert(Shop::builder().name("corner")).await.unwrap();
    let sale = |country: &str| Sale::builder().country(country).shop_id(&shop);
    db.insert(sale("at").amount(1.5)).await.unwrap();
    db.insert(sale("at").amount(2.0).size(Size::Large)).await.unwrap();
    db.insert(sale("ch")).await.unwrap();
    db
}

#[tokio::test]
async fn fields_are_read_from_the_columns_of_their_names() {
    let db = sales().await;
    let sql = "SELECT sum(amount) AS total, count(*) AS sales, country FROM sales GROUP BY country ORDER BY country";
    let totals = db.query::<CountryTotal>(sql).fetch_all().await.unwrap();
    assert_eq!(
        totals,
        [CountryTotal { country: "at".into(), total: Some(3.5) }, CountryTotal { country: "ch".into(), total: None },]
    );
    let sql = "SELECT 'de' AS Country, 7 AS TOTAL";
    let total = db.query::<CountryTotal>(sql).fetch_required().await.unwrap();
    assert_eq!(total, CountryTotal { country: "de".into(), total: Some(7.0) });
    assert_eq!(CountryTotal::column_names(), ["country", "total"]);
}

#[tokio::test]
async fn every_column_type_fits_a_field() {
    #[derive(Debug, PartialEq, Row)]
    struct Line {
        size: Size,
        sale: Key<Sale>,
        shop: Option<Key<Shop>>,
        tags: Json<Vec<String>>,
        bytes: Vec<u8>,
        large: bool,
        day: chrono::NaiveDate,
    }
    let db = sales().await;
    let sql = "SELECT *, pk AS sale, shop_id AS shop, '[\"a\"]' AS tags, x'01' AS bytes, size = 'large' AS large,
                      '2020-02-03' AS day
               FROM sales WHERE size = ?";
    let line = db.query::<Line>(sql).bind(Size::Large).fetch_required().await.unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(2020, 2, 3).unwrap();
    let (sale, shop) = (Sale::key(2), Some(Shop::key(1)));
    let tags = Json(vec!["a".to_owned()]);
    assert_eq!(line, Line { size: Size::Large, sale, shop, tags, bytes: vec![1], large: true, day });
}

#[tokio::test]
async fn a_field_may_have_another_name_than_its_column() {
    #[derive(Debug, PartialEq, Row)]
    struct Summary {
        #[row(column = "count(*)")]
        sales: i64,
        r#type: String,
        #[row(column = "größte")]
        largest: f64,
    }
    let db = sales().await;
    let sql = "SELECT count(*), max(amount) AS größte, 'all' AS type FROM sales";
    let summary = db.query::<Summary>(sql).fetch_required().await.unwrap();
    assert_eq!(summary, Summary { sales: 3, r#type: "all".into(), largest: 2.0 });
    assert_eq!(Summary::column_names(), ["count(*)", "type", "größte"]);
}

#[tokio::test]
async fn what_is_missing_or_does_not_fit_is_named() {
    let db = sales().await;
    let error = db.query::<CountryTotal>("SELECT country, amount FROM sales").fetch_all().await.unwrap_err();
    let Error::MissingColumn { column, columns } = &error else { panic!("{error:?}") };
    assert_eq!((column.as_str(), columns.as_slice()), ("total", &["country".to_owned(), "amount".to_owned()][..]));
    let error =
        db.query::<CountryTotal>("SELECT 1 AS total, 2 AS Total, 'x' AS country").fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::AmbiguousColumn { column, .. } if column == "total"), "{error:?}");
    let error = db.query::<CountryTotal>("SELECT NULL AS country, 1 AS total").fetch_one().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { table, column, .. } if table.is_empty() && column == "country"));
    assert_eq!(error.to_string(), "country holds NULL, expected text");
    // Columns that no field asks for may come twice and hold anything.
    let sql = "SELECT 'x' AS country, 1 AS other, 2 AS other, CAST(x'ff' AS TEXT) AS broken, 1.0 AS total";
    assert_eq!(db.query::<CountryTotal>(sql).fetch_all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn rows_come_from_statements_that_write_too() {
    #[derive(Debug, PartialEq, Row)]
    struct Gone {
        pk: Key<Sale>,
        country: String,
    }
    let db = sales().await;
    let gone =
        db.query::<Gone>("DELETE FROM sales WHERE country = ? RETURNING *").bind("ch").fetch_all().await.unwrap();
    assert_eq!(gone, [Gone { pk: Sale::key(3), country: "ch".into() }]);
    assert_eq!(db.select::<Sale>().count().await.unwrap(), 2);
}

#[tokio::test]
async fn functions_take_any_row() {
    async fn all<T: FromRow>(session: &Session, sql: &str) -> Vec<T> {
        session.query::<T>(sql).fetch_all().await.unwrap()
    }
    let db = sales().await;
    assert_eq!(all::<CountryTotal>(&db, "SELECT country, amount AS total FROM sales").await.len(), 3);
    assert_eq!(all::<Sale>(&db, "SELECT * FROM sales").await.len(), 3);
    assert_eq!(all::<(String, Size)>(&db, "SELECT country, size FROM sales").await[2], ("ch".into(), Size::Small));
    assert_eq!(all::<f64>(&db, "SELECT amount FROM sales WHERE amount > 1.8").await, [2.0]);
}
