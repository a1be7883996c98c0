//! The smallest whole program: two models, a database in memory, an insert and a query.
//!
//! Run it with `cargo run --bin quickstart`.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>, // SQLite chooses the key
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(default = 0)]
    pages: i64,
    #[model(on_delete = cascade)]
    author_id: Key<Author>, // a foreign key
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book)>().await?;

    let jane = db.insert(Author::builder().name("Jane Austen")).await?;
    db.bulk_insert([
        Book::builder().title("Emma").pages(474).author_id(&jane),
        Book::builder().title("Persuasion").pages(249).author_id(&jane),
        Book::builder().title("Sanditon").pages(80).author_id(&jane),
    ])
    .await?;

    let books: Vec<Book> = db
        .select::<Book>()
        .filter(|b| b.author_id.eq(&jane) & b.pages.gt(100))
        .order(|b| b.title.asc())
        .fetch_all()
        .await?;
    for book in &books {
        println!("{}: {} pages", book.title, book.pages);
    }

    if let Some(mut emma) = db.select::<Book>().filter(|b| b.title.eq("Emma")).fetch_one().await? {
        emma.pages += 1;
        db.update(&mut emma).await?;
    }

    db.delete(jane.pk).await?; // and her books, which cascade
    println!("{} books are left", db.select::<Book>().count().await?);
    Ok(())
}
