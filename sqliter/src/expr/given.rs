//! The values that a chain gives, for what is computed of all of them.

use super::operand::TypeOf;
use super::{Computed, Expression};
use crate::column::ColumnType;
use crate::model::Model;
use crate::sql::ast::{Declared, Expr, Fragment, Several};

/// What a chain over the model `M` gives for each row or group, as values: what the closure of
/// [`aggregate`](crate::Select::aggregate) gets.
#[diagnostic::on_unimplemented(
    message = "these values cannot be aggregated once more",
    label = "expected columns, aggregates, and what is computed from them",
    note = "leave out `alias`: what `aggregate` gives has no names"
)]
pub trait GivenValues<M> {
    /// A value, or a tuple of values.
    type Values;

    /// Each by the name that it is selected under.
    #[doc(hidden)]
    fn values() -> Self::Values;
}

/// The value of this name. It has the form of its type already.
fn given<M, T: ColumnType>(name: &'static str) -> Computed<M, T> {
    let declared = Declared { nullable: T::NULLABLE, storage: T::STORAGE, collation: T::COLLATION, canonical: None };
    Computed::new(Expr::Fragment(Box::new(Fragment::new(name, Several::default(), Vec::new(), declared))))
}

macro_rules! given {
    ($only:ident $at:tt) => {
        #[diagnostic::do_not_recommend]
        impl<M: Model, $only: Expression> GivenValues<M> for ($only,) {
            type Values = Computed<M, TypeOf<$only>>;

            fn values() -> Self::Values {
                given(concat!("c", $at))
            }
        }
    };
    ($($name:ident $at:tt)+) => {
        #[diagnostic::do_not_recommend]
        impl<M: Model, $($name: Expression),+> GivenValues<M> for ($($name,)+) {
            type Values = ($(Computed<M, TypeOf<$name>>,)+);

            fn values() -> Self::Values {
                ($(given(concat!("c", $at)),)+)
            }
        }
    };
}

crate::tuples::each_tuple_with_positions!(given);
