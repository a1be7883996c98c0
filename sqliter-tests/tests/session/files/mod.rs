//! Files: opening them, and those of other programs.

mod forms_of_other_programs;
mod interoperability;
mod on_connect;
mod opening;
mod opening_waits;
mod tables_of_other_programs;
