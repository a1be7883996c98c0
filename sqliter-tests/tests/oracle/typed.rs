//! The trees of `tree.rs` written with the library.
//!
//! A value of any type is a [`Dynamic`]; each operator gives it back its Rust type, so that what the library decides by
//! types (collations, exact arithmetic, forms of dates) is decided as in any program.

use sqliter::bounds::{
    Assignable, Assignment, Computed, HoldsComparable, HoldsNumbers, LevelWith, Outer, PerGroup, PerRow, PerWindow,
};
use sqliter::model::Path;
use sqliter::{Column, Condition, DateUnit, Model, Order, case_when, count};

use super::access::Root;
use super::datum::Datum;
use super::subqueries::{in_query, outer, there_are, value_of};
use super::tree::{
    Aggregate, Arithmetic, Cast, Comparison, Cond, DatePart, Expr, Function, Nulls, RowList, SortKey, TextMatch,
    TextTest, Way,
};
use super::types::{First, Held, Stored, Type, each_type};

/// A value of a query over the model `M` whose type is known at run time.
pub struct Dynamic<M, L> {
    of: Type,
    value: Computed<M, Stored, L>,
}

impl<M, L> Clone for Dynamic<M, L> {
    fn clone(&self) -> Self {
        Self { of: self.of, value: self.value.clone() }
    }
}

impl<M, L> Dynamic<M, L> {
    pub const fn new(of: Type, value: Computed<M, Stored, L>) -> Self {
        Self { of, value }
    }

    pub fn into_stored(self) -> Computed<M, Stored, L> {
        self.value
    }

    fn typed<T: Held>(self) -> Computed<M, Option<T>, L> {
        assert_eq!(self.of, T::TYPE);
        self.value.retyped()
    }
}

/// What stands beside an operator.
enum Operand<M, L> {
    Value(Datum),
    Dynamic(Dynamic<M, L>),
    Outer(Outer<Stored>),
}

/// What values of the same kind can be calculated with.
pub trait Calculates: LevelWith<Self, Level = Self> + Sized + 'static {}

impl Calculates for PerRow {}
impl Calculates for PerGroup {}
impl Calculates for PerWindow {}

/// Rows, groups, or rows with those around them.
pub trait Side<M: Root>: Calculates {
    /// A column or an aggregate.
    fn leaf(columns: &M::Columns<M>, expr: &Expr) -> Dynamic<M, Self>;
    /// A test of related rows.
    fn test(columns: &M::Columns<M>, cond: &Cond) -> Condition<M, Self>;
    /// Whether two values together are in a list.
    fn in_rows(columns: &M::Columns<M>, values: &[Expr; 2], list: &RowList) -> Condition<M, Self>;
}

impl<M: Root> Side<M> for PerRow {
    fn leaf(columns: &M::Columns<M>, expr: &Expr) -> Dynamic<M, Self> {
        match expr {
            Expr::Column { path, column, .. } => M::at(columns, *path).column(*column),
            Expr::Related { path, way: Way::Relation(relation), distinct, aggregate } => {
                M::at(columns, *path).relation(*relation).aggregate(aggregate, *distinct)
            }
            Expr::Related { way: Way::Hops(hops), distinct, aggregate, .. } => {
                M::hops(columns, *hops).aggregate(aggregate, *distinct)
            }
            Expr::First { relation, rows, value } => M::first(columns, *relation, rows, value),
            Expr::Subquery(chain) => Dynamic::new(expr.of(), value_of(chain)),
            other => panic!("{other:?} is no leaf of a row"),
        }
    }

    fn test(columns: &M::Columns<M>, cond: &Cond) -> Condition<M> {
        match cond {
            Cond::Related { path, relation, test, condition } => {
                M::at(columns, *path).relation(*relation).test(*test, condition)
            }
            Cond::Nobody { path, relation, negated } => M::at(columns, *path).nobody(*relation, *negated),
            Cond::Has { path, relation, key, by } => M::at(columns, *path).relation(*relation).has(key, *by),
            Cond::ThereAre(chain) => there_are(chain),
            other => panic!("{other:?} is no test of related rows"),
        }
    }

