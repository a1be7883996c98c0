//! Statements that show whether the SQL in an attribute means anything for the table of its model, each attribute by itself.

use super::schema::{Index, Part};
use super::search_tables::temporary_search;
use crate::table::{ColumnInfo, IndexInfo, Indexed, TableInfo, quoted};

/// One attribute.
pub(crate) struct Trial {
    /// Where it stands, in words.
    pub(crate) place: String,
    /// Its SQL.
    pub(crate) sql: String,
    /// What SQLite must be able to compile, on temporary tables.
    pub(crate) statements: Vec<String>,
}

/// All attributes of a model that have SQL.
pub(crate) fn trials(table: &TableInfo) -> Vec<Trial> {
    let mut trials = Vec::new();
    if let Some(select) = table.view {
        let statements = vec![format!("CREATE TEMP VIEW {} AS {select}", quoted(table.name))];
        trials.push(Trial { place: "view".to_owned(), sql: select.to_owned(), statements });
    }
    for constraint in table.constraints {
        let statements = vec![bare_table(table, None, &format!(", {constraint}"))];
        trials.push(Trial { place: "constraint".to_owned(), sql: (*constraint).to_owned(), statements });
    }
    for column in table.columns {
        if let Some(definition) = column.definition {
            let columns = table.columns.iter().map(|other| match other.name == column.name {
                true => format!("{} {definition}", quoted(other.name)),
                false => quoted(other.name),
            });
            let columns = columns.collect::<Vec<_>>().join(", ");
            trials.push(Trial {
                place: format!("definition of the column {}", column.name),
                sql: definition.to_owned(),
                statements: vec![format!("CREATE TEMP TABLE {} ({columns})", quoted(table.name))],
            });
        }
        if let Some(generated) = column.generated {
            let computed = format!(" AS ({})", generated.expression);
            trials.push(Trial {
                place: format!("generated column {}", column.name),
                sql: generated.expression.to_owned(),
                statements: vec![bare_table(table, Some((column, &computed)), "")],
            });
        }
        for check in column.declared_checks() {
            trials.push(of_check(table, format!("check of the column {}", column.name), &check.condition));
        }
    }
    for check in table.checks {
        trials.push(of_check(table, "check of the struct".to_owned(), check.condition));
    }
    for index in table.indexes {
        trials.extend(of_index(table, index));
    }
    if let Some(search) = table.search {
        let sql = [("tokenize", search.tokenize), ("prefix", search.prefix)];
        let sql = sql.into_iter().filter_map(|(name, text)| Some(format!("{name} = {:?}", text?)));
        trials.push(Trial {
            place: "search".to_owned(),
            sql: sql.collect::<Vec<_>>().join(", "),
            statements: vec![temporary_search(table, search)],
        });
    }
    trials
}

fn of_check(table: &TableInfo, place: String, condition: &str) -> Trial {
    let statements = vec![bare_table(table, None, &format!(", CHECK ({condition})"))];
    Trial { place, sql: condition.to_owned(), statements }
}

fn of_index(table: &TableInfo, index: &IndexInfo) -> Vec<Trial> {
    let parts: Vec<Part> = index.parts.iter().map(Part::from).collect();
    let named = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(", ");
    let expressions = index.parts.iter().filter_map(|part| match part.value {
        Indexed::Expression(sql) => Some((sql, vec![Part::from(part)], None)),
        Indexed::Column(_) => None,
    });
    let filter = index.filter.map(|filter| (filter, vec![Part::of(table.key_column().name)], Some(filter)));
    let trials = expressions.chain(filter).map(|(sql, parts, filter)| {
        let name = "trial".to_owned();
        let index = Index { name, table: table.name.to_owned(), parts, unique: false, filter };
        let statements = vec![bare_table(table, None, ""), index.to_temporary_sql()];
        Trial { place: format!("index over {named}"), sql: sql.to_owned(), statements }
    });
    trials.collect()
}

/// A temporary table with the columns of the model and nothing else, but for what one of them has in addition.
fn bare_table(table: &TableInfo, special: Option<(&ColumnInfo, &str)>, end: &str) -> String {
    let columns = table.columns.iter().map(|column| {
        let addition = special.filter(|(other, _)| other.name == column.name).map_or("", |(_, addition)| addition);
        format!("{} {}{addition}", quoted(column.name), column.storage.as_sql())
    });
    format!("CREATE TEMP TABLE {} ({}{end})", quoted(table.name), columns.collect::<Vec<_>>().join(", "))
}
