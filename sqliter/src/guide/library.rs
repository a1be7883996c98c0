use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
pub struct Author {
    pub pk: Key<Author>,
    pub name: String,
    pub country: String,
    pub born: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag), has_many(reviews = Review::book), index(title))]
pub struct Book {
    pub pk: Key<Book>,
    pub title: String,
    #[model(default = 0)]
    pub pages: i64,
    pub year: i64,
    #[model(on_delete = cascade)]
    pub author_id: Key<Author>,
    #[model(on_delete = set_null)]
    pub translator_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(books = Book::tags))]
pub struct Tag {
    pub pk: Key<Tag>,
    #[model(unique)]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Review {
    pub pk: Key<Review>,
    pub stars: i64,
    pub text: String,
    #[model(on_delete = cascade)]
    pub book_id: Key<Book>,
}

pub async fn fill(db: &Db) -> sqliter::Result<()> {
    let austen = db.insert(Author::builder().name("Jane Austen").country("England").born(1775)).await?;
    let shelley = db.insert(Author::builder().name("Mary Shelley").country("England").born(1797)).await?;
    let verne = db.insert(Author::builder().name("Jules Verne").country("France").born(1828)).await?;
    let towle = db.insert(Author::builder().name("George Towle").country("United States")).await?;

    let books = db
        .bulk_insert([
            Book::builder().title("Emma").pages(474).year(1815).author_id(&austen),
            Book::builder().title("Persuasion").pages(249).year(1817).author_id(&austen),
            Book::builder().title("Frankenstein").pages(280).year(1818).author_id(&shelley),
        ])
        .await?;
    let eighty = Book::builder().title("Around the World in Eighty Days").pages(252).year(1872).author_id(&verne);
    let eighty = db.insert(eighty.translator_id(&towle)).await?;

    let tags = db.bulk_insert(["love", "horror", "travel"].map(|name| Tag::builder().name(name))).await?;
    books[0].tags(db).add(&tags[0]).await?;
    books[1].tags(db).add([&tags[0], &tags[2]]).await?;
    books[2].tags(db).add(&tags[1]).await?;
    eighty.tags(db).add(&tags[2]).await?;

    db.bulk_insert([
        Review::builder().stars(5).text("Handsome, clever, and rich").book_id(&books[0]),
        Review::builder().stars(3).text("Long").book_id(&books[0]),
        Review::builder().stars(4).text("I did not sleep").book_id(&books[2]),
    ])
    .await?;
    Ok(())
}
