//! The schema of a database as plain data.

use sqliter::prelude::*;
use sqliter::schema::{Decisions, OnConflict, Schema, SqlText, Table, TableKind};

const EVERYTHING: [&str; 8] = [
    "CREATE TABLE authors (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key, counted upwards
        name TEXT NOT NULL ON CONFLICT IGNORE COLLATE NOCASE DEFAULT 'n/a' CHECK (name <> ''),
        born INT DEFAULT (1900 + 1) CONSTRAINT \"not too old\" CHECK (born > 0),
        \"full name\" TEXT GENERATED ALWAYS AS (name || ' x') STORED,
        short AS (substr(name, 1, 3)),
        /* a comment, with a ( and a , in it */
        UNIQUE (name COLLATE BINARY, born DESC) ON CONFLICT REPLACE
    )",
    "CREATE TABLE [order lines] (
        \"order\" INTEGER REFERENCES orders DEFERRABLE INITIALLY DEFERRED,
        line varchar(20, 3),
        author REFERENCES authors (id) ON DELETE SET NULL ON UPDATE CASCADE NOT DEFERRABLE INITIALLY DEFERRED NOT NULL,
        CONSTRAINT pk PRIMARY KEY (\"order\", line DESC)
        CONSTRAINT other FOREIGN KEY (line, author) REFERENCES other (a, b) MATCH FULL ON DELETE RESTRICT,
        CHECK (line IN ('a,b', 'c)'))
    ) WITHOUT ROWID, STRICT",
    "CREATE TABLE plain (a, b DEFAULT -1.5e3, c 'double precision' DEFAULT CURRENT_TIMESTAMP UNIQUE)",
    "CREATE UNIQUE INDEX by_name ON authors (lower(name) DESC, born COLLATE RTRIM) WHERE born IS NOT NULL",
    "CREATE INDEX plain_a ON plain (a, b DESC)",
    "CREATE VIEW names AS SELECT name FROM authors",
    "CREATE TRIGGER no_delete BEFORE DELETE ON authors BEGIN SELECT raise(ABORT, 'no'); END",
    "CREATE VIRTUAL TABLE texts USING fts5(title, body)",
];

fn everything() -> Schema {
    // The type of a column of a STRICT table is one of six.
    let sql = EVERYTHING.map(|sql| sql.replace("varchar(20, 3)", "TEXT").replace("author REF", "author INTEGER REF"));
    Schema::from_sql(sql).unwrap()
}

fn table<'s>(schema: &'s Schema, name: &str) -> &'s Table {
    schema.table(name).unwrap()
}

#[test]
fn a_table_is_read_with_all_that_it_declares() {
    let schema = everything();
    let authors = table(&schema, "AUTHORS");
    assert_eq!(
        authors.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        ["id", "name", "born", "full name", "short"]
    );
    assert!(authors.is_autoincrement() && !authors.strict && !authors.without_rowid);
    let name = authors.column("name").unwrap();
    assert!(name.not_null);
    assert_eq!(name.not_null_on_conflict, Some(OnConflict::Ignore));
    assert_eq!(name.collation, "NOCASE");
    assert_eq!(name.default.as_ref().unwrap().as_str(), "'n/a'");
    assert_eq!(authors.column("born").unwrap().default.as_ref().unwrap().as_str(), "1900 + 1");
    let stored = authors.column("full name").unwrap().generated.as_ref().unwrap();
    assert!(stored.stored && stored.expression.as_str() == "name || ' x'", "{stored:?}");
    let short = authors.column("short").unwrap();
    assert_eq!(short.declared_type.as_str(), "");
    assert!(!short.generated.as_ref().unwrap().stored);
    let checks: Vec<_> = authors.checks.iter().map(|c| (c.name.as_deref(), c.condition.as_str())).collect();
    assert_eq!(checks, [(None, "name <> ''"), (Some("not too old"), "born > 0")]);
    let [unique] = authors.unique.as_slice() else { panic!("{:?}", authors.unique) };
    assert_eq!(unique.on_conflict, Some(OnConflict::Replace));
    assert_eq!(unique.parts[0].collation.as_deref(), Some("BINARY"));
    assert!(unique.parts[1].descending && unique.parts[1].column == "born");
    let [index] = authors.indexes.as_slice() else { panic!("{:?}", authors.indexes) };
    assert!(index.unique && index.terms[0].descending);
    assert_eq!(index.terms[0].value.as_str(), "lower(name)");
    assert_eq!((index.terms[1].value.as_str(), index.terms[1].collation.as_str()), ("born", "RTRIM"));
    assert_eq!(index.condition.as_ref().unwrap().as_str(), "born IS NOT NULL");
}

