//! The code of the design, as a user writes it.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
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
#[model(index(title), unique(title, author_id))]
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
pub struct Tag {
    pub pk: Key<Tag>,
    #[model(unique)]
    pub name: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_design_runs() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Author>().await?;
    db.create_table::<Author>().exists_ok(false).await.unwrap_err();
    db.create_table::<Author>().force().await?;
    db.create_tables::<(Author, Book, Tag)>().await?;
    db.drop_table::<Tag>().await?;
    assert_eq!(db.table_names().await?, ["authors", "books"]);
    for sql in db.create_tables::<(Author, Book)>().to_sql()? {
        println!("{sql}");
    }

    let mut ada = db.insert(Author::builder().name("Ada").email("ada@example.org")).await?;
    let got: Option<Author> = db.get(ada.pk).await?;
    assert_eq!(got.as_ref(), Some(&ada));
    assert_eq!(db.get(Author::key(1)).await?, Some(ada.clone()));
    ada.name = "Ada Lovelace".into();
    db.update(&mut ada).await?;
    let all = db
        .bulk_insert(
            (0..10).map(|i| Book::builder().title(format!("Book {i}")).pages(i * 50).author_id(&ada).editor_id(&ada)),
        )
        .await?;
    assert_eq!(all.len(), 10);
    let books: Vec<Book> = db
        .select::<Book>()
        .filter(|b| b.author_id.eq(&ada) & b.pages.gt(100))
        .filter(|b| b.editor_id.is_null() | b.title.icontains("BOOK"))
        .order(|b| (b.pages.desc(), b.title.asc()))
        .limit(10)
        .offset(2)
        .fetch_all()
        .await?;
    assert_eq!(books.len(), 5);
    let n = db
        .select::<Book>()
        .filter(|b| b.pages.is_in([50, 100]))
        .update(|b| (b.pages.add(1), b.title.set("Untitled")))
        .await;
    println!("{n:?}");
    println!("{:?}", db.insert(Author::builder().name("Ada").email("ada@example.org")).await);
    println!("{:?}", db.insert(Book::builder().title("x").author_id(Author::key(99))).await);
    println!(
        "{}",
        db.select::<Book>()
            .filter(|b| !b.title.starts_with("A") & (b.pages.eq(3) | b.editor_id.eq(None)))
            .limit(3)
            .to_sql()?
    );
    let key = db
        .transaction(async |tx| {
            let a = tx.insert(Author::builder().name("A").email("a@x")).await?;
            tx.transaction(async |inner| {
                inner.delete(a.pk).await?;
                Err::<(), _>(sqliter::Error::TransactionLost)
            })
            .await
            .ok();
            Ok::<_, sqliter::Error>(a.pk)
        })
        .await?;
    assert!(db.get(key).await?.is_some());
    db.delete(ada.pk).await?;
    assert_eq!(db.select::<Book>().count().await?, 0);
    Ok(())
}
