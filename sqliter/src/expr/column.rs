//! Columns as closures get them.

use std::fmt;
use std::marker::PhantomData;

use crate::model::Path;
use crate::sql::ast::Expr;
use crate::table::ColumnInfo;

/// The column of a query: reached by the path `P` from the root, holding values of the type `T`.
///
/// Comparison follows SQL: a comparison with `NULL` is unknown, and a filter keeps a row only where its condition is
/// true. So `ne` and `not_in` skip rows whose column is `NULL`. The `!` of a [`Condition`](super::Condition) is
/// different: it keeps exactly the rows that the condition does not keep.
pub struct Column<P, T> {
    info: &'static ColumnInfo,
    path: PhantomData<fn() -> (P, T)>,
}

impl<P, T> Clone for Column<P, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, T> Copy for Column<P, T> {}

impl<P, T> fmt::Debug for Column<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Column({})", self.info.name)
    }
}

impl<P, T> Column<P, T> {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new(info: &'static ColumnInfo) -> Self {
        Self { info, path: PhantomData }
    }

    /// The name of the column in the database.
    pub const fn column_name(self) -> &'static str {
        self.info.name
    }

    pub(crate) const fn info(self) -> &'static ColumnInfo {
        self.info
    }
}

impl<P: Path, T> Column<P, T> {
    pub(crate) fn expr(self) -> Expr {
        Expr::column(P::NODE, self.info)
    }

    /// What an error about a value for the column names.
    pub(crate) const fn place(self) -> &'static str {
        self.info.name
    }
}
