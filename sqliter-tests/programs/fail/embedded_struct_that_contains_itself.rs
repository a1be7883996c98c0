//! A struct does not embed itself.

use sqliter::prelude::*;

#[derive(Embed)]
struct Part {
    name: String,
    #[model(embed)]
    inner: Option<Part>,
}

#[derive(Model)]
struct Machine {
    pk: Key<Machine>,
    #[model(embed)]
    part: Part,
}

fn main() {}
