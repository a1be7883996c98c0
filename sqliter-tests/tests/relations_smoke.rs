//! The relations of the design, as a user writes them.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author, edited = Book::editor))]
pub struct Author {
    pub pk: Key<Author>,
    pub name: String,
    #[model(unique)]
    pub email: String,
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
    pub book_id: Key<Book>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_design_runs() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book, Tag, Comment)>().await?;
    let ada = db.insert(Author::builder().name("Ada").email("ada@x")).await?;
    let bob = db.insert(Author::builder().name("Bob").email("bob@x")).await?;
    let emma = db.insert(Book::builder().title("Emma").pages(474).author_id(&ada).editor_id(&bob)).await?;
    let notes = db.insert(Book::builder().title("Notes").pages(66).author_id(&ada)).await?;
    let rust = db.insert(Tag::builder().name("rust")).await?;
    let sql = db.insert(Tag::builder().name("sql")).await?;
    let comment = db.insert(Comment::builder().text("fine").book_id(&emma)).await?;

    let author: Author = emma.author(&db).fetch().await?;
    assert_eq!(author, ada);
    let editor: Option<Author> = emma.editor(&db).fetch().await?;
    assert_eq!(editor, Some(bob.clone()));
    assert_eq!(notes.editor(&db).fetch().await?, None);
    let long = ada.books(&db).filter(|b| b.pages.gt(300)).fetch_all().await?;
    assert_eq!(long, [emma.clone()]);
    emma.tags(&db).add([&rust, &sql]).await?;
    emma.tags(&db).add([&rust]).await?;
    let tags = emma.tags(&db).order(|t| t.name.asc()).fetch_all().await?;
    assert_eq!(tags, [rust.clone(), sql.clone()]);
    assert_eq!(rust.books(&db).fetch_all().await?, [emma.clone()]);
    emma.tags(&db).remove([&sql]).await?;
    assert_eq!(emma.tags(&db).count().await?, 1);
    emma.tags(&db).set([&rust, &sql]).await?;

    let rows: Vec<(Book, Author)> = db.select::<Book>().select_related(|b| b.author).fetch_all().await?;
    assert_eq!(rows, [(emma.clone(), ada.clone()), (notes.clone(), ada.clone())]);
    let rows: Vec<(Book, Author, Option<Author>)> =
        db.select::<Book>().select_related(|b| (b.author, b.editor)).fetch_all().await?;
    assert_eq!(rows[0].2, Some(bob.clone()));
    assert_eq!(rows[1].2, None);
    let rows: Vec<(Comment, (Book, Author))> =
        db.select::<Comment>().select_related(|c| c.book.with(|b| b.author)).fetch_all().await?;
    assert_eq!(rows, [(comment, (emma.clone(), ada.clone()))]);
    let rows: Vec<(Author, Vec<Book>)> = db.select::<Author>().prefetch_related(|a| a.books).fetch_all().await?;
    assert_eq!(rows, [(ada.clone(), vec![emma.clone(), notes.clone()]), (bob.clone(), vec![])]);
    let rows: Vec<(Author, Vec<(Book, Vec<Tag>)>)> =
        db.select::<Author>().prefetch_related(|a| a.books.with(|b| b.tags)).fetch_all().await?;
    assert_eq!(rows[0].1, [(emma.clone(), vec![rust.clone(), sql.clone()]), (notes.clone(), vec![])]);
    let rows = db
        .select::<Author>()
        .prefetch_related(|a| a.books.filter(|b| b.pages.gt(300)).order(|b| b.title.asc()).limit(1))
        .fetch_all()
        .await?;
    assert_eq!(rows[0].1, [emma.clone()]);
    let rows: Vec<(Book, Author, Vec<Tag>)> =
        db.select::<Book>().select_related(|b| b.author).prefetch_related(|b| b.tags).fetch_all().await?;
    assert_eq!(rows[0].2.len(), 2);
    let with_long = db.select::<Author>().filter(|a| a.books.any(|b| b.pages.gt(300)));
    println!("{}", with_long.to_sql()?);
    assert_eq!(with_long.fetch_all().await?, [ada.clone()]);
    assert_eq!(db.select::<Author>().filter(|a| a.books.none(|b| b.pages.gt(300))).fetch_all().await?, [bob.clone()]);
    assert_eq!(db.select::<Author>().filter(|a| a.books.all(|b| b.pages.gt(300))).fetch_all().await?, [bob.clone()]);
    assert_eq!(db.select::<Author>().filter(|a| a.books.count().ge(2)).fetch_all().await?, [ada.clone()]);
    let books: Vec<Book> = db
        .select::<Book>()
        .filter(|b| b.author.name.starts_with("A") & b.pages.gt(100))
        .filter(|b| b.editor.name.eq("Bob") | b.title.icontains("notes"))
        .order(|b| b.author.name.desc())
        .fetch_all()
        .await?;
    assert_eq!(books, [emma.clone()]);

    let both = vec![emma.clone(), notes.clone()];
    let authors: Vec<Author> = db.fetch_related(&both, |b| b.author).await?;
    assert_eq!(authors, [ada.clone(), ada.clone()]);
    let books: Vec<Vec<Book>> = db.fetch_related(&authors, |a| a.books).await?;
    assert_eq!(books, [both.clone(), both.clone()]);
    let n = db.select::<Book>().filter(|b| b.author.name.eq("Ada")).update(|b| b.pages.add(1)).await?;
    assert_eq!(n, 2);
    assert_eq!(db.select::<Book>().filter(|b| b.editor.name.ne("Bob")).delete().await?, 0);
    assert_eq!(db.select::<Author>().filter(|a| a.books.any(|b| b.tags.any(|t| t.name.eq("sql")))).count().await?, 1);
    db.drop_table::<Tag>().await?;
    println!("{:?}", db.table_names().await?);
    Ok(())
}
