//! From which time on a statement is slow is a time with its unit.
use sqliter::prelude::*;

fn options() {
    let _ = Db::options().slow_statements(100);
}

fn main() {}
