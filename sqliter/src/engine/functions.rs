//! What every connection gets: SQL functions, collations and safe settings.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use hashlink::LruCache;
use regex::Regex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use sqlx::sqlite::SqliteConnection;
use unicase::UniCase;

use super::connection::{refuse_nul, report};

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

/// Text without differences of case, by Unicode's full case folding.
pub(crate) fn fold_case(text: &str) -> String {
    UniCase::new(text).to_folded_case()
}

/// How many regular expressions are kept.
const KEPT: usize = 64;

/// The regular expressions that were used last: to compile one takes longer than most statements.
static COMPILED: LazyLock<Mutex<LruCache<String, Regex>>> = LazyLock::new(|| Mutex::new(LruCache::new(KEPT)));

/// A regular expression ready to be used.
pub(crate) fn regular_expression(pattern: &str) -> Result<Regex, regex::Error> {
    let kept = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = kept().get(pattern) {
        return Ok(regex.clone());
    }
    let regex = Regex::new(pattern)?;
    kept().insert(pattern.to_owned(), regex.clone());
    Ok(regex)
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

#[cfg(test)]
mod tests {
    use super::fold_case;

    #[test]
    fn folding_covers_all_of_unicode() {
        assert_eq!(fold_case("CAFÉ"), fold_case("café"));
        assert_eq!(fold_case("ΟΔΥΣΣΕΥΣ"), fold_case("οδυσσευς"));
        assert_eq!(fold_case("STRASSE"), fold_case("Straße"));
        assert_ne!(fold_case("é"), fold_case("e"));
    }
}
