//! The text of a statement, as it is told and as it runs.

use super::limits::is_in_place;
use crate::sql::Statement;
use crate::table::Texts;

/// The text of a statement.
#[derive(Clone, Copy)]
pub(crate) struct SqlText<'s> {
    /// As logs and errors tell it.
    pub(super) told: &'s str,
    in_place: Option<&'s str>,
}

impl<'s> SqlText<'s> {
    #[cfg(test)]
    /// A text that is the same everywhere.
    pub(crate) const fn of(text: &'s str) -> Self {
        Self { told: text, in_place: None }
    }

    /// The text that runs here: in place another one, which fails where a long value would be freed.
    pub(super) fn here(self) -> &'s str {
        match self.in_place {
            Some(in_place) if is_in_place() => in_place,
            _ => self.told,
        }
    }
}

impl<'s> From<&'s Statement> for SqlText<'s> {
    fn from(statement: &'s Statement) -> Self {
        Self { told: &statement.text, in_place: statement.in_place.as_deref() }
    }
}

impl<'s> From<&'s Texts> for SqlText<'s> {
    fn from(texts: &'s Texts) -> Self {
        Self { told: &texts.text, in_place: texts.in_place.as_deref() }
    }
}
