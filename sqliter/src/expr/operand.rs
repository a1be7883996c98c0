//! What a column can be compared with.

use super::ast::Expr;
use super::{Column, Path};
use crate::model::{ColumnInfo, Model};
use crate::value::{ColumnType, IntoValue, Key};

/// Something that a column of type `T` can be compared with, in a query over the model `M`: a value, another column
/// of that type, `&str` for text, a model for its key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with a column of type `{T}`",
    label = "expected a `{T}`, or a column of that type"
)]
pub trait Operand<M, T> {
    /// For the library.
    #[doc(hidden)]
    fn into_expr(self, column: &'static ColumnInfo) -> Expr;
}

/// Holds when both types are the same.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot be compared with a column of type `{T}`",
    label = "a column of type `{Self}`",
    note = "both columns must hold the same type, but for `Option`"
)]
pub trait SameType<T> {}
impl<T> SameType<T> for T {}

fn bound<T>(value: impl IntoValue<T>, column: &'static ColumnInfo) -> Expr {
    Column::<(), T>::new(column).bound(value)
}

macro_rules! values {
    ($([$($generics:tt)*] $value:ty => $target:ty;)*) => {$(
        impl<Root, $($generics)*> Operand<Root, $target> for $value {
            fn into_expr(self, column: &'static ColumnInfo) -> Expr {
                bound::<$target>(self, column)
            }
        }
    )*};
}

values! {
    [T: ColumnType] T => T;
    [T: ColumnType<Inner = T>] T => Option<T>;
    [T: ColumnType<Inner = T>] &T => T;
    [] &str => String;
    [] &str => Option<String>;
    [M: Model] &M => Key<M>;
    [M: Model] &M => Option<Key<M>>;
}

impl<P: Path, T: ColumnType, U: ColumnType> Operand<P::Root, T> for Column<P, U>
where
    U::Inner: SameType<T::Inner>,
{
    fn into_expr(self, _: &'static ColumnInfo) -> Expr {
        self.expr()
    }
}
