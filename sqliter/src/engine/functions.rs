//! What every connection gets: SQL functions, collations and safe settings.

use std::sync::Arc;

use regex::Regex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::claim::Claim;
use super::limits::{is_in_place, needs_thread};
use super::words;
use crate::sql::{Pattern, fold_case, regular_expression, small_regular_expression};

type Failure = Box<dyn std::error::Error + Send + Sync>;

pub(super) fn set_up(sqlite: &Connection) -> rusqlite::Result<()> {
    set_quotes(sqlite, false)?;
    rusqlite::vtab::array::load_module(sqlite)?;
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    sqlite.create_scalar_function("fold_case", 1, pure, |context| Ok(text(context, 0)?.map(fold_case)))?;
    sqlite.create_scalar_function("lower_case", 1, pure, |context| Ok(text(context, 0)?.map(str::to_lowercase)))?;
    sqlite.create_scalar_function("upper_case", 1, pure, |context| Ok(text(context, 0)?.map(str::to_uppercase)))?;
    sqlite.create_scalar_function("regexp", 2, pure, regexp)?;
    sqlite.create_scalar_function("calls_format", 1, pure, |context| Ok(text(context, 0)?.map(words::calls_format)))?;
    super::canonical::set_up(sqlite, pure)?;
    super::checked::set_up(sqlite, pure)?;
    #[cfg(feature = "rust_decimal")]
    super::decimal::set_up(sqlite, pure)?;
    Ok(())
}

/// Whether double quotes may be around a text, as they may be for SQLite itself. On the connections of the library they may not:
/// a misspelt column would be read as a text literal, see <https://www.sqlite.org/quirks.html#dblquote>.
pub(super) fn set_quotes(sqlite: &Connection, lenient: bool) -> rusqlite::Result<()> {
    for setting in [DbConfig::SQLITE_DBCONFIG_DQS_DML, DbConfig::SQLITE_DBCONFIG_DQS_DDL] {
        sqlite.set_db_config(setting, lenient)?;
    }
    Ok(())
}

/// Makes a connection keep the claim to its file until it has closed the file: SQLite frees the functions of a connection
/// after that, on whatever thread it is closed.
pub(super) fn keep(sqlite: &Connection, claim: Arc<Claim>) -> rusqlite::Result<()> {
    sqlite.create_scalar_function("is_exclusive", 0, FunctionFlags::SQLITE_UTF8, move |_| Ok(claim.is_exclusive()))
}

/// `X REGEXP Y` calls `regexp(Y, X)`: https://www.sqlite.org/lang_expr.html#regexp
fn regexp(context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let pattern: Arc<Regex> = context.get_or_create_aux(0, |pattern| compiled(pattern.as_str()?))?;
    Ok(text(context, 1)?.map(|text| pattern.is_match(text)))
}

fn compiled(pattern: &str) -> Result<Regex, Failure> {
    if !is_in_place() {
        return Ok(regular_expression(pattern)?);
    }
    match small_regular_expression(pattern)? {
        Pattern::Ready(regex) => Ok(regex),
        Pattern::Large => {
            needs_thread();
            Err("the pattern is compiled on another thread".into())
        }
    }
}

fn text<'a>(context: &'a Context<'_>, index: usize) -> rusqlite::Result<Option<&'a str>> {
    match context.get_raw(index) {
        ValueRef::Null => Ok(None),
        value => value.as_str().map(Some).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error))),
    }
}
