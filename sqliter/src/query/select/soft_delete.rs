//! Rows that are deleted softly.

use super::Select;
use crate::expr::SoftDelete;
use crate::model::{Model, Writes};
use crate::query::{Change, Load, LoadsRows, Shape};
use crate::sql::Deleted;

/// Rows that are deleted softly are left out of a chain, unless it says otherwise.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Includes the rows that are deleted softly. Related rows that are deleted stay left out. [`delete`](Self::delete)
    /// does not change the time of a row that was deleted before.
    pub fn with_deleted(self) -> Select<'s, M, S>
    where
        M: SoftDelete,
    {
        let mut chain = self.select();
        chain.query.deleted = Deleted::Included;
        chain
    }

    /// Only the rows that are deleted softly.
    pub fn only_deleted(self) -> Select<'s, M, S>
    where
        M: SoftDelete,
    {
        let mut chain = self.select();
        chain.query.deleted = Deleted::Only;
        chain
    }
}

/// Deletion for good, and the way back from a soft one.
impl<'s, M: Model, S: Shape<M>, P> Select<'s, M, S, P> {
    /// Deletes the rows for good, with `DELETE`; gives their number. They are exactly those that the chain would fetch: of rows
    /// that were deleted softly before, `db.select::<Issue>().only_deleted().delete_for_good()`.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete) of a model whose rows are not deleted softly.
    pub fn delete_for_good(self) -> Change<'s, M>
    where
        M: SoftDelete,
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        Change::delete_for_good(self.session, self.query)
    }

    /// Takes back the soft deletion of those of the rows that are deleted, whether or not the chain says
    /// [`only_deleted`](Self::only_deleted); gives their number. Sets `updated_at` and raises a version as an update does.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update): another row may meanwhile have a value that is unique among the rows that are not
    /// deleted.
    pub fn restore(mut self) -> Change<'s, M>
    where
        M: SoftDelete,
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        self.query.only_deleted();
        Change::restore(self.session, self.query)
    }
}
