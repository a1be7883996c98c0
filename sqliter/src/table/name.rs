//! Names in SQL.

/// A name as it stands in SQL: in double quotes, those inside doubled.
///
/// ```
/// use sqliter::schema::quoted;
///
/// assert_eq!(format!("SELECT * FROM {}", quoted("order \"lines\"")), r#"SELECT * FROM "order ""lines""""#);
/// ```
pub fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    push_quoted(&mut text, name);
    text
}

/// Appends a name as [`quoted`] gives it.
pub(crate) fn push_quoted(text: &mut String, name: &str) {
    text.push('"');
    if name.contains('"') {
        text.push_str(&name.replace('"', "\"\""));
    } else {
        text.push_str(name);
    }
    text.push('"');
}
