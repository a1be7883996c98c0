//! Files: opening them, and those of other programs.

mod backups;
mod files_of_python;
mod forms_of_other_programs;
mod interoperability;
mod on_connect;
mod opening;
mod opening_waits;
mod read_only;
mod replicas;
mod service_options;
mod tables_of_other_programs;
