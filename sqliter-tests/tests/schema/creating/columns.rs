//! What each attribute of a field becomes: the statements as SQLite has kept them, and what the constraints do.

use crate::kept::{indexes, sql, table};
use sqliter::prelude::*;
use sqliter::{Error, Json, Operation, sqlx};

#[tokio::test]
async fn the_key_is_never_used_again() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Item {
        pk: Key<Item>,
    }
    let db = table::<Item>().await;
    assert_eq!(sql(&db, "items").await, r#"CREATE TABLE "items" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT) STRICT"#);
    let first = db.insert(Item::builder()).await.unwrap();
    db.delete(first.pk).await.unwrap();
    assert_eq!(db.insert(Item::builder()).await.unwrap().pk, Item::key(2));
}

#[tokio::test]
async fn timestamps_are_columns_where_the_struct_has_them() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Event {
        pk: Key<Event>,
        created_at: i64,
        #[model(updated_at, column = "changed")]
        touched: chrono::DateTime<chrono::Utc>,
    }
    let db = table::<Event>().await;
    let table = sql(&db, "events").await;
    let start = r#"CREATE TABLE "events" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER NOT NULL, "changed" TEXT NOT NULL CONSTRAINT "changed must be an instant, "#;
    assert!(table.starts_with(start), "{table}");
    let event = db.insert(Event::builder()).await.unwrap();
    assert_eq!(event.touched.timestamp(), event.created_at);
}

#[tokio::test]
async fn each_type_has_its_storage_class() {
    #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
    enum Status {
        Open,
        #[column(name = "it's done")]
        Done,
    }
    #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
    #[column(integer)]
    enum Level {
        Low = -1,
        High = 2,
    }
    #[derive(Debug, Clone, PartialEq, ColumnType)]
    struct Email(String);
    #[derive(Debug, Clone, PartialEq, Model)]
    struct All {
        pk: Key<All>,
        i: i64,
        u: u8,
        f: f64,
        t: String,
        b: Vec<u8>,
        yes: bool,
        status: Status,
        level: Level,
        email: Email,
        json: Json<Vec<i32>>,
        date: chrono::NaiveDate,
        unix: Unix<chrono::DateTime<chrono::Utc>>,
    }
    let db = table::<All>().await;
    assert_eq!(
        sql(&db, "alls").await,
        "CREATE TABLE \"alls\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"i\" INTEGER NOT NULL, \
         \"u\" INTEGER NOT NULL CHECK ((\"u\" BETWEEN 0 AND 255)), \"f\" REAL NOT NULL, \"t\" TEXT NOT NULL, \"b\" BLOB NOT NULL, \
         \"yes\" INTEGER NOT NULL CHECK ((\"yes\" IN (0, 1))), \
         \"status\" TEXT NOT NULL CHECK ((\"status\" IN ('open', 'it''s done'))), \
         \"level\" INTEGER NOT NULL CHECK ((\"level\" IN (-1, 2))), \"email\" TEXT NOT NULL, \
         \"json\" TEXT NOT NULL, \"date\" TEXT NOT NULL CONSTRAINT \"date must be a day, YYYY-MM-DD\" \
         CHECK (\"date\" IS date(substr(\"date\", 1, 10))), \"unix\" INTEGER NOT NULL \
         CONSTRAINT \"unix must be Unix seconds of the years 0000 to 9999\" \
         CHECK (\"unix\" BETWEEN -62167219200 AND 253402300799)) STRICT"
    );
    let row = All {
        pk: All::key(1),
        i: i64::MIN,
        u: 255,
        f: -0.5,
        t: String::new(),
        b: vec![0, 255],
        yes: true,
        status: Status::Done,
        level: Level::Low,
        email: Email("a@x".to_owned()),
        json: Json(vec![1]),
        date: chrono::NaiveDate::MIN.max(chrono::NaiveDate::from_ymd_opt(1, 1, 1).unwrap()),
        unix: Unix(chrono::DateTime::UNIX_EPOCH),
    };
    let draft = All::builder().i(i64::MIN).u(255).f(-0.5).t("").b([0, 255]).yes(true).status(Status::Done);
    let draft = draft.level(Level::Low).email(row.email.clone()).json(vec![1]).date(row.date).unix(row.unix);
    assert_eq!(db.insert(draft).await.unwrap(), row);
    assert_eq!(db.get(row.pk).await.unwrap(), Some(row));
}

