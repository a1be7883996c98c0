//! Loans, reservations and the reports on them.

use serde_json::{Value, json};

use crate::client::{Service, each};

#[tokio::test]
async fn a_copy_is_lent_once_at_a_time() {
    let service = Service::start();
    let lend = json!({"copy_id": 1, "member_id": 1, "lent_by_id": 1});
    let made = service.post("/loans", lend.clone()).await.is(201);
    assert_eq!((&made["returned_on"], &made["renewals"]), (&Value::Null, &json!(0)));
    let taken = service.post("/loans", lend.clone()).await.refuses(409);
    assert_eq!(taken, [("copy_id".to_owned(), "is taken".to_owned())]);
    let back = service.post("/loans/13/return", Value::Null).await.is(200);
    assert!(back["loan"]["returned_on"].is_string());
    assert_eq!(back["next"], Value::Null);
    service.post("/loans/13/return", Value::Null).await.refuses(409);
    service.post("/loans/99/return", Value::Null).await.refuses(404);
    service.post("/loans", lend).await.is(201);
    assert_eq!(service.post("/loans", json!({"copy_id": 99, "member_id": 1})).await.refuses(422)[0].0, "copy_id");
    assert_eq!(service.post("/loans", json!({"copy_id": 2, "member_id": 99})).await.refuses(422)[0].0, "member_id");
    assert_eq!(
        service.post("/loans", json!({"copy_id": 2, "member_id": 1, "lent_by_id": 9})).await.refuses(422)[0].0,
        "lent_by_id"
    );
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_gets_the_copy() {
    let service = Service::start();
    let asked = (0..20).map(|i| service.post("/loans", json!({"copy_id": 1, "member_id": 1 + i % 5})));
    let mut statuses: Vec<u16> = Vec::new();
    for answer in join_all(asked).await {
        statuses.push(answer.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1..].iter().all(|status| *status == 409)), (201, true), "{statuses:?}");
}

/// All at the same time, on one thread.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|waiting| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(waiting)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn the_rules_of_the_library_hold() {
    let service = Service::start();
    service.patch("/members/3", json!({"blocked": true})).await.is(200);
    let refused = service.post("/loans", json!({"copy_id": 1, "member_id": 3})).await.is(409);
    assert_eq!(refused["detail"], "this member may borrow nothing at present");
    // Ada has one book at home.
    for copy in [1, 2, 4, 5] {
        service.post("/loans", json!({"copy_id": copy, "member_id": 1})).await.is(201);
    }
    let refused = service.post("/loans", json!({"copy_id": 8, "member_id": 1})).await.is(409);
    assert_eq!(refused["detail"], "this member has five books at home");
    // Book 1 is lent to Ada; Alan waits for it, then Grace.
    for member in [2, 4] {
        service.post("/books/1/reservations", json!({"member_id": member})).await.is(201);
    }
    let twice = service.post("/books/1/reservations", json!({"member_id": 2})).await.refuses(409);
    assert_eq!(twice.len(), 2);
    assert_eq!(service.post("/books/99/reservations", json!({"member_id": 2})).await.refuses(422)[0].0, "book_id");
    assert_eq!(service.get("/books/1").await.is(200)["waiting"], 2);
    let refused = service.post("/loans/13/renew", Value::Null).await.is(409);
    assert_eq!(refused["detail"], "it is back already, was renewed twice, or others wait for it");
    let back = service.post("/loans/13/return", Value::Null).await.is(200);
    assert_eq!(back["next"], json!({"pk": 2, "name": "Alan"}));
    let refused = service.post("/loans", json!({"copy_id": 1, "member_id": 4})).await.is(409);
    assert_eq!(refused["detail"], "others wait for this book");
    service.post("/loans", json!({"copy_id": 1, "member_id": 2})).await.is(201);
    assert_eq!(service.get("/books/1").await.is(200)["waiting"], 1, "the reservation is fulfilled");
}

#[tokio::test]
async fn a_loan_is_renewed_twice() {
    let service = Service::start();
    service.post("/loans", json!({"copy_id": 1, "member_id": 1})).await.is(201);
    assert_eq!(service.post("/loans/13/renew", Value::Null).await.is(200)["renewals"], 1);
    assert_eq!(service.post("/loans/13/renew", Value::Null).await.is(200)["renewals"], 2);
    service.post("/loans/13/renew", Value::Null).await.refuses(409);
    service.post("/loans/99/renew", Value::Null).await.refuses(404);
}

#[tokio::test]
async fn loans_are_listed() {
    let service = Service::start();
    let open = service.get("/loans?open=true&total=true&sort=due_on&limit=2").await.is(200);
    assert_eq!(
        (&open["total"], each(&open["rows"], "title")),
        (&json!(6), vec![&json!("Leaves of Grass"), &json!("Der Prozess")])
    );
    assert_eq!((&open["rows"][0]["member"], &open["rows"][0]["branch"]), (&json!("Alan"), &json!("Central")));
    assert_eq!(service.get("/loans?member=2&open=true").await.is(200)["rows"].as_array().unwrap().len(), 2);
    assert_eq!(service.get("/loans?due_before=2000-01-01").await.is(200)["rows"], json!([]));
}

#[tokio::test]
async fn reports_say_what_is_lent_most_and_what_should_be_back() {
    let service = Service::start();
    service.post("/loans", json!({"copy_id": 1, "member_id": 4})).await.is(201);
    let popular = service.get("/reports/popular").await.is(200);
    assert_eq!(popular.as_array().unwrap().len(), 10);
    let first =
        json!({"book_id": 1, "title": "Pride and Prejudice", "author": "Jane Austen", "loans": 2, "members": 2});
    assert_eq!(popular[0], first);
    assert_eq!(service.get("/reports/popular?to=1999-12-31").await.is(200), json!([]));
    assert_eq!(service.get("/reports/popular?from=yesterday").await.refuses(422)[0].0, "from");
    let overdue = service.get("/reports/overdue").await.is(200);
    assert_eq!(each(&overdue, "loans").iter().map(|loans| loans.as_i64().unwrap()).sum::<i64>(), 2, "{overdue}");
}
