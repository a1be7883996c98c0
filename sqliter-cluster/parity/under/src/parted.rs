//! What was found when databases were compared.

use std::io::Write as _;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static FOUND: Mutex<Found> = Mutex::new(Found { comparing: 0, compared: 0, parted: Vec::new() });
static CHANGED: Condvar = Condvar::new();

struct Found {
    comparing: usize,
    compared: usize,
    parted: Vec<String>,
}

fn found() -> MutexGuard<'static, Found> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A comparison begins.
pub(crate) fn begins() {
    found().comparing += 1;
}

/// It has ended. Where the machines hold different rows, `Err` says which.
pub(crate) fn ends(test: &str, compared: Result<(), String>) {
    let mut found = found();
    found.comparing -= 1;
    found.compared += 1;
    if let Err(how) = compared {
        tell(&format!("parted: {test}: {how}"));
        found.parted.push(test.to_owned());
    }
    CHANGED.notify_all();
}

unsafe extern "C" {
    fn atexit(call: extern "C" fn()) -> i32;
    fn _exit(code: i32) -> !;
}

/// Lets the program fail where machines have parted.
pub(crate) fn fail_at_exit() {
    // SAFETY: the function is there as long as the program, and does not unwind: it prints and ends the program.
    let code = unsafe { atexit(at_exit) };
    assert_eq!(code, 0, "the system takes no more functions for the end of the program");
}

extern "C" fn at_exit() {
    const PATIENCE: Duration = Duration::from_secs(60);
    let left = CHANGED.wait_timeout_while(found(), PATIENCE, |found| found.comparing > 0);
    let (found, _) = left.unwrap_or_else(PoisonError::into_inner);
    tell(&format!("machines: {} databases were compared, {} have parted", found.compared, found.parted.len()));
    if !found.parted.is_empty() || found.comparing > 0 {
        // SAFETY: it ends the process, whatever else is at work in it.
        unsafe { _exit(101) }
    }
}

/// Past the harness, which keeps what tests print.
fn tell(line: &str) {
    // Nobody is there to be told that the standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
