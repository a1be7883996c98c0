//! What a row of a statement becomes: by the names of the columns, by their positions, or as a record.

mod decode;
mod from_row;
mod record;
mod sqlx;

use crate::engine;
use crate::error::{Error, Result};

pub use self::sqlx::from_sqlx_row;
pub use from_row::{FromRow, ModelReader, Reader, RowReader};
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row",
    label = "not a row",
    note = "a row is a struct with `#[derive(Row)]`, whose fields are named like the columns"
)]
pub trait Row: Sized + Send + 'static {
    /// The names of the columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];

    /// Reads the fields, each from the position that [`positions`] has found for it.
    #[doc(hidden)]
    fn decode(row: &engine::Row<'_>) -> Result<Self>;
}

/// For each wanted column its position among the names. As in SQL, names are told apart without the case of ASCII
/// letters.
///
/// # Errors
///
/// [`Error::MissingColumn`], or [`Error::AmbiguousColumn`] when a wanted one comes more than once.
pub(crate) fn positions<'w>(
    wanted: impl IntoIterator<Item = &'w str>,
    names: &[impl AsRef<str>],
) -> Result<Vec<usize>> {
    let position = |column: &str| {
        let mut found = names.iter().enumerate().filter(|(_, name)| name.as_ref().eq_ignore_ascii_case(column));
        match (found.next(), found.next()) {
            (Some((position, _)), None) => Ok(position),
            (None, _) => Err(Error::missing_column(column, names)),
            (Some(_), Some(_)) => Err(Error::ambiguous_column(column, names)),
        }
    };
    wanted.into_iter().map(position).collect()
}
