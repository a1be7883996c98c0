//! What a column can be compared with.

use super::ast::Expr;
use super::{Column, Path};
use crate::model::{ColumnInfo, Model};
use crate::value::{ColumnType, IntoValue, Key};

/// Something that a column of type `T` can be compared with, in a query over the model `M`: a value, another column
/// of that type, `&str` for text, a model for its key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a column of type `{T}`",
    label = "expected `{T}`, or a column of that type",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)` or `&author`, and `None` only for an `Option`"
)]
pub trait Operand<M, T> {
    /// For the library.
    #[doc(hidden)]
    fn into_expr(self, column: &'static ColumnInfo) -> Expr;
}

/// What text operators take: `&str`, `String` and whatever converts into a `String`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not text", label = "expected `&str` or `String`")]
pub trait IntoText {
    /// The text.
    fn into_text(self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>> IntoText for T {
    fn into_text(self) -> String {
        self.into()
    }
}

/// Holds when both types are the same.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot be compared with a column of type `{T}`",
    label = "a column of type `{Self}`",
    note = "both columns must hold the same type, but for `Option`"
)]
pub trait SameType<T> {}
impl<T> SameType<T> for T {}

/// Holds when both models are the same: the columns of one query all start from the model that it selects.
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` cannot be used in a query over `{M}`",
    label = "a column of a query over `{Self}`",
    note = "what a query over `{M}` can name are the columns of `{M}`, and those that its relations lead to"
)]
pub trait SameQuery<M> {}
impl<M> SameQuery<M> for M {}

fn bound<T>(value: impl IntoValue<T>, column: &'static ColumnInfo) -> Expr {
    Column::<(), T>::new(column).bound(value)
}

macro_rules! values {
    ($([$($generics:tt)*] $value:ty => $target:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
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
    [T: ColumnType<Inner = T>] &T => Option<T>;
    [T: ColumnType<Inner = T>] &Option<T> => Option<T>;
    [] &str => String;
    [] &str => Option<String>;
    [M: Model] &M => Key<M>;
    [M: Model] &M => Option<Key<M>>;
}

impl<M, P: Path, T: ColumnType, U: ColumnType> Operand<M, T> for Column<P, U>
where
    P::Root: SameQuery<M>,
    U::Inner: SameType<T::Inner>,
{
    fn into_expr(self, _: &'static ColumnInfo) -> Expr {
        self.expr()
    }
}
