//! Views: structs that say what is loaded.

mod arguments;
mod ends;
mod fields;
mod nested;
mod statements;
mod structs;
mod tracker;
mod windows;
