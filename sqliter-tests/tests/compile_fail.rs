//! What must not compile, and what the compiler says then; and what must compile.
//!
//! Each file in `compile_fail` is named as the rule that it shows, and its `.stderr` holds the whole message. The
//! messages are those of Rust 1.95: another compiler words and wraps them in its own way. After a change
//! `TRYBUILD=overwrite cargo test -p sqliter-tests --test compile_fail` writes them anew; read them before they stay.

#[test]
fn wrong_programs_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

#[test]
fn right_programs_compile() {
    trybuild::TestCases::new().pass("tests/compile_pass/*.rs");
}
