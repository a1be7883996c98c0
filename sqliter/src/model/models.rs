//! Lists of models as type arguments.

use super::Model;
use crate::table::TableInfo;

/// One to sixteen models in a tuple, as in `db.create_tables::<(Author, Book, Tag)>()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of models",
    label = "expected a tuple of structs that derive `Model`",
    note = "write the models as a tuple: `create_tables::<(Author, Book)>()`; for a single one there is `create_table::<Author>()`"
)]
pub trait Models {
    /// The tables of the models, in the order of the tuple.
    fn tables() -> Vec<&'static TableInfo>;
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: Model),+> Models for ($($name,)+) {
            fn tables() -> Vec<&'static TableInfo> {
                vec![$($name::TABLE),+]
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
