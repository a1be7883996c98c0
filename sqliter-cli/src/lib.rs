//! Schemas and migrations on the command line.
