//! What must be told before a schema is changed: what would lose data, or may fail on rows that exist.

use super::difference::{Difference, Subject};
use super::plan::is_wanted_elsewhere;
use super::widening::accepts_all_of;
use super::{Column, Decisions, Need, Schema, SqlText, Table, words};

/// What the decisions do not tell yet.
pub(super) fn needs(is: &Schema, should_be: &Schema, differences: &[Difference], told: &Decisions) -> Vec<Need> {
    let mut needs = Vec::new();
    for difference in differences {
        let name = &difference.table;
        let (Some(wanted), Some(table)) = (should_be.table(name), is.table(name)) else {
            let wants = difference.should_be.is_some();
            let in_the_way = wants && is_in_the_way(is, difference) && !told.drops(name);
            let in_the_way = difference.is.as_ref().filter(|_| in_the_way);
            needs.extend(in_the_way.map(|sql| Need::InTheWay { name: name.clone(), sql: sql.clone() }));
            continue;
        };
        if !is.notes_replaced(should_be, table) {
            needs.extend(Asked { table, wanted, told }.need(difference));
        }
    }
    for table in &is.tables {
        let taken = table.indexes.iter().filter(|index| is_wanted_elsewhere(&index.name, &table.name, should_be));
        // Of the table of a model is asked what becomes of it; that of another one goes when that is told.
        let stays = |name: &str| told.keeps(name) || (should_be.table(&table.name).is_none() && !told.drops(name));
        let in_the_way = taken.filter(|index| stays(&index.name) && !told.drops(&table.name));
        needs.extend(in_the_way.map(|index| Need::InTheWay { name: index.name.clone(), sql: index.sql.clone() }));
    }
    needs
}

/// Whether something of another kind has the name.
fn is_in_the_way(is: &Schema, difference: &Difference) -> bool {
    if difference.subject == Subject::View {
        return is.view(&difference.table).is_none();
    }
    !matches!(difference.subject, Subject::Trigger(_))
}

struct Asked<'a> {
    table: &'a Table,
    wanted: &'a Table,
    told: &'a Decisions,
}

