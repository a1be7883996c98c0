//! Which statements do not run in place, as they took too long there.

use std::sync::atomic::{AtomicU64, Ordering};

use super::job::Pace;

/// The texts of statements that took too long for a thread of the program.
///
/// There is room for so many; a text may be forgotten for another one, and is found to be long again then.
pub(super) struct LongTexts(Box<[AtomicU64]>);

impl Default for LongTexts {
    fn default() -> Self {
        const ROOM: usize = 1024;
        Self((0..ROOM).map(|_| AtomicU64::new(0)).collect())
    }
}

impl LongTexts {
    fn entry(&self, fingerprint: u64) -> Option<&AtomicU64> {
        self.0.get(usize::try_from(fingerprint % self.0.len() as u64).ok()?)
    }

    pub(super) fn remember(&self, pace: Pace) {
        if let Pace::Measured(fingerprint) = pace
            && let Some(entry) = self.entry(fingerprint)
        {
            entry.store(fingerprint, Ordering::Relaxed);
        }
    }

    pub(super) fn forget(&self, pace: Pace) {
        if let Pace::Measured(fingerprint) = pace
            && let Some(entry) = self.entry(fingerprint)
        {
            // Another text may stand there by now.
            let _ = entry.compare_exchange(fingerprint, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(super) fn has(&self, fingerprint: u64) -> bool {
        self.entry(fingerprint).is_some_and(|entry| entry.load(Ordering::Relaxed) == fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_long_until_it_was_brief_on_a_thread() {
        let long = LongTexts::default();
        long.remember(Pace::Measured(7));
        long.remember(Pace::Short);
        assert!(long.has(7) && !long.has(8));
        // It would stand in the same entry, and leaves that of the other alone.
        long.forget(Pace::Measured(7 + 1024));
        assert!(long.has(7));
        long.forget(Pace::Measured(7));
        assert!(!long.has(7));
    }
}
