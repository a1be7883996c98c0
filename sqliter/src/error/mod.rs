//! The one error type, with what a program needs to decide.

pub(crate) mod code;
mod constructors;
mod context;
mod operation;
mod parameter;
mod refused;
mod report;
mod sqlite;
mod text;

use std::time::Duration;

pub(crate) use context::Context;
pub use operation::Operation;
pub use parameter::ParameterProblem;
pub use refused::RefusedRow;
use refused::by_row;
pub(crate) use report::{CHECK_FAILED, MUST_BE, NAMED_BY};
pub use sqlite::SqliteError;
use text::{
    bound, counted, deleted_text, failed_migration, foreign_key_text, inside_text, kept_migrations, migration,
    other_columns_text, place, unique_text, values, while_waited_for,
};

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Everything that can go wrong.
///
/// The texts name the table, the column and the operation concerned; SQLite's own report is the
/// [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be opened.
    #[error("cannot open the database {path}: {reason}")]
    Connection {
        /// The path as given, or `:memory:`.
        path: String,
        /// Why, in words.
        reason: String,
        /// The report of the driver, if there was one.
        source: Option<Source>,
    },

    /// A table or one of its indexes could not be created. Nothing of the call was kept.
    #[error("cannot create the table {table}: {source}")]
    TableCreation {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A table could not be dropped. Nothing of the call was kept.
    #[error("cannot drop the table {table}: {source}")]
    TableDeletion {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// An insert failed for another reason than a violated constraint.
    #[error("cannot insert into {table}: {source}")]
    RecordInsertion {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// An update failed for another reason than a violated constraint.
    #[error("cannot update {table}: {source}")]
    RecordUpdate {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A delete failed for another reason than a violated constraint.
    #[error("cannot delete from {table}: {source}")]
    RecordDeletion {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A query failed.
    #[error("cannot read from {table}: {source}")]
    RecordFetch {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// The row to update or delete, or the row that a query requires, does not exist.
    #[error("no such row in {table}{}", .key.as_ref().map(|key| format!(": key {key}")).unwrap_or_default())]
    RecordNotFound {
        /// The table, or the text of a raw query.
        table: String,
        /// The key as an SQL literal, when the row was named by its key.
        key: Option<String>,
    },

    /// The row was written since it was read: it has another version, the field of the model that is marked
    /// `#[model(version)]`. Nothing was changed. Read the row again, and decide what becomes of both changes.
    #[error(
        "the row {key} of {table} was written by others since it was read: it has the version {found}, and this update expected the \
        version {expected}; read it again"
    )]
    Stale {
        /// The table.
        table: String,
        /// The key as an SQL literal.
        key: String,
        /// The version that the row was read with.
        expected: i64,
        /// The version that the row has.
        found: i64,
    },

    /// A query that was to give one row gave more.
    #[error("expected one row of {table}, and found at least {found}")]
    SeveralRecords {
        /// The table, or the text of a raw query.
        table: String,
        /// How many rows were looked at; there may be more.
        found: usize,
    },

    /// A required foreign key leads to no row. Either a row in memory is older than the deletion, or a program deleted
    /// the row, or wrote the key, without enforcing foreign keys, which is SQLite's default;
    /// [`PRAGMA foreign_key_check`](https://www.sqlite.org/pragma.html#pragma_foreign_key_check) lists all such keys.
    #[error("{table}.{column}{} leads to no row of {target}: it was deleted meanwhile, or by a program that does not enforce \
        foreign keys", .key.as_ref().map(|key| format!(" = {key}")).unwrap_or_default())]
    MissingParent {
        /// The table that has the foreign key.
        table: String,
        /// The column of the foreign key, the first on the way to the missing row.
        column: String,
        /// The value of the column as an SQL literal, where it was read.
        key: Option<String>,
        /// The table that it leads to.
        target: String,
    },

    /// Another row has the same value in unique columns, or the same primary key.
    #[error(
        "{operation} violates uniqueness of {table} ({}){}{}", unique_text(.columns, .index.as_deref()), deleted_text(*.deleted),
        by_row(.row.as_deref())
    )]
    UniqueViolation {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The unique columns, in the order of the constraint; of an index over an expression, those that it names.
        columns: Vec<String>,
        /// The unique index, when it is over an expression.
        index: Option<String>,
        /// Whether the other row is known to be deleted softly: `with_deleted` finds it, `restore` takes its deletion back, and
        /// `delete_for_good` makes room.
        deleted: bool,
        /// The row, of a call for many.
        row: Option<Box<RefusedRow>>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A foreign key refers to no row, or a row is still referred to.
    #[error("{}{}", foreign_key_text(*.operation, .table, .columns), by_row(.row.as_deref()))]
    ForeignKeyViolation {
        /// What was being done.
        operation: Operation,
        /// The table that was being changed.
        table: String,
        /// On insert and update of a row: its foreign-key columns that refer to no row. When rows are still referred
        /// to: the columns that refer to them, each as `table.column`.
        columns: Vec<String>,
        /// The row, of a call for many.
        row: Option<Box<RefusedRow>>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// The schema ignored a row that was to be inserted, updated or deleted: a trigger with
    /// [`RAISE(IGNORE)`](https://www.sqlite.org/lang_createtrigger.html#the_raise_function), or a constraint with
    /// [`ON CONFLICT IGNORE`](https://www.sqlite.org/lang_conflict.html). Nothing of the call was kept, but what a trigger
    /// has written before it ignored a single row.
    #[error("{operation} changes nothing: a trigger or an ON CONFLICT clause of {table} ignored the row{}", by_row(.row.as_deref()))]
    Ignored {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The row, of a call for many.
        row: Option<Box<RefusedRow>>,
    },

    /// `NULL` in a column that does not take it.
    #[error("{operation} puts NULL into {table}.{column}{}", by_row(.row.as_deref()))]
    NotNullViolation {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row, of a call for many.
        row: Option<Box<RefusedRow>>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A value that a `CHECK` constraint, the type of a column in a STRICT table, or a trigger refuses.
    #[error("{operation} violates a check of {table}: {constraint}{}", by_row(.row.as_deref()))]
    CheckViolation {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The name or the text of the constraint, or the message of the trigger. The constraints of column types are
        /// named after what they expect: `at must be an instant, …`.
        constraint: String,
        /// The columns that the constraint is about, as far as its text or the model tells.
        columns: Vec<String>,
        /// The row, of a call for many.
        row: Option<Box<RefusedRow>>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A stored value does not fit the field that it was read into.
    #[error("{} holds {found}, expected {expected}", place(.table, .column))]
    Decode {
        /// The table; empty for a column of a raw query that is read into no model.
        table: String,
        /// The column.
        column: String,
        /// What the field's type expects.
        expected: String,
        /// What was stored.
        found: String,
    },

    /// A value has no faithful form in SQLite.
    #[error("{} cannot hold the value: {reason}{}", place(.table, .column), by_row(.row.as_deref()))]
    Encode {
        /// The table; empty for an argument of raw SQL.
        table: String,
        /// The column; for an argument of raw SQL its number, as `?2`.
        column: String,
        /// Why.
        reason: String,
        /// The row, of a call for many.
        row: Option<Box<RefusedRow>>,
    },

    /// Another connection or process held the lock for longer than the time limit. Of [`Operation::Open`] and
    /// [`Operation::Close`], the database could not be opened or closed for that, and `table` is its path.
    #[error("cannot {operation} {table}: the database stayed locked for {limit:?} ({source})", source = .source.message)]
    Busy {
        /// What was being done.
        operation: Operation,
        /// The table, or what the statement was about.
        table: String,
        /// The time limit, as set by [`DbOptions::busy_timeout`](crate::DbOptions::busy_timeout).
        limit: Duration,
        /// SQLite's report, or what was waited for.
        source: SqliteError,
    },

    /// The turn to use a connection of this database did not come within
    /// [`DbOptions::queue_timeout`](crate::DbOptions::queue_timeout). What waited was not run.
    #[error("cannot {operation} {table}: its turn did not come within {limit:?}{}", .reason.as_ref().map(|it| format!(": {it}")).unwrap_or_default())]
    QueueTimeout {
        /// What was being done.
        operation: Operation,
        /// The table, or what the statement was about.
        table: String,
        /// The time limit.
        limit: Duration,
        /// Who had the connection at the end, where that is known: a transaction or snapshot with the line that began it, a
        /// stream, or a job. Of several connections, the one that had one for the longest time.
        holder: Option<String>,
        /// For how long it had the connection.
        held: Option<Duration>,
        /// What it waited for, in words, where that is known.
        reason: Option<String>,
    },

    /// A call was not done within its time limit, as set by [`Session::timeout`](crate::Session::timeout) or the method
    /// `timeout` of the call. Nothing that it has written stays.
    #[error("cannot {operation} {table}: it was not done within {after:?}; nothing of it was kept")]
    Timeout {
        /// What was being done.
        operation: Operation,
        /// The table, or what the statement was about.
        table: String,
        /// The time limit.
        after: Duration,
    },

    /// The program took no row of a stream for longer than
    /// [`DbOptions::stream_timeout`](crate::DbOptions::stream_timeout), and the stream has given its connection back.
    ///
    /// A stream of a transaction or a snapshot has its one connection, so the other statements of that transaction wait for the
    /// end of the stream. While one of them waits, the limit is one second: a loop that takes a row of the stream and runs a
    /// statement of the same transaction would wait for itself. Read the rows with `fetch_all` there, or page by page.
    #[error("the stream of {table} has ended, as no row was taken for {limit:?}{}", while_waited_for(*.waited_for))]
    StreamTimeout {
        /// The table.
        table: String,
        /// The time limit.
        limit: Duration,
        /// Whether a statement of the stream's own transaction or snapshot waited for its end.
        waited_for: bool,
    },

    /// The database was used, or closed, inside the closure of a transaction or snapshot of its own, for which it would wait
    /// without end; or so was a transaction in the closure of one that it was begun on. Nothing was run.
    #[error("{}", inside_text(*.operation, .table, .used, .kind, .begun))]
    InsideTransaction {
        /// What was to be done.
        operation: Operation,
        /// The table, or what the statement was about.
        table: String,
        /// On what: `the database` or `the transaction around it`.
        used: &'static str,
        /// What it was inside: `transaction` or `snapshot`.
        kind: &'static str,
        /// The line that began it.
        begun: String,
    },

    /// The columns that an upsert or `get_or_create` names do not tell rows apart.
    #[error("a new row of {table} cannot conflict in ({}): {reason}", .columns.join(", "))]
    ConflictColumns {
        /// The table.
        table: String,
        /// The columns as they were named.
        columns: Vec<String>,
        /// Why, in words.
        reason: String,
    },

    /// A model writes to something that is no table. Nothing was written.
    #[error("cannot {operation} {table}: it is {kind}; write to the table behind it, or use raw SQL")]
    NotATable {
        /// What was to be done.
        operation: Operation,
        /// The name.
        table: String,
        /// What it is: `a view` or `a virtual table`.
        kind: String,
    },

    /// Several rows have the key by which one row was named. Nothing was written.
    #[error("cannot {operation} one row of {table}: several rows have the key {key}, as {column} is not unique there")]
    KeyNotUnique {
        /// What was to be done.
        operation: Operation,
        /// The table.
        table: String,
        /// The column that the model takes for the key.
        column: String,
        /// The key as an SQL literal.
        key: String,
    },

    /// Several stored rows have the values by which one was named. Nothing was written.
    #[error("several rows of {table} have the same values in ({}), which is not unique there", .columns.join(", "))]
    SeveralRows {
        /// The table.
        table: String,
        /// The columns as they were named.
        columns: Vec<String>,
    },

    /// The table in the file is not one that the model can work on.
    #[error(
        "the table {table} in the file does not serve its model: {}; `schema_diff` gives the SQL that mends it",
        .differences.join("; ")
    )]
    SchemaDiffers {
        /// The table; of several, the first.
        table: String,
        /// What differs, each in words.
        differences: Vec<String>,
    },

    /// Something must be decided before a schema is changed, as it would lose data or may fail on rows that exist:
    /// [`Decisions`](crate::schema::Decisions).
    #[error("the schema is not changed before this is decided: {}", .needs.join("; "))]
    SchemaUndecided {
        /// What must be decided, each in a sentence.
        needs: Vec<String>,
    },

    /// What a database keeps of a table or an index is no statement that creates one.
    #[error("cannot read what the database says of {name}: {reason}: {sql}")]
    SchemaText {
        /// The table or the index.
        name: String,
        /// The statement as the database keeps it.
        sql: String,
        /// What is wrong with it, and where.
        reason: String,
    },

    /// The SQL in an attribute of a model means nothing for its table. Nothing of the call was kept.
    #[error("the model {model} has a mistake in its SQL, in the {place}: {reason}: {sql}")]
    SqlInModel {
        /// The model.
        model: String,
        /// Where the SQL stands, in words, as `check of the column pages`.
        place: String,
        /// The SQL.
        sql: String,
        /// What SQLite says of it.
        reason: String,
    },

    /// What the rows that exist shall get in a column, [`Decisions::value`](crate::schema::Decisions::value), is not an SQL expression
    /// over the columns of the row.
    #[error("the value `{sql}` for {table}.{column} is not an SQL expression over the columns of {table}: {reason}")]
    SqlInValue {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What was told.
        sql: String,
        /// What is wrong with it.
        reason: String,
    },

    /// All columns of a query were excluded.
    #[error("no column of {table} is left to read: all were excluded")]
    EmptySelection {
        /// The table.
        table: String,
    },

    /// A write was to give back a value that other rows than the written ones have a part in. Nothing was written.
    #[error(
        "a write to {table} cannot give back {value}, which comes from related rows: give back the key, and read them \
        afterwards"
    )]
    ReturningRelated {
        /// The table.
        table: String,
        /// The value, by its name.
        value: String,
    },

    /// A cursor does not fit the query that it is given to.
    #[error("the cursor does not fit: {reason}")]
    Cursor {
        /// What is wrong with it.
        reason: String,
    },

    /// Parameters of a request do not fit what the program offers to filter and to sort by: a name that there is not, or a value
    /// that cannot be read. The response to such a request is mostly the status 422.
    #[error("the request does not fit: {}", parameter::listed(.problems))]
    Parameters {
        /// What is wrong with each of them, in the order of the request for names, and then of the program for values.
        problems: Vec<ParameterProblem>,
    },

    /// A view with type parameters contains itself through other views. Of views without any, the compiler says so.
    #[error(
        "there is no end to what the view {view} loads, as a view inside of it contains it again: give the inner field another \
        view of the model"
    )]
    EndlessView {
        /// The view, with its module and its type arguments.
        view: &'static str,
    },

    /// Conditions, or calculations, of a query are nested deeper than SQLite takes them.
    #[error(
        "a query over {table} nests conditions or values more than {limit} levels deep: conditions that are joined by \
        `&` alone or by `|` alone do not nest, and a list of values is one condition with `is_in`"
    )]
    TooDeep {
        /// The table.
        table: String,
        /// How deep they may be, as SQLite counts it.
        limit: u16,
    },

    /// The pattern of a `regex` is not a regular expression.
    #[error("a query over {table} has a malformed regular expression: {reason}")]
    RegularExpression {
        /// The table.
        table: String,
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it, in the words of the `regex` crate.
        reason: String,
    },

    /// A value of one query is used in another one, by `outer` or as a part of `sql`.
    #[error(
        "a value of {table} is used in {}: `outer(a.name)` is a value of the row of the query directly around, and the parts \
        of `sql` are values of the query that it stands in",
        found.as_ref().map_or_else(|| "a query with no query around it".to_owned(), |found| format!("a query over {found}"))
    )]
    NotInQuery {
        /// The table that the value is of.
        table: String,
        /// The table of the query whose row it would be of, if there is such a query.
        found: Option<String>,
    },

    /// A path into a JSON document cannot be read. It is reported when the query is about to run.
    #[error("the JSON path `{path}` {reason}")]
    JsonPath {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: String,
    },

    /// The text of `sql` cannot be part of a statement, or has another number of `?` than of parts.
    #[error("the piece of SQL `{sql}` {reason}")]
    SqlFragment {
        /// The text.
        sql: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A value over a window is used where there are no windows, or cannot be computed.
    #[error("a value over a window in a query over {table}: {reason}")]
    Window {
        /// The table.
        table: String,
        /// What is wrong with it.
        reason: String,
    },

    /// What several queries give together was sorted by something that the first of them does not select.
    #[error(
        "cannot sort what queries give together by {value}: select it in each of them, the first of which is over {table}"
    )]
    NotSelected {
        /// The table of the first query.
        table: String,
        /// The column, or what is computed from it.
        value: String,
    },

    /// The depth of rows was asked for in a query that does not go from one row to the next.
    #[error("rows of {table} have a depth only in a query of `descendants` or `ancestors`")]
    NoDepth {
        /// The table.
        table: String,
    },

    /// No tree can be made of rows: each of them leads to the next, and the last to the first again.
    #[error("rows of {table} lead to each other in a circle by {column}, so that no tree can be made of them: {}", keys.join(", "))]
    Cycle {
        /// The table.
        table: String,
        /// The foreign key by which each refers to the next.
        column: String,
        /// The keys of the rows in the circle.
        keys: Vec<String>,
    },

    /// A tree is deeper than one in memory may be.
    #[error(
        "a tree of {table} has more than {limit} levels: limit it by `to_depth`, or read the rows by `descendants`"
    )]
    TreeTooDeep {
        /// The table.
        table: String,
        /// How many levels there may be.
        limit: usize,
    },

    /// Groups were sorted by something that differs within them.
    #[error("cannot sort groups of {table} by {value}: it is neither grouped by nor aggregated")]
    NotGrouped {
        /// The table.
        table: String,
        /// The column, or what is computed from it.
        value: String,
    },

    /// A piece of text or a weighted rank was asked for beside groups, aggregates or windows: SQLite tells these of a row while it reads
    /// it, and at no later time. The plain `rank` can stand there.
    #[error(
        "{value} of a search in {table} cannot stand beside groups, aggregates or windows: select it in a query of single rows, or use \
        `search.rank()`, which can be grouped and aggregated"
    )]
    SearchInGroups {
        /// The table.
        table: String,
        /// What was asked for.
        value: String,
    },

    /// The rank or a piece of text was asked for of rows that no search has found. The query must be filtered by what its rows must
    /// match, `.filter(|b| b.search.matches(words))`, and not within `|` or `!`.
    #[error(
        "{value} of {table} is known of rows that a search has found: filter the query by `search.matches(…)`, not within `|` or `!`"
    )]
    NotSearched {
        /// The table.
        table: String,
        /// What was asked for.
        value: String,
    },

    /// A statement that belongs to no model failed.
    #[error("cannot execute {sql}: {source}")]
    SqlExecution {
        /// The statement.
        sql: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A raw statement was given more arguments than it has placeholders, or fewer.
    #[error("{sql} takes {expected}, and {given} bound", expected = counted(*.expected, "argument"), given = bound(*.given))]
    ArgumentCount {
        /// The statement.
        sql: String,
        /// How many placeholders it has.
        expected: usize,
        /// How many arguments were bound.
        given: usize,
    },

    /// A text with several statements was given where one is run.
    #[error("only one statement is run at a time, and this text has several: {sql}")]
    SeveralStatements {
        /// The text.
        sql: String,
    },

    /// A text with no statement was given where one is run: it is empty, or has nothing but comments.
    #[error("there is no statement to run in this text: {sql:?}")]
    NoStatement {
        /// The text.
        sql: String,
    },

    /// A raw statement that cannot mean on several connections what it says, or would change one of them for everybody who
    /// uses it. It was not run.
    #[error("{reason}; the statement was not run: {sql}")]
    Refused {
        /// The statement.
        sql: String,
        /// Why, and what to do instead.
        reason: &'static str,
    },

    /// A query was a statement that returns no rows. It was not run.
    #[error("the statement returns no rows, so run it with `execute`: {sql}")]
    ReturnsNoRows {
        /// The statement.
        sql: String,
    },

    /// A statement to execute returns rows.
    #[error("the statement returns rows, so run it with `query`: {sql}")]
    ReturnsRows {
        /// The statement.
        sql: String,
    },

    /// A row has no column of the name that it is read by.
    #[error("there is no column {column}: the columns are {}", .columns.join(", "))]
    MissingColumn {
        /// The column that is missing.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// A row has several columns of the name that it is read by.
    #[error("there are several columns {column}: name each with AS; the columns are {}", .columns.join(", "))]
    AmbiguousColumn {
        /// The column that comes more than once.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// The rows of a raw query have more columns than there are values to read, or fewer.
    #[error("{} read from each row, but it has {}: {}", values(*.expected), counted(.columns.len(), "column"), .columns.join(", "))]
    ColumnCount {
        /// How many values are read.
        expected: usize,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// A statement of a script failed. Nothing of the script was kept.
    #[error("the statement at line {line} of the script failed: {source}; nothing of the script was kept")]
    Script {
        /// The line that it begins on, or that SQLite complains about, counted from 1.
        line: u32,
        /// The statement.
        sql: String,
        /// Why.
        source: Box<Self>,
    },

    /// The columns of a raw query are others where a tuple has a model or a struct. Each takes as many columns as it has, in
    /// the order of the tuple.
    #[error("{}", other_columns_text(*.at, .read_as, .expected, .columns))]
    OtherColumns {
        /// The number of the first of these columns, counted from 1.
        at: usize,
        /// The type that is read from them.
        read_as: String,
        /// The columns of that type.
        expected: Vec<String>,
        /// The columns that stand there.
        columns: Vec<String>,
    },

    /// Two fields of a struct that derives [`Row`](crate::Row) would be read from one column, as flattened fields have a column
    /// of the same name.
    #[error("the column {column} is read twice: give one of the fields `#[row(flatten, prefix = \"…\")]`, and its columns \
        such names with AS; the columns are {}", .columns.join(", "))]
    ColumnReadTwice {
        /// The column.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// A migration failed.
    #[error("{}: {source}{}", failed_migration(*.version, .description, *.line), kept_migrations(.kept, *.in_part))]
    Migration {
        /// Its version.
        version: i64,
        /// What the name of its file says.
        description: String,
        /// The statement that failed, if it was one of its file.
        statement: Option<String>,
        /// The line of the file on which it stands, or about which SQLite complains, counted from 1.
        line: Option<u32>,
        /// The migrations of the call that stay: those before one that runs without a transaction, and that one. All others of
        /// the call are undone.
        kept: Vec<i64>,
        /// Whether a part of the one that failed may stay, as it runs without a transaction.
        in_part: bool,
        /// Why: mostly an [`Error`], else what a migration in Rust has given.
        source: Source,
    },

    /// The database would not be sound after the migrations: rows refer to rows that do not exist, or SQLite's
    /// [`integrity_check`](https://www.sqlite.org/pragma.html#pragma_integrity_check) complains.
    #[error("the database would not be sound after the migration to {version}: {}{}", .problems.join("; "), kept_migrations(.kept, false))]
    MigrationUnsound {
        /// The last version that was reached.
        version: i64,
        /// What is wrong, each in words.
        problems: Vec<String>,
        /// The migrations of the call that stay, as in [`Migration`](Self::Migration).
        kept: Vec<i64>,
    },

    /// The file of a migration is another one than that which was applied. Nothing was run.
    #[error("{} was changed after it was applied: put the file back as it was, and make the change in a new migration",
        migration(*.version, .description))]
    MigrationChanged {
        /// Its version.
        version: i64,
        /// What the name of its file says.
        description: String,
    },

    /// A migration was applied to the database that the program does not have. Nothing was run.
    #[error("{} was applied to the database, and this program does not have it: it is older than the database, or the file was \
        removed", migration(*.version, .description))]
    MigrationMissing {
        /// Its version.
        version: i64,
        /// What the name of its file said.
        description: String,
    },

    /// A migration that runs without a transaction was begun and is not done: it was interrupted, or another process is at it
    /// for longer than the busy timeout. Nothing was run.
    #[error("{} was begun without a transaction and is not done: it is running in another process, or was interrupted; then look at \
        what it has done, and delete its row from {table} to have it run again, or set `success` there to 1",
        migration(*.version, .description))]
    MigrationUnfinished {
        /// Its version.
        version: i64,
        /// What the name of its file says.
        description: String,
        /// The table of the migrations that were applied.
        table: String,
    },

    /// The migrations do not fit together, or not to what was asked for, or SQLite refuses to begin. Nothing was run.
    #[error("cannot migrate: {reason}")]
    CannotMigrate {
        /// Why, in words.
        reason: String,
        /// SQLite's report, if there was one.
        source: Option<SqliteError>,
    },

    /// A copy of the database could not be made. There is no file of the name, unless it was there before.
    #[error("cannot copy the database to {path}: {reason}")]
    Backup {
        /// The path as given.
        path: String,
        /// Why, in words.
        reason: String,
        /// SQLite's report, if there was one.
        source: Option<SqliteError>,
    },

    /// SQLite ended the transaction by itself, as it does when the disk is full. Nothing of it was kept.
    #[error("SQLite rolled the transaction back, and nothing of it was kept: {reason}")]
    TransactionLost {
        /// The error of the statement that it ended with.
        reason: String,
    },

    /// Another machine of the cluster wrote first, so that nothing of the transaction was written: run it again, with all that it
    /// reads. Calls that are no transaction run again by themselves for a while.
    #[error("another machine of the cluster wrote first, and nothing was written: run the transaction again")]
    Conflict,

    /// The cluster does not take the write. Nothing was written on any machine.
    #[error("the cluster does not take the write, and nothing was written: {reason}")]
    NotReplicated {
        /// Why, in words.
        reason: String,
    },

    /// It is not known whether the transaction was or will be committed: look for what it wrote before you run it again.
    #[error("it is not known whether the cluster has done the write: {reason}")]
    CommitUnknown {
        /// What the last attempt has met.
        reason: String,
    },

    /// The database was opened with [`DbOptions::read_only`](crate::DbOptions::read_only), and was asked to write. Nothing was
    /// written.
    #[error("cannot {operation} {table}: the database was opened with `read_only`")]
    ReadOnly {
        /// What was to be done.
        operation: Operation,
        /// The table, or the statement.
        table: String,
    },

    /// A snapshot was asked to write. Nothing was written.
    #[error("cannot {operation} {table} in a snapshot, which only reads: begin a transaction to write")]
    SnapshotReads {
        /// What was to be done.
        operation: Operation,
        /// The table, or the statement.
        table: String,
    },

    /// The transaction was committed, rolled back or dropped, and something still uses it: a clone of its
    /// [`Session`](crate::Session), or a transaction inside it.
    #[error("the transaction has ended: it was committed, rolled back or dropped before")]
    TransactionEnded,

    /// A call has ended without its result: it was changed after it had been polled, as by a late `with_total`, or the thread that ran
    /// it is gone.
    #[error("the call gave no result: {reason}")]
    NoResult {
        /// Why.
        reason: String,
    },
}
