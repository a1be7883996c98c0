//! The program `sqliter`: what can be done with a database file without its models.

fn main() {}
