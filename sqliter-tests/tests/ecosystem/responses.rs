//! Errors as responses, by axum.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::handler::Handler;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde_json::{Value, from_slice, json};
use sqliter::web::Problem;
use sqliter::{Cursor, Error, Filters, Operation, Sorting, prelude::*};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    email: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(expr = "lower(name)", unique))]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(check = "pages > 0")]
    pages: i64,
    author_id: Key<Author>,
    #[model(version)]
    version: i64,
}

async fn library() -> sqliter::Result<(Db, Author, Book)> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book, Tag)>().await?;
    let author = db.insert(Author::builder().email("ada@example.org")).await?;
    let book = db.insert(Book::builder().title("Notes").pages(66).author_id(&author)).await?;
    Ok((db, author, book))
}

async fn answered(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body: Value = from_slice(&body).unwrap();
    assert_eq!(body["status"], status);
    (status, body)
}

async fn answer(error: Error) -> (u16, Value) {
    answered(error.into_response()).await
}

#[tokio::test]
async fn a_missing_row_is_404() -> sqliter::Result<()> {
    let (db, ..) = library().await?;
    let (status, body) = answer(db.delete(Book::key(7)).await.unwrap_err()).await;
    assert_eq!(status, 404);
    assert_eq!(body, json!({"title": "Not Found", "status": 404, "detail": "no such row in books: key 7"}));
    Ok(())
}

#[tokio::test]
async fn what_is_taken_or_referred_to_is_409() -> sqliter::Result<()> {
    let (db, author, _) = library().await?;
    let (status, body) = answer(db.insert(Author::builder().email("ada@example.org")).await.unwrap_err()).await;
    assert_eq!((status, &body["title"]), (409, &json!("Conflict")));
    assert_eq!(body["errors"], json!([{"name": "email", "detail": "is taken"}]));
    db.insert(Tag::builder().name("Love")).await?;
    let (status, body) = answer(db.insert(Tag::builder().name("love")).await.unwrap_err()).await;
    assert_eq!((status, &body["errors"]), (409, &json!([{"name": "name", "detail": "is taken"}])));
    let (status, body) = answer(db.delete(author.pk).await.unwrap_err()).await;
    assert_eq!(status, 409);
    assert_eq!(body["errors"], json!([{"name": "books.author_id", "detail": "refers to it"}]));
    Ok(())
}

#[tokio::test]
async fn a_stale_row_is_412() -> sqliter::Result<()> {
    let (db, _, mut book) = library().await?;
    let mut same = book.clone();
    db.update(&mut book).await?;
    let (status, body) = answer(db.update(&mut same).await.unwrap_err()).await;
    assert_eq!((status, &body["title"]), (412, &json!("Precondition Failed")));
    Ok(())
}

