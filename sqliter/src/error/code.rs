//! SQLite's [result codes](https://www.sqlite.org/rescode.html) by their names, without `SQLITE_`.

pub(crate) const ERROR: i32 = 1;
pub(crate) const BUSY: i32 = 5;
pub(crate) const LOCKED: i32 = 6;
pub(crate) const READONLY: i32 = 8;
pub(crate) const INTERRUPT: i32 = 9;
pub(crate) const IOERR: i32 = 10;
pub(crate) const CORRUPT: i32 = 11;
pub(crate) const FULL: i32 = 13;
pub(crate) const CANTOPEN: i32 = 14;
pub(crate) const PROTOCOL: i32 = 15;
pub(crate) const TOOBIG: i32 = 18;
pub(crate) const CONSTRAINT: i32 = 19;
pub(crate) const MISMATCH: i32 = 20;
pub(crate) const MISUSE: i32 = 21;
pub(crate) const NOTADB: i32 = 26;

pub(crate) const READONLY_RECOVERY: i32 = extended(READONLY, 1);
pub(crate) const READONLY_ROLLBACK: i32 = extended(READONLY, 3);
pub(crate) const READONLY_DBMOVED: i32 = extended(READONLY, 4);
pub(crate) const READONLY_CANTINIT: i32 = extended(READONLY, 5);
pub(crate) const READONLY_DIRECTORY: i32 = extended(READONLY, 6);

pub(crate) const ABORT_ROLLBACK: i32 = extended(4, 2);

pub(crate) const CONSTRAINT_CHECK: i32 = extended(CONSTRAINT, 1);
pub(crate) const CONSTRAINT_FOREIGNKEY: i32 = extended(CONSTRAINT, 3);
pub(crate) const CONSTRAINT_FUNCTION: i32 = extended(CONSTRAINT, 4);
pub(crate) const CONSTRAINT_NOTNULL: i32 = extended(CONSTRAINT, 5);
pub(crate) const CONSTRAINT_PRIMARYKEY: i32 = extended(CONSTRAINT, 6);
pub(crate) const CONSTRAINT_TRIGGER: i32 = extended(CONSTRAINT, 7);
pub(crate) const CONSTRAINT_UNIQUE: i32 = extended(CONSTRAINT, 8);
pub(crate) const CONSTRAINT_VTAB: i32 = extended(CONSTRAINT, 9);
pub(crate) const CONSTRAINT_ROWID: i32 = extended(CONSTRAINT, 10);
pub(crate) const CONSTRAINT_DATATYPE: i32 = extended(CONSTRAINT, 12);

const fn extended(primary: i32, number: i32) -> i32 {
    primary | (number << 8)
}

/// The code without what extends it.
pub(crate) const fn primary(code: i32) -> i32 {
    code & 0xff
}
