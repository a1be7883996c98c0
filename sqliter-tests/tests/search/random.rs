//! Any writes, in any order, by any program.

use proptest::prelude::*;
use sqliter::Db;

use super::library::*;

/// A statement of another program, over few keys and few values, so that rows are in each other's way.
fn statement() -> impl Strategy<Value = String> {
    let conflict = prop::sample::select(vec!["", "OR REPLACE ", "OR IGNORE ", "OR FAIL ", "OR ABORT ", "OR ROLLBACK "]);
    let key = prop_oneof![Just("NULL".to_owned()), (1..6_i64).prop_map(|key| key.to_string())];
    let text = || {
        prop::sample::select(vec!["'alpha beta'", "'Beta'", "'gamma'", "'ALPHA BETA'", "'delta delta'", "'é'", "''"])
    };
    let isbn = prop::sample::select(vec!["NULL", "'1'", "'2'"]);
    let place = || prop::sample::select(vec!["NULL", "1", "2"]);
    let row = (key.clone(), text(), text(), isbn.clone(), place(), key.clone()).prop_map(
        |(key, title, body, isbn, place, before)| format!("({key}, {title}, {body}, {isbn}, 's', {place}, {before})"),
    );
    let insert = (conflict.clone(), row.clone(), row.clone()).prop_map(|(conflict, one, two)| {
        format!("INSERT {conflict}INTO books (pk, title, body, isbn, shelf, place, before_id) VALUES {one}, {two}")
    });
    let upsert = (
        row,
        prop::sample::select(vec![
            "DO NOTHING",
            "(pk) DO UPDATE SET title = excluded.title",
            "(isbn) DO UPDATE SET body = excluded.body, place = place + 1",
            "(shelf, place) DO UPDATE SET isbn = NULL, title = excluded.title",
        ]),
    )
        .prop_map(|(row, clause)| {
            format!(
                "INSERT INTO books (pk, title, body, isbn, shelf, place, before_id) VALUES {row} ON CONFLICT {clause}"
            )
        });
    let update = (conflict, 1..6_i64, text(), isbn, place(), 1..6_i64).prop_map(|(conflict, new, title, isbn, place, old)| {
        format!("UPDATE {conflict}books SET pk = {new}, title = {title}, isbn = {isbn}, place = {place} WHERE pk >= {old}")
    });
    let delete = (1..6_i64).prop_map(|key| format!("DELETE FROM books WHERE pk = {key}"));
    let block =
        prop::sample::select(vec!["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "DELETE FROM books"]);
    prop_oneof![4 => insert, 3 => upsert, 4 => update, 2 => delete, 2 => block.prop_map(str::to_owned)]
}

#[test]
fn any_writes_leave_the_search_true() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let schema = runtime.block_on(async {
        let db = Db::memory().await.unwrap();
        db.create_tables::<(Author, Book)>().to_sql().unwrap().join(";")
    });
    let config = ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() };
    let changed = std::cell::Cell::new(0);
    proptest!(config, |(statements in prop::collection::vec(statement(), 1..20), recursive in any::<bool>())| {
        let other = rusqlite::Connection::open_in_memory().unwrap();
        other.execute_batch(&schema).unwrap();
        other.pragma_update(None, "foreign_keys", true).unwrap();
        other.pragma_update(None, "recursive_triggers", recursive).unwrap();
        for sql in &statements {
            // Constraints refuse many of them, which is one more way for a write to end.
            changed.set(changed.get() + i64::from(other.execute_batch(sql).is_ok()));
            let checked = other.execute_batch("INSERT INTO books_search (books_search, rank) VALUES ('integrity-check', 1)");
            prop_assert!(checked.is_ok(), "{sql}: {checked:?} {statements:#?}");
            let rows: (i64, i64) = other
                .query_row("SELECT (SELECT count(*) FROM books), (SELECT count(*) FROM books_search_docsize)", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .unwrap();
            prop_assert_eq!(rows.0, rows.1, "{} {:#?}", sql, statements);
        }
    });
    assert!(changed.get() > 200, "only {changed:?} statements did something");
}
