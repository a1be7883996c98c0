//! What expressions and conditions mean, in plain Rust: SQL's three-valued logic over the values of rows.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::answer::{self, Around, Nested};
use super::catalog::TableId;
use super::datum::Datum;
use super::tree::{
    Aggregate, Arithmetic, Cast, Chain, Comparison, Cond, Expr, Function, Named, Rounding, RowList, Test, TextMatch,
    TextTest, Way,
};
use super::types::{Numbers, date_part, earlier, truncated};
use super::world::{Row, World};

/// The result is not defined: an overflow, a LIKE over NUL characters. Such a case says nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Undefined;

pub type Result<T> = std::result::Result<T, Undefined>;

/// A row, or all rows of a group.
#[derive(Clone, Copy)]
pub struct Scope<'w> {
    pub world: &'w World,
    pub table: TableId,
    pub rows: &'w [&'w Row],
    /// All rows that the query has chosen, which its windows are over.
    pub windows: &'w [&'w Row],
    /// The row of the query around this one.
    pub around: Option<&'w Scope<'w>>,
}

impl<'w> Scope<'w> {
    /// The row so many queries further out.
    fn further_out(&self, up: usize) -> &Scope<'w> {
        (0..up).fold(self, |scope, _| scope.around.expect("a query around"))
    }

    /// The rows of another table in a query inside of this one.
    fn inside<'s>(&'s self, table: TableId, rows: &'s [&'s Row]) -> Scope<'s> {
        Scope { world: self.world, table, rows, windows: &[], around: Some(self) }
    }

    /// The values of a chain inside of this query.
    fn values_of(&self, chain: &Chain) -> Result<Vec<Datum>> {
        let answer = answer::inside(Around { world: self.world, row: Some(self), windows: &[] }, chain)?;
        let value = |row| match row {
            Nested::Value(value, _) => value,
            other => panic!("{other:?} is no value"),
        };
        Ok(answer.rows.into_iter().map(value).collect())
    }

    /// The rows of two values that a chain inside of this query gives.
    fn rows_of(&self, chain: &Chain) -> Result<Vec<[Datum; 2]>> {
        let answer = answer::inside(Around { world: self.world, row: Some(self), windows: &[] }, chain)?;
        let row = |row| match super::derived::values(row).try_into() {
            Ok(row) => row,
            Err(row) => panic!("{row:?} is no row of two values"),
        };
        Ok(answer.rows.into_iter().map(row).collect())
    }

    fn row(self) -> &'w Row {
        self.rows[0]
    }

    pub fn value(self, expr: &Expr) -> Result<Datum> {
        Ok(match expr {
            Expr::Column { path, column, .. } => {
                self.world.follow(self.table, self.row(), *path).map_or(Datum::Null, |row| row[*column].clone())
            }
            Expr::Literal(datum, _) => datum.clone(),
            Expr::Arithmetic(left, operator, right, of) => {
                calculate(&self.value(left)?, *operator, &self.value(right)?, of.numbers().unwrap())?
            }
            Expr::Absolute(inner) => match self.value(inner)? {
                Datum::Int(number) => Datum::Int(number.checked_abs().ok_or(Undefined)?),
                Datum::Real(number) => Datum::Real(number.abs()),
                Datum::Decimal(number) => Datum::Decimal(number.abs()),
                other => other,
            },
            Expr::Coalesce(first, second) => match self.value(first)? {
                Datum::Null => self.value(second)?,
                first => first,
            },
            Expr::Lower(text) => self.text(text, |text| Datum::Text(text.to_lowercase()))?,
            Expr::Upper(text) => self.text(text, |text| Datum::Text(text.to_uppercase()))?,
            Expr::Trim(text) => self.text(text, |text| Datum::Text(text.trim_matches(' ').to_owned()))?,
            Expr::Concat(text, other) => match (self.value(text)?, self.value(other)?) {
                (Datum::Text(text), Datum::Text(other)) => Datum::Text(text + &other),
                _ => Datum::Null,
            },
            Expr::Truth(condition) => Datum::Bool(self.holds(condition)? == Some(true)),
            Expr::Length(text) => {
                let length = |text: &str| text.split('\0').next().unwrap_or_default().chars().count();
                self.text(text, |text| Datum::Int(i64::try_from(length(text)).unwrap()))?
            }
            Expr::Part(part, date) => date_part(*part, &self.value(date)?),
            Expr::Case(branches, otherwise) => {
                for (condition, value) in branches {
                    if self.holds(condition)? == Some(true) {
                        return self.value(value);
                    }
                }
                otherwise.as_ref().map_or(Ok(Datum::Null), |value| self.value(value))?
            }
            Expr::Related { path, way, distinct, aggregate } => {
                let (target, rows) = self.ways(*path, *way, *distinct);
                let rows: Vec<_> = rows.iter().collect();
                let rows: Vec<&Row> = rows.into_iter().copied().collect();
                self.inside(target, &rows).aggregate(aggregate)?
            }
            Expr::Aggregate(aggregate) => self.aggregate(aggregate)?,
            Expr::Window(window) => self.window(window)?,
            Expr::Rounded(by, number) => match self.value(number)? {
                Datum::Null => Datum::Null,
                number => Datum::Real(rounded(*by, float(&number))?),
            },
            Expr::Cast(to, value) => cast(*to, self.value(value)?)?,
            Expr::Truncated(unit, date) => truncated(*unit, &self.value(date)?),
            Expr::Earlier(nanos, date) => earlier(*nanos, date.of(), &self.value(date)?),
            Expr::Subquery(chain) => self.values_of(chain)?.into_iter().next().unwrap_or(Datum::Null),
            Expr::Outer { up, value, .. } => self.further_out(*up).value(value)?,
            Expr::First { relation, rows, value } => {
                let (table, related) = self.ways(0, Way::Relation(*relation), false);
                let around = Around { world: self.world, row: Some(&self), windows: &[] };
                match answer::listed(around, table, related, rows)?.first() {
                    Some(row) => self.inside(table, &[row]).value(value)?,
                    None => Datum::Null,
                }
            }
        })
    }

    fn text(self, expr: &Expr, function: impl Fn(&str) -> Datum) -> Result<Datum> {
        Ok(match self.value(expr)? {
            Datum::Text(text) => function(&text),
            other => other,
        })
    }

    /// The rows that a way leads to, as often as there are ways to each, and their table.
    fn ways(self, path: usize, way: Way, distinct: bool) -> (TableId, Vec<&'w Row>) {
        let mut table = self.table.table().paths[path].target;
        let mut rows: Vec<&Row> = self.world.follow(self.table, self.row(), path).into_iter().collect();
        let hops = match way {
            Way::Relation(relation) => vec![relation],
            Way::Hops(hops) => self.table.table().hops[hops].clone(),
        };
        for hop in hops {
            let many = &table.table().manies[hop];
            rows = rows.into_iter().flat_map(|row| self.world.related(many, row)).collect();
            table = many.target;
        }
        if distinct {
            let mut once: Vec<&Row> = Vec::new();
            for row in rows {
                if !once.iter().any(|known| known[0] == row[0]) {
                    once.push(row);
                }
            }
            rows = once;
        }
        (table, rows)
    }

    pub fn aggregate(self, aggregate: &Aggregate) -> Result<Datum> {
        let mut values = Vec::new();
        for row in self.rows {
            let scope = Scope { rows: &[*row], ..self };
            if let Some(filter) = &aggregate.filter
                && scope.holds(filter)? != Some(true)
            {
                continue;
            }
            match aggregate.value.as_ref().map(|value| scope.value(value)).transpose()? {
                Some(Datum::Null) => {}
                Some(value) if aggregate.distinct && values.contains(&value) => {}
                Some(value) => values.push(value),
                None => values.push(Datum::Bool(true)),
            }
        }
        let number = || Datum::Int(i64::try_from(values.len()).unwrap());
        let extreme = |wanted: Ordering| {
            let best = values.iter().fold(None, |best: Option<&Datum>, value| match best {
                Some(best) if value.sort(best) != wanted => Some(best),
                _ => Some(value),
            });
            best.cloned().unwrap_or(Datum::Null)
        };
        let total = || values.iter().map(float).sum::<f64>();
        Ok(match aggregate.function {
            Function::Count => number(),
            Function::Minimum => extreme(Ordering::Less),
            Function::Maximum => extreme(Ordering::Greater),
            Function::Total => Datum::Real(total()),
            _ if values.is_empty() => Datum::Null,
            Function::Average => Datum::Real(total() / values.len() as f64),
            Function::Sum => match aggregate.of().numbers().unwrap() {
                Numbers::Floating => Datum::Real(total()),
                numbers => {
                    let mut sum = values[0].clone();
                    for value in &values[1..] {
                        sum = calculate(&sum, Arithmetic::Add, value, numbers)?;
                    }
                    sum
                }
            },
        })
    }

    /// True, false, or `None` for unknown.
    pub fn holds(self, condition: &Cond) -> Result<Option<bool>> {
        Ok(match condition {
            Cond::Compare(left, comparison, right) => {
                let (value, operand) = (self.value(left)?, self.value(right)?);
                match (right, comparison) {
                    (Expr::Literal(Datum::Null, _), Comparison::Eq) => Some(value.is_null()),
                    (Expr::Literal(Datum::Null, _), Comparison::Ne) => Some(!value.is_null()),
                    _ => compare(&value, *comparison, &operand),
                }
            }
            Cond::Between(inner, low, high) => {
                let value = self.value(inner)?;
                and(
                    compare(&value, Comparison::Ge, &self.value(low)?),
                    compare(&value, Comparison::Le, &self.value(high)?),
                )
            }
            Cond::InList(inner, list, negated) => {
                let value = self.value(inner)?;
                match (list.is_empty(), value) {
                    (true, _) => Some(*negated),
                    (_, Datum::Null) => None,
                    (_, value) => Some(list.contains(&value) != *negated),
                }
            }
            Cond::Null(inner, negated) => Some(self.value(inner)?.is_null() != *negated),
            Cond::Text(text, test, part) => match self.value(text)? {
                Datum::Text(text) => Some(matches(&text, *test, part)?),
                _ => None,
            },
            Cond::TextBy(text, test, other) => match (self.value(text)?, self.value(other)?) {
                (Datum::Text(text), Datum::Text(other)) => Some(matches_by(&text, *test, &other)),
                _ => None,
            },
            Cond::And(a, b) => and(self.holds(a)?, self.holds(b)?),
            Cond::Or(a, b) => not(and(not(self.holds(a)?), not(self.holds(b)?))),
            Cond::Not(inner) => Some(self.holds(inner)? != Some(true)),
            Cond::Related { path, relation, test, condition } => {
                let (table, rows) = self.ways(*path, Way::Relation(*relation), false);
                let mut met = 0;
                for row in &rows {
                    let scope = self.inside(table, std::slice::from_ref(row));
                    met += usize::from(scope.holds(condition)? == Some(true));
                }
                Some(match test {
                    Test::Any => met > 0,
                    Test::None => met == 0,
                    Test::All => met == rows.len(),
                    Test::Exists => !rows.is_empty(),
                    Test::IsEmpty => rows.is_empty(),
                })
            }
            Cond::Has { path, relation, key, by } => {
                let (_, rows) = self.ways(*path, Way::Relation(*relation), false);
                let is_there = rows.iter().any(|row| row[0].compare(key).is_some_and(Ordering::is_eq));
                Some(is_there && *by != Named::Nothing)
            }
            Cond::InQuery(inner, chain, negated) => {
                let mut list = self.values_of(chain)?;
                list.retain(|value| !value.is_null());
                match (list.is_empty(), self.value(inner)?) {
                    (true, _) => Some(*negated),
                    (_, Datum::Null) => None,
                    (_, value) => Some(list.contains(&value) != *negated),
                }
            }
            Cond::InRows([a, b], list) => {
                let own = [self.value(a)?, self.value(b)?];
                let rows = match list {
                    RowList::Values(rows) => rows.clone(),
                    RowList::Chain(chain) => self.rows_of(chain)?,
                };
                Some(own.iter().all(|value| !value.is_null()) && rows.contains(&own))
            }
            Cond::ThereAre(chain) => Some(!self.values_of(chain)?.is_empty()),
            Cond::Nobody { path, relation, negated } => {
                let table = self.table.table().paths[*path].target;
                let row = self.world.follow(self.table, self.row(), *path);
                Some(row.is_none_or(|row| self.world.one(table, *relation, row).is_none()) != *negated)
            }
        })
    }
}