    fn in_rows(columns: &M::Columns<M>, [a, b]: &[Expr; 2], list: &RowList) -> Condition<M> {
        super::lists_of_rows::in_rows(value(columns, a), value(columns, b), list)
    }
}

impl<M: Root> Side<M> for PerGroup {
    fn leaf(columns: &M::Columns<M>, expr: &Expr) -> Dynamic<M, Self> {
        match expr {
            Expr::Aggregate(aggregate) => aggregated(columns, aggregate),
            other => panic!("{other:?} is no leaf of a group"),
        }
    }

    fn test(_: &M::Columns<M>, cond: &Cond) -> Condition<M, Self> {
        panic!("{cond:?} is no test of groups")
    }

    fn in_rows(_: &M::Columns<M>, values: &[Expr; 2], _: &RowList) -> Condition<M, Self> {
        panic!("{values:?} are no values of groups")
    }
}

pub fn value<M: Root, L: Side<M>>(columns: &M::Columns<M>, expr: &Expr) -> Dynamic<M, L> {
    let build = |expr: &Expr| value::<M, L>(columns, expr);
    let operand = |expr: &Expr| match expr {
        Expr::Literal(datum, _) => Operand::Value(datum.clone()),
        Expr::Outer { up, table, value } => Operand::Outer(outer(*up, *table, value)),
        other => Operand::Dynamic(build(other)),
    };
    match expr {
        Expr::Column { .. }
        | Expr::Related { .. }
        | Expr::First { .. }
        | Expr::Subquery(_)
        | Expr::Aggregate(_)
        | Expr::Window(_) => L::leaf(columns, expr),
        Expr::Rounded(by, number) => super::arithmetic::rounded(build(number), *by),
        Expr::Cast(to, inner) => {
            let inner = build(inner);
            each_type!(inner.of, T => cast::<M, T, L>(inner.typed(), *to))
        }
        Expr::Truncated(unit, date) => date_trunc(build(date), *unit),
        Expr::Earlier(nanos, date) => earlier(build(date), *nanos),
        Expr::Outer { .. } | Expr::Literal(..) => panic!("a literal stands beside an operator only"),
        Expr::Arithmetic(left, operator, right, of) => {
            let value = match (&**left, &**right) {
                (Expr::Literal(datum, _), right) => super::arithmetic::number_first(datum, *operator, build(right)),
                (left, Expr::Literal(datum, _)) => super::arithmetic::number_last(build(left), *operator, datum),
                (left, right) => super::arithmetic::both(build(left), *operator, build(right)),
            };
            Dynamic::new(*of, value)
        }
        Expr::Absolute(inner) => super::arithmetic::absolute(build(inner)),
        Expr::Coalesce(first, second) => {
            let (first, second) = (build(first), operand(second));
            each_type!(first.of, T => coalesce::<M, T, L>(first, second))
        }
        Expr::Lower(text) => Dynamic::new(Type::Text, build(text).typed::<String>().lower().retyped()),
        Expr::Upper(text) => Dynamic::new(Type::Text, build(text).typed::<String>().upper().retyped()),
        Expr::Trim(text) => Dynamic::new(Type::Text, build(text).typed::<String>().trim().retyped()),
        Expr::Concat(text, other) => {
            let other = build(other).typed::<String>();
            Dynamic::new(Type::Text, build(text).typed::<String>().concat(other).retyped())
        }
        Expr::Truth(condition) => {
            Dynamic::new(Type::Bool, condition_of::<M, L>(columns, condition).as_value().retyped())
        }
        Expr::Length(text) => Dynamic::new(Type::Int, build(text).typed::<String>().length().retyped()),
        Expr::Part(part, date) => date_part(build(date), *part),
        Expr::Case(branches, otherwise) => {
            let branches: Vec<_> =
                branches.iter().map(|(cond, value)| (condition_of::<M, L>(columns, cond), operand(value))).collect();
            let otherwise = otherwise.as_deref().map(operand);
            each_type!(expr.of(), T => case::<M, T, L>(branches, otherwise))
        }
    }
}

