//! Statements that would leave something behind on their connection, where it would be met by whoever uses it next, and by
//! nobody who uses another one: settings, attached databases, temporary tables.
//!
//! SQLite itself tells what a statement is about to do while it is
//! [compiled](https://www.sqlite.org/c3ref/set_authorizer.html), however it is written. Some pragmas act at that time
//! already, and not when they are run.

use std::cell::Cell;

use rusqlite::ffi;

use super::enforcement::{FOREIGN_KEYS, Setting};

/// What a statement is about to do, as SQLite tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action<'a> {
    /// One of SQLite's [codes](https://www.sqlite.org/c3ref/c_alter_table.html), which say what the texts are.
    pub(super) code: i32,
    pub(super) first: Option<&'a str>,
    pub(super) second: Option<&'a str>,
    pub(super) schema: Option<&'a str>,
}

#[derive(Debug, Clone, Copy)]
enum Compiling {
    /// A statement of the library, which puts back what it changes.
    Own,
    OfTheUser {
        in_transaction: bool,
    },
    /// A statement of a script.
    OfScript,
    Refused(&'static str),
    /// Nothing may be compiled.
    Nothing,
}

thread_local! {
    /// What is compiled on this thread. SQLite asks on the thread that compiles.
    static COMPILING: Cell<Compiling> = const { Cell::new(Compiling::Own) };
}

/// Compiles a statement of the user. Gives why it was refused too, if it was.
pub(super) fn compile<T>(in_transaction: bool, work: impl FnOnce() -> T) -> (T, Option<&'static str>) {
    compile_as(Compiling::OfTheUser { in_transaction }, work)
}

/// As [`compile`], for a statement of a script, which has the connection for itself; what it leaves behind is put back when the
/// script is over.
pub(super) fn compile_in_script<T>(work: impl FnOnce() -> T) -> (T, Option<&'static str>) {
    compile_as(Compiling::OfScript, work)
}

fn compile_as<T>(what: Compiling, work: impl FnOnce() -> T) -> (T, Option<&'static str>) {
    let before = COMPILING.replace(what);
    let value = work();
    match COMPILING.replace(before) {
        Compiling::Refused(reason) => (value, Some(reason)),
        Compiling::Own | Compiling::OfTheUser { .. } | Compiling::OfScript | Compiling::Nothing => (value, None),
    }
}

/// Runs a statement that was compiled before. It fails, and has done nothing, where SQLite would have to compile it anew.
pub(super) fn compiling_nothing<T>(work: impl FnOnce() -> T) -> T {
    let before = COMPILING.replace(Compiling::Nothing);
    let value = work();
    COMPILING.set(before);
    value
}

/// Whether an action of that kind may be refused.
pub(super) const fn concerns(code: i32) -> bool {
    matches!(
        code,
        ffi::SQLITE_ATTACH
            | ffi::SQLITE_DETACH
            | ffi::SQLITE_ALTER_TABLE
            | ffi::SQLITE_INSERT
            | ffi::SQLITE_UPDATE
            | ffi::SQLITE_DELETE
            | ffi::SQLITE_PRAGMA
    )
}

/// Asked by SQLite about an action that may be refused.
pub(super) fn is_allowed(action: Action<'_>) -> bool {
    let refused = match COMPILING.get() {
        Compiling::OfTheUser { in_transaction } => refusal(action, in_transaction),
        Compiling::OfScript => refusal_in_script(action),
        Compiling::Own | Compiling::Refused(_) => return true,
        Compiling::Nothing => return false,
    };
    match refused {
        Some(reason) => {
            COMPILING.set(Compiling::Refused(reason));
            false
        }
        None => true,
    }
}

const ATTACHED: &str = "a database is attached to one connection, and there are several: attach it to all of them with \
    `DbOptions::on_connect`, or open it as a `Db` of its own";
const TEMPORARY: &str = "what is temporary belongs to one connection, and there are several: create it on all of them with \
    `DbOptions::on_connect`, or use what is not temporary";

/// Why that is not done, and what to do instead.
fn refusal(action: Action<'_>, in_transaction: bool) -> Option<&'static str> {
    let is = |text: Option<&str>, known: &[&str]| text.is_some_and(|text| known.contains(&text));
    match action.code {
        ffi::SQLITE_ATTACH | ffi::SQLITE_DETACH => Some(ATTACHED),
        ffi::SQLITE_ALTER_TABLE if is(action.first, &["temp"]) => Some(TEMPORARY),
        // Whatever creates or drops something temporary writes there. (To alter any table updates it.)
        ffi::SQLITE_INSERT | ffi::SQLITE_DELETE
            if is(action.schema, &["temp"]) && is(action.first, &["sqlite_master", "sqlite_temp_master"]) =>
        {
            Some(TEMPORARY)
        }
        ffi::SQLITE_PRAGMA => match (action.first, action.second) {
            // It only asks.
            (_, None) => None,
            (Some(name), Some(_)) => setting(name, in_transaction),
            (None, Some(_)) => Some(SETTING),
        },
        _ => None,
    }
}

/// Why that is not done in a script, and what to do instead.
fn refusal_in_script(action: Action<'_>) -> Option<&'static str> {
    match (action.code, action.first, action.second) {
        (ffi::SQLITE_ATTACH | ffi::SQLITE_DETACH, ..) => Some(ATTACHED),
        (ffi::SQLITE_PRAGMA, Some(name), Some(value)) => {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            let is_put_back = PUT_BACK.iter().any(|setting| is(setting.name()));
            let is_wal_already = is("journal_mode") && value.eq_ignore_ascii_case("wal");
            if is_put_back || is_wal_already { None } else { setting(name, true) }
        }
        _ => None,
    }
}

/// The settings that a script may make: they hold until its end.
pub(super) const PUT_BACK: [Setting; 4] = [
    // Inside a transaction, it does nothing.
    FOREIGN_KEYS,
    Setting {
        ask: "PRAGMA legacy_alter_table",
        on: "PRAGMA legacy_alter_table = ON",
        off: "PRAGMA legacy_alter_table = OFF",
    },
    Setting { ask: "PRAGMA writable_schema", on: "PRAGMA writable_schema = ON", off: "PRAGMA writable_schema = OFF" },
    Setting {
        ask: "PRAGMA ignore_check_constraints",
        on: "PRAGMA ignore_check_constraints = ON",
        off: "PRAGMA ignore_check_constraints = OFF",
    },
];

const SETTING: &str = "the setting is one of a connection, and there are several: make it on all of them with \
    `DbOptions::on_connect`";

/// Why a pragma with a value is not run. Those that are not known are not.
fn setting(name: &str, in_transaction: bool) -> Option<&'static str> {
    /// Their value says what they ask about.
    const ASK: [&str; 10] = [
        "foreign_key_check",
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "quick_check",
        "table_info",
        "table_list",
        "table_xinfo",
    ];
    /// They do something with the file, which all connections share.
    const ACT_ON_THE_FILE: [&str; 8] = [
        "application_id",
        "auto_vacuum",
        "incremental_vacuum",
        "optimize",
        "page_size",
        "schema_version",
        "user_version",
        "wal_checkpoint",
    ];
    const KNOWN: [(&str, &str); 9] = [
        (
            "foreign_keys",
            "foreign keys are enforced on all connections: not to enforce them on any, use `DbOptions::on_connect`; to have \
             them looked at when a transaction ends, run `PRAGMA defer_foreign_keys = ON` inside it",
        ),
        ("busy_timeout", "the time limit is one for all connections: set it with `DbOptions::busy_timeout`"),
        ("journal_mode", "all connections rest on the journal mode that the library has chosen"),
        ("locking_mode", "for a file that only this program uses, there is `DbOptions::exclusive`"),
        ("synchronous", "all connections commit alike: set it with `DbOptions::synchronous`"),
        ("cache_size", "each connection has a cache: set it for all of them with `DbOptions::cache_size`"),
        ("mmap_size", "each connection maps the file: set it for all of them with `DbOptions::mmap_size`"),
        ("journal_size_limit", "any connection may write: set it for all of them with `DbOptions::journal_size_limit`"),
        ("encoding", "all text of the library is UTF-8"),
    ];
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    if is(&"defer_foreign_keys") {
        return (!in_transaction).then_some(
            "it holds until the end of a transaction: run it inside one, which `db.transaction(…)` or `db.begin()` begins",
        );
    }
    if ASK.iter().chain(&ACT_ON_THE_FILE).any(is) {
        return None;
    }
    let known = KNOWN.iter().find(|(known, _)| is(known));
    Some(known.map_or(SETTING, |(_, reason)| reason))
}
