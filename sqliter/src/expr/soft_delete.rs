//! Models whose rows are deleted softly.

use super::Column;
use crate::column::{ColumnType, Timestamp};
use crate::model::{Model, Path};

/// A model whose rows are deleted softly: a field `#[model(soft_delete)] deleted_at: Option<…>` holds the time of the deletion.
///
/// It is the bound of code that serves all such models.
///
/// ```
/// use sqliter::prelude::*;
/// use sqliter::{Select, SoftDelete};
///
/// /// Deleted before this time.
/// fn deleted_before<M: SoftDelete<Time = i64>>(session: &Session, time: i64) -> Select<'_, M> {
///     session.select::<M>().only_deleted().filter(|m| M::deleted_at(m).lt(time))
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Issue {
///     pk: Key<Issue>,
///     title: String,
///     #[model(soft_delete)]
///     deleted_at: Option<i64>,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<Issue>().await?;
/// # let issue = db.insert(Issue::builder().title("")).await?;
/// db.delete(issue.pk).await?;
/// assert_eq!(db.get(issue.pk).await?, None);
/// assert_eq!(deleted_before::<Issue>(&db, 1).delete_for_good().await?, 0);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "the rows of `{Self}` are not deleted softly",
    label = "`delete` deletes rows of `{Self}` for good",
    note = "a model with a field `#[model(soft_delete)] deleted_at: Option<…>` keeps its deleted rows"
)]
pub trait SoftDelete: Model {
    /// The type of the time of a deletion.
    type Time: Timestamp + ColumnType<Inner = Self::Time>;

    /// The column of the time of the deletion, `NULL` in rows that are not deleted.
    fn deleted_at<P: Path>(columns: &Self::Columns<P>) -> Column<P, Option<Self::Time>>;
}
