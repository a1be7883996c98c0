//! What attributes declare in SQL: checks, generated columns, indexes.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Lit, LitStr, Token};

use crate::attributes::{Item, ItemValue, Mistakes, checked_name, words};
use crate::names::suggestion;

/// A `CHECK` constraint.
pub(crate) struct CheckSpec {
    /// Its name, if it is given one.
    pub(crate) name: Option<String>,
    /// The condition, in SQL.
    pub(crate) condition: String,
}

/// How SQLite computes a column.
pub(crate) struct GeneratedSpec {
    /// The expression, in SQL.
    pub(crate) expression: String,
    /// Whether the value is stored.
    pub(crate) stored: bool,
}

words! {
    /// What `check(…)` says.
    InCheck {
        "expr" => Expr,
        "name" => Name,
    }
}

/// `check = "pages > 0"` or `check(expr = "pages > 0", name = "enough_pages")`.
pub(crate) fn check(item: &Item, mistakes: &mut Mistakes) -> Option<CheckSpec> {
    if !matches!(item.value, ItemValue::List(_)) {
        let text = item.text(mistakes)?;
        return sql(&text, mistakes).map(|condition| CheckSpec { name: None, condition });
    }
    let mut condition = None;
    let mut name = None;
    for inner in item.list::<Item>("expr = \"pages > 0\", name = \"enough_pages\"", mistakes) {
        match InCheck::of(&inner, "`check`", mistakes) {
            Some(InCheck::Expr) => condition = inner.text(mistakes),
            Some(InCheck::Name) => {
                name = inner.text(mistakes).and_then(|text| checked_name(&text, "constraint", mistakes));
            }
            None => {}
        }
    }
    let Some(condition) = condition else {
        mistakes.add(item.name.span(), "say what is checked: `check(expr = \"pages > 0\", name = \"…\")`");
        return None;
    };
    sql(&condition, mistakes).map(|condition| CheckSpec { name, condition })
}

/// A part of an index as it is written: `due_date`, `due_date desc`, `expr = "lower(name)"`, or what is said of the index.
pub(crate) enum IndexItem {
    /// A field, and whether its largest value comes first.
    Field(Ident, bool),
    /// A field of an embedded struct, `address.city`, likewise.
    Inside(Vec<Ident>, bool),
    /// `expr`, `where` or `name` with its text.
    Text(Ident, LitStr),
}

impl Parse for IndexItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return match input.parse::<Expr>()? {
                Expr::Lit(literal) => match literal.lit {
                    Lit::Str(text) => Ok(Self::Text(name, text)),
                    other => {
                        Err(syn::Error::new(other.span(), format!("`{name}` takes a text: write `{name} = \"…\"`")))
                    }
                },
                other => {
                    let span = syn::spanned::Spanned::span(&other);
                    Err(syn::Error::new(span, format!("`{name}` takes a text: write `{name} = \"…\"`")))
                }
            };
        }
        let mut names = vec![name.clone()];
        while input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            names.push(input.call(Ident::parse_any)?);
        }
        let field = |descending| match names.len() {
            1 => Self::Field(name.clone(), descending),
            _ => Self::Inside(names.clone(), descending),
        };
        if !input.peek(syn::Ident::peek_any) {
            return Ok(field(false));
        }
        let direction = input.call(Ident::parse_any)?;
        match direction.to_string().as_str() {
            "desc" => Ok(field(true)),
            "asc" => Ok(field(false)),
            word => {
                let hint = match suggestion(word, &["desc", "asc"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write `{name} desc` for the largest value first, and a comma between two fields"),
                };
                Err(syn::Error::new(direction.span(), format!("unknown direction `{word}`: {hint}")))
            }
        }
    }
}

/// An index as it is written.
pub(crate) struct RawIndex {
    /// Where the index is declared.
    pub(crate) span: Span,
    pub(crate) items: Vec<IndexItem>,
    /// Whether it is declared by `unique(…)`.
    pub(crate) unique: bool,
}

