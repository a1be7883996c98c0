//! Decimal numbers in SQL: comparison, arithmetic and sums by value. Results are exact or an error, but for quotients, and
//! have the form that is stored.

use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::ValueRef as Raw;
use rusqlite::{Connection, Error, Result};
use rust_decimal::Decimal;

use super::exact::{self, Total};
use crate::column::ColumnType;
use crate::value::ValueRef;

pub(super) fn set_up(sqlite: &Connection, flags: FunctionFlags) -> Result<()> {
    sqlite.create_collation("decimal", crate::column::compare_decimals)?;
    sqlite.create_scalar_function("decimal_add", 2, flags, |x| binary(x, exact::add))?;
    sqlite.create_scalar_function("decimal_sub", 2, flags, |x| binary(x, exact::subtract))?;
    sqlite.create_scalar_function("decimal_mul", 2, flags, |x| binary(x, exact::multiply))?;
    sqlite.create_scalar_function("decimal_div", 2, flags, |x| divided(x, Decimal::checked_div))?;
    sqlite.create_scalar_function("decimal_rem", 2, flags, |x| divided(x, exact::remainder))?;
    sqlite.create_scalar_function("decimal_abs", 1, flags, |x| Ok(number(x, 0)?.map(|x| text(x.abs()))))?;
    sqlite.create_window_function("decimal_sum", 1, flags, Sum)
}

type Operator = fn(Decimal, Decimal) -> Option<Decimal>;

/// `NULL` when an operand is.
fn binary(context: &Context<'_>, operator: Operator) -> Result<Option<String>> {
    let (Some(left), Some(right)) = (number(context, 0)?, number(context, 1)?) else { return Ok(None) };
    operator(left, right).map(|result| Some(text(result))).ok_or_else(overflow)
}

/// As [`binary`], and `NULL` when the divisor is zero.
fn divided(context: &Context<'_>, operator: Operator) -> Result<Option<String>> {
    if number(context, 1)?.is_some_and(|divisor| divisor.is_zero()) {
        return Ok(None);
    }
    binary(context, operator)
}

struct Sum;

/// The sum of the numbers that are in it, and how many these are: without any it is `NULL`.
#[derive(Default)]
struct Summed {
    total: Total,
    numbers: usize,
}

impl Summed {
    fn value(&self) -> Result<Option<String>> {
        if self.numbers == 0 {
            return Ok(None);
        }
        self.total.value().map(|sum| Some(text(sum))).ok_or_else(overflow)
    }
}

impl Aggregate<Summed, Option<String>> for Sum {
    fn init(&self, _: &mut Context<'_>) -> Result<Summed> {
        Ok(Summed::default())
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut Summed) -> Result<()> {
        if let Some(number) = number(context, 0)? {
            sum.total.add(number).ok_or_else(overflow)?;
            sum.numbers += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, sum: Option<Summed>) -> Result<Option<String>> {
        sum.map_or(Ok(None), |sum| sum.value())
    }
}

impl WindowAggregate<Summed, Option<String>> for Sum {
    fn value(&self, sum: Option<&mut Summed>) -> Result<Option<String>> {
        sum.map_or(Ok(None), |sum| sum.value())
    }

    fn inverse(&self, context: &mut Context<'_>, sum: &mut Summed) -> Result<()> {
        if let Some(number) = number(context, 0)? {
            sum.total.subtract(number).ok_or_else(overflow)?;
            sum.numbers = sum.numbers.saturating_sub(1);
        }
        Ok(())
    }
}

/// The form that is stored.
fn text(number: Decimal) -> String {
    number.normalize().to_string()
}

fn number(context: &Context<'_>, index: usize) -> Result<Option<Decimal>> {
    let value = match context.get_raw(index) {
        Raw::Null => return Ok(None),
        Raw::Integer(integer) => ValueRef::Integer(integer),
        Raw::Real(real) => ValueRef::Real(real),
        Raw::Text(text) => ValueRef::Text(std::str::from_utf8(text).map_err(failed)?),
        Raw::Blob(blob) => ValueRef::Blob(blob),
    };
    match Decimal::decode(value) {
        Ok(decimal) => Ok(Some(decimal)),
        Err(_) => Err(failed(format!("{} is not {}", value.describe(), Decimal::EXPECTED))),
    }
}

fn overflow() -> Error {
    failed("decimal overflow: the exact result does not fit a Decimal, which has 28 digits")
}

fn failed(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::UserFunctionError(reason.into())
}
