//! Values over windows: over rows or groups around each one.

use std::borrow::Cow;

use super::ast::{Aggregate, Expr, Nested, Several, SortKey};
use super::facts::{Classes, Facts};
use super::nested::Depth;

/// A function over the rows around each row that the query gives, or over the groups around each group.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub(crate) function: WindowFunction,
    pub(crate) over: Over,
}

/// Which rows the function of a window is over.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Over {
    pub(crate) partition: Several,
    pub(crate) order: Vec<SortKey>,
    pub(crate) frame: Option<Frame>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WindowFunction {
    Aggregate(Aggregate),
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile(u32),
    /// Of the row this many rows before; else the other value, if there is one.
    Lag {
        value: Nested,
        rows: u32,
        otherwise: Option<Nested>,
    },
    /// Of the row this many rows behind.
    Lead {
        value: Nested,
        rows: u32,
        otherwise: Option<Nested>,
    },
    FirstValue(Nested),
    LastValue(Nested),
    NthValue(Nested, u32),
}

/// Which rows of a partition count, seen from each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) unit: FrameUnit,
    pub(crate) start: Edge,
    pub(crate) end: Edge,
    pub(crate) exclude: Option<Exclude>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameUnit {
    Rows,
    Range,
    Groups,
}

impl Frame {
    /// Whether equal rows are told apart. They cannot be where equal rows are left out together: the order says which they are.
    const fn counts_single_rows(&self) -> bool {
        matches!(self.unit, FrameUnit::Rows) && !matches!(self.exclude, Some(Exclude::Group | Exclude::Ties))
    }

    /// Whether the first row of the partition is the first one of every frame, whatever is equal to what.
    const fn begins_with_first(&self) -> bool {
        let has_own_row =
            matches!((self.unit, self.end), (_, Edge::Current | Edge::End) | (FrameUnit::Groups, Edge::Following(_)));
        matches!(self.start, Edge::Beginning) && has_own_row && self.exclude.is_none()
    }

    /// Whether the last row of the partition is the last one of every frame.
    const fn ends_with_last(&self) -> bool {
        let has_own_row = matches!(
            (self.unit, self.start),
            (_, Edge::Current | Edge::Beginning) | (FrameUnit::Groups, Edge::Preceding(_))
        );
        matches!(self.end, Edge::End) && has_own_row && self.exclude.is_none()
    }
}

impl FrameUnit {
    pub(crate) const fn as_sql(self) -> &'static str {
        match self {
            Self::Rows => " ROWS BETWEEN ",
            Self::Range => " RANGE BETWEEN ",
            Self::Groups => " GROUPS BETWEEN ",
        }
    }
}

/// An edge of a frame. They are sorted from the beginning of the partition to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    Beginning,
    Preceding(u64),
    Current,
    Following(u64),
    End,
}