#[tokio::test]
async fn a_value_that_cannot_be_is_422_with_its_field() -> sqliter::Result<()> {
    let (db, author, book) = library().await?;
    let draft = Book::builder().title("Letters").pages(0).author_id(&author);
    let (status, body) = answer(db.insert(draft).await.unwrap_err()).await;
    assert_eq!((status, &body["errors"][0]["name"]), (422, &json!("pages")));
    let patch = BookPatch { author_id: Some(Author::key(9)), ..Default::default() };
    let (status, body) = answer(db.patch(book.pk, patch).await.unwrap_err()).await;
    assert_eq!(status, 422);
    assert_eq!(body["errors"], json!([{"name": "author_id", "detail": "leads to no row"}]));
    Ok(())
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_422_with_what_is_allowed() -> sqliter::Result<()> {
    let (db, ..) = library().await?;
    let filters = Filters::<Book>::new().gt("pages_over", |b| b.pages);
    let error = db.select::<Book>().filter_by(&filters, "pages_over=many&colour=red").unwrap_err();
    let (status, body) = answer(error).await;
    assert_eq!((status, &body["title"]), (422, &json!("Unprocessable Content")));
    assert_eq!(body["errors"][0]["name"], "colour");
    assert_eq!(body["errors"][0]["allowed"], json!(["pages_over"]));
    assert_eq!(body["errors"][1]["name"], "pages_over");
    let sorting = Sorting::<Book>::new().by("title", |b| b.title);
    let (status, body) = answer(db.select::<Book>().order_by(&sorting, "-dew").unwrap_err()).await;
    assert_eq!((status, &body["errors"][0]["allowed"]), (422, &json!(["title"])));
    let (status, _) = answer("nonsense".parse::<Cursor>().unwrap_err()).await;
    assert_eq!(status, 422);
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_busy_is_503_and_says_when_to_come_again() -> sqliter::Result<()> {
    let db = Db::options().queue_timeout(Duration::from_millis(10)).open().await?;
    let tx = db.begin().await?;
    let error = db.select::<Author>().count().await.unwrap_err();
    assert!(matches!(error, Error::QueueTimeout { .. }), "{error}");
    let response = error.into_response();
    assert_eq!(response.headers()["retry-after"], "1");
    let (status, body) = answered(response).await;
    assert_eq!((status, &body["title"]), (503, &json!("Service Unavailable")));
    assert_eq!(body["detail"], "the database is busy; try again");
    tx.rollback().await
}

#[tokio::test]
async fn a_write_to_a_database_that_is_only_read_is_503_and_is_not_to_be_tried_again() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    Db::open(&path).await?.close().await?;
    let db = Db::options().path(&path).read_only().open().await?;
    let response = db.execute("CREATE TABLE notes (text TEXT)").await.unwrap_err().into_response();
    assert!(!response.headers().contains_key("retry-after"));
    let (status, body) = answered(response).await;
    assert_eq!((status, &body["detail"]), (503, &json!("the service changes nothing at present")));
    db.close().await
}

#[tokio::test]
async fn a_call_that_took_too_long_is_504() {
    let error = Error::Timeout { operation: Operation::Fetch, table: "books".into(), after: Duration::from_secs(1) };
    let response = error.into_response();
    assert!(!response.headers().contains_key("retry-after"));
    assert_eq!(answered(response).await.0, 504);
}

#[tokio::test]
async fn what_only_the_operator_can_mend_is_500_and_not_told() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    let error = db.select::<Book>().count().await.unwrap_err();
    assert!(error.to_string().contains("books"));
    let (status, body) = answer(error).await;
    assert_eq!(status, 500);
    let detail = "the service has failed; its log says why";
    assert_eq!(body, json!({"title": "Internal Server Error", "status": 500, "detail": detail}));
    Ok(())
}

#[tokio::test(flavor = "current_thread")]
async fn what_the_response_does_not_tell_is_in_the_log() -> sqliter::Result<()> {
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let log = Written::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let (db, ..) = library().await?;
    let missing = db.delete(Book::key(7)).await.unwrap_err();
    let broken = db.query::<(i64,)>("SELECT nothing").fetch_all().await.unwrap_err();
    tracing::subscriber::with_default(subscriber, || {
        drop(missing.into_response());
        drop(Problem::from(broken));
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("ERROR sqliter: a request failed status=500") && log.contains("nothing"), "{log}");
    assert!(!log.contains("no such row"), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_handler_returns_the_result_of_the_library() -> sqliter::Result<()> {
    async fn title(State(db): State<Db>) -> sqliter::Result<String> {
        db.select::<Book>().only(|b| b.title).fetch_required().await
    }

    async fn pages(State(db): State<Db>) -> Result<String, Problem> {
        match db.select::<Book>().only(|b| b.pages).fetch_required().await? {
            66 => Err(Problem::new(422, "a book with 66 pages")),
            pages => Ok(pages.to_string()),
        }
    }

    let (db, _, book) = library().await?;
    let response = title.call(Request::new(Body::empty()), db.clone()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "Notes");
    let (status, problem) = answered(pages.call(Request::new(Body::empty()), db.clone()).await).await;
    assert_eq!((status, &problem["detail"]), (422, &json!("a book with 66 pages")));
    db.delete(book.pk).await?;
    assert_eq!(answered(title.call(Request::new(Body::empty()), db.clone()).await).await.0, 404);
    assert_eq!(answered(pages.call(Request::new(Body::empty()), db).await).await.0, 404);
    Ok(())
}

#[test]
fn a_problem_says_when_to_come_again_where_the_service_says_so() {
    let later = Problem::new(429, "more than ten requests a second").with_retry_after(30);
    assert!(serde_json::to_value(&later).unwrap().get("retry_after").is_none(), "it is a header");
    assert_eq!(later.into_response().headers()["retry-after"], "30");
    assert!(!Problem::new(503, "closed on Sundays").into_response().headers().contains_key("retry-after"));
}

#[test]
fn a_problem_of_the_service_itself_has_fields_too() {
    let problem = Problem::new(422, "the book does not fit").with_field("title", "is empty");
    let errors = json!([{"name": "title", "detail": "is empty"}]);
    let expected =
        json!({"title": "Unprocessable Content", "status": 422, "detail": "the book does not fit", "errors": errors});
    assert_eq!(serde_json::to_value(&problem).unwrap(), expected);
    assert_eq!(problem.into_response().status(), StatusCode::UNPROCESSABLE_ENTITY);
}
