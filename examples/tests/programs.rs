//! Runs the programs as a newcomer does.

use std::error::Error;
use std::process::Command;

#[test]
fn quickstart_runs() -> Result<(), Box<dyn Error>> {
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart")).output()?;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout)?, "Emma: 474 pages\nPersuasion: 249 pages\n0 books are left\n");
    Ok(())
}

#[test]
fn lend_runs() -> Result<(), Box<dyn Error>> {
    let output = Command::new(env!("CARGO_BIN_EXE_lend")).output()?;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout)?;
    assert!(text.contains("Ada has Emma, loan 1\n"), "{text}");
    assert!(text.contains("Ada does not get Emma: this member has the book already\n"), "{text}");
    assert!(text.contains("Mary does not get Emma: all copies are lent\n"), "{text}");
    assert!(text.ends_with("2 loans\n"), "{text}");
    Ok(())
}

/// Twice into the same file, from another folder, and without a terminal.
#[test]
fn chinook_runs_again_and_again() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for _ in 0..2 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chinook"));
        let output = command.arg("store.db").current_dir(folder.path()).output()?;
        let text = String::from_utf8(output.stdout)?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "a progress bar is for terminals only");
        assert!(text.contains("All invoices come to 2328.60."), "{text}");
        assert!(text.contains("  USA             ████████████████████████████████████████ 523.06\n"), "{text}");
        assert!(text.contains("\nThe database is in store.db\n\nWhat to do next:\n"), "{text}");
        assert!(folder.path().join("store.db").is_file());
    }
    Ok(())
}

#[test]
fn chinook_says_why_it_cannot_open_the_file() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let output = Command::new(env!("CARGO_BIN_EXE_chinook")).arg(folder.path()).output()?;
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr)?;
    assert!(text.starts_with("error: cannot open the database "), "{text}");
    Ok(())
}
