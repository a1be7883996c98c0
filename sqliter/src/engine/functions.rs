//! What every connection gets: SQL functions, collations and safe settings.

use std::sync::Arc;

use regex::Regex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use sqlx::sqlite::SqliteConnection;
use unicase::UniCase;

use super::connection::{check_text, report};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Sets up a new connection, of the engine and of the pool alike, and runs what the program wants on each.
pub(super) async fn configure(owner: &mut SqliteConnection, on_connect: &[String]) -> Result<(), sqlx::Error> {
    let sqlite = super::handle::attach(owner).await?;
    set_up(&sqlite).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
    for sql in on_connect {
        let run = check_text(sql).and_then(|()| sqlite.execute_batch(sql).map_err(report));
        let reason = match run {
            Ok(()) if sqlite.is_autocommit() => continue,
            Ok(()) => "it leaves a transaction open".to_owned(),
            Err(error) => error.to_string(),
        };
        return Err(sqlx::Error::Configuration(format!("on_connect failed at `{sql}`: {reason}").into()));
    }
    Ok(())
}

/// Makes a connection of the pool notice that another one has changed the schema. It would notice by itself when a
/// statement takes its first step; but sqlx asks for the columns before, and would give fewer rows, without an error,
/// when there are more of them then.
pub(super) async fn renew_schema(owner: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let sqlite = super::handle::attach(owner).await?;
    // What is in the way of it, such as a lock, is in the way of the next statement too, which tells.
    let _ = sqlite.prepare("SELECT 1 FROM sqlite_schema LIMIT 0").and_then(|mut look| look.exists([]));
    Ok(())
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
    #[cfg(feature = "rust_decimal")]
    super::decimal::set_up(sqlite, pure)?;
    Ok(())
}

/// Text without differences of case, by Unicode's full case folding.
pub(crate) fn fold_case(text: &str) -> String {
    UniCase::new(text).to_folded_case()
}

/// `X REGEXP Y` calls `regexp(Y, X)`: https://www.sqlite.org/lang_expr.html#regexp
fn regexp(context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let pattern: Arc<Regex> =
        context.get_or_create_aux(0, |pattern| -> Result<_, Failure> { Ok(Regex::new(pattern.as_str()?)?) })?;
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
