//! Random schemas with one random change: it is found and mended, and all rows are there.

use std::collections::BTreeSet;
use std::fmt::Write;

use rusqlite::Connection;
use sqliter::schema::{Decisions, Need, Schema};

use super::{all_rows, migrate, schema_of, text};

/// A column beside the key, as SQL in the words of the library.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    name: String,
    declared: &'static str,
    not_null: bool,
    default: bool,
    unique: bool,
    check: u64,
    nocase: bool,
    /// A number of a table with a key of this type, and what happens when its row is deleted.
    references: Option<(usize, &'static str)>,
    computed: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
struct Table {
    name: String,
    key: &'static str,
    columns: Vec<Column>,
    /// Columns of an index each, whether it is unique, and its condition.
    indexes: Vec<(Vec<usize>, bool, bool)>,
    pair: bool,
    strict: bool,
    without_rowid: bool,
}

const AUTO: &str = "INTEGER PRIMARY KEY AUTOINCREMENT";
const INTEGER: &str = "INTEGER PRIMARY KEY";
const TEXT: &str = "TEXT PRIMARY KEY NOT NULL";

/// [SplitMix](https://prng.di.unimi.it/splitmix64.c).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

fn column(random: &mut Random, name: String, tables: usize) -> Column {
    let references = random.one_in(5).then(|| (random.below(tables), random.of(&["CASCADE", "SET NULL", "RESTRICT"])));
    let declared =
        if references.is_some() { "INTEGER" } else { random.of(&["INTEGER", "TEXT", "REAL", "BLOB", "ANY"]) };
    let computed = (references.is_none() && random.one_in(8)).then(|| random.one_in(2));
    let plain = references.is_none() && computed.is_none();
    Column {
        name,
        declared: if computed.is_some() { "ANY" } else { declared },
        not_null: plain && random.one_in(2),
        default: plain && random.one_in(3),
        unique: plain && random.one_in(6),
        check: if plain { random.next() % 4 } else { 0 },
        nocase: plain && random.one_in(5),
        references,
        computed,
    }
}

fn schema(random: &mut Random) -> Vec<Table> {
    let count = 1 + random.below(3);
    let mut tables = Vec::new();
    for i in 0..count {
        let columns: Vec<_> = (0..1 + random.below(5)).map(|c| column(random, format!("c{c}"), count)).collect();
        let key = random.of(&[AUTO, AUTO, INTEGER, TEXT]);
        let indexes = (0..random.below(3)).map(|_| index(random, columns.len())).collect();
        tables.push(Table {
            name: if random.one_in(4) { format!("group {i}") } else { format!("t{i}") },
            key,
            indexes,
            pair: columns.len() > 1 && random.one_in(4),
            columns,
            strict: !random.one_in(4),
            without_rowid: key != AUTO && random.one_in(4),
        });
    }
    for table in &mut tables {
        table.columns.iter_mut().filter(|column| column.references.is_some()).for_each(|column| column.default = false);
    }
    tables
}

fn index(random: &mut Random, columns: usize) -> (Vec<usize>, bool, bool) {
    let mut indexed = vec![random.below(columns)];
    if random.one_in(3) && columns > 1 {
        indexed.push((indexed[0] + 1) % columns);
    }
    (indexed, random.one_in(4), random.one_in(4))
}

fn value(declared: &str, key: &str) -> String {
    match declared {
        "TEXT" => format!("'v' || {key}"),
        "BLOB" => format!("CAST('b' || {key} AS BLOB)"),
        _ => format!("length({key}) + 100 * length({key} || '')"),
    }
}

fn sql(tables: &[Table]) -> Vec<String> {
    let mut statements = Vec::new();
    for table in tables {
        let mut sql = format!("CREATE TABLE \"{}\" (\"pk\" {}", table.name, table.key);
        for column in &table.columns {
            let Column { name, declared, .. } = column;
            write!(sql, ", \"{name}\" {declared}").unwrap();
            if column.not_null {
                sql.push_str(" NOT NULL");
            }
            if column.default {
                let default = match *declared {
                    "TEXT" => "'it''s'",
                    "BLOB" => "x'AB'",
                    _ => "7",
                };
                write!(sql, " DEFAULT {default}").unwrap();
            }
            if column.unique {
                sql.push_str(" UNIQUE");
            }
            if column.nocase {
                sql.push_str(" COLLATE NOCASE");
            }
            match column.check {
                1 => write!(sql, " CHECK ((\"{name}\" <> ''))").unwrap(),
                2 => {
                    write!(sql, " CONSTRAINT \"{name} must be something\" CHECK (\"{name}\" IS NOT 'nothing')").unwrap()
                }
                _ => {}
            }
            if let Some(stored) = column.computed {
                write!(sql, " GENERATED ALWAYS AS (\"pk\" || '.') {}", if stored { "STORED" } else { "VIRTUAL" })
                    .unwrap();
            }
        }
        for column in &table.columns {
            if let Some((target, action)) = column.references {
                let (name, target) = (&column.name, &tables[target].name);
                write!(
                    sql,
                    ", FOREIGN KEY (\"{name}\") REFERENCES \"{target}\"(\"pk\") ON DELETE {action} ON UPDATE NO ACTION"
                )
                .unwrap();
            }
        }
        if table.pair {
            write!(sql, ", UNIQUE (\"{}\", \"pk\")", table.columns[0].name).unwrap();
        }
        sql.push(')');
        let options = [(table.strict, "STRICT"), (table.without_rowid, "WITHOUT ROWID")];
        let options: Vec<_> = options.iter().filter(|(has, _)| *has).map(|(_, words)| *words).collect();
        if !options.is_empty() {
            write!(sql, " {}", options.join(", ")).unwrap();
        }
        statements.push(sql);
        let mut names = BTreeSet::new();
        for (columns, unique, condition) in &table.indexes {
            let columns: Vec<_> = columns.iter().filter_map(|at| table.columns.get(*at)).collect();
            let named: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
            let name = format!("idx_{}_{}", table.name, named.join("_"));
            if columns.is_empty() || !names.insert(name.clone()) {
                continue;
            }
            // The values of what is unique are told apart by the key.
            let unique = if *unique { "UNIQUE " } else { "" };
            let key = if unique.is_empty() { "" } else { ", \"pk\"" };
            let quoted: Vec<_> = named.iter().map(|name| format!("\"{name}\"")).collect();
            let condition = if *condition { format!(" WHERE {} IS NOT NULL", quoted[0]) } else { String::new() };
            statements.push(format!(
                "CREATE {unique}INDEX \"{name}\" ON \"{}\" ({}{key}){condition}",
                table.name,
                quoted.join(", ")
            ));
        }
    }
    statements
}

/// The same schema with one change, in words too.
fn changed(random: &mut Random, tables: &[Table]) -> (Vec<Table>, String) {
    let mut changed = tables.to_vec();
    let count = tables.len();
    let at = random.below(count);
    let kind = random.below(19);
    let new = column(random, "added".to_owned(), count);
    let numbered = tables[0].key != TEXT;
    let table = &mut changed[at];
    let columns = table.columns.len();
    let which = random.below(columns);
    let place = random.below(columns + 1);
    let column = &mut table.columns[which];
    let plain = column.references.is_none() && column.computed.is_none();
    match kind {
        0 => table.columns.push(new),
        1 => {
            table.columns.insert(place, new);
            table.indexes.clear();
        }
        2 if columns > 1 => {
            table.columns.remove(which);
            table.indexes.clear();
        }
        3 if plain => column.declared = random.of(&["INTEGER", "TEXT", "REAL", "BLOB", "ANY"]),
        4 if plain => column.not_null = !column.not_null,
        5 if plain => column.default = !column.default,
        6 if plain => column.unique = !column.unique,
        7 if plain => column.check = (column.check + 1) % 3,
        8 => column.nocase = !column.nocase,
        9 => {
            column.references = match column.references {
                None if plain && column.declared == "INTEGER" && numbered => Some((0, "SET NULL")),
                Some((target, "CASCADE")) => Some((target, "RESTRICT")),
                Some((target, _)) => Some((target, "CASCADE")),
                None => None,
            };
            // What refers to nothing is NULL.
            (column.not_null, column.default, column.unique) = (false, false, false);
        }
        10 => column.references = None,
        11 => column.computed = column.computed.map(|stored| !stored),
        12 => table.indexes.push(index(random, columns)),
        13 if !table.indexes.is_empty() => {
            let which = random.below(table.indexes.len());
            table.indexes.remove(which);
        }
        14 if !table.indexes.is_empty() => {
            let which = random.below(table.indexes.len());
            table.indexes[which].1 = !table.indexes[which].1;
        }
        15 => table.strict = !table.strict,
        16 if table.key != AUTO => table.without_rowid = !table.without_rowid,
        17 if !table.without_rowid && table.key != TEXT => table.key = if table.key == AUTO { INTEGER } else { AUTO },
        18 => table.pair = !table.pair,
        _ => table.indexes.clear(),
    }
    (changed, format!("change {kind} of column {which} of {}", tables[at].name))
}

fn fill(sqlite: &Connection, tables: &[Table]) {
    for table in tables {
        let inserted: Vec<_> =
            table.columns.iter().filter(|c| c.references.is_none() && c.computed.is_none()).collect();
        for i in 1..6_usize {
            // Lengths tell keys apart, those of text too.
            let key = if table.key == TEXT {
                format!("'{}'", "k".repeat(i))
            } else {
                format!("{}", 10_usize.pow(u32::try_from(i).unwrap()))
            };
            let names: String = inserted.iter().map(|column| format!(", \"{}\"", column.name)).collect();
            let values = inserted.iter().map(|column| match i == 3 && !column.not_null {
                true => ", NULL".to_owned(),
                false => format!(", {}", value(column.declared, &key)),
            });
            let values: String = values.collect();
            sqlite
                .execute_batch(&format!("INSERT INTO \"{}\" (\"pk\"{names}) VALUES ({key}{values})", table.name))
                .unwrap();
        }
    }
    for table in tables {
        for (column, (target, _)) in table.columns.iter().filter_map(|column| Some((column, column.references?))) {
            if tables[target].key != TEXT {
                let sql = format!(
                    "UPDATE \"{}\" SET \"{}\" = (SELECT max(pk) FROM \"{}\")",
                    table.name, column.name, tables[target].name
                );
                sqlite.execute_batch(&sql).unwrap();
            }
        }
        // What was deleted counts for keys that are not given again.
        if table.key == AUTO
            && tables.iter().all(|other| other.columns.iter().all(|column| column.references.is_none()))
        {
            sqlite.execute_batch(&format!("DELETE FROM \"{}\" WHERE pk = 100000", table.name)).unwrap();
        }
    }
}

fn answered(decisions: Decisions, need: Need, new: &Schema, values: &mut BTreeSet<(String, String)>) -> Decisions {
    match need {
        Need::Column { table, column } => decisions.drop_column(&table, &column),
        Need::Index { index, .. } => decisions.drop(&index),
        Need::Value { table, column, .. } => {
            let wanted = new.table(&table).unwrap().column(&column).unwrap();
            let decisions = decisions.value(&table, &column, &value(wanted.declared_type.as_str(), "pk"));
            values.insert((table, column));
            decisions
        }
        Need::Rows { table, .. } => decisions.rows_satisfy(&table),
        other => panic!("{other}"),
    }
}

/// Tells everything that is asked, as somebody would who wants the change.
fn told(old: &Schema, new: &Schema) -> (Decisions, BTreeSet<(String, String)>) {
    let diff = old.diff(new).unwrap();
    let mut decisions = Decisions::new();
    let mut values = BTreeSet::new();
    // An answer may be another question.
    loop {
        let needs = diff.needs(&decisions).unwrap();
        if needs.is_empty() {
            break;
        }
        for need in needs {
            decisions = answered(decisions, need, new, &mut values);
        }
    }
    // What referred to one row is not unique.
    for table in &old.tables {
        for column in table.foreign_keys.iter().flat_map(|key| &key.columns) {
            let wanted = new.table(&table.name).unwrap();
            let is_unique = |key: &sqliter::schema::Unique| key.parts.len() == 1 && key.parts[0].column == *column;
            if let Some(now) = wanted.column(column).filter(|_| wanted.unique.iter().any(is_unique)) {
                decisions = decisions.value(&table.name, column, &value(now.declared_type.as_str(), "pk"));
                values.insert((table.name.clone(), column.clone()));
            }
        }
    }
    // A new foreign key refers to a row.
    for wanted in &new.tables {
        for key in &wanted.foreign_keys {
            let had = old.table(&wanted.name).unwrap().foreign_keys.iter().any(|other| other.columns == key.columns);
            if !had {
                let is_number =
                    new.table(&key.table).unwrap().column("pk").unwrap().declared_type.as_str() == "INTEGER";
                let select = format!("(SELECT pk FROM \"{}\")", key.table);
                let expression = if is_number { select } else { "NULL".to_owned() };
                decisions = decisions.value(&wanted.name, &key.columns[0], &expression);
                values.insert((wanted.name.clone(), key.columns[0].clone()));
            }
        }
    }
    (decisions, values)
}

fn change(sqlite: &Connection, wanted: &[Table], what: &str) {
    let old = schema_of(sqlite);
    let new = Schema::from_sql(sql(wanted)).unwrap();
    let diff = old.diff(&new).unwrap();
    assert!(!diff.is_empty(), "{what}: it is not found");
    let (decisions, values) = told(&old, &new);
    let statements = diff.sql(&decisions).unwrap_or_else(|error| panic!("{what}: {error}"));
    let before = all_rows(sqlite);
    let counters = "SELECT name, seq FROM sqlite_sequence ORDER BY name";
    let has_counters = old.tables.iter().chain(&new.tables).any(sqliter::schema::Table::is_autoincrement);
    let same_counters = old
        .tables
        .iter()
        .map(sqliter::schema::Table::is_autoincrement)
        .eq(new.tables.iter().map(sqliter::schema::Table::is_autoincrement));
    let counted = (has_counters && same_counters).then(|| text(sqlite, counters));
    migrate(sqlite, &statements, what);
    assert_eq!(counted, (has_counters && same_counters).then(|| text(sqlite, counters)), "{what}");
    let left = schema_of(sqlite).diff(&new).unwrap();
    assert!(left.is_empty(), "{what}: {left}");
    assert_eq!(schema_of(sqlite).triggers, old.triggers, "{what}");
    assert_eq!(schema_of(sqlite).views, old.views, "{what}");
    let after = all_rows(sqlite);
    for (name, rows) in &before {
        let by_key = |rows: &super::Rows| -> std::collections::BTreeMap<
            String,
            std::collections::BTreeMap<String, rusqlite::types::Value>,
        > {
            rows.iter()
                .map(|(key, row)| (row.get("pk").map_or_else(|| key.clone(), |key| format!("{key:?}")), row.clone()))
                .collect()
        };
        let (rows, after) = (by_key(rows), by_key(&after[name]));
        assert_eq!(rows.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{what}: rows of {name}");
        let (Some(old), Some(new)) = (old.table(name), new.table(name)) else { continue };
        for column in &old.columns {
            let Some(wanted) = new.column(&column.name) else { continue };
            if values.contains(&(name.clone(), column.name.clone()))
                || column.generated.is_some()
                || wanted.generated.is_some()
            {
                continue;
            }
            for (key, row) in &rows {
                assert_eq!(row[&column.name], after[key][&column.name], "{what}: {name}.{} of {key}", column.name);
            }
        }
    }
}

#[test]
fn a_random_change_is_found_and_mended_with_all_rows() {
    let cases: u64 = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    let first: u64 = std::env::var("FIRST").ok().and_then(|first| first.parse().ok()).unwrap_or(0);
    let mut found = 0;
    let mut failed = Vec::new();
    for seed in first..first + cases {
        let mut random = Random(seed);
        let model = schema(&mut random);
        let (mut other, mut what) = changed(&mut random, &model);
        // Several at once, now and then.
        for _ in 0..if seed % 4 == 3 { 2 } else { 0 } {
            let (next, and) = changed(&mut random, &other);
            (other, what) = (next, format!("{what} and {and}"));
        }
        let statements = sql(&other);
        if statements == sql(&model) {
            continue;
        }
        // Some changes make no table, as UNIQUE in a column that is computed.
        let Ok(made) = Schema::from_sql(&statements) else { continue };
        let Ok(wanted) = Schema::from_sql(sql(&model)) else { continue };
        if made.diff(&wanted).unwrap().is_empty() {
            assert_eq!(made.tables.len(), wanted.tables.len());
            let says_nothing = ["change 0", "change 1", " and "].iter().any(|words| what.contains(words));
            assert!(says_nothing, "seed {seed}: {what} is not found");
            continue;
        }
        found += 1;
        let what = format!("seed {seed}, {what}");
        let done = std::panic::catch_unwind(|| {
            let sqlite = Connection::open_in_memory().unwrap();
            for sql in &statements {
                sqlite.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            fill(&sqlite, &other);
            let name = &model[0].name;
            sqlite.execute_batch(&format!("CREATE VIEW v AS SELECT pk FROM \"{name}\"; CREATE TABLE log (n); CREATE TRIGGER tr AFTER INSERT ON \"{name}\" BEGIN INSERT INTO log SELECT count(*) FROM v; END")).unwrap();
            change(&sqlite, &model, &what);
            change(&sqlite, &other, &format!("{what}, and back"));
        });
        if done.is_err() {
            failed.push(what);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(found > cases / 2, "only {found} changes");
}
