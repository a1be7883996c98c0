//! The untyped tree that a query consists of.

use std::sync::Arc;

use crate::model::ColumnInfo;
use crate::value::{EncodeError, Value};

/// An expression or a condition.
#[derive(Debug, Clone)]
pub enum Expr {
    /// A column of the queried table.
    Column(&'static ColumnInfo),
    /// A bound value.
    Value(Value),
    /// A value that has no form in SQLite; reported when the statement is built.
    Unencodable { column: &'static ColumnInfo, error: EncodeError },
    /// `left op right` with a comparison operator.
    Compare { left: Box<Expr>, operator: Comparison, right: Box<Expr> },
    /// `value BETWEEN low AND high`.
    Between { value: Box<Expr>, low: Box<Expr>, high: Box<Expr> },
    /// `value IN (…)` over one bound list.
    InList { value: Box<Expr>, list: Arc<[Value]>, negated: bool },
    /// `value IS NULL`.
    IsNull { value: Box<Expr>, negated: bool },
    /// A text operator.
    Text { value: Box<Expr>, test: TextTest },
    /// `left op right` with an arithmetic operator.
    Arithmetic { left: Box<Expr>, operator: Arithmetic, right: Box<Expr> },
    /// All of the conditions.
    And(Vec<Expr>),
    /// One of the conditions.
    Or(Vec<Expr>),
    /// Not the condition: true where it is false or unknown.
    Not(Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) const fn as_sql(self) -> &'static str {
        match self {
            Self::Equal => " = ",
            Self::NotEqual => " <> ",
            Self::Less => " < ",
            Self::LessOrEqual => " <= ",
            Self::Greater => " > ",
            Self::GreaterOrEqual => " >= ",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
}

impl Arithmetic {
    pub(crate) const fn as_sql(self) -> &'static str {
        match self {
            Self::Add => " + ",
            Self::Subtract => " - ",
            Self::Multiply => " * ",
        }
    }
}

/// A test of a text against a bound pattern.
#[derive(Debug, Clone)]
pub enum TextTest {
    /// SQLite's LIKE, wildcards included.
    Like(String),
    /// The text starts with the other, exactly.
    StartsWith(String),
    /// The text ends with the other, exactly.
    EndsWith(String),
    /// The text contains the other, exactly.
    Contains(String),
    /// As the three above, ignoring case.
    FoldedStartsWith(String),
    FoldedEndsWith(String),
    FoldedContains(String),
    /// A regular expression matches somewhere in the text.
    Regex(String),
}

/// One key of an order.
#[derive(Debug, Clone)]
pub struct SortKey {
    pub value: Expr,
    pub descending: bool,
    pub nulls: Option<Nulls>,
}

impl SortKey {
    /// The same key for reading the order backwards.
    pub(crate) fn reversed(mut self) -> Self {
        self.descending = !self.descending;
        self.nulls = self.nulls.map(|nulls| match nulls {
            Nulls::First => Nulls::Last,
            Nulls::Last => Nulls::First,
        });
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    First,
    Last,
}

/// `column = value` in an update.
#[derive(Debug, Clone)]
pub struct Set {
    pub column: &'static ColumnInfo,
    pub value: Expr,
}