/// `index(…)` or `unique(…)`.
pub(crate) fn index(item: &Item, unique: bool, mistakes: &mut Mistakes) -> RawIndex {
    let items = match &item.value {
        ItemValue::List(tokens) => {
            let parser = syn::punctuated::Punctuated::<IndexItem, Token![,]>::parse_terminated;
            match syn::parse::Parser::parse2(parser, tokens.clone()) {
                Ok(items) => items.into_iter().collect(),
                Err(error) => {
                    mistakes.push(error);
                    return RawIndex { span: item.name.span(), items: Vec::new(), unique };
                }
            }
        }
        ItemValue::Flag | ItemValue::Value(_) => Vec::new(),
    };
    if items.is_empty() {
        let message = format!("`{0}` takes a list: write `{0}(title, author_id)`", item.name);
        mistakes.add(item.name.span(), message);
    }
    RawIndex { span: item.name.span(), items, unique }
}

/// The text of an expression, if it can stand between parentheses. Whether it means anything only SQLite knows.
pub(crate) fn sql(text: &LitStr, mistakes: &mut Mistakes) -> Option<String> {
    let sql = text.value();
    match wrong(&sql) {
        None => Some(sql.trim().to_owned()),
        Some(reason) => {
            mistakes.add(text.span(), reason);
            None
        }
    }
}

/// The text of a definition or a constraint, which may be empty. Whether it means anything only SQLite knows.
pub(crate) fn definition(text: &LitStr, of_what: &str, mistakes: &mut Mistakes) -> Option<String> {
    let sql = text.value();
    if sql.trim().is_empty() {
        return Some(String::new());
    }
    let sql = self::sql(text, mistakes)?;
    if has_comma(&sql) {
        mistakes.add(text.span(), format!("this takes the SQL of {of_what}: there is a comma outside of parentheses"));
        return None;
    }
    Some(sql)
}

/// Whether there is a comma outside of quotes and parentheses, in SQL where these are closed.
fn has_comma(sql: &str) -> bool {
    let mut depth = 0_usize;
    let mut rest = sql.chars();
    while let Some(character) = rest.next() {
        match character {
            '\'' | '"' | '`' => {
                rest.any(|other| other == character);
            }
            '[' => {
                rest.any(|other| other == ']');
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

fn wrong(sql: &str) -> Option<&'static str> {
    if sql.trim().is_empty() {
        return Some("this takes an expression in SQL, and the text is empty");
    }
    if sql.contains('\0') {
        return Some("SQL has no NUL characters");
    }
    let mut depth = 0_usize;
    let mut rest = sql.chars().peekable();
    while let Some(character) = rest.next() {
        // A doubled quote ends one text and begins the next.
        let closing = match character {
            '\'' | '"' | '`' => Some(character),
            '[' => Some(']'),
            _ => None,
        };
        if closing.is_some_and(|closing| !rest.any(|other| other == closing)) {
            return Some("a quote or a bracket in this SQL is not closed");
        }
        match character {
            '(' => depth += 1,
            ')' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some("a parenthesis in this SQL is closed but not opened"),
            },
            ';' => return Some("this takes one expression in SQL, without `;`"),
            '-' if rest.peek() == Some(&'-') => return Some("leave the comment out of this SQL"),
            '/' if rest.peek() == Some(&'*') => return Some("leave the comment out of this SQL"),
            _ => {}
        }
    }
    (depth > 0).then_some("a parenthesis in this SQL is not closed")
}

#[cfg(test)]
mod tests {
    use super::{has_comma, wrong};

    #[test]
    fn an_expression_cannot_end_what_it_stands_in() {
        for sql in ["pages > 0", "a = ')'", "a = 'it''s' AND (b OR \"odd (\")", "a - -1", "[odd )] > 0"] {
            assert_eq!(wrong(sql), None, "{sql}");
        }
        for sql in ["", " ", "a)", "(a", "a) OR (b", "a = 'x", "a -- b", "a /* b", "a; b", "\"a", "[a"] {
            assert!(wrong(sql).is_some(), "{sql}");
        }
    }

    #[test]
    fn a_definition_is_of_one_column() {
        for sql in ["DECIMAL(10, 2)", "TEXT DEFAULT ','", "TEXT CHECK (a IN ('(', ','))", "\"a, b\"", "[a, b]"] {
            assert!(!has_comma(sql), "{sql}");
        }
        for sql in ["TEXT, b TEXT", "DECIMAL(10, 2), b", "TEXT DEFAULT ')', b"] {
            assert!(has_comma(sql), "{sql}");
        }
    }
}