pub fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

pub fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

pub fn compare(left: &Datum, comparison: Comparison, right: &Datum) -> Option<bool> {
    let ordering = left.compare(right)?;
    Some(match comparison {
        Comparison::Eq => ordering.is_eq(),
        Comparison::Ne => ordering.is_ne(),
        Comparison::Lt => ordering.is_lt(),
        Comparison::Le => ordering.is_le(),
        Comparison::Gt => ordering.is_gt(),
        Comparison::Ge => ordering.is_ge(),
    })
}

pub fn float(datum: &Datum) -> f64 {
    match datum {
        Datum::Int(number) => *number as f64,
        Datum::Real(number) => *number,
        Datum::Decimal(number) => number.to_string().parse().unwrap(),
        other => panic!("{other:?} is no number"),
    }
}

/// Halves go away from zero. What is near a half without being one is for the last bit to decide.
fn rounded(by: Rounding, number: f64) -> Result<f64> {
    let digits = match by {
        Rounding::Round(digits) => digits,
        Rounding::Floor | Rounding::Ceil => 0,
    };
    let power = 10f64.powi(digits.into());
    let shifted = number * power;
    let half = (shifted.abs().fract() - 0.5).abs();
    let whole = (shifted - shifted.round()).abs();
    // Some bits less than a number has.
    let is_exact = (number * 1024.0).fract() == 0.0 && shifted.abs() < 1e9;
    Ok(match by {
        _ if number.abs() > 1e9 => return Err(Undefined),
        Rounding::Round(_) if half < 1e-6 && !is_exact => return Err(Undefined),
        Rounding::Round(_) => shifted.round() / power,
        _ if whole < 1e-6 && whole > 0.0 => return Err(Undefined),
        Rounding::Floor => number.floor(),
        Rounding::Ceil => number.ceil(),
    })
}