#[tokio::test]
async fn an_option_is_a_nullable_column_of_the_same_storage_class() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Maybe {
        pk: Key<Maybe>,
        i: Option<i64>,
        f: Option<f64>,
        t: Option<String>,
        b: Option<Vec<u8>>,
        yes: Option<bool>,
        other: Option<Key<Maybe>>,
    }
    let db = table::<Maybe>().await;
    assert_eq!(
        sql(&db, "maybes").await,
        "CREATE TABLE \"maybes\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"i\" INTEGER, \"f\" REAL, \"t\" TEXT, \
         \"b\" BLOB, \"yes\" INTEGER CHECK ((\"yes\" IN (0, 1))), \"other\" INTEGER, \
         FOREIGN KEY (\"other\") REFERENCES \"maybes\"(\"pk\") ON DELETE RESTRICT ON UPDATE RESTRICT) STRICT"
    );
    let empty = db.insert(Maybe::builder()).await.unwrap();
    assert_eq!((empty.i, empty.yes, empty.other), (None, None, None));
    assert_eq!(db.get(&empty).await.unwrap(), Some(empty));
}

#[tokio::test]
async fn no_other_program_can_break_a_model() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Item {
        pk: Key<Item>,
        pages: i64,
        open: bool,
    }
    let db = table::<Item>().await;
    for (statement, violated) in [
        ("INSERT INTO items (pages, open) VALUES (NULL, 1)", "NOT NULL constraint failed: items.pages"),
        ("INSERT INTO items (pages, open) VALUES ('many', 1)", "cannot store TEXT value in INTEGER column items.pages"),
        ("INSERT INTO items (pages, open) VALUES (1, 2)", "CHECK constraint failed: (\"open\" IN (0, 1))"),
    ] {
        let error = sqlx::query(statement).execute(&db.pool()).await.unwrap_err();
        assert!(error.to_string().contains(violated), "{error}");
    }
    let error = db.execute("INSERT INTO items (pages, open) VALUES (NULL, 1)").await.unwrap_err();
    assert!(matches!(&error, Error::NotNullViolation { column, .. } if column == "pages"), "{error:?}");
    let error = db.execute("INSERT INTO items (pages, open) VALUES (1, 2)").await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { columns, .. } if *columns == ["open"]), "{error:?}");
}

