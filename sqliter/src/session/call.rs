//! Calls that can be told more before they begin.

use std::task::{Context as Waiting, Poll};

use super::Pending;
use crate::error::{Error, Result};

/// What a call is to do, until it is awaited; then its work.
pub(crate) enum Call<'s, W, T> {
    Told(W),
    Runs(Pending<'s, T>),
    Over,
}

impl<'s, W, T> Call<'s, W, T> {
    /// Begins when it is polled for the first time.
    pub(crate) fn poll(&mut self, cx: &mut Waiting<'_>, begin: impl FnOnce(W) -> Pending<'s, T>) -> Poll<Result<T>> {
        if let Self::Told(_) = self
            && let Self::Told(what) = std::mem::replace(self, Self::Over)
        {
            *self = Self::Runs(begin(what));
        }
        match self {
            Self::Runs(work) => work.as_mut().poll(cx),
            Self::Told(_) | Self::Over => Poll::Pending,
        }
    }

    /// What it is to do, as long as it has not begun.
    pub(crate) fn into_told(self) -> Result<W> {
        match self {
            Self::Told(what) => Ok(what),
            Self::Runs(_) | Self::Over => {
                Err(Error::NoResult { reason: "it was changed after it had begun".to_owned() })
            }
        }
    }
}
