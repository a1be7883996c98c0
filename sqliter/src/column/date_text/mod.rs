//! The text forms of dates and times: read into and written from plain numbers. The files of the date crates only
//! convert to and from these.
#![cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]

mod calendar;
mod columns;
mod form;
mod parse;

pub(super) use calendar::{Date, DateTime, Time};
pub(super) use columns::{date_column, instant_column, moment_column, text_column, time_column};
pub(super) use form::Form;