/// `IN` takes a microsecond a row for three values and more.
#[tokio::test]
async fn the_values_of_an_enum_are_compared_one_by_one() {
    #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
    enum Status {
        Open,
        Shut,
        #[column(name = "it's done")]
        Done,
    }
    #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
    #[column(integer)]
    enum Level {
        Low = -1,
        Middle = 0,
        High = 2,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Item {
        pk: Key<Item>,
        status: Status,
        level: Option<Level>,
    }
    let db = table::<Item>().await;
    assert_eq!(
        sql(&db, "items").await,
        "CREATE TABLE \"items\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"status\" TEXT NOT NULL \
         CHECK ((\"status\" = 'open' OR \"status\" = 'shut' OR \"status\" = 'it''s done')), \
         \"level\" INTEGER CHECK ((\"level\" = -1 OR \"level\" = 0 OR \"level\" = 2))) STRICT"
    );
    for (status, level) in [(Status::Open, None), (Status::Shut, Some(Level::Low)), (Status::Done, Some(Level::High))] {
        let row = db.insert(Item::builder().status(status).level(level)).await.unwrap();
        assert_eq!(db.get(row.pk).await.unwrap(), Some(row));
    }
    for (statement, column) in [
        ("UPDATE items SET status = 'Open'", "status"),
        ("UPDATE items SET status = ''", "status"),
        ("UPDATE items SET level = 1", "level"),
    ] {
        let error = db.execute(statement).await.unwrap_err();
        assert!(matches!(&error, Error::CheckViolation { columns, .. } if *columns == [column]), "{error:?}");
    }
    assert_eq!(db.execute("UPDATE items SET level = 0, status = 'shut'").await.unwrap(), 3);
}

#[tokio::test]
async fn tables_are_strict_unless_told_otherwise() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(strict = false)]
    struct Loose {
        pk: Key<Loose>,
        pages: i64,
        note: Option<String>,
    }
    let db = table::<Loose>().await;
    assert_eq!(
        sql(&db, "looses").await,
        r#"CREATE TABLE "looses" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "pages" INTEGER NOT NULL CHECK (typeof("pages") = 'integer'), "note" TEXT CHECK (typeof("note") IN ('text', 'null')))"#
    );
    db.execute("INSERT INTO looses (pages) VALUES ('7')").await.unwrap();
    for (values, violated) in [("'many', NULL", "pages"), ("1.5, NULL", "pages"), ("1, x'00'", "note")] {
        let error = db.execute(format!("INSERT INTO looses (pages, note) VALUES ({values})")).await.unwrap_err();
        assert!(matches!(&error, Error::CheckViolation { columns, .. } if *columns == [violated]), "{error:?}");
    }
    let loose = db.select::<Loose>().fetch_required().await.unwrap();
    assert_eq!((loose.pages, loose.note), (7, None));
}

#[tokio::test]
async fn natural_keys_are_never_null() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Country {
        #[model(pk, column = "iso")]
        code: String,
        name: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Port {
        #[model(pk)]
        number: u16,
        country: Key<Country>,
    }
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Port, Country)>().await.unwrap();
    assert_eq!(
        sql(&db, "countries").await,
        r#"CREATE TABLE "countries" ("iso" TEXT PRIMARY KEY NOT NULL, "name" TEXT NOT NULL) STRICT"#
    );
    assert_eq!(
        sql(&db, "ports").await,
        "CREATE TABLE \"ports\" (\"number\" INTEGER PRIMARY KEY NOT NULL CHECK ((\"number\" BETWEEN 0 AND 65535)), \
         \"country\" TEXT NOT NULL, \
         FOREIGN KEY (\"country\") REFERENCES \"countries\"(\"iso\") ON DELETE RESTRICT ON UPDATE RESTRICT) STRICT"
    );
    db.insert(Country::builder().code("NL").name("Netherlands")).await.unwrap();
    let again = db.insert(Country::builder().code("NL").name("again")).await.unwrap_err();
    assert!(matches!(&again, Error::UniqueViolation { columns, .. } if *columns == ["iso"]), "{again:?}");
    let port = db.insert(Port::builder().number(7).country(Country::key("NL"))).await.unwrap();
    assert_eq!(db.get(Port::key(7u16)).await.unwrap(), Some(port));
}

