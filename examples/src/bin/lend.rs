//! The functions of a small library that lends books: each takes a `&Session`, so that it runs on the database as well
//! as inside a transaction, and one function can call another.
//!
//! Run it with `cargo run --bin lend`.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Member {
    pk: Key<Member>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    copies: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(book_id, member_id))]
struct Loan {
    pk: Key<Loan>,
    book_id: Key<Book>,
    member_id: Key<Member>,
    created_at: i64, // set on insert
}

/// What a caller of the service has to tell apart.
#[derive(Debug, thiserror::Error)]
enum LendError {
    #[error("all copies are lent")]
    NoCopyLeft,
    #[error("this member has the book already")]
    AlreadyLent,
    #[error(transparent)]
    Database(#[from] sqliter::Error),
}

/// Lends a book: takes a copy from the shelf and notes the loan. Both happen, or neither.
async fn lend(session: &Session, book: Key<Book>, member: Key<Member>) -> Result<Loan, LendError> {
    session
        .try_transaction(async |tx| {
            take_copy(tx, book).await?;
            // An error puts the copy back on the shelf: it rolls back what was done since the beginning.
            match tx.insert(Loan::builder().book_id(book).member_id(member)).await {
                Err(sqliter::Error::UniqueViolation { .. }) => Err(LendError::AlreadyLent),
                other => Ok(other?),
            }
        })
        .await
}

async fn take_copy(session: &Session, book: Key<Book>) -> Result<(), LendError> {
    let on_the_shelf = session.select::<Book>().filter(|b| b.pk.eq(book) & b.copies.gt(0));
    match on_the_shelf.update(|b| b.copies.sub(1)).await? {
        0 => Err(LendError::NoCopyLeft),
        _ => Ok(()),
    }
}

#[tokio::main]
async fn main() -> Result<(), LendError> {
    let db = Db::memory().await?;
    db.create_tables::<(Member, Book, Loan)>().await?;
    let emma = db.insert(Book::builder().title("Emma").copies(2)).await?;
    let ada = db.insert(Member::builder().name("Ada")).await?;
    let grace = db.insert(Member::builder().name("Grace")).await?;
    let mary = db.insert(Member::builder().name("Mary")).await?;

    for member in [&ada, &ada, &grace, &mary] {
        match lend(&db, emma.pk, member.pk).await {
            Ok(loan) => println!("{} has {}, loan {}", member.name, emma.title, loan.pk),
            Err(LendError::Database(error)) => return Err(error.into()),
            Err(reason) => println!("{} does not get {}: {reason}", member.name, emma.title),
        }
    }
    println!("{} loans", db.select::<Loan>().count().await?);
    Ok(())
}
