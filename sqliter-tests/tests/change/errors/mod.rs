//! What goes wrong, and how it is told.

mod constraints;
mod everywhere;
mod locks;
mod operations;
