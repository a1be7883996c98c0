//! Random chains and writes over a schema with everything in it, compared with an oracle in plain Rust over vectors.
//!
//! A case is a number: it gives the rows of a database, a chain and its ends. The oracle evaluates the chain
//! independently of the library's SQL; what differs is shrunk and printed.
//!
//! ```sh
//! ORACLE_CASES=1000000 cargo test --release -p sqliter-tests --test oracle -- --nocapture   # runs long
//! ORACLE_SEED=4711 cargo test -p sqliter-tests --test oracle -- --nocapture                 # repeats one
//! ORACLE_FROM=5000000 …             # begins at another case
//! ```
//!
//! | file | subject | what is added there |
//! |---|---|---|
//! | `schema`, `access`, `catalog` | the models, typed and as data | a column, a relation, a path |
//! | `types`, `values`, `datum` | types and their values | a type |
//! | `tree`, `generate`, `generate_chain` | queries as data, at random | an operator, a step of a chain |
//! | `eval`, `answer` | the oracle | what it means |
//! | `typed`, `arithmetic`, `related`, `subqueries`, `chains`, `shapes`, `views` | queries written with the library | how it is written |
//! | `terminals`, `check` | the ends of chains | an end |
//! | `windows`, `windows_of_rows`, `windows_typed` | values over windows: at random, what they mean, how they are written | a function, a frame |
//! | `together`, `together_typed` | unions and the like | what is combined |
//! | `reached`, `reached_typed` | trees, rows below and above | what is said of them |
//! | `pairs`, `pairs_typed` | rows joined with related ones | what is asked of both |
//! | `slots`, `slots_typed`, `derived`, `derived_typed` | windows over groups, aggregates of what a chain gives | |
//! | `seen`, `given_views` | views with arguments, in each other | a view, a list of views |
//! | `lists_of_rows` | several values in a list of rows | |
//! | `returned` | what writes give back | |
//! | `write`, `predict`, `write_typed`, `check_write` | writes | a write |
//! | `shrink`, `print` | failures | |

mod access;
mod answer;
mod arithmetic;
mod case;
mod catalog;
mod chains;
mod check;
mod check_write;
mod datum;
mod derived;
mod derived_typed;
mod eval;
mod generate;
mod generate_chain;
mod given_views;
mod lists_of_rows;
mod pairs;
mod pairs_typed;
mod predict;
mod print;
mod print_write;
mod random;
mod reached;
mod reached_typed;
mod related;
mod returned;
mod run;
mod schema;
mod seen;
mod shapes;
mod shrink;
mod slots;
mod slots_typed;
mod store;
mod subqueries;
mod terminals;
mod together;
mod together_typed;
mod tree;
mod typed;
mod types;
mod values;
mod views;
mod windows;
mod windows_of_rows;
mod windows_typed;
mod world;
mod write;
mod write_typed;

#[test]
fn chains_give_what_their_rust_says() {
    run::all();
}
