//! Conditions that a model declares for its rows.

use super::kept::{sql, table};
use sqliter::Error;
use sqliter::model::CheckInfo;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(check = "starts < ends", check(expr = "ends < 100", name = "soon enough"))]
struct Event {
    pk: Key<Event>,
    #[model(check = "starts >= 0", check(expr = "starts <> 13", name = "no bad luck"))]
    starts: i64,
    ends: i64,
    #[model(check = "note <> ')'", renamed_from = "remark")]
    note: Option<String>,
}

fn event(starts: i64, ends: i64) -> impl Draft<Model = Event> {
    Event::builder().starts(starts).ends(ends)
}

#[tokio::test]
async fn checks_stand_in_the_table_as_they_are_written() {
    let db = table::<Event>().await;
    assert_eq!(
        sql(&db, "events").await,
        "CREATE TABLE \"events\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"starts\" INTEGER NOT NULL CHECK (starts >= 0) \
         CONSTRAINT \"no bad luck\" CHECK (starts <> 13), \"ends\" INTEGER NOT NULL, \"note\" TEXT CHECK (note <> ')'), \
         CHECK (starts < ends), CONSTRAINT \"soon enough\" CHECK (ends < 100)) STRICT"
    );
}

#[tokio::test]
async fn a_row_that_violates_a_check_is_refused_with_its_condition_or_its_name() {
    let db = table::<Event>().await;
    db.insert(event(1, 2)).await.unwrap();
    let violated = async |starts, ends| match db.insert(event(starts, ends)).await.unwrap_err() {
        Error::CheckViolation { table, constraint, .. } if table == "events" => constraint,
        error => panic!("{error:?}"),
    };
    assert_eq!(violated(-1, 2).await, "starts >= 0");
    assert_eq!(violated(13, 20).await, "no bad luck");
    assert_eq!(violated(3, 2).await, "starts < ends");
    assert_eq!(violated(3, 200).await, "soon enough");
    // A check of a field names its column, however it is written.
    let columns = |error: Error| match error {
        Error::CheckViolation { columns, .. } => columns,
        error => panic!("{error:?}"),
    };
    let mut stored = db.select::<Event>().fetch_required().await.unwrap();
    assert_eq!(columns(db.insert(event(-1, 2)).await.unwrap_err()), ["starts"]);
    assert_eq!(columns(db.bulk_insert([event(1, 2), event(13, 20)]).await.unwrap_err()), ["starts"]);
    assert_eq!(columns(db.insert(event(3, 2)).await.unwrap_err()), [""; 0]);
    assert_eq!(columns(db.insert_with(event(-1, 2), |e| e.starts.given(13)).await.unwrap_err()), ["starts"]);
    assert_eq!(columns(db.select::<Event>().update(|e| e.starts.sub(2)).await.unwrap_err()), ["starts"]);
    stored.note = Some(")".to_owned());
    assert_eq!(columns(db.update(&mut stored).await.unwrap_err()), ["note"]);
    let error = db.select::<Event>().update(|e| e.note.set(")")).await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { constraint, .. } if constraint == "note <> ')'"), "{error:?}");
    assert_eq!(db.select::<Event>().count().await.unwrap(), 1);
}

#[test]
fn what_is_declared_can_be_read() {
    assert_eq!(Event::TABLE.model, "Event");
    assert_eq!(Event::TABLE.checks[1], CheckInfo { name: Some("soon enough"), condition: "ends < 100" });
    assert_eq!(Event::TABLE.columns[3].renamed_from, Some("remark"));
    assert_eq!(Event::TABLE.renamed_from, None);
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(check = false)]
enum Status {
    Open,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer, check = false)]
enum Priority {
    Low = 1,
    High = 2,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(renamed_from = "tasks")]
struct Ticket {
    pk: Key<Ticket>,
    status: Status,
    priority: Priority,
}

#[tokio::test]
async fn an_enum_without_a_check_lets_other_values_in_and_says_so_when_it_reads_them() {
    let db = table::<Ticket>().await;
    assert_eq!(Ticket::TABLE.renamed_from, Some("tasks"));
    assert_eq!(
        sql(&db, "tickets").await,
        "CREATE TABLE \"tickets\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"status\" TEXT NOT NULL, \
         \"priority\" INTEGER NOT NULL) STRICT"
    );
    let ticket = db.insert(Ticket::builder().status(Status::Open).priority(Priority::High)).await.unwrap();
    assert_eq!(db.get(ticket.pk).await.unwrap(), Some(ticket));
    db.insert(Ticket::builder().status(Status::Closed).priority(Priority::Low)).await.unwrap();
    db.execute("UPDATE tickets SET status = 'frozen' WHERE pk = 1").await.unwrap();
    let error = db.select::<Ticket>().fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, .. } if column == "status"), "{error:?}");
    assert_eq!(db.select::<Ticket>().filter(|t| t.status.eq(Status::Closed)).count().await.unwrap(), 1);
}
