//! Conditions as data: written with the typed columns, and evaluated in Rust.

use chrono::NaiveDate;
use proptest::prelude::*;
use sqliter::Condition;

use super::rows::{INTEGERS, NULS, REALS, Row, RowColumns, TEXTS, day};

#[derive(Debug, Clone)]
pub enum Tree {
    Leaf(Leaf),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Not(Box<Tree>),
}

#[derive(Debug, Clone)]
pub enum Leaf {
    Whole(Test<i64>),
    Count(Test<i64>),
    Text(Test<String>),
    Note(Test<String>),
    Flag(Test<bool>),
    Mark(Test<bool>),
    Real(Test<f64>),
    Ratio(Test<f64>),
    Day(Test<NaiveDate>),
    Due(Test<NaiveDate>),
    TextMatches(Match, String),
    NoteMatches(Match, String),
    /// `LIKE` with a pattern of these parts.
    NoteLike(Vec<LikePart>),
    Null(Nullable, NullTest),
    Columns(Pair, Comparison),
    /// `whole BETWEEN count AND value`.
    Between(i64),
}

#[derive(Debug, Clone)]
pub enum Test<T> {
    Compare(Comparison, T),
    Between(T, T),
    IsIn(Vec<T>),
    NotIn(Vec<T>),
}

#[derive(Debug, Clone, Copy)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Debug, Clone, Copy)]
pub enum Match {
    StartsWith,
    EndsWith,
    Contains,
    IStartsWith,
    IEndsWith,
    IContains,
    Regex,
    RegexAtStart,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LikePart {
    Any,
    One,
    Exactly(char),
}

#[derive(Debug, Clone, Copy)]
pub enum Nullable {
    Count,
    Note,
    Mark,
    Ratio,
    Due,
}

#[derive(Debug, Clone, Copy)]
pub enum NullTest {
    IsNull,
    IsNotNull,
    EqNone,
    NeNone,
}

#[derive(Debug, Clone, Copy)]
pub enum Pair {
    WholeCount,
    CountWhole,
    TextNote,
    MarkFlag,
    RatioReal,
    DueDay,
}

/// Trees with up to four levels of operators.
pub fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_map(Tree::Leaf).prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| Tree::And(Box::new(a), Box::new(b))),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| Tree::Or(Box::new(a), Box::new(b))),
            1 => inner.prop_map(|a| Tree::Not(Box::new(a))),
        ]
    })
}

fn leaf() -> impl Strategy<Value = Leaf> {
    use prop::sample::select;
    let integers = || select(INTEGERS.to_vec());
    let reals = || select(REALS.to_vec());
    let texts = || select([&TEXTS[..], &NULS[..]].concat()).prop_map(String::from);
    let days = || (0..5_usize).prop_map(day);
    let matches = || {
        use Match::*;
        select(vec![StartsWith, EndsWith, Contains, IStartsWith, IEndsWith, IContains, Regex, RegexAtStart])
    };
    let like_part = prop_oneof![
        Just(LikePart::Any),
        Just(LikePart::One),
        select(vec!['a', 'A', 'b', '%', '_', '\\', '*', 'É', 'é']).prop_map(LikePart::Exactly),
    ];
    let nullable = select(vec![Nullable::Count, Nullable::Note, Nullable::Mark, Nullable::Ratio, Nullable::Due]);
    let null_test = select(vec![NullTest::IsNull, NullTest::IsNotNull, NullTest::EqNone, NullTest::NeNone]);
    let pair = {
        use Pair::*;
        select(vec![WholeCount, CountWhole, TextNote, MarkFlag, RatioReal, DueDay])
    };
    prop_oneof![
        1 => test(integers()).prop_map(Leaf::Whole),
        1 => test(integers()).prop_map(Leaf::Count),
        1 => test(texts()).prop_map(Leaf::Text),
        1 => test(texts()).prop_map(Leaf::Note),
        1 => test(any::<bool>()).prop_map(Leaf::Flag),
        1 => test(any::<bool>()).prop_map(Leaf::Mark),
        1 => test(reals()).prop_map(Leaf::Real),
        1 => test(reals()).prop_map(Leaf::Ratio),
        1 => test(days()).prop_map(Leaf::Day),
        1 => test(days()).prop_map(Leaf::Due),
        3 => (matches(), texts()).prop_map(|(operator, text)| Leaf::TextMatches(operator, text)),
        3 => (matches(), texts()).prop_map(|(operator, text)| Leaf::NoteMatches(operator, text)),
        2 => prop::collection::vec(like_part, 0..4).prop_map(Leaf::NoteLike),
        2 => (nullable, null_test).prop_map(|(column, test)| Leaf::Null(column, test)),
        3 => (pair, comparison()).prop_map(|(pair, comparison)| Leaf::Columns(pair, comparison)),
        1 => integers().prop_map(Leaf::Between),
    ]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::*;
    prop::sample::select(vec![Eq, Ne, Lt, Le, Gt, Ge])
}

