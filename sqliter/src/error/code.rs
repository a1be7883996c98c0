//! SQLite's [result codes](https://www.sqlite.org/rescode.html), as far as the library tells them apart.

pub(crate) const ERROR: i32 = 1;
pub(crate) const BUSY: i32 = 5;
pub(crate) const LOCKED: i32 = 6;
pub(crate) const NO_MEMORY: i32 = 7;
pub(crate) const READ_ONLY: i32 = 8;
pub(crate) const INTERRUPT: i32 = 9;
pub(crate) const IO_ERROR: i32 = 10;
pub(crate) const CORRUPT: i32 = 11;
pub(crate) const FULL: i32 = 13;
pub(crate) const CANNOT_OPEN: i32 = 14;
pub(crate) const SCHEMA: i32 = 17;
pub(crate) const TOO_BIG: i32 = 18;
pub(crate) const CONSTRAINT: i32 = 19;
pub(crate) const MISMATCH: i32 = 20;
pub(crate) const MISUSE: i32 = 21;
pub(crate) const NOT_A_DATABASE: i32 = 26;

pub(crate) const CHECK: i32 = 275;
pub(crate) const FOREIGN_KEY: i32 = 787;
pub(crate) const FUNCTION: i32 = 1043;
pub(crate) const NOT_NULL: i32 = 1299;
pub(crate) const PRIMARY_KEY: i32 = 1555;
pub(crate) const TRIGGER: i32 = 1811;
pub(crate) const UNIQUE: i32 = 2067;
pub(crate) const VIRTUAL_TABLE: i32 = 2323;
pub(crate) const ROW_ID: i32 = 2579;
pub(crate) const DATATYPE: i32 = 3091;

/// The primary code of an extended one.
pub(crate) const fn primary(code: i32) -> i32 {
    code & 0xff
}
