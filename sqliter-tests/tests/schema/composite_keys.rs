//! Keys of several columns.

use std::collections::{BTreeSet, HashMap};

use super::kept::{indexes, sql};
use sqliter::prelude::*;
use sqliter::{Error, Record};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(lines = Line::order))]
struct Order {
    pk: Key<Order>,
    customer: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(lines = Line::product), has_one(note = Note::product))]
struct Product {
    #[model(pk)]
    code: String,
    price: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(amount))]
struct Line {
    #[model(pk, on_delete = cascade)]
    order_id: Key<Order>,
    amount: i64,
    #[model(pk)]
    product_id: Key<Product>,
    #[model(default = "")]
    note: String,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(without_rowid, strict = false)]
struct Note {
    #[model(pk)]
    year: i32,
    #[model(pk)]
    number: i64,
    #[model(unique)]
    product_id: Key<Product>,
}

/// Nothing but its key.
#[derive(Debug, Clone, PartialEq, Model)]
struct Edge {
    #[model(pk, column = "from")]
    source: i64,
    #[model(pk, column = "to")]
    target: i64,
}

async fn tables() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Line, Note, Order, Product, Edge)>().await.unwrap();
    db
}

fn line(order: i64, product: &str, amount: i64) -> impl Draft<Model = Line> {
    Line::builder().order_id(Order::key(order)).product_id(Product::key(product)).amount(amount)
}

/// Two orders of two products each, a lamp, a pen and a map.
async fn shop() -> Db {
    let db = tables().await;
    for code in ["pen", "map", "lamp"] {
        db.insert(Product::builder().code(code).price(7)).await.unwrap();
    }
    for customer in ["Ada", "Bea"] {
        db.insert(Order::builder().customer(customer)).await.unwrap();
    }
    db.bulk_insert([line(1, "pen", 3), line(1, "map", 1), line(2, "pen", 5), line(2, "lamp", 2)]).await.unwrap();
    db
}

fn key(order: i64, product: &str) -> Key<Line> {
    Line::key((Order::key(order), Product::key(product)))
}

#[tokio::test]
async fn the_table_has_the_key_in_the_order_of_the_fields() {
    let db = tables().await;
    assert_eq!(
        sql(&db, "lines").await,
        "CREATE TABLE \"lines\" (\"order_id\" INTEGER NOT NULL, \"amount\" INTEGER NOT NULL, \"product_id\" TEXT NOT NULL, \
         \"note\" TEXT NOT NULL DEFAULT '', \"updated_at\" INTEGER NOT NULL, PRIMARY KEY (\"order_id\", \"product_id\"), \
         FOREIGN KEY (\"order_id\") REFERENCES \"orders\"(\"pk\") ON DELETE CASCADE ON UPDATE RESTRICT, \
         FOREIGN KEY (\"product_id\") REFERENCES \"products\"(\"code\") ON DELETE RESTRICT ON UPDATE RESTRICT) STRICT"
    );
    assert!(sql(&db, "notes").await.ends_with(
        ", PRIMARY KEY (\"year\", \"number\"), FOREIGN KEY (\"product_id\") \
         REFERENCES \"products\"(\"code\") ON DELETE RESTRICT ON UPDATE RESTRICT) WITHOUT ROWID"
    ));
    // The key begins with the order, but not with the product.
    let made = indexes(&db).await;
    let made: Vec<_> = made.iter().filter(|name| name.starts_with("idx_")).collect();
    assert_eq!(made, ["idx_lines_product_id", "idx_lines_amount"]);
}

#[tokio::test]
async fn the_schema_of_the_models_is_that_of_their_tables() {
    let db = tables().await;
    db.require_schema::<(Line, Note, Order, Product, Edge)>().await.unwrap();
    db.create_tables::<(Line, Note, Order, Product, Edge)>().await.unwrap();
}

