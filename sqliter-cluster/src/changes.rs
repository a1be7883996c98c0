//! What a transaction has changed, as bytes, by [SQLite's session extension](https://www.sqlite.org/sessionintro.html), and the same
//! changes made elsewhere.
//!
//! rusqlite has the extension only for those who build its bindings anew, with libclang. SQLite's functions are in the bindings that
//! it brings; SQLite itself is built with them by the flags in `.cargo/config.toml`.

use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, Result, ffi, params};

use crate::exchanged;

/// What is changed on a connection from now on, row by row: by statements, triggers and foreign keys. Rows of tables without a
/// primary key are known by their row ids.
pub struct Recording<'c> {
    connection: &'c Connection,
    session: Session,
}

/// What has changed: rows, and the counters of AUTOINCREMENT, which are no rows to SQLite's session.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Changes {
    rows: Vec<u8>,
    /// What they are now, by the names of their tables; `None` where there is none any more.
    counters: Vec<(String, Option<i64>)>,
}

impl<'c> Recording<'c> {
    /// Begins to record.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn begin(connection: &'c Connection) -> Result<Self> {
        // SAFETY: the connection is borrowed until the recording has ended.
        let session = unsafe { Session::begin(connection)? };
        Ok(Self { connection, session })
    }

    /// What has changed since.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn changes(self) -> Result<Changes> {
        // SAFETY: it is the connection of the session.
        unsafe { self.session.changes(self.connection) }
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        // SAFETY: the connection is still open, and nothing uses the session afterwards.
        unsafe { self.session.end() }
    }
}

/// SQLite's object. It does not know whether its connection is still there.
pub(crate) struct Session {
    session: *mut ffi::sqlite3_session,
    /// The counters of AUTOINCREMENT when it began.
    counters: BTreeMap<String, i64>,
}

// SAFETY: a session belongs to its connection, and SQLite lets any one thread at a time use both.
unsafe impl Send for Session {}

impl Session {
    /// Records what is changed on the connection from now on.
    ///
    /// # Safety
    ///
    /// The session must not be used after the connection was closed.
    pub(crate) unsafe fn begin(connection: &Connection) -> Result<Self> {
        let counters = counters(connection)?;
        let (mut session, mut by_row_id) = (null_mut(), 1);
        // SAFETY: the handle is valid as long as the borrowed connection. SQLite writes a pointer to a new session through the
        // argument, and reads the number for the time of the call. Without a name, all tables are recorded.
        unsafe {
            check(connection, ffi::sqlite3session_create(connection.handle(), c"main".as_ptr(), &raw mut session))?;
            let option = ffi::SQLITE_SESSION_OBJCONFIG_ROWID;
            let mut code = ffi::sqlite3session_object_config(session, option, (&raw mut by_row_id).cast());
            if code == ffi::SQLITE_OK {
                code = ffi::sqlite3session_attach(session, std::ptr::null());
            }
            if code != ffi::SQLITE_OK {
                ffi::sqlite3session_delete(session);
            }
            check(connection, code)?;
        }
        Ok(Self { session, counters })
    }

    /// What has changed since it began.
    ///
    /// # Safety
    ///
    /// The connection must be that of the session, and the session must not have ended.
    pub(crate) unsafe fn changes(&self, connection: &Connection) -> Result<Changes> {
        // A full-text index writes its tables when a savepoint begins, or at the commit, which does not come.
        connection.execute_batch("SAVEPOINT cluster_changes; RELEASE cluster_changes")?;
        let (mut length, mut bytes) = (0, null_mut());
        // SAFETY: the session is valid. SQLite gives a buffer of its own and its length, of which a copy is made before it is freed.
        let rows = unsafe {
            let code = ffi::sqlite3session_changeset(self.session, &raw mut length, &raw mut bytes);
            let length = usize::try_from(length).unwrap_or(0);
            let rows = match bytes.is_null() {
                true => Vec::new(),
                false => std::slice::from_raw_parts(bytes.cast::<u8>(), length).to_vec(),
            };
            ffi::sqlite3_free(bytes);
            check(connection, code)?;
            rows
        };
        let now = counters(connection)?;
        let gone = self.counters.keys().filter(|name| !now.contains_key(*name)).map(|name| (name.clone(), None));
        let set = now.iter().filter(|(name, counter)| self.counters.get(*name) != Some(counter));
        let set = set.map(|(name, counter)| (name.clone(), Some(*counter)));
        Ok(Changes { rows, counters: gone.chain(set).collect() })
    }

