//! What must not compile, and what the compiler says then; and what must compile.
//!
//! Each file in `compile_fail` is named as the rule that it shows, and its `.stderr` holds the whole message. The
//! messages are those of one version of Rust, as another words and wraps them in its own way; with another one the
//! wrong programs are left out. After a change `TRYBUILD=overwrite cargo test -p sqliter-tests --test compile_fail`
//! writes the messages anew; read them before they stay.

use std::process::Command;

/// The version whose messages are pinned.
const PINNED: &str = "rustc 1.95.";

#[test]
fn wrong_programs_are_explained() {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(compiler).arg("--version").output().expect("the compiler tells its version").stdout;
    let version = String::from_utf8_lossy(&version).into_owned();
    if !version.starts_with(PINNED) {
        println!("left out: the pinned messages are those of {PINNED}x, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

#[test]
fn right_programs_compile() {
    trybuild::TestCases::new().pass("tests/compile_pass/*.rs");
}