#[tokio::test]
async fn a_row_is_read_written_and_deleted_by_its_key() {
    let db = shop().await;
    let mut pens = db.get(key(2, "pen")).await.unwrap().unwrap();
    assert_eq!((pens.amount, pens.primary_key()), (5, key(2, "pen")));
    assert_eq!(db.get(key(1, "lamp")).await.unwrap(), None);
    assert_eq!(db.get(&pens).await.unwrap().as_ref(), Some(&pens));
    pens.amount = 6;
    db.update(&mut pens).await.unwrap();
    assert_eq!(db.get(key(2, "pen")).await.unwrap(), Some(pens.clone()));
    let amounts = async || db.select::<Line>().only(|l| l.amount).fetch_all().await.unwrap();
    assert_eq!(
        db.select::<Line>().order(|l| l.amount.asc()).only(|l| l.amount).fetch_all().await.unwrap(),
        [1, 2, 3, 6]
    );
    let mut all = db.select::<Line>().fetch_all().await.unwrap();
    all.iter_mut().for_each(|line| line.amount += 10);
    db.bulk_update(&mut all).await.unwrap();
    assert_eq!(amounts().await.iter().sum::<i64>(), 52);
    db.transaction(async |tx| tx.update(&mut all[0]).await).await.unwrap();
    db.delete(&pens).await.unwrap();
    db.delete(key(1, "map")).await.unwrap();
    assert_eq!(amounts().await.len(), 2);
    let error = db.delete(key(1, "map")).await.unwrap_err();
    assert_eq!(error.to_string(), "no such row in lines: key (1, 'map')");
    let error = db.update(&mut pens).await.unwrap_err();
    assert_eq!(error.to_string(), "no such row in lines: key (2, 'pen')");
    let error = db.insert(line(1, "pen", 9)).await.unwrap_err();
    assert_eq!(error.to_string(), "insert violates uniqueness of lines (order_id, product_id)");
    let error = db.insert(line(7, "pen", 9)).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot insert lines: order_id refers to a row that does not exist");
    let statement =
        db.select::<Line>().filter(|l| l.order_id.eq(Order::key(1)) & l.product_id.eq(Product::key("pen"))).explain();
    assert!(statement.await.unwrap().to_string().starts_with("SEARCH lines USING INDEX sqlite_autoindex_lines_1"));
}

#[tokio::test]
async fn a_model_may_be_nothing_but_its_key() {
    let db = tables().await;
    let mut edge = db.insert(Edge::builder().source(1).target(2)).await.unwrap();
    db.bulk_insert([Edge::builder().source(1).target(3), Edge::builder().source(2).target(1)]).await.unwrap();
    db.update(&mut edge).await.unwrap();
    assert_eq!(db.get(Edge::key((1, 3))).await.unwrap().unwrap().target, 3);
    assert!(matches!(db.update(&mut Edge { source: 9, target: 9 }).await, Err(Error::RecordNotFound { .. })));
    assert_eq!(db.select::<Edge>().order(|e| e.target.desc()).limit(2).delete().await.unwrap(), 2);
    assert_eq!(db.select::<Edge>().fetch_all().await.unwrap(), [Edge { source: 2, target: 1 }]);
}

