//! The untyped tree that a query consists of.

use std::sync::Arc;

pub(crate) use super::fragment::{Declared, Fragment};
pub use super::functions::DateUnit;
pub(crate) use super::functions::{
    Aggregate, AggregateFunction, Arithmetic, Case, Comparison, DatePart, DateStart, Function, TextMatch, TextTest,
};
pub(crate) use super::json::{Json, JsonChange, JsonRead};
use super::nested::Depth;
pub(crate) use super::nested::{MOST_DEEP, MOST_IN_A_ROW, Nested, Several};
pub(crate) use super::search::{Search, SearchValue};
pub(crate) use super::selected::{ColumnRef, Derived, DerivedColumn, Selected};
pub(crate) use super::subquery::{Outer, Subquery};
pub(crate) use super::window::{Edge, Exclude, Frame, FrameUnit, Over, Window, WindowFunction};
use crate::table::{ColumnInfo, PathNode, RelationInfo};
use crate::value::{EncodeError, Moment, Value};

/// An expression or a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column.
    Column(ColumnRef),
    /// A bound value.
    Value(Value),
    /// A value that has no form in SQLite; reported when the statement is built.
    Unencodable { place: &'static str, error: EncodeError },
    /// Stands for an expression that is too deep for SQLite; reported when the statement is built.
    TooDeep,
    /// `left op right` with a comparison operator.
    Compare { left: Nested, operator: Comparison, right: Nested },
    /// `value BETWEEN low AND high`.
    Between { value: Nested, low: Nested, high: Nested },
    /// `value IN (…)` over one bound list.
    InList { value: Nested, list: Arc<[Value]>, negated: bool },
    /// `value IS NULL`.
    IsNull { value: Nested, negated: bool },
    /// A text operator.
    Text { value: Nested, test: TextTest },
    /// A comparison of two texts.
    TextBy { value: Nested, test: TextMatch, other: Nested },
    /// `left op right` with an arithmetic operator.
    Arithmetic { left: Nested, operator: Arithmetic, right: Nested },
    /// A function of values.
    Call { function: Function, arguments: Several },
    /// A part of a date or time.
    DatePart { value: Nested, part: DatePart, moment: Moment },
    /// `CASE WHEN condition THEN value … ELSE value END`.
    Case(Box<Case>),
    /// A function of all rows of a group.
    Aggregate(Box<Aggregate>),
    /// A function of the rows around each row, or of the groups around each group.
    Window(Box<Window>),
    /// A column of a query that stands in the place of the table, or beside it.
    Derived(Box<Derived>),
    /// A test of the related rows of a to-many relation that is reached by a path. The condition is about the related
    /// rows.
    Related { path: Option<&'static PathNode>, relation: &'static RelationInfo, condition: Nested, test: RelatedTest },
    /// An aggregate of the rows that one to-many relation after another leads to; of each of them once if distinct.
    RelatedValue { hops: Vec<Hop>, value: Nested, distinct: bool },
    /// A value of the first of related rows; `NULL` without one.
    RelatedFirst(Box<RelatedFirst>),
    /// A value of the row of the query around.
    Outer(Box<Outer>),
    /// `value IN (SELECT …)`.
    InSelect { value: Nested, select: Box<Subquery>, negated: bool },
    /// The value of the first row of a subquery; `NULL` without one.
    Select(Box<Subquery>),
    /// Whether a subquery has a row.
    Exists(Box<Subquery>),
    /// Several values, which are compared as one.
    Row(Several),
    /// SQL of the user.
    Fragment(Box<Fragment>),
    /// A condition or a value of a full-text search.
    Search(Box<Search>),
    /// A part of a document in JSON, a test of its parts, or a changed document.
    Json(Box<Json>),
    /// Whether a column has this value, byte for byte, as unique indexes and foreign keys compare.
    HasValue { column: ColumnRef, value: Value },
    /// Whether the row is related to the row with this key, by a table of pairs.
    Linked { relation: &'static RelationInfo, key: Value },
    /// All of the conditions; of none it is true.
    And(Several),
    /// One of the conditions; of none it is false.
    Or(Several),
    /// Not the condition: true where it is false or unknown.
    Not(Nested),
    /// The truth of the condition as a value: 1 where it is true, 0 where it is false or unknown.
    Truth(Nested),
}

impl Expr {
    /// A bound value; one without a form in SQLite is kept as the error that it will be.
    pub(crate) fn value(value: Result<Value, EncodeError>, place: &'static str) -> Self {
        match value {
            Ok(value) => Self::Value(value),
            Err(error) => Self::Unencodable { place, error },
        }
    }

    pub(crate) const fn column(path: Option<&'static PathNode>, column: &'static ColumnInfo) -> Self {
        Self::Column(ColumnRef { path, column })
    }

    pub(crate) fn compare(left: Self, operator: Comparison, right: Self) -> Self {
        Self::Compare { left: left.into(), operator, right: right.into() }
    }

    /// The condition that a column of the query's own table has this value.
    pub(crate) fn is(column: &'static ColumnInfo, value: Self) -> Self {
        Self::compare(Self::column(None, column), Comparison::Equal, value)
    }

    /// The condition that a column of the query's own table has this value, byte for byte.
    pub(crate) const fn has_value(column: &'static ColumnInfo, value: Value) -> Self {
        Self::HasValue { column: ColumnRef::own(column), value }
    }

    /// Both conditions. However many are joined in whatever order, they stand side by side.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is joined in the same way has parts of its own")]
    pub(crate) fn and(self, other: Self) -> Self {
        Self::And(side_by_side([self, other].map(|condition| match condition {
            Self::And(parts) => Ok(parts),
            other => Err(other),
        })))
    }

    /// One of both conditions, as [`and`](Self::and).
    #[expect(clippy::wildcard_enum_match_arm, reason = "as for `and`")]
    pub(crate) fn or(self, other: Self) -> Self {
        Self::Or(side_by_side([self, other].map(|condition| match condition {
            Self::Or(parts) => Ok(parts),
            other => Err(other),
        })))
    }

    /// Another number for each row, each time.
    pub(crate) fn random() -> Self {
        Self::Call { function: Function::Random, arguments: Several::default() }
    }

    /// Whether it is another number for each row, each time.
    pub(crate) const fn is_random(&self) -> bool {
        matches!(self, Self::Call { function: Function::Random, .. })
    }

    /// How many steps lead to each row.
    pub(crate) fn depth_of_row() -> Self {
        Self::Derived(Box::new(Derived { column: DerivedColumn::Depth }))
    }

    /// Whether it is that.
    pub(crate) fn is_depth(&self) -> bool {
        matches!(self, Self::Derived(derived) if derived.column == DerivedColumn::Depth)
    }

    /// The condition that holds nowhere.
    pub(crate) fn never() -> Self {
        Self::Or(Several::default())
    }

    /// The condition that holds everywhere.
    pub(crate) fn always() -> Self {
        Self::And(Several::default())
    }

    /// Whether it is that one.
    pub(crate) fn is_always(&self) -> bool {
        matches!(self, Self::And(parts) if parts.len() == 0)
    }

    /// The truth of the condition as a value, which is never unknown.
    pub(crate) fn truth(self) -> Self {
        if self.facts().nullable { Self::Truth(self.into()) } else { self }
    }

    /// Whether SQLite would refuse it for its depth.
    pub(crate) fn is_too_deep(&self) -> bool {
        !self.depth().fits()
    }

    /// How deep SQLite takes what is written for the expression, at most.
    pub(crate) fn depth(&self) -> Depth {
        match self {
            Self::Column(_) | Self::Value(_) | Self::Unencodable { .. } | Self::TooDeep | Self::Derived(_) => {
                Depth::LEAF
            }
            Self::Linked { .. } | Self::Search(_) => Depth::LEAF.below(5).in_subquery(),
            Self::Compare { left, right, .. } => Depth::of([left.depth(), right.depth()]).below(2),
            Self::Between { value, low, high } => Depth::of([value.depth(), low.depth(), high.depth()]).below(3),
            Self::HasValue { .. } => Depth::LEAF.below(2),
            Self::IsNull { value, .. } => value.depth().below(1),
            Self::InList { value, .. } | Self::DatePart { value, .. } | Self::Not(value) | Self::Truth(value) => {
                value.depth().below(2)
            }
            Self::Text { value, .. } => value.depth().below(4),
            Self::TextBy { value, other, .. } => Depth::of([value.depth(), other.depth()]).below(4),
            Self::Arithmetic { left, right, .. } => Depth::of([left.depth(), right.depth()]).below(1),
            Self::Call { arguments, .. } => arguments.depth_of_list().below(3),
            Self::RelatedFirst(first) => first.select.depth().below(7),
            Self::Case(case) => {
                let parts = case.branches.iter().flat_map(|(condition, value)| [condition, value]);
                Depth::of(parts.chain(&case.otherwise).map(Nested::depth)).below(2)
            }
            Self::Aggregate(aggregate) => {
                Depth::of(aggregate.value.iter().chain(&aggregate.filter).map(Nested::depth)).below(3)
            }
            Self::Window(window) => window.depth(),
            Self::Related { condition, .. } => {
                Depth::of([condition.depth(), Depth::LEAF.below(5)]).below(3).in_subquery()
            }
            Self::RelatedValue { hops, value, .. } => {
                let number = u16::try_from(hops.len()).unwrap_or(u16::MAX);
                let conditions = hops.iter().filter_map(|hop| hop.condition.as_ref()).map(Nested::depth);
                let deepest = Depth::of(conditions.chain([value.depth(), Depth::LEAF.below(5)]));
                deepest.below(number.saturating_mul(2)).below(1).in_subquery()
            }
            Self::Outer(outer) => outer.value.depth(),
            Self::InSelect { value, select, .. } => Depth::of([value.depth(), select.depth()]).below(2),
            Self::Select(select) | Self::Exists(select) => select.depth().below(2),
            Self::Row(parts) => parts.depth_of_list(),
            Self::Fragment(fragment) => fragment.parts.depth_of_list().below(Fragment::LEVELS),
            Self::Json(json) => json.depth(),
            Self::And(parts) | Self::Or(parts) => parts.depth_of_chain(),
        }
    }
}

impl Expr {
    /// Visits the expressions that this one consists of, but not those about related rows.
    pub(crate) fn each_part(&self, visit: &mut dyn FnMut(&Self)) {
        match self {
            Self::Column(_)
            | Self::Value(_)
            | Self::Unencodable { .. }
            | Self::TooDeep
            | Self::Related { .. }
            | Self::RelatedValue { .. }
            | Self::RelatedFirst(_)
            | Self::Outer(_)
            | Self::Select(_)
            | Self::Exists(_)
            | Self::HasValue { .. }
            | Self::Search(_)
            | Self::Derived(_)
            | Self::Linked { .. } => {}
            Self::Window(window) => window.each_part(visit),
            Self::Fragment(fragment) => fragment.parts.iter().for_each(visit),
            Self::Json(json) => json.parts().for_each(visit),
            Self::Compare { left, right, .. }
            | Self::Arithmetic { left, right, .. }
            | Self::TextBy { value: left, other: right, .. } => {
                visit(left);
                visit(right);
            }
            Self::Between { value, low, high } => {
                visit(value);
                visit(low);
                visit(high);
            }
            Self::InList { value, .. }
            | Self::InSelect { value, .. }
            | Self::IsNull { value, .. }
            | Self::Text { value, .. }
            | Self::DatePart { value, .. }
            | Self::Not(value)
            | Self::Truth(value) => visit(value),
            Self::Call { arguments: parts, .. } | Self::Row(parts) | Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(visit);
            }
            Self::Case(case) => {
                for (condition, value) in &case.branches {
                    visit(condition);
                    visit(value);
                }
                case.otherwise.iter().for_each(|value| visit(value));
            }
            Self::Aggregate(aggregate) => {
                aggregate.value.iter().for_each(|value| visit(value));
                aggregate.filter.iter().for_each(|filter| visit(filter));
            }
        }
    }

    /// The expression with each of those changed that [`each_part`](Self::each_part) visits.
    pub(crate) fn with_parts(self, change: &mut dyn FnMut(Self) -> Self) -> Self {
        let mut nested = |part: Nested| Nested::new(change(part.into_inner()));
        match self {
            Self::Column(_)
            | Self::Value(_)
            | Self::Unencodable { .. }
            | Self::TooDeep
            | Self::Related { .. }
            | Self::RelatedValue { .. }
            | Self::RelatedFirst(_)
            | Self::Outer(_)
            | Self::Select(_)
            | Self::Exists(_)
            | Self::HasValue { .. }
            | Self::Search(_)
            | Self::Derived(_)
            | Self::Linked { .. } => self,
            Self::Window(window) => Self::Window(Box::new(window.with_parts(change))),
            Self::InSelect { value, select, negated } => Self::InSelect { value: nested(value), select, negated },
            Self::Fragment(fragment) => {
                let parts = fragment.parts.clone().into_iter().map(change).collect();
                Self::Fragment(Box::new(Fragment { parts, ..*fragment }))
            }
            Self::Json(json) => Self::Json(Box::new(json.with_parts(&mut nested))),
            Self::Compare { left, operator, right } => {
                Self::Compare { left: nested(left), operator, right: nested(right) }
            }
            Self::Arithmetic { left, operator, right } => {
                Self::Arithmetic { left: nested(left), operator, right: nested(right) }
            }
            Self::Between { value, low, high } => {
                Self::Between { value: nested(value), low: nested(low), high: nested(high) }
            }
            Self::InList { value, list, negated } => Self::InList { value: nested(value), list, negated },
            Self::IsNull { value, negated } => Self::IsNull { value: nested(value), negated },
            Self::Text { value, test } => Self::Text { value: nested(value), test },
            Self::TextBy { value, test, other } => Self::TextBy { value: nested(value), test, other: nested(other) },
            Self::DatePart { value, part, moment } => Self::DatePart { value: nested(value), part, moment },
            Self::Not(value) => Self::Not(nested(value)),
            Self::Truth(value) => Self::Truth(nested(value)),
            Self::Call { function, arguments } => {
                Self::Call { function, arguments: arguments.into_iter().map(change).collect() }
            }
            Self::Row(parts) => Self::Row(parts.into_iter().map(change).collect()),
            Self::And(parts) => Self::And(parts.into_iter().map(change).collect()),
            Self::Or(parts) => Self::Or(parts.into_iter().map(change).collect()),
            Self::Case(case) => {
                let Case { branches, otherwise, collation } = *case;
                let branches =
                    branches.into_iter().map(|(condition, value)| (nested(condition), nested(value))).collect();
                Self::Case(Box::new(Case { branches, otherwise: otherwise.map(nested), collation }))
            }
            Self::Aggregate(aggregate) => {
                let Aggregate { function, value, distinct, filter } = *aggregate;
                let (value, filter) = (value.map(&mut nested), filter.map(nested));
                Self::Aggregate(Box::new(Aggregate { function, value, distinct, filter }))
            }
        }
    }
}

