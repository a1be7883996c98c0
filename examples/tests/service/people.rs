//! Authors, members, branches, staff, copies, subjects.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::client::{Service, each};

#[tokio::test]
async fn authors_are_listed_made_changed_and_deleted() {
    let service = Service::start();
    let page = service.get("/authors?sort=-books,name&limit=2").await.is(200);
    assert_eq!(each(&page["rows"], "name"), ["Arthur Conan Doyle", "Jane Austen"]);
    assert_eq!(each(&page["rows"], "books"), [3, 3]);
    let page = service.get("/authors?born_from=1850&name=CON").await.is(200);
    assert_eq!(each(&page["rows"], "born"), [1859]);
    let author = service.get("/authors/7").await.is(200);
    assert_eq!(each(&author["books"], "title"), ["Der Prozess", "Die Verwandlung"]);
    assert_eq!(author["rating"], 3.5);
    service.get("/authors/99").await.refuses(404);

    let made = service.post("/authors", json!({"name": "Ada Lovelace", "born": 1815})).await;
    assert_eq!((made.is(201)["pk"].clone(), made.header("location")), (json!(10), "/authors/10"));
    let taken = service.post("/authors", json!({"name": "Ada Lovelace"})).await.refuses(409);
    assert_eq!(taken, [("name".to_owned(), "is taken".to_owned())]);
    assert_eq!(service.post("/authors", json!({"name": ""})).await.refuses(422)[0].0, "name");
    assert_eq!(service.get("/authors?has_books=false").await.is(200)["rows"][0]["pk"], 10);
    let changed = service.patch("/authors/10", json!({"born": null})).await.is(200);
    assert_eq!(changed, json!({"pk": 10, "name": "Ada Lovelace", "born": null}));
    service.patch("/authors/10", json!({"name": "Jane Austen"})).await.refuses(409);
    service.patch("/authors/99", json!({"born": 1})).await.refuses(404);
    assert_eq!(
        service.delete("/authors/1").await.refuses(409),
        [("books.author_id".to_owned(), "refers to it".to_owned())]
    );
    service.delete("/authors/10").await.is(204);
}

#[tokio::test]
async fn members_come_change_leave_and_come_back() {
    let service = Service::start();
    let made = service.post("/members", json!({"name": "Hedy", "email": "hedy@example.org"})).await.is(201);
    assert_eq!((&made["pk"], &made["blocked"]), (&json!(6), &json!(false)));
    assert_eq!(service.post("/members", json!({"name": "X", "email": "nonsense"})).await.refuses(422)[0].0, "email");
    assert_eq!(
        service.post("/members", json!({"name": "X", "email": "HEDY@example.org"})).await.refuses(409)[0].0,
        "email"
    );
    let page = service.get("/members?name=hed&total=true").await.is(200);
    assert_eq!((&page["total"], &page["rows"][0]["loans"]), (&json!(1), &json!(0)));

    let member = service.get("/members/2").await;
    let member_etag = member.header("etag").to_owned();
    let member = member.is(200);
    assert_eq!(each(&member["loans"], "title"), ["Leaves of Grass", "Sense and Sensibility"]);
    assert_eq!(each(&member["reservations"], "book")[0]["title"], "Crime and Punishment");
    assert_eq!(each(&member["favourites"], "title"), ["Crime and Punishment"]);
    let late = service.get("/members?overdue=true").await.is(200);
    assert_eq!(each(&late["rows"], "name"), ["Alan", "Margaret"]);

    let change = |body: Value| {
        let request = service.request(Method::PATCH, "/members/2").header(header::IF_MATCH, &member_etag);
        service.send(request, body.to_string())
    };
    assert_eq!(change(json!({"blocked": true})).await.is(200)["blocked"], true);
    change(json!({"blocked": false})).await.refuses(412);
    assert_eq!(service.get("/members?blocked=true").await.is(200)["rows"][0]["pk"], 2);

    service.delete("/members/6").await.is(204);
    service.get("/members/6").await.refuses(404);
    service.delete("/members/6").await.refuses(404);
    service.post("/members/6/restore", Value::Null).await.is(200);
    service.delete("/members/6").await.is(204);
    service.post("/members", json!({"name": "Hedy", "email": "hedy@example.org"})).await.is(201);
    service.post("/members/6/restore", Value::Null).await.refuses(409);
    service.post("/members/99/restore", Value::Null).await.refuses(404);
}