#[tokio::test]
async fn relations_of_its_parts_are_joined_prefetched_and_loaded() {
    let db = shop().await;
    let codes = |lines: &[Line]| lines.iter().map(|line| line.product_id.raw().clone()).collect::<Vec<_>>();
    let orders = db.select::<Order>().prefetch_related(|o| o.lines).fetch_all().await.unwrap();
    // In the order of the key.
    assert_eq!(
        orders.iter().map(|(_, lines)| codes(lines)).collect::<Vec<_>>(),
        [vec!["map", "pen"], vec!["lamp", "pen"]]
    );
    let orders = db
        .select::<Order>()
        .prefetch_related(|o| o.lines.order(|l| l.amount.desc()).limit(1))
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(orders.iter().map(|(_, lines)| codes(lines)).collect::<Vec<_>>(), [["pen"], ["pen"]]);
    let with_products =
        db.select::<Order>().prefetch_related(|o| o.lines.with(|l| l.product)).fetch_all().await.unwrap();
    assert_eq!(with_products[1].1[0].1.code, "lamp");
    let rows = db
        .select::<Line>()
        .filter(|l| l.order.customer.eq("Bea"))
        .select_related(|l| (l.order, l.product))
        .order(|l| l.product.code.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(
        rows.iter().map(|(line, _, product)| (line.amount, product.code.as_str())).collect::<Vec<_>>(),
        [(2, "lamp"), (5, "pen")]
    );
    let ada = db.get(Order::key(1)).await.unwrap().unwrap();
    assert_eq!(codes(&ada.lines(&db).order(|l| l.amount.asc()).fetch_all().await.unwrap()), ["map", "pen"]);
    let lines = db.select::<Line>().fetch_all().await.unwrap();
    assert_eq!(lines[0].product(&db).fetch().await.unwrap().code, lines[0].product_id.raw().clone());
    let products = db.fetch_related(&lines, |l| l.product).await.unwrap();
    assert_eq!(products.iter().zip(&lines).filter(|(product, line)| product.code == *line.product_id.raw()).count(), 4);
    let counted = db.select::<Product>().with_count(|p| p.lines).fetch_all().await.unwrap();
    assert_eq!(counted.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(db.select::<Product>().filter(|p| p.lines.any(|l| l.amount.gt(4))).count().await.unwrap(), 1);
    db.delete(Order::key(1)).await.unwrap();
    assert_eq!(db.select::<Line>().count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_relation_to_one_row_may_lead_to_such_a_model() {
    let db = shop().await;
    db.insert(Note::builder().year(2026).number(1).product_id(Product::key("pen"))).await.unwrap();
    let rows = db.select::<Product>().select_related(|p| p.note).order(|p| p.code.asc()).fetch_all().await.unwrap();
    let years: Vec<_> = rows.iter().map(|(_, note)| note.as_ref().map(|note| note.year)).collect();
    assert_eq!(years, [None, None, Some(2026)]);
    assert_eq!(db.select::<Product>().filter(|p| p.note.number.eq(1)).count().await.unwrap(), 1);
}

#[tokio::test]
async fn pages_and_the_ends_of_a_chain_follow_the_whole_key() {
    let db = tables().await;
    let edges = (0..20_i64).map(|i| Edge::builder().source(i % 3).target(i));
    db.bulk_insert(edges).await.unwrap();
    let first = db.select::<Edge>().fetch_first().await.unwrap().unwrap();
    let last = db.select::<Edge>().fetch_last().await.unwrap().unwrap();
    assert_eq!(((first.source, first.target), (last.source, last.target)), ((0, 0), (2, 17)));
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = db.select::<Edge>().order(|e| e.source.desc()).page_after(cursor, 3).await.unwrap();
        seen.extend(page.rows.iter().map(|edge| (-edge.source, -edge.target)));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.is_sorted());
    let statement = db.select::<Edge>().limit(2).offset(1).to_sql().unwrap();
    assert_eq!(statement.text, "SELECT \"from\", \"to\" FROM \"edges\" ORDER BY \"from\", \"to\" LIMIT 2 OFFSET 1");
}

#[tokio::test]
async fn updates_and_deletions_by_query_are_about_exactly_the_rows_of_the_chain() {
    let db = shop().await;
    let changed = db.select::<Line>().order(|l| l.amount.desc()).limit(2).update(|l| l.note.set("big")).await.unwrap();
    assert_eq!(changed, 2);
    let big = db.select::<Line>().filter(|l| l.note.eq("big")).order(|l| l.amount.asc()).only(|l| l.amount);
    assert_eq!(big.fetch_all().await.unwrap(), [3, 5]);
    let changed = db.select::<Line>().filter(|l| l.product.price.gt(1)).update(|l| l.note.set(l.order.customer)).await;
    assert_eq!(changed.unwrap(), 4);
    assert_eq!(db.select::<Line>().filter(|l| l.note.eq("Bea")).count().await.unwrap(), 2);
    assert_eq!(db.select::<Line>().limit(1).offset(1).delete().await.unwrap(), 1);
    assert_eq!(db.get(key(1, "pen")).await.unwrap(), None);
    assert_eq!(db.select::<Line>().filter(|l| l.order.customer.eq("Bea")).delete().await.unwrap(), 2);
    assert_eq!(db.select::<Line>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn upserts_meet_rows_by_the_whole_key() {
    let db = shop().await;
    let changed =
        db.upsert(line(1, "pen", 10), |l| (l.product_id, l.order_id)).update(|l| l.amount.add(1)).await.unwrap();
    assert_eq!(changed.amount, 4);
    let taken = db.upsert(line(1, "pen", 10), |l| (l.order_id, l.product_id)).update(|l| l.amount).await.unwrap();
    assert_eq!(taken.amount, 10);
    assert_eq!(db.upsert(line(1, "pen", 10), |l| (l.order_id, l.product_id)).ignore().await.unwrap(), None);
    let (lamp, created) = db.get_or_create(line(1, "lamp", 1), |l| (l.order_id, l.product_id)).await.unwrap();
    assert!(created);
    assert_eq!(db.get_or_create(line(1, "lamp", 5), |l| (l.order_id, l.product_id)).await.unwrap(), (lamp, false));
    let error = db.upsert(line(1, "pen", 1), |l| l.order_id).ignore().await.unwrap_err();
    assert!(matches!(&error, Error::ConflictColumns { columns, .. } if *columns == ["order_id"]), "{error:?}");
    let given = db.insert_with(line(2, "map", 1), |l| l.updated_at.given(7)).await.unwrap();
    assert_eq!(given.updated_at, 7);
}

/// Between two others, with the pair as its key.
#[derive(Debug, Clone, PartialEq, Model)]
struct Tagging {
    #[model(pk, on_delete = cascade)]
    post_id: Key<Post>,
    #[model(pk, on_delete = cascade)]
    tag_id: Key<Tag>,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag, through = Tagging), has_many(taggings = Tagging::post))]
struct Post {
    pk: Key<Post>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(posts = Post::tags))]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

#[tokio::test]
async fn a_model_between_two_others_may_have_the_pair_as_its_key() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Post, Tag, Tagging)>().await.unwrap();
    let post = db.insert(Post::builder()).await.unwrap();
    let tags = db.bulk_insert(["a", "b", "c"].map(|name| Tag::builder().name(name))).await.unwrap();
    post.tags(&db).add(&tags).await.unwrap();
    post.tags(&db).add(&tags[..1]).await.unwrap();
    post.tags(&db).remove([&tags[1]]).await.unwrap();
    assert_eq!(post.tags(&db).only(|t| t.name).fetch_all().await.unwrap(), ["a", "c"]);
    let tagging = db.get(Tagging::key((post.pk, tags[2].pk))).await.unwrap().unwrap();
    assert!(tagging.created_at > 0);
    db.delete(&tagging).await.unwrap();
    let posts = db.select::<Post>().prefetch_related(|p| (p.tags, p.taggings)).fetch_all().await.unwrap();
    assert_eq!((posts[0].1.len(), posts[0].2.len()), (1, 1));
    assert_eq!(tags[0].posts(&db).count().await.unwrap(), 1);
}