/// As SQLite converts values; what it says about numbers with many digits is not asked for.
fn cast(to: Cast, value: Datum) -> Result<Datum> {
    let number = match (&value, to) {
        (Datum::Null, _) => return Ok(Datum::Null),
        (Datum::Text(_), Cast::Text) => return Ok(value),
        (Datum::Int(number), Cast::Int) => return Ok(Datum::Int(*number)),
        (Datum::Int(number), Cast::Text) => return Ok(Datum::Text(number.to_string())),
        (Datum::Decimal(number), Cast::Text) => return Ok(Datum::Text(number.normalize().to_string())),
        (Datum::Bool(value), _) => f64::from(u8::from(*value)),
        (Datum::Text(text), _) => {
            let text = text.trim_start_matches([' ', '\t', '\n']);
            match text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
                true => text.parse().map_err(|_| Undefined)?,
                false => 0.0,
            }
        }
        (number, _) => float(number),
    };
    Ok(match to {
        _ if number.abs() > 1e9 => return Err(Undefined),
        Cast::Real => Datum::Real(number),
        Cast::Int if number != number.trunc() && (number - number.round()).abs() < 1e-6 => return Err(Undefined),
        Cast::Int => Datum::Int(number as i64),
        Cast::Text if (number * 1024.0).fract() != 0.0 => return Err(Undefined),
        Cast::Text if number == 0.0 => Datum::Text("0.0".to_owned()),
        Cast::Text => Datum::Text(format!("{number:?}")),
    })
}

