//! SQL as tokens. The text that SQLite keeps of a schema is split by a port of SQLite's own tokenizer.

use std::ops::Range;

use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::{Error, Tokenizer};

/// A token with the place where it stands in its text.
#[derive(Debug, Clone)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) range: Range<usize>,
}

impl Token<'_> {
    /// Whether it is this keyword, or this punctuation.
    pub(super) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// What it means as a name: SQLite takes a string for one, where only a name can stand.
    pub(super) fn name(&self) -> Option<String> {
        let mut chars = self.text.chars();
        let first = chars.next()?;
        let inside = |close: char| {
            let inside = chars.as_str().strip_suffix(close)?;
            let twice: String = [close, close].iter().collect();
            Some(if close == ']' { inside.to_owned() } else { inside.replace(&twice, &close.to_string()) })
        };
        match first {
            '"' | '`' | '\'' => inside(first),
            '[' => inside(']'),
            _ => is_word(first).then(|| self.text.to_owned()),
        }
    }
}

fn is_word(first: char) -> bool {
    first.is_alphabetic() || first == '_' || !first.is_ascii()
}

/// Splits a text into its tokens, without spaces and comments. Gives what is wrong where SQLite could not read it.
pub(super) fn tokens(sql: &str) -> Result<Vec<Token<'_>>, String> {
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut tokens = Vec::new();
    loop {
        match scanner.scan(sql.as_bytes()) {
            Ok((_, None, _)) => return Ok(tokens),
            Ok((start, Some(_), end)) => {
                let text = sql.get(start..end).ok_or("a token ends inside a character")?;
                tokens.push(Token { text, range: start..end });
            }
            // To SQLite, a comment ends with the text at the latest.
            Err(Error::UnterminatedBlockComment(_)) => return Ok(tokens),
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// What a piece of SQL says, whatever the way it is written: equal for pieces with the same tokens.
pub(super) fn canonical(sql: &str) -> Vec<String> {
    let Ok(tokens) = tokens(sql) else { return vec![sql.to_owned()] };
    let mut inside = tokens.as_slice();
    while let Some(less) = without_parentheses(inside) {
        inside = less;
    }
    inside.iter().map(canonical_token).collect()
}

/// A piece of SQL without comments, with one space in the place of any other number of spaces.
pub(super) fn plain(sql: &str) -> String {
    let Ok(tokens) = tokens(sql) else { return sql.to_owned() };
    let mut text = String::with_capacity(sql.len());
    let mut end = None;
    for token in tokens {
        if end.is_some_and(|end| end < token.range.start) {
            text.push(' ');
        }
        text.push_str(token.text);
        end = Some(token.range.end);
    }
    text
}

/// A piece of SQL without parentheses that are around the whole.
pub(super) fn inner(sql: &str) -> &str {
    let Ok(tokens) = tokens(sql) else { return sql };
    let mut inside = tokens.as_slice();
    while let Some(less) = without_parentheses(inside) {
        inside = less;
    }
    match (inside.first(), inside.last()) {
        (Some(first), Some(last)) => sql.get(first.range.start..last.range.end).unwrap_or(sql),
        (None, _) | (_, None) => sql,
    }
}

/// A statement up to its last token. What follows is a comment, which would take in what is written behind it.
pub(super) fn without_end(sql: &str) -> &str {
    let end = tokens(sql).ok().and_then(|tokens| Some(tokens.last()?.range.end));
    end.and_then(|end| sql.get(..end)).unwrap_or(sql)
}

/// What stands inside parentheses that are around the whole.
fn without_parentheses<'a, 't>(tokens: &'a [Token<'t>]) -> Option<&'a [Token<'t>]> {
    let [first, inside @ .., last] = tokens else { return None };
    if !first.is("(") || !last.is(")") {
        return None;
    }
    let mut depth = 0_i32;
    for token in inside {
        depth += depth_after(token);
        if depth < 0 {
            return None;
        }
    }
    Some(inside)
}

/// By how much a token changes the depth of parentheses.
pub(super) fn depth_after(token: &Token<'_>) -> i32 {
    i32::from(token.is("(")) - i32::from(token.is(")"))
}

fn canonical_token(token: &Token<'_>) -> String {
    // Quoted, these are names and no values.
    const VALUES: [&str; 6] = ["null", "true", "false", "current_date", "current_time", "current_timestamp"];
    let is_string = token.text.starts_with('\'');
    match token.name() {
        Some(name) if !is_string => {
            let name = name.to_ascii_lowercase();
            let is_quoted = token.text.starts_with(['"', '`', '[']);
            let is_plain = name.chars().all(|c| c == '_' || c == '$' || c.is_alphanumeric());
            let keeps_quotes = is_quoted && (!is_plain || VALUES.contains(&name.as_str()));
            if keeps_quotes { format!("\"{name}\"") } else { name }
        }
        _ if is_string => token.text.to_owned(),
        _ => match token.text {
            "==" => "=".to_owned(),
            "!=" => "<>".to_owned(),
            // Numbers and blobs, whose letters are of no case.
            text => text.to_ascii_lowercase(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        tokens(sql).unwrap().into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn tokens_are_those_of_sqlite() {
        assert_eq!(
            texts("a>='x''y'--c\n\"b\"\"c\"/* d */[e f]`g`"),
            ["a", ">=", "'x''y'", "\"b\"\"c\"", "[e f]", "`g`"]
        );
        assert_eq!(
            texts("1.5e-3 0x1F x'ab' .5 a.b->>'$'"),
            ["1.5e-3", "0x1F", "x'ab'", ".5", "a", ".", "b", "->>", "'$'"]
        );
        assert_eq!(texts("größe<>ä_1$"), ["größe", "<>", "ä_1$"]);
        assert_eq!(texts("1_000 /* open ) '"), ["1_000"]);
        assert!(tokens("'open").is_err());
    }

    #[test]
    fn names_are_read_in_all_quotes() {
        let names = tokens("a \"b\"\"c\" `d``e` [f g] 'h''i' 1").unwrap();
        let names: Vec<_> = names.iter().map(Token::name).collect();
        let expected = [Some("a"), Some("b\"c"), Some("d`e"), Some("f g"), Some("h'i"), None];
        assert_eq!(names, expected.map(|name| name.map(str::to_owned)));
    }

    #[test]
    fn pieces_are_equal_when_their_tokens_are() {
        for (a, b) in [
            ("\"a\" > 0", "a>0"),
            ("(a > 0)", "A > /* zero */ 0"),
            ("((a) = (b))", "(a)==(b)"),
            ("[a] IN ('x','y')", "a in ('x', 'y')"),
            ("x'AB' || 1E3", "X'ab' || 1e3"),
        ] {
            assert_eq!(canonical(a), canonical(b), "{a} and {b}");
        }
        for (a, b) in [
            ("a > 0", "a > 00"),
            ("a = 'x'", "a = 'X'"),
            ("a = 'x'", "a = \"x\""),
            ("\"null\" IS 1", "NULL IS 1"),
            ("(a) = (b)", "a = (b"),
            ("\"a b\"", "a b"),
            ("(a) OR (b)", "a) OR (b"),
        ] {
            assert_ne!(canonical(a), canonical(b), "{a} and {b}");
        }
    }
}
