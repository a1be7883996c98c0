//! Models with every kind of relation, and a few rows of them.

use std::future::Future;

use chrono::NaiveDate;
use sqliter::Json;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(publishers = Publisher::country))]
pub struct Country {
    #[model(pk)]
    pub code: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::publisher))]
pub struct Publisher {
    pub pk: Key<Publisher>,
    pub name: String,
    pub founded: NaiveDate,
    pub country_id: Key<Country>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author, edited = Book::editor, pupils = Author::mentor))]
#[model(has_one(profile = Profile::author))]
pub struct Author {
    pub pk: Key<Author>,
    pub name: String,
    pub mentor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Profile {
    pub pk: Key<Profile>,
    #[model(unique, on_delete = cascade)]
    pub author_id: Key<Author>,
    pub links: Json<Vec<String>>,
    pub since: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag), has_many(comments = Comment::book))]
pub struct Book {
    pub pk: Key<Book>,
    pub title: String,
    pub pages: i64,
    #[model(on_delete = cascade)]
    pub author_id: Key<Author>,
    #[model(on_delete = set_null)]
    pub editor_id: Option<Key<Author>>,
    #[model(on_delete = set_null)]
    pub publisher_id: Option<Key<Publisher>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(books = Book::tags))]
pub struct Tag {
    pub pk: Key<Tag>,
    pub name: String,
}

/// With columns that are called as the library's own might be.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Comment {
    pub pk: Key<Comment>,
    pub number: i64,
    pub position: i64,
    #[model(on_delete = cascade)]
    pub book_id: Key<Book>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(friends = Person, symmetrical, through = "friends"))]
#[model(many_to_many(follows = Person, through = "follows"))]
#[model(many_to_many(followers = Person::follows))]
pub struct Person {
    pub pk: Key<Person>,
    pub name: String,
}

/// The number of statements of a snapshot that runs so many: its BEGIN and COMMIT come on top.
pub const fn snapshot_of(statements: u64) -> u64 {
    statements + 2
}

/// What the work gives, after exactly so many statements.
pub async fn counted<T>(
    db: &Db,
    statements: u64,
    work: impl Future<Output = sqliter::Result<T>>,
) -> sqliter::Result<T> {
    let before = db.statement_count();
    let result = work.await?;
    assert_eq!(db.statement_count() - before, statements, "statements");
    Ok(result)
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub struct Library {
    pub db: Db,
    pub britain: Country,
    pub murray: Publisher,
    pub ada: Author,
    pub bob: Author,
    pub cleo: Author,
    pub profile: Profile,
    pub emma: Book,
    pub notes: Book,
    pub ulysses: Book,
    pub zero: Book,
    pub rust: Tag,
    pub sql: Tag,
    pub comments: Vec<Comment>,
}

/// | Book    | pages | author | editor | publisher, country | tags      | comments |
/// |---------|-------|--------|--------|--------------------|-----------|----------|
/// | Emma    | 474   | Ada    | Bob    | Murray, Britain    | rust, sql | 5, 3, 3  |
/// | Notes   | 66    | Ada    |        |                    |           |          |
/// | Ulysses | 730   | Bob    | Cleo   | Knopf, America     | sql       | 1        |
/// | Zero    | 10    | Bob    | Bob    | Murray, Britain    |           |          |
///
/// Ada is Bob's mentor and Bob is Cleo's; only Ada has a profile, and only Cleo wrote nothing.
pub async fn library() -> sqliter::Result<Library> {
    let db = Db::memory().await?;
    db.create_tables::<(Country, Publisher, Author, Profile, Tag, Book, Comment)>().await?;
    let britain = db.insert(Country::builder().code("GB").name("Britain")).await?;
    let america = db.insert(Country::builder().code("US").name("America")).await?;
    let publisher = |name: &str, founded| Publisher::builder().name(name).founded(day(founded));
    let murray = db.insert(publisher("Murray", "1768-01-01").country_id(&britain)).await?;
    let knopf = db.insert(publisher("Knopf", "1915-01-01").country_id(&america)).await?;
    let ada = db.insert(Author::builder().name("Ada")).await?;
    let bob = db.insert(Author::builder().name("Bob").mentor_id(&ada)).await?;
    let cleo = db.insert(Author::builder().name("Cleo").mentor_id(&bob)).await?;
    let links = Json(vec!["https://ada.example".to_owned()]);
    let profile = db.insert(Profile::builder().author_id(&ada).links(links).since(Some(day("1843-09-01")))).await?;
    let book = |title: &str, pages: i64| Book::builder().title(title).pages(pages);
    let emma = db.insert(book("Emma", 474).author_id(&ada).editor_id(&bob).publisher_id(&murray)).await?;
    let notes = db.insert(book("Notes", 66).author_id(&ada)).await?;
    let ulysses = db.insert(book("Ulysses", 730).author_id(&bob).editor_id(&cleo).publisher_id(&knopf)).await?;
    let zero = db.insert(book("Zero", 10).author_id(&bob).editor_id(&bob).publisher_id(&murray)).await?;
    let rust = db.insert(Tag::builder().name("rust")).await?;
    let sql = db.insert(Tag::builder().name("sql")).await?;
    emma.tags(&db).add([&rust, &sql]).await?;
    ulysses.tags(&db).add([&sql]).await?;
    let comment = |book: &Book, number: i64| Comment::builder().book_id(book).number(number).position(-number);
    let comments =
        db.bulk_insert([comment(&emma, 5), comment(&emma, 3), comment(&ulysses, 1), comment(&emma, 3)]).await?;
    Ok(Library { db, britain, murray, ada, bob, cleo, profile, emma, notes, ulysses, zero, rust, sql, comments })
}

/// The titles, sorted.
pub fn titles(books: &[Book]) -> Vec<&str> {
    let mut titles: Vec<&str> = books.iter().map(|book| book.title.as_str()).collect();
    titles.sort_unstable();
    titles
}
