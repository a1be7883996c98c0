//! What must not compile, and what the compiler says then; and what must compile.
//!
//! Each file in `programs/fail` is named as the rule that it shows, and its `.stderr` holds the message, without the places
//! in other files that it points at: so those may change. The messages are those of one version of Rust, as another words
//! and wraps them in its own way; with another one the wrong programs are left out. After a change
//! `BLESS=1 cargo test -p sqliter-tests --test compile` writes the messages anew; read them before they stay. `PROGRAMS=name,other`
//! takes only the programs with one of these in their names.

use std::path::PathBuf;
use std::process::Command;

use ui_test::custom_flags::edition::Edition;
use ui_test::custom_flags::rustfix::RustfixMode;
use ui_test::dependencies::DependencyBuilder;
use ui_test::spanned::Spanned;
use ui_test::status_emitter::Text;
use ui_test::{CommandBuilder, Config, bless_output_files, error_on_output_conflict, run_tests_generic};

/// The version whose messages are pinned.
const PINNED: &str = "rustc 1.95.";

/// The compiler, set to check the programs of a folder.
fn compiler(folder: &str) -> Config {
    let programs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("programs");
    let mut config = Config::rustc(programs.join(folder));
    config.out_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("programs");
    config.program.args.push("--emit=metadata".into());
    config.output_conflict_handling = match std::env::var_os("BLESS") {
        Some(_) => bless_output_files,
        None => error_on_output_conflict,
    };
    config.bless_command = Some("BLESS=1 cargo test -p sqliter-tests --test compile".to_owned());
    let chosen = std::env::var("PROGRAMS").unwrap_or_default();
    config.filter_files.extend(chosen.split(',').filter(|name| !name.is_empty()).map(str::to_owned));

    let defaults = config.comment_defaults.base();
    defaults.require_annotations = Spanned::dummy(false).into();
    defaults.set_custom("rustfix", RustfixMode::Disabled);
    defaults.set_custom("edition", Edition("2024".to_owned()));
    let cargo = CommandBuilder { args: vec!["check".into()], ..CommandBuilder::cargo() };
    let crate_manifest_path = programs.join("Cargo.toml");
    let dependencies = DependencyBuilder { crate_manifest_path, program: cargo, ..DependencyBuilder::default() };
    defaults.set_custom("dependencies", dependencies);

    config.path_stderr_filter(&programs, b".");
    // What a message points at in other files: the library's, those of its dependencies and of Rust.
    config.stderr_filter(r"(?m)^ *(?:-->|:::) [^.][^\n]*\n(?: *(?:\d+ *)?\|[^\n]*\n|\.\.\.\n)*", b"");
    config.stderr_filter(r"(?m)^ *= note: in this macro invocation\n", b"");
    config.stderr_filter(r"(?m)^ *= note: (?:the full name for|consider using `--verbose`)[^\n]*\n", b"");
    // How many errors there were, and where to read of them.
    config.stderr_filter(r"(?m)^error: aborting due to [^\n]*\n\n?", b"");
    config.stderr_filter(r"(?m)^(?:For more information about|Some errors have detailed)[^\n]*\n", b"");
    // The width of the margin follows the longest line number, of other files too.
    config.stderr_filter(r"(?m)^ +-->", b"  -->");
    config.stderr_filter(r"(?m)^ +([|=])", b"   $1");
    config.stderr_filter(r"(?m)^(\d+) +\|", b"$1 |");
    config
}

fn check(config: Config) {
    run_tests_generic(vec![config], ui_test::default_file_filter, ui_test::default_per_file_config, Text::quiet())
        .expect("the programs are as they should be");
}

#[test]
fn wrong_programs_are_explained() {
    let compiler_path = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(compiler_path).arg("--version").output().expect("the compiler tells its version").stdout;
    let version = String::from_utf8_lossy(&version).into_owned();
    if !version.starts_with(PINNED) {
        println!("left out: the pinned messages are those of {PINNED}x, and this is {version}");
        return;
    }
    check(compiler("fail"));
}

#[test]
fn right_programs_compile() {
    let mut config = compiler("pass");
    config.comment_defaults.base().exit_status = Spanned::dummy(0).into();
    check(config);
}
