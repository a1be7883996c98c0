//! What columns store, and in which form.

mod constraints;
mod custom;
mod dates;
mod decimals;
mod decoding;
mod json;
mod json_paths;
mod jsonb;
mod order;
mod primitives;
mod stored_forms;
mod time_arithmetic;
