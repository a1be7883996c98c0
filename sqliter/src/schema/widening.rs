//! Checks that accept more than they did: an enum with a new variant.

use std::collections::BTreeSet;

use super::tokens::{Token, canonical, inner, tokens};

/// Whether a check accepts every value that another one accepts, as far as they are the same but for their names, or both
/// list the values of one column.
pub(super) fn accepts_all_of(new: &str, old: &str) -> bool {
    if condition(new).zip(condition(old)).is_some_and(|(new, old)| canonical(new) == canonical(old)) {
        return true;
    }
    match (Listed::of(new), Listed::of(old)) {
        (Some(new), Some(old)) => new.column == old.column && old.values.is_subset(&new.values),
        (Some(_) | None, None) | (None, Some(_)) => false,
    }
}

/// Whether a check refuses values that another one accepts, as far as both list the values of one column.
pub(super) fn refuses_some_of(check: &str, other: &str) -> bool {
    match (Listed::of(check), Listed::of(other)) {
        (Some(check), Some(other)) => check.column == other.column && !other.values.is_subset(&check.values),
        (Some(_) | None, None) | (None, Some(_)) => false,
    }
}

/// The values of a column that a check lists: `c IN ('a', 'b')`, or `c = 'a' OR c = 'b'`.
struct Listed {
    column: String,
    values: BTreeSet<String>,
}

impl Listed {
    fn of(check: &str) -> Option<Self> {
        let tokens = tokens(condition(check)?).ok()?;
        let column = tokens.first()?.name()?.to_ascii_lowercase();
        let mut values = BTreeSet::new();
        if tokens.get(1)?.is("IN") {
            let [_, _, open, list @ .., close] = tokens.as_slice() else { return None };
            if !open.is("(") || !close.is(")") {
                return None;
            }
            for item in list.split(|token| token.is(",")) {
                values.insert(literal(item)?);
            }
        } else {
            for term in tokens.split(|token| token.is("OR")) {
                let [name, equals, value @ ..] = term else { return None };
                if !equals.is_one_of(&["=", "IS"]) || !name.name()?.eq_ignore_ascii_case(&column) {
                    return None;
                }
                values.insert(literal(value)?);
            }
        }
        Some(Self { column, values })
    }
}

fn condition(check: &str) -> Option<&str> {
    Some(inner(check.split_once("CHECK (")?.1.strip_suffix(')')?))
}

fn literal(tokens: &[Token<'_>]) -> Option<String> {
    let (sign, value) = match tokens {
        [sign, value] if sign.is("-") => ("-", value),
        [value] => ("", value),
        _ => return None,
    };
    let is_literal = value.text.starts_with(|c: char| c == '\'' || c.is_ascii_digit()) || value.is("NULL");
    is_literal.then(|| format!("{sign}{}", value.text))
}

#[cfg(test)]
mod tests {
    use super::accepts_all_of;

    #[test]
    fn a_list_with_more_values_accepts_all_of_a_shorter_one() {
        let two = "CHECK (\"status\" IN ('open', 'closed'))";
        let three = "CHECK ((\"status\" = 'open' OR \"status\" = 'closed' OR \"status\" = 'blocked'))";
        assert!(accepts_all_of(three, two) && accepts_all_of(two, two));
        assert!(!accepts_all_of(two, three));
        assert!(accepts_all_of("CHECK (a IN (-1, 0, 1))", "CHECK (a IN (0, -1))"));
        for other in ["CHECK (state IN ('open', 'closed', 'x'))", "CHECK (status > 0)", "CHECK (status IN (SELECT 1))"]
        {
            assert!(!accepts_all_of(other, two), "{other}");
            assert!(!accepts_all_of(two, other), "{other}");
        }
        assert!(accepts_all_of("CONSTRAINT two CHECK (a > 0)", "CHECK (A > 0)"));
        assert!(!accepts_all_of("CHECK (a > 0)", "CHECK (a > 1)"));
        assert!(!accepts_all_of("CHECK (status = 'a' OR other = 'b')", "CHECK (status = 'a')"));
        assert!(!accepts_all_of("CHECK (status = 'a' AND x OR status = 'b')", "CHECK (status = 'a')"));
    }
}