#[test]
fn keys_of_several_columns_and_foreign_keys_are_read() {
    let schema = everything();
    let lines = table(&schema, "order lines");
    assert!(lines.strict && lines.without_rowid);
    let key = lines.primary_key.as_ref().unwrap();
    assert_eq!(
        key.parts.iter().map(|p| (p.column.as_str(), p.descending)).collect::<Vec<_>>(),
        [("order", false), ("line", true)]
    );
    let keys: Vec<_> = lines
        .foreign_keys
        .iter()
        .map(|key| {
            let columns = key.columns.join(" ");
            let references = key.references.join(" ");
            format!("{columns} -> {}({references}) {} {} {}", key.table, key.on_delete, key.on_update, key.deferred)
        })
        .collect();
    assert_eq!(
        keys,
        [
            "order -> orders() NO ACTION NO ACTION true",
            "author -> authors(id) SET NULL CASCADE false",
            "line author -> other(a b) RESTRICT NO ACTION false"
        ]
    );
    assert_eq!(lines.checks[0].condition.as_str(), "line IN ('a,b', 'c)')");
    let plain = table(&schema, "plain");
    assert_eq!(plain.column("c").unwrap().declared_type.as_str(), "double precision");
    assert_eq!(plain.column("b").unwrap().default.as_ref().unwrap().as_str(), "-1.5e3");
    assert_eq!(plain.unique.len(), 1);
    assert!(plain.indexes[0].terms[1].descending);
}

#[test]
fn views_triggers_and_virtual_tables_are_read_and_their_own_tables_are_not() {
    let schema = everything();
    assert_eq!(schema.view("names").unwrap().sql.as_str(), "CREATE VIEW names AS SELECT name FROM authors");
    assert_eq!((schema.triggers[0].name.as_str(), schema.triggers[0].table.as_str()), ("no_delete", "authors"));
    let names: Vec<_> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["authors", "order lines", "plain", "texts"]);
    let texts = table(&schema, "texts");
    assert_eq!(texts.kind, TableKind::Virtual);
    assert!(texts.column("title").is_some() && texts.column("rank").unwrap().hidden);
}

#[test]
fn what_is_read_from_the_text_is_what_the_pragmas_of_sqlite_say() {
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    let schema = everything();
    sqlite.execute_batch(&schema.to_string()).unwrap();
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = sqlite.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for table in &schema.tables {
        let name = &table.name;
        let keys = rows(&format!(
            "SELECT group_concat(\"from\", ' ') || \" -> \" || \"table\" || on_delete || on_update FROM (SELECT * FROM \
             pragma_foreign_key_list('{name}') ORDER BY id DESC, seq) GROUP BY id ORDER BY id DESC"
        ).replace("\" -> \"", "' -> '"));
        let read = table.foreign_keys.iter();
        let read =
            read.map(|key| format!("{} -> {}{}{}", key.columns.join(" "), key.table, key.on_delete, key.on_update));
        assert_eq!(read.collect::<Vec<_>>(), keys);
        let primary = rows(&format!("SELECT name FROM pragma_table_info('{name}') WHERE pk > 0 ORDER BY pk"));
        let read = table.primary_key.iter().flat_map(|key| key.parts.iter().map(|part| part.column.clone()));
        assert_eq!(read.collect::<Vec<_>>(), primary);
        let unique = rows(&format!(
            "SELECT group_concat(x.name || x.coll || x.\"desc\", ' ') FROM pragma_index_list('{name}') AS i, \
             pragma_index_xinfo(i.name) AS x WHERE i.origin = 'u' AND x.key GROUP BY i.seq ORDER BY i.seq DESC"
        ));
        assert_eq!(unique.len(), table.unique.len(), "{unique:?}");
    }
}

#[test]
fn a_schema_prints_as_the_sql_that_makes_it() {
    let schema = everything();
    let again = Schema::from_sql([schema.to_string()]).unwrap();
    assert_eq!(again, schema);
    assert_eq!(again.to_string(), schema.to_string());
}

