//! SQL as the user writes it.

mod argument;
mod arguments;
mod execute;
mod query;
mod script;

pub use argument::{IntoArgument, by};
pub use execute::Execute;
pub use query::RawQuery;
pub use script::ExecuteScript;
