//! Tables, columns, indexes and their names.

mod columns;
mod drop_tables;
mod indexes;
mod many_to_many_tables;
mod names;
mod names_of_the_library;
mod tables;
