//! Random texts of `CREATE TABLE`, in all the ways in which SQLite takes them: what is read is what SQLite says.

use rusqlite::Connection;
use sqliter::schema::{Schema, Table};

use super::changing::random::Random;

const NAMES: [&str; 12] =
    ["a", "\"b b\"", "[c,c]", "`d)`", "'e'", "KEY", "\"check\"", "größe", "_f$1", "\"g\"\"g\"", "action", "\"null\""];

const CONSTRAINTS: [&str; 26] = [
    "NOT NULL",
    "not null on conflict replace",
    "NULL",
    "UNIQUE",
    "UNIQUE ON CONFLICT IGNORE",
    "CHECK (1)",
    "CONSTRAINT \"a, (b\" CHECK ((1 + 2) IN (3, ')', \"a\"))",
    "CONSTRAINT x",
    "CONSTRAINT x CONSTRAINT 'y'",
    "DEFAULT 1",
    "DEFAULT - 1.5e-3",
    "DEFAULT +0x1F",
    "DEFAULT 1_000",
    "DEFAULT 'it''s, ('",
    "DEFAULT x'ab'",
    "DEFAULT TRUE",
    "DEFAULT CURRENT_DATE",
    "DEFAULT (abs(-1) || ')' /* ( */)",
    "DEFAULT NULL",
    "COLLATE NOCASE",
    "collate \"rtrim\"",
    "REFERENCES other",
    "REFERENCES \"other\" (x) ON DELETE SET NULL ON UPDATE CASCADE",
    "references other(x) MATCH FULL on delete no action DEFERRABLE INITIALLY DEFERRED",
    "REFERENCES other (x) ON UPDATE SET DEFAULT NOT NULL NOT DEFERRABLE INITIALLY DEFERRED",
    "REFERENCES other (x) CHECK (2) DEFERRABLE INITIALLY IMMEDIATE",
];

const TYPES: [&str; 10] = [
    "",
    "INTEGER",
    "text",
    "varchar(20)",
    "DECIMAL(10, -2)",
    "unsigned big int",
    "\"quoted type\"",
    "'x' y",
    "generated",
    "[a b](1)",
];

const SPACES: [&str; 5] = [" ", "\n\t", " /* , ) ' */ ", " -- it's (\n", "  "];

fn spaced(random: &mut Random, sql: &str) -> String {
    // Between words; texts and quoted names have their own spaces.
    let mut text = String::new();
    let mut quote = None;
    for c in sql.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            None if c == '[' => quote = Some(']'),
            None => {}
        }
        match c {
            ' ' if quote.is_none() && !text.ends_with("/*") && !text.ends_with('*') => {
                text.push_str(random.of(&SPACES))
            }
            c => text.push(c),
        }
    }
    text
}

/// The text, and how many checks it has.
fn text(random: &mut Random) -> (String, usize) {
    let mut names = NAMES.to_vec();
    let count = 1 + random.below(5);
    let chosen: Vec<_> = (0..count).map(|_| names.remove(random.below(names.len()))).collect();
    let mut parts = Vec::new();
    for (i, name) in chosen.iter().enumerate() {
        let mut part = format!("{name} {}", random.of(&TYPES));
        if i > 0 && random.one_in(7) {
            part.push_str(random.of(&[" GENERATED ALWAYS AS (1 + (2)) STORED", " AS ('a,b') VIRTUAL", " AS (3)"]));
            if random.one_in(3) {
                part.push_str(" UNIQUE CHECK (4)");
            }
        } else {
            for _ in 0..random.below(4) {
                part.push(' ');
                part.push_str(random.of(&CONSTRAINTS));
            }
            if i == 0 && random.one_in(4) {
                part.push_str(random.of(&[" PRIMARY KEY", " PRIMARY KEY DESC ON CONFLICT FAIL", " primary key asc"]));
            }
        }
        parts.push(part);
    }
    let key = |random: &mut Random| {
        let mut names = chosen.clone();
        let keys = (0..1 + random.below(chosen.len())).map(|_| {
            let name = names.remove(random.below(names.len()));
            format!(
                "{name}{}{}",
                random.of(&["", " COLLATE NOCASE", " collate rtrim collate binary"]),
                random.of(&["", " DESC", " ASC"])
            )
        });
        keys.collect::<Vec<_>>().join(", ")
    };
    let mut constraints = String::new();
    for _ in 0..random.below(4) {
        let keys = key(random);
        let plain = random.of(&chosen);
        let constraint = match random.below(5) {
            0 => format!("UNIQUE ({keys}) {}", random.of(&["", "ON CONFLICT ROLLBACK", "ON CONFLICT ABORT"])),
            1 => "CHECK (5 > (4)) ON CONFLICT FAIL".to_owned(),
            2 => format!(
                "FOREIGN KEY ({plain}) REFERENCES other {}",
                random.of(&["", "(x) ON DELETE RESTRICT", "DEFERRABLE"])
            ),
            3 => format!("PRIMARY KEY ({keys})"),
            _ => format!("CONSTRAINT z CHECK ({plain} IS NOT 'x')"),
        };
        let name = random.of(&["", "CONSTRAINT c ", "CONSTRAINT [c d] "]);
        let comma = if constraints.is_empty() || random.one_in(2) { "," } else { "" };
        constraints.push_str(&format!("{comma} {name}{constraint}"));
    }
    let end = random.of(&["", " WITHOUT ROWID", " -- end"]);
    let sql = format!("CREATE TABLE \"the table\" ({}{constraints}){end}", parts.join(", "));
    (spaced(random, &sql), sql.matches("CHECK (").count())
}

