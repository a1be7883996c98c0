//! What is known of the values of an expression before any row is read. Each kind of expression has its line here.

use super::ast::{
    Aggregate, AggregateFunction, Arithmetic, ColumnRef, Comparison, DateStart, DerivedColumn, Expr, Function, Json,
    Search, SearchValue,
};
use super::reach::Reach;
use crate::table::{ColumnInfo, TableInfo};
use crate::value::{Moment, Storage, Value};

/// What is known of the values of an expression.
pub(crate) struct Facts {
    /// The collating sequence that they compare by, if it is not SQLite's `BINARY`.
    pub(crate) collation: Option<&'static str>,
    /// Whether one of them may be `NULL`.
    pub(crate) nullable: bool,
    /// The storage classes that they may have besides.
    pub(crate) classes: Classes,
    /// The column that they come from unchanged, if there is one.
    pub(crate) origin: Option<&'static ColumnInfo>,
}

/// What an expression is a value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belonging {
    /// It is the same everywhere.
    Constant,
    /// Each row has its own.
    Row,
    /// Each group of rows has its own.
    Group,
    /// What its parts are values of.
    Parts,
}

/// A set of storage classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classes(u8);

impl Classes {
    const NONE: Self = Self(0);
    pub(super) const INTEGER: Self = Self(1);
    pub(super) const REAL: Self = Self(2);
    const NUMBER: Self = Self(1 | 2);
    pub(super) const TEXT: Self = Self(4);
    pub(super) const BLOB: Self = Self(8);
    const ALL: Self = Self(1 | 2 | 4 | 8);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that a column holds.
    fn of(column: &ColumnInfo) -> Self {
        Self::declared(column.storage, column.collation)
    }

    /// Those of a type. Decimal numbers and durations are stored as text, and read from numbers too.
    fn declared(storage: Storage, collation: Option<&'static str>) -> Self {
        match storage {
            Storage::Integer => Self::INTEGER,
            Storage::Real => Self::NUMBER,
            Storage::Text if collation == DECIMAL || collation == DURATION => Self::TEXT.and(Self::NUMBER),
            Storage::Text => Self::TEXT,
            Storage::Blob => Self::BLOB,
            Storage::Any => Self::ALL,
        }
    }

    const fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NONE,
            Value::Integer(_) => Self::INTEGER,
            Value::Real(_) => Self::REAL,
            Value::Text(_) => Self::TEXT,
            Value::Blob(_) => Self::BLOB,
        }
    }

    /// Whether all values are numbers.
    pub(super) const fn are_numbers(self) -> bool {
        self.0 & !Self::NUMBER.0 == 0
    }

    /// Whether a value that is not `NULL` is of one of them.
    pub(crate) const fn has(self, value: &Value) -> bool {
        let class = Self::of_value(value);
        self.0 & class.0 == class.0
    }
}

/// The collating sequence of decimal numbers.
const DECIMAL: Option<&str> = Some("decimal");
/// That of durations.
const DURATION: Option<&str> = Some("duration");

impl Facts {
    /// Of a value whose type is all that is known.
    pub(super) fn declared(nullable: bool, storage: Storage, collation: Option<&'static str>) -> Self {
        Self { collation, nullable, ..Self::plain(Classes::declared(storage, collation)) }
    }

    pub(super) const fn plain(classes: Classes) -> Self {
        Self { collation: None, nullable: true, classes, origin: None }
    }

    pub(super) const fn never_null(self) -> Self {
        Self { nullable: false, ..self }
    }

    /// Of what is one of several values.
    pub(super) fn one_of(self, other: &Self) -> Self {
        Self {
            collation: self.collation.or(other.collation),
            nullable: self.nullable || other.nullable,
            classes: self.classes.and(other.classes),
            origin: None,
        }
    }
}

