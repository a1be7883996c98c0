//! What every connection gets: SQL functions, collations and safe settings.

use std::sync::Arc;

use regex::Regex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::claim::Claim;
use super::limits::{LONGEST_IN_PLACE, is_in_place, needs_thread};
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
    sqlite.create_scalar_function("starts_with", 2, pure, |context| {
        both(context, |text, start| text.starts_with(start))
    })?;
    sqlite.create_scalar_function("ends_with", 2, pure, |context| both(context, |text, end| text.ends_with(end)))?;
    sqlite.create_scalar_function("floor", 1, pure, |context| Ok(real(context)?.map(f64::floor)))?;
    sqlite.create_scalar_function("ceil", 1, pure, |context| Ok(real(context)?.map(f64::ceil)))?;
    sqlite.create_scalar_function("regexp", 2, pure, regexp)?;
    sqlite.create_scalar_function("calls_format", 1, pure, |context| Ok(text(context, 0)?.map(words::calls_format)))?;
    let free = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    sqlite.create_scalar_function("are_short", -1, free, are_short)?;
    super::canonical::set_up(sqlite, pure)?;
    super::checked::set_up(sqlite, pure)?;
    #[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
    super::moments::set_up(sqlite, pure)?;
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

/// Whether values of these lengths may be freed here, which SQLite does in one step. On a thread all may.
fn are_short(context: &Context<'_>) -> rusqlite::Result<bool> {
    let is_long =
        |index| matches!(context.get_raw(index), ValueRef::Integer(length) if length > i64::from(LONGEST_IN_PLACE));
    if is_in_place() && (0..context.len()).any(is_long) {
        needs_thread();
        return Err(rusqlite::Error::UserFunctionError("a long value is freed on another thread".into()));
    }
    Ok(true)
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

/// A test of two texts; `NULL` when one is.
fn both(context: &Context<'_>, test: impl Fn(&str, &str) -> bool) -> rusqlite::Result<Option<bool>> {
    let (Some(text), Some(other)) = (text(context, 0)?, text(context, 1)?) else { return Ok(None) };
    Ok(Some(test(text, other)))
}

/// A number as a floating-point one. Decimal numbers are text.
fn real(context: &Context<'_>) -> rusqlite::Result<Option<f64>> {
    match context.get_raw(0) {
        ValueRef::Null => Ok(None),
        #[expect(clippy::cast_precision_loss, reason = "as SQLite makes a floating-point number of a whole one")]
        ValueRef::Integer(number) => Ok(Some(number as f64)),
        ValueRef::Real(number) => Ok(Some(number)),
        value => {
            let failure = |error: Failure| rusqlite::Error::UserFunctionError(error);
            let text = value.as_str().map_err(|error| failure(Box::new(error)))?;
            text.trim().parse().map(Some).map_err(|error: std::num::ParseFloatError| failure(Box::new(error)))
        }
    }
}

fn text<'a>(context: &'a Context<'_>, index: usize) -> rusqlite::Result<Option<&'a str>> {
    match context.get_raw(index) {
        ValueRef::Null => Ok(None),
        value => value.as_str().map(Some).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error))),
    }
}
