//! The text of statements that change rows.

use std::sync::Arc;

use super::ast::{Arithmetic, Expr, Selected, Set};
use super::{Conflict, Delete, Frees, Insert, OverTables as _, Query, SqlWriter, Update, UpsertSet, WriteSql, Written};
use crate::table::plain::{column, table};
use crate::table::{CachedSql, ColumnInfo, Link, PathNode, RelationInfo, RowStatement, TableInfo};
use crate::value::{Storage, Value};

static ITEMS: TableInfo = table("items", &[column("pk"), column("odd \"name"), column("box")], true);
static BOXES: TableInfo = table("boxes", &[column("pk"), column("size")], true);
static KEYS: TableInfo = table("keys", &[column("code")], false);
static BOX: RelationInfo =
    RelationInfo { name: "box", source: || &ITEMS, target: || &BOXES, link: Link::ForeignKey(&ITEMS.columns[2]) };
static IN_BOX: PathNode = PathNode { before: None, relation: &BOX, number: 0 };

fn text(table: &'static TableInfo, statement: &impl WriteSql) -> String {
    let mut sql = SqlWriter::new(table);
    statement.write(&mut sql);
    sql.finish().unwrap().text
}

fn returning(table: &'static TableInfo) -> Vec<Selected> {
    Selected::row(None, table).collect()
}

fn insert(conflict: Option<Conflict>) -> Insert {
    let row = ITEMS.inserted().map(|column| (column, Value::Integer(1))).collect();
    Insert { table: &ITEMS, row, conflict, returning: returning(&ITEMS) }
}

#[test]
fn an_insert_gives_back_the_row_that_it_wrote() {
    assert_eq!(
        text(&ITEMS, &insert(None)),
        "INSERT INTO \"items\" (\"odd \"\"name\", \"box\") VALUES (?, ?) RETURNING \"pk\", \"odd \"\"name\", \"box\""
    );
    let empty = Insert { table: &BOXES, row: Vec::new(), conflict: None, returning: Vec::new() };
    assert_eq!(text(&BOXES, &empty), "INSERT INTO \"boxes\" DEFAULT VALUES");
}

#[test]
fn an_upsert_computes_from_the_row_that_is_there() {
    let columns = vec![&ITEMS.columns[1]];
    let nothing = insert(Some(Conflict { columns: columns.clone(), update: Vec::new(), live: false }));
    let start =
        "INSERT INTO \"items\" AS t0 (\"odd \"\"name\", \"box\") VALUES (?, ?) ON CONFLICT (\"odd \"\"name\") DO ";
    let end = " RETURNING \"pk\", \"odd \"\"name\", \"box\"";
    assert_eq!(text(&ITEMS, &nothing), format!("{start}NOTHING{end}"));
    let related = Set { column: &ITEMS.columns[1], value: Expr::column(Some(&IN_BOX), &BOXES.columns[1]) };
    let update = vec![UpsertSet::New(&ITEMS.columns[2]), UpsertSet::Set(related)];
    let update = insert(Some(Conflict { columns, update, live: false }));
    let looked_up = "(SELECT t2.\"size\" FROM \"items\" AS t1 LEFT JOIN \"boxes\" AS t2 ON t2.\"pk\" = t1.\"box\" \
                     WHERE t1.\"pk\" = t0.\"pk\")";
    let sets = format!("\"box\" = excluded.\"box\", \"odd \"\"name\" = {looked_up}");
    assert_eq!(text(&ITEMS, &update), format!("{start}UPDATE SET {sets}{end}"));
}

#[test]
fn updates_and_deletions_give_back_rows_of_their_own_table() {
    let rows = || Query::new(&ITEMS).filtered(Expr::has_value(&ITEMS.columns[0], Value::Integer(7)));
    let value = Expr::Arithmetic {
        left: Expr::column(None, &ITEMS.columns[2]).into(),
        operator: Arithmetic::Add,
        right: Expr::Value(Value::Integer(1)).into(),
    };
    let sets = vec![Set { column: &ITEMS.columns[2], value }];
    let update = Update { rows: rows(), sets, returning: returning(&ITEMS) };
    assert_eq!(
        text(&ITEMS, &update),
        "UPDATE \"items\" SET \"box\" = \"box\" + ? WHERE \"pk\" = ? RETURNING \"pk\", \"odd \"\"name\", \"box\""
    );
    let size = Expr::column(Some(&IN_BOX), &BOXES.columns[1]);
    let update = Update { sets: vec![Set { column: &ITEMS.columns[2], value: size }], ..update };
    assert_eq!(
        text(&ITEMS, &update),
        "UPDATE \"items\" AS t0 SET \"box\" = t1.v0 FROM (SELECT t2.\"pk\" AS k, t3.\"size\" AS v0 FROM \"items\" AS t2 \
         LEFT JOIN \"boxes\" AS t3 ON t3.\"pk\" = t2.\"box\" WHERE t2.\"pk\" = ?) AS t1 WHERE t0.\"pk\" = t1.k \
         RETURNING \"pk\", \"odd \"\"name\", \"box\""
    );
    let delete = Delete::for_good(rows(), returning(&ITEMS));
    assert_eq!(
        text(&ITEMS, &delete),
        "DELETE FROM \"items\" WHERE \"pk\" = ? RETURNING \"pk\", \"odd \"\"name\", \"box\""
    );
}

