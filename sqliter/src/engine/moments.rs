//! Moments and durations in SQL, exact to the nanosecond; SQLite's own date functions know milliseconds.

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef as Raw};
use rusqlite::{Connection, Error, Result};

use crate::column::date_text::{DateTime, Form};
use crate::column::duration::{self, NANOS_PER_SECOND};
use crate::value::ValueRef;

const NANOS_PER_DAY: i128 = 86_400 * NANOS_PER_SECOND;

pub(super) fn set_up(sqlite: &Connection, flags: FunctionFlags) -> Result<()> {
    sqlite.create_collation(duration::COLLATION, duration::compare)?;
    sqlite.create_scalar_function("moment_add", 2, flags, |x| moved(x, 1))?;
    sqlite.create_scalar_function("moment_sub", 2, flags, |x| moved(x, -1))?;
    sqlite.create_scalar_function("moment_diff", 2, flags, |x| {
        let (Some(end), Some(start)) = (moment(x, 0)?, moment(x, 1)?) else { return Ok(None) };
        Ok(Some(duration::write(end - start)))
    })?;
    sqlite.create_scalar_function("duration_add", 2, flags, |x| summed(x, 1))?;
    sqlite.create_scalar_function("duration_sub", 2, flags, |x| summed(x, -1))?;
    sqlite.create_aggregate_function("duration_sum", 1, flags, Total { average: false })?;
    sqlite.create_aggregate_function("duration_avg", 1, flags, Total { average: true })
}

/// A moment with a duration added or taken away, in the form of what it was: a number of seconds, a day, or an instant.
fn moved(context: &Context<'_>, sign: i128) -> Result<Option<Value>> {
    let (Some(start), Some(by)) = (moment(context, 0)?, nanos(context, 1)?) else { return Ok(None) };
    let raw = context.get_raw(0);
    let is_day = matches!(raw, Raw::Text(text) if text.len() == "YYYY-MM-DD".len());
    let by = if is_day { by / NANOS_PER_DAY * NANOS_PER_DAY } else { by };
    let end = sign.checked_mul(by).and_then(|by| start.checked_add(by)).ok_or_else(overflow)?;
    let seconds = i64::try_from(end.div_euclid(NANOS_PER_SECOND)).map_err(|_| overflow())?;
    if !(FIRST_SECOND..=LAST_SECOND).contains(&seconds) {
        return Err(overflow());
    }
    let end = DateTime::from_unix(seconds, end.rem_euclid(NANOS_PER_SECOND) as u32);
    Ok(Some(match raw {
        Raw::Integer(_) => Value::Integer(seconds),
        _ if is_day => Value::Text(Form::DATE.write(end.date).map_err(|_| overflow())?),
        _ => Value::Text(Form::INSTANT.write(end).map_err(|_| overflow())?),
    }))
}

/// From 0000-01-01 00:00 to 9999-12-31 23:59:59, in Unix seconds.
const FIRST_SECOND: i64 = -62_167_219_200;
const LAST_SECOND: i64 = 253_402_300_799;

fn summed(context: &Context<'_>, sign: i128) -> Result<Option<String>> {
    let (Some(left), Some(right)) = (nanos(context, 0)?, nanos(context, 1)?) else { return Ok(None) };
    let sum = sign.checked_mul(right).and_then(|right| left.checked_add(right)).ok_or_else(too_long)?;
    Ok(Some(duration::write(sum)))
}

/// The sum or the average of durations; `NULL` without any.
struct Total {
    average: bool,
}

impl Aggregate<(i128, i128), Option<String>> for Total {
    fn init(&self, _: &mut Context<'_>) -> Result<(i128, i128)> {
        Ok((0, 0))
    }

    fn step(&self, context: &mut Context<'_>, (sum, number): &mut (i128, i128)) -> Result<()> {
        if let Some(nanos) = nanos(context, 0)? {
            *sum = sum.checked_add(nanos).ok_or_else(too_long)?;
            *number += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, total: Option<(i128, i128)>) -> Result<Option<String>> {
        let Some((sum, number @ 1..)) = total else { return Ok(None) };
        Ok(Some(duration::write(if self.average { rounded(sum, number) } else { sum })))
    }
}

/// The nearest whole quotient; halves go away from zero.
const fn rounded(sum: i128, number: i128) -> i128 {
    let (whole, rest) = (sum / number, sum % number);
    if rest.unsigned_abs() >= number.unsigned_abs().div_ceil(2) { whole + sum.signum() } else { whole }
}

/// Nanoseconds since 1970 of a value in the form of its type: whole numbers are Unix seconds.
fn moment(context: &Context<'_>, index: usize) -> Result<Option<i128>> {
    let raw = context.get_raw(index);
    match raw {
        Raw::Null => Ok(None),
        Raw::Integer(seconds) => Ok(Some(i128::from(seconds) * NANOS_PER_SECOND)),
        Raw::Text(text) => {
            let text = std::str::from_utf8(text).map_err(failed)?;
            let read = DateTime::read(ValueRef::Text(text)).map_err(failed)?;
            Ok(Some(i128::from(read.unix_seconds()) * NANOS_PER_SECOND + i128::from(read.time.nanos)))
        }
        Raw::Real(_) | Raw::Blob(_) => Err(failed("the value is no date or time")),
    }
}

fn nanos(context: &Context<'_>, index: usize) -> Result<Option<i128>> {
    let value = match context.get_raw(index) {
        Raw::Null => return Ok(None),
        Raw::Integer(integer) => ValueRef::Integer(integer),
        Raw::Real(real) => ValueRef::Real(real),
        Raw::Text(text) => ValueRef::Text(std::str::from_utf8(text).map_err(failed)?),
        Raw::Blob(blob) => ValueRef::Blob(blob),
    };
    duration::read(value).map(Some).map_err(|_| failed(format!("{} is not {}", value.describe(), duration::EXPECTED)))
}

fn overflow() -> Error {
    failed("the sum of a moment and a duration is outside the years 0000 to 9999, the years of SQLite's dates")
}

fn too_long() -> Error {
    failed("the sum of durations is out of range")
}

fn failed(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::UserFunctionError(reason.into())
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn averages_are_rounded_to_the_nearest() {
        let averages = [(10, 4), (9, 4), (11, 4), (-10, 4), (-9, 4), (5, 3), (4, 3), (7, 1), (0, 3)];
        let rounded = averages.map(|(sum, number)| rounded(sum, number));
        assert_eq!(rounded, [3, 2, 3, -3, -2, 2, 1, 7, 0]);
    }
}
