//! An issue tracker: models, a service layer, handlers on axum, and a client that asks over HTTP. Each test says how many
//! statements a request takes, the one that looks who has signed in included.
//!
//! It was written before with what the library had then: without views, patches, versions, soft deletion, filters and orders by
//! name, `returning` and streams that own what they need. Both say, in lines of Rust, formatted alike:
//!
//! | | before | now |
//! |---|--:|--:|
//! | a list with filters, orders and pages, from the query string to the rows | 211 | 79 |
//! | the change of an issue, with its version and its labels | 49 | 32 |
//! | an issue with all that belongs to it | 60 | 47 |
//! | the export as a stream | 26 | 17 |
//! | how much everybody has to do, and for how long | 39 | 15 |
//! | models, service, handlers, errors | 932 | 1027 |
//!
//! The last line now has logins with tokens, lists of users and projects, labels, attachments from a request, watchers, deleted issues
//! that come back, the way back through pages, `If-Match`, fields of errors and a dashboard besides.
//!
//! Statements of the service with the same library underneath, of tables that were used before:
//!
//! | | before | now |
//! |---|--:|--:|
//! | a page with its total | 5, of two moments | 5, of one |
//! | an issue with all that belongs to it | 6 | 6 |
//! | to create one with a label that is known | 11 | 10 |
//! | to change its labels and its title | 11 | 10 |
//! | to change its title | 5 | 6 |
//! | how much everybody has to do | 2 | 1 |
//!
//! To change the title takes one more, as the patch gives the issue back: with a savepoint, which undoes it when it does not fit.

mod accounts;
mod client;
mod error;
mod http;
mod models;
mod ndjson;
mod reports;
mod service;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use chrono::{TimeDelta, Utc};
use client::Client;
use models::*;
use serde_json::{Value, json};
use sqliter::prelude::*;

struct Tracker {
    db: Db,
    /// Ada, who has signed in.
    ada: Client,
    bob: Client,
}

/// A project of one organisation with the users Ada and Bob.
async fn tracker() -> Tracker {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::options().path(folder.path().join("tracker.db")).queue_timeout(Duration::from_millis(300));
    let db = db.open().await.unwrap();
    db.create_tables::<All>().await.unwrap();
    let client = Client::of(db.clone(), folder).await;
    client.post("/orgs", json!({"slug": "acme", "name": "Acme"})).await.took(StatusCode::CREATED, 1);
    for (name, email) in [("Ada", "ada@acme.org"), ("Bob", "bob@acme.org")] {
        let user = json!({"name": name, "email": email, "password": "secret"});
        client.post("/orgs/1/users", user).await.took(StatusCode::CREATED, 1);
    }
    client.post("/orgs/1/projects", json!({"slug": "core", "name": "Core"})).await.took(StatusCode::CREATED, 1);
    let (ada, bob) = (client.signed_in("ada@acme.org").await, client.signed_in("bob@acme.org").await);
    Tracker { db, ada, bob }
}

