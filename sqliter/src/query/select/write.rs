//! The ends of a chain that write.

use super::Select;
use crate::expr::Assignments;
use crate::model::{Columns, Model, Writes};
use crate::query::{Change, LoadsRows, Shape};

/// Writing. Both mean exactly the rows that the chain would fetch, with its limit and offset. On the many-to-many relation of
/// a row they write the related rows themselves: `book.tags(&db).delete()` deletes the tags, also for other books, while
/// `book.tags(&db).clear()` only ends the relation to them.
impl<'s, M: Model, S: Shape<M>, P> Select<'s, M, S, P> {
    /// Updates the rows; gives their number, or what was written with [`returning`](crate::bounds::Write::returning). Sets `updated_at` too,
    /// unless an assignment does, and raises a version. All values are computed from the rows as they are before the update,
    /// those of related rows too.
    ///
    /// An assignment that is there only sometimes is an `Option`: `.update(|b| (b.pages.add(1), title.map(|t| b.title.set(t))))`.
    /// Without any there is nothing to update: no statement runs, the number is 0, and no row is given back.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.insert(Book::builder().title("").pages(9)).await?;
    /// let changed = db
    ///     .select::<Book>()
    ///     .filter(|b| b.title.eq(""))
    ///     .update(|b| (b.title.set("Untitled"), b.pages.add(1)))
    ///     .await?;
    /// assert_eq!(changed, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The violated constraint, or [`Error::RecordUpdate`](crate::Error::RecordUpdate); nothing is changed then.
    pub fn update<A: Assignments<M>>(self, assignments: impl FnOnce(&M::Columns<M>) -> A) -> Change<'s, M>
    where
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        let mut sets = Vec::new();
        assignments(M::Columns::<M>::COLUMNS).push_onto(&mut sets);
        Change::update(self.session, self.query, sets)
    }

    /// Deletes the rows; gives their number, or with [`returning_rows`](crate::bounds::Write::returning_rows) the rows. Rows that a
    /// foreign key deletes with them are not counted.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when a row is still referred to, or [`Error::RecordDeletion`](crate::Error::RecordDeletion); nothing is deleted
    /// then.
    pub fn delete(self) -> Change<'s, M>
    where
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        Change::delete(self.session, self.query)
    }
}
