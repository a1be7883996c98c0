//! One statement that writes, without a transaction around it.
//!
//! SQLite does all of a statement or nothing, so that a single one needs no transaction of ours, if it is known beforehand
//! that its tables are what their models say, and that nothing in the schema keeps a part of what a failed statement did.
//! Where the schema is another than the one that is known, SQLite would compile the statement anew; it is not allowed to,
//! so that nothing has been written then. What fails here runs in a transaction afterwards, which looks at everything.

use rusqlite::{CachedStatement, ErrorCode};

use super::connection::{Bound, bind_all};
use super::limits::without_waiting;
use super::tables::{Compiled, compiled};
use super::{Connection, SqlText, lasting};
use crate::error::{Context, Operation, Result};
use crate::sql::OverTables;
use crate::table::{Seen, TableInfo};
use crate::value::Encoded;

/// What a statement has written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrote {
    pub(crate) rows: u64,
    /// The row id of the last row that was inserted on the connection.
    pub(crate) row_id: i64,
}

impl Connection {
    /// Runs a statement alone, if that is known to be right. The operation is that of the statement: a soft deletion is an update.
    /// With `None`, it has written nothing.
    pub(crate) fn write_alone(
        &mut self,
        operation: Operation,
        statement: &dyn OverTables,
        context: Context<'_>,
    ) -> Result<Option<Wrote>> {
        self.leave_freeing(statement, context)?;
        let plain = statement.plain();
        Ok(self.alone(operation, SqlText::from(plain), statement.tables(), &mut |prepared| {
            bind_all(prepared, &plain.arguments).is_ok()
        }))
    }

