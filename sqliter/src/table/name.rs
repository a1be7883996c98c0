//! Names in SQL.

/// A name in double quotes, those inside doubled.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
