//! The differences between the models and a database.

use sqliter::Error;
use sqliter::prelude::*;
use sqliter::schema::{Decisions, Difference, Need, Schema, Subject};

mod first {
    use super::*;
    #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
    pub enum Status {
        Open,
        Closed,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "issues", index(title))]
    pub struct Issue {
        pub pk: Key<Issue>,
        pub title: String,
        pub body: String,
        pub status: Status,
        pub created_at: i64,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "comments")]
    pub struct Comment {
        pub pk: Key<Comment>,
        #[model(on_delete = cascade)]
        pub issue_id: Key<Issue>,
        pub text: String,
    }
    pub type All = (Issue, Comment);
}

mod second {
    use super::*;
    #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
    pub enum Status {
        Open,
        Closed,
        Blocked,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "issues", index(title), index(severity), many_to_many(tags = Tag))]
    pub struct Issue {
        pub pk: Key<Issue>,
        pub title: String,
        pub description: String,
        pub status: Status,
        #[model(default = 3)]
        pub severity: i64,
        pub estimate: Option<i64>,
        pub urgent: Option<bool>,
        pub created_at: i64,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "comments")]
    pub struct Comment {
        pub pk: Key<Comment>,
        #[model(on_delete = cascade)]
        pub issue_id: Key<Issue>,
        pub text: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "tags")]
    pub struct Tag {
        pub pk: Key<Tag>,
        #[model(unique)]
        pub name: String,
    }
    pub type All = (Issue, Comment, Tag);
}

#[tokio::test]
async fn there_is_no_difference_to_what_create_tables_makes() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<second::All>().await.unwrap();
    let diff = db.schema_diff::<second::All>().await.unwrap();
    assert!(diff.is_empty(), "{diff}");
    assert_eq!(diff.to_string(), "");
    assert!(diff.sql(&Decisions::new()).unwrap().is_empty());
    db.require_schema::<second::All>().await.unwrap();
}

#[tokio::test]
async fn what_others_keep_beside_the_models_is_no_difference() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<first::All>().await.unwrap();
    for sql in [
        "CREATE TABLE other (a)",
        "CREATE INDEX by_a ON other (a)",
        "CREATE VIEW titles AS SELECT title FROM issues",
        "CREATE TRIGGER t AFTER INSERT ON issues BEGIN INSERT INTO other VALUES (new.pk); END",
        "CREATE VIRTUAL TABLE texts USING fts5(a)",
    ] {
        db.execute(sql).await.unwrap();
    }
    db.require_schema::<first::All>().await.unwrap();
}

#[tokio::test]
async fn a_diff_says_what_is_and_what_should_be_and_what_must_be_told() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<first::All>().await.unwrap();
    let diff = db.schema_diff::<second::All>().await.unwrap();
    let texts: Vec<_> = diff.differences.iter().map(Difference::to_string).collect();
    let expected = [
        r#"issues.description: the column is missing: "description" TEXT NOT NULL"#,
        r#"issues.severity: the column is missing: "severity" INTEGER NOT NULL DEFAULT 3"#,
        r#"issues.estimate: the column is missing: "estimate" INTEGER"#,
        r#"issues.urgent: the column is missing: "urgent" INTEGER"#,
        r#"issues.body: the column should not be there: "body" TEXT NOT NULL"#,
        r#"issues: the check is CHECK ("status" IN ('open', 'closed')), and should be CHECK ("status" = 'open' OR "status" = 'closed' OR "status" = 'blocked')"#,
        "issues: the index idx_issues_severity is missing: INDEX (severity)",
    ];
    assert!(texts.iter().zip(expected).all(|(a, b)| a == b), "{texts:#?}");
    assert_eq!(texts.len(), expected.len() + 2, "the tables of tags and of pairs: {texts:#?}");
    assert_eq!(diff.differences[1].subject, Subject::Column("severity".to_owned()));
    let needs = diff.needs(&Decisions::new()).unwrap();
    let column = |column: &str| Need::Column { table: "issues".into(), column: column.into() };
    assert!(needs.contains(&column("body")), "{needs:?}");
    assert!(matches!(&needs[0], Need::Value { column, .. } if column == "description"), "{needs:?}");
    assert_eq!(needs.len(), 2);
    let error = diff.sql(&Decisions::new()).unwrap_err();
    assert!(matches!(&error, Error::SchemaUndecided { needs } if needs.len() == 2), "{error}");
    assert!(diff.to_string().ends_with("that it goes with its values, or that it stays\n"), "{diff}");
    let renamed = Decisions::new().rename_column("issues", "body", "description");
    let sql = diff.sql(&renamed).unwrap();
    assert_eq!(sql[0], r#"ALTER TABLE "issues" RENAME COLUMN "body" TO "description""#);
    let error = db.require_schema::<second::All>().await.unwrap_err();
    assert!(matches!(&error, Error::SchemaDiffers { differences, .. } if *differences == texts), "{error}");
}

