//! Which columns an index is about.

use super::{create_text, tokens};

/// The columns, of these, that the terms of an index name, each once, in the order in which they come.
pub(crate) fn indexed_columns<'c>(create_index: &str, columns: &[&'c str]) -> Vec<&'c str> {
    let mut found = Vec::new();
    let Ok((terms, _)) = create_text::index(create_index) else { return found };
    for term in &terms {
        let Ok(tokens) = tokens::tokens(term.as_str()) else { continue };
        for (i, token) in tokens.iter().enumerate() {
            let is_function = tokens.get(i + 1).is_some_and(|next| next.is("("));
            if is_function || token.text.starts_with('\'') {
                continue;
            }
            let Some(name) = token.name() else { continue };
            let column = columns.iter().find(|column| column.eq_ignore_ascii_case(&name));
            found.extend(column.filter(|column| !found.contains(*column)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::indexed_columns;

    #[test]
    fn columns_are_named_by_expressions() {
        let columns = ["email", "lower", "first name", "deleted_at"];
        for (terms, expected) in [
            ("lower(email)", vec!["email"]),
            ("\"first name\" || ' email ' || [EMAIL], deleted_at DESC", vec!["first name", "email", "deleted_at"]),
            ("email COLLATE NOCASE, trim(email)", vec!["email"]),
            ("lower(lower)", vec!["lower"]),
        ] {
            let sql = format!("CREATE UNIQUE INDEX \"i\" ON \"users\" ({terms}) WHERE deleted_at IS NULL");
            assert_eq!(indexed_columns(&sql, &columns), expected, "{terms}");
        }
    }
}