fn exact(datum: &Datum) -> Decimal {
    match datum {
        Datum::Int(number) => (*number).into(),
        Datum::Decimal(number) => *number,
        other => panic!("{other:?} is not exact"),
    }
}

/// Whether a product has few enough digits to be exact.
fn fits(a: Decimal, b: Decimal) -> bool {
    let digits = |number: Decimal| number.normalize().mantissa().unsigned_abs().max(1).ilog10() + 1;
    digits(a) + digits(b) <= 28 && a.normalize().scale() + b.normalize().scale() <= 28
}

fn calculate(left: &Datum, operator: Arithmetic, right: &Datum, of: Numbers) -> Result<Datum> {
    if left.is_null() || right.is_null() {
        return Ok(Datum::Null);
    }
    let divides = matches!(operator, Arithmetic::Divide | Arithmetic::Remainder);
    match of {
        Numbers::Whole => {
            let (Datum::Int(a), Datum::Int(b)) = (left, right) else { panic!("{left:?} and {right:?} are not whole") };
            if divides && *b == 0 {
                return Ok(Datum::Null);
            }
            let result = match operator {
                Arithmetic::Add => a.checked_add(*b),
                Arithmetic::Subtract => a.checked_sub(*b),
                Arithmetic::Multiply => a.checked_mul(*b),
                Arithmetic::Divide => a.checked_div(*b),
                Arithmetic::Remainder => a.checked_rem(*b),
            };
            result.map(Datum::Int).ok_or(Undefined)
        }
        Numbers::Exact => {
            let (a, b) = (exact(left), exact(right));
            if divides && b.is_zero() {
                return Ok(Datum::Null);
            }
            // A sum, difference or product that was rounded is an error of the library.
            let result = match operator {
                Arithmetic::Add => a.checked_add(b).filter(|sum| is_sum(*sum, a, b)),
                Arithmetic::Subtract => a.checked_sub(b).filter(|rest| is_sum(a, *rest, b)),
                Arithmetic::Multiply => a.checked_mul(b).filter(|_| fits(a, b)),
                Arithmetic::Divide => a.checked_div(b),
                Arithmetic::Remainder => a.checked_rem(b),
            };
            result.map(Datum::Decimal).ok_or(Undefined)
        }
        Numbers::Floating => {
            let (a, b) = (float(left), float(right));
            let result = match operator {
                Arithmetic::Add => a + b,
                Arithmetic::Subtract => a - b,
                Arithmetic::Multiply => a * b,
                Arithmetic::Divide if b == 0.0 => return Ok(Datum::Null),
                Arithmetic::Divide => a / b,
                // The whole parts of both.
                Arithmetic::Remainder if b as i64 == 0 => return Ok(Datum::Null),
                Arithmetic::Remainder => (a as i64).checked_rem(b as i64).ok_or(Undefined)? as f64,
            };
            if result.is_finite() { Ok(Datum::Real(result)) } else { Err(Undefined) }
        }
    }
}