impl Asked<'_> {
    fn need(&self, difference: &Difference) -> Option<Need> {
        let Difference { table: name, subject, is, should_be } = difference;
        match subject {
            Subject::Column(column) => match is {
                Some(_) => self.of_extra_column(column),
                None => self.of_missing_column(self.wanted.column(column)?),
            },
            Subject::Type(column) => {
                let (old, new) = (self.table.column(column)?, self.wanted.column(column)?);
                if new.generated.is_some() {
                    return None;
                }
                let reason = format!("is {} and becomes {}", words_of(old), words_of(new));
                // What is no whole number is refused there, and `NULL` is given a number.
                let becomes_row_id = self.wanted.row_id() == Some(new) && self.table.row_id() != Some(old);
                let holds_integers = self.table.strict && old.not_null;
                match fits(old, new, self.wanted.strict) && (!becomes_row_id || holds_integers) {
                    true => None,
                    false => self.of_value(column, reason),
                }
            }
            Subject::NotNull(column) => {
                let old = self.table.column(column)?;
                let may_be_null = !old.not_null && self.table.row_id() != Some(old);
                let new = self.wanted.column(column)?;
                let tightened = new.not_null && may_be_null;
                if tightened && new.generated.is_some() {
                    return self.of_rows(&Some(words::column(new)));
                }
                if tightened { self.of_value(column, "may be NULL and becomes NOT NULL".to_owned()) } else { None }
            }
            Subject::Generated(column) => self.wanted.column(column)?.generated.as_ref().and_then(|_| {
                // What was stored cannot be computed anew where it was no function of the others.
                let was_stored = self.table.column(column).is_some_and(|column| column.generated.is_none());
                let goes = self.told.drops_column(name, column);
                (was_stored && !goes).then(|| Need::Column { table: name.clone(), column: column.clone() })
            }),
            Subject::Collation(column) => {
                let same = |name: &str| name.eq_ignore_ascii_case(column);
                let is_key = self.wanted.unique.iter().any(|key| key.columns().into_iter().any(same))
                    || self.wanted.primary_key.iter().flat_map(|key| &key.parts).any(|part| same(&part.column));
                if is_key { self.of_rows(should_be) } else { None }
            }
            Subject::Check => {
                let widens = is.as_ref().zip(should_be.as_ref()).is_some_and(|(old, new)| accepts_all_of(new, old));
                if widens { None } else { self.of_rows(should_be) }
            }
            Subject::PrimaryKey => {
                if self.only_autoincrement_differs() {
                    None
                } else {
                    self.of_rows(should_be)
                }
            }
            Subject::Unique => self.of_rows(should_be),
            Subject::ForeignKey => {
                let target = |key: &Option<String>| {
                    key.as_ref().and_then(|key| key.split(" ON DELETE ").next()).map(SqlText::new)
                };
                if target(is) == target(should_be) { None } else { self.of_rows(should_be) }
            }
            Subject::Strict => {
                // Elsewhere a text of digits becomes a number in such a column.
                let is_any = |column: &&Column| column.declared_type == SqlText::new("ANY");
                let is_there = |column: &&Column| self.table.column(&column.name).is_some_and(|old| is_any(&old));
                let any = self.wanted.columns.iter().filter(is_any).filter(is_there);
                let mut any = any.filter(|column| self.told.value_of(name, &column.name).is_none());
                match (self.wanted.strict, any.next()) {
                    (true, _) => self.of_rows(should_be),
                    (false, None) => None,
                    (false, Some(column)) => {
                        let reason = "is ANY in a table that is STRICT no more, which makes numbers of texts of digits";
                        self.of_value(&column.name, reason.to_owned())
                    }
                }
            }
            Subject::WithoutRowid => {
                if self.wanted.without_rowid {
                    self.of_rows(should_be)
                } else {
                    None
                }
            }
            Subject::Index(index) => match should_be {
                None => self.of_extra_index(index, is.as_deref().unwrap_or_default()),
                Some(definition) => {
                    let unique = self.wanted.index(index).is_some_and(|index| index.unique);
                    if unique { self.of_rows(&Some(definition.clone())) } else { None }
                }
            },
            Subject::Table if self.table.has_no_texts() && self.wanted.has_no_texts() => None,
            Subject::Table => Some(Need::InTheWay { name: name.clone(), sql: is.clone().unwrap_or_default() }),
            Subject::Default(_) | Subject::Name | Subject::ColumnName(_) | Subject::View | Subject::Trigger(_) => None,
        }
    }

    fn of_extra_column(&self, column: &str) -> Option<Need> {
        let name = &self.wanted.name;
        let is_told = self.told.drops_column(name, column) || self.told.keeps_column(name, column);
        // What is computed is not lost.
        let is_computed = self.table.column(column).is_some_and(|column| column.generated.is_some());
        (!is_told && !is_computed).then(|| Need::Column { table: name.clone(), column: column.to_owned() })
    }

    fn of_missing_column(&self, column: &Column) -> Option<Need> {
        let is_null = column.default.as_ref().is_none_or(|default| *default == SqlText::new("NULL"));
        if column.generated.is_some() || self.wanted.row_id() == Some(column) {
            return None;
        }
        if column.not_null && is_null {
            return self.of_value(&column.name, "is new, NOT NULL and without a default".to_owned());
        }
        let same = |name: &str| name.eq_ignore_ascii_case(&column.name);
        let only = |names: &[&str]| matches!(names, [only] if same(only));
        let unique = self.wanted.unique.iter().find(|key| only(&key.columns()));
        let has_value = self.told.value_of(&self.wanted.name, &column.name).is_some();
        match unique {
            Some(unique) if has_value => self.of_rows(&Some(words::unique(unique, self.wanted))),
            Some(_) if !is_null => {
                self.of_value(&column.name, "is new and unique, and all rows would get its default".to_owned())
            }
            Some(_) | None => None,
        }
    }

    fn of_value(&self, column: &str, reason: String) -> Option<Need> {
        let table = self.wanted.name.clone();
        let is_told = self.told.value_of(&table, column).is_some();
        (!is_told).then(|| Need::Value { table, column: column.to_owned(), reason })
    }

    /// A constraint that goes asks for nothing.
    fn of_rows(&self, constraint: &Option<String>) -> Option<Need> {
        let constraint = constraint.clone()?;
        let table = self.wanted.name.clone();
        (!self.told.satisfies(&table)).then_some(Need::Rows { table, constraint })
    }

    fn of_extra_index(&self, index: &str, definition: &str) -> Option<Need> {
        let is_told = self.told.drops(index) || self.told.keeps(index);
        let table = self.wanted.name.clone();
        // The library names its indexes so, and holds no data in them.
        let is_named_after = |table: &str| {
            let start = format!("idx_{}_", table.to_ascii_lowercase());
            index.to_ascii_lowercase().starts_with(&start)
        };
        let is_ours = is_named_after(&table) || self.told.old_names(&table).any(is_named_after);
        let (index, definition) = (index.to_owned(), definition.to_owned());
        (!is_told && !is_ours).then_some(Need::Index { table, index, definition })
    }

    fn only_autoincrement_differs(&self) -> bool {
        match (&self.table.primary_key, &self.wanted.primary_key) {
            (Some(old), Some(new)) => {
                let text = |key: &super::PrimaryKey, table| {
                    words::primary_key(&super::PrimaryKey { autoincrement: false, ..key.clone() }, table)
                };
                SqlText::new(text(old, self.table)) == SqlText::new(text(new, self.wanted))
            }
            (Some(_), None) => true,
            (None, Some(_) | None) => false,
        }
    }
}

fn words_of(column: &Column) -> &str {
    match column.declared_type.as_str() {
        "" => "of no type",
        declared => declared,
    }
}

/// Whether all values of the old type are values of the new one, unchanged.
fn fits(old: &Column, new: &Column, strict: bool) -> bool {
    let new = new.declared_type.as_str().to_ascii_uppercase();
    let old = old.declared_type.as_str().to_ascii_uppercase();
    let is_integer = |declared: &str| declared.contains("INT");
    match strict {
        true => new == "ANY" || (is_integer(&old) && is_integer(&new)),
        false => new.is_empty() || new == "BLOB" || (is_integer(&old) && is_integer(&new)),
    }
}