fn coalesce<M: Model, T: Held, L: Calculates>(first: Dynamic<M, L>, second: Operand<M, L>) -> Dynamic<M, L> {
    let first = first.typed::<T>();
    Dynamic::new(
        T::TYPE,
        match second {
            Operand::Value(datum) => first.coalesce(Some(T::from_datum(&datum))).retyped(),
            Operand::Dynamic(second) => first.coalesce(second.typed::<T>()).retyped(),
            Operand::Outer(second) => first.coalesce(second.retyped::<Option<T>>()).retyped(),
        },
    )
}

fn case<M: Model, T: Held, L: Calculates>(
    branches: Vec<(Condition<M, L>, Operand<M, L>)>,
    otherwise: Option<Operand<M, L>>,
) -> Dynamic<M, L> {
    macro_rules! with_value {
        ($operand:expr, $value:ident => $then:expr) => {
            match $operand {
                Operand::Value(datum) => {
                    let $value = Some(First(T::from_datum(&datum)));
                    $then
                }
                Operand::Dynamic(dynamic) => {
                    let $value: Computed<M, Option<First<T>>, L> = dynamic.typed::<T>().retyped();
                    $then
                }
                Operand::Outer(outer) => {
                    let $value = outer.retyped::<Option<First<T>>>();
                    $then
                }
            }
        };
    }
    let mut branches = branches.into_iter();
    let (condition, value) = branches.next().unwrap();
    let mut case = with_value!(value, value => case_when(condition, value));
    for (condition, value) in branches {
        case = with_value!(value, value => case.when(condition, value));
    }
    let value = match otherwise {
        None => case.end().retyped(),
        Some(value) => with_value!(value, value => case.otherwise(value).retyped()),
    };
    Dynamic::new(T::TYPE, value)
}

fn date_part<M: Model, L: Calculates>(date: Dynamic<M, L>, part: DatePart) -> Dynamic<M, L> {
    macro_rules! parts {
        ($($kind:ident($type:ty): $($part:ident.$method:ident)*;)*) => {
            match (date.of, part) {
                $($((Type::$kind, DatePart::$part) => date.typed::<$type>().$method().retyped(),)*)*
                (of, part) => panic!("{of:?} has no {part:?}"),
            }
        };
    }
    Dynamic::new(
        Type::Int,
        parts! {
            ChronoDate(chrono::NaiveDate): Year.year Month.month Day.day Weekday.weekday;
            TimeDate(time::Date): Year.year Month.month Day.day Weekday.weekday;
            JiffDate(jiff::civil::Date): Year.year Month.month Day.day Weekday.weekday;
            ChronoTime(chrono::NaiveTime): Hour.hour Minute.minute Second.second;
            TimeTime(time::Time): Hour.hour Minute.minute Second.second;
            JiffTime(jiff::civil::Time): Hour.hour Minute.minute Second.second;
            ChronoLocal(chrono::NaiveDateTime): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
            TimeLocal(time::PrimitiveDateTime): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
            JiffLocal(jiff::civil::DateTime): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
            ChronoUtc(chrono::DateTime<chrono::Utc>): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
            ChronoFixed(chrono::DateTime<chrono::FixedOffset>): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
            TimeInstant(time::OffsetDateTime): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
            JiffInstant(jiff::Timestamp): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
            Seconds(sqliter::Unix<chrono::DateTime<chrono::Utc>>): Year.year Month.month Day.day Weekday.weekday Hour.hour Minute.minute Second.second;
        },
    )
}

