//! Writes that are sent as the SQL and arguments of their chains, and reads on the file of each node.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Json, Value};
use sqliter_cluster::local::Nodes;
use sqliter_cluster::{Cluster, Error, Written, dump};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(title))]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(default = 0)]
    pages: i64,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
    #[model(version)]
    version: i64,
}

/// A column of each kind.
#[derive(Debug, Clone, PartialEq, Model)]
struct Thing {
    pk: Key<Thing>,
    yes: bool,
    number: Option<i64>,
    real: f64,
    text: String,
    bytes: Vec<u8>,
    day: NaiveDate,
    moment: DateTime<Utc>,
    price: Decimal,
    list: Json<Vec<String>>,
}

/// Three nodes with the tables.
async fn library() -> (TempDir, Nodes, Cluster) {
    let folder = TempDir::new().unwrap();
    let nodes = Nodes::start(folder.path()).await.unwrap();
    let cluster = nodes.cluster(1).await.unwrap();
    cluster.create_tables::<(Author, Book, Thing)>().await.unwrap();
    (folder, nodes, cluster)
}

/// What every node holds, once all have all.
async fn same_everywhere(nodes: &Nodes) -> Vec<String> {
    let mut dumps = Vec::new();
    for id in 1..=3 {
        nodes.cluster(id).await.unwrap().barrier().await.unwrap();
        dumps.push(dump(&nodes.file(id)).unwrap());
    }
    let [first, second, third] = <[_; 3]>::try_from(dumps).unwrap();
    assert_eq!(first, second);
    assert_eq!(first, third);
    first
}

fn author(name: &str) -> impl Draft<Model = Author> {
    Author::builder().name(name)
}

fn rows(written: Written) -> Vec<u64> {
    written.rows.unwrap()
}

#[tokio::test]
async fn three_nodes_start_elect_and_stop() {
    let folder = TempDir::new().unwrap();
    let began = Instant::now();
    let mut nodes = Nodes::start(folder.path()).await.unwrap();
    println!("three nodes are one cluster after {:?}", began.elapsed());
    let leader = nodes.leader().await.unwrap();
    assert!((1..=3).contains(&leader));
    for id in 1..=3 {
        assert!(nodes.stop(id).await.unwrap(), "node {id}");
        assert!(!nodes.socket(id).exists());
        assert_eq!(nodes.state(id).await, None);
    }
}