impl Edge {
    /// Where its kind stands between the beginning and the end.
    pub(crate) const fn place(self) -> u8 {
        match self {
            Self::Beginning => 0,
            Self::Preceding(_) => 1,
            Self::Current => 2,
            Self::Following(_) => 3,
            Self::End => 4,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exclude {
    CurrentRow,
    Group,
    Ties,
}

impl Exclude {
    pub(crate) const fn as_sql(self) -> &'static str {
        match self {
            Self::CurrentRow => " EXCLUDE CURRENT ROW",
            Self::Group => " EXCLUDE GROUP",
            Self::Ties => " EXCLUDE TIES",
        }
    }
}

impl WindowFunction {
    pub(crate) const fn as_sql(&self) -> &'static str {
        match self {
            Self::Aggregate(aggregate) => aggregate.function.as_sql(),
            Self::RowNumber => "row_number",
            Self::Rank => "rank",
            Self::DenseRank => "dense_rank",
            Self::PercentRank => "percent_rank",
            Self::CumeDist => "cume_dist",
            Self::Ntile(_) => "ntile",
            Self::Lag { .. } => "lag",
            Self::Lead { .. } => "lead",
            Self::FirstValue(_) => "first_value",
            Self::LastValue(_) => "last_value",
            Self::NthValue(..) => "nth_value",
        }
    }

    /// The value that it is of, and others.
    fn each_part(&self, visit: &mut dyn FnMut(&Expr)) {
        match self {
            Self::Aggregate(aggregate) => {
                aggregate.value.iter().chain(&aggregate.filter).for_each(|part| visit(part));
            }
            Self::RowNumber | Self::Rank | Self::DenseRank | Self::PercentRank | Self::CumeDist | Self::Ntile(_) => {}
            Self::Lag { value, otherwise, .. } | Self::Lead { value, otherwise, .. } => {
                visit(value);
                otherwise.iter().for_each(|otherwise| visit(otherwise));
            }
            Self::FirstValue(value) | Self::LastValue(value) | Self::NthValue(value, _) => visit(value),
        }
    }

    fn with_parts(self, change: &mut dyn FnMut(Expr) -> Expr) -> Self {
        let mut nested = |part: Nested| Nested::new(change(part.into_inner()));
        match self {
            Self::Aggregate(Aggregate { function, value, distinct, filter }) => {
                let (value, filter) = (value.map(&mut nested), filter.map(nested));
                Self::Aggregate(Aggregate { function, value, distinct, filter })
            }
            Self::RowNumber | Self::Rank | Self::DenseRank | Self::PercentRank | Self::CumeDist | Self::Ntile(_) => {
                self
            }
            Self::Lag { value, rows, otherwise } => {
                Self::Lag { value: nested(value), rows, otherwise: otherwise.map(nested) }
            }
            Self::Lead { value, rows, otherwise } => {
                Self::Lead { value: nested(value), rows, otherwise: otherwise.map(nested) }
            }
            Self::FirstValue(value) => Self::FirstValue(nested(value)),
            Self::LastValue(value) => Self::LastValue(nested(value)),
            Self::NthValue(value, row) => Self::NthValue(nested(value), row),
        }
    }

    /// Whether rows that are equal in the order have different values, which of them is which being left open.
    fn tells_ties_apart(&self, frame: Option<&Frame>) -> bool {
        match self {
            Self::RowNumber | Self::Ntile(_) | Self::Lag { .. } | Self::Lead { .. } => true,
            Self::Rank | Self::DenseRank | Self::PercentRank | Self::CumeDist => false,
            Self::FirstValue(_) if frame.is_none_or(Frame::begins_with_first) => true,
            Self::LastValue(_) if frame.is_some_and(Frame::ends_with_last) => true,
            Self::Aggregate(_) | Self::FirstValue(_) | Self::LastValue(_) | Self::NthValue(..) => {
                frame.is_some_and(Frame::counts_single_rows)
            }
        }
    }

    /// Whether it is of the rows of a frame; others are of the whole partition, whatever the frame.
    pub(crate) const fn has_frame(&self) -> bool {
        match self {
            Self::RowNumber
            | Self::Rank
            | Self::DenseRank
            | Self::PercentRank
            | Self::CumeDist
            | Self::Ntile(_)
            | Self::Lag { .. }
            | Self::Lead { .. } => false,
            Self::Aggregate(_) | Self::FirstValue(_) | Self::LastValue(_) | Self::NthValue(..) => true,
        }
    }

    /// What it gives one of.
    const fn value(&self) -> Option<&Nested> {
        match self {
            Self::Aggregate(aggregate) => aggregate.value.as_ref(),
            Self::RowNumber | Self::Rank | Self::DenseRank | Self::PercentRank | Self::CumeDist | Self::Ntile(_) => {
                None
            }
            Self::Lag { value, .. }
            | Self::Lead { value, .. }
            | Self::FirstValue(value)
            | Self::LastValue(value)
            | Self::NthValue(value, _) => Some(value),
        }
    }

    fn facts(&self) -> Facts {
        match self {
            Self::Aggregate(aggregate) => super::facts::of_aggregate(aggregate),
            Self::RowNumber | Self::Rank | Self::DenseRank | Self::Ntile(_) => {
                Facts::plain(Classes::INTEGER).never_null()
            }
            Self::PercentRank | Self::CumeDist => Facts::plain(Classes::REAL).never_null(),
            Self::Lag { value, otherwise, .. } | Self::Lead { value, otherwise, .. } => {
                let value = value.facts();
                match otherwise {
                    Some(otherwise) => value.one_of(&otherwise.facts()),
                    None => Facts { nullable: true, origin: None, ..value },
                }
            }
            Self::FirstValue(value) | Self::LastValue(value) | Self::NthValue(value, _) => {
                Facts { nullable: true, origin: None, ..value.facts() }
            }
        }
    }

    /// What SQLite refuses to compute, or computes otherwise than it is meant.
    fn wrong(&self) -> Option<&'static str> {
        match self {
            Self::Aggregate(Aggregate { distinct: true, .. }) => {
                Some("SQLite has no aggregates of different values (`distinct`) over windows")
            }
            Self::Ntile(0) => Some("`ntile` makes at least one part: `ntile(4)`"),
            Self::NthValue(_, 0) => Some("`nth_value` counts the rows from 1"),
            Self::Aggregate(_)
            | Self::RowNumber
            | Self::Rank
            | Self::DenseRank
            | Self::PercentRank
            | Self::CumeDist
            | Self::Ntile(_)
            | Self::Lag { .. }
            | Self::Lead { .. }
            | Self::FirstValue(_)
            | Self::LastValue(_)
            | Self::NthValue(..) => None,
        }
    }
}