/// Does with a moment of whatever type what is said for its crate.
macro_rules! each_moment {
    ($date:expr, $value:ident => $chrono:expr, $time:expr, $jiff:expr) => {
        match $date.of {
            Type::ChronoDate => {
                let $value = $date.typed::<chrono::NaiveDate>();
                Dynamic::new(Type::ChronoDate, ($chrono).retyped())
            }
            Type::TimeDate => {
                let $value = $date.typed::<time::Date>();
                Dynamic::new(Type::TimeDate, ($time).retyped())
            }
            Type::JiffDate => {
                let $value = $date.typed::<jiff::civil::Date>();
                Dynamic::new(Type::JiffDate, ($jiff).retyped())
            }
            Type::ChronoLocal => {
                let $value = $date.typed::<chrono::NaiveDateTime>();
                Dynamic::new(Type::ChronoLocal, ($chrono).retyped())
            }
            Type::TimeLocal => {
                let $value = $date.typed::<time::PrimitiveDateTime>();
                Dynamic::new(Type::TimeLocal, ($time).retyped())
            }
            Type::JiffLocal => {
                let $value = $date.typed::<jiff::civil::DateTime>();
                Dynamic::new(Type::JiffLocal, ($jiff).retyped())
            }
            Type::ChronoUtc => {
                let $value = $date.typed::<chrono::DateTime<chrono::Utc>>();
                Dynamic::new(Type::ChronoUtc, ($chrono).retyped())
            }
            Type::ChronoFixed => {
                let $value = $date.typed::<chrono::DateTime<chrono::FixedOffset>>();
                Dynamic::new(Type::ChronoFixed, ($chrono).retyped())
            }
            Type::TimeInstant => {
                let $value = $date.typed::<time::OffsetDateTime>();
                Dynamic::new(Type::TimeInstant, ($time).retyped())
            }
            Type::JiffInstant => {
                let $value = $date.typed::<jiff::Timestamp>();
                Dynamic::new(Type::JiffInstant, ($jiff).retyped())
            }
            Type::Seconds => {
                let $value = $date.typed::<sqliter::Unix<chrono::DateTime<chrono::Utc>>>();
                Dynamic::new(Type::Seconds, ($chrono).retyped())
            }
            of => panic!("{of:?} has no date"),
        }
    };
}

fn date_trunc<M: Model, L: Calculates>(date: Dynamic<M, L>, unit: super::tree::DateUnit) -> Dynamic<M, L> {
    use super::tree::DateUnit as Unit;
    let unit = match unit {
        Unit::Year => DateUnit::Year,
        Unit::Month => DateUnit::Month,
        Unit::Week => DateUnit::Week,
        Unit::Day => DateUnit::Day,
        Unit::Hour => DateUnit::Hour,
        Unit::Minute => DateUnit::Minute,
        Unit::Second => DateUnit::Second,
    };
    each_moment!(date, value => value.date_trunc(unit), value.date_trunc(unit), value.date_trunc(unit))
}

fn earlier<M: Model, L: Calculates>(date: Dynamic<M, L>, nanos: i64) -> Dynamic<M, L> {
    let chrono = chrono::TimeDelta::nanoseconds(nanos);
    let (time, jiff) = (time::Duration::nanoseconds(nanos), jiff::SignedDuration::from_nanos(nanos));
    each_moment!(date, value => value - chrono, value - time, value - jiff)
}

fn cast<M: Model, T: Held, L: Calculates>(value: Computed<M, Option<T>, L>, to: Cast) -> Dynamic<M, L>
where
    Option<T>: HoldsComparable,
{
    match to {
        Cast::Int => Dynamic::new(Type::Int, value.cast::<i64>().retyped()),
        Cast::Real => Dynamic::new(Type::Real, value.cast::<f64>().retyped()),
        Cast::Text => Dynamic::new(Type::Text, value.cast::<String>().retyped()),
    }
}