#[tokio::test]
async fn defaults_that_are_constants_stand_in_the_schema() {
    const LIMIT: i64 = 40;
    fn next() -> i64 {
        7
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Setting {
        pk: Key<Setting>,
        #[model(default = 0)]
        zero: i64,
        #[model(default = -1.5)]
        real: f64,
        #[model(default = "it's")]
        text: String,
        #[model(default = true)]
        on: bool,
        #[model(default = LIMIT)]
        limit: i64,
        #[model(default = 3)]
        maybe: Option<i64>,
        #[model(default = next())]
        next: i64,
    }
    let db = table::<Setting>().await;
    assert_eq!(
        sql(&db, "settings").await,
        "CREATE TABLE \"settings\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"zero\" INTEGER NOT NULL DEFAULT 0, \
         \"real\" REAL NOT NULL DEFAULT -1.5, \"text\" TEXT NOT NULL DEFAULT 'it''s', \
         \"on\" INTEGER NOT NULL DEFAULT 1 CHECK ((\"on\" IN (0, 1))), \"limit\" INTEGER NOT NULL DEFAULT 40, \
         \"maybe\" INTEGER DEFAULT 3, \"next\" INTEGER NOT NULL) STRICT"
    );
    let built = db.insert(Setting::builder()).await.unwrap();
    assert_eq!((built.real, built.text.as_str(), built.maybe, built.next), (-1.5, "it's", Some(3), 7));
    // Another program that leaves them out gets the same.
    db.execute("INSERT INTO settings (next) VALUES (7)").await.unwrap();
    let by_sql = db.select::<Setting>().fetch_last().await.unwrap().unwrap();
    assert_eq!(Setting { pk: built.pk, ..by_sql }, built);
}

#[tokio::test]
async fn unique_columns_take_several_nulls_and_tell_case_apart() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct User {
        pk: Key<User>,
        #[model(unique)]
        name: String,
        #[model(unique)]
        email: Option<String>,
    }
    let db = table::<User>().await;
    assert_eq!(
        sql(&db, "users").await,
        "CREATE TABLE \"users\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"name\" TEXT NOT NULL UNIQUE, \
         \"email\" TEXT UNIQUE) STRICT"
    );
    for (name, email) in [("a", None), ("A", None), ("", Some("")), ("b", Some("x"))] {
        db.insert(User::builder().name(name).email(email.map(str::to_owned))).await.unwrap();
    }
    // COL-07: the column is data.
    let error = db.insert(User::builder().name("c").email("x")).await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (Operation::Insert, "users"));
    assert_eq!(columns, &["email"]);
    let mut b = db.select::<User>().filter(|u| u.name.eq("b")).fetch_required().await.unwrap();
    b.name = "a".to_owned();
    let error = db.update(&mut b).await.unwrap_err();
    assert!(
        matches!(&error, Error::UniqueViolation { operation: Operation::Update, columns, .. } if *columns == ["name"])
    );
}

/// A unique index that is silently left out would let wrong rows in.
#[tokio::test]
async fn foreign_keys_have_the_actions_that_they_are_given() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Home {
        pk: Key<Home>,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Guest {
        pk: Key<Guest>,
        a: Key<Home>,
        #[model(on_delete = cascade, on_update = no_action)]
        b: Key<Home>,
        #[model(on_update = set_null)]
        c: Option<Key<Home>>,
        #[model(default = Home::key(1), on_delete = set_default)]
        d: Key<Home>,
        #[model(unique)]
        e: Key<Home>,
    }
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Home, Guest)>().await.unwrap();
    assert_eq!(
        sql(&db, "guests").await,
        "CREATE TABLE \"guests\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"a\" INTEGER NOT NULL, \
         \"b\" INTEGER NOT NULL, \"c\" INTEGER, \"d\" INTEGER NOT NULL DEFAULT 1, \"e\" INTEGER NOT NULL UNIQUE, \
         FOREIGN KEY (\"a\") REFERENCES \"homes\"(\"pk\") ON DELETE RESTRICT ON UPDATE RESTRICT, \
         FOREIGN KEY (\"b\") REFERENCES \"homes\"(\"pk\") ON DELETE CASCADE ON UPDATE NO ACTION, \
         FOREIGN KEY (\"c\") REFERENCES \"homes\"(\"pk\") ON DELETE RESTRICT ON UPDATE SET NULL, \
         FOREIGN KEY (\"d\") REFERENCES \"homes\"(\"pk\") ON DELETE SET DEFAULT ON UPDATE RESTRICT, \
         FOREIGN KEY (\"e\") REFERENCES \"homes\"(\"pk\") ON DELETE RESTRICT ON UPDATE RESTRICT) STRICT"
    );
    let made: Vec<_> = indexes(&db).await.into_iter().filter(|name| !name.starts_with("sqlite_")).collect();
    assert_eq!(made, ["idx_guests_a", "idx_guests_b", "idx_guests_c", "idx_guests_d"]);
}
