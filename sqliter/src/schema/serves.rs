//! Whether a table that exists can serve in the place of the one that should be there.

use super::difference::Subject;
use super::widening::refuses_some_of;
use super::{Column, Difference, Schema, Table, compare};

/// What keeps a table from serving, in words, beside columns and keys that are missing: what it would refuse, or store as
/// something else. Wider types, further columns with a default and other indexes do not.
pub(crate) fn hindrances(is: &Schema, should_be: &Schema, name: &str, indexes_only: bool) -> Vec<String> {
    let (Some(table), Some(wanted)) = (is.table(name), should_be.table(name)) else { return Vec::new() };
    let mut differences = compare::tables(table, wanted, is, should_be);
    if indexes_only {
        differences.retain(|difference| matches!(difference.subject, Subject::Index(_)));
    }
    differences.iter().filter_map(|difference| hindrance(table, wanted, difference)).collect()
}

fn hindrance(table: &Table, wanted: &Table, difference: &Difference) -> Option<String> {
    let Difference { subject, is, should_be, .. } = difference;
    match subject {
        Subject::Column(name) => {
            let column = table.column(name)?;
            let needs_value = column.not_null && column.default.is_none() && column.generated.is_none();
            (should_be.is_none() && needs_value && table.row_id() != Some(column))
                .then(|| format!("{name} is NOT NULL without a default, and the model does not know it"))
        }
        Subject::Type(name) => {
            let (column, wanted) = (table.column(name)?, wanted.column(name)?);
            let holds = holds(table, column, wanted);
            (!holds).then(|| format!("{name} is {}, and should be {}", column.declared_type, wanted.declared_type))
        }
        Subject::NotNull(name) => {
            let tightened = table.column(name)?.not_null && !wanted.column(name)?.not_null;
            tightened.then(|| format!("{name} is NOT NULL, and may be NULL in the model"))
        }
        Subject::Generated(name) => {
            let is_computed = table.column(name)?.generated.is_some() && wanted.column(name)?.generated.is_none();
            is_computed.then(|| format!("{name} is computed, and cannot be written"))
        }
        Subject::Check => {
            let (is, should_be) = (is.as_ref()?, should_be.as_ref()?);
            refuses_some_of(is, should_be).then(|| format!("a check is {is}, and should be {should_be}"))
        }
        Subject::Index(name) => {
            let (is, should_be) = (is.as_ref()?, should_be.as_ref()?);
            Some(format!("the index {name} is {is}, and should be {should_be}"))
        }
        Subject::Table
        | Subject::Name
        | Subject::View
        | Subject::Trigger(_)
        | Subject::ColumnName(_)
        | Subject::Default(_)
        | Subject::Collation(_)
        | Subject::PrimaryKey
        | Subject::Unique
        | Subject::ForeignKey
        | Subject::Strict
        | Subject::WithoutRowid => None,
    }
}

/// Whether a column takes all values of another one and keeps them as they are, or as
/// [what is read as the same](https://www.sqlite.org/datatype3.html#determination_of_column_affinity).
fn holds(table: &Table, column: &Column, wanted: &Column) -> bool {
    let declared = column.declared_type.as_str().to_ascii_uppercase();
    let wanted = wanted.declared_type.as_str().to_ascii_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
    let is_integer = has(&["INT"]);
    if table.strict {
        return declared == "ANY" || (is_integer && wanted.contains("INT"));
    }
    match wanted.as_str() {
        // Text that looks like a number becomes one.
        "TEXT" | "ANY" => !is_integer && (has(&["CHAR", "CLOB", "TEXT"]) || !has(&["REAL", "FLOA", "DOUB"])),
        _ => true,
    }
}
