//! What a service does all day: pages there and back, and choices that are made at run time.

mod choices;
mod filters;
mod generic;
mod pages;