fn test<T: Clone + std::fmt::Debug + 'static>(
    values: impl Strategy<Value = T> + Clone + 'static,
) -> BoxedStrategy<Test<T>> {
    prop_oneof![
        6 => (comparison(), values.clone()).prop_map(|(comparison, value)| Test::Compare(comparison, value)),
        1 => (values.clone(), values.clone()).prop_map(|(low, high)| Test::Between(low, high)),
        1 => prop::collection::vec(values.clone(), 0..4).prop_map(Test::IsIn),
        1 => prop::collection::vec(values, 0..4).prop_map(Test::NotIn),
    ]
    .boxed()
}

/// The comparison of a column with an operand.
macro_rules! compare {
    ($column:expr, $comparison:expr, $operand:expr) => {
        match $comparison {
            Comparison::Eq => $column.eq($operand),
            Comparison::Ne => $column.ne($operand),
            Comparison::Lt => $column.lt($operand),
            Comparison::Le => $column.le($operand),
            Comparison::Gt => $column.gt($operand),
            Comparison::Ge => $column.ge($operand),
        }
    };
}

/// The test of a column.
macro_rules! tested {
    ($column:expr, $test:expr) => {
        match $test {
            Test::Compare(comparison, value) => compare!($column, comparison, value),
            Test::Between(low, high) => $column.between(low, high.clone()),
            Test::IsIn(values) => $column.is_in(values),
            Test::NotIn(values) => $column.not_in(values.clone()),
        }
    };
}

macro_rules! matched {
    ($column:expr, $operator:expr, $text:expr) => {
        match $operator {
            Match::StartsWith => $column.starts_with($text),
            Match::EndsWith => $column.ends_with($text),
            Match::Contains => $column.contains($text),
            Match::IStartsWith => $column.istarts_with($text),
            Match::IEndsWith => $column.iends_with($text),
            Match::IContains => $column.icontains($text),
            Match::Regex => $column.regex(literal($text)),
            Match::RegexAtStart => $column.regex(format!("^{}", literal($text))),
        }
    };
}

macro_rules! null_tested {
    ($column:expr, $test:expr) => {
        match $test {
            NullTest::IsNull => $column.is_null(),
            NullTest::IsNotNull => $column.is_not_null(),
            NullTest::EqNone => $column.eq(None),
            NullTest::NeNone => $column.ne(None),
        }
    };
}

/// A regular expression that matches just the text.
fn literal(text: &str) -> String {
    text.chars().map(|c| format!(r"\x{{{:X}}}", u32::from(c))).collect()
}

impl Tree {
    /// Written with the library.
    pub fn condition(&self, r: &RowColumns<Row>) -> Condition<Row> {
        match self {
            Self::Leaf(leaf) => leaf.condition(r),
            Self::And(a, b) => a.condition(r) & b.condition(r),
            Self::Or(a, b) => a.condition(r) | b.condition(r),
            Self::Not(a) => !a.condition(r),
        }
    }

