//! The untyped tree that a query consists of.

use std::sync::Arc;

use super::path::PathNode;
use crate::model::{ColumnInfo, RelationInfo, TableInfo};
use crate::value::{EncodeError, Value};

/// An expression or a condition.
#[derive(Debug, Clone)]
pub enum Expr {
    /// A column.
    Column(ColumnRef),
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
    /// A test of, or the number of, the related rows of a to-many relation that is reached by a path. The condition
    /// is about the related rows.
    Related {
        path: Option<&'static PathNode>,
        relation: &'static RelationInfo,
        condition: Option<Box<Expr>>,
        test: RelatedTest,
    },
    /// Whether the row is related to the row with this key, by a table of pairs.
    Linked { relation: &'static RelationInfo, key: Value },
    /// All of the conditions.
    And(Vec<Expr>),
    /// One of the conditions.
    Or(Vec<Expr>),
    /// Not the condition: true where it is false or unknown.
    Not(Box<Expr>),
}

impl Expr {
    pub(crate) const fn column(path: Option<&'static PathNode>, column: &'static ColumnInfo) -> Self {
        Self::Column(ColumnRef { path, column })
    }
}

/// A column, with the path to its table; without one, of the queried table itself.
#[derive(Debug, Clone, Copy)]
pub struct ColumnRef {
    pub path: Option<&'static PathNode>,
    pub column: &'static ColumnInfo,
}

impl ColumnRef {
    pub(crate) const fn own(column: &'static ColumnInfo) -> Self {
        Self { path: None, column }
    }

    /// The table of the column, in a query over `root`.
    pub(crate) fn table(&self, root: &'static TableInfo) -> &'static TableInfo {
        self.path.map_or(root, |path| (path.relation.target)())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelatedTest {
    Any,
    None,
    All,
    Count,
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
