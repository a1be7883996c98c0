//! Writes, each done once on every node or on none.

use std::time::Duration;

use hiqlite::{Error, Param, Params};
use sqliter_cluster_wire::{Answer, Kind, Statement, Token, Value};
use tokio::time::timeout;

use crate::Node;
use crate::travels;

/// How long the cluster may take before the program hears that the outcome is unknown, and asks again.
const WITHIN: Duration = Duration::from_millis(1500);

/// The first statement of every write. It fails when the write is done already, and so undoes the rest.
const REMEMBER: &str = "INSERT INTO sqliter_writes (token) VALUES (?)";
const DONE_ALREADY: &str = "UNIQUE constraint failed: sqliter_writes.token";
/// Nobody asks for a write again that is a hundred thousand writes old.
const FORGET: &str = "DELETE FROM sqliter_writes WHERE number < (SELECT max(number) FROM sqliter_writes) - 100000";
const LAST: &str = "SELECT coalesce(max(number), 0) AS number FROM sqliter_writes";

/// Has a write done by all nodes.
pub(crate) async fn write(node: &Node, token: Token, kind: Kind, statements: Vec<Statement>) -> Answer {
    // Rows of one insert follow each other with one text.
    for alike in statements.chunk_by(|one, next| one.sql == next.sql) {
        if let Some(first) = alike.first()
            && let Some(reason) = travels::refused(node.clients.own(), kind, first).await
        {
            return Answer::CannotTravel { sql: first.sql.clone(), reason };
        }
    }
    let number = statements.len();
    let remember = (REMEMBER.to_owned(), vec![Param::Blob(token.to_vec())]);
    let own = statements.into_iter().map(|statement| (statement.sql, params(statement.arguments)));
    let all = [remember].into_iter().chain(own).chain([(FORGET.to_owned(), Params::new())]);
    let done = timeout(WITHIN, async { node.clients.of_leader().await?.txn(all).await }).await;
    if kind == Kind::Schema {
        travels::forget();
    }
    match done {
        Err(_) => Answer::Unknown { reason: format!("the cluster has not answered within {WITHIN:?}") },
        Ok(Err(error)) => refused(error),
        Ok(Ok(results)) => {
            let rows = results.into_iter().skip(1).take(number);
            match rows.map(|rows| rows.map(|rows| rows as u64)).collect() {
                Ok(rows) => Answer::Written { rows: Some(rows) },
                // Committed all the same.
                Err(_) => Answer::Written { rows: None },
            }
        }
    }
}

fn params(values: Vec<Value>) -> Params {
    let param = |value| match value {
        Value::Null => Param::Null,
        Value::Integer(number) => Param::Integer(number),
        Value::Real(number) => Param::Real(number),
        Value::Text(text) => Param::Text(text),
        Value::Blob(bytes) => Param::Blob(bytes),
    };
    values.into_iter().map(param).collect()
}

/// What an error of hiqlite says about the write.
fn refused(error: Error) -> Answer {
    let said_by_sqlite = matches!(
        error,
        Error::Transaction(_)
            | Error::PrepareStatement(_)
            | Error::QueryParams(_)
            | Error::Sqlite(_)
            | Error::ConstraintViolation(_)
    );
    let reason = error.to_string();
    if said_by_sqlite && reason.contains(DONE_ALREADY) {
        return Answer::Written { rows: None };
    }
    // These are no property of the data: the leader has not written what the others have.
    let is_of_this_machine =
        ["database is locked", "disk is full", "disk I/O error", "unable to open", "out of memory", "read-only"];
    if said_by_sqlite && !is_of_this_machine.iter().any(|local| reason.contains(local)) {
        return Answer::Refused { reason };
    }
    Answer::Unknown { reason }
}

/// The number of the last write that any program was told of, from the leader.
pub(crate) async fn barrier(node: &Node) -> Answer {
    let asking = async {
        let client = node.clients.of_leader().await?;
        let mut rows = client.query_consistent(LAST, Params::new()).await?;
        rows.pop().ok_or_else(|| Error::QueryReturnedNoRows(LAST.into()))?.try_get::<i64>("number")
    };
    let last = timeout(WITHIN, asking).await;
    match last {
        Err(_) => Answer::Unknown { reason: format!("the leader has not answered within {WITHIN:?}") },
        Ok(Err(error)) => Answer::Unknown { reason: error.to_string() },
        Ok(Ok(number)) => Answer::Barrier { number },
    }
}
