//! The schema: what it declares, and how it changes over time.

mod drift;
mod reading;