/// An aggregate of the rows of a group, or of related rows.
pub fn aggregated<M: Root>(columns: &M::Columns<M>, aggregate: &Aggregate) -> Dynamic<M, PerGroup> {
    let mut result: Computed<M, Stored, PerGroup> = match &aggregate.value {
        None => count().retyped(),
        Some(of) => aggregate_of(value::<M, PerRow>(columns, of), aggregate.function, aggregate.distinct),
    };
    if let Some(filter) = &aggregate.filter {
        result = result.filter(condition(columns, filter));
    }
    Dynamic::new(aggregate.of(), result)
}

/// An aggregate of a value.
pub fn aggregate_of<M: Model>(
    of: Dynamic<M, PerRow>,
    function: Function,
    distinct: bool,
) -> Computed<M, Stored, PerGroup> {
    match function {
        Function::Sum | Function::Total | Function::Average => super::arithmetic::sum(of, function, distinct),
        Function::Count | Function::Minimum | Function::Maximum => {
            each_type!(of.of, T => extreme::<M, T>(of.typed(), function, distinct))
        }
    }
}

fn extreme<M: Model, T: Held>(
    value: Computed<M, Option<T>>,
    function: Function,
    distinct: bool,
) -> Computed<M, Stored, PerGroup>
where
    Option<T>: HoldsComparable,
{
    match (function, distinct) {
        (Function::Minimum, false) => value.min().retyped(),
        (Function::Minimum, true) => value.distinct().min().retyped(),
        (Function::Maximum, false) => value.max().retyped(),
        (Function::Maximum, true) => value.distinct().max().retyped(),
        (_, false) => value.count().retyped(),
        (_, true) => value.distinct().count().retyped(),
    }
}

/// A condition on rows.
pub fn condition<M: Root>(columns: &M::Columns<M>, cond: &Cond) -> Condition<M> {
    condition_of::<M, PerRow>(columns, cond)
}

pub fn condition_of<M: Root, L: Side<M>>(columns: &M::Columns<M>, cond: &Cond) -> Condition<M, L> {
    let build = |expr: &Expr| value::<M, L>(columns, expr);
    let operand = |expr: &Expr| match expr {
        Expr::Literal(datum, _) => Operand::Value(datum.clone()),
        Expr::Outer { up, table, value } => Operand::Outer(outer(*up, *table, value)),
        other => Operand::Dynamic(build(other)),
    };
    match cond {
        Cond::Compare(left, comparison, right) => {
            let (left, right) = (build(left), operand(right));
            each_type!(left.of, T => compare::<M, T, L>(left.typed(), *comparison, right))
        }
        Cond::Between(inner, low, high) => {
            let (inner, low, high) = (build(inner), operand(low), operand(high));
            each_type!(inner.of, T => between::<M, T, L>(inner.typed(), low, high))
        }
        Cond::InList(inner, list, negated) => {
            let inner = build(inner);
            each_type!(inner.of, T => in_list::<M, T, L>(inner.typed(), list, *negated))
        }
        Cond::Null(inner, negated) => {
            // Documents too can be NULL.
            let inner: Computed<M, Option<String>, L> = build(inner).value.retyped();
            if *negated { inner.is_not_null() } else { inner.is_null() }
        }
        Cond::Text(text, test, part) => text_test(build(text).typed(), *test, part),
        Cond::TextBy(text, test, other) => {
            let text = build(text).typed::<String>();
            macro_rules! compare_text {
                ($other:expr) => {{
                    let other = $other;
                    match test {
                        TextMatch::StartsWith => text.starts_with(other),
                        TextMatch::EndsWith => text.ends_with(other),
                        TextMatch::Contains => text.contains(other),
                        TextMatch::IEq => text.ieq(other),
                        TextMatch::IStartsWith => text.istarts_with(other),
                        TextMatch::IEndsWith => text.iends_with(other),
                        TextMatch::IContains => text.icontains(other),
                    }
                }};
            }
            match operand(other) {
                Operand::Value(datum) => compare_text!(String::from_datum(&datum)),
                Operand::Dynamic(other) => compare_text!(other.typed::<String>()),
                Operand::Outer(other) => compare_text!(other.retyped::<Option<String>>()),
            }
        }
        Cond::InQuery(inner, chain, negated) => in_query(build(inner).value.retyped(), chain, *negated),
        Cond::InRows(values, list) => L::in_rows(columns, values, list),
        Cond::And(a, b) => condition_of::<M, L>(columns, a) & condition_of::<M, L>(columns, b),
        Cond::Or(a, b) => condition_of::<M, L>(columns, a) | condition_of::<M, L>(columns, b),
        Cond::Not(inner) => !condition_of::<M, L>(columns, inner),
        Cond::Related { .. } | Cond::Nobody { .. } | Cond::Has { .. } | Cond::ThereAre(_) => L::test(columns, cond),
    }
}

