//! Holds the dependencies of the programs in `fail` and `pass`, which `tests/compile` gives to the compiler.