impl Expr {
    pub(crate) fn facts(&self) -> Facts {
        match self {
            Self::Column(reference) => {
                let column = reference.column;
                Facts {
                    collation: column.collation,
                    // A row that a path leads to may be missing.
                    nullable: column.nullable || reference.path.is_some(),
                    classes: Classes::of(column),
                    origin: Some(column),
                }
            }
            Self::Value(value) => Facts { nullable: *value == Value::Null, ..Facts::plain(Classes::of_value(value)) },
            // A statement with one of these is never run.
            Self::Unencodable { .. } | Self::TooDeep => Facts::plain(Classes::NONE),
            Self::Compare { .. }
            | Self::Between { .. }
            | Self::InList { .. }
            | Self::InSelect { .. }
            | Self::Text { .. }
            | Self::TextBy { .. }
            | Self::HasValue { .. }
            | Self::Linked { .. } => Facts::plain(Classes::INTEGER),
            Self::And(parts) | Self::Or(parts) => {
                let nullable = parts.iter().any(|part| part.facts().nullable);
                Facts { nullable, ..Facts::plain(Classes::INTEGER) }
            }
            Self::IsNull { .. } | Self::Related { .. } | Self::Exists(_) | Self::Not(_) | Self::Truth(_) => {
                Facts::plain(Classes::INTEGER).never_null()
            }
            Self::Row(parts) => {
                Facts { nullable: parts.iter().any(|part| part.facts().nullable), ..Facts::plain(Classes::ALL) }
            }
            // An overflow of whole numbers gives a floating-point number, and infinity less infinity gives NULL.
            Self::Arithmetic { left, operator, right } => {
                let (left, right) = (left.facts().classes, right.facts().classes);
                match (left, operator, right) {
                    (Classes::INTEGER, Arithmetic::Remainder, Classes::INTEGER) => Facts::plain(Classes::INTEGER),
                    (Classes::INTEGER, _, Classes::INTEGER) => Facts::plain(Classes::NUMBER),
                    (Classes::REAL, ..) | (.., Classes::REAL) => Facts::plain(Classes::REAL),
                    _ => Facts::plain(Classes::NUMBER),
                }
            }
            Self::Call { function, arguments } => match function {
                Function::Coalesce => {
                    let mut facts = arguments.iter().map(Self::facts);
                    let Some(first) = facts.next() else { return Facts::plain(Classes::NONE) };
                    facts.fold(first, |before, next| Facts {
                        nullable: before.nullable && next.nullable,
                        ..before.one_of(&next)
                    })
                }
                Function::Length => Facts::plain(Classes::INTEGER),
                Function::Lower | Function::Upper | Function::Trim | Function::Concatenate => {
                    Facts::plain(Classes::TEXT)
                }
                Function::Round | Function::Floor | Function::Ceiling => Facts::plain(Classes::REAL),
                Function::Cast(storage) => Facts::plain(Classes::declared(*storage, None)),
                Function::DateStart(DateStart { moment: Moment::Text, .. }) => Facts::plain(Classes::TEXT),
                Function::DateStart(DateStart { moment: Moment::UnixSeconds, .. }) => Facts::plain(Classes::INTEGER),
                Function::MomentPlus(Some(_)) | Function::MomentMinus(Some(_)) => Facts::plain(Classes::TEXT),
                Function::MomentPlus(None) | Function::MomentMinus(None) => Facts::plain(Classes::INTEGER),
                Function::MomentDifference | Function::DurationPlus | Function::DurationMinus => {
                    Facts { collation: DURATION, ..Facts::plain(Classes::TEXT) }
                }
                Function::Random => Facts::plain(Classes::INTEGER).never_null(),
                Function::Absolute => {
                    Facts::plain(arguments.iter().fold(Classes::NONE, |known, value| known.and(value.facts().classes)))
                }
                Function::DecimalAbsolute
                | Function::DecimalAdd
                | Function::DecimalSubtract
                | Function::DecimalMultiply
                | Function::DecimalDivide
                | Function::DecimalRemainder => Facts { collation: DECIMAL, ..Facts::plain(Classes::TEXT) },
            },
            // A text that is no date has no parts.
            Self::DatePart { .. } => Facts::plain(Classes::INTEGER),
            Self::Case(case) => {
                let mut facts = Facts { nullable: case.otherwise.is_none(), ..Facts::plain(Classes::NONE) };
                for value in case.branches.iter().map(|(_, value)| value).chain(&case.otherwise) {
                    facts = facts.one_of(&value.facts());
                }
                Facts { collation: case.collation.or(facts.collation), ..facts }
            }
            Self::Aggregate(aggregate) => of_aggregate(aggregate),
            Self::Window(window) => window.facts(),
            Self::Derived(derived) => match &derived.column {
                DerivedColumn::United { first, .. } => Facts { nullable: true, ..first.facts() },
                // A statement with one of these is never run.
                DerivedColumn::NotSelected(_) => Facts::plain(Classes::NONE),
                DerivedColumn::Depth => Facts::plain(Classes::INTEGER).never_null(),
            },
            Self::RelatedValue { value, .. } => value.facts(),
            Self::RelatedFirst(first) => {
                let facts = first.select.value().map(Self::facts).unwrap_or(Facts::plain(Classes::NONE));
                Facts { nullable: true, origin: None, ..facts }
            }
            Self::Outer(outer) => Facts { origin: None, ..outer.value.facts() },
            Self::Select(select) => {
                let facts = select.value().map(Self::facts).unwrap_or(Facts::plain(Classes::NONE));
                Facts { nullable: true, origin: None, ..facts }
            }
            Self::Fragment(fragment) => fragment.facts(),
            Self::Search(search) => of_search(search),
            Self::Json(json) => json.facts(),
        }
    }

