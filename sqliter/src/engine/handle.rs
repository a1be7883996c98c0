//! The unsafe steps: statements run in place on a connection that sqlx has opened, it is asked for what rusqlite has no
//! call for, it asks what may be compiled, and the wal-index is read.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{Ordering, fence};

use rusqlite::{Connection, ffi};
use sqlx::sqlite::SqliteConnection;

use super::lasting::{self, Action};

/// Wraps the raw handle of a connection that sqlx owns.
///
/// Only [`super::Connection`] and the set-up of a new connection call this. They keep what the safety argument needs:
/// the wrapper is dropped before the sqlx connection, and the sqlx connection is not used as long as the wrapper is.
#[expect(unsafe_code, reason = "see the argument below")]
pub(super) async fn attach(owner: &mut SqliteConnection) -> Result<Connection, sqlx::Error> {
    let mut handle = owner.lock_handle().await?;
    let raw = handle.as_raw_handle().as_ptr();
    drop(handle);
    // SAFETY:
    // * The pointer is valid: it comes from a connection that is open, and that stays open as long as its owner lives.
    //   Both callers drop the wrapper first; dropping it finalises its statements and does not close the handle.
    // * sqlx and rusqlite are linked to the same libsqlite3 (the `links` key of libsqlite3-sys allows only one), so
    //   the type behind the pointer is the same.
    // * There is no concurrent use. The handle is opened without a mutex, so SQLite asks that one thread at a time
    //   uses it. rusqlite's connection is `Send` and not `Sync`, hence used by one thread at a time. The worker
    //   thread of sqlx touches the handle only to carry out a command; the owner sits beside the wrapper and is given
    //   none until the wrapper is gone. Taking the lock above has waited for the commands before, and its release
    //   makes what they wrote visible here; the drop of the owner reaches the worker through a channel, which orders
    //   everything done through the wrapper before it.
    // * Hooks: rusqlite would free hooks of its own only for handles that it owns, so none are set through the
    //   wrapper; the progress handler is set through sqlx. Functions, collations and modules are freed by SQLite
    //   itself when the handle is closed.
    unsafe { Connection::from_handle(raw) }.map_err(|error| sqlx::Error::Configuration(Box::new(error)))
}

/// Whether foreign keys are violated that SQLite looks at when the transaction ends.
#[expect(unsafe_code, reason = "see the argument below")]
pub(super) fn has_broken_references(connection: &Connection) -> bool {
    let (mut broken, mut highest) = (0, 0);
    // SAFETY: The handle is valid as long as the wrapper is, and nobody else uses it meanwhile: the wrapper is not `Sync`.
    // SQLite writes two integers through pointers to two that live here, and keeps neither.
    let code = unsafe {
        let (handle, status) = (connection.handle(), ffi::SQLITE_DBSTATUS_DEFERRED_FKS);
        ffi::sqlite3_db_status(handle, status, &raw mut broken, &raw mut highest, 0)
    };
    code != ffi::SQLITE_OK || broken != 0
}

/// From now on, SQLite asks [`lasting::is_allowed`] for everything that a statement is about to do, when it compiles the
/// statement.
#[expect(unsafe_code, reason = "see the argument below")]
pub(super) fn ask_before_compiling(connection: &Connection) {
    // SAFETY: The handle is valid as long as the wrapper is, and nobody else uses it meanwhile: the wrapper is not `Sync`.
    // SQLite keeps the function, which is there as long as the program, and the null pointer, which is never read. The call
    // cannot fail for a valid handle.
    unsafe { ffi::sqlite3_set_authorizer(connection.handle(), Some(ask), null_mut()) };
}

#[expect(unsafe_code, reason = "see the argument below")]
unsafe extern "C" fn ask(
    _: *mut c_void,
    code: c_int,
    first: *const c_char,
    second: *const c_char,
    schema: *const c_char,
    _: *const c_char,
) -> c_int {
    // What is asked most often, for each column that is read.
    if !lasting::concerns(code) {
        return ffi::SQLITE_OK;
    }
    let text = |pointer: *const c_char| {
        // SAFETY: SQLite gives null or a text that ends with NUL, which stays as it is until this function returns; what is made
        // of it here does not outlive that.
        (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_str().unwrap_or("\u{fffd}"))
    };
    // What is called here does not panic.
    match lasting::is_allowed(Action { code, first: text(first), second: text(second), schema: text(schema) }) {
        true => ffi::SQLITE_OK,
        false => ffi::SQLITE_DENY,
    }
}

