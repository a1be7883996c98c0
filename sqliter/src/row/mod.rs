//! What a row of a statement becomes: by the names of the columns, by their positions, or as a record.

mod columns;
mod decode;
mod from_row;
mod record;
mod sqlx;

use crate::engine;
use crate::error::Result;

pub use self::sqlx::from_sqlx_row;
pub(crate) use columns::Flat;
pub(crate) use columns::ResultColumns;
pub(crate) use columns::positions;
pub use columns::{Flattened, RowColumns, flattened};
pub use from_row::{EmbedReader, FromRow, ModelReader, Reader, RowReader};
pub use record::{Heading, Record};

/// A struct whose fields are read from the columns of a statement by their names. Derive it; there is no other way to
/// implement it that is supported.
///
/// ```
/// use sqliter::Row;
/// use sqliter::prelude::*;
///
/// #[derive(Debug, PartialEq, Row)]
/// struct CountryTotal {
///     country: String,
///     #[row(column = "sum")]
///     total: Option<f64>,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// let sales = "SELECT 'at' AS country, 1.5 AS amount UNION ALL SELECT 'at', 2.0";
/// let totals = db
///     .query::<CountryTotal>(format!("SELECT sum(amount) AS sum, country FROM ({sales}) GROUP BY country"))
///     .fetch_all()
///     .await?;
/// assert_eq!(totals, [CountryTotal { country: "at".to_owned(), total: Some(3.5) }]);
/// # Ok(())
/// # }
/// ```
///
/// A field with `#[row(flatten)]` is a model or another row, or an `Option` of one, which is `None` where all its columns
/// are `NULL`. It is read from the columns of its own names, or from those that begin with a prefix. Where two models have
/// a column of the same name, each reads that of its table; what is neither prefixed nor told apart by that is an error.
///
/// ```
/// # use sqliter::Row;
/// # use sqliter::prelude::*;
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct User { pk: Key<User>, name: String }
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Issue { pk: Key<Issue>, title: String, reporter_id: Key<User>, parent_id: Option<Key<Issue>> }
/// #[derive(Debug, PartialEq, Row)]
/// struct Listed {
///     #[row(flatten)]
///     issue: Issue,
///     #[row(flatten)]
///     reporter: User,
///     #[row(flatten, prefix = "parent_")]
///     parent: Option<Summary>,
///     words: i64,
/// }
///
/// #[derive(Debug, PartialEq, Row)]
/// struct Summary {
///     number: i64,
///     title: String,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_tables::<(User, Issue)>().await?;
/// # let ada = db.insert(User::builder().name("Ada")).await?;
/// # db.insert(Issue::builder().title("First").reporter_id(&ada)).await?;
/// let rows = db
///     .query::<Listed>(
///         "SELECT i.*, u.*, p.pk AS parent_number, p.title AS parent_title, 1 AS words
///          FROM issues i JOIN users u ON u.pk = i.reporter_id LEFT JOIN issues p ON p.pk = i.parent_id",
///     )
///     .fetch_all()
///     .await?;
/// assert_eq!((rows[0].reporter.name.as_str(), &rows[0].parent), ("Ada", &None));
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row",
    label = "not a row",
    note = "a row is a struct with `#[derive(Row)]`, whose fields are named like the columns"
)]
pub trait Row: Sized + Send + 'static {
    /// How many columns it is read from.
    #[doc(hidden)]
    const WIDTH: usize;

    /// Tells the columns, in the order of the fields.
    #[doc(hidden)]
    fn columns(columns: &mut RowColumns<'_>);

    /// Reads the fields from the beginning of the row, where the columns stand in their order.
    #[doc(hidden)]
    fn decode(row: &engine::RowRef<'_>) -> Result<Self>;

    /// The names of the columns that it is read from, in the order of the fields.
    fn column_names() -> Vec<String> {
        let mut wanted = Vec::with_capacity(Self::WIDTH);
        Self::columns(&mut RowColumns::new("", &mut wanted));
        wanted.into_iter().map(|column| column.name.into_owned()).collect()
    }
}
