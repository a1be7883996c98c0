//! What tells models of tables and of views apart.

/// The rows of a table.
#[derive(Debug)]
pub struct OfTable;

/// The rows of a view.
#[derive(Debug)]
pub struct OfView;

/// Rows of the model `M` that can be written.
#[diagnostic::on_unimplemented(
    message = "`{M}` is a view, which is only read",
    label = "rows of a view cannot be written",
    note = "write the rows of the tables that the view is made of",
    note = "a function that writes rows of any model `M` says so: `where M::Access: Writes<M>`, with `use sqliter::bounds::Writes`"
)]
pub trait Writes<M> {}

impl<M> Writes<M> for OfTable {}

/// Stands for the builder of a view, which has none.
#[derive(Debug)]
pub struct RowsOfViews;