#[test]
fn the_statements_about_one_row_are_written_once() {
    static CACHED: CachedSql = CachedSql::new();
    let text = |statement: RowStatement| statement.texts(&ITEMS, &CACHED).unwrap().text.as_str();
    assert_eq!(text(RowStatement::Select), "SELECT \"pk\", \"odd \"\"name\", \"box\" FROM \"items\" WHERE \"pk\" = ?");
    assert_eq!(text(RowStatement::Insert), "INSERT INTO \"items\" (\"odd \"\"name\", \"box\") VALUES (?, ?)");
    assert_eq!(text(RowStatement::Update), "UPDATE \"items\" SET \"odd \"\"name\" = ?, \"box\" = ? WHERE \"pk\" = ?");
    assert_eq!(text(RowStatement::Delete), "DELETE FROM \"items\" WHERE \"pk\" = ?");
    for statement in [RowStatement::Select, RowStatement::Insert, RowStatement::Update, RowStatement::Delete] {
        assert!(std::ptr::eq(text(statement), text(statement)));
    }
}

#[test]
fn an_update_of_a_row_that_is_nothing_but_its_key_looks_whether_it_is_there() {
    static CACHED: CachedSql = CachedSql::new();
    assert_eq!(
        RowStatement::Update.texts(&KEYS, &CACHED).unwrap().text,
        "UPDATE \"keys\" SET \"code\" = ? WHERE \"code\" = ?"
    );
}

#[test]
fn rows_with_long_values_are_told_in_place() {
    static COLUMNS: [ColumnInfo; 4] = [
        column("pk"),
        ColumnInfo { storage: Storage::Text, ..column("title") },
        column("pages"),
        ColumnInfo { storage: Storage::Blob, ..column("scan") },
    ];
    static BOOKS: TableInfo = table("books", &COLUMNS, true);
    let is = |at: usize| Expr::is(&COLUMNS[at], Expr::Value(Value::Integer(1)));
    let rows = |filters: Vec<Expr>| filters.into_iter().fold(Query::new(&BOOKS), Query::filtered);
    let update = |at: usize, filters| {
        let sets = vec![Set { column: &COLUMNS[at], value: Expr::Value(Value::Null) }];
        Written::new(&BOOKS, Update { rows: rows(filters), sets, returning: Vec::new() }).unwrap()
    };
    // Only what is let go of is asked: the rest is read.
    let short = r#"are_short(octet_length("title"))"#;
    let in_place = |text: &str| Some(text.to_owned());
    let whole = update(1, vec![]);
    assert_eq!(whole.frees(), Frees::Guarded);
    assert_eq!(whole.plain().in_place, in_place(&format!(r#"UPDATE "books" SET "title" = ? WHERE {short}"#)));
    let some = update(1, vec![is(0).or(is(2))]);
    let guarded = format!(r#"UPDATE "books" SET "title" = ? WHERE ("pk" = ? OR "pages" = ?) AND {short}"#);
    assert_eq!(some.plain().in_place, in_place(&guarded));
    assert_eq!(some.fitted(&Arc::default()).unwrap().in_place, in_place(&guarded));
    let pages = update(2, vec![is(0)]);
    assert_eq!((pages.frees(), &pages.plain().in_place), (Frees::Reads, &None));
    let delete = Written::new(&BOOKS, Delete::for_good(rows(vec![is(0)]), Vec::new())).unwrap();
    let guarded = r#"DELETE FROM "books" WHERE ("pk" = ?) AND are_short(octet_length("title"), octet_length("scan"))"#;
    assert_eq!(delete.plain().in_place, in_place(guarded));
    let numbers = Written::new(&ITEMS, Delete::for_good(Query::new(&ITEMS), Vec::new())).unwrap();
    assert_eq!((numbers.frees(), &numbers.plain().in_place), (Frees::Nothing, &None));
}

#[test]
fn a_row_with_a_long_value_is_written_on_a_thread() {
    static CACHED: CachedSql = CachedSql::new();
    static COLUMNS: [ColumnInfo; 4] = [
        column("pk"),
        ColumnInfo { storage: Storage::Text, ..column("title") },
        column("pages"),
        ColumnInfo { storage: Storage::Blob, ..column("scan") },
    ];
    static BOOKS: TableInfo = table("books", &COLUMNS, true);
    let texts = |statement: RowStatement| statement.texts(&BOOKS, &CACHED).unwrap();
    let in_place = |statement: RowStatement| texts(statement).in_place.clone().unwrap_or_default();
    let update = "UPDATE \"books\" SET \"title\" = ?, \"pages\" = ?, \"scan\" = ? WHERE";
    let short = "(\"pk\" = ?) AND are_short(octet_length(\"title\"), octet_length(\"scan\"))";
    assert_eq!(texts(RowStatement::Update).text, format!("{update} \"pk\" = ?"));
    assert_eq!(in_place(RowStatement::Update), format!("{update} {short}"));
    let returning = format!("{update} {short} RETURNING \"pk\", \"title\", \"pages\", \"scan\"");
    assert_eq!(in_place(RowStatement::UpdateReturning), returning);
    assert_eq!(in_place(RowStatement::Delete), format!("DELETE FROM \"books\" WHERE {short}"));
    assert_eq!(texts(RowStatement::Select).in_place, None);
    assert_eq!(texts(RowStatement::Insert).in_place, None);
    // Where no value is of any length, nothing is asked.
    static NUMBERS: CachedSql = CachedSql::new();
    assert_eq!(RowStatement::Update.texts(&ITEMS, &NUMBERS).unwrap().in_place, None);
}
