//! Requests for lists: pages, orders and filters from a query string.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::handler::Handler;
use axum::http::Request;
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::{Value, json};
use sqliter::web::ListRequest;
use sqliter::{Error, Filters, Page, Sorting, prelude::*};
use utoipa::IntoParams;

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn library() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_table::<Book>().await?;
    let books = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];
    db.bulk_insert(books.map(|(title, pages)| Book::builder().title(title).pages(pages))).await?;
    Ok(db)
}

/// As a handler with few rows has it.
type FewRows = ListRequest<2, 3>;

async fn list(State(db): State<Db>, request: FewRows) -> sqliter::Result<Json<Page<Book>>> {
    let filters = Filters::<Book>::new().gt("pages_over", |b| b.pages);
    let sorting = Sorting::<Book>::new().by("title", |b| b.title).by("pages", |b| b.pages);
    let books = db.select::<Book>().filter_by(&filters, &request)?.order_by(&sorting, request.sort_or("title"))?;
    Ok(Json(request.page_of(books).await?))
}

/// The status and the body of the response.
async fn ask(db: &Db, query: &str) -> (u16, Value) {
    let request = Request::get(format!("/books?{query}")).body(Body::empty()).unwrap();
    let response = list.call(request, db.clone()).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

fn titles(body: &Value) -> Vec<&str> {
    body["rows"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_request_goes_from_page_to_page_and_back() -> sqliter::Result<()> {
    let db = library().await?;
    let (_, first) = ask(&db, "").await;
    assert_eq!((titles(&first), &first["previous"]), (vec!["a", "b"], &Value::Null));
    let (_, second) = ask(&db, &format!("after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((titles(&second), &second["next"]), (vec!["c", "d"], &Value::Null));
    let (_, back) = ask(&db, &format!("before={}", second["previous"].as_str().unwrap())).await;
    assert_eq!(titles(&back), ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn a_request_sorts_filters_and_limits() -> sqliter::Result<()> {
    let db = library().await?;
    assert_eq!(titles(&ask(&db, "sort=-pages&pages_over=1&limit=1").await.1), ["d"]);
    assert_eq!(titles(&ask(&db, "limit=1000").await.1), ["a", "b", "c"], "never more than the program says");
    let form = "sort=&after=&before=&limit=&total=&pages_over=";
    assert_eq!(titles(&ask(&db, form).await.1), ["a", "b"], "as forms send it");
    Ok(())
}

#[tokio::test]
async fn all_rows_are_counted_where_the_request_asks_for_it() -> sqliter::Result<()> {
    let db = library().await?;
    assert!(ask(&db, "").await.1.get("total").is_none());
    assert!(ask(&db, "total=false").await.1.get("total").is_none());
    let (_, counted) = ask(&db, "total=true&pages_over=1").await;
    assert_eq!((titles(&counted), &counted["total"]), (vec!["b", "c"], &json!(3)));
    let (_, counted) = ask(&db, "total=1&limit=0").await;
    assert_eq!((titles(&counted).len(), &counted["total"]), (0, &json!(4)));
    // A program may say no.
    let mut request: FewRows = "total=true".parse()?;
    request.total = false;
    assert_eq!(request.page_of(db.select::<Book>()).await?.total, None);
    Ok(())
}

#[tokio::test]
async fn a_page_has_twenty_rows_and_a_hundred_at_most_unless_the_program_says_otherwise() -> sqliter::Result<()> {
    let db = library().await?;
    db.bulk_insert((0..200).map(|i| Book::builder().title(i.to_string()).pages(i))).await?;
    let rows = async |query: &str| -> sqliter::Result<usize> {
        Ok(query.parse::<ListRequest>()?.page_of(db.select::<Book>()).await?.rows.len())
    };
    assert_eq!((rows("").await?, rows("limit=50").await?, rows("limit=150").await?), (20, 50, 100));
    let request: ListRequest<150, 160> = "".parse()?;
    assert_eq!(request.page_of(db.select::<Book>()).await?.rows.len(), 150);
    Ok(())
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_422_each_by_its_name() -> sqliter::Result<()> {
    let db = library().await?;
    let (status, body) = ask(&db, "limit=-1&after=nonsense&total=perhaps").await;
    assert_eq!(status, 422);
    let expected = json!([
        {"name": "limit", "detail": "must be a whole number from 0"},
        {"name": "after", "detail": "must be what a page gave as next or previous: its text is malformed"},
        {"name": "total", "detail": "must be one of true, false", "allowed": ["true", "false"]},
    ]);
    assert_eq!(body["errors"], expected);
    let (_, first) = ask(&db, "").await;
    let next = first["next"].as_str().unwrap();
    for query in [
        format!("after={next}&before={next}"),
        format!("after={next}&sort=pages"),
        format!("after={next}&after={next}"),
        "limit=1&limit=2".to_owned(),
        "total=true&total=false".to_owned(),
        "colour=red".to_owned(),
        "sort=colour".to_owned(),
    ] {
        assert_eq!(ask(&db, &query).await.0, 422, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn chains_put_together_have_pages_too() -> sqliter::Result<()> {
    let db = library().await?;
    let request: ListRequest = "limit=1".parse()?;
    let long = db.select::<Book>().filter(|b| b.pages.gt(3)).only(|b| b.title);
    let short = db.select::<Book>().filter(|b| b.pages.lt(2)).only(|b| b.title);
    assert_eq!(request.page_of(long.union(short)).await?.rows, ["a"]);
    Ok(())
}

#[test]
fn a_request_can_be_made_by_hand() {
    let mut request: ListRequest = ListRequest::default();
    request.limit = Some(3);
    assert_eq!((request.sort_or("title"), &request), ("title", &"limit=3".parse().unwrap()));
    assert!(matches!("limit=x".parse::<ListRequest>(), Err(Error::Parameters { .. })));
}

#[test]
fn the_parameters_are_described_with_the_numbers_of_the_program() {
    let parameters = serde_json::to_value(FewRows::into_params(|| None)).unwrap();
    let parameters = parameters.as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|parameter| &parameter["name"]).collect();
    assert_eq!(names, ["sort", "after", "before", "limit", "total"]);
    assert!(parameters.iter().all(|parameter| parameter["in"] == "query" && parameter["required"] == false));
    let limit = &parameters[3];
    assert_eq!(limit["schema"], json!({"type": "integer", "format": "int64", "minimum": 0, "default": 2}));
    assert_eq!(limit["description"], "How many rows the page may have; 3 at most, whatever stands here");
    assert_eq!(parameters[4]["schema"], json!({"type": "boolean", "default": false}));
}
