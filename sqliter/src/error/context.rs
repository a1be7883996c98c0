//! What was being done when SQLite refused.

use super::Operation;

/// What a statement was for, to turn SQLite's report into the right error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) operation: Operation,
    /// The table, or the statement for [`Operation::Execute`].
    pub(crate) subject: &'a str,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(operation: Operation, subject: &'a str) -> Self {
        Self { operation, subject }
    }
}
