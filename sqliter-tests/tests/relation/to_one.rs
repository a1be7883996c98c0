//! Foreign keys: what a model gets from a field of type `Key<Model>`, and the row behind it.

use sqliter::prelude::*;
use sqliter::{Error, Operation, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author, edited = Book::editor, proofs = Book::proof_reader))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
    #[model(relation = "proof_reader", column = "read_by")]
    proofs: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_one(profile = Profile::user))]
struct User {
    pk: Key<User>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Profile {
    pk: Key<Profile>,
    bio: String,
    #[model(unique)]
    user_id: Option<Key<User>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(reports = Employee::reports_to))]
struct Employee {
    pk: Key<Employee>,
    name: String,
    #[model(relation = "reports_to", column = "ReportsTo")]
    chief: Option<Key<Employee>>,
}

/// A key whose relation has no name.
#[derive(Debug, Clone, PartialEq, Model)]
struct Loan {
    pk: Key<Loan>,
    book: Key<Book>,
}

async fn library() -> (Db, Author, Author) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Loan, Book, Author, Profile, User, Employee)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    let bob = db.insert(Author::builder().name("Bob")).await.unwrap();
    (db, ada, bob)
}

async fn unenforced(db: &Db, sql: &str) {
    let mut connection = db.pool().acquire().await.unwrap();
    for sql in ["PRAGMA foreign_keys = OFF", sql, "PRAGMA foreign_keys = ON"] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_required_key_gives_its_row() -> sqliter::Result<()> {
    let (db, ada, bob) = library().await;
    let book = db.insert(Book::builder().title("Emma").author_id(&ada).editor_id(&bob)).await?;
    let author: Author = book.author(&db).fetch().await?;
    assert_eq!(author, ada);
    let editor: Option<Author> = book.editor(&db).fetch().await?;
    assert_eq!(editor, Some(bob));
    Ok(())
}

#[tokio::test]
async fn a_null_key_gives_none() -> sqliter::Result<()> {
    let (db, ada, _) = library().await;
    let book = db.insert(Book::builder().title("Emma").author_id(&ada)).await?;
    assert_eq!(book.editor(&db).fetch().await?, None);
    Ok(())
}

#[tokio::test]
async fn every_fetch_reads_the_row_as_it_is() -> sqliter::Result<()> {
    let (db, mut ada, _) = library().await;
    let book = db.insert(Book::builder().title("Emma").author_id(&ada)).await?;
    let before = db.statement_count();
    assert_eq!(book.author(&db).fetch().await?, ada);
    ada.name = "Lovelace".to_owned();
    db.update(&mut ada).await?;
    assert_eq!(book.author(&db).fetch().await?, ada);
    assert_eq!(db.statement_count(), before + 3, "one for each fetch, and the update");
    // A key that is NULL needs none.
    assert_eq!(book.editor(&db).fetch().await?, None);
    assert_eq!(db.statement_count(), before + 3);
    Ok(())
}

#[tokio::test]
async fn the_row_behind_a_changed_key_is_the_new_one() -> sqliter::Result<()> {
    let (db, ada, bob) = library().await;
    let mut book = db.insert(Book::builder().title("Emma").author_id(&ada)).await?;
    assert_eq!(book.author(&db).fetch().await?, ada);
    book.author_id = bob.pk;
    assert_eq!(book.author(&db).fetch().await?, bob);
    Ok(())
}

#[tokio::test]
async fn errors_of_the_database_come_through() -> sqliter::Result<()> {
    let (db, ada, _) = library().await;
    let book = db.insert(Book::builder().title("Emma").author_id(&ada)).await?;
    unenforced(&db, "DROP TABLE authors").await;
    let error = book.author(&db).fetch().await.unwrap_err();
    assert!(matches!(&error, Error::RecordFetch { table, .. } if table == "authors"), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_dangling_key_is_none_where_null_is_possible_and_an_error_where_not() -> sqliter::Result<()> {
    let (db, ada, bob) = library().await;
    let book = db.insert(Book::builder().title("Emma").author_id(&ada).editor_id(&bob)).await?;
    unenforced(&db, "DELETE FROM authors").await;
    assert_eq!(book.editor(&db).fetch().await?, None);
    let error = book.author(&db).fetch().await.unwrap_err();
    assert!(
        matches!(&error, Error::MissingParent { table, column, key: Some(key), target }
            if (table.as_str(), column.as_str(), key.as_str(), target.as_str()) == ("books", "author_id", "1", "authors")),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn the_debug_text_names_the_relation() -> sqliter::Result<()> {
    let (db, ada, _) = library().await;
    let book = db.insert(Book::builder().title("Emma").author_id(&ada)).await?;
    assert!(format!("{:?}", book.author(&db)).contains("\"author\""));
    Ok(())
}

#[tokio::test]
async fn lazy_reads_work_inside_a_transaction() -> sqliter::Result<()> {
    let (db, ..) = library().await;
    let (author, found) = db
        .transaction(async |tx| {
            let cy = tx.insert(Author::builder().name("Cy")).await?;
            let book = tx.insert(Book::builder().title("New").author_id(&cy)).await?;
            let found = book.author(tx).fetch().await?;
            Ok::<_, Error>((cy, found))
        })
        .await?;
    assert_eq!(author, found);
    Ok(())
}

#[tokio::test]
async fn the_column_is_the_field_or_the_given_name() -> sqliter::Result<()> {
    let (db, ada, bob) = library().await;
    let sql: String =
        sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = 'books'").fetch_one(&db.pool()).await.unwrap();
    let keys = "FOREIGN KEY (\"author_id\") REFERENCES \"authors\"(\"pk\") ON DELETE RESTRICT ON UPDATE RESTRICT, \
        FOREIGN KEY (\"editor_id\") REFERENCES \"authors\"(\"pk\") ON DELETE RESTRICT ON UPDATE RESTRICT, \
        FOREIGN KEY (\"read_by\") REFERENCES \"authors\"(\"pk\") ON DELETE RESTRICT ON UPDATE RESTRICT) STRICT";
    assert!(sql.ends_with(keys), "{sql}");
    assert!(sql.contains("\"author_id\" INTEGER NOT NULL, \"editor_id\" INTEGER, \"read_by\" INTEGER,"), "{sql}");
    let book = db.insert(Book::builder().title("Emma").author_id(&ada).proofs(&bob)).await?;
    assert_eq!(book.proof_reader(&db).fetch().await?, Some(bob));
    Ok(())
}

#[tokio::test]
async fn a_nullable_key_may_be_left_out_or_none() -> sqliter::Result<()> {
    let (db, ada, _) = library().await;
    let left_out = db.insert(Book::builder().title("a").author_id(&ada)).await?;
    let none = db.insert(Book::builder().title("b").author_id(&ada).editor_id(None::<Key<Author>>)).await?;
    assert_eq!((left_out.editor_id, none.editor_id), (None, None));
    Ok(())
}

#[tokio::test]
async fn a_key_is_given_as_a_row_or_as_a_key() -> sqliter::Result<()> {
    let (db, ada, bob) = library().await;
    let by_row = db.insert(Book::builder().title("a").author_id(&ada).editor_id(&bob)).await?;
    let by_key = db.insert(Book::builder().title("b").author_id(ada.pk).editor_id(bob.pk)).await?;
    let by_number = db.insert(Book::builder().title("c").author_id(Author::key(1)).editor_id(Some(bob.pk))).await?;
    for book in [by_row, by_key, by_number] {
        assert_eq!((book.author_id, book.editor_id), (ada.pk, Some(bob.pk)));
    }
    Ok(())
}

#[tokio::test]
async fn a_dangling_key_is_an_error_that_names_the_column() -> sqliter::Result<()> {
    let (db, ada, _) = library().await;
    let named = |error: Error, operation: Operation, column: &str| {
        assert!(
            matches!(&error, Error::ForeignKeyViolation { operation: found, table, columns, .. }
                if *found == operation && table == "books" && columns == &[column]),
            "{error:?}"
        );
    };
    let error = db.insert(Book::builder().title("a").author_id(Author::key(99))).await.unwrap_err();
    named(error, Operation::Insert, "author_id");
    let error = db.insert(Book::builder().title("a").author_id(Author::key(0))).await.unwrap_err();
    named(error, Operation::Insert, "author_id");
    let drafts = [1, 99].map(|key| Book::builder().title("a").author_id(&ada).proofs(Author::key(key)));
    named(db.bulk_insert(drafts).await.unwrap_err(), Operation::Insert, "read_by");
    assert_eq!(db.select::<Book>().count().await?, 0);
    let mut book = db.insert(Book::builder().title("a").author_id(&ada)).await?;
    book.editor_id = Some(Author::key(99));
    named(db.update(&mut book).await.unwrap_err(), Operation::Update, "editor_id");
    Ok(())
}

#[tokio::test]
async fn a_unique_key_is_one_to_one() -> sqliter::Result<()> {
    let (db, ..) = library().await;
    let eve = db.insert(User::builder().name("Eve")).await?;
    let fay = db.insert(User::builder().name("Fay")).await?;
    let profile = db.insert(Profile::builder().bio("I").user_id(&eve)).await?;
    let error = db.insert(Profile::builder().bio("II").user_id(&eve)).await.unwrap_err();
    assert!(
        matches!(&error, Error::UniqueViolation { table, columns, .. } if table == "profiles" && columns == &["user_id"]),
        "{error:?}"
    );
    for _ in 0..2 {
        db.insert(Profile::builder().bio("nobody's")).await?;
    }
    assert_eq!(profile.user(&db).fetch().await?, Some(eve.clone()));
    let found: Option<Profile> = eve.profile(&db).fetch().await?;
    assert_eq!(found, Some(profile));
    assert_eq!(fay.profile(&db).fetch().await?, None);
    Ok(())
}

#[tokio::test]
async fn the_other_side_of_one_to_one_is_a_row_in_queries_too() -> sqliter::Result<()> {
    let (db, ..) = library().await;
    let eve = db.insert(User::builder().name("Eve")).await?;
    let fay = db.insert(User::builder().name("Fay")).await?;
    let profile = db.insert(Profile::builder().bio("I").user_id(&eve)).await?;
    let rows: Vec<(User, Option<Profile>)> =
        db.select::<User>().select_related(|u| u.profile).order(|u| u.pk.asc()).fetch_all().await?;
    assert_eq!(rows, [(eve.clone(), Some(profile.clone())), (fay.clone(), None)]);
    assert_eq!(db.select::<User>().filter(|u| u.profile.bio.eq("I")).fetch_all().await?, [eve.clone()]);
    assert_eq!(db.select::<User>().filter(|u| u.profile.is_null()).fetch_all().await?, [fay.clone()]);
    let found: Vec<Option<Profile>> = db.fetch_related(&[fay, eve], |u| u.profile).await?;
    assert_eq!(found, [None, Some(profile)]);
    Ok(())
}

#[tokio::test]
async fn a_renamed_column_works_everywhere() -> sqliter::Result<()> {
    let (db, ada, bob) = library().await;
    let emma = db.insert(Book::builder().title("Emma").author_id(&ada).proofs(&bob)).await?;
    let notes = db.insert(Book::builder().title("Notes").author_id(&ada)).await?;
    let by_key = db.select::<Book>().filter(|b| b.proofs.eq(bob.pk)).fetch_all().await?;
    assert_eq!(by_key, [emma.clone()]);
    let by_path = db.select::<Book>().filter(|b| b.proof_reader.name.eq("Bob")).fetch_all().await?;
    assert_eq!(by_path, [emma.clone()]);
    let ordered = db.select::<Book>().order(|b| b.proofs.asc()).only(|b| b.proofs).fetch_all().await?;
    assert_eq!(ordered, [None, Some(bob.pk)]);
    let joined = db.select::<Book>().select_related(|b| b.proof_reader).order(|b| b.pk.asc()).fetch_all().await?;
    assert_eq!(joined, [(emma.clone(), Some(bob.clone())), (notes.clone(), None)]);
    let readers = db.select::<Author>().prefetch_related(|a| a.proofs).order(|a| a.pk.asc()).fetch_all().await?;
    assert_eq!(readers, [(ada.clone(), vec![]), (bob.clone(), vec![emma.clone()])]);
    let numbers = db.select::<Author>().with_count(|a| a.proofs).order(|a| a.proofs.count().desc()).fetch_all().await?;
    assert_eq!(numbers, [(bob.clone(), 1), (ada.clone(), 0)]);
    assert_eq!(db.select::<Book>().filter(|b| b.title.eq("Notes")).update(|b| b.proofs.set(ada.pk)).await?, 1);
    assert_eq!(db.get(notes.pk).await?.unwrap().proof_reader(&db).fetch().await?, Some(ada.clone()));
    assert_eq!(ada.proofs(&db).count().await?, 1);
    let mut emma = emma;
    emma.proofs = None;
    db.update(&mut emma).await?;
    assert_eq!(bob.proofs(&db).count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_model_may_refer_to_itself() -> sqliter::Result<()> {
    let (db, ..) = library().await;
    let chief = db.insert(Employee::builder().name("Chief")).await?;
    let clerk = db.insert(Employee::builder().name("Clerk").chief(&chief)).await?;
    let typist = db.insert(Employee::builder().name("Typist").chief(&chief)).await?;
    assert_eq!(clerk.reports_to(&db).fetch().await?, Some(chief.clone()));
    assert_eq!(chief.reports_to(&db).fetch().await?, None);
    assert_eq!(chief.reports(&db).order(|e| e.name.asc()).fetch_all().await?, [clerk.clone(), typist.clone()]);
    let rows: Vec<(Employee, Option<Employee>)> = db
        .select::<Employee>()
        .select_related(|e| e.reports_to)
        .filter(|e| e.reports_to.name.eq("Chief"))
        .order(|e| e.pk.asc())
        .fetch_all()
        .await?;
    assert_eq!(rows, [(clerk.clone(), Some(chief.clone())), (typist, Some(chief.clone()))]);
    assert_eq!(
        db.select::<Employee>().filter(|e| e.reports.any(|r| r.name.eq("Clerk"))).fetch_all().await?,
        [chief.clone()]
    );
    let mut own = chief;
    own.chief = Some(own.pk);
    db.update(&mut own).await?;
    assert_eq!(own.reports_to(&db).fetch().await?.unwrap(), own);
    Ok(())
}

#[tokio::test]
async fn several_keys_to_one_model_are_several_relations() -> sqliter::Result<()> {
    let (db, ada, bob) = library().await;
    let book = db.insert(Book::builder().title("a").author_id(&ada).editor_id(&bob).proofs(&ada)).await?;
    assert_eq!(ada.books(&db).fetch_all().await?, [book.clone()]);
    assert_eq!(ada.edited(&db).fetch_all().await?, []);
    assert_eq!(bob.edited(&db).fetch_all().await?, [book.clone()]);
    assert_eq!(ada.proofs(&db).fetch_all().await?, [book]);
    Ok(())
}

#[tokio::test]
async fn a_key_without_a_relation_name_is_a_plain_column() -> sqliter::Result<()> {
    let (db, ada, _) = library().await;
    let book = db.insert(Book::builder().title("a").author_id(&ada)).await?;
    let loan = db.insert(Loan::builder().book(&book)).await?;
    assert_eq!(db.get(loan.book).await?, Some(book.clone()));
    let error = db.delete(&book).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if columns == &["loans.book"]), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_serialised_row_has_its_keys_and_no_relation() -> sqliter::Result<()> {
    #[derive(Debug, Clone, PartialEq, Model, serde::Serialize, serde::Deserialize)]
    #[model(many_to_many(readers = Author, through = "reading"))]
    struct Story {
        pk: Key<Story>,
        title: String,
        author_id: Key<Author>,
        #[model(column = "edited_by")]
        editor_id: Option<Key<Author>>,
    }
    let (db, ada, _) = library().await;
    db.create_table::<Story>().await?;
    let story = db.insert(Story::builder().title("Emma").author_id(&ada)).await?;
    let json = serde_json::to_string(&story).unwrap();
    assert_eq!(json, r#"{"pk":1,"title":"Emma","author_id":1,"editor_id":null}"#);
    assert_eq!(serde_json::from_str::<Story>(&json).unwrap(), story);
    Ok(())
}