fn said(sqlite: &Connection, sql: &str) -> Vec<String> {
    let mut statement = sqlite.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn is_what_sqlite_says(sqlite: &Connection, table: &Table) {
    let keys = table.foreign_keys.iter().enumerate().flat_map(|(i, key)| {
        let columns = key.columns.iter().enumerate();
        columns.map(move |(at, column)| {
            let to = key.references.get(at).map_or("", String::as_str);
            format!("{i} {column} {} {to} {} {}", key.table, key.on_update, key.on_delete)
        })
    });
    let counted = table.foreign_keys.len();
    assert_eq!(
        keys.collect::<Vec<_>>(),
        said(
            sqlite,
            &format!(
                "SELECT ({counted} - 1 - id) || ' ' || \"from\" || ' ' || \"table\" || ' ' || ifnull(\"to\", '') || ' ' || \
                 on_update || ' ' || on_delete FROM pragma_foreign_key_list('the table') ORDER BY id DESC, seq"
            )
        )
    );
    let key = table.primary_key.iter().flat_map(|key| key.parts.iter().map(|part| part.column.clone()));
    let key: Vec<_> = key.collect();
    assert_eq!(key.len(), said(sqlite, "SELECT name FROM pragma_table_xinfo('the table') WHERE pk > 0").len());
    // Each key has an index with its columns, directions and collating sequences, but for the row id; equal ones share it.
    let indexes = said(
        sqlite,
        "SELECT group_concat(name || ' ' || coll || ' ' || \"desc\", ', ') FROM (SELECT i.seq, x.* FROM \
         pragma_index_list('the table') AS i, pragma_index_xinfo(i.name) AS x WHERE x.key ORDER BY i.seq, x.seqno) GROUP BY seq",
    );
    for unique in &table.unique {
        let parts = unique.parts.iter().map(|part| {
            let column = table.column(&part.column).unwrap();
            let collation = part.collation.as_ref().unwrap_or(&column.collation).to_uppercase();
            format!("{} {collation} {}", column.name, u8::from(part.descending))
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        let without_direction = |text: &str| text.replace(" 1", " 0").to_uppercase();
        let is_there = indexes.iter().any(|index| without_direction(index) == without_direction(&parts));
        let is_row_id = unique.parts.len() == 1 && table.primary_key.as_ref().is_some_and(|key| key.parts.len() == 1);
        assert!(is_there || is_row_id, "{parts} among {indexes:?}");
    }
    for column in &table.columns {
        let name = &column.name;
        let (declared, collation, ..) = sqlite.column_metadata(None, "the table", name.as_str()).unwrap();
        let collation = collation.unwrap().to_str().unwrap();
        assert!(collation.eq_ignore_ascii_case(&column.collation), "{name}: {collation} and {}", column.collation);
        let declared = declared.map_or("", |text| text.to_str().unwrap());
        assert_eq!(declared, column.declared_type.as_str());
    }
}

#[test]
fn whatever_sqlite_takes_is_read_as_sqlite_reads_it() {
    let cases: u64 = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(600);
    let mut taken = 0;
    for seed in 0..cases {
        let (sql, checks) = text(&mut Random(seed));
        let sqlite = Connection::open_in_memory().unwrap();
        sqlite.execute_batch("CREATE TABLE other (x PRIMARY KEY)").unwrap();
        if sqlite.execute_batch(&sql).is_err() {
            continue;
        }
        taken += 1;
        let schema = Schema::from_sql([&sql]).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let table = schema.table("the table").unwrap();
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| is_what_sqlite_says(&sqlite, table)));
        assert!(checked.is_ok(), "seed {seed}: {sql}\n{table:#?}");
        assert_eq!(table.checks.len(), checks, "seed {seed}: {sql}");
        // Printed, it is the same again, and nothing differs.
        let again = Schema::from_sql([schema.to_string()]).unwrap();
        assert_eq!(again, schema, "seed {seed}");
        assert!(schema.diff(&again).unwrap().is_empty());
    }
    assert!(taken > cases / 4, "SQLite took {taken} of {cases}");
}