#[tokio::test]
async fn keys_are_values_like_any() {
    let one = key(1, "pen");
    assert!(one < key(1, "pens") && one < key(2, "a"));
    assert_eq!(one.raw(), &(Order::key(1), Product::key("pen")));
    assert_eq!(format!("{one:?}"), "Key(lines (Key(orders 1), Key(products \"pen\")))");
    assert_eq!(BTreeSet::from([key(2, "x"), one.clone(), one.clone()]).len(), 2);
    assert_eq!(HashMap::from([(one.clone(), 1)]).get(&key(1, "pen")), Some(&1));
    assert_eq!(serde_json::to_string(&one).unwrap(), "[1,\"pen\"]");
    assert_eq!(serde_json::from_str::<Key<Line>>("[1,\"pen\"]").unwrap(), one);
    let (order, product) = one.into_raw();
    assert_eq!((*order.raw(), product.raw().as_str()), (1, "pen"));
}

#[tokio::test]
async fn cached_rows_are_told_apart_by_the_whole_key_and_never_stale() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("edges.db");
    let db = Db::options().path(&path).cache(CacheOptions::default()).open().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    db.create_table::<Product>().await.unwrap();
    for code in ["a", "b", "c", "d"] {
        db.insert(Product::builder().code(code).price(1)).await.unwrap();
    }
    for (year, number, code) in [(1, 2, "a"), (2, 1, "b"), (1, 1, "c")] {
        db.insert(Note::builder().year(year).number(number).product_id(Product::key(code))).await.unwrap();
    }
    let code =
        async |year, number| db.get(Note::key((year, number))).await.unwrap().map(|note| note.product_id.into_raw());
    for _ in 0..2 {
        assert_eq!(code(1, 2).await.as_deref(), Some("a"));
        assert_eq!(code(2, 1).await.as_deref(), Some("b"));
    }
    assert!(db.cache_stats().hits >= 2);
    db.select::<Note>()
        .filter(|n| n.year.eq(1) & n.number.eq(2))
        .update(|n| n.product_id.set(Product::key("d")))
        .await
        .unwrap();
    assert_eq!(code(1, 2).await.as_deref(), Some("d"));
    db.delete(Note::key((2, 1))).await.unwrap();
    assert_eq!(code(2, 1).await, None);
}

#[tokio::test]
async fn a_table_whose_key_is_another_one_is_told() {
    let db = Db::memory().await.unwrap();
    db.execute(
        "CREATE TABLE edges (\"from\" INTEGER NOT NULL, \"to\" INTEGER NOT NULL, PRIMARY KEY (\"to\", \"from\"))",
    )
    .await
    .unwrap();
    db.create_table::<Edge>().await.unwrap();
    db.insert(Edge::builder().source(1).target(2)).await.unwrap();
    db.execute("DROP TABLE edges").await.unwrap();
    db.execute(
        "CREATE TABLE edges (\"from\" INTEGER, \"to\" INTEGER, more INTEGER, PRIMARY KEY (\"from\", \"to\", more))",
    )
    .await
    .unwrap();
    let error = db.create_table::<Edge>().await.unwrap_err();
    assert!(error.to_string().contains(": from, to together are not unique, so they are no key;"), "{error}");
    db.execute("INSERT INTO edges VALUES (1, 2, 1), (1, 2, 2), (1, 3, 1)").await.unwrap();
    let error = db.get(Edge::key((1, 2))).await.unwrap_err();
    assert!(
        matches!(&error, Error::KeyNotUnique { column, key, .. } if column == "from, to" && key == "(1, 2)"),
        "{error:?}"
    );
    let error = db.delete(Edge::key((1, 2))).await.unwrap_err();
    assert!(matches!(&error, Error::KeyNotUnique { .. }), "{error:?}");
    assert!(db.get(Edge::key((1, 3))).await.unwrap().is_some());
    db.delete(Edge::key((1, 3))).await.unwrap();
    let rows: Vec<Record> = db.query("SELECT * FROM edges").fetch_all().await.unwrap();
    assert_eq!(rows.len(), 2);
}