/// The parts of two conditions, of which each is a row of parts or one part.
fn side_by_side(conditions: [Result<Several, Expr>; 2]) -> Several {
    match conditions {
        [Ok(left), Ok(right)] => left.append(right),
        [Ok(mut left), Err(right)] => {
            left.push(right);
            left
        }
        [Err(left), Ok(mut right)] => {
            right.push_front(left);
            right
        }
        [Err(left), Err(right)] => [left, right].into(),
    }
}

/// A to-many relation, with the path to it from the model before.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    pub path: Option<&'static PathNode>,
    pub relation: &'static RelationInfo,
    /// Which of the related rows.
    pub condition: Option<Nested>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelatedTest {
    Any,
    None,
    All,
}

/// A value of the first row that a to-many relation leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedFirst {
    pub(crate) relation: &'static RelationInfo,
    pub(crate) select: Subquery,
}

/// One key of an order.
#[derive(Debug, Clone, PartialEq)]
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

impl Set {
    /// The change of the column's document that this is, if it is one; and whether the document is JSONB.
    pub(crate) fn document_change(&self) -> Option<(&JsonChange, bool)> {
        let Expr::Json(json) = &self.value else { return None };
        let Json::Changed { change, is_binary, .. } = &**json else { return None };
        Some((change, *is_binary))
    }

    /// Makes a change of a document the next one of what is set already. Any other assignment is given back.
    pub(crate) fn followed_by(&mut self, next: Self) -> Option<Self> {
        let Some((change, is_binary)) = next.document_change() else { return Some(next) };
        let change = change.clone();
        let document = std::mem::replace(&mut self.value, Expr::Value(Value::Null)).into();
        self.value = Expr::Json(Box::new(Json::Changed { document, change, is_binary }));
        None
    }
}
