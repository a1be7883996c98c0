//! The library as its users write it: every form of the interface once, in the words of its design.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use sqliter::{Error, Record};

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(has_many(books = Book::author, edited = Book::editor), new(derive(Deserialize)))]
pub struct Author {
    pub pk: Key<Author>,
    pub name: String,
    #[model(unique)]
    pub email: String,
    pub born: Option<chrono::NaiveDate>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag), index(title), unique(title, author_id))]
pub struct Book {
    pub pk: Key<Book>,
    pub title: String,
    #[model(default = 0)]
    pub pages: i64,
    #[model(on_delete = cascade)]
    pub author_id: Key<Author>,
    #[model(on_delete = set_null)]
    pub editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(books = Book::tags))]
pub struct Tag {
    pub pk: Key<Tag>,
    #[model(unique)]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Comment {
    pub pk: Key<Comment>,
    pub text: String,
    #[model(on_delete = cascade)]
    pub book_id: Key<Book>,
}

struct Library {
    db: Db,
    ada: Author,
    bob: Author,
    emma: Book,
    notes: Book,
    rust: Tag,
    sql: Tag,
    comment: Comment,
}

async fn library() -> sqliter::Result<Library> {
    let db = Db::memory().await?;
    db.create_tables::<(Comment, Author, Book, Tag)>().await?;
    let ada = db.insert(Author::builder().name("Ada").email("ada@example.org")).await?;
    let bob = db.insert(Author::builder().name("Bob").email("bob@example.org")).await?;
    let emma = db.insert(Book::builder().title("Emma").pages(474).author_id(&ada).editor_id(&bob)).await?;
    let notes = db.insert(Book::builder().title("Notes").pages(66).author_id(&ada)).await?;
    let rust = db.insert(Tag::builder().name("rust")).await?;
    let sql = db.insert(Tag::builder().name("sql")).await?;
    let comment = db.insert(Comment::builder().text("fine").book_id(&emma)).await?;
    emma.tags(&db).add([&rust, &sql]).await?;
    Ok(Library { db, ada, bob, emma, notes, rust, sql, comment })
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_and_tables() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let db = Db::open(&path).await?;
    db.create_table::<Author>().await?;
    db.close().await?;
    let db = Db::options()
        .path(&path)
        .reset()
        .max_readers(4)
        .cache(CacheOptions::default().ttl(Duration::from_secs(60)))
        .open()
        .await?;
    assert!(db.table_names().await?.is_empty());
    db.create_table::<Author>().await?;
    let error = db.create_table::<Author>().exists_ok(false).await.unwrap_err();
    assert!(matches!(error, Error::TableCreation { .. }));
    db.create_table::<Author>().force().await?;
    db.create_tables::<(Author, Book, Tag)>().await?;
    assert_eq!(db.table_names().await?, ["authors", "books", "tags", "books_tags"]);
    db.drop_table::<Tag>().await?;
    assert_eq!(db.table_names().await?, ["authors", "books"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_by_key() -> sqliter::Result<()> {
    let Library { db, mut ada, .. } = library().await?;
    let drafts = (0..10).map(|i| Book::builder().title(format!("Book {i}")).author_id(&ada));
    assert_eq!(db.bulk_insert(drafts).await?.len(), 10);
    let got: Option<Author> = db.get(ada.pk).await?;
    assert_eq!(got.as_ref(), Some(&ada));
    assert_eq!(db.get(Author::key(1)).await?.as_ref(), Some(&ada));
    ada.name = "Ada Lovelace".into();
    db.update(&mut ada).await?;
    assert_eq!(db.get(ada.pk).bypass_cache().await?.unwrap().name, "Ada Lovelace");
    db.delete(ada.pk).await?;
    assert!(matches!(db.delete(ada.pk).await, Err(Error::RecordNotFound { .. })));
    let sent: NewAuthor = serde_json::from_str(r#"{"name": "Eve", "email": "eve@example.org"}"#).unwrap();
    assert_eq!(db.insert(sent).await?.born, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries() -> sqliter::Result<()> {
    let Library { db, emma, notes, .. } = library().await?;
    let books: Vec<Book> = db
        .select::<Book>()
        .filter(|b| b.author.name.starts_with("A") & b.pages.gt(100))
        .filter(|b| b.editor_id.is_null() | b.title.icontains("EMMA"))
        .order(|b| (b.pages.desc(), b.title.asc()))
        .limit(10)
        .offset(0)
        .fetch_all()
        .await?;
    assert_eq!(books, [emma.clone()]);
    let all = db.select::<Book>().order(|b| b.pages.asc());
    assert_eq!(all.clone().fetch_first().await?, Some(notes.clone()));
    assert_eq!(all.clone().fetch_last().await?, Some(emma.clone()));
    assert_eq!(all.clone().filter_some(Some(100), |b, v| b.pages.ge(v)).fetch_one().await?, Some(emma.clone()));
    let none = all.clone().filter(|b| b.title.eq("Absent"));
    assert!(matches!(none.fetch_required().await, Err(Error::RecordNotFound { .. })));
    assert_eq!(all.clone().limit(1).count().await?, 1);
    assert!(all.clone().filter(|b| b.editor_id.eq(None)).exists().await?);
    let emails: Vec<String> = db.select::<Author>().only(|a| a.email).fetch_all().await?;
    assert_eq!(emails, ["ada@example.org", "bob@example.org"]);
    let pairs: Vec<(String, i64)> = all.clone().fields(|b| (b.title, b.pages)).fetch_all().await?;
    assert_eq!(pairs[0], ("Notes".to_owned(), 66));
    let rows: Vec<Record> = db.select::<Author>().exclude(|a| a.email).fetch_dicts().await?;
    assert!(rows[0].get("email").is_none());
    let changed = all.filter(|b| b.pages.between(1, 100)).update(|b| (b.pages.add(1), b.title.set("Untitled"))).await?;
    assert_eq!(changed, 1);
    assert_eq!(db.select::<Book>().filter(|b| b.author.name.ne("Ada")).delete().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_of_a_row() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, notes, rust, sql, .. } = library().await?;
    let author: Author = emma.author(&db).fetch().await?;
    assert_eq!(author, ada);
    let editor: Option<Author> = emma.editor(&db).fetch().await?;
    assert_eq!(editor, Some(bob));
    assert_eq!(notes.editor(&db).fetch().await?, None);
    let long = ada.books(&db).filter(|b| b.pages.gt(300)).fetch_all().await?;
    assert_eq!(long, [emma.clone()]);
    let tags = emma.tags(&db).order(|t| t.name.asc()).fetch_all().await?;
    assert_eq!(tags, [rust.clone(), sql.clone()]);
    assert_eq!(rust.books(&db).fetch_all().await?, [emma.clone()]);
    emma.tags(&db).remove([&sql]).await?;
    assert_eq!(emma.tags(&db).count().await?, 1);
    emma.tags(&db).set([&sql]).await?;
    emma.tags(&db).clear().await?;
    assert!(!emma.tags(&db).exists().await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_type_says_what_was_loaded() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, notes, rust, sql, comment } = library().await?;
    let rows: Vec<(Book, Author)> = db.select::<Book>().select_related(|b| b.author).fetch_all().await?;
    assert_eq!(rows, [(emma.clone(), ada.clone()), (notes.clone(), ada.clone())]);
    let rows: Vec<(Book, Author, Option<Author>)> =
        db.select::<Book>().select_related(|b| (b.author, b.editor)).fetch_all().await?;
    assert_eq!((&rows[0].2, &rows[1].2), (&Some(bob.clone()), &None));
    let rows: Vec<(Comment, (Book, Author))> =
        db.select::<Comment>().select_related(|c| c.book.with(|b| b.author)).fetch_all().await?;
    assert_eq!(rows, [(comment, (emma.clone(), ada.clone()))]);
    let rows: Vec<(Author, Vec<Book>)> = db.select::<Author>().prefetch_related(|a| a.books).fetch_all().await?;
    assert_eq!(rows, [(ada.clone(), vec![emma.clone(), notes.clone()]), (bob, vec![])]);
    let rows: Vec<(Author, Vec<(Book, Vec<Tag>)>)> =
        db.select::<Author>().prefetch_related(|a| a.books.with(|b| b.tags)).fetch_all().await?;
    assert_eq!(rows[0].1, [(emma.clone(), vec![rust, sql]), (notes.clone(), vec![])]);
    let long = db
        .select::<Author>()
        .prefetch_related(|a| a.books.filter(|b| b.pages.gt(300)).order(|b| b.title.asc()))
        .fetch_all()
        .await?;
    assert_eq!(long[0].1, [emma.clone()]);
    let with_long = db.select::<Author>().filter(|a| a.books.any(|b| b.pages.gt(300))).fetch_all().await?;
    assert_eq!(with_long, [ada.clone()]);
    let books = [emma.clone(), notes.clone()];
    let authors: Vec<Author> = db.fetch_related(&books, |b| b.author).await?;
    assert_eq!(authors, [ada.clone(), ada]);
    let written: Vec<Vec<Book>> = db.fetch_related(&authors, |a| a.books).await?;
    assert_eq!(written, [books.to_vec(), books.to_vec()]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let key = db
        .transaction(async |tx| {
            let a = tx.insert(Author::builder().name("A").email("a@x")).await?;
            tx.transaction(async |inner| {
                inner.delete(a.pk).await?;
                inner.delete(a.pk).await
            })
            .await
            .ok();
            Ok(a.pk)
        })
        .await?;
    assert!(db.get(key).await?.is_some());
    let tx = db.begin().await?;
    tx.delete(key).await?;
    tx.commit().await?;
    let tx = db.begin().await?;
    tx.select::<Author>().delete().await?;
    drop(tx);
    assert_eq!(db.select::<Author>().count().await?, 2);
    Ok(())
}

/// The futures of all forms can be spawned.
#[tokio::test(flavor = "multi_thread")]
async fn futures_are_send() -> sqliter::Result<()> {
    let Library { db, ada, emma, rust, .. } = library().await?;
    let task = tokio::spawn(async move {
        db.select::<Author>()
            .filter(|a| a.books.any(|b| b.pages.gt(300)))
            .prefetch_related(|a| a.books.with(|b| (b.editor, b.tags)))
            .fetch_all()
            .await?;
        db.select::<Comment>().select_related(|c| c.book.with(|b| b.author)).fetch_first().await?;
        emma.author(&db).fetch().await?;
        emma.tags(&db).add([&rust]).await?;
        ada.books(&db).count().await?;
        db.fetch_related(&[emma], |b| b.author).await?;
        db.transaction(async |tx| {
            tx.insert(Tag::builder().name("new")).await?;
            tx.bulk_insert([Tag::builder().name("newer")]).await?;
            tx.select::<Tag>().filter(|t| t.name.eq("new")).delete().await
        })
        .await
    });
    assert_eq!(task.await.unwrap()?, 1);
    Ok(())
}