    /// Records nothing any more.
    ///
    /// # Safety
    ///
    /// The connection must be open, and the session is not used afterwards.
    pub(crate) unsafe fn end(&self) {
        // SAFETY: as the caller says.
        unsafe { ffi::sqlite3session_delete(self.session) }
    }
}

impl Changes {
    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.counters.is_empty()
    }

    /// How many bytes the rows take.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Makes the same changes in a database that is as the one was before them, in the transaction that is open, on a connection that
    /// was [made ready](ready). Where it is not the same, none is made.
    ///
    /// # Errors
    ///
    /// `SQLITE_ABORT` where a row is not there, and a constraint where one is broken at the end: the database was another one.
    pub fn apply(&self, connection: &Connection) -> Result<()> {
        if !self.rows.is_empty() {
            let length = c_int::try_from(self.rows.len()).map_err(|_| Error::InvalidQuery)?;
            // SAFETY: the handle is valid, and the buffer for the time of the call; SQLite reads it only, whatever the type of the
            // argument says. `stop` uses nothing that it is given.
            let code = unsafe {
                ffi::sqlite3changeset_apply_v2(
                    connection.handle(),
                    length,
                    self.rows.as_ptr().cast_mut().cast(),
                    None,
                    Some(stop),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                    0,
                )
            };
            match check(connection, code) {
                // A constraint is broken on the way, and would not be at the end.
                Err(_) if code == ffi::SQLITE_ABORT => exchanged::apply(connection, &self.rows)?,
                applied => applied?,
            }
        }
        for (table, counter) in &self.counters {
            let Some(counter) = counter else {
                connection.prepare_cached("DELETE FROM sqlite_sequence WHERE name = ?1")?.execute([table])?;
                continue;
            };
            let mut set = connection.prepare_cached("UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1")?;
            if set.execute(params![table, counter])? == 0 {
                let mut begin = connection.prepare_cached("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)")?;
                begin.execute(params![table, counter])?;
            }
        }
        Ok(())
    }
}

/// Makes a connection ready to apply changes: what triggers and foreign keys did is among them, and must not be done again.
///
/// # Errors
///
/// What SQLite says.
pub fn ready(connection: &Connection) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.pragma_update(None, "foreign_keys", false)
}

/// A row is not as it was, or a constraint is broken.
unsafe extern "C" fn stop(_: *mut c_void, _: c_int, _: *mut ffi::sqlite3_changeset_iter) -> c_int {
    ffi::SQLITE_CHANGESET_ABORT
}

fn counters(connection: &Connection) -> Result<BTreeMap<String, i64>> {
    let is_there = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence')";
    if !connection.prepare_cached(is_there)?.query_row([], |row| row.get(0))? {
        return Ok(BTreeMap::new());
    }
    let mut all = connection.prepare_cached("SELECT name, seq FROM sqlite_sequence")?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

pub(crate) fn check(connection: &Connection, code: c_int) -> Result<()> {
    if code == ffi::SQLITE_OK {
        return Ok(());
    }
    // SAFETY: the handle is valid, and the text is copied before SQLite is called again.
    let message = unsafe { std::ffi::CStr::from_ptr(ffi::sqlite3_errmsg(connection.handle())) };
    Err(Error::SqliteFailure(ffi::Error::new(code), Some(message.to_string_lossy().into_owned())))
}
