//! Tables of other programs whose key is none, views, virtual tables, and schemas that change while a program runs.

use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{CacheOptions, Error, Operation};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "grade", has_many(marks = Mark::grade))]
struct Grade {
    #[model(pk)]
    student_id: i64,
    course_id: i64,
    mark: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Mark {
    pk: Key<Mark>,
    grade_id: Key<Grade>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    name: String,
    active: bool,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct ActiveUser {
    pk: Key<ActiveUser>,
    name: String,
}

/// The three tables in which `student_id` is no key.
const NO_KEY: [&str; 3] = [
    "CREATE TABLE grade (student_id INTEGER NOT NULL, course_id INTEGER NOT NULL, mark INTEGER NOT NULL)",
    "CREATE TABLE grade (student_id INTEGER NOT NULL, course_id INTEGER NOT NULL, mark INTEGER NOT NULL, \
     PRIMARY KEY (student_id, course_id)) WITHOUT ROWID",
    "CREATE TABLE grade (student_id INTEGER, course_id INTEGER NOT NULL, mark INTEGER NOT NULL, rowid TEXT, \
     PRIMARY KEY (course_id, student_id))",
];

async fn grades(table: &str) -> Db {
    let db = Db::memory().await.unwrap();
    db.execute(table).await.unwrap();
    let grade = |student, course, mark| Grade::builder().student_id(student).course_id(course).mark(mark);
    let rows = [(1, 1, 10), (1, 2, 20), (1, 3, 30), (2, 1, 40), (2, 2, 50), (2, 3, 60), (3, 1, 70)];
    db.bulk_insert(rows.map(|(student, course, mark)| grade(student, course, mark))).await.unwrap();
    db
}

async fn marks(db: &Db) -> Vec<i64> {
    let mut marks = db.select::<Grade>().only(|g| g.mark).fetch_all().await.unwrap();
    marks.sort_unstable();
    marks
}

fn is_not_unique(error: &Error, wanted: Operation) -> bool {
    matches!(error, Error::KeyNotUnique { operation, table, column, key }
        if *operation == wanted && table == "grade" && column == "student_id" && key == "1")
}

#[tokio::test]
async fn a_write_by_a_key_that_several_rows_have_changes_nothing() {
    for table in NO_KEY {
        let db = grades(table).await;
        let all = [10, 20, 30, 40, 50, 60, 70];
        let mut row = db.select::<Grade>().filter(|g| g.mark.eq(20)).fetch_required().await.unwrap();
        row.mark = 99;
        let error = db.update(&mut row).await.unwrap_err();
        assert!(is_not_unique(&error, Operation::Update), "{error:?}");
        assert_eq!(
            error.to_string(),
            "cannot update one row of grade: several rows have the key 1, as student_id is not unique there"
        );
        let error = db.delete(&row).await.unwrap_err();
        assert!(is_not_unique(&error, Operation::Delete), "{error:?}");
        let error = db.get(Grade::key(1)).await.unwrap_err();
        assert!(is_not_unique(&error, Operation::Fetch), "{error:?}");
        assert_eq!(marks(&db).await, all);
        // Inside a transaction only the write is undone.
        db.transaction(async |tx| {
            let mut only = tx.get(Grade::key(3)).await?.unwrap();
            only.mark = 71;
            tx.update(&mut only).await?;
            assert!(is_not_unique(&tx.update(&mut row).await.unwrap_err(), Operation::Update));
            assert!(is_not_unique(&tx.delete(&row).await.unwrap_err(), Operation::Delete));
            let mut rows = [only.clone(), row.clone()];
            rows[0].mark = 72;
            assert!(is_not_unique(&tx.bulk_update(&mut rows).await.unwrap_err(), Operation::Update));
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(marks(&db).await, [10, 20, 30, 40, 50, 60, 71]);
        db.delete(Grade::key(3)).await.unwrap();
        assert_eq!(marks(&db).await, [10, 20, 30, 40, 50, 60]);
    }
}

#[tokio::test]
async fn chains_choose_exactly_their_rows_where_the_key_is_none() {
    for table in NO_KEY {
        let db = grades(table).await;
        let chain = || db.select::<Grade>().order(|g| g.student_id.desc()).limit(2).offset(1);
        let rows = chain().fetch_all().await.unwrap();
        assert_eq!(chain().update(|g| g.mark.add(1000)).await.unwrap(), 2);
        let changed: Vec<_> = rows.iter().map(|row| row.mark + 1000).collect();
        let mut found = db.select::<Grade>().filter(|g| g.mark.gt(1000)).only(|g| g.mark).fetch_all().await.unwrap();
        found.sort_unstable();
        let mut expected = changed.clone();
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(chain().delete().await.unwrap(), 2);
        assert_eq!(marks(&db).await.len(), 5);
        assert_eq!(db.select::<Grade>().filter(|g| g.mark.gt(1000)).count().await.unwrap(), 0);
        for most in [1, 2, 3] {
            let chain = || db.select::<Grade>().filter(|g| g.student_id.le(most)).order(|g| g.student_id.asc());
            let last = chain().fetch_last().await.unwrap();
            assert_eq!(chain().limit(99).fetch_all().await.unwrap().pop(), last, "{table}");
        }
        // The rows between two pages would be lost.
        let error = db.select::<Grade>().page_after(None, 2).await.unwrap_err();
        assert!(matches!(error, Error::KeyNotUnique { .. }), "{error:?}");
        assert_eq!(db.select::<Grade>().limit(1).delete().await.unwrap(), 1);
        assert_eq!(marks(&db).await.len(), 4);
    }
}

#[tokio::test]
async fn limited_rows_are_counted_each_for_itself_where_the_key_is_none() {
    for table in NO_KEY {
        let db = grades(table).await;
        for (limit, offset) in [(1, 0), (2, 0), (2, 1), (3, 2), (9, 5)] {
            let chain = || db.select::<Grade>().order(|g| g.student_id.desc()).limit(limit).offset(offset);
            let rows = chain().fetch_all().await.unwrap();
            let sum = rows.iter().map(|row| row.mark).sum::<i64>();
            let found = chain().annotate(|g| (count(), g.mark.sum())).fetch_required().await.unwrap();
            assert_eq!(found, (rows.len() as i64, Some(sum)), "{table}: {limit} {offset}");
            assert_eq!(chain().count().await.unwrap(), rows.len() as u64);
            assert_eq!(chain().fetch_last().await.unwrap(), rows.last().cloned(), "{table}: {limit} {offset}");
            let pair = chain().fields(|g| (g.course_id, g.mark)).fetch_last().await.unwrap();
            assert_eq!(pair, rows.last().map(|row| (row.course_id, row.mark)));
        }
    }
}

/// The same table, with the course as a row of its own.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "grade")]
struct Exam {
    #[model(pk)]
    student_id: i64,
    course_id: Key<Course>,
    mark: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Course {
    pk: Key<Course>,
    points: i64,
}

#[tokio::test]
async fn each_row_takes_the_value_of_its_own_related_row_where_the_key_is_none() {
    for table in NO_KEY {
        let db = grades(table).await;
        db.create_table::<Course>().await.unwrap();
        let course = |pk| Course::builder().points(pk * 1000);
        db.bulk_insert((1..=3).map(course)).await.unwrap();
        let exams = || db.select::<Exam>();
        assert_eq!(exams().update(|e| e.mark.set(e.course.points + e.mark)).await.unwrap(), 7);
        assert_eq!(marks(&db).await, [1010, 1040, 1070, 2020, 2050, 3030, 3060], "{table}");
        let first = || exams().order(|e| e.mark.asc()).limit(2);
        assert_eq!(first().update(|e| e.mark.set(e.course.points)).await.unwrap(), 2);
        assert_eq!(marks(&db).await, [1000, 1000, 1070, 2020, 2050, 3030, 3060], "{table}");
        // Through the course, and so past the key.
        let heavy = || exams().filter(|e| e.course.points.gt(2000)).order(|e| e.course.points.desc()).limit(1);
        assert_eq!(heavy().delete().await.unwrap(), 1);
        assert_eq!(marks(&db).await.len(), 6, "{table}");
    }
}

#[tokio::test]
async fn a_relation_to_one_row_is_refused_where_several_have_its_key() {
    for table in NO_KEY {
        let db = grades(table).await;
        db.execute("CREATE TABLE marks (pk INTEGER PRIMARY KEY, grade_id INTEGER NOT NULL)").await.unwrap();
        let mark = db.insert(Mark::builder().grade_id(Grade::key(1))).await.unwrap();
        let error = db.select::<Mark>().select_related(|m| m.grade).fetch_all().await.unwrap_err();
        assert!(matches!(&error, Error::SchemaDiffers { table, .. } if table == "grade"), "{error:?}");
        assert_eq!(
            error.to_string(),
            "the table grade in the file does not serve its model: student_id alone is not unique, so it is no key; `schema_diff` gives the SQL that mends it"
        );
        assert!(db.select::<Mark>().filter(|m| m.grade.mark.gt(1)).count().await.is_err());
        assert_eq!(db.select::<Mark>().fetch_all().await.unwrap(), [mark]);
    }
}

#[tokio::test]
async fn create_table_refuses_what_cannot_serve_the_model() {
    for table in NO_KEY {
        let db = grades(table).await;
        let error = db.create_table::<Grade>().await.unwrap_err();
        assert!(
            matches!(&error, Error::SchemaDiffers { table, differences }
                if table == "grade" && differences == &["student_id alone is not unique, so it is no key"]),
            "{error:?}"
        );
        db.create_table::<Grade>().force().await.unwrap();
        db.create_table::<Grade>().await.unwrap();
    }
    let db = Db::memory().await.unwrap();
    for (table, differences) in [
        ("CREATE TABLE users (pk INTEGER PRIMARY KEY, active INTEGER)", vec!["it has no column name"]),
        (
            "CREATE TABLE users (pk INT PRIMARY KEY, name TEXT, active INTEGER)",
            vec!["pk is not INTEGER PRIMARY KEY, so no key is chosen for a new row"],
        ),
        (
            "CREATE TABLE users (pk INTEGER PRIMARY KEY DESC, name TEXT, active INTEGER)",
            vec!["pk is not INTEGER PRIMARY KEY, so no key is chosen for a new row"],
        ),
        ("CREATE TABLE users (name TEXT, active INTEGER, PRIMARY KEY (name))", vec!["it has no column pk"]),
        ("CREATE VIEW users AS SELECT 1 AS pk, 'a' AS name, 1 AS active", vec!["it is a view"]),
        ("CREATE VIRTUAL TABLE users USING fts5(pk, name)", vec!["it is a virtual table", "it has no column active"]),
    ] {
        db.execute(table).await.unwrap();
        let error = db.create_tables::<(User, ActiveUser)>().await.unwrap_err();
        assert!(
            matches!(&error, Error::SchemaDiffers { table, differences: found } if table == "users" && *found == differences),
            "{table}: {error:?}"
        );
        assert!(!db.table_names().await.unwrap().contains(&"active_users".to_owned()));
        let drop = if table.contains("VIEW") { "DROP VIEW users" } else { "DROP TABLE users" };
        db.execute(drop).await.unwrap();
    }
    // More columns, wider types and other indexes are the other program's.
    db.execute("CREATE TABLE Users (more TEXT, pk INTEGER PRIMARY KEY, name, active ANY)").await.unwrap();
    db.create_table::<User>().await.unwrap();
}

#[tokio::test]
async fn a_new_row_without_a_key_is_refused_where_no_key_is_chosen() {
    for table in [
        "CREATE TABLE users (pk INT PRIMARY KEY, name TEXT, active INTEGER)",
        "CREATE TABLE users (pk INTEGER PRIMARY KEY, name TEXT, active INTEGER) WITHOUT ROWID",
        "CREATE TABLE users (pk INTEGER UNIQUE, name TEXT, active INTEGER)",
    ] {
        let db = Db::memory().await.unwrap();
        db.execute(table).await.unwrap();
        let ada = || User::builder().name("Ada").active(true);
        for error in [
            db.insert(ada()).await.unwrap_err(),
            db.bulk_insert([ada()]).await.unwrap_err(),
            db.insert_with(ada(), |u| u.name.given("x")).await.unwrap_err(),
        ] {
            assert!(matches!(&error, Error::SchemaDiffers { table, .. } if table == "users"), "{error:?}");
        }
        assert_eq!(db.select::<User>().count().await.unwrap(), 0);
        let given = db.insert_with(ada(), |u| u.pk.given(User::key(7))).await.unwrap();
        assert_eq!(db.get(User::key(7)).await.unwrap(), Some(given));
    }
}

async fn view() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    for sql in [
        "CREATE VIEW active_users AS SELECT pk, name FROM users WHERE active",
        "CREATE TRIGGER vi INSTEAD OF INSERT ON active_users BEGIN INSERT INTO users (name, active) VALUES (new.name, 1); END",
        "CREATE TRIGGER vu INSTEAD OF UPDATE ON active_users BEGIN UPDATE users SET name = new.name WHERE pk = old.pk; END",
        "CREATE TRIGGER vd INSTEAD OF DELETE ON active_users BEGIN UPDATE users SET active = 0 WHERE pk = old.pk; END",
    ] {
        db.execute(sql).await.unwrap();
    }
    let user = |name: &str, active| User::builder().name(name).active(active);
    db.bulk_insert([user("ada", true), user("bea", false), user("Cid", true)]).await.unwrap();
    db
}

#[tokio::test]
async fn a_view_is_read_by_its_model_and_never_written() {
    let db = view().await;
    let chain = db.select::<ActiveUser>().filter(|u| u.name.ge("ada")).order(|u| u.name.asc());
    assert_eq!(chain.only(|u| u.name).fetch_all().await.unwrap(), ["ada"]);
    let mut ada = db.get(ActiveUser::key(1)).await.unwrap().unwrap();
    assert_eq!(db.get(ActiveUser::key(2)).await.unwrap(), None);
    ada.name = "Ada".into();
    let new = || ActiveUser::builder().name("eve");
    let one = || db.select::<ActiveUser>().filter(|u| u.name.eq("ada"));
    let mut rows = vec![ada.clone(), ada.clone()];
    let errors = [
        db.insert(new()).await.unwrap_err(),
        db.bulk_insert([new(), new()]).await.unwrap_err(),
        db.insert_with(new(), |u| u.pk.given(ActiveUser::key(50))).await.unwrap_err(),
        db.update(&mut ada).await.unwrap_err(),
        db.bulk_update(&mut rows).await.unwrap_err(),
        db.delete(&ada).await.unwrap_err(),
        one().update(|u| u.name.set("x")).await.unwrap_err(),
        one().limit(1).delete().await.unwrap_err(),
    ];
    for error in errors {
        assert!(
            matches!(&error, Error::NotATable { table, kind, .. } if table == "active_users" && kind == "a view"),
            "{error:?}"
        );
    }
    let error = db.insert(new()).await.unwrap_err().to_string();
    assert_eq!(error, "cannot insert active_users: it is a view; write to the table behind it, or use raw SQL");
    let rows: Vec<_> = db.select::<User>().fields(|u| (u.name, u.active)).fetch_all().await.unwrap();
    assert_eq!(rows, [("ada".to_owned(), true), ("bea".to_owned(), false), ("Cid".to_owned(), true)]);
    for create in [db.create_table::<ActiveUser>(), db.create_table::<ActiveUser>().force()] {
        let error = create.await.unwrap_err();
        assert!(matches!(&error, Error::SchemaDiffers { differences, .. } if differences == &["it is a view"]));
    }
}

#[tokio::test]
async fn a_view_compares_text_by_its_bytes_whatever_its_table_is_declared_with() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE people (pk INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE)").await.unwrap();
    db.execute("CREATE VIEW active_users AS SELECT pk, name FROM people").await.unwrap();
    db.execute("INSERT INTO people (name) VALUES ('Ada'), ('ada')").await.unwrap();
    assert_eq!(db.select::<ActiveUser>().filter(|u| u.name.eq("ada")).count().await.unwrap(), 1);
    assert_eq!(db.select::<ActiveUser>().only(|u| u.name).distinct().count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_virtual_table_is_read_and_never_written() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE VIRTUAL TABLE active_users USING fts5(pk, name)").await.unwrap();
    db.execute("INSERT INTO active_users VALUES (1, 'ada')").await.unwrap();
    assert_eq!(db.get(ActiveUser::key(1)).await.unwrap().unwrap().name, "ada");
    let error = db.insert(ActiveUser::builder().name("bea")).await.unwrap_err();
    assert!(matches!(&error, Error::NotATable { kind, .. } if kind == "a virtual table"), "{error:?}");
    assert_eq!(db.select::<ActiveUser>().count().await.unwrap(), 1);
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Thing {
    #[model(pk)]
    id: Uuid,
    name: String,
}

const ID: Uuid = Uuid::from_u128(0xabcd_ef00_0000_7000_8000_0000_0000_0001);

/// What another program makes of the table, and whether the name is compared without case there.
async fn make_foreign(execute: impl AsyncFn(String)) {
    execute("DROP TABLE things".to_owned()).await;
    execute("CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT COLLATE NOCASE)".to_owned()).await;
    execute(format!("INSERT INTO things VALUES ('{}', 'Stored')", ID.to_string().to_uppercase())).await;
}

async fn through_pool(pool: &sqliter::sqlx::SqlitePool, sql: String) {
    use sqliter::sqlx::{AssertSqlSafe, raw_sql};
    raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

async fn uses(session: &Session) {
    let found = session.get(Thing::key(ID)).await.unwrap().expect("the row is found by its key");
    assert_eq!(session.select::<Thing>().filter(|t| t.name.eq("stored")).count().await.unwrap(), 0);
    let mut found = found;
    found.name = "Stored".into();
    session.update(&mut found).await.unwrap();
    assert_eq!(session.select::<Thing>().filter(|t| t.id.eq(ID)).update(|t| t.name.set("Stored")).await.unwrap(), 1);
    assert_eq!(session.select::<Thing>().filter(|t| t.id.eq(ID)).fetch_all().await.unwrap(), [found]);
}

async fn with_own_table(path: Option<&std::path::Path>) -> Db {
    let db = match path {
        Some(path) => Db::open(path).await.unwrap(),
        None => Db::memory().await.unwrap(),
    };
    db.create_table::<Thing>().await.unwrap();
    db.insert(Thing::builder().id(ID).name("Stored")).await.unwrap();
    uses(&db).await;
    uses(&db).await;
    db
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_another_connection_changes_is_looked_at_anew() {
    let folder = tempfile::tempdir().unwrap();
    for path in [None, Some(folder.path().join("things.db"))] {
        let db = with_own_table(path.as_deref()).await;
        let pool = db.pool();
        make_foreign(async |sql| through_pool(&pool, sql).await).await;
        uses(&db).await;
        db.create_table::<Thing>().force().await.unwrap();
        db.insert(Thing::builder().id(ID).name("Stored")).await.unwrap();
        uses(&db).await;
        make_foreign(async |sql| {
            db.execute(&sql).await.unwrap();
        })
        .await;
        uses(&db).await;
    }
}

#[tokio::test]
async fn a_write_that_comes_first_after_a_change_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    for path in [None, Some(folder.path().join("things.db"))] {
        let db = with_own_table(path.as_deref()).await;
        let pool = db.pool();
        for round in 0..3 {
            make_foreign(async |sql| through_pool(&pool, sql).await).await;
            let mut thing = Thing { id: ID, name: "Stored".into() };
            match round {
                0 => db.update(&mut thing).await.unwrap(),
                1 => db.delete(&thing).await.unwrap(),
                _ => assert!(!db.get_or_create(Thing::builder().id(ID).name("x"), |t| t.id).await.unwrap().1),
            }
            db.create_table::<Thing>().force().await.unwrap();
            db.insert(Thing::builder().id(ID).name("Stored")).await.unwrap();
            uses(&db).await;
        }
        // A view in the place of the table.
        let sql = "DROP TABLE things; CREATE TABLE t (id, name); CREATE VIEW things AS SELECT id, name FROM t; \
                   CREATE TRIGGER i INSTEAD OF INSERT ON things BEGIN INSERT INTO t VALUES (new.id, new.name); END";
        sqliter::sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        let error = db.insert(Thing::builder().id(ID).name("x")).await.unwrap_err();
        assert!(matches!(error, Error::NotATable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn changes_of_the_schema_that_are_not_committed_hold_inside_their_transaction() {
    let folder = tempfile::tempdir().unwrap();
    for path in [None, Some(folder.path().join("things.db"))] {
        let db = with_own_table(path.as_deref()).await;
        for _ in 0..2 {
            let tx = db.begin().await.unwrap();
            uses(&tx).await;
            let inner = tx.begin().await.unwrap();
            make_foreign(async |sql| {
                inner.execute(&sql).await.unwrap();
            })
            .await;
            uses(&inner).await;
            inner.rollback().await.unwrap();
            uses(&tx).await;
            make_foreign(async |sql| {
                tx.execute(&sql).await.unwrap();
            })
            .await;
            uses(&tx).await;
            tx.rollback().await.unwrap();
            uses(&db).await;
        }
        // Committed elsewhere under the number that the schema had in the transaction.
        let pool = db.pool();
        make_foreign(async |sql| through_pool(&pool, sql).await).await;
        uses(&db).await;
    }
}

#[tokio::test]
async fn a_schema_that_was_rolled_back_is_forgotten() {
    let own = Db::memory().await.unwrap().create_table::<Thing>().to_sql().unwrap().remove(0);
    let make_own = async |tx: &Session| {
        tx.execute("DROP TABLE things").await.unwrap();
        tx.execute(&own).await.unwrap();
        tx.execute(format!("INSERT INTO things VALUES ('{ID}', 'Stored')")).await.unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    for path in [None, Some(folder.path().join("things.db"))] {
        let db = with_own_table(path.as_deref()).await;
        let pool = db.pool();
        make_foreign(async |sql| through_pool(&pool, sql).await).await;
        // The schema that comes next has the number of the one that is undone.
        let tx = db.begin().await.unwrap();
        let inner = tx.begin().await.unwrap();
        make_own(&inner).await;
        uses(&inner).await;
        inner.rollback().await.unwrap();
        make_foreign(async |sql| {
            tx.execute(sql).await.unwrap();
        })
        .await;
        uses(&tx).await;
        tx.rollback().await.unwrap();
        let tx = db.begin().await.unwrap();
        make_own(&tx).await;
        uses(&tx).await;
        tx.rollback().await.unwrap();
        make_foreign(async |sql| through_pool(&pool, sql).await).await;
        uses(&db).await;
    }
}

#[tokio::test]
async fn a_temporary_table_hides_that_of_the_file() {
    let temporary = "CREATE TEMP TABLE things (id TEXT, name TEXT COLLATE NOCASE)";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("things.db");
    Db::open(&path).await.unwrap().create_table::<Thing>().await.unwrap();
    let db = Db::options().path(&path).on_connect(temporary).open().await.unwrap();
    let tx = db.begin().await.unwrap();
    let upper = ID.to_string().to_uppercase();
    tx.execute(format!("INSERT INTO temp.things VALUES ('{upper}', 'Stored')")).await.unwrap();
    uses(&tx).await;
    tx.execute("INSERT INTO temp.things SELECT * FROM temp.things").await.unwrap();
    assert!(matches!(tx.get(Thing::key(ID)).await, Err(Error::KeyNotUnique { .. })));
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_look_at_a_table_is_no_statement_of_the_program() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Thing>().await.unwrap();
    let before = db.statement_count();
    db.insert(Thing::builder().id(ID).name("a")).await.unwrap();
    db.get(Thing::key(ID)).await.unwrap();
    db.select::<Thing>().count().await.unwrap();
    db.delete(Thing::key(ID)).await.unwrap();
    assert_eq!(db.statement_count() - before, 4);
}

#[tokio::test]
async fn a_value_that_is_none_of_its_type_is_an_error_that_names_its_column() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE things (id TEXT, name TEXT)").await.unwrap();
    db.execute("INSERT INTO things VALUES ('x', 'a')").await.unwrap();
    let error = db.get(Thing::key(ID)).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot read from things: things.id holds TEXT 'x', expected a UUID"), "{error}");
    let error = db.delete(Thing::key(ID)).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot delete from things: things.id holds TEXT 'x', expected a UUID"), "{error}");
}

#[tokio::test]
async fn two_rows_with_one_value_in_two_forms_are_no_row_of_their_key() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT)").await.unwrap();
    let upper = ID.to_string().to_uppercase();
    db.execute(format!("INSERT INTO things VALUES ('{upper}', 'a'), ('{ID}', 'b')")).await.unwrap();
    let mut row = db.select::<Thing>().filter(|t| t.name.eq("a")).fetch_required().await.unwrap();
    row.name = "c".into();
    assert!(matches!(db.get(Thing::key(ID)).await, Err(Error::KeyNotUnique { .. })));
    assert!(matches!(db.update(&mut row).await, Err(Error::KeyNotUnique { .. })));
    assert!(matches!(db.delete(&row).await, Err(Error::KeyNotUnique { .. })));
    assert!(matches!(db.select::<Thing>().page_after(None, 1).await, Err(Error::KeyNotUnique { .. })));
    let draft = || Thing::builder().id(ID).name("d");
    assert!(matches!(db.get_or_create(draft(), |t| t.id).await, Err(Error::SeveralRows { .. })));
    assert!(matches!(db.bulk_get_or_create([draft()], |t| t.id).await, Err(Error::SeveralRows { .. })));
    assert!(matches!(db.upsert(draft(), |t| t.id).update(|t| t.name).await, Err(Error::SeveralRows { .. })));
    assert_eq!(db.select::<Thing>().limit(1).delete().await.unwrap(), 1);
    assert_eq!(db.select::<Thing>().count().await.unwrap(), 1);
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Stock {
    #[model(pk)]
    id: Uuid,
    pieces: i64,
    #[model(unique)]
    price: Decimal,
}

#[tokio::test]
async fn an_upsert_computes_from_values_in_other_forms() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE stocks (id TEXT PRIMARY KEY, pieces TEXT, price TEXT UNIQUE)").await.unwrap();
    let upper = ID.to_string().to_uppercase();
    db.execute(format!("INSERT INTO stocks VALUES ('{upper}', '66', '1.50')")).await.unwrap();
    let draft = |price: &str| Stock::builder().id(ID).pieces(1).price(price.parse::<Decimal>().unwrap());
    let stock = db.upsert(draft("9"), |s| s.id).update(|s| s.pieces.add(5)).await.unwrap();
    assert_eq!((stock.pieces, stock.price.to_string()), (71, "1.50".to_owned()));
    let stock = db.upsert(draft("1.5"), |s| s.price).update(|s| (s.pieces.mul(2), s.price.add(1))).await.unwrap();
    assert_eq!((stock.id, stock.pieces, stock.price.to_string()), (ID, 142, "2.5".to_owned()));
    assert_eq!(db.upsert(draft("2.50"), |s| s.price).ignore().await.unwrap(), None);
    assert_eq!(db.select::<Stock>().filter(|s| s.pieces.gt(99)).count().await.unwrap(), 1);
}

/// The same table for a program that takes its key for text.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "things")]
struct Named {
    #[model(pk)]
    id: String,
    name: String,
}

#[tokio::test]
async fn two_models_of_one_table_each_compare_by_their_own_types() {
    for options in [Db::options(), Db::options().cache(CacheOptions::default())] {
        let db = options.open().await.unwrap();
        db.execute("CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT)").await.unwrap();
        let upper = ID.to_string().to_uppercase();
        db.execute(format!("INSERT INTO things VALUES ('{upper}', 'a')")).await.unwrap();
        for _ in 0..2 {
            assert_eq!(db.get(Named::key(ID.to_string())).await.unwrap(), None);
            assert!(db.get(Thing::key(ID)).await.unwrap().is_some());
            assert!(db.get(Named::key(upper.as_str())).await.unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn tables_of_the_library_are_searched_by_their_indexes() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Thing>().await.unwrap();
    let plan = db.select::<Thing>().filter(|t| t.id.eq(ID)).explain().await.unwrap();
    assert!(plan.uses_index("sqlite_autoindex_things_1"), "{plan}");
}

#[tokio::test]
async fn a_chain_is_refused_where_nothing_tells_rows_apart() {
    let db = Db::memory().await.unwrap();
    let table = "CREATE TABLE grade (student_id INTEGER, course_id INTEGER, mark INTEGER, rowid, _rowid_, oid)";
    db.execute(table).await.unwrap();
    let grade = |mark| Grade::builder().student_id(1).course_id(1).mark(mark);
    db.bulk_insert([grade(1), grade(2)]).await.unwrap();
    for error in [
        db.select::<Grade>().limit(1).delete().await.unwrap_err(),
        db.select::<Grade>().limit(1).update(|g| g.mark.add(1)).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::SchemaDiffers { .. }), "{error:?}");
    }
    assert_eq!(marks(&db).await, [1, 2]);
    assert_eq!(db.select::<Grade>().filter(|g| g.mark.eq(2)).delete().await.unwrap(), 1);
    assert_eq!(marks(&db).await, [1]);
}
