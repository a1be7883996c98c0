//! Raw queries whose rows are several models, structs and values: as tuples, and as structs with flattened fields.

use sqliter::prelude::*;
use sqliter::{Error, Row};

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    name: String,
    email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Issue {
    pk: Key<Issue>,
    title: String,
    reporter_id: Key<User>,
    assignee_id: Option<Key<User>>,
    parent_id: Option<Key<Issue>>,
}

/// An issue of Ada's that Bob works on, and one below it of Bob's that nobody works on.
async fn tracker() -> (Db, [User; 2], [Issue; 2]) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Issue)>().await.unwrap();
    let ada = db.insert(User::builder().name("Ada").email("ada@example.org")).await.unwrap();
    let bob = db.insert(User::builder().name("Bob")).await.unwrap();
    let first = Issue::builder().title("First").reporter_id(&ada).assignee_id(&bob);
    let first = db.insert(first).await.unwrap();
    let second = db.insert(Issue::builder().title("Second").reporter_id(&bob).parent_id(&first)).await.unwrap();
    (db, [ada, bob], [first, second])
}

#[tokio::test]
async fn models_stand_side_by_side_in_a_tuple() {
    let (db, [ada, bob], [first, second]) = tracker().await;
    let sql = "SELECT i.*, u.* FROM issues i JOIN users u ON u.pk = i.reporter_id ORDER BY i.pk";
    let rows: Vec<(Issue, User)> = db.query(sql).fetch_all().await.unwrap();
    assert_eq!(rows, [(first.clone(), ada.clone()), (second.clone(), bob.clone())]);
    // The columns of each may come in another order than the fields do.
    let sql = "SELECT i.*, u.email, u.NAME, u.pk FROM issues i JOIN users u ON u.pk = i.reporter_id ORDER BY i.pk";
    assert_eq!(db.query::<(Issue, User)>(sql).fetch_one().await.unwrap(), Some((first.clone(), ada.clone())));
    // One model twice.
    let sql = "SELECT i.*, p.* FROM issues i JOIN issues p ON p.pk = i.parent_id";
    assert_eq!(db.query::<(Issue, Issue)>(sql).fetch_required().await.unwrap(), (second, first));
}

#[tokio::test]
async fn a_model_of_a_left_join_is_none_where_all_its_columns_are_null() {
    let (db, [ada, bob], [first, second]) = tracker().await;
    let sql = "SELECT i.*, u.*, r.* FROM issues i LEFT JOIN users u ON u.pk = i.assignee_id
               JOIN users r ON r.pk = i.reporter_id ORDER BY i.pk";
    let rows = db.query::<(Issue, Option<User>, User)>(sql).fetch_all().await.unwrap();
    assert_eq!(rows, [(first, Some(bob.clone()), ada), (second, None, bob.clone())]);
    let sql = "SELECT u.* FROM issues i LEFT JOIN users u ON u.pk = i.assignee_id ORDER BY i.pk";
    assert_eq!(db.query::<Option<User>>(sql).fetch_all().await.unwrap(), [Some(bob), None]);
    // A part of its columns being NULL does not make it none.
    let error = db.query::<Option<User>>("SELECT NULL AS pk, 'x' AS name, 'y' AS email").fetch_all().await.unwrap_err();
    assert!(error.to_string().starts_with("users.pk holds NULL, expected"), "{error}");
    let error = db.query::<(User, i64)>("SELECT NULL AS pk, NULL AS name, NULL AS email, 1").fetch_all().await;
    assert!(matches!(error, Err(Error::Decode { table, column, .. }) if table == "users" && column == "pk"));
}

#[tokio::test]
async fn models_stand_beside_values_and_rows_and_tuples() {
    #[derive(Debug, PartialEq, Row)]
    struct Total {
        number: i64,
        longest: String,
    }
    let (db, [ada, bob], [first, _]) = tracker().await;
    let sql = "SELECT u.*, count(i.pk), min(i.title) FROM users u LEFT JOIN issues i ON i.assignee_id = u.pk
               GROUP BY u.pk ORDER BY u.pk";
    let rows = db.query::<(User, i64, Option<String>)>(sql).fetch_all().await.unwrap();
    assert_eq!(rows, [(ada.clone(), 0, None), (bob.clone(), 1, Some("First".into()))]);
    let sql = "SELECT 7, u.*, 'long' AS longest, 2 AS number FROM users u ORDER BY pk";
    let row = db.query::<(i64, User, Total)>(sql).fetch_one().await.unwrap();
    assert_eq!(row, Some((7, ada, Total { number: 2, longest: "long".into() })));
    let sql = "SELECT i.*, 1, u.*, 2 FROM issues i JOIN users u ON u.pk = i.assignee_id";
    let row = db.query::<(Issue, (i64, User), Option<i64>)>(sql).fetch_required().await.unwrap();
    assert_eq!(row, (first, (1, bob), Some(2)));
    assert_eq!(db.query::<(Option<i64>, bool)>("SELECT NULL, 1").fetch_required().await.unwrap(), (None, true));
}