/// Whether the sum of two numbers was not rounded. One way back can be rounded in its turn, not both.
fn is_sum(sum: Decimal, a: Decimal, b: Decimal) -> bool {
    sum.checked_sub(a) == Some(b) && sum.checked_sub(b) == Some(a) && a.checked_add(b) == Some(sum)
}

fn matches(text: &str, test: TextTest, part: &str) -> Result<bool> {
    Ok(match test {
        TextTest::Like if text.contains('\0') || part.contains('\0') => return Err(Undefined),
        TextTest::Like => like(&text.chars().collect::<Vec<_>>(), &part.chars().collect::<Vec<_>>()),
        TextTest::StartsWith | TextTest::RegexAtStart => text.starts_with(part),
        TextTest::EndsWith => text.ends_with(part),
        TextTest::Contains | TextTest::Regex => text.contains(part),
        TextTest::IStartsWith => folded(text).starts_with(&folded(part)),
        TextTest::IEndsWith => folded(text).ends_with(&folded(part)),
        TextTest::IContains => folded(text).contains(&folded(part)),
    })
}

fn matches_by(text: &str, test: TextMatch, other: &str) -> bool {
    match test {
        TextMatch::StartsWith => text.starts_with(other),
        TextMatch::EndsWith => text.ends_with(other),
        TextMatch::Contains => text.contains(other),
        TextMatch::IEq => folded(text) == folded(other),
        TextMatch::IStartsWith => folded(text).starts_with(&folded(other)),
        TextMatch::IEndsWith => folded(text).ends_with(&folded(other)),
        TextMatch::IContains => folded(text).contains(&folded(other)),
    }
}

/// Case folding for the characters of these tests: capital letters, made small again one by one.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// <https://www.sqlite.org/lang_expr.html#like>: ASCII letters match in both cases, a backslash escapes.
fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| like(&text[skipped..], rest)),
        ['_', rest @ ..] => !text.is_empty() && like(&text[1..], rest),
        ['\\', exact, rest @ ..] | [exact, rest @ ..] => {
            text.first().is_some_and(|c| c.eq_ignore_ascii_case(exact)) && like(&text[1..], rest)
        }
    }
}