#[test]
fn schemas_are_equal_when_they_say_the_same_in_other_words() {
    let schemas = [
        "CREATE TABLE a (x integer not null check (x > 0) REFERENCES b(y), z TEXT DEFAULT 'q');
         CREATE INDEX i ON a (x % 10, z COLLATE NOCASE) WHERE z > 'a' -- some",
        "CREATE TABLE a ([x] INTEGER  NOT  NULL, /* z */ `z` text DEFAULT ('q'),
            FOREIGN KEY (\"x\") REFERENCES \"b\" (\"y\"), CHECK ((\"x\">0)));
         CREATE INDEX \"i\" ON [a] ((x % 10) ASC, z collate nocase) WHERE ((z > 'a'));",
    ];
    let [first, second] = schemas.map(|sql| Schema::from_sql([sql]).unwrap());
    assert_eq!(first, second);
    assert_eq!(first.diff(&second).unwrap().differences, []);
    for other in [
        "CREATE TABLE a (x INTEGER NOT NULL REFERENCES b(y), z TEXT DEFAULT 'q', CHECK (x >= 0))",
        "CREATE TABLE a (x INTEGER NOT NULL CHECK (x > 0) REFERENCES b(y), z TEXT DEFAULT 'Q')",
        "CREATE TABLE a (x INTEGER NOT NULL CHECK (x > 0) REFERENCES b(y), z TEXT DEFAULT \"q\")",
    ] {
        if let Ok(other) = Schema::from_sql([other]) {
            assert_ne!(first, other);
        }
    }
}

#[test]
fn a_schema_is_data_for_other_programs() {
    let schema = Schema::from_sql(["CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT CHECK (y <> ''))"]).unwrap();
    let json = serde_json::to_value(&schema).unwrap();
    assert_eq!(json["tables"][0]["columns"][1]["declared_type"], "TEXT");
    assert_eq!(json["tables"][0]["checks"][0]["condition"], "y <> ''");
    assert_eq!(json["tables"][0]["primary_key"]["parts"][0]["column"], "x");
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Shelf {
    pk: Key<Shelf>,
    #[model(unique)]
    label: String,
}

#[tokio::test]
async fn the_schema_of_a_database_is_that_of_the_models_that_made_it() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Shelf>().await.unwrap();
    let schema = db.schema().await.unwrap();
    assert_eq!(schema, Schema::of::<(Shelf,)>().unwrap());
    assert_eq!(
        schema.to_string(),
        "CREATE TABLE \"shelves\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"label\" TEXT NOT NULL UNIQUE) STRICT;\n"
    );
    let inside = db.transaction(async |tx| {
        tx.execute("CREATE TABLE other (a)").await?;
        tx.schema().await
    });
    assert_eq!(inside.await.unwrap().tables.len(), 2);
}

#[test]
fn an_error_names_the_statement() {
    let error = Schema::from_sql(["CREATE TABLE a (x", "CREATE TABLE b (x)"]).unwrap_err().to_string();
    assert!(error.contains("CREATE TABLE a (x") && error.contains("incomplete input"), "{error}");
    let text: &SqlText = &Schema::from_sql(["CREATE VIEW v AS SELECT 1"]).unwrap().views[0].sql.clone();
    assert_eq!(text.to_string(), "CREATE VIEW v AS SELECT 1");
}

/// Only the program that has the module knows the columns.
#[tokio::test]
async fn a_virtual_table_of_another_program_hides_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let sqlite = rusqlite::Connection::open(&path).unwrap();
    sqlite
        .execute_batch(
            "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT); CREATE VIEW v AS SELECT x FROM theirs; \
             PRAGMA writable_schema = ON; \
             INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) \
             VALUES ('table', 'theirs', 'theirs', 0, 'CREATE VIRTUAL TABLE theirs USING of_a_program(x)')",
        )
        .unwrap();
    drop(sqlite);
    let db = sqliter::Db::open(&path).await.unwrap();
    let schema = db.schema().await.unwrap();
    assert_eq!(schema, Schema::from_file(&path).unwrap());
    let theirs = schema.table("theirs").unwrap();
    assert_eq!((theirs.kind, theirs.columns.len()), (TableKind::Virtual, 0));
    let wanted = Schema::from_sql(["CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT, b TEXT)"]).unwrap();
    let diff = schema.diff(&wanted).unwrap();
    assert_eq!(diff.sql(&Decisions::new()).unwrap(), ["ALTER TABLE \"t\" ADD COLUMN b TEXT"]);
    let renamed = Schema::from_sql(["CREATE TABLE t (pk INTEGER PRIMARY KEY, b TEXT)"]).unwrap();
    let told = Decisions::new().rename_column("t", "a", "b");
    assert!(schema.diff(&renamed).unwrap().sql(&told).is_ok());
}
