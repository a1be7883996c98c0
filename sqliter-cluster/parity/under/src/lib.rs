//! The library, under its own name, for its own tests: every database that they open is one of three machines, which agree by a list
//! in memory. When it is closed or dropped, the three must hold the same; else the program says which test it was, and fails at its end.

mod machines;
mod parted;

pub use library::*;

/// Runs before the program's `main`.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = before_main;

extern "C" fn before_main() {
    library::testing::cluster_every_database(machines::one_of_three);
    parted::fail_at_exit();
}
