//! What is unique by constraints that a model declares in SQL.

/// A column that is compared, and by which collating sequence if the constraint says one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UniquePart {
    pub(super) column: String,
    pub(super) collation: Option<String>,
}

/// The columns of which no two rows have the same values, by a constraint of a table: `UNIQUE (shelf, place COLLATE NOCASE)`. Of any
/// other constraint nothing.
pub(super) fn unique_columns(constraint: &str) -> Vec<UniquePart> {
    let tokens = tokens(constraint);
    let mut tokens = tokens.iter().skip_while(|token| !token.is_word("UNIQUE")).skip(1).peekable();
    if tokens.next_if(|token| token.is_symbol('(')).is_none() {
        return Vec::new();
    }
    let mut parts = Vec::new();
    while let Some(Token::Name { text, .. }) = tokens.next() {
        let mut part = UniquePart { column: text.clone(), collation: None };
        while let Some(token) = tokens.next_if(|token| !token.is_symbol(',') && !token.is_symbol(')')) {
            if token.is_word("COLLATE")
                && let Some(Token::Name { text, .. }) = tokens.next()
            {
                part.collation = Some(text.clone());
            }
        }
        parts.push(part);
        if tokens.next_if(|token| token.is_symbol(',')).is_none() {
            break;
        }
    }
    parts
}

/// Whether the definition of a column says that no two rows have the same value.
pub(super) fn is_unique(definition: &str) -> bool {
    let mut depth = 0_usize;
    tokens(definition).iter().any(|token| {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') => depth = depth.saturating_sub(1),
            Token::Symbol(_) | Token::Name { .. } => {}
        }
        depth == 0 && token.is_word("UNIQUE")
    })
}

enum Token {
    /// A word or a quoted name.
    Name {
        text: String,
        is_quoted: bool,
    },
    Symbol(char),
}

impl Token {
    fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Name { text, is_quoted: false } if text.eq_ignore_ascii_case(word))
    }

    fn is_symbol(&self, symbol: char) -> bool {
        matches!(self, Self::Symbol(own) if *own == symbol)
    }
}

/// The words, names and symbols of a piece of SQL, without its comments and texts.
fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        rest = match first {
            '\'' => quoted(behind, '\'').1,
            '"' | '`' | '[' => {
                let (text, behind) = quoted(behind, if first == '[' { ']' } else { first });
                tokens.push(Token::Name { text, is_quoted: true });
                behind
            }
            '-' if behind.starts_with('-') => rest.split_once('\n').map_or("", |(_, behind)| behind),
            '/' if behind.starts_with('*') => rest.split_once("*/").map_or("", |(_, behind)| behind),
            _ if is_of_word(first) => {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                let (word, behind) = rest.split_at(end);
                tokens.push(Token::Name { text: word.to_owned(), is_quoted: false });
                behind
            }
            _ if first.is_whitespace() => behind,
            _ => {
                tokens.push(Token::Symbol(first));
                behind
            }
        };
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// What stands before a quote, which stands for itself when it is doubled, and what stands behind it.
fn quoted(text: &str, quote: char) -> (String, &str) {
    let mut name = String::new();
    let mut rest = text;
    while let Some((part, behind)) = rest.split_once(quote) {
        name.push_str(part);
        match behind.strip_prefix(quote).filter(|_| quote != ']') {
            Some(further) => {
                name.push(quote);
                rest = further;
            }
            None => return (name, behind),
        }
    }
    (name + rest, "")
}

#[cfg(test)]
mod tests {
    use super::{UniquePart, is_unique, unique_columns};

    #[test]
    fn a_unique_constraint_names_its_columns() {
        let part = |column: &str, collation: Option<&str>| UniquePart {
            column: column.to_owned(),
            collation: collation.map(str::to_owned),
        };
        let columns = unique_columns(
            r#"CONSTRAINT "unique (x)" UNIQUE /* , */ ("a ""b", [c d], e COLLATE nocase DESC) ON CONFLICT REPLACE"#,
        );
        assert_eq!(columns, [part("a \"b", None), part("c d", None), part("e", Some("nocase"))]);
        assert_eq!(unique_columns("unique(a)"), [part("a", None)]);
        for other in [
            "CHECK (unique_a > 1)",
            "CHECK (a <> 'UNIQUE (b)')",
            "FOREIGN KEY (\"unique\") REFERENCES t",
            "-- UNIQUE (a)",
        ] {
            assert_eq!(unique_columns(other), [], "{other}");
        }
        assert!(is_unique("TEXT NOT NULL UNIQUE ON CONFLICT REPLACE"));
        assert!(is_unique("TEXT CHECK (length(a) > 1) unique"));
        assert!(!is_unique("TEXT DEFAULT 'unique' CHECK (\"unique\" AND unique)"));
    }
}
