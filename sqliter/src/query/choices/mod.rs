//! What a request chooses: the order and the filters of a query, by names that the program gives.

mod filters;
mod parameters;
mod sorting;
mod values;

pub use filters::{FilterValue, Filters};
pub use parameters::{FromParameter, Parameters};
pub use sorting::{SortKeys, Sorting};
