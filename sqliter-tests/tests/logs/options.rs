//! Slow statements, and statements printed to standard error.

use std::time::Duration;

use crate::models::{author, open};
use sqliter::prelude::*;
use sqliter_tests::listener::{Listener, multi, single, told_in};
use sqliter_tests::process_of;
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Level, info, info_span};
use tracing_subscriber::layer::SubscriberExt;

const COUNTING: &str = "CREATE TABLE numbers AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) \
     SELECT max(x) FROM n";

#[test]
fn slow_statements_are_warnings() {
    for runtime in [multi(), single()] {
        let limit = Duration::from_millis(5);
        let options = Db::options().slow_statements(limit);
        let events = told_in(&runtime, async move {
            let db = open(options).await?;
            db.execute(COUNTING).await?;
            Ok(())
        });
        for event in &events {
            let slow = event.number("elapsed_us") >= 5_000;
            let expected = if slow { (Level::WARN, "slow statement") } else { (Level::DEBUG, "statement") };
            assert_eq!((event.level, event.get("message").unwrap()), expected, "{event:?}");
        }
        let counting = events.iter().find(|event| event.sql_is(COUNTING)).unwrap();
        assert_eq!((counting.level, counting.operation().as_str()), (Level::WARN, "execute()"));
        assert!(counting.number("elapsed_us") >= 5_000);

        let events = told_in(&runtime, async { open(Db::options()).await?.execute(COUNTING).await.map(|_| ()) });
        assert!(events.iter().all(|event| event.level == Level::DEBUG), "{events:?}");
    }
}

/// Runs a test of this file alone, in a process of its own; `None` inside that process.
fn child(test: &str) -> Option<String> {
    const CHILD: &str = "SQLITER_LOGS_CHILD";
    if std::env::var_os(CHILD).is_some() {
        return None;
    }
    let output = process_of(module_path!(), test).env(CHILD, "1").output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{errors}");
    Some(errors)
}

/// In a process where nobody listens to more.
#[test]
fn slow_statements_are_told_when_debug_is_off() {
    if child("slow_statements_are_told_when_debug_is_off").is_some() {
        return;
    }
    let listener = Listener::default();
    let quiet = tracing_subscriber::registry().with(LevelFilter::INFO).with(listener.clone());
    tracing::subscriber::set_global_default(quiet).unwrap();
    for runtime in [multi(), single()] {
        runtime.block_on(async {
            let work = async {
                let db = open(Db::options().slow_statements(Duration::ZERO).log_arguments(true)).await?;
                db.insert(author("Ada")).await?;
                db.insert(author("Ada")).await.unwrap_err();
                open(Db::options()).await
            };
            tokio::spawn(work.instrument(info_span!(target: "program", "request"))).await.unwrap().unwrap();
        });
        let events = std::mem::take(&mut *listener.0.lock().unwrap());
        assert_eq!(events.iter().filter(|event| event.sql().starts_with("CREATE TABLE")).count(), 2);
        for event in &events {
            assert_eq!(event.level, Level::WARN);
            let names: Vec<_> = event.spans.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, ["request"], "{event:?}");
        }
        let failed = events.iter().find(|event| event.get("error").is_some()).unwrap();
        assert_eq!((failed.get("arguments"), failed.rows()), (Some("'Ada'"), 0));
    }
}

async fn printing() -> sqliter::Result<()> {
    let open_one = || tokio::spawn(open(Db::options().debug(true)));
    let (one, other) = tokio::join!(open_one(), open_one());
    let (one, _other) = (one.unwrap()?, other.unwrap()?);
    one.insert(author("printed")).await?;
    info!("of the program");
    info!(target: "sqliter_program", "of the program");
    let silent = open(Db::options()).await?;
    silent.execute("UPDATE authors SET name = 'silent'").await?;
    one.execute("UPDATE authors SET name = 'last'").await?;
    Ok(())
}

#[test]
fn debug_prints_statements_to_standard_error() {
    if let Some(errors) = child("debug_prints_statements_to_standard_error") {
        let lines: Vec<_> = errors.lines().filter(|line| line.contains("sqliter")).collect();
        for runtime in lines.chunks(lines.len() / 2) {
            let printed = |text: &str| runtime.iter().filter(|line| line.contains(text)).count();
            assert_eq!(printed("CREATE TABLE IF NOT EXISTS \"authors\""), 2, "{errors}");
            assert_eq!((printed("BEGIN IMMEDIATE"), printed("COMMIT")), (2, 2), "{errors}");
            assert_eq!((printed("'last'"), printed("'silent'"), printed("of the program")), (1, 0, 0), "{errors}");
        }
        let insert = lines.iter().find(|line| line.contains("INSERT INTO")).unwrap();
        assert!(
            insert.contains("DEBUG insert{ db.collection.name=\"authors\"}: sqliter: statement db.query.text=INSERT INTO \"authors\""),
            "{insert}"
        );
        assert!(insert.contains("VALUES (?) rows_changed=1 elapsed_us="), "{insert}");
        assert!(!errors.contains("printed"), "{errors}");
        return;
    }
    for runtime in [multi(), single()] {
        runtime.block_on(printing()).unwrap();
    }
}

#[test]
fn nothing_is_printed_by_default() {
    if let Some(errors) = child("nothing_is_printed_by_default") {
        assert_eq!(errors, "");
        return;
    }
    single().block_on(async {
        let db = open(Db::options()).await.unwrap();
        db.insert(author("Ada")).await.unwrap();
    });
}

#[test]
fn debug_leaves_a_program_its_own_subscriber() {
    if let Some(errors) = child("debug_leaves_a_program_its_own_subscriber") {
        assert!(errors.contains("'before'"), "{errors}");
        assert!(!errors.contains("'for the thread'") && !errors.contains("'after'"), "{errors}");
        return;
    }
    let (thread, program) = (Listener::default(), Listener::default());
    single().block_on(async {
        let db = open(Db::options().debug(true)).await.unwrap();
        db.execute("UPDATE authors SET name = 'before'").await.unwrap();
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(thread.clone()));
        db.execute("UPDATE authors SET name = 'for the thread'").await.unwrap();
        drop(guard);
        // A program that sets its subscriber later still can.
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(program.clone())).unwrap();
        db.execute("UPDATE authors SET name = 'after'").await.unwrap();
    });
    let texts = |listener: &Listener| listener.events().iter().map(|event| event.sql().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&thread), ["UPDATE authors SET name = 'for the thread'"]);
    assert_eq!(texts(&program), ["UPDATE authors SET name = 'after'"]);
}

#[test]
fn options_tell_what_is_logged() {
    let options = Db::options();
    assert_eq!((options.get_log_arguments(), options.get_slow_statements(), options.get_debug()), (false, None, false));
    let limit = Duration::from_millis(100);
    let options = options.log_arguments(true).slow_statements(limit).debug(true);
    let set = (options.get_log_arguments(), options.get_slow_statements(), options.get_debug());
    assert_eq!(set, (true, Some(limit), true));
    assert!(format!("{options:?}").contains("slow_statements: Some(100ms)"), "{options:?}");
}
