//! On sea-orm, as its documentation does it: entities, loaders for what is related, aggregates by group.

mod entities;

use std::collections::{HashMap, HashSet};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use chrono::Utc;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Func, NullOrdering, SimpleExpr};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, Order, QueryOrder as _, QuerySelect as _, Set};
use shared::{Book, BookLine, BookName, Copy, Cover, Detail, Failed, Listing, Name, NewBook, Page, Review};

use entities::{author, book, branch, copy, cover, loan, member, reservation, review, subject};

fn book_of(row: book::Model) -> Book {
    Book {
        pk: row.pk,
        title: row.title,
        summary: row.summary,
        isbn: row.isbn,
        pages: row.pages.and_then(|pages| pages.try_into().ok()),
        published: row.published,
        language: row.language,
        author_id: row.author_id,
        sequel_to_id: row.sequel_to_id,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn book_name(row: book::Model) -> BookName {
    BookName { pk: row.pk, title: row.title, published: row.published }
}

fn subjects_of(rows: Vec<subject::Model>) -> Vec<Name> {
    let mut names: Vec<_> = rows.into_iter().map(|row| Name { pk: row.pk, name: row.name }).collect();
    names.sort_by(|a, b| a.name.cmp(&b.name));
    names
}

/// Which of these copies somebody has.
async fn lent(db: &DatabaseConnection, copies: impl IntoIterator<Item = i64>) -> Result<HashSet<i64>, DbErr> {
    let open =
        loan::Entity::find().filter(loan::Column::CopyId.is_in(copies)).filter(loan::Column::ReturnedOn.is_null());
    let lent: Vec<i64> = open.select_only().column(loan::Column::CopyId).into_tuple().all(db).await?;
    Ok(lent.into_iter().collect())
}

/// The average stars of each of these books.
async fn ratings(db: &DatabaseConnection, books: &[i64]) -> Result<HashMap<i64, f64>, DbErr> {
    let reviews = review::Entity::find().filter(review::Column::BookId.is_in(books.iter().copied()));
    let average: SimpleExpr = Func::avg(Expr::col(review::Column::Stars)).into();
    let reviews = reviews.select_only().column(review::Column::BookId).column_as(average, "rating");
    let rows: Vec<(i64, f64)> = reviews.group_by(review::Column::BookId).into_tuple().all(db).await?;
    Ok(rows.into_iter().collect())
}

async fn list(State(db): State<DatabaseConnection>, Query(listing): Query<Listing>) -> Result<Json<Page>, Failed> {
    let books = book::Entity::find().find_also_related(author::Entity);
    let books = match listing.sort.as_str() {
        "-published" => books
            .order_by_with_nulls(book::Column::Published, Order::Desc, NullOrdering::Last)
            .order_by_desc(book::Column::Pk),
        "-created_at,title" => books
            .order_by_desc(book::Column::CreatedAt)
            .order_by_asc(book::Column::Title)
            .order_by_asc(book::Column::Pk),
        _ => books.order_by_asc(book::Column::Title).order_by_asc(book::Column::Pk),
    };
    let size = listing.limit as usize;
    let mut found = books.limit(listing.limit + 1).all(&db).await?;
    let next = (found.len() > size).then(|| {
        found.truncate(size);
        found.last().map(|(book, _)| format!("{}.{}", book.pk, book.title)).unwrap_or_default()
    });
    let (books, authors): (Vec<book::Model>, Vec<Option<author::Model>>) = found.into_iter().unzip();
    let subjects = books.load_many(subject::Entity, &db).await?;
    let copies = books.load_many(copy::Entity, &db).await?;
    let lent = lent(&db, copies.iter().flatten().map(|copy| copy.pk)).await?;
    let ratings = ratings(&db, &books.iter().map(|book| book.pk).collect::<Vec<_>>()).await?;
    let rows = books.into_iter().zip(authors).zip(subjects).zip(copies).map(|(((book, author), subjects), copies)| {
        let author = author.ok_or("a book without an author")?;
        let usable = || copies.iter().filter(|copy| copy.condition != "lost");
        Ok(BookLine {
            pk: book.pk,
            title: book.title,
            published: book.published,
            language: book.language,
            author: Name { pk: author.pk, name: author.name },
            subjects: subjects_of(subjects),
            rating: ratings.get(&book.pk).copied(),
            copies: usable().count() as i64,
            available: usable().any(|copy| !lent.contains(&copy.pk)),
        })
    });
    let rows = rows.collect::<Result<_, Failed>>()?;
    let total = if listing.total { Some(book::Entity::find().count(&db).await? as i64) } else { None };
    Ok(Json(Page { rows, next, previous: None, total }))
}

async fn detail(State(db): State<DatabaseConnection>, Path(key): Path<i64>) -> Result<Json<Detail>, Failed> {
    let found = book::Entity::find_by_id(key).find_also_related(author::Entity).one(&db).await?;
    let (book, author) = found.ok_or("no such book")?;
    let author = author.ok_or("a book without an author")?;
    let sequel_to = match book.sequel_to_id {
        Some(earlier) => book::Entity::find_by_id(earlier).one(&db).await?.map(book_name),
        None => None,
    };
    let sequels = book::Entity::find().filter(book::Column::SequelToId.eq(key));
    let sequels = sequels.order_by_asc(book::Column::Published).all(&db).await?;
    let subjects = book.find_related(subject::Entity).order_by_asc(subject::Column::Name).all(&db).await?;
    // Without the picture, which the entity does not name.
    let cover = cover::Entity::find().filter(cover::Column::BookId.eq(key)).one(&db).await?;
    let copies = copy::Entity::find().filter(copy::Column::BookId.eq(key)).find_also_related(branch::Entity);
    let copies = copies.order_by_asc(copy::Column::Pk).all(&db).await?;
    let lent = lent(&db, copies.iter().map(|(copy, _)| copy.pk)).await?;
    let waiting = reservation::Entity::find().filter(reservation::Column::BookId.eq(key));
    let waiting = waiting.filter(reservation::Column::FulfilledOn.is_null()).count(&db).await?;
    let rating = ratings(&db, &[key]).await?.get(&key).copied();
    let reviews = review::Entity::find().filter(review::Column::BookId.eq(key)).find_also_related(member::Entity);
    let reviews = reviews.order_by_desc(review::Column::Pk).limit(5).all(&db).await?;
    let copies = copies.into_iter().filter_map(|(copy, branch)| {
        let branch = branch?;
        Some(Copy {
            pk: copy.pk,
            lent: lent.contains(&copy.pk),
            barcode: copy.barcode,
            condition: copy.condition,
            branch: Name { pk: branch.pk, name: branch.name },
        })
    });
    let reviews = reviews.into_iter().filter_map(|(review, member)| {
        let member = member?;
        Some(Review {
            pk: review.pk,
            book_id: review.book_id,
            member_id: review.member_id,
            stars: review.stars.try_into().ok()?,
            text: review.text,
            created_at: review.created_at,
            member: Name { pk: member.pk, name: member.name },
        })
    });
    Ok(Json(Detail {
        author: Name { pk: author.pk, name: author.name },
        sequel_to,
        sequels: sequels.into_iter().map(book_name).collect(),
        subjects: subjects_of(subjects),
        cover: cover.map(|cover| Cover { media_type: cover.media_type, updated_at: cover.updated_at }),
        copies: copies.collect(),
        waiting: waiting as i64,
        rating,
        reviews: reviews.collect(),
        book: book_of(book),
    }))
}

async fn create(
    State(db): State<DatabaseConnection>,
    Json(new): Json<NewBook>,
) -> Result<(StatusCode, Json<Book>), Failed> {
    let now = Utc::now();
    let draft = book::ActiveModel {
        title: Set(new.title),
        summary: Set(new.summary),
        pages: Set(new.pages.map(i64::from)),
        language: Set("english".to_owned()),
        author_id: Set(new.author_id),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok((StatusCode::CREATED, Json(book_of(draft.insert(&db).await?))))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (path, address) = shared::arguments().ok_or("usage: sea-orm FILE ADDRESS")?;
    let mut options = ConnectOptions::new(format!("sqlite://{}", path.display()));
    // Several connections, as readers need; writers wait for each other by the busy timeout.
    options.max_connections(8).test_before_acquire(false).sqlx_logging(false).map_sqlx_sqlite_opts(|options| {
        options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal).foreign_keys(true)
    });
    let db = Database::connect(options).await?;
    let router = Router::new().route("/books", get(list).post(create)).route("/books/{book}", get(detail));
    shared::serve(router.with_state(db), &address).await?;
    Ok(())
}