/// One value of each row.
fn each<'v>(rows: &'v Value, name: &str) -> Vec<&'v Value> {
    rows.as_array().unwrap().iter().map(|row| &row[name]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn organisations_users_and_projects() {
    let Tracker { ada, .. } = tracker().await;
    assert_eq!(ada.get("/orgs/1").await.took(StatusCode::OK, 1)["name"], json!("Acme"));
    ada.get("/orgs/7").await.took(StatusCode::NOT_FOUND, 1);
    let users = ada.get("/orgs/1/users").await.took(StatusCode::OK, 1);
    assert_eq!(users, json!([{"pk": 1, "name": "Ada"}, {"pk": 2, "name": "Bob"}]));
    assert_eq!(each(&ada.get("/orgs/1/projects").await.took(StatusCode::OK, 1), "slug"), ["core"]);
    // What is taken, and what is not there.
    let again = json!({"name": "Ada", "email": "ada@acme.org", "password": "x"});
    let error = ada.post("/orgs/1/users", again.clone()).await.is(StatusCode::CONFLICT);
    assert_eq!(error["fields"], json!({"org_id": "taken", "email": "taken"}));
    let error = ada.post("/orgs/7/users", again).await.is(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(error["fields"], json!({"org_id": "no such row"}));
    // A label is created once.
    let label = ada.post("/orgs/1/labels", json!({"name": "bug"})).await.took(StatusCode::CREATED, 2);
    assert_eq!(ada.post("/orgs/1/labels", json!({"name": "bug"})).await.took(StatusCode::OK, 1), label);
    // What others refer to stays.
    ada.post("/projects/1/issues", json!({"title": "Crash"})).await.is(StatusCode::CREATED);
    let error = ada.delete("/orgs/1").await.is(StatusCode::CONFLICT);
    assert_eq!(error["fields"], json!({"issues.reporter_id": "refers to it", "audit_log.actor_id": "refers to it"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_acts_with_a_token() {
    let Tracker { db, ada, bob, .. } = tracker().await;
    let wrong = json!({"org": "acme", "email": "ada@acme.org", "password": "guess"});
    ada.post("/login", wrong).await.took(StatusCode::UNAUTHORIZED, 1);
    let right = json!({"org": "acme", "email": "ada@acme.org", "password": "secret"});
    let answer = ada.post("/login", right).await.took(StatusCode::OK, 2);
    assert_eq!(answer["user"]["role"], json!("member"));
    assert_eq!(answer["user"].get("password_hash"), None);
    assert_eq!(ada.delete("/login").await.took(StatusCode::OK, 2), json!(2), "two logins");
    ada.post("/projects/1/issues", json!({"title": "Crash"})).await.took(StatusCode::UNAUTHORIZED, 1);
    ada.get("/projects/1/issues").await.is(StatusCode::UNAUTHORIZED);
    let nobody = ada.signed_out();
    nobody.put("/issues/1/watch").await.took(StatusCode::UNAUTHORIZED, 0);
    nobody.get("/projects/1/issues").await.is(StatusCode::OK);
    // A login ends by itself.
    let past = Utc::now() - TimeDelta::hours(1);
    db.select::<Login>().update(|l| l.expires.set(past)).await.unwrap();
    bob.put("/issues/1/watch").await.took(StatusCode::UNAUTHORIZED, 1);
    let gone = nobody.delete("/login/expired").await.took(StatusCode::OK, 1);
    assert_eq!(each(&gone, "user_id"), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_are_made_and_listed() {
    let Tracker { ada, bob, .. } = tracker().await;
    let new = json!({"title": "Crash", "assignee": 2, "due_date": "2020-01-31", "labels": ["bug", "ui", "io"]});
    let issue = ada.post("/projects/1/issues", new).await.is(StatusCode::CREATED);
    assert_eq!((&issue["number"], &issue["version"], &issue["reporter_id"]), (&json!(1), &json!(1), &json!(1)));
    for title in ["Slow", "Ugly"] {
        let new = json!({"title": title, "priority": "high", "labels": ["bug"]});
        bob.post("/projects/1/issues", new).await.took(StatusCode::CREATED, 11);
    }
    ada.post("/projects/7/issues", json!({"title": "Nowhere"})).await.is(StatusCode::NOT_FOUND);
    // Pages there and back.
    let page = ada.get("/projects/1/issues?size=2&sort=-number").await.took(StatusCode::OK, 6);
    assert_eq!(each(&page["rows"], "title"), ["Ugly", "Slow"]);
    assert_eq!((&page["total"], &page["previous"]), (&json!(3), &Value::Null));
    let next = format!("/projects/1/issues?size=2&sort=-number&after={}", page["next"].as_str().unwrap());
    let next = ada.get(&next).await.is(StatusCode::OK);
    assert_eq!((each(&next["rows"], "title"), &next["next"]), (vec![&json!("Crash")], &Value::Null));
    assert_eq!(next["rows"][0]["assignee"], json!({"pk": 2, "name": "Bob"}));
    assert_eq!(each(&next["rows"][0]["labels"], "name"), ["bug", "io", "ui"]);
    let back = format!("/projects/1/issues?size=2&sort=-number&before={}", next["previous"].as_str().unwrap());
    assert_eq!(ada.get(&back).await.is(StatusCode::OK)["rows"], page["rows"]);
    // What a request chooses.
    for (query, expected) in [
        ("status=open&labels=bug,ui", vec!["Crash"]),
        ("label=ui,bug", vec!["Crash", "Slow", "Ugly"]),
        ("q=SLOW", vec!["Slow"]),
        ("due_before=2021-01-01", vec!["Crash"]),
        ("assignee=2", vec!["Crash"]),
        ("status=done,closed", vec![]),
        ("sort=-priority,-title", vec!["Ugly", "Slow", "Crash"]),
        ("sort=due_date,title", vec!["Crash", "Slow", "Ugly"]),
        ("sort=assignee,title", vec!["Slow", "Ugly", "Crash"]),
    ] {
        let page = ada.get(&format!("/projects/1/issues?{query}")).await.is(StatusCode::OK);
        assert_eq!(each(&page["rows"], "title"), expected, "{query}");
    }
    let error = ada.get("/projects/1/issues?status=opne&colour=red").await.is(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(error["fields"]["status"], json!("opne must be one of open, in_progress, done, closed"));
    assert!(error["fields"]["colour"].as_str().unwrap().starts_with("there is no such parameter, only status, "));
    let error = ada.get("/projects/1/issues?sort=colour").await.is(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(error["fields"]["sort"].as_str().unwrap().starts_with("there is no colour to sort by, only number, "));
    ada.get("/projects/1/issues?after=nonsense").await.is(StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_are_changed_by_whoever_has_seen_them() {
    let Tracker { db, ada, bob, .. } = tracker().await;
    let new = json!({"title": "Crash", "assignee": 2, "due_date": "2020-01-31", "labels": ["bug", "ui", "io"]});
    ada.post("/projects/1/issues", new).await.is(StatusCode::CREATED);
    // A patch says what stays, what is cleared and what is set, and which version it was made for.
    let patch = json!({"version": 1, "title": "Crash on start", "assignee_id": null, "labels": ["ui"]});
    let issue = bob.patch("/issues/1", patch.clone()).await.took(StatusCode::OK, 11);
    assert_eq!((&issue["title"], &issue["version"]), (&json!("Crash on start"), &json!(2)));
    assert_eq!((&issue["assignee_id"], &issue["due_date"]), (&Value::Null, &json!("2020-01-31")));
    bob.patch("/issues/1", patch).await.is(StatusCode::PRECONDITION_FAILED);
    let change = |version: &str, body: Value| {
        let request = ada.request(Method::PATCH, "/issues/1").header(header::IF_MATCH, version);
        ada.send(request, body.to_string())
    };
    let seen = ada.get("/issues/1").await;
    assert_eq!(seen.headers[header::ETAG], "\"2\"");
    change("\"1\"", json!({"status": "done"})).await.is(StatusCode::PRECONDITION_FAILED);
    let issue = change("\"2\"", json!({"status": "done"})).await.took(StatusCode::OK, 7);
    assert_eq!((&issue["status"], &issue["version"]), (&json!("done"), &json!(3)));
    change("\"x\"", json!({"status": "open"})).await.is(StatusCode::BAD_REQUEST);
    ada.patch("/issues/9", json!({"title": "None"})).await.is(StatusCode::NOT_FOUND);
    let error = ada.patch("/issues/1", json!({"assignee_id": 77})).await.is(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(error["fields"], json!({"assignee_id": "no such row"}));
    ada.patch("/issues/1", json!({"title": null})).await.is(StatusCode::UNPROCESSABLE_ENTITY);
    let log =
        db.select::<AuditLog>().fields(|a| (a.actor_id, a.action)).order(|a| a.pk.asc()).fetch_all().await.unwrap();
    let log: Vec<_> = log.iter().map(|(actor, action)| (actor.map(|key| *key.raw()), action.as_str())).collect();
    assert_eq!(log, [(Some(1), "create"), (Some(2), "change"), (Some(1), "change")]);
    // What is deleted is not there, until it is taken back.
    ada.delete("/issues/1").await.took(StatusCode::NO_CONTENT, 1);
    ada.delete("/issues/1").await.is(StatusCode::NOT_FOUND);
    ada.get("/issues/1").await.is(StatusCode::NOT_FOUND);
    assert_eq!(ada.get("/projects/1/issues").await.is(StatusCode::OK)["total"], json!(0));
    assert_eq!(each(&ada.get("/projects/1/issues/deleted").await.took(StatusCode::OK, 1), "pk"), [1]);
    ada.post("/issues/1/restore", Value::Null).await.took(StatusCode::OK, 1);
    ada.get("/issues/1").await.is(StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_shown_with_all_that_belongs_to_it() {
    let Tracker { ada, bob, .. } = tracker().await;
    let new = json!({"title": "Crash", "assignee": 2, "labels": ["ui", "bug"]});
    ada.post("/projects/1/issues", new).await.is(StatusCode::CREATED);
    for (who, body, parent) in
        [(&ada, "first", None), (&bob, "answer", Some(1)), (&ada, "thanks", Some(2)), (&bob, "second", None)]
    {
        who.post("/issues/1/comments", json!({"body": body, "parent": parent})).await.took(StatusCode::CREATED, 2);
    }
    let error = ada.post("/issues/1/comments", json!({"body": "lost", "parent": 77})).await;
    assert_eq!(error.is(StatusCode::UNPROCESSABLE_ENTITY)["fields"], json!({"parent_id": "no such row"}));
    let file = json!({"file_name": "a.png", "size": 3, "sha256": [1, 2, 3], "meta": {"width": 8, "height": null}});
    ada.post("/issues/1/attachments", file).await.took(StatusCode::CREATED, 1);
    let empty = json!({"file_name": "b.png", "size": 0, "sha256": [], "meta": {"width": null, "height": null}});
    let error = ada.post("/issues/1/attachments", empty).await.is(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(error["fields"], json!({"size": "size > 0"}));

    let detail = ada.get("/issues/1").await.took(StatusCode::OK, 6);
    assert_eq!((&detail["project"]["name"], &detail["assignee"]["name"]), (&json!("Core"), &json!("Bob")));
    assert_eq!(each(&detail["labels"], "name"), ["bug", "ui"]);
    assert_eq!(detail["attachments"][0]["meta"], json!({"width": 8, "height": null, "tags": []}));
    assert_eq!(each(&detail["comments"], "body"), ["first", "second"]);
    let answer = &detail["comments"][0]["replies"][0];
    assert_eq!((&answer["body"], &answer["author"]["name"]), (&json!("answer"), &json!("Bob")));
    assert_eq!(answer["replies"][0]["body"], json!("thanks"));
    // Who watches sees it.
    bob.put("/issues/1/watch").await.took(StatusCode::NO_CONTENT, 2);
    for (who, watched) in [(&ada, false), (&bob, true)] {
        let page = who.get("/projects/1/issues?sort=comments").await.is(StatusCode::OK);
        assert_eq!((&page["rows"][0]["watched"], &page["rows"][0]["comments"]), (&json!(watched), &json!(4)));
    }
    bob.delete("/issues/1/watch").await.took(StatusCode::NO_CONTENT, 2);
    bob.put("/issues/77/watch").await.is(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_issues_come_and_go_as_streams() {
    let Tracker { ada, .. } = tracker().await;
    let line = |i: i64| json!({"title": format!("Issue {i}"), "reporter_id": 1, "due_date": "2020-01-01"}).to_string();
    let text = (0..2500).map(line).collect::<Vec<_>>().join("\n");
    // The pieces end anywhere, and the last line has no end.
    let pieces: Vec<_> = text.as_bytes().chunks(999).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let body = Body::from_stream(tokio_stream::iter(pieces));
    let request = ada.request(Method::POST, "/projects/1/issues/import");
    assert_eq!(ada.send(request, body).await.took(StatusCode::OK, 20), json!(2500));
    assert_eq!(ada.get("/import/progress").await.took(StatusCode::OK, 0), json!(2500));
    for (broken, status) in [
        (json!({"title": "Nobody's", "reporter_id": 99}).to_string(), StatusCode::UNPROCESSABLE_ENTITY),
        ("no JSON".to_owned(), StatusCode::BAD_REQUEST),
    ] {
        let request = ada.request(Method::POST, "/projects/1/issues/import");
        ada.send(request, format!("{}\n{broken}", line(1))).await.is(status);
    }
    let exported = ada.get("/projects/1/issues/export").await;
    exported.took(StatusCode::OK, 1);
    let last: Value = serde_json::from_str(exported.text.lines().last().unwrap()).unwrap();
    assert_eq!((exported.text.lines().count(), &last["number"]), (2500, &json!(2500)), "all lines or none");
    let closed = ada.post("/projects/1/issues/close", json!([1, 2, 3, 99_999])).await.took(StatusCode::OK, 1);
    assert_eq!(closed, json!(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_of_one_moment() {
    let Tracker { db, ada, .. } = tracker().await;
    for (title, assignee, due) in
        [("a", Some(2), "2020-01-02"), ("b", Some(2), "2020-01-01"), ("c", None, "2999-01-01")]
    {
        let new = json!({"title": title, "assignee": assignee, "due_date": due});
        ada.post("/projects/1/issues", new).await.is(StatusCode::CREATED);
    }
    ada.patch("/issues/2", json!({"status": "in_progress"})).await.is(StatusCode::OK);
    let board = ada.get("/projects/1/board").await.took(StatusCode::OK, 1);
    let expected = json!([
        {"status": "in_progress", "issues": 1, "overdue": 1},
        {"status": "open", "issues": 2, "overdue": 1},
    ]);
    assert_eq!(board, expected);
    let overdue = ada.get("/overdue").await.took(StatusCode::OK, 1);
    let expected = json!([{"organisation": "Acme", "project": "Core", "issues": 2, "oldest": "2020-01-01"}]);
    assert_eq!(overdue, expected);
    let created = Utc::now() - TimeDelta::hours(48);
    db.execute("UPDATE issues SET created_at = ?").bind(created).await.unwrap();
    let dashboard = ada.get("/orgs/1/dashboard").await.took(StatusCode::OK, 5);
    assert_eq!(
        (&dashboard["open"], each(&dashboard["newest"], "title")),
        (&json!(3), vec![&json!("c"), &json!("b"), &json!("a")])
    );
    let [bob, nobody] = [&dashboard["workload"][0], &dashboard["workload"][1]];
    assert_eq!((&bob["name"], &bob["open"]), (&json!("Bob"), &json!(2)));
    assert!((bob["average_age_days"].as_f64().unwrap() - 2.0).abs() < 0.01, "{bob}");
    assert_eq!(nobody, &json!({"pk": 1, "name": "Ada", "open": 0, "average_age_days": null}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_takes_long_is_told_to_whoever_waits() {
    let Tracker { db, ada, .. } = tracker().await;
    let tx = db.begin().await.unwrap();
    let answer = ada.post("/projects/1/issues", json!({"title": "Crash"})).await;
    assert_eq!(answer.is(StatusCode::SERVICE_UNAVAILABLE)["error"], json!("try again later"));
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    ada.get("/projects/1/issues").await.is(StatusCode::OK);
    tx.commit().await.unwrap();
    ada.post("/projects/1/issues", json!({"title": "Crash"})).await.is(StatusCode::CREATED);
}
