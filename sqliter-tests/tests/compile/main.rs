//! What the compiler says of programs, and what can be read from the source of the library itself.

mod floors;
mod parity;
mod programs;
mod readme;
