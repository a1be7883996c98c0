//! The row that is there, or a new one: `get_or_create`.

use sqliter::prelude::*;
use sqliter::{CacheOptions, Error};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(team, number))]
struct User {
    pk: Key<User>,
    #[model(unique)]
    email: String,
    name: String,
    #[model(unique)]
    badge: Option<i64>,
    #[model(default = "none")]
    team: String,
    number: Option<i64>,
    mentor_id: Option<Key<User>>,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk, column = "iso")]
    code: String,
    name: String,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(User, Country)>().await?;
    Ok(db)
}

fn user(email: &str, name: &str) -> NewUser {
    User::builder().email(email).name(name).build()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_creates_and_the_others_get() -> sqliter::Result<()> {
    let db = open().await?;
    let (ada, created) = db.get_or_create(user("ada", "Ada"), |u| u.email).await?;
    assert!(created);
    assert_eq!(db.get(ada.pk).await?.as_ref(), Some(&ada));
    db.execute("UPDATE users SET created_at = 5").await?;
    let before = db.statement_count();
    let (got, created) = db.get_or_create(user("ada", "Eve"), |u| u.email).await?;
    assert_eq!((got, created), (User { created_at: 5, ..ada }, false));
    assert_eq!(db.statement_count(), before + 1, "the query");
    let (bea, created) = db.get_or_create(user("bea", "Bea"), |u| u.email).await?;
    assert_eq!((bea.pk, created), (User::key(2), true), "getting uses up no key");
    Ok(())
}

#[tokio::test]
async fn unique_indexes_and_natural_keys_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = open().await?;
    let member = |email: &str, number: i64| User::builder().email(email).name("x").team("red").number(number);
    let (first, created) = db.get_or_create(member("a", 1), |u| (u.number, u.team)).await?;
    assert!(created);
    assert_eq!(db.get_or_create(member("b", 1), |u| (u.team, u.number)).await?, (first, false));
    assert!(db.get_or_create(member("b", 2), |u| (u.team, u.number)).await?.1);
    let country = |code: &str, name: &str| Country::builder().code(code).name(name);
    let (france, created) = db.get_or_create(country("FR", "France"), |c| c.code).await?;
    assert!(created);
    assert_eq!(db.get_or_create(country("FR", "x"), |c| c.code).await?, (france, false));
    assert!(db.get_or_create(country("fr", "x"), |c| c.code).await?.1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_is_never_there_already() -> sqliter::Result<()> {
    let db = open().await?;
    assert!(db.get_or_create(user("a", "x"), |u| u.badge).await?.1);
    assert!(db.get_or_create(user("b", "x"), |u| u.badge).await?.1);
    assert!(db.get_or_create(user("c", "x"), |u| (u.team, u.number)).await?.1);
    assert!(db.get_or_create(user("d", "x"), |u| (u.team, u.number)).await?.1);
    assert_eq!(db.select::<User>().count().await?, 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_those_of_an_insert() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(User::builder().email("ada").name("x").badge(1)).await?;
    let error = db.get_or_create(User::builder().email("new").name("x").badge(1), |u| u.email).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if columns == &["badge"]), "{error:?}");
    let broken = || User::builder().email("new").name("x").mentor_id(User::key(99));
    let error = db.get_or_create(broken(), |u| u.email).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if columns == &["mentor_id"]), "{error:?}");
    assert_eq!(db.select::<User>().count().await?, 1);
    db.execute("CREATE TRIGGER full BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'full'); END").await?;
    let error = db.get_or_create(user("new", "x"), |u| u.email).await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { constraint, .. } if constraint == "full"), "{error:?}");
    assert!(!db.get_or_create(user("ada", "x"), |u| u.email).await?.1);
    db.drop_table::<User>().await?;
    let error = db.get_or_create(user("new", "x"), |u| u.email).await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { table, .. } if table == "users"), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_a_transaction_a_rollback_undoes_the_creation() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    let (ada, created) = tx.get_or_create(user("ada", "Ada"), |u| u.email).await?;
    assert!(created);
    assert_eq!(tx.get_or_create(user("ada", "Eve"), |u| u.email).await?, (ada, false));
    tx.rollback().await?;
    assert!(db.get_or_create(user("ada", "Ada"), |u| u.email).await?.1);
    db.transaction(async |tx| {
        tx.get_or_create(user("bea", "Bea"), |u| u.email).await?;
        let broken = User::builder().email("new").name("x").mentor_id(User::key(99));
        assert!(tx.get_or_create(broken, |u| u.email).await.is_err());
        tx.get_or_create(user("cora", "Cora"), |u| u.email).await
    })
    .await?;
    let emails = db.select::<User>().order(|u| u.email.asc()).only(|u| u.email).fetch_all().await?;
    assert_eq!(emails, ["ada", "bea", "cora"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_tasks_exactly_one_creates() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for db in [Db::memory().await?, Db::open(folder.path().join("many.db")).await?] {
        db.create_table::<User>().await?;
        let tasks: Vec<_> = (0..64)
            .map(|i| {
                let db = db.clone();
                tokio::spawn(async move { db.get_or_create(user("ada", &i.to_string()), |u| u.email).await })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap()?);
        }
        assert_eq!(results.iter().filter(|(_, created)| *created).count(), 1);
        assert!(results.iter().all(|(row, _)| *row == results[0].0));
        assert_eq!(db.select::<User>().fetch_all().await?, [results[0].0.clone()]);
        db.close().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_programs_on_one_file_exactly_one_creates_each_row() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.db");
    let db = Db::open(&path).await?;
    db.create_table::<User>().await?;
    let mut tasks = Vec::new();
    for program in 0..4 {
        let other = Db::options().path(&path).cache(CacheOptions::default()).open().await?;
        tasks.push(tokio::spawn(async move {
            let mut created = 0;
            for i in 0..32 {
                let draft = user(&i.to_string(), &program.to_string());
                created += u64::from(other.get_or_create(draft, |u| u.email).await?.1);
            }
            other.close().await?;
            Ok::<_, Error>(created)
        }));
    }
    let mut created = 0;
    for task in tasks {
        created += task.await.unwrap()?;
    }
    assert_eq!((created, db.select::<User>().count().await?), (32, 32));
    Ok(())
}

/// Rows that are there are only read: so there is nothing that a savepoint could undo.
#[tokio::test]
async fn in_a_transaction_rows_that_are_there_take_one_statement() -> sqliter::Result<()> {
    let db = open().await?;
    let drafts = || ["ada", "bea"].map(|email| user(email, "x"));
    db.transaction(async |tx| {
        for (statements, expected) in [("looks saves inserts keeps", true), ("looks", false)] {
            let before = db.statement_count();
            let users = tx.bulk_get_or_create(drafts(), |u| u.email).await?;
            assert_eq!(db.statement_count() - before, statements.split(' ').count() as u64, "{statements}");
            assert!(users.iter().all(|(_, created)| *created == expected));
            let before = db.statement_count();
            let asked = tx.bulk_upsert(drafts(), |u| u.email).update(|_| ()).returning_rows();
            assert_eq!(asked.fetch_all().await?, users.into_iter().map(|(user, _)| user).collect::<Vec<_>>());
            assert_eq!(db.statement_count() - before, 1);
        }
        Ok(())
    })
    .await
}
