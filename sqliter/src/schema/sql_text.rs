//! Pieces of SQL that are compared by what they say.

use std::fmt;

use serde::Serialize;

use super::tokens;

/// A piece of SQL as it was written. Two are equal when they have the same tokens: spaces, comments, the case of
/// keywords and names, the quotes of names and parentheses around the whole do not count.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct SqlText(String);

impl SqlText {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SqlText {
    /// The text without parentheses that are around the whole.
    pub fn inner(&self) -> &str {
        tokens::inner(&self.0)
    }

    /// The text without comments and without parentheses around the whole, and with one space in the place of any other number.
    ///
    /// ```
    /// use sqliter::schema::Schema;
    ///
    /// let schema = Schema::from_sql(["CREATE VIEW v AS SELECT 1 -- one\n  AS a, 'b  c'/* text */ AS b"])?;
    /// let view = schema.view("v").map(|view| view.sql.plain());
    /// assert_eq!(view.as_deref(), Some("CREATE VIEW v AS SELECT 1 AS a, 'b  c' AS b"));
    /// # Ok::<(), sqliter::Error>(())
    /// ```
    pub fn plain(&self) -> String {
        tokens::plain(self.inner())
    }

    /// What it consists of: words, texts, names with their quotes, numbers and punctuation. Spaces and comments are left out.
    pub fn tokens(&self) -> Vec<&str> {
        tokens::tokens(&self.0).unwrap_or_default().into_iter().map(|token| token.text).collect()
    }

    /// Whether it is a single word, text or number, with or without a sign.
    pub fn is_one_word(&self) -> bool {
        let text = self.0.trim_start_matches(['+', '-']);
        tokens::tokens(text).is_ok_and(|tokens| tokens.len() == 1)
    }
}

impl PartialEq for SqlText {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || tokens::canonical(&self.0) == tokens::canonical(&other.0)
    }
}

/// Whether two pieces of SQL have the same tokens.
pub(crate) fn same_sql(one: &str, other: &str) -> bool {
    SqlText::new(one) == SqlText::new(other)
}

impl fmt::Display for SqlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
