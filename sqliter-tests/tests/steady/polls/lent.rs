//! Many rows that the caller gives or gets.

use sqliter::Row;
use sqliter::prelude::*;

use super::{Entry, NewEntry, assert_below, everywhere, kept_for};

const MANY: i64 = 200_000;

/// Less than the rows take: they are the caller's, so that to give and take them is left.
const LIMIT: std::time::Duration = std::time::Duration::from_millis(5);

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    #[model(updated_at)]
    at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Counted {
    pk: Key<Counted>,
    number: i64,
    #[model(generated = "number + 1")]
    next: i64,
}

#[derive(Debug, PartialEq, Row)]
struct Number {
    number: i64,
}

#[test]
fn many_rows_are_made_and_read_on_other_threads() {
    everywhere(async |db| {
        let drafts = || (0..MANY).map(|number| NewEntry { number });
        let insert = async || {
            db.select::<Entry>().delete().await.unwrap();
            // To take the drafts is the caller's.
            let insert = db.bulk_insert(drafts());
            kept_for(insert).await
        };
        assert_below(LIMIT, "inserts", insert).await;
        let rows = || db.select::<Entry>();
        assert_below(LIMIT, "rows", async || kept_for(rows().fetch_all()).await).await;
        assert_below(LIMIT, "records", async || kept_for(rows().fetch_dicts()).await).await;
        assert_below(LIMIT, "structs", async || kept_for(rows().into_rows::<Number>().fetch_all()).await).await;
        assert_below(LIMIT, "columns", async || kept_for(rows().fields(|e| e.number).fetch_all()).await).await;
        let raw = async || kept_for(db.query::<Number>("SELECT number FROM entries").fetch_all()).await;
        assert_below(LIMIT, "rows of SQL", raw).await;
        let keys: Vec<_> = rows().fields(|e| e.pk).fetch_all().await.unwrap();
        let listed = async || {
            let listed = rows().filter(|e| e.pk.is_in(keys.iter().copied())).count();
            kept_for(listed).await
        };
        assert_below(LIMIT, "a list", listed).await;
        assert_eq!(rows().count().await.unwrap(), MANY as u64);
    });
}

#[test]
fn many_rows_that_are_lent_are_written_on_other_threads() {
    everywhere(async |db| {
        db.create_tables::<(Note, Counted)>().await.unwrap();
        let notes = (0..MANY).map(|number| Note::builder().text(number.to_string()));
        let mut notes = db.bulk_insert(notes).await.unwrap();
        let update = async || {
            notes.iter_mut().for_each(|note| note.text.push('x'));
            kept_for(db.bulk_update(&mut notes)).await
        };
        assert_below(LIMIT, "an update", update).await;
        assert!(db.select::<Note>().fetch_all().await.unwrap() == notes);
        let counted = (0..MANY / 4).map(|number| Counted::builder().number(number));
        let mut counted = db.bulk_insert(counted).await.unwrap();
        let update = async || {
            counted.iter_mut().for_each(|row| row.number += 1);
            kept_for(db.bulk_update(&mut counted)).await
        };
        assert_below(LIMIT, "an update of what SQLite computes", update).await;
        assert!(db.select::<Counted>().fetch_all().await.unwrap() == counted);
    });
}