    /// As [`write_alone`](Self::write_alone), for a statement about one row of a table, whose arguments `write` gives.
    pub(crate) fn write_row_alone(
        &mut self,
        operation: Operation,
        text: SqlText<'_>,
        table: &'static TableInfo,
        write: &dyn Fn(&mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
    ) -> Option<Wrote> {
        self.alone(operation, text, &[Seen::Table(table)], &mut |prepared| {
            let (mut index, mut is_bound) = (0, true);
            let written = write(&mut |value| {
                index += 1;
                is_bound &= prepared.raw_bind_parameter(index, Bound(value)).is_ok();
                Ok(())
            });
            written.is_ok() && is_bound
        })
    }

    fn alone(
        &mut self,
        operation: Operation,
        text: SqlText<'_>,
        seen: &[Seen],
        bind: &mut dyn FnMut(&mut CachedStatement<'_>) -> bool,
    ) -> Option<Wrote> {
        if self.is_clustered() || !self.is_autocommit() || self.log.is_wanted() || !self.writes_alone(operation, seen) {
            return None;
        }
        let mut prepared = self.ready().ok()?.prepare_cached(text.here()).ok()?;
        match compiled(&prepared) {
            None => {}
            Some(Compiled::Now) => return None,
            Some(Compiled::Anew) => {
                self.is_of_another_schema(&prepared).ok()?;
                return None;
            }
        }
        if !bind(&mut prepared) {
            return None;
        }
        let before = self.total_changes();
        let done = without_waiting(|| lasting::compiling_nothing(|| prepared.raw_execute()));
        if self.total_changes() == before {
            return None;
        }
        let rows = match done {
            Ok(rows) => rows,
            // SQLite asks a last time whether it may go on when the statement is over, and says that it was interrupted when it
            // may not; it has been committed all the same.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                self.sqlite().changes() as usize
            }
            Err(_) => return None,
        };
        self.count();
        self.has_scanned(&prepared, text.told);
        Some(Wrote { rows: rows as u64, row_id: self.sqlite().last_insert_rowid() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::open::Opener;
    use crate::engine::{Location, Log, Wishes};
    use crate::error::Context;
    use crate::table::plain::{column, table};

    const CONTEXT: Context<'static> = Context::new(Operation::Insert, "items");
    const INSERT: &str = "INSERT INTO items (pk) VALUES (?)";

    static ITEMS: TableInfo = table("items", &[column("pk")], true);

    async fn connection() -> Connection {
        let opener = Opener::new(Location::memory(), Log::default(), Wishes::default());
        let mut connection = opener.unwrap().connect().await.unwrap();
        let create = |it: &mut Connection| it.batch("CREATE TABLE items (pk INTEGER PRIMARY KEY) STRICT", CONTEXT);
        connection.atomically(CONTEXT, create).unwrap();
        connection
    }

    /// Inserts a row as the library does; gives whether that was one statement alone.
    fn is_inserted_alone(connection: &mut Connection, pk: i64) -> bool {
        let write = |sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| sink(Encoded::Integer(pk));
        if connection.write_row_alone(Operation::Insert, SqlText::of(INSERT), &ITEMS, &write).is_some() {
            return true;
        }
        let insert = |connection: &mut Connection| {
            connection.fit(&ITEMS, CONTEXT)?;
            let inserted =
                connection.repeat(SqlText::of(INSERT), 1, CONTEXT, &|_, sink| write(sink), &mut |_, _, _| Ok(()));
            inserted.map_err(|(error, _)| error)
        };
        connection.writing(CONTEXT, insert).unwrap();
        false
    }

    #[tokio::test]
    async fn a_statement_runs_alone_once_the_tables_are_known() {
        let mut connection = connection().await;
        // The connection itself has created the table.
        let alone: Vec<_> = (1..=3).map(|pk| is_inserted_alone(&mut connection, pk)).collect();
        assert_eq!(alone, [false, true, true]);
        // The statement is compiled anew, which is looked at once.
        connection.batch("CREATE TABLE others (pk INTEGER PRIMARY KEY)", CONTEXT).unwrap();
        let alone: Vec<_> = (4..=6).map(|pk| is_inserted_alone(&mut connection, pk)).collect();
        assert_eq!(alone, [false, false, true]);
    }

    #[tokio::test]
    async fn what_may_reach_other_tables_does_not_run_alone() {
        let mut connection = connection().await;
        let refers = "CREATE TABLE others (pk INTEGER PRIMARY KEY, item INTEGER REFERENCES items ON DELETE CASCADE)";
        connection.batch(refers, CONTEXT).unwrap();
        assert!(!is_inserted_alone(&mut connection, 1));
        assert!(is_inserted_alone(&mut connection, 2));
        let seen = [Seen::Table(&ITEMS)];
        let alone = |connection: &Connection| {
            [Operation::Insert, Operation::Update, Operation::Delete].map(|it| connection.writes_alone(it, &seen))
        };
        assert_eq!(alone(&connection), [true, true, false]);
        connection.batch("CREATE TABLE twins (name TEXT UNIQUE ON CONFLICT REPLACE)", CONTEXT).unwrap();
        assert!(!is_inserted_alone(&mut connection, 3));
        assert_eq!(alone(&connection), [false, false, false]);
        connection.batch("DROP TABLE others", CONTEXT).unwrap();
        assert!(!is_inserted_alone(&mut connection, 4));
        assert_eq!(alone(&connection), [true, true, true]);
        connection.batch("CREATE TRIGGER t AFTER INSERT ON items BEGIN SELECT 1; END", CONTEXT).unwrap();
        assert!(!is_inserted_alone(&mut connection, 5));
        assert_eq!(alone(&connection), [false, false, false]);
    }

    /// Whether each kind of statement about the items runs alone, once the schema that the SQL leaves is known.
    fn alone_after(connection: &mut Connection, sql: &str, pk: i64) -> [bool; 3] {
        connection.batch(sql, CONTEXT).unwrap();
        is_inserted_alone(connection, pk);
        let seen = [Seen::Table(&ITEMS)];
        [Operation::Insert, Operation::Update, Operation::Delete].map(|it| connection.writes_alone(it, &seen))
    }

    #[tokio::test]
    async fn triggers_of_tables_that_are_not_written_do_not_matter() {
        let mut connection = connection().await;
        let it = &mut connection;
        let others = "CREATE TABLE others (pk INTEGER PRIMARY KEY, item INTEGER REFERENCES items); \
            CREATE INDEX i ON others (item); CREATE VIEW seen AS SELECT * FROM items; \
            CREATE TRIGGER a AFTER INSERT ON others BEGIN UPDATE items SET pk = pk; END; \
            CREATE TRIGGER b INSTEAD OF INSERT ON seen BEGIN INSERT INTO others (pk) VALUES (new.pk); END";
        assert_eq!(alone_after(it, others, 1), [true; 3]);
        // By this, a deletion runs the triggers of the other table.
        let cascades = "CREATE TABLE more (item INTEGER REFERENCES items ON DELETE CASCADE); \
            CREATE TRIGGER c AFTER DELETE ON more BEGIN SELECT raise(FAIL, 'kept'); END";
        assert_eq!(alone_after(it, cascades, 2), [true, true, false]);
        // And by this, so may an insert.
        let replaces = "CREATE TABLE twins (name TEXT UNIQUE ON CONFLICT REPLACE)";
        assert_eq!(alone_after(it, replaces, 3), [false; 3]);
        assert_eq!(alone_after(it, "DROP TABLE twins", 4), [true, true, false]);
        assert_eq!(alone_after(it, "DROP TABLE more", 5), [true; 3]);
        let follows = "CREATE UNIQUE INDEX u ON others (item); \
            CREATE TABLE more (item INTEGER REFERENCES others (item) ON UPDATE CASCADE)";
        assert_eq!(alone_after(it, follows, 6), [false; 3]);
        assert_eq!(alone_after(it, "DROP TABLE more", 7), [true; 3]);
        // SQLite takes names for the same that differ in case.
        assert_eq!(alone_after(it, "CREATE TRIGGER d BEFORE UPDATE ON ITEMS BEGIN SELECT 1; END", 8), [false; 3]);
        assert_eq!(alone_after(it, "DROP TRIGGER d", 9), [true; 3]);
        // A temporary trigger stands in another database than its table.
        let temporary = "CREATE TEMP TRIGGER e AFTER DELETE ON main.items BEGIN SELECT 1; END";
        assert_eq!(alone_after(it, temporary, 10), [false; 3]);
        assert_eq!(alone_after(it, "ALTER TABLE others RENAME TO rest", 11), [false; 3]);
        assert_eq!(alone_after(it, "DROP TRIGGER e", 12), [true; 3]);
        // One that follows its table to another name.
        let renamed = "CREATE TRIGGER f AFTER INSERT ON rest BEGIN SELECT 1; END; \
            ALTER TABLE items RENAME TO old; ALTER TABLE rest RENAME TO items";
        connection.batch(renamed, CONTEXT).unwrap();
        connection.fit(&ITEMS, CONTEXT).unwrap();
        let rules = connection.may_write_many(Operation::Insert, "Items");
        assert!(rules && !connection.may_write_many(Operation::Insert, "old"));
    }
}
