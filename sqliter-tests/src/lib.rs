//! Tests of sqliter; see the folder `tests`.

pub mod listener;

/// This test program again, to run one of its tests in a process of its own: `test` of the module `module_path!()`.
///
/// # Panics
///
/// When the system does not tell where the program is.
pub fn process_of(module: &str, test: &str) -> std::process::Command {
    let program = std::env::current_exe().expect("the system tells where the program is");
    let mut process = std::process::Command::new(program);
    process.args(["--exact", &full_name(module, test), "--include-ignored", "--nocapture"]);
    process
}

/// The name of a test as the test program knows it: without the program's own name.
pub fn full_name(module: &str, test: &str) -> String {
    match module.split_once("::") {
        Some((_, inside)) => format!("{inside}::{test}"),
        None => test.to_owned(),
    }
}

/// The program in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
