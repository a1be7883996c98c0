//! Queries as data: what the generator makes, the oracle evaluates and `typed` writes with the library.
//!
//! A new operator is a variant here, a case in `generate`, in `eval`, in `typed`, in `print`, and its parts in `shrink`:
//! the compiler names the places, since none of them has a wildcard.

use super::catalog::TableId;
use super::datum::Datum;
use super::types::Type;
use super::windows::{Qualify, Window};

/// A value of each row, or of each group where an aggregate is in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column of the model at the end of a path, by their numbers.
    Column {
        path: usize,
        column: usize,
        of: Type,
    },
    Literal(Datum, Type),
    Arithmetic(Box<Expr>, Arithmetic, Box<Expr>, Type),
    Absolute(Box<Expr>),
    Coalesce(Box<Expr>, Box<Expr>),
    Lower(Box<Expr>),
    Upper(Box<Expr>),
    Trim(Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Length(Box<Expr>),
    /// A condition as a value.
    Truth(Box<Cond>),
    Part(DatePart, Box<Expr>),
    Case(Vec<(Cond, Expr)>, Option<Box<Expr>>),
    Rounded(Rounding, Box<Expr>),
    Cast(Cast, Box<Expr>),
    Truncated(DateUnit, Box<Expr>),
    /// So many nanoseconds before a moment.
    Earlier(i64, Box<Expr>),
    /// The value of the first row of a chain that gives one value for each.
    Subquery(Box<Chain>),
    /// A value of the row so many queries further out, which is one of the table.
    Outer {
        up: usize,
        table: TableId,
        value: Box<Expr>,
    },
    /// A value of the first of the rows of a relation.
    First {
        relation: usize,
        rows: Box<Prefetch>,
        value: Box<Expr>,
    },
    /// An aggregate of related rows.
    Related {
        path: usize,
        way: Way,
        distinct: bool,
        aggregate: Box<Aggregate>,
    },
    /// An aggregate of the rows of a group.
    Aggregate(Box<Aggregate>),
    /// A value over the rows around each.
    Window(Box<Window>),
}

/// To which related rows: over a relation, or over several to-many ones, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Relation(usize),
    Hops(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    pub function: Function,
    /// `None` for `count()`.
    pub value: Option<Expr>,
    pub distinct: bool,
    pub filter: Option<Cond>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Count,
    Sum,
    Total,
    Average,
    Minimum,
    Maximum,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    Year,
    Month,
    Day,
    Weekday,
    Hour,
    Minute,
    Second,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    Round(u8),
    Floor,
    Ceil,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    Int,
    Real,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateUnit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cond {
    Compare(Expr, Comparison, Expr),
    Between(Expr, Expr, Expr),
    InList(Expr, Vec<Datum>, bool),
    Null(Expr, bool),
    Text(Expr, TextTest, String),
    /// A text compared with another one of the row.
    TextBy(Expr, TextMatch, Expr),
    And(Box<Cond>, Box<Cond>),
    Or(Box<Cond>, Box<Cond>),
    Not(Box<Cond>),
    /// About the rows that a to-many relation leads to.
    Related {
        path: usize,
        relation: usize,
        test: Test,
        condition: Box<Cond>,
    },
    /// Whether a row is among those that a to-many relation leads to.
    Has {
        path: usize,
        relation: usize,
        key: Datum,
        by: Named,
    },
    /// Whether the value is among those that a chain gives.
    InQuery(Expr, Box<Chain>, bool),
    /// Whether two values together are those of one row of a list.
    InRows([Expr; 2], RowList),
    /// Whether a chain gives a row.
    ThereAre(Box<Chain>),
    /// Whether a nullable to-one relation leads to no row.
    Nobody {
        path: usize,
        relation: usize,
        negated: bool,
    },
}

/// A list of rows of two values: as it is, or what a chain gives.
#[derive(Debug, Clone, PartialEq)]
pub enum RowList {
    Values(Vec<[Datum; 2]>),
    Chain(Box<Chain>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextTest {
    Like,
    StartsWith,
    EndsWith,
    Contains,
    IStartsWith,
    IEndsWith,
    IContains,
    /// A regular expression for the text, anywhere and at the start.
    Regex,
    RegexAtStart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMatch {
    StartsWith,
    EndsWith,
    Contains,
    IEq,
    IStartsWith,
    IEndsWith,
    IContains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    Any,
    None,
    All,
    /// Whether there are related rows, whatever the condition.
    Exists,
    IsEmpty,
}

/// By what a row is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Key,
    Row,
    Option,
    /// By `None`.
    Nothing,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    pub value: Expr,
    pub descending: bool,
    pub nulls: Option<Nulls>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    First,
    Last,
}

/// A chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    pub root: TableId,
    pub deleted: Deleted,
    pub filters: Vec<Cond>,
    pub qualify: Vec<Qualify>,
    /// Order, limit and offset that come before the groups.
    pub before: Option<Slice>,
    pub load: Load,
    pub slice: Slice,
}

/// Which rows of a table whose rows are deleted softly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    LeftOut,
    Included,
    Only,
}

/// Which of the rows, in which order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slice {
    pub order: Vec<SortKey>,
    pub limit: Option<u64>,
    pub offset: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    Rows,
    /// `fields`, or `only` for a single one.
    Fields(Vec<Item>),
    Distinct(Vec<Item>),
    Groups {
        keys: Vec<Item>,
        aggregates: Vec<Item>,
        having: Vec<Cond>,
    },
    /// Values beside the rows: `with_values`.
    Values(Item),
    /// A shape of `shapes.rs`, with what its to-many relations load.
    Shape(usize, Vec<Prefetch>),
    /// A view of `views.rs`.
    View(usize),
    /// All columns but these, by path and number.
    Exclude(Vec<(usize, usize)>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub value: Expr,
    pub alias: Option<String>,
}

/// What a to-many relation of a shape loads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prefetch {
    pub filter: Option<Cond>,
    pub order: Vec<SortKey>,
    pub limit: Option<u64>,
}

