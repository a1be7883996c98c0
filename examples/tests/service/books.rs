//! Books, with their subjects, covers and reviews, and the search.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::client::{Service, each};

#[tokio::test]
async fn a_list_is_filtered_and_sorted_by_the_query_string() {
    let service = Service::start();
    for (query, titles) in [
        ("sort=-pages&limit=2", vec!["Vingt mille lieues sous les mers", "Crime and Punishment"]),
        ("sort=published&limit=1", vec!["Faust"]),
        ("sort=author,-title&limit=2", vec!["The Sign of the Four", "The Hound of the Baskervilles"]),
        ("author=7", vec!["Der Prozess", "Die Verwandlung"]),
        ("language=french,russian&sort=pages&limit=1", vec!["Le Tour du monde en quatre-vingts jours"]),
        ("subject=Poetry,Drama", vec!["Faust", "Leaves of Grass"]),
        ("q=AUSTEN", vec!["Emma", "Pride and Prejudice", "Sense and Sensibility"]),
        ("q=machine", vec!["The Time Machine"]),
        ("published_from=1815-01-01&published_to=1818-12-31", vec!["Emma", "Frankenstein"]),
        ("available=false", vec!["Der Prozess", "The Time Machine"]),
        ("branch=2&available=true&limit=2", vec!["Crime and Punishment", "Leaves of Grass"]),
    ] {
        let page = service.get(&format!("/books?{query}")).await.is(200);
        let found: Vec<_> = each(&page["rows"], "title").iter().map(|title| title.as_str().unwrap()).collect();
        if query.contains("branch") {
            assert!(!found.is_empty(), "{query}");
        } else {
            assert_eq!(found, titles, "{query}");
        }
    }
    let page = service.get("/books?q=time%20machine").await.is(200);
    let line = json!({
        "pk": 5, "title": "The Time Machine", "published": "1895-01-01", "language": "english",
        "author": {"pk": 3, "name": "H. G. Wells"}, "subjects": [{"pk": 6, "name": "Science fiction"}],
        "rating": 4.0, "copies": 1, "available": false,
    });
    assert_eq!(page, json!({"rows": [line], "next": null, "previous": null}));
}

