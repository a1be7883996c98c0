//! What every connection gets: SQL functions, collations and safe settings.

use std::sync::Arc;

use regex::Regex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use sqlx::sqlite::SqliteConnection;

use super::connection::{refuse_nul, report};
use crate::sql::{fold_case, regular_expression};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Sets up a new connection, of the engine and of the pool alike.
pub(super) async fn configure(owner: &mut SqliteConnection, on_connect: &[String]) -> Result<(), sqlx::Error> {
    let sqlite = super::handle::attach(owner).await?;
    set_up(&sqlite).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
    for sql in on_connect {
        let failed = |reason: String| sqlx::Error::Configuration(Box::new(OnConnect { sql: sql.clone(), reason }));
        refuse_nul(sql)
            .and_then(|()| sqlite.execute_batch(sql).map_err(report))
            .map_err(|source| failed(source.to_string()))?;
        if !sqlite.is_autocommit() {
            return Err(failed("it leaves a transaction open; end it with COMMIT".to_owned()));
        }
    }
    Ok(())
}

/// SQL of the user for new connections that failed.
#[derive(Debug, thiserror::Error)]
#[error("the SQL of `on_connect` failed: {reason}: {sql}")]
struct OnConnect {
    sql: String,
    reason: String,
}

fn set_up(sqlite: &Connection) -> rusqlite::Result<()> {
    // Else a misspelt column is read as a text literal: https://www.sqlite.org/quirks.html#dblquote
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    rusqlite::vtab::array::load_module(sqlite)?;
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    sqlite.create_scalar_function("fold_case", 1, pure, |context| Ok(text(context, 0)?.map(fold_case)))?;
    sqlite.create_scalar_function("lower_case", 1, pure, |context| Ok(text(context, 0)?.map(str::to_lowercase)))?;
    sqlite.create_scalar_function("upper_case", 1, pure, |context| Ok(text(context, 0)?.map(str::to_uppercase)))?;
    sqlite.create_scalar_function("regexp", 2, pure, regexp)?;
    super::canonical::set_up(sqlite, pure)?;
    super::checked::set_up(sqlite, pure)?;
    #[cfg(feature = "rust_decimal")]
    super::decimal::set_up(sqlite, pure)?;
    Ok(())
}

/// `X REGEXP Y` calls `regexp(Y, X)`: https://www.sqlite.org/lang_expr.html#regexp
fn regexp(context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let pattern: Arc<Regex> =
        context.get_or_create_aux(0, |pattern| -> Result<_, Failure> { Ok(regular_expression(pattern.as_str()?)?) })?;
    Ok(text(context, 1)?.map(|text| pattern.is_match(text)))
}

fn text<'a>(context: &'a Context<'_>, index: usize) -> rusqlite::Result<Option<&'a str>> {
    match context.get_raw(index) {
        ValueRef::Null => Ok(None),
        value => value.as_str().map(Some).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error))),
    }
}
