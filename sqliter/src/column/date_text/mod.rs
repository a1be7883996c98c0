//! The text forms of dates and times: read into and written from plain numbers. The files of the date crates only
//! convert to and from these.
#![cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]

mod calendar;
mod columns;
mod form;
mod parse;

pub(crate) use calendar::DateTime;
pub(super) use calendar::{Date, Time};
pub(super) use columns::{date_column, duration_column, instant_column, moment_column, text_column, time_column};
pub(crate) use form::Form;