#[tokio::test]
async fn members_have_favourites() {
    let service = Service::start();
    service.put("/members/3/favourites/1", Value::Null).await.is(204);
    service.put("/members/3/favourites/1", Value::Null).await.is(204);
    let favourites = service.get("/members/3").await.is(200)["favourites"].clone();
    assert_eq!(each(&favourites, "title"), ["Die Verwandlung", "Pride and Prejudice"]);
    service.put("/members/3/favourites/99", Value::Null).await.refuses(422);
    service.delete("/members/3/favourites/1").await.is(204);
    assert_eq!(each(&service.get("/members/3").await.is(200)["favourites"], "pk"), [14]);
}

#[tokio::test]
async fn subjects_are_a_tree() {
    let service = Service::start();
    let made = service.post("/subjects", json!({"name": "Essay", "broader_id": 1})).await.is(201);
    assert_eq!(made["broader_id"], 1);
    service.post("/subjects", json!({"name": "essay"})).await.refuses(409);
    assert_eq!(
        service.post("/subjects", json!({"name": "New", "broader_id": 99})).await.refuses(422)[0].0,
        "broader_id"
    );
    let tree = service.get("/subjects").await.is(200);
    assert_eq!(each(&tree, "name"), ["Fiction"]);
    assert_eq!(each(&tree[0]["narrower"], "name"), ["Drama", "Essay", "Novel", "Poetry"]);
    assert_eq!(each(&tree[0]["narrower"][2]["narrower"], "name"), ["Crime", "Science fiction"]);
}

#[tokio::test]
async fn branches_have_copies_and_staff() {
    let service = Service::start();
    let address = json!({"street": "Station Road 1", "city": "Weiz"});
    let made = service.post("/branches", json!({"name": "Station", "address": address})).await.is(201);
    assert_eq!(made, json!({"pk": 4, "name": "Station", "address": address}));
    service.post("/branches", json!({"name": "Station", "address": address})).await.refuses(409);
    let nowhere = json!({"name": "Nowhere", "address": {"street": "", "city": "Weiz"}});
    assert_eq!(service.post("/branches", nowhere).await.refuses(422)[0].0, "address.street");
    let branches = service.get("/branches").await.is(200);
    assert_eq!(each(&branches, "name"), ["Central", "Hill", "River", "Station"]);
    let copies: i64 = each(&branches, "copies").iter().map(|copies| copies.as_i64().unwrap()).sum();
    assert_eq!(copies, 24);

    let new =
        json!({"name": "Karl", "email": "karl@library.example", "role": "assistant", "branch_id": 4, "manager_id": 2});
    assert_eq!(service.post("/staff", new.clone()).await.is(201)["pk"], 4);
    assert_eq!(service.post("/staff", new).await.refuses(409)[0].0, "email");
    let staff = service.get("/staff").await.is(200);
    assert_eq!(each(&staff, "name"), ["Ida", "Karl", "Otto", "Vera"]);
    assert_eq!(
        (&staff[0]["manager"], each(&staff[0]["team"], "name")),
        (&Value::Null, vec![&json!("Otto"), &json!("Vera")])
    );
    assert_eq!((&staff[1]["manager"]["name"], &staff[1]["branch"]["name"]), (&json!("Otto"), &json!("Station")));
}

#[tokio::test]
async fn copies_are_bought_and_moved() {
    let service = Service::start();
    let bought =
        service.post("/books/1/copies", json!({"barcode": "NEW-1", "branch_id": 3, "acquired": "2026-01-31"})).await;
    let copy = bought.is(201);
    assert_eq!((&copy["pk"], &copy["condition"], &copy["book_id"]), (&json!(25), &json!("new"), &json!(1)));
    assert_eq!(
        service.post("/books/1/copies", json!({"barcode": "NEW-1", "branch_id": 3})).await.refuses(409)[0].0,
        "barcode"
    );
    assert_eq!(
        service.post("/books/1/copies", json!({"barcode": "x", "branch_id": 3})).await.refuses(422)[0].0,
        "barcode"
    );
    assert_eq!(
        service.post("/books/99/copies", json!({"barcode": "NEW-2", "branch_id": 3})).await.refuses(422)[0].0,
        "book_id"
    );
    let moved = service.patch("/copies/25", json!({"branch_id": 1, "condition": "worn"})).await.is(200);
    assert_eq!((&moved["branch_id"], &moved["condition"]), (&json!(1), &json!("worn")));
    assert_eq!(service.patch("/copies/25", json!({"branch_id": 99})).await.refuses(422)[0].0, "branch_id");
    service.patch("/copies/99", json!({"condition": "lost"})).await.refuses(404);
}
