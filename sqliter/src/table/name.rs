//! Names in SQL.

/// A name in double quotes, those inside doubled.
pub(crate) fn quoted(name: &str) -> String {
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
