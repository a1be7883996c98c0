//! The SQL of text operators.

use super::SqlWriter;
use crate::error::Error;
use crate::sql::ast::{Expr, TextMatch, TextTest};
use crate::sql::{fold_case, small_regular_expression};
use crate::value::Value;

impl SqlWriter {
    pub(super) fn text_test(&mut self, value: &Expr, test: &TextTest) {
        let text = |text: &str| Value::Text(text.to_owned());
        let bytes = |text: &str| Value::Blob(text.as_bytes().to_vec());
        match test {
            TextTest::Like(pattern) => {
                self.operand(value);
                self.push(" LIKE ");
                self.bind(text(pattern));
                self.push(" ESCAPE '\\'");
            }
            // The empty text is part of every text.
            TextTest::StartsWith(part)
            | TextTest::EndsWith(part)
            | TextTest::Contains(part)
            | TextTest::FoldedStartsWith(part)
            | TextTest::FoldedEndsWith(part)
            | TextTest::FoldedContains(part)
                if part.is_empty() =>
            {
                self.operand(value);
                self.push(" IS NOT NULL");
            }
            TextTest::StartsWith(start) => {
                self.as_bytes(value);
                self.push(" >= ");
                self.bind(text(start));
                if let Some(end) = after_prefix(start) {
                    self.push(" AND ");
                    self.as_bytes(value);
                    self.push(" < ");
                    self.bind(Value::Text(end));
                }
            }
            // On bytes, because the text functions stop at a NUL character. UTF-8 makes both the same.
            TextTest::EndsWith(end) => {
                self.push("substr(CAST(");
                self.operand(value);
                self.push(" AS BLOB), -");
                self.number(end.len());
                self.push(") = ");
                self.bind(bytes(end));
            }
            TextTest::Contains(part) => {
                self.push("instr(");
                self.operand(value);
                self.push(", ");
                self.bind(text(part));
                self.push(") > 0");
            }
            TextTest::FoldedStartsWith(start) => {
                let folded = fold_case(start);
                self.push("substr(CAST(fold_case(");
                self.operand(value);
                self.push(") AS BLOB), 1, ");
                self.number(folded.len());
                self.push(") = ");
                self.bind(bytes(&folded));
            }
            TextTest::FoldedEndsWith(end) => {
                let folded = fold_case(end);
                self.push("substr(CAST(fold_case(");
                self.operand(value);
                self.push(") AS BLOB), -");
                self.number(folded.len());
                self.push(") = ");
                self.bind(bytes(&folded));
            }
            TextTest::FoldedContains(part) => {
                self.push("instr(fold_case(");
                self.operand(value);
                self.push("), ");
                self.bind(Value::Text(fold_case(part)));
                self.push(") > 0");
            }
            TextTest::Regex(pattern) => {
                if let Err(error) = small_regular_expression(pattern) {
                    let (table, pattern) = (self.table.name.to_owned(), pattern.clone());
                    let reason = error.to_string();
                    self.error.get_or_insert(Error::RegularExpression { table, pattern, reason });
                }
                self.operand(value);
                self.push(" REGEXP ");
                self.bind(text(pattern));
            }
        }
    }
}

impl SqlWriter {
    /// Compares two texts, of which none is known before.
    pub(super) fn text_match(&mut self, value: &Expr, test: TextMatch, other: &Expr) {
        let (before, between, after, folds) = match test {
            TextMatch::StartsWith => ("starts_with(", ", ", ")", false),
            TextMatch::EndsWith => ("ends_with(", ", ", ")", false),
            TextMatch::Contains => ("instr(", ", ", ") > 0", false),
            TextMatch::FoldedEquals => ("", " = ", "", true),
            TextMatch::FoldedStartsWith => ("starts_with(", ", ", ")", true),
            TextMatch::FoldedEndsWith => ("ends_with(", ", ", ")", true),
            TextMatch::FoldedContains => ("instr(", ", ", ") > 0", true),
        };
        self.push(before);
        self.text_part(value, folds);
        self.push(between);
        self.text_part(other, folds);
        self.push(after);
    }

    fn text_part(&mut self, text: &Expr, folds: bool) {
        if !folds {
            return self.operand(text);
        }
        if let Expr::Value(Value::Text(text)) = text {
            return self.bind(Value::Text(fold_case(text)));
        }
        self.push("fold_case(");
        self.operand(text);
        self.push(")");
    }
}

/// The smallest text after all that start with the prefix; there is none when it is all `char::MAX`.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // Counting characters up steps over the surrogates, which are none.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn the_end_of_a_prefix_is_the_next_character() {
        assert_eq!(after_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(after_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
    }
}
