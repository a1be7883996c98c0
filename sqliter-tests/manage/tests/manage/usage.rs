//! Mistakes on the command line, and where things are.

use crate::program::{FIRST, Place, ended};

#[test]
fn a_wrong_word_suggests_the_right_one() {
    let place = Place::new();
    place.run(FIRST, &["migrte"]).with(2).says("'migrate'");
    place.run(FIRST, &["diff", "x", "--renam", "a=b"]).with(2).says("'--rename'");
    place.run(FIRST, &[]).with(2).says("Usage: ");
    place.run(FIRST, &["--help"]).with(0).says("Exit codes:").says("Apply the migrations that are pending");
}

#[test]
fn without_a_database_it_is_asked_for() {
    let place = Place::new();
    place.write("0001_a.sql", "");
    let status = || {
        let mut command = place.command(FIRST);
        command.args(["status", "--migrations", "migrations"]);
        command
    };
    ended(&mut status()).with(2).says("--database FILE").says("DATABASE_URL");
    ended(status().args(["--database", "none.db"])).with(3).says("there is no database none.db");
    ended(status().args(["--database", "postgres://host/x"])).with(2).says("postgres is another kind of database");
    ended(status().args(["--database", "sqlite::memory:"])).with(2).says("in memory");
    assert!(!place.path("none.db").exists());
    ended(place.command(FIRST).args(["drift", "none.db"])).with(3).says("there is no database none.db");

    let migrate = |database: &str| {
        let mut command = place.command(FIRST);
        command.args(["migrate", "--migrations", "migrations"]).env("DATABASE_URL", database);
        ended(&mut command)
    };
    migrate("sqlite://one.db").with(0);
    migrate("sqlite:two.db?mode=rwc").with(0);
    migrate("three.db").with(0);
    assert!(["one.db", "two.db", "three.db"].iter().all(|name| place.path(name).is_file()));
    // What is said on the command line comes first.
    ended(status().args(["--database", "one.db"]).env("DATABASE_URL", "none.db")).with(0);
}

#[test]
fn migrations_are_beside_the_cargo_toml_unless_said_otherwise() {
    let place = Place::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    ended(place.command(FIRST).arg("check"))
        .with(3)
        .says(&format!("there is no folder {folder}"))
        .says("--migrations DIR");
    place.write("no_version.sql", "");
    place.run(FIRST, &["check"]).with(3).says("no_version.sql");
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let place = Place::new();
    std::fs::write(place.database(), "this is a letter, and no database at all".repeat(50)).unwrap();
    place.run(FIRST, &["drift"]).with(3).says("not a database");
}