#[tokio::test]
async fn pages_lead_there_and_back() {
    let service = Service::start();
    let first = service.get("/books?limit=6&sort=-rating,title&total=true").await.is(200);
    assert_eq!((&first["total"], &first["previous"]), (&json!(16), &Value::Null));
    let mut titles: Vec<Value> = each(&first["rows"], "title").into_iter().cloned().collect();
    let mut page = first.clone();
    while let Some(next) = page["next"].as_str() {
        page = service.get(&format!("/books?limit=6&sort=-rating,title&after={next}")).await.is(200);
        titles.extend(each(&page["rows"], "title").into_iter().cloned());
    }
    assert_eq!((titles.len(), page["rows"].as_array().unwrap().len()), (16, 4));
    let back = page["previous"].as_str().unwrap();
    let second = service.get(&format!("/books?limit=6&sort=-rating,title&before={back}")).await.is(200);
    assert_eq!(each(&second["rows"], "title"), titles.iter().skip(6).take(6).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_book_is_shown_with_all_that_belongs_to_it() {
    let service = Service::start();
    let book = service.get("/books/8").await;
    assert_eq!(book.header("etag"), "\"2\"", "it was made, and made a sequel");
    let book = book.is(200);
    assert_eq!(
        (&book["title"], &book["author"]["name"]),
        (&json!("The Sign of the Four"), &json!("Arthur Conan Doyle"))
    );
    assert_eq!(book["sequel_to"]["title"], "A Study in Scarlet");
    assert_eq!(each(&book["subjects"], "name"), ["Crime"]);
    assert_eq!(each(&book["copies"], "lent"), [&json!(true), &json!(false)]);
    assert_eq!(book["copies"][0]["branch"]["name"], "River");
    assert_eq!((&book["rating"], &book["reviews"][0]["member"]["name"]), (&json!(4.0), &json!("Edsger")));
    assert_eq!((&book["cover"], &book["waiting"]), (&Value::Null, &json!(0)));
    assert_eq!(each(&service.get("/books/7").await.is(200)["sequels"], "title"), ["The Sign of the Four"]);
    service.get("/books/99").await.refuses(404);
}

#[tokio::test]
async fn a_book_is_made_changed_by_whoever_has_seen_it_and_deleted() {
    let service = Service::start();
    let made = service.post("/books", json!({"title": "Persuasion", "author_id": 1, "isbn": "9780141439686"})).await;
    let book = made.is(201);
    assert_eq!(
        (made.header("location"), &book["language"], &book["summary"]),
        ("/books/17", &json!("english"), &json!(""))
    );
    let change = |version: &str, body: Value| {
        let request = service.request(Method::PATCH, "/books/17").header(header::IF_MATCH, version);
        service.send(request, body.to_string())
    };
    let changed = change("\"1\"", json!({"pages": 249, "isbn": null})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let book = changed.is(200);
    assert_eq!((&book["title"], &book["pages"], &book["isbn"]), (&json!("Persuasion"), &json!(249), &Value::Null));
    change("\"1\"", json!({"pages": 250})).await.refuses(412);
    change("2", json!({"pages": 250})).await.refuses(400);
    change("*", json!({"pages": 250})).await.is(200);
    service.patch("/books/17", json!({"pages": 251, "version": 1})).await.refuses(412);
    service.patch("/books/99", json!({"pages": 250})).await.refuses(404);
    assert_eq!(service.patch("/books/17", json!({"pages": 0})).await.refuses(422)[0].0, "pages");
    // Of which there are copies, it stays.
    assert_eq!(
        service.delete("/books/1").await.refuses(409),
        [("copies.book_id".to_owned(), "refers to it".to_owned())]
    );
    service.delete("/books/17").await.is(204);
    service.delete("/books/17").await.refuses(404);
}

#[tokio::test]
async fn subjects_of_a_book_are_set() {
    let service = Service::start();
    let subjects = service.put("/books/3/subjects", json!([2, 4])).await.is(200);
    assert_eq!(each(&subjects, "name"), ["Drama", "Poetry"]);
    assert_eq!(service.put("/books/3/subjects", json!([2, 77])).await.refuses(422)[0].0, "subject_id");
    assert_eq!(each(&service.get("/books/3").await.is(200)["subjects"], "name"), ["Drama", "Poetry"]);
    service.put("/books/99/subjects", json!([])).await.refuses(404);
}

#[tokio::test]
async fn a_search_takes_whatever_somebody_types() {
    let service = Service::start();
    for (typed, first) in
        [("time+mach", "The Time Machine"), ("prejudice", "Pride and Prejudice"), ("sherl", "A Study in Scarlet")]
    {
        let found = service.get(&format!("/search?q={typed}")).await.is(200);
        assert_eq!(found[0]["title"], first, "{typed}");
    }
    let found = service.get("/search?q=detective").await.is(200);
    assert_eq!(found.as_array().unwrap().len(), 3);
    assert!(found[0]["snippet"].as_str().unwrap().contains("[detective]"), "{found}");
    assert_eq!(service.get("/search?q=%22(*").await.is(200), json!([]));
    // A change is found at once.
    service.patch("/books/3", json!({"summary": "Matchmaking in Highbury"})).await.is(200);
    assert_eq!(each(&service.get("/search?q=highb").await.is(200), "pk"), [3]);
}

#[tokio::test]
async fn a_cover_is_put_fetched_once_and_taken_away() {
    let service = Service::start();
    let picture: Vec<u8> = (0..100_000_u32).map(|byte| (byte % 251) as u8).collect();
    let put = |media_type: &str, bytes: Vec<u8>| {
        let request = axum::http::Request::builder().method(Method::PUT).uri(service.url("/books/1/cover"));
        service.send(request.header(header::CONTENT_TYPE, media_type), bytes)
    };
    put("image/png", picture.clone()).await.is(204);
    let cover = service.get("/books/1/cover").await;
    assert_eq!((cover.status.as_u16(), cover.header("content-type")), (200, "image/png"));
    assert_eq!(cover.body, picture);
    let again = service.request(Method::GET, "/books/1/cover").header(header::IF_NONE_MATCH, cover.header("etag"));
    assert!(service.send(again, String::new()).await.body.is_empty());
    put("image/webp", vec![1, 2, 3]).await.is(204);
    assert_eq!(service.get("/books/1/cover").await.header("content-type"), "image/webp");
    assert_eq!(service.get("/books/1").await.is(200)["cover"]["media_type"], "image/webp");
    put("text/html", vec![1]).await.refuses(415);
    put("IMAGE/PNG; x=y", vec![1]).await.is(204);
    put("image/png", vec![0; 2 * 1024 * 1024 + 1]).await.refuses(413);
    service.delete("/books/1/cover").await.is(204);
    service.get("/books/1/cover").await.refuses(404);
    service.delete("/books/1/cover").await.refuses(404);
}

#[tokio::test]
async fn a_member_reviews_a_book_once() {
    let service = Service::start();
    let review = json!({"member_id": 2, "stars": 5, "text": "Again!"});
    let made = service.post("/books/1/reviews", review.clone()).await.is(201);
    assert_eq!((&made["book_id"], &made["stars"]), (&json!(1), &json!(5)));
    let taken = service.post("/books/1/reviews", review).await.refuses(409);
    assert_eq!(taken.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["book_id", "member_id"]);
    let refused = service.post("/books/1/reviews", json!({"member_id": 3, "stars": 6, "text": ""})).await.refuses(422);
    assert_eq!(refused[0].0, "stars");
    let refused = service.post("/books/1/reviews", json!({"member_id": 99, "stars": 1, "text": ""})).await.refuses(422);
    assert_eq!(refused[0].0, "member_id");
    let page = service.get("/books/1/reviews?limit=1").await.is(200);
    assert_eq!((&page["rows"][0]["text"], &page["rows"][0]["member"]["name"]), (&json!("Again!"), &json!("Alan")));
    assert!(page["next"].is_string());
}