thread_local! {
    /// How many pages the log had after the last commits on this thread.
    static LOG: Cell<i32> = const { Cell::new(0) };
}

/// Puts a hook of ours in the place of SQLite's own, which would move the log into the database file within a commit.
#[expect(unsafe_code, reason = "see the argument below")]
pub(super) fn watch_log(connection: &Connection) {
    // SAFETY: The handle is valid as long as the wrapper is, and nobody else uses it meanwhile: the wrapper is not `Sync`.
    // SQLite calls the function on the thread that commits, with arguments that it does not look at but for a number; it
    // is never gone, gets no pointer of ours, and does not unwind. The hook that was there before is one of SQLite's own,
    // which has nothing to free.
    unsafe {
        ffi::sqlite3_wal_hook(connection.handle(), Some(has_committed), null_mut());
    }
}

extern "C" fn has_committed(_: *mut c_void, _: *mut ffi::sqlite3, _: *const c_char, pages: c_int) -> c_int {
    LOG.set(LOG.get().max(pages));
    ffi::SQLITE_OK
}

/// How many pages the log had after the commits on this thread since the last call; 0 when there was none.
pub(super) fn take_log_length() -> i32 {
    LOG.take()
}

/// The length of the header of the wal-index in words. It stands there twice.
const HEADER: usize = 12;

/// Reads the header of the [wal-index](https://www.sqlite.org/walformat.html#the_wal_index_header) of a connection that has
/// read in WAL mode. Every commit of whatever connection or process changes it, before the commit is reported done. `None`
/// while it is being changed, and where the database has none.
#[expect(unsafe_code, reason = "see the argument below")]
pub(super) fn wal_index(connection: &Connection) -> Option<[u32; HEADER]> {
    const REGION: i32 = 32 * 1024;
    let mut file: *mut ffi::sqlite3_file = null_mut();
    let mut region: *mut c_void = null_mut();
    // SAFETY:
    // * The handle is valid as long as the wrapper is, and nobody else uses it meanwhile: the wrapper is not `Sync`.
    // * For this operation, SQLite writes a pointer to its object of the database file through the argument. That
    //   object lives as long as the handle, and its methods as long as the process.
    // * The method is called as SQLite itself calls it, with its size of a region and without enlarging the file. The
    //   connection is in WAL mode and has read, so that the region is mapped already; the method gives its address,
    //   or none. A region stays mapped until the connection closes.
    // * Where the file of the index may not be written, the method says so by a code, and gives a region that is mapped for
    //   reading. Nothing is written here.
    // * A region has 32 KiB and is aligned for words, so that the 24 words are in it. Other connections and processes
    //   change them at any time, hence the volatile reads; any bits are a number. SQLite's own readers do the same
    //   without a lock: a writer changes the second copy of the header first and the first copy last, with a barrier
    //   between, so that copies read in the other order differ while it is at work.
    unsafe {
        let code = ffi::sqlite3_file_control(
            connection.handle(),
            c"main".as_ptr(),
            ffi::SQLITE_FCNTL_FILE_POINTER,
            (&raw mut file).cast(),
        );
        if code != ffi::SQLITE_OK || file.is_null() || (*file).pMethods.is_null() {
            return None;
        }
        let methods = &*(*file).pMethods;
        let map = methods.xShmMap.filter(|_| methods.iVersion >= 2)?;
        let mapped = map(file, 0, REGION, 0, &raw mut region);
        if !matches!(mapped, ffi::SQLITE_OK | ffi::SQLITE_READONLY) || region.is_null() {
            return None;
        }
        let word = |at: usize| region.cast::<u32>().add(at).read_volatile();
        let header: [u32; HEADER] = std::array::from_fn(word);
        fence(Ordering::SeqCst);
        let again = std::array::from_fn(|at| word(HEADER + at));
        (header == again).then_some(header)
    }
}