    /// True, false, or `None` for unknown.
    pub fn holds(&self, row: &Row) -> Option<bool> {
        match self {
            Self::Leaf(leaf) => leaf.holds(row),
            Self::And(a, b) => match (a.holds(row), b.holds(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (a.holds(row), b.holds(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(a) => Some(a.holds(row) != Some(true)),
        }
    }
}

impl Leaf {
    fn condition(&self, r: &RowColumns<Row>) -> Condition<Row> {
        match self {
            Self::Whole(test) => tested!(r.whole, test),
            Self::Count(test) => tested!(r.count, test),
            Self::Text(test) => tested!(r.text, test),
            Self::Note(test) => tested!(r.note, test),
            Self::Flag(test) => tested!(r.flag, test),
            Self::Mark(test) => tested!(r.mark, test),
            Self::Real(test) => tested!(r.real, test),
            Self::Ratio(test) => tested!(r.ratio, test),
            Self::Day(test) => tested!(r.day, test),
            Self::Due(test) => tested!(r.due, test),
            Self::TextMatches(operator, text) => matched!(r.text, operator, text),
            Self::NoteMatches(operator, text) => matched!(r.note, operator, text),
            Self::NoteLike(parts) => r.note.like(like_pattern(parts)),
            Self::Null(Nullable::Count, test) => null_tested!(r.count, test),
            Self::Null(Nullable::Note, test) => null_tested!(r.note, test),
            Self::Null(Nullable::Mark, test) => null_tested!(r.mark, test),
            Self::Null(Nullable::Ratio, test) => null_tested!(r.ratio, test),
            Self::Null(Nullable::Due, test) => null_tested!(r.due, test),
            Self::Columns(Pair::WholeCount, comparison) => compare!(r.whole, comparison, r.count),
            Self::Columns(Pair::CountWhole, comparison) => compare!(r.count, comparison, r.whole),
            Self::Columns(Pair::TextNote, comparison) => compare!(r.text, comparison, r.note),
            Self::Columns(Pair::MarkFlag, comparison) => compare!(r.mark, comparison, r.flag),
            Self::Columns(Pair::RatioReal, comparison) => compare!(r.ratio, comparison, r.real),
            Self::Columns(Pair::DueDay, comparison) => compare!(r.due, comparison, r.day),
            Self::Between(value) => r.whole.between(r.count, *value),
        }
    }

    fn holds(&self, row: &Row) -> Option<bool> {
        match self {
            Self::Whole(test) => test.holds(Some(&row.whole)),
            Self::Count(test) => test.holds(row.count.as_ref()),
            Self::Text(test) => test.holds(Some(&row.text)),
            Self::Note(test) => test.holds(row.note.as_ref()),
            Self::Flag(test) => test.holds(Some(&row.flag)),
            Self::Mark(test) => test.holds(row.mark.as_ref()),
            Self::Real(test) => test.holds(Some(&row.real)),
            Self::Ratio(test) => test.holds(row.ratio.as_ref()),
            Self::Day(test) => test.holds(Some(&row.day)),
            Self::Due(test) => test.holds(row.due.as_ref()),
            Self::TextMatches(operator, text) => Some(operator.holds(&row.text, text)),
            Self::NoteMatches(operator, text) => row.note.as_ref().map(|note| operator.holds(note, text)),
            Self::NoteLike(parts) => row.note.as_ref().map(|note| like(&note.chars().collect::<Vec<_>>(), parts)),
            Self::Null(column, test) => {
                let null = match column {
                    Nullable::Count => row.count.is_none(),
                    Nullable::Note => row.note.is_none(),
                    Nullable::Mark => row.mark.is_none(),
                    Nullable::Ratio => row.ratio.is_none(),
                    Nullable::Due => row.due.is_none(),
                };
                Some(null == matches!(test, NullTest::IsNull | NullTest::EqNone))
            }
            Self::Columns(pair, comparison) => match pair {
                Pair::WholeCount => comparison.holds(Some(&row.whole), row.count.as_ref()),
                Pair::CountWhole => comparison.holds(row.count.as_ref(), Some(&row.whole)),
                Pair::TextNote => comparison.holds(Some(&row.text), row.note.as_ref()),
                Pair::MarkFlag => comparison.holds(row.mark.as_ref(), Some(&row.flag)),
                Pair::RatioReal => comparison.holds(row.ratio.as_ref(), Some(&row.real)),
                Pair::DueDay => comparison.holds(row.due.as_ref(), Some(&row.day)),
            },
            Self::Between(high) => match (row.count, row.whole <= *high) {
                (Some(low), below) => Some(low <= row.whole && below),
                (None, true) => None,
                (None, false) => Some(false),
            },
        }
    }
}

impl<T: PartialOrd> Test<T> {
    fn holds(&self, value: Option<&T>) -> Option<bool> {
        match self {
            Self::Compare(comparison, operand) => comparison.holds(value, Some(operand)),
            Self::Between(low, high) => value.map(|value| low <= value && value <= high),
            Self::IsIn(list) if list.is_empty() => Some(false),
            Self::NotIn(list) if list.is_empty() => Some(true),
            Self::IsIn(list) => value.map(|value| list.contains(value)),
            Self::NotIn(list) => value.map(|value| !list.contains(value)),
        }
    }
}

impl Comparison {
    fn holds<T: PartialOrd>(self, left: Option<&T>, right: Option<&T>) -> Option<bool> {
        let (left, right) = (left?, right?);
        Some(match self {
            Self::Eq => left == right,
            Self::Ne => left != right,
            Self::Lt => left < right,
            Self::Le => left <= right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
        })
    }
}

impl Match {
    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith | Self::RegexAtStart => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains | Self::Regex => text.contains(part),
            Self::IStartsWith => folded(text).starts_with(&folded(part)),
            Self::IEndsWith => folded(text).ends_with(&folded(part)),
            Self::IContains => folded(text).contains(&folded(part)),
        }
    }
}

/// Case folding for the characters of these tests: capital letters, made small again one by one.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

fn like_pattern(parts: &[LikePart]) -> String {
    let mut pattern = String::new();
    for part in parts {
        match part {
            LikePart::Any => pattern.push('%'),
            LikePart::One => pattern.push('_'),
            LikePart::Exactly(c @ ('%' | '_' | '\\')) => pattern.extend(['\\', *c]),
            LikePart::Exactly(c) => pattern.push(*c),
        }
    }
    pattern
}

/// <https://www.sqlite.org/lang_expr.html#like>: ASCII letters match in both cases.
fn like(text: &[char], parts: &[LikePart]) -> bool {
    match (parts, text) {
        ([], rest) => rest.is_empty(),
        ([LikePart::Any, parts @ ..], _) => (0..=text.len()).any(|i| like(&text[i..], parts)),
        ([_, ..], []) => false,
        ([LikePart::One, parts @ ..], [_, rest @ ..]) => like(rest, parts),
        ([LikePart::Exactly(c), parts @ ..], [first, rest @ ..]) => c.eq_ignore_ascii_case(first) && like(rest, parts),
    }
}