/// A comparison with a value, or with a datum.
pub fn compared<M: Model, L: Calculates>(
    left: Dynamic<M, L>,
    comparison: Comparison,
    right: std::result::Result<Dynamic<M, L>, &Datum>,
) -> Condition<M, L> {
    let right = match right {
        Ok(value) => Operand::Dynamic(value),
        Err(datum) => Operand::Value(datum.clone()),
    };
    each_type!(left.of, T => compare::<M, T, L>(left.typed(), comparison, right))
}

/// The first of two values that is not `NULL`.
pub fn coalesced<M: Model, L: Calculates>(first: Dynamic<M, L>, second: Dynamic<M, L>) -> Dynamic<M, L> {
    each_type!(first.of, T => coalesce::<M, T, L>(first, Operand::Dynamic(second)))
}

fn compare<M: Model, T: Held, L: Calculates>(
    left: Computed<M, Option<T>, L>,
    comparison: Comparison,
    right: Operand<M, L>,
) -> Condition<M, L>
where
    Option<T>: HoldsComparable,
{
    macro_rules! compare {
        ($right:expr) => {
            match comparison {
                Comparison::Eq => left.eq($right),
                Comparison::Ne => left.ne($right),
                Comparison::Lt => left.lt($right),
                Comparison::Le => left.le($right),
                Comparison::Gt => left.gt($right),
                Comparison::Ge => left.ge($right),
            }
        };
    }
    match right {
        Operand::Value(Datum::Null) => match comparison {
            Comparison::Eq => left.eq(None::<T>),
            Comparison::Ne => left.ne(None::<T>),
            other => panic!("NULL beside {other:?}"),
        },
        Operand::Value(datum) => compare!(T::from_datum(&datum)),
        Operand::Dynamic(right) => compare!(right.typed::<T>()),
        Operand::Outer(right) => compare!(right.retyped::<Option<T>>()),
    }
}

fn between<M: Model, T: Held, L: Calculates>(
    value: Computed<M, Option<T>, L>,
    low: Operand<M, L>,
    high: Operand<M, L>,
) -> Condition<M, L>
where
    Option<T>: HoldsComparable,
{
    macro_rules! with_bound {
        ($operand:expr, $bound:ident => $then:expr) => {
            match $operand {
                Operand::Value(datum) => {
                    let $bound = T::from_datum(&datum);
                    $then
                }
                Operand::Dynamic(dynamic) => {
                    let $bound = dynamic.typed::<T>();
                    $then
                }
                Operand::Outer(outer) => {
                    let $bound = outer.retyped::<Option<T>>();
                    $then
                }
            }
        };
    }
    with_bound!(low, low => with_bound!(high, high => value.between(low, high)))
}

fn in_list<M: Model, T: Held, L: Calculates>(
    value: Computed<M, Option<T>, L>,
    list: &[Datum],
    negated: bool,
) -> Condition<M, L>
where
    Option<T>: HoldsComparable,
{
    let list = list.iter().map(T::from_datum);
    if negated { value.not_in(list) } else { value.is_in(list) }
}

