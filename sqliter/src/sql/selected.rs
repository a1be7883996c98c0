//! What a query selects, and what that is called.

use std::borrow::Cow;

use super::ast::{Aggregate, AggregateFunction, Expr};
use super::nested::Nested;
use crate::table::{ColumnInfo, PathNode, TableInfo};

/// An expression that a query selects.
#[derive(Debug, Clone)]
pub struct Selected {
    pub expr: Expr,
    /// What it is called in records, if not by itself.
    pub alias: Option<Cow<'static, str>>,
    /// Whether it is selected as a column of a whole row.
    pub of_row: bool,
    /// Whether the value is compared with others afterwards, so that its form must be the library's.
    pub by_value: bool,
}

impl Selected {
    pub(crate) const fn new(expr: Expr) -> Self {
        Self { expr, alias: None, of_row: false, by_value: false }
    }

    /// A value that is compared with others afterwards.
    pub(crate) const fn by_value(expr: Expr) -> Self {
        Self { expr, alias: None, of_row: false, by_value: true }
    }

    /// The columns of a whole row at the end of a path.
    pub(crate) fn row(path: Option<&'static PathNode>, table: &'static TableInfo) -> impl Iterator<Item = Self> {
        table.columns.iter().map(move |column| Self {
            expr: Expr::column(path, column),
            alias: None,
            of_row: true,
            by_value: false,
        })
    }

    /// Appends the columns of a whole row at the end of a path.
    pub(crate) fn push_row(path: Option<&'static PathNode>, table: &'static TableInfo, columns: &mut Vec<Self>) {
        columns.extend(Self::row(path, table));
    }

    pub(crate) fn expressions(columns: Vec<Self>) -> Vec<Expr> {
        columns.into_iter().map(|column| column.expr).collect()
    }

    /// The column that the values come from unchanged, if there is one.
    pub(crate) fn origin(&self) -> Option<&'static ColumnInfo> {
        self.expr.facts().origin
    }

    /// The alias; else the name of the column, or that of the aggregate with the name of its column.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        self.alias.clone().unwrap_or_else(|| default_name(&self.expr))
    }
}

fn default_name(expr: &Expr) -> Cow<'static, str> {
    match expr {
        Expr::Column(reference) => reference.column.name.into(),
        Expr::Aggregate(aggregate) => name_of_aggregate(aggregate),
        Expr::Window(window) => window.default_name(),
        Expr::Derived(derived) => derived.name(),
        Expr::Search(search) => search.name().into(),
        Expr::RelatedValue { value, .. } => default_name(value),
        Expr::RelatedFirst(first) => first.select.value().map_or("value".into(), default_name),
        Expr::Value(_)
        | Expr::Unencodable { .. }
        | Expr::TooDeep
        | Expr::Compare { .. }
        | Expr::Between { .. }
        | Expr::InList { .. }
        | Expr::IsNull { .. }
        | Expr::Text { .. }
        | Expr::TextBy { .. }
        | Expr::Arithmetic { .. }
        | Expr::Call { .. }
        | Expr::DatePart { .. }
        | Expr::Case(_)
        | Expr::Related { .. }
        | Expr::Outer(_)
        | Expr::InSelect { .. }
        | Expr::Select(_)
        | Expr::Exists(_)
        | Expr::Row(_)
        | Expr::Fragment(_)
        | Expr::HasValue { .. }
        | Expr::Linked { .. }
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_)
        | Expr::Truth(_) => "value".into(),
        Expr::Json(json) => json.name(),
    }
}

/// The name of the function, with that of the column that it is of.
pub(super) fn name_of_aggregate(aggregate: &Aggregate) -> Cow<'static, str> {
    let function = match &aggregate.function {
        AggregateFunction::DecimalSum | AggregateFunction::DurationSum => &AggregateFunction::Sum,
        AggregateFunction::DurationAverage => &AggregateFunction::Average,
        function @ (AggregateFunction::Count
        | AggregateFunction::Sum
        | AggregateFunction::Total
        | AggregateFunction::Average
        | AggregateFunction::Minimum
        | AggregateFunction::Maximum
        | AggregateFunction::Concatenate(_)) => function,
    };
    let function = function.as_sql().to_lowercase();
    if let Some(Expr::Column(reference)) = aggregate.value.as_deref() {
        format!("{function}_{}", reference.column.name).into()
    } else {
        function.into()
    }
}

/// A column of a query that stands in the place of the queried table, or beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    pub(crate) column: DerivedColumn,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DerivedColumn {
    /// One of the values that queries give together, with that of the first of them.
    United { position: usize, first: Nested },
    /// A value that queries do not give together, though they are sorted by it: its name.
    NotSelected(Cow<'static, str>),
    /// How many steps lead to the row of a tree.
    Depth,
}

impl Derived {
    fn name(&self) -> Cow<'static, str> {
        match &self.column {
            DerivedColumn::United { first, .. } => default_name(first),
            DerivedColumn::NotSelected(name) => name.clone(),
            DerivedColumn::Depth => "depth".into(),
        }
    }
}

/// A column, with the path to its table; without one, of the queried table itself.
#[derive(Debug, Clone, Copy)]
pub struct ColumnRef {
    pub path: Option<&'static PathNode>,
    pub column: &'static ColumnInfo,
}

impl PartialEq for ColumnRef {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.column.name == other.column.name
    }
}

impl ColumnRef {
    pub(crate) const fn own(column: &'static ColumnInfo) -> Self {
        Self { path: None, column }
    }
}
