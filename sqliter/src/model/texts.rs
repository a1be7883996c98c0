//! Statements that are the same for all rows of a model.

use std::sync::OnceLock;

use crate::error::Result;

/// The texts of such statements, each written when it is needed first.
#[derive(Debug)]
pub struct Texts {
    by_key: OnceLock<String>,
}

impl Texts {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self { by_key: OnceLock::new() }
    }

    /// The statement that reads a row by its key.
    pub(crate) fn by_key(&self, write: impl FnOnce() -> Result<String>) -> Result<&str> {
        match self.by_key.get() {
            Some(text) => Ok(text),
            None => write().map(|text| self.by_key.get_or_init(|| text).as_str()),
        }
    }
}