impl Expr {
    pub fn of(&self) -> Type {
        match self {
            Self::Column { of, .. } | Self::Literal(_, of) | Self::Arithmetic(_, _, _, of) => *of,
            Self::Coalesce(value, _) => value.of(),
            Self::Absolute(value) => value.of(),
            Self::Lower(_) | Self::Upper(_) | Self::Trim(_) | Self::Concat(..) => Type::Text,
            Self::Truth(_) => Type::Bool,
            Self::Length(_) | Self::Part(..) | Self::Cast(Cast::Int, _) => Type::Int,
            Self::Rounded(..) | Self::Cast(Cast::Real, _) => Type::Real,
            Self::Cast(Cast::Text, _) => Type::Text,
            Self::Truncated(_, value)
            | Self::Earlier(_, value)
            | Self::Outer { value, .. }
            | Self::First { value, .. } => value.of(),
            Self::Subquery(chain) => chain.value().of(),
            Self::Case(branches, _) => branches[0].1.of(),
            Self::Related { aggregate, .. } | Self::Aggregate(aggregate) => aggregate.of(),
            Self::Window(window) => window.of(),
        }
    }
}

impl Aggregate {
    pub fn of(&self) -> Type {
        let value = || self.value.as_ref().map_or(Type::Int, Expr::of);
        match self.function {
            Function::Count => Type::Int,
            Function::Total | Function::Average => Type::Real,
            Function::Minimum | Function::Maximum => value(),
            Function::Sum => match value().numbers() {
                Some(super::types::Numbers::Whole) => Type::Int,
                Some(super::types::Numbers::Floating) => Type::Real,
                Some(super::types::Numbers::Exact) => Type::Decimal,
                None => panic!("a sum of {:?}", value()),
            },
        }
    }
}

impl Chain {
    /// The value that a chain gives for each row, as subqueries do.
    pub fn value(&self) -> &Expr {
        match &self.load {
            Load::Fields(items) | Load::Distinct(items) | Load::Groups { aggregates: items, .. } => &items[0].value,
            Load::Rows | Load::Values(_) | Load::Shape(..) | Load::View(_) | Load::Exclude(_) => {
                panic!("{self:?} is no subquery")
            }
        }
    }
}

impl Aggregate {
    /// Whether it is `count()` alone.
    pub const fn is_plain_count(&self) -> bool {
        self.value.is_none() && self.filter.is_none()
    }
}

impl Way {
    /// The table at the end of a way that begins at the end of a path.
    pub fn target(self, table: TableId, path: usize) -> TableId {
        let source = table.table().paths[path].target;
        match self {
            Self::Relation(relation) => source.table().manies[relation].target,
            Self::Hops(hops) => {
                table.table().hops[hops].iter().fold(table, |table, &hop| table.table().manies[hop].target)
            }
        }
    }
}