#[tokio::test]
async fn single_writes_and_batches_are_the_same_on_every_node() {
    let (_folder, nodes, cluster) = library().await;
    let db = cluster.db();
    assert_eq!(rows(cluster.write(db.insert(author("Ada"))).await.unwrap()), [1]);
    let names = ["Bea", "Cy", "Dan"].map(author);
    assert_eq!(rows(cluster.write(db.bulk_insert(names)).await.unwrap()), [1, 1, 1]);
    assert_eq!(rows(cluster.write(db.upsert(author("Ada"), |a| a.name).ignore()).await.unwrap()), [0]);
    assert_eq!(rows(cluster.write(db.upsert(author("Ada"), |a| a.name).update(|a| a.name)).await.unwrap()), [1]);
    let ada = db.select::<Author>().filter(|a| a.name.eq("Ada")).fetch_required().await.unwrap();

    let books = || (1..=20_i64).map(|i| Book::builder().title(format!("b{i}")).pages(i * 10).author_id(&ada));
    cluster.write(db.bulk_insert(books())).await.unwrap();
    let long = db.select::<Book>().filter(|b| b.pages.gt(100)).update(|b| b.pages.add(1));
    assert_eq!(rows(cluster.write(long).await.unwrap()), [10]);
    let of_ada = db.select::<Book>().filter(|b| b.author.name.eq("Ada") & b.pages.lt(50)).delete();
    assert_eq!(rows(cluster.write(of_ada).await.unwrap()), [4]);
    let dan = db.select::<Author>().filter(|a| a.name.eq("Dan")).fetch_required().await.unwrap();
    cluster.write(db.delete(&dan)).await.unwrap();

    let written = cluster.batch(async |batch| {
        let bea = cluster.db().select::<Author>().filter(|a| a.name.eq("Bea")).fetch_required().await?;
        batch.add(db.insert(Book::builder().title("last").author_id(&bea)))?;
        batch.add(db.select::<Book>().filter(|b| b.title.eq("last")).update(|b| b.pages.set(7)))?;
        batch.sql("DELETE FROM authors WHERE name = ?", [Value::Text("Cy".into())]);
        Ok(())
    });
    assert_eq!(rows(written.await.unwrap()), [1, 1, 1]);

    same_everywhere(&nodes).await;
    for id in 1..=3 {
        let db = nodes.cluster(id).await.unwrap().db();
        let names = db.select::<Author>().order(|a| a.name.asc()).only(|a| a.name).fetch_all().await.unwrap();
        assert_eq!(names, ["Ada", "Bea"]);
        let books = db.select::<Book>().select_related(|b| b.author).order(|b| b.pk.asc()).fetch_all().await.unwrap();
        assert_eq!(books.len(), 17);
        let (last, author) = books.last().unwrap();
        assert_eq!((last.title.as_str(), last.pages, last.version, author.name.as_str()), ("last", 7, 2, "Bea"));
    }
    // A cascade is the same on every node.
    cluster.write(db.delete(&ada)).await.unwrap();
    same_everywhere(&nodes).await;
    assert_eq!(db.select::<Book>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn values_of_every_type_come_back_from_every_node() {
    let (_folder, nodes, cluster) = library().await;
    let things = || {
        [0.0, -1.5, f64::MAX].map(|real| {
            Thing::builder()
                .yes(true)
                .number(i64::MIN)
                .real(real)
                .text("é\0'\"")
                .bytes(vec![0, 255])
                .day(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap())
                .moment(DateTime::from_timestamp(1_700_000_000, 123_000_000).unwrap())
                .price(Decimal::new(1999, 2))
                .list(Json(vec!["a".to_owned()]))
        })
    };
    let written = cluster.write(cluster.db().bulk_insert(things())).await;
    assert_eq!(rows(written.unwrap()), [1, 1, 1]);
    let one = Db::memory().await.unwrap();
    one.create_table::<Thing>().await.unwrap();
    let expected = one.bulk_insert(things()).await.unwrap();
    for id in 1..=3 {
        let cluster = nodes.cluster(id).await.unwrap();
        cluster.barrier().await.unwrap();
        assert_eq!(cluster.db().select::<Thing>().order(|t| t.pk.asc()).fetch_all().await.unwrap(), expected);
    }
    // The tables' own checks of dates hold on the nodes too.
    let wrong = cluster.batch(async |batch| {
        batch.sql("UPDATE things SET day = '2023-02-29'", []);
        Ok(())
    });
    assert!(matches!(wrong.await, Err(Error::Refused { .. })));
}

#[tokio::test]
async fn what_cannot_travel_is_an_error_before_anything_is_sent() {
    let (_folder, nodes, cluster) = library().await;
    let db = cluster.db();
    // The time of `now()` is that of the program.
    cluster.write(db.select::<Thing>().filter(|t| t.moment.lt(now())).delete()).await.unwrap();
    let before = nodes.state(nodes.leader().await.unwrap()).await.unwrap().applied;

    let list = db.select::<Book>().filter(|b| b.pages.is_in([1, 2, 3, 4, 5])).delete();
    let own = db.select::<Author>().filter(|a| a.name.icontains("A")).delete();
    for (what, error) in [
        ("a list of values", cluster.write(list).await.unwrap_err()),
        ("no such function: fold_case", cluster.write(own).await.unwrap_err()),
    ] {
        assert!(matches!(error, Error::CannotTravel { .. }) && error.to_string().contains(what), "{what}: {error}");
    }
    for sql in [
        "UPDATE books SET pages = random()",
        "UPDATE authors SET name = CURRENT_TIMESTAMP",
        "UPDATE authors SET name = date('now')",
        "UPDATE authors SET name = strftime('%Y')",
        "UPDATE things SET day = date('2024-01-01', 'localtime')",
        "UPDATE books SET pages = total_changes()",
        "SELECT 1",
        "COMMIT",
        "PRAGMA foreign_keys = OFF",
        "VACUUM",
        "DELETE FROM nothing",
    ] {
        let sent = cluster.batch(async |batch| {
            batch.sql(sql, []);
            Ok(())
        });
        let error = sent.await.unwrap_err();
        assert!(matches!(error, Error::CannotTravel { .. }), "{sql}: {error}");
    }
    let long = cluster.write(db.insert(author(&"x".repeat(9_000_000)))).await.unwrap_err();
    assert!(matches!(long, Error::CannotTravel { .. }), "{long}");
    assert_eq!(nodes.state(nodes.leader().await.unwrap()).await.unwrap().applied, before, "nothing was sent");
}

#[tokio::test]
async fn a_refused_write_is_on_no_node() {
    let (_folder, nodes, cluster) = library().await;
    let db = cluster.db();
    cluster.write(db.insert(author("Ada"))).await.unwrap();
    let before = same_everywhere(&nodes).await;
    let twice = cluster.write(db.bulk_insert(["Bea", "Ada"].map(author))).await.unwrap_err();
    assert!(matches!(&twice, Error::Refused { reason } if reason.contains("UNIQUE")), "{twice}");
    let orphan = cluster.write(db.insert(Book::builder().title("b").author_id(Author::key(99)))).await.unwrap_err();
    assert!(matches!(&orphan, Error::Refused { reason } if reason.contains("FOREIGN KEY")), "{orphan}");
    assert_eq!(same_everywhere(&nodes).await, before);
    // The database that is read does not write by itself.
    assert!(db.insert(author("Bea")).await.is_err());
}

#[tokio::test]
async fn a_program_reads_its_own_writes_on_every_node() {
    let (_folder, nodes, _) = library().await;
    for id in 1..=3 {
        let cluster = nodes.cluster(id).await.unwrap();
        for number in 0..30 {
            let name = format!("{id}-{number}");
            cluster.write(cluster.db().insert(author(&name))).await.unwrap();
            assert!(cluster.db().select::<Author>().filter(|a| a.name.eq(&name)).exists().await.unwrap());
        }
    }
    same_everywhere(&nodes).await;
}

#[tokio::test]
async fn readers_follow_a_node_that_was_killed_to_its_new_file() {
    let (_folder, mut nodes, cluster) = library().await;
    let follower = (1..=3).find(|id| *id != 1).unwrap();
    let beside = nodes.cluster(follower).await.unwrap();
    cluster.write(cluster.db().insert(author("Ada"))).await.unwrap();
    beside.barrier().await.unwrap();
    let held = beside.db();
    nodes.kill(follower).unwrap();
    assert_eq!(held.select::<Author>().count().await.unwrap(), 1, "what was there can be read without the node");
    cluster.write(cluster.db().insert(author("Bea"))).await.unwrap();
    nodes.start_node(follower).unwrap();
    nodes.until_whole(Duration::from_secs(60)).await.unwrap();
    beside.barrier().await.unwrap();
    assert_eq!(beside.db().select::<Author>().count().await.unwrap(), 2);
    assert_eq!(held.select::<Author>().count().await.unwrap(), 1, "the file of before is gone for whoever holds it");
    held.close().await.unwrap();
    cluster.write(cluster.db().insert(author("Cy"))).await.unwrap();
    same_everywhere(&nodes).await;
}