    pub(crate) fn belonging(&self) -> Belonging {
        match self {
            Self::Value(_) | Self::Unencodable { .. } | Self::TooDeep | Self::Outer(_) => Belonging::Constant,
            Self::InSelect { select, .. } | Self::Select(select) | Self::Exists(select) if select.looks_outside() => {
                Belonging::Row
            }
            Self::Select(_) | Self::Exists(_) => Belonging::Constant,
            Self::Column(_)
            | Self::Related { .. }
            | Self::RelatedValue { .. }
            | Self::RelatedFirst(_)
            | Self::HasValue { .. }
            | Self::Search(_)
            | Self::Derived(_)
            | Self::Linked { .. } => Belonging::Row,
            Self::Json(json) if matches!(**json, Json::Item { .. }) => Belonging::Row,
            Self::Aggregate(_) => Belonging::Group,
            Self::Compare { .. }
            | Self::Between { .. }
            | Self::Row(_)
            | Self::Fragment(_)
            | Self::Json(_)
            | Self::InSelect { .. }
            | Self::InList { .. }
            | Self::IsNull { .. }
            | Self::Text { .. }
            | Self::TextBy { .. }
            | Self::Arithmetic { .. }
            | Self::Call { .. }
            | Self::DatePart { .. }
            | Self::Case(_)
            | Self::Window(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Truth(_) => Belonging::Parts,
        }
    }
}

impl Expr {
    /// Whether an index of the table finds the rows that may meet the condition.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what is left out costs speed and nothing else")]
    pub(crate) fn is_found_by_index(&self, table: &TableInfo) -> bool {
        let finds = |expr: &Self| match expr {
            Self::Column(ColumnRef { path: None, column }) => table.finds_by(column),
            _ => false,
        };
        match self {
            Self::Compare { left, operator: Comparison::Equal, right } => {
                (finds(left) && right.belonging() == Belonging::Constant)
                    || (finds(right) && left.belonging() == Belonging::Constant)
            }
            Self::InList { value, negated: false, .. } => finds(value),
            Self::InSelect { value, select, negated: false } => finds(value) && !select.looks_outside(),
            Self::HasValue { column, .. } => column.path.is_none() && table.finds_by(column.column),
            Self::Linked { .. } => true,
            Self::Search(search) => search.is_condition() && search.path.is_none() && *search.table == *table,
            Self::And(parts) => parts.iter().any(|part| part.is_found_by_index(table)),
            _ => false,
        }
    }

    /// Whether it needs nothing of a row of the table but its key, and asks for nothing else.
    pub(crate) fn is_about_key_of(&self, table: &TableInfo) -> bool {
        let mut is = true;
        self.each_reach(&mut |reach| {
            is &= match reach {
                Reach::Column(column) => column.path.is_none() && column.column.name == table.key_column().name,
                Reach::Outer(_) => true,
                Reach::Row(_) | Reach::Inside(_) | Reach::Query | Reach::Text => false,
            };
        });
        self.each_part(&mut |part| is &= part.is_about_key_of(table));
        is
    }
}

fn of_search(search: &Search) -> Facts {
    let nullable = search.path.is_some();
    match search.what {
        SearchValue::Matches(_) => Facts { nullable, ..Facts::plain(Classes::INTEGER) },
        SearchValue::Rank(_) => Facts { nullable, ..Facts::plain(Classes::REAL) },
        SearchValue::Snippet { .. } | SearchValue::Highlight { .. } => Facts::plain(Classes::TEXT),
    }
}

pub(super) fn of_aggregate(aggregate: &Aggregate) -> Facts {
    match aggregate.function {
        AggregateFunction::Count => Facts::plain(Classes::INTEGER).never_null(),
        AggregateFunction::Total => Facts::plain(Classes::REAL).never_null(),
        AggregateFunction::Sum => Facts::plain(Classes::NUMBER),
        AggregateFunction::Average => Facts::plain(Classes::REAL),
        AggregateFunction::DecimalSum => Facts { collation: DECIMAL, ..Facts::plain(Classes::TEXT) },
        AggregateFunction::DurationSum | AggregateFunction::DurationAverage => {
            Facts { collation: DURATION, ..Facts::plain(Classes::TEXT) }
        }
        AggregateFunction::Concatenate(_) => Facts::plain(Classes::TEXT),
        AggregateFunction::Minimum | AggregateFunction::Maximum => {
            let value = aggregate.value.as_ref().map(|value| value.facts());
            Facts { nullable: true, ..value.unwrap_or(Facts::plain(Classes::NONE)) }
        }
    }
}