#[tokio::test]
async fn columns_of_something_else_at_the_place_of_a_model_are_named() {
    let (db, ..) = tracker().await;
    let from = "FROM issues i JOIN users u ON u.pk = i.reporter_id WHERE FALSE";
    let error = db.query::<(Issue, User)>(format!("SELECT u.*, i.* {from}")).fetch_all().await.unwrap_err();
    let Error::OtherColumns { at: 1, expected, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!(expected, &["pk", "title", "reporter_id", "assignee_id", "parent_id"]);
    assert_eq!(columns, &["pk", "name", "email", "pk", "title"]);
    assert!(error.to_string().starts_with("columns 1 to 5 of the query should be those of "), "{error}");
    assert!(error.to_string().contains("::Issue: pk, title, reporter_id, assignee_id, parent_id; found pk, name, "));
    // A table that has a column more.
    let sql = format!("SELECT i.*, 1 AS more, u.pk, u.name {from}");
    let error = db.query::<(Issue, User)>(sql).fetch_all().await.unwrap_err();
    assert!(
        matches!(&error, Error::OtherColumns { at: 6, columns, .. } if columns == &["more", "pk", "name"]),
        "{error:?}"
    );
    let error = db.query::<(Issue, User)>(format!("SELECT i.* {from}")).fetch_all().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "8 values are read from each row, but it has 5 columns: pk, title, reporter_id, assignee_id, parent_id"
    );
    let error = db.query::<(Issue, User)>(format!("SELECT i.*, u.*, 1 {from}")).fetch_all().await.unwrap_err();
    assert!(matches!(error, Error::ColumnCount { expected: 8, .. }), "{error:?}");
}

#[derive(Debug, PartialEq, Row)]
struct Listed {
    #[row(flatten)]
    issue: Issue,
    #[row(column = "comments")]
    number: i64,
    #[row(flatten, prefix = "assignee_")]
    assignee: Option<User>,
}

#[tokio::test]
async fn a_flattened_field_is_read_from_columns_by_their_names() {
    let (db, [_, bob], [first, second]) = tracker().await;
    let sql = "SELECT 3 AS comments, u.pk AS assignee_pk, u.name AS assignee_name, u.email AS assignee_email, i.*
               FROM issues i LEFT JOIN users u ON u.pk = i.assignee_id ORDER BY i.pk";
    let rows = db.query::<Listed>(sql).fetch_all().await.unwrap();
    let listed = |issue: &Issue, assignee| Listed { issue: issue.clone(), number: 3, assignee };
    assert_eq!(rows, [listed(&first, Some(bob)), listed(&second, None)]);
    let columns = ["pk", "title", "reporter_id", "assignee_id", "parent_id"];
    let more = ["comments", "assignee_pk", "assignee_name", "assignee_email"];
    assert_eq!(Listed::column_names(), [&columns[..], &more].concat());
    // Beside something else it takes as many columns as it has.
    let sql = format!("SELECT l.*, 7 FROM ({sql}) l");
    let beside = db.query::<(Listed, i64)>(&sql).fetch_all().await.unwrap();
    assert_eq!(beside, rows.into_iter().map(|row| (row, 7)).collect::<Vec<_>>());
}

