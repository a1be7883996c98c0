//! What may stand for a value of a column: the type itself, a reference, `&str` for text, a model for its key.

use super::ColumnType;
use crate::value::{EncodeError, Value};

/// Something that gives a value for a column of type `T`, as the arguments of operators do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a column of type `{T}`",
    label = "expected `{T}`"
)]
pub trait IntoValue<T> {
    /// The value to bind.
    ///
    /// # Errors
    ///
    /// When the value has no faithful form in SQLite.
    fn into_value(self) -> Result<Value, EncodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> IntoValue<T> for T {
    fn into_value(self) -> Result<Value, EncodeError> {
        Ok(self.encode()?.into_value())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T>> IntoValue<Option<T>> for T {
    fn into_value(self) -> Result<Value, EncodeError> {
        Ok(self.encode()?.into_value())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T>> IntoValue<T> for &T {
    fn into_value(self) -> Result<Value, EncodeError> {
        Ok(self.encode()?.into_value())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T>> IntoValue<Option<T>> for &T {
    fn into_value(self) -> Result<Value, EncodeError> {
        Ok(self.encode()?.into_value())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T>> IntoValue<Option<T>> for &Option<T> {
    fn into_value(self) -> Result<Value, EncodeError> {
        Ok(self.encode()?.into_value())
    }
}

macro_rules! text {
    ($($target:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoValue<$target> for &str {
            fn into_value(self) -> Result<Value, EncodeError> {
                Ok(Value::Text(self.to_owned()))
            }
        }

        #[diagnostic::do_not_recommend]
        impl IntoValue<$target> for &&str {
            fn into_value(self) -> Result<Value, EncodeError> {
                Ok(Value::Text((*self).to_owned()))
            }
        }
    )*};
}

text!(String, Option<String>);

/// Whole numbers for columns of other numbers, so that `2` need not be written as `2.0` or `Decimal::from(2)`. An integer
/// that the type cannot hold exactly is an error.
macro_rules! whole_numbers {
    ($($target:ty: $exactly:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoValue<$target> for i64 {
            fn into_value(self) -> Result<Value, EncodeError> {
                let exactly: fn(i64) -> Option<$target> = $exactly;
                match exactly(self) {
                    Some(number) => Ok(number.encode()?.into_value()),
                    None => Err(EncodeError::new(format!("{self} has no exact {}", stringify!($target)))),
                }
            }
        }

        #[diagnostic::do_not_recommend]
        impl IntoValue<Option<$target>> for i64 {
            fn into_value(self) -> Result<Value, EncodeError> {
                IntoValue::<$target>::into_value(self)
            }
        }
    )*};
}

whole_numbers! {
    f64: |n| (n as f64 as i128 == i128::from(n)).then_some(n as f64);
    f32: |n| (n as f32 as i128 == i128::from(n)).then_some(n as f32);
}

#[cfg(feature = "rust_decimal")]
whole_numbers! {
    rust_decimal::Decimal: |n| Some(n.into());
}
