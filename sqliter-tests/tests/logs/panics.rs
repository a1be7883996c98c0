//! A subscriber that panics does so alone.

use sqliter::prelude::*;
use sqliter_tests::listener::{multi, single};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::models::{Author, author};

/// Panics at whatever it is told.
struct Broken;

impl Subscriber for Broken {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        assert_ne!(event.metadata().target(), "sqliter", "an event");
    }

    fn enter(&self, _: &Id) {
        panic!("a span begins");
    }

    fn exit(&self, _: &Id) {
        panic!("a span ends");
    }

    fn try_close(&self, _: Id) -> bool {
        panic!("a span is over");
    }
}

#[test]
fn a_subscriber_that_panics_takes_no_statement_and_no_connection_along() {
    for runtime in [single(), multi()] {
        for memory in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let options = if memory { Db::options() } else { Db::options().path(folder.path().join("a.db")) };
            tracing::subscriber::with_default(Broken, || {
                runtime.block_on(async {
                    let db = options.max_readers(1).open().await.unwrap();
                    db.create_table::<Author>().await.unwrap();
                    db.insert(author("a")).await.unwrap();
                    let tx = db.begin().await.unwrap();
                    tx.transaction(async |inner| inner.insert(author("b")).await).await.unwrap();
                    drop(tx.begin().await.unwrap());
                    // The first ends the transaction, and the others share a commit.
                    let inserts = (db.insert(author("c")), db.insert(author("d")));
                    let (committed, c, d) = tokio::join!(tx.commit(), inserts.0, inserts.1);
                    committed.unwrap();
                    c.unwrap();
                    d.unwrap();
                    db.bulk_insert((0..500).map(|number| author(&number.to_string()))).await.unwrap();
                    assert_eq!(db.select::<Author>().fetch_all().await.unwrap().len(), 504);
                    db.close().await.unwrap();
                });
            });
        }
    }
}
