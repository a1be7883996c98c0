//! Functions and operators of expressions.

use super::nested::Nested;
use crate::value::{Moment, Storage};

/// A function of a group of rows, or of those that meet the filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    pub function: AggregateFunction,
    /// `None` for all rows, as in `COUNT(*)`.
    pub value: Option<Nested>,
    pub distinct: bool,
    pub filter: Option<Nested>,
}

/// Values with the conditions that choose one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub branches: Vec<(Nested, Nested)>,
    pub otherwise: Option<Nested>,
    /// The collating sequence of the type of the values: those that are bound have none of their own.
    pub collation: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AggregateFunction {
    Count,
    Sum,
    DecimalSum,
    DurationSum,
    DurationAverage,
    Total,
    Average,
    Minimum,
    Maximum,
    /// With the separator between the texts; a comma without one.
    Concatenate(Option<String>),
}

impl AggregateFunction {
    pub(crate) const fn as_sql(&self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::Sum => "SUM",
            Self::DecimalSum => "decimal_sum",
            Self::DurationSum => "duration_sum",
            Self::DurationAverage => "duration_avg",
            Self::Total => "TOTAL",
            Self::Average => "AVG",
            Self::Minimum => "MIN",
            Self::Maximum => "MAX",
            Self::Concatenate(_) => "GROUP_CONCAT",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Coalesce,
    Length,
    Lower,
    Upper,
    Absolute,
    Trim,
    /// `||`.
    Concatenate,
    Round,
    Floor,
    Ceiling,
    Cast(Storage),
    /// The first moment of a year, a month and so on.
    DateStart(DateStart),
    /// Another number for each row, without arguments.
    Random,
    /// A moment after or before another one; with the SQL function that gives the form of its type.
    MomentPlus(Option<&'static str>),
    MomentMinus(Option<&'static str>),
    /// The duration between two moments.
    MomentDifference,
    DurationPlus,
    DurationMinus,
    DecimalAbsolute,
    DecimalAdd,
    DecimalSubtract,
    DecimalMultiply,
    DecimalDivide,
    DecimalRemainder,
}

impl Function {
    pub(crate) const fn as_sql(self) -> &'static str {
        match self {
            Self::Coalesce => "coalesce",
            Self::Length => "length",
            Self::Lower => "lower_case",
            Self::Upper => "upper_case",
            Self::Absolute => "abs",
            Self::Trim => "trim",
            Self::Round => "round",
            Self::Floor => "floor",
            Self::Ceiling => "ceil",
            // These are not written as calls of a function.
            Self::Concatenate => "||",
            Self::Cast(_) => "CAST",
            Self::DateStart(_) => "strftime",
            Self::Random => "random",
            Self::MomentPlus(_) => "moment_add",
            Self::MomentMinus(_) => "moment_sub",
            Self::MomentDifference => "moment_diff",
            Self::DurationPlus => "duration_add",
            Self::DurationMinus => "duration_sub",
            Self::DecimalAbsolute => "decimal_abs",
            Self::DecimalAdd => "decimal_add",
            Self::DecimalSubtract => "decimal_sub",
            Self::DecimalMultiply => "decimal_mul",
            Self::DecimalDivide => "decimal_div",
            Self::DecimalRemainder => "decimal_rem",
        }
    }
}

/// How the first moment of a part of the calendar is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateStart {
    pub(crate) unit: DateUnit,
    pub(crate) moment: Moment,
    /// The SQL function that gives the form in which the type is stored.
    pub(crate) canonical: Option<&'static str>,
}

/// A part of the calendar or of a day that [`date_trunc`](crate::Column::date_trunc) goes back to the beginning of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateUnit {
    /// January 1.
    Year,
    /// The first day of the month.
    Month,
    /// The Monday of the week.
    Week,
    /// Midnight.
    Day,
    /// The full hour.
    Hour,
    /// The full minute.
    Minute,
    /// The full second.
    Second,
}

impl DateUnit {
    /// The format of [`strftime`](https://www.sqlite.org/lang_datefunc.html), and its modifiers.
    pub(crate) const fn format(self) -> (&'static str, &'static str) {
        match self {
            Self::Year => ("%Y-01-01 00:00:00", ""),
            Self::Month => ("%Y-%m-01 00:00:00", ""),
            Self::Week => ("%Y-%m-%d 00:00:00", ", 'weekday 0', '-6 days'"),
            Self::Day => ("%Y-%m-%d 00:00:00", ""),
            Self::Hour => ("%Y-%m-%d %H:00:00", ""),
            Self::Minute => ("%Y-%m-%d %H:%M:00", ""),
            Self::Second => ("%Y-%m-%d %H:%M:%S", ""),
        }
    }
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

impl DatePart {
    /// The format of [`strftime`](https://www.sqlite.org/lang_datefunc.html).
    pub(crate) const fn format(self) -> &'static str {
        match self {
            Self::Year => "%Y",
            Self::Month => "%m",
            Self::Day => "%d",
            Self::Weekday => "%w",
            Self::Hour => "%H",
            Self::Minute => "%M",
            Self::Second => "%S",
        }
    }
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
    Divide,
    Remainder,
}

impl Arithmetic {
    /// The function that does the same with decimal numbers.
    pub(crate) const fn of_decimals(self) -> Function {
        match self {
            Self::Add => Function::DecimalAdd,
            Self::Subtract => Function::DecimalSubtract,
            Self::Multiply => Function::DecimalMultiply,
            Self::Divide => Function::DecimalDivide,
            Self::Remainder => Function::DecimalRemainder,
        }
    }

    pub(crate) const fn as_sql(self) -> &'static str {
        match self {
            Self::Add => " + ",
            Self::Subtract => " - ",
            Self::Multiply => " * ",
            Self::Divide => " / ",
            Self::Remainder => " % ",
        }
    }
}

/// A test of a text against a bound pattern.
#[derive(Debug, Clone, PartialEq)]
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

/// How two texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMatch {
    StartsWith,
    EndsWith,
    Contains,
    /// Ignoring case.
    FoldedEquals,
    FoldedStartsWith,
    FoldedEndsWith,
    FoldedContains,
}