#[test]
fn columns_are_added_and_dropped_by_alter_table_where_that_suffices() {
    let old =
        Schema::from_sql(["CREATE TABLE a (pk INTEGER PRIMARY KEY, x, y)", "CREATE INDEX idx_a_y ON a (y)"]).unwrap();
    let new = Schema::from_sql([
        "CREATE TABLE a (pk INTEGER PRIMARY KEY, x, z INTEGER NOT NULL DEFAULT 1 CHECK (z > 0), b INTEGER, FOREIGN KEY (b) REFERENCES b (pk) ON DELETE CASCADE)",
        "CREATE INDEX idx_a_z ON a (z)",
        "CREATE TABLE b (pk INTEGER PRIMARY KEY)",
    ])
    .unwrap();
    let diff = old.diff(&new).unwrap();
    assert_eq!(
        diff.sql(&Decisions::new().drop_column("a", "y")).unwrap(),
        [
            r#"DROP INDEX "idx_a_y""#,
            r#"ALTER TABLE "a" DROP COLUMN "y""#,
            r#"ALTER TABLE "a" ADD COLUMN z INTEGER NOT NULL DEFAULT 1 CHECK (z > 0)"#,
            r#"ALTER TABLE "a" ADD COLUMN b INTEGER REFERENCES "b"("pk") ON DELETE CASCADE ON UPDATE NO ACTION"#,
            "CREATE INDEX idx_a_z ON a (z)",
            "CREATE TABLE b (pk INTEGER PRIMARY KEY)",
        ]
    );
}

mod views {
    use super::*;
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "open_issues", view = "SELECT pk, title FROM issues WHERE status = 'open'")]
    pub struct Open {
        pub pk: Key<Open>,
        pub title: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "open_issues", view = "SELECT pk, title, body FROM issues WHERE status = 'open'")]
    pub struct OpenWithBody {
        pub pk: Key<OpenWithBody>,
        pub title: String,
        pub body: String,
    }
}

#[tokio::test]
async fn a_view_of_a_model_is_compared_and_made_anew() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<first::All>().await.unwrap();
    let missing = db.schema_diff::<(views::Open, first::Issue)>().await.unwrap();
    assert_eq!(
        missing.differences[0].to_string(),
        "open_issues: the view is missing: CREATE VIEW \"open_issues\" AS SELECT pk, title FROM issues WHERE status = 'open'"
    );
    for sql in missing.sql(&Decisions::new()).unwrap() {
        db.execute(&sql).await.unwrap();
    }
    db.require_schema::<(first::Issue, views::Open)>().await.unwrap();
    let changed = db.schema_diff::<(first::Issue, views::OpenWithBody)>().await.unwrap();
    assert_eq!(changed.differences[0].subject, Subject::View);
    assert_eq!(
        changed.sql(&Decisions::new()).unwrap(),
        [
            "DROP VIEW \"open_issues\"",
            "CREATE VIEW \"open_issues\" AS SELECT pk, title, body FROM issues WHERE status = 'open'"
        ]
    );
}
