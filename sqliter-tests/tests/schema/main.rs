//! The schema: what it declares, and how it changes over time.

mod changing;
mod drift;
mod reading;
