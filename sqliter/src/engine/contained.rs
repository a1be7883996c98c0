//! The user's code in the midst of the engine's: the drop of a value, a waker, what listens to the log.
//!
//! A panic there is told by the panic hook. It is no error of the job that happens to be under way, and must not end what the
//! engine is doing: a connection that is given back, a thread that serves all.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of the user's. `None` when it panics.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => Some(value),
        Err(panic) => {
            // What the panic carries may panic in its turn when it is dropped; what that one carries is leaked.
            if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
                std::mem::forget(another);
            }
            None
        }
    }
}

/// Drops values of the user's, each for itself: of two panics in one drop, the program would abort.
pub(super) fn drop_each(values: impl IntoIterator<Item = impl Sized>) {
    for value in values {
        contained(|| drop(value));
    }
}

/// A value whose drop is contained, wherever that happens.
pub(super) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(super) const fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        contained(|| drop(value));
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }

    struct BombWithABomb;

    impl Drop for BombWithABomb {
        fn drop(&mut self) {
            panic_any(Bomb);
        }
    }

    #[test]
    fn a_panic_stays_inside_with_all_that_it_carries() {
        assert_eq!(contained(|| 7), Some(7));
        assert_eq!(contained(|| panic_any(Bomb)), None::<()>);
        drop_each([BombWithABomb, BombWithABomb]);
        drop(Contained::new(Bomb));
        assert!(Contained::new(()).get().is_some());
    }

    #[test]
    fn values_are_dropped_quietly_while_another_panic_goes_on() {
        let outer = catch_unwind(|| {
            let _kept = Contained::new(Bomb);
            panic!("another one");
        });
        assert_eq!(outer.unwrap_err().downcast_ref::<&str>(), Some(&"another one"));
    }
}
