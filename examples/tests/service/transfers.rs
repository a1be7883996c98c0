//! Imports and exports.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::client::{Answer, Service};

async fn import(service: &Service, pieces: Vec<Vec<u8>>) -> Answer {
    let pieces = tokio_stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let request = axum::http::Request::builder().method(Method::POST).uri(service.url("/books/import"));
    service.send(request.header(header::CONTENT_TYPE, "application/x-ndjson"), Body::from_stream(pieces)).await
}

fn line(i: usize) -> String {
    let subjects = ["Novel", "new subject"].iter().take(i % 3).collect::<Vec<_>>();
    json!({"title": format!("Book {i}"), "author": format!("Author {}", i % 7), "subjects": subjects}).to_string()
}

#[tokio::test]
async fn many_books_come_in_pieces() {
    let service = Service::start();
    let text = (0..1234).map(line).collect::<Vec<_>>().join("\n");
    // The pieces end anywhere, and the last line has no end.
    let pieces = text.as_bytes().chunks(999).map(<[u8]>::to_vec).collect();
    assert_eq!(import(&service, pieces).await.is(200), json!({"books": 1234}));
    let page = service.get("/books?subject=new%20subject&total=true&limit=1").await.is(200);
    assert_eq!(page["total"], 411);
    assert_eq!(service.get("/authors?name=author%20&total=true").await.is(200)["total"], 7);
}

#[tokio::test]
async fn an_import_is_all_or_nothing_and_names_the_line() {
    let service = Service::start();
    let mut lines: Vec<String> = (0..700).map(line).collect();
    lines.push(json!({"title": "", "author": "A"}).to_string());
    let refused = import(&service, vec![lines.join("\n").into()]).await.refuses(422);
    assert_eq!(refused[0].0, "line 701: title");
    lines[700] = "{".to_owned();
    let refused = import(&service, vec![lines.join("\n").into()]).await.is(400);
    assert!(refused["detail"].as_str().unwrap().starts_with("line 701: this is no JSON: "), "{refused}");
    // What only the database can tell: the ISBN of an earlier line.
    let isbn = |title: &str| json!({"title": title, "author": "A", "isbn": "9780141439686"}).to_string();
    lines[3] = isbn("one");
    lines[700] = isbn("two");
    let refused = import(&service, vec![lines.join("\n").into()]).await.refuses(422);
    assert_eq!(refused[0].0, "line 701");
    assert_eq!(service.get("/books?total=true").await.is(200)["total"], 16);
    assert_eq!(import(&service, Vec::new()).await.is(200), json!({"books": 0}));
    // A line without end is not kept in memory.
    assert_eq!(import(&service, vec![vec![b'x'; 100_000]]).await.refuses(422)[0].0, "line 1");
    // Who still sends is told too.
    let mut much = format!("{{}}\n{}\n", line(1)).into_bytes();
    much.extend(format!("{}\n", line(1)).repeat(50_000).into_bytes());
    assert_eq!(import(&service, vec![much]).await.refuses(422)[0].0, "line 1: body");
}

/// The transaction begins when all lines are there and fit.
#[tokio::test]
async fn a_slow_import_keeps_nobody_from_writing() {
    let service = Service::start_with(&["--wait", "100"]);
    let (lines, sent) = tokio::sync::mpsc::channel::<std::io::Result<String>>(1);
    let request = axum::http::Request::builder().method(Method::POST).uri(service.url("/books/import"));
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson");
    let body = Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(sent));
    let others = async {
        for i in 0..600 {
            lines.send(Ok(format!("{}\n", line(i)))).await.unwrap();
        }
        let answer = service.post("/authors", json!({"name": "Meanwhile"})).await;
        assert_eq!(service.get("/books?total=true").await.is(200)["total"], 16);
        drop(lines);
        answer
    };
    let (imported, meanwhile) = tokio::join!(service.send(request, body), others);
    assert_eq!(imported.is(200), json!({"books": 600}));
    meanwhile.is(201);
}

#[tokio::test]
async fn an_import_that_is_too_large_is_refused() {
    let service = Service::start();
    let request = || {
        let request = axum::http::Request::builder().method(Method::POST).uri(service.url("/books/import"));
        request.header(header::CONTENT_TYPE, "application/x-ndjson")
    };
    let many = format!("{}\n", line(1)).repeat(100_000);
    assert!(many.len() > 4 << 20);
    // With its length in the request, and without.
    service.send(request(), many.clone()).await.refuses(413);
    let pieces: Vec<_> = many.as_bytes().chunks(99_999).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    service.send(request(), Body::from_stream(tokio_stream::iter(pieces))).await.refuses(413);
    assert_eq!(service.get("/books?total=true").await.is(200)["total"], 16);
    let text = axum::http::Request::builder().method(Method::POST).uri(service.url("/books/import"));
    service.send(text.header(header::CONTENT_TYPE, "text/csv"), line(1)).await.refuses(415);
}

/// Whatever the reason is for which nothing more of the body is read.
#[tokio::test]
async fn who_still_sends_when_a_request_is_refused_reads_the_answer() {
    let service = Service::start();
    let much = format!("{}\n", line(1)).repeat(200_000);
    for (path, content_type, status) in [
        ("/books/import", "text/csv", 415),
        ("/books", "text/plain", 415),
        ("/books", "application/json", 413),
        ("/nowhere", "application/json", 404),
        ("/health", "application/json", 405),
    ] {
        let request = axum::http::Request::builder().method(Method::POST).uri(service.url(path));
        let answer = service.send(request.header(header::CONTENT_TYPE, content_type), much.clone()).await;
        answer.is(status);
    }
    let endless = vec![vec![b'x'; 20 << 20]];
    assert_eq!(import(&service, endless).await.refuses(422)[0].0, "line 1");
}

#[tokio::test]
async fn exports_are_lines_of_json_and_comma_separated_values() {
    let service = Service::start();
    let books = service.get("/books/export").await;
    assert_eq!(books.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = books.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (lines.len(), &lines[0]["title"], &lines[0]["author"]),
        (16, &json!("Pride and Prejudice"), &json!("Jane Austen"))
    );
    service.patch("/members/1", json!({"name": "Lovelace, \"Ada\""})).await.is(200);
    let loans = service.get("/loans/export").await;
    let mut lines = loans.text().lines();
    assert_eq!(lines.next(), Some("pk,barcode,title,branch,member,lent_on,due_on,returned_on"));
    assert!(lines.next().unwrap().starts_with("1,LIB-000-0,Pride and Prejudice,Central,\"Lovelace, \"\"Ada\"\"\",20"));
    assert_eq!(lines.count(), 11);
}