#[tokio::test]
async fn of_columns_with_one_name_a_flattened_model_reads_those_of_its_table() {
    #[derive(Debug, PartialEq, Row)]
    struct Reported {
        #[row(flatten)]
        issue: Issue,
        #[row(flatten)]
        reporter: User,
    }
    let (db, [ada, _], [first, _]) = tracker().await;
    for columns in ["i.*, u.*", "u.*, i.*", "u.pk, i.*, u.email, u.name"] {
        let sql = format!("SELECT {columns} FROM issues i JOIN users u ON u.pk = i.reporter_id ORDER BY i.pk");
        let row = db.query::<Reported>(sql).fetch_one().await.unwrap();
        assert_eq!(row, Some(Reported { issue: first.clone(), reporter: ada.clone() }), "{columns}");
    }
    // A model alone does the same.
    let sql = "SELECT * FROM issues JOIN users ON users.pk = reporter_id ORDER BY issues.pk";
    assert_eq!(db.query::<User>(sql).fetch_one().await.unwrap(), Some(ada));
}

#[tokio::test]
async fn a_column_is_read_into_one_field_only() {
    #[derive(Debug, Row)]
    struct WithParent {
        #[row(flatten)]
        _issue: Issue,
        #[row(flatten)]
        _parent: Issue,
    }
    #[derive(Debug, Row)]
    struct WithTitle {
        #[row(flatten)]
        _issue: Issue,
        #[row(column = "Title")]
        _title: String,
    }
    let (db, ..) = tracker().await;
    let error = db.query::<WithParent>("SELECT * FROM issues").fetch_all().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the column pk is read twice: give one of the fields `#[row(flatten, prefix = \"…\")]`, and its columns such names \
         with AS; the columns are pk, title, reporter_id, assignee_id, parent_id"
    );
    let sql = "SELECT i.*, p.* FROM issues i JOIN issues p ON p.pk = i.parent_id";
    let error = db.query::<WithParent>(sql).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::AmbiguousColumn { column, .. } if column == "pk"), "{error:?}");
    let error = db.query::<WithTitle>("SELECT * FROM issues").fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::ColumnReadTwice { column, .. } if column == "Title"), "{error:?}");
}

#[tokio::test]
async fn flattened_fields_may_be_nested_and_their_errors_name_the_column() {
    #[derive(Debug, PartialEq, Row)]
    struct Person {
        name: String,
        age: i64,
    }
    #[derive(Debug, PartialEq, Row)]
    struct Pair {
        #[row(flatten)]
        one: Person,
        #[row(flatten, prefix = "other_")]
        other: Person,
    }
    #[derive(Debug, PartialEq, Row)]
    struct Match {
        day: String,
        #[row(flatten, prefix = "first_")]
        first: Option<Pair>,
        #[row(flatten, prefix = "second_")]
        second: Option<Pair>,
    }
    let db = Db::memory().await.unwrap();
    let sql =
        "SELECT 'Monday' AS day, 1 AS first_age, 'a' AS first_name, 2 AS first_other_age, 'b' AS first_other_name,
                      NULL AS second_name, NULL AS second_age, NULL AS second_other_name, NULL AS second_other_age";
    let person = |name: &str, age| Person { name: name.into(), age };
    let first = Some(Pair { one: person("a", 1), other: person("b", 2) });
    let expected = Match { day: "Monday".into(), first, second: None };
    assert_eq!(db.query::<Match>(sql).fetch_required().await.unwrap(), expected);
    let broken = sql.replace("2 AS first_other_age", "'old' AS first_other_age");
    let error = db.query::<Match>(broken).fetch_required().await.unwrap_err();
    assert_eq!(error.to_string(), "first_other_age holds TEXT 'old', expected an integer in the range of i64");
    let missing = sql.replace("AS first_other_age", "AS age");
    let error = db.query::<Match>(missing).fetch_required().await.unwrap_err();
    assert!(matches!(&error, Error::MissingColumn { column, .. } if column == "first_other_age"), "{error:?}");
}

#[tokio::test]
async fn rows_of_a_chain_are_read_into_flattened_fields_too() {
    #[derive(Debug, PartialEq, Row)]
    struct Name {
        name: String,
    }
    #[derive(Debug, PartialEq, Row)]
    struct Line {
        #[row(flatten)]
        of: Name,
        email: Option<String>,
    }
    let (db, [ada, bob], _) = tracker().await;
    let lines = db.select::<User>().fields(|u| (u.email, u.name)).order(|u| u.pk.asc());
    let lines = lines.into_rows::<Line>().fetch_all().await.unwrap();
    let line = |user: User| Line { of: Name { name: user.name }, email: user.email };
    assert_eq!(lines, [line(ada), line(bob)]);
}