impl Over {
    fn wrong(&self) -> Option<&'static str> {
        let frame = self.frame.as_ref()?;
        let has_distance =
            [frame.start, frame.end].iter().any(|e| matches!(e, Edge::Preceding(_) | Edge::Following(_)));
        if frame.start == Edge::End || frame.end == Edge::Beginning || frame.start.place() > frame.end.place() {
            return Some("its frame ends before it begins: the edge that is nearer to the first row comes first");
        }
        if frame.unit == FrameUnit::Range && has_distance {
            return match self.order.as_slice() {
                [key] if key.value.facts().classes.are_numbers() => None,
                _ => Some(
                    "a distance by `range` is one between numbers: the window is sorted by exactly one number then, and \
                    `rows` and `groups` count rows",
                ),
            };
        }
        None
    }
}

impl Window {
    pub(super) fn depth(&self) -> Depth {
        let mut deepest = Depth::LEAF;
        self.each_part(&mut |part| deepest = Depth::of([deepest, part.depth()]));
        deepest.below(3)
    }

    pub(crate) fn each_part(&self, visit: &mut dyn FnMut(&Expr)) {
        self.function.each_part(visit);
        self.over.partition.iter().for_each(&mut *visit);
        self.over.order.iter().for_each(|key| visit(&key.value));
    }

    pub(crate) fn with_parts(self, change: &mut dyn FnMut(Expr) -> Expr) -> Self {
        let Self { function, over: Over { partition, order, frame } } = self;
        let function = function.with_parts(change);
        let partition = partition.into_iter().map(&mut *change).collect();
        let order = order.into_iter().map(|key| SortKey { value: change(key.value), ..key }).collect();
        Self { function, over: Over { partition, order, frame } }
    }

    /// Whether the order must leave nothing open for the values to be certain.
    pub(crate) fn tells_ties_apart(&self) -> bool {
        self.function.tells_ties_apart(self.over.frame.as_ref())
    }

    pub(crate) fn facts(&self) -> Facts {
        self.function.facts()
    }

    /// Why it cannot be computed.
    pub(crate) fn wrong(&self) -> Option<&'static str> {
        self.function.wrong().or_else(|| self.over.wrong())
    }

    /// The name of the function, with that of the column that it is of.
    pub(crate) fn default_name(&self) -> Cow<'static, str> {
        if let WindowFunction::Aggregate(aggregate) = &self.function {
            return super::selected::name_of_aggregate(aggregate);
        }
        let function = self.function.as_sql();
        match self.function.value().map(|value| &**value) {
            Some(Expr::Column(reference)) => format!("{function}_{}", reference.column.name).into(),
            _ => function.into(),
        }
    }
}

impl Expr {
    /// Whether a part of it is a value over a window of the query that it stands in.
    pub(crate) fn has_window(&self) -> bool {
        if matches!(self, Self::Window(_)) {
            return true;
        }
        let mut has = false;
        self.each_part(&mut |part| has |= part.has_window());
        has
    }

    /// Whether it has an aggregate of the rows of its own query.
    pub(crate) fn has_aggregate(&self) -> bool {
        if matches!(self, Self::Aggregate(_)) {
            return true;
        }
        let mut has = false;
        self.each_part(&mut |part| has |= part.has_aggregate());
        has
    }
}
