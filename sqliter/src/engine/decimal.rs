//! Decimal numbers in SQL: comparison, arithmetic and sums by value, without rounding where that is possible.

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef as Raw;
use rusqlite::{Connection, Error, Result};
use rust_decimal::Decimal;

use crate::value::{ColumnType, ValueRef};

pub(super) fn set_up(sqlite: &Connection, flags: FunctionFlags) -> Result<()> {
    sqlite.create_collation("decimal", crate::value::compare_decimals)?;
    sqlite.create_scalar_function("decimal_add", 2, flags, |x| binary(x, Decimal::checked_add))?;
    sqlite.create_scalar_function("decimal_sub", 2, flags, |x| binary(x, Decimal::checked_sub))?;
    sqlite.create_scalar_function("decimal_mul", 2, flags, |x| binary(x, Decimal::checked_mul))?;
    sqlite.create_scalar_function("decimal_div", 2, flags, |x| divided(x, Decimal::checked_div))?;
    sqlite.create_scalar_function("decimal_rem", 2, flags, |x| divided(x, Decimal::checked_rem))?;
    sqlite.create_scalar_function("decimal_abs", 1, flags, |x| Ok(number(x, 0)?.map(|x| x.abs().to_string())))?;
    sqlite.create_aggregate_function("decimal_sum", 1, flags, Sum)
}

type Operator = fn(Decimal, Decimal) -> Option<Decimal>;

/// `NULL` when an operand is.
fn binary(context: &Context<'_>, operator: Operator) -> Result<Option<String>> {
    let (Some(left), Some(right)) = (number(context, 0)?, number(context, 1)?) else { return Ok(None) };
    operator(left, right).map(|result| Some(result.to_string())).ok_or_else(overflow)
}

/// As [`binary`], and `NULL` when the divisor is zero.
fn divided(context: &Context<'_>, operator: Operator) -> Result<Option<String>> {
    if number(context, 1)?.is_some_and(|divisor| divisor.is_zero()) {
        return Ok(None);
    }
    binary(context, operator)
}

struct Sum;

impl Aggregate<Option<Decimal>, Option<String>> for Sum {
    fn init(&self, _: &mut Context<'_>) -> Result<Option<Decimal>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut Option<Decimal>) -> Result<()> {
        if let Some(number) = number(context, 0)? {
            *sum = Some(sum.unwrap_or_default().checked_add(number).ok_or_else(overflow)?);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, sum: Option<Option<Decimal>>) -> Result<Option<String>> {
        Ok(sum.flatten().map(|sum| sum.to_string()))
    }
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
    failed("decimal overflow")
}

fn failed(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::UserFunctionError(reason.into())
}