fn text_test<M: Model, L: Calculates>(
    text: Computed<M, Option<String>, L>,
    test: TextTest,
    part: &str,
) -> Condition<M, L> {
    match test {
        TextTest::Like => text.like(part),
        TextTest::StartsWith => text.starts_with(part),
        TextTest::EndsWith => text.ends_with(part),
        TextTest::Contains => text.contains(part),
        TextTest::IStartsWith => text.istarts_with(part),
        TextTest::IEndsWith => text.iends_with(part),
        TextTest::IContains => text.icontains(part),
        TextTest::Regex => text.regex(pattern(part)),
        TextTest::RegexAtStart => text.regex(format!("^{}", pattern(part))),
    }
}

/// A regular expression that matches just the text.
fn pattern(text: &str) -> String {
    text.chars().map(|c| format!(r"\x{{{:X}}}", u32::from(c))).collect()
}

pub fn order<M: Root, L: Side<M>>(columns: &M::Columns<M>, key: &SortKey) -> Order<M, L> {
    sorted_by(value::<M, L>(columns, &key.value), key)
}

/// The order by a value, with the rest of the key.
pub fn sorted_by<M: Model, L: Calculates>(value: Dynamic<M, L>, key: &SortKey) -> Order<M, L> {
    let order = each_type!(value.of, T => sorted::<M, T, L>(value.typed(), key.descending));
    match key.nulls {
        None => order,
        Some(Nulls::First) => order.nulls_first(),
        Some(Nulls::Last) => order.nulls_last(),
    }
}

fn sorted<M: Model, T: Held, L: Calculates>(value: Computed<M, Option<T>, L>, descending: bool) -> Order<M, L>
where
    Option<T>: HoldsComparable,
{
    if descending { value.desc() } else { value.asc() }
}

/// What an update sets a column to.
pub enum SetTo<M> {
    Value(Datum),
    Dynamic(Dynamic<M, PerRow>),
}

fn set_to<M: Root>(columns: &M::Columns<M>, expr: &Expr) -> SetTo<M> {
    match expr {
        Expr::Literal(datum, _) => SetTo::Value(datum.clone()),
        other => SetTo::Dynamic(value(columns, other)),
    }
}

pub fn assign<P: Path + Assignable, T: super::types::Field<Inner: Held>>(
    column: Column<P, T>,
    to: SetTo<P::Root>,
) -> Assignment<P::Root> {
    match to {
        SetTo::Value(datum) => column.set(T::from_datum(&datum)),
        // Whether the value may be NULL is known when the statement runs.
        SetTo::Dynamic(value) => column.set(value.into_stored().retyped::<Option<T::Inner>>()),
    }
}

/// `.add(…)` and the like.
pub fn calculate<P: Path + Assignable, T: super::types::Field<Inner: Held> + HoldsNumbers>(
    column: Column<P, T>,
    by: Arithmetic,
    number: &Datum,
) -> Assignment<P::Root> {
    let number = <T::Inner as Held>::from_datum(number);
    match by {
        Arithmetic::Add => column.add(number),
        Arithmetic::Subtract => column.sub(number),
        Arithmetic::Multiply => column.mul(number),
        Arithmetic::Divide | Arithmetic::Remainder => panic!("{by:?} is no assignment"),
    }
}

/// The assignment of an update; arithmetic of a column with itself and a value in its short form.
pub fn assignment<M: Root>(columns: &M::Columns<M>, column: usize, value: &Expr) -> Assignment<M> {
    match value {
        Expr::Arithmetic(left, by, right, of) => match (&**left, &**right) {
            (Expr::Column { path: 0, column: own, of: own_type }, Expr::Literal(number, literal))
                if *own == column
                    && own_type == literal
                    && of == literal
                    && !matches!(by, Arithmetic::Divide | Arithmetic::Remainder) =>
            {
                M::calculate(columns, column, *by, number)
            }
            _ => M::assign(columns, column, set_to::<M>(columns, value)),
        },
        _ => M::assign(columns, column, set_to::<M>(columns, value)),
    }
}

impl<M, L> Dynamic<M, L> {
    pub const fn of(&self) -> Type {
        self.of
    }
}
