//! What a chain asks, and what it gives.

mod aggregates;
mod aggregates_of_values;
mod aliases;
mod depth;
mod derived_rows;
mod design;
mod explain;
mod expressions;
mod fetching;
mod filters;
mod filters_by_text;
mod functions_of_values;
mod groups_of_limited_rows;
mod literals;
mod operators_inside_operators;
mod order_and_limit;
mod pages;
mod random_filters;
mod rows_in_lists;
mod selection;
mod sql_fragments;
mod statements;
mod subqueries;
mod trees;
mod unions;
mod windows;
