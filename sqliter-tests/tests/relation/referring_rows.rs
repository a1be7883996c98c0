//! New rows that refer to a row, over its `has_many`: their foreign key need not be set.

use sqliter::Error;
use sqliter::prelude::*;
use sqliter::relation::Rows;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author, edited = Book::editor), has_many(shelves = Shelf::owner))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(title, author_id))]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(unique)]
    isbn: Option<String>,
    #[model(default = 100)]
    pages: i64,
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
    /// The other books of the series.
    #[model(column = "of")]
    series_id: Option<Key<Book>>,
}

/// Has two required keys, one of them of text, and its key is one of them.
#[derive(Debug, Clone, PartialEq, Model)]
struct Shelf {
    #[model(pk)]
    owner_id: Key<Author>,
    #[model(pk)]
    room_id: Key<Room>,
    height: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(shelves = Shelf::room))]
struct Room {
    #[model(pk)]
    name: String,
}

async fn library() -> (Db, Author, Author) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book, Room, Shelf)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    let bea = db.insert(Author::builder().name("Bea")).await.unwrap();
    (db, ada, bea)
}

#[tokio::test]
async fn a_new_row_refers_to_the_row_of_the_relation() -> sqliter::Result<()> {
    let (db, ada, bea) = library().await;
    let letters = ada.books(&db).create(Book::builder().title("Letters").pages(7)).await?;
    assert_eq!((letters.author_id, letters.editor_id, letters.pages), (ada.pk, None, 7));
    // The other relation to the same model is the other key, which is no required one.
    let notes = bea.edited(&db).create(Book::builder().title("Notes").author_id(&ada)).await?;
    assert_eq!((notes.author_id, notes.editor_id), (ada.pk, Some(bea.pk)));
    // By the key alone; of a struct; what the draft says of the key does not count.
    let draft = Book::builder().title("Diary").author_id(&bea).build();
    assert_eq!(ada.pk.books(&db).create(draft).await?.author_id, ada.pk);
    let draft = Book::builder().title("Poems").author_id(&bea).editor_id(&ada).build();
    assert_eq!(bea.edited(&db).create(draft).await?.editor_id, Some(bea.pk));
    // Only what is wanted of it.
    let (key, pages): (Key<Book>, i64) =
        ada.books(&db).create(Book::builder().title("Works")).returning(|b| (b.pk, b.pages)).fetch_required().await?;
    assert_eq!((db.get(key).await?.unwrap().author_id, pages), (ada.pk, 100));
    assert_eq!(ada.books(&db).count().await?, 4);
    Ok(())
}

#[tokio::test]
async fn keys_of_text_and_keys_within_keys_are_set() -> sqliter::Result<()> {
    let (db, ada, _) = library().await;
    let hall = db.insert(Room::builder().name("hall")).await?;
    ada.shelves(&db).create(Shelf::builder().room_id(&hall).height(3)).await?;
    let attic = db.insert(Room::builder().name("attic")).await?;
    let shelf = attic.shelves(&db).create(Shelf::builder().height(1).owner_id(&ada)).await?;
    assert_eq!((shelf.owner_id, shelf.room_id), (ada.pk, Room::key("attic")));
    assert_eq!(ada.shelves(&db).count().await?, 2);
    assert_eq!(Room::key("hall").shelves(&db).only(|s| s.height).fetch_all().await?, [3]);
    Ok(())
}

#[tokio::test]
async fn many_rows_are_created_or_none() -> sqliter::Result<()> {
    let (db, ada, bea) = library().await;
    let drafts = || ["a", "b"].map(|title| Book::builder().title(title));
    let books = ada.books(&db).bulk_create(drafts()).await?;
    assert_eq!(
        books.iter().map(|b| (b.title.as_str(), b.author_id)).collect::<Vec<_>>(),
        [("a", ada.pk), ("b", ada.pk)]
    );
    assert_eq!(bea.books(&db).bulk_create(drafts()).await?.len(), 2);
    let again = [Book::builder().title("c"), Book::builder().title("a")];
    let error = ada.books(&db).bulk_create(again).await.unwrap_err();
    assert_eq!(error.refused_row().map(|row| row.index), Some(1));
    assert_eq!(ada.books(&db).count().await?, 2);
    let error = Author::key(9).books(&db).create(Book::builder().title("x")).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if columns == &["author_id"]), "{error}");
    db.transaction(async |tx| {
        Author::key(1).books(tx).create(Book::builder().title("in it")).await?;
        Err::<(), _>(Error::RecordNotFound { table: String::new(), key: None })
    })
    .await
    .unwrap_err();
    assert_eq!(ada.books(&db).count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_row_is_got_or_created_among_those_of_the_relation() -> sqliter::Result<()> {
    let (db, ada, bea) = library().await;
    let draft = || Book::builder().title("Letters").isbn("1");
    let (first, created) = ada.books(&db).get_or_create(draft(), |b| (b.title, b.author_id)).await?;
    assert!(created && first.author_id == ada.pk);
    assert_eq!(ada.books(&db).get_or_create(draft(), |b| (b.author_id, b.title)).await?, (first.clone(), false));
    assert_eq!(ada.books(&db).get_or_create(draft(), |b| b.isbn).await?, (first, false));
    // Another row has the same title, and another author the same number.
    let (second, created) =
        bea.books(&db).get_or_create(Book::builder().title("Letters"), |b| (b.title, b.author_id)).await?;
    assert!(created && second.author_id == bea.pk);
    let error = bea.books(&db).get_or_create(draft(), |b| b.isbn).await.unwrap_err();
    assert!(
        matches!(&error, Error::UniqueViolation { table, columns, .. } if table == "books" && columns == &["isbn"]),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "insert violates uniqueness of books (isbn)");
    assert_eq!(db.select::<Book>().count().await?, 2);
    let error = ada.books(&db).get_or_create(draft(), |b| b.title).await.unwrap_err();
    assert!(matches!(error, Error::ConflictColumns { .. }));
    Ok(())
}

/// The relation has a type that a function can give, and is an ordinary chain.
#[tokio::test]
async fn the_relation_is_a_value() -> sqliter::Result<()> {
    fn of<'s, R: sqliter::relation::Relation<Source = Author, Target = Book>>(
        rows: Rows<'s, R>,
    ) -> sqliter::Select<'s, Book> {
        rows.select()
    }
    let (db, ada, bea) = library().await;
    let books = ada.books(&db);
    books.clone().create(Book::builder().title("a")).await?;
    books.clone().bulk_create(["b", "c"].map(|title| Book::builder().title(title))).await?;
    assert_eq!(of(books.clone()).count().await?, 3);
    assert_eq!(of(bea.edited(&db)).count().await?, 0);
    assert_eq!(books.clone().update(|b| b.editor_id.set(&bea)).await?, 3);
    assert_eq!(books.filter(|b| b.title.gt("a")).limit(1).delete().await?, 1);
    assert_eq!(bea.edited(&db).order(|b| b.title.desc()).only(|b| b.title).fetch_all().await?, ["c", "a"]);
    Ok(())
}
