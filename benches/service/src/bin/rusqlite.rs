//! By hand: a connection that writes, some that read, and `spawn_blocking` for each request.

use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use axum::extract::{Path as Of, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use chrono::Utc;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};
use shared::{Book, BookLine, BookName, Copy, Cover, Detail, Failed, Listing, Name, NewBook, Page, Review};

struct Connections {
    writer: Mutex<Connection>,
    /// As many as there are blocking jobs at once; each is taken by one job at a time.
    readers: Mutex<Vec<Connection>>,
    path: std::path::PathBuf,
}

type Shared = Arc<Connections>;

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000",
    )?;
    connection.set_prepared_statement_cache_capacity(128);
    rusqlite::vtab::array::load_module(&connection)?;
    Ok(connection)
}

/// Runs a job of one snapshot on a connection that reads, on a thread of Tokio.
async fn read<T: Send + 'static>(
    shared: Shared,
    job: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, Failed> {
    tokio::task::spawn_blocking(move || {
        let kept = shared.readers.lock().unwrap().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => open(&shared.path)?,
        };
        let transaction = connection.transaction()?;
        let result = job(&transaction);
        transaction.commit()?;
        shared.readers.lock().unwrap().push(connection);
        Ok(result?)
    })
    .await?
}

fn name(row: &Row<'_>) -> rusqlite::Result<Name> {
    Ok(Name { pk: row.get(0)?, name: row.get(1)? })
}

fn book_name(row: &Row<'_>) -> rusqlite::Result<BookName> {
    Ok(BookName { pk: row.get(0)?, title: row.get(1)?, published: row.get(2)? })
}

/// The columns of a book, in their order from the first on.
fn book(row: &Row<'_>) -> rusqlite::Result<Book> {
    Ok(Book {
        pk: row.get(0)?,
        title: row.get(1)?,
        summary: row.get(2)?,
        isbn: row.get(3)?,
        pages: row.get(4)?,
        published: row.get(5)?,
        language: row.get(6)?,
        author_id: row.get(7)?,
        sequel_to_id: row.get(8)?,
        version: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
    })
}

const BOOK: &str =
    "pk, title, summary, isbn, pages, published, language, author_id, sequel_to_id, version, created_at, updated_at";

async fn list(State(shared): State<Shared>, Query(listing): Query<Listing>) -> Result<Json<Page>, Failed> {
    let order = match listing.sort.as_str() {
        "-published" => "b.published DESC, b.pk DESC",
        "-created_at,title" => "b.created_at DESC, b.title, b.pk",
        _ => "b.title, b.pk",
    };
    let (size, with_total) = (listing.limit, listing.total);
    let (mut rows, total) = read(shared, move |connection| {
        let mut books = connection.prepare_cached(&format!(
            "SELECT b.pk, b.title, b.published, b.language, a.pk, a.name, \
             (SELECT avg(stars) FROM reviews WHERE book_id = b.pk), \
             (SELECT count(*) FROM copies WHERE book_id = b.pk AND condition <> 'lost'), \
             EXISTS (SELECT 1 FROM copies c WHERE c.book_id = b.pk AND c.condition <> 'lost' \
             AND NOT EXISTS (SELECT 1 FROM loans l WHERE l.copy_id = c.pk AND l.returned_on IS NULL)) \
             FROM books b JOIN authors a ON a.pk = b.author_id ORDER BY {order} LIMIT {}",
            size + 1
        ))?;
        let books = books.query_map([], |row| {
            Ok(BookLine {
                pk: row.get(0)?,
                title: row.get(1)?,
                published: row.get(2)?,
                language: row.get(3)?,
                author: Name { pk: row.get(4)?, name: row.get(5)? },
                subjects: Vec::new(),
                rating: row.get(6)?,
                copies: row.get(7)?,
                available: row.get(8)?,
            })
        })?;
        let mut books = books.collect::<Result<Vec<_>, _>>()?;
        let mut subjects = connection.prepare_cached(
            "SELECT s.pk, s.name, p.book_id FROM book_subjects p JOIN subjects s ON s.pk = p.subject_id \
             WHERE p.book_id IN rarray(?) ORDER BY s.name, s.pk",
        )?;
        let keys: Rc<Vec<Value>> = Rc::new(books.iter().map(|book| book.pk.into()).collect());
        let mut subjects = subjects.query([keys])?;
        while let Some(row) = subjects.next()? {
            let (subject, of) = (name(row)?, row.get::<_, i64>(2)?);
            if let Some(book) = books.iter_mut().find(|book| book.pk == of) {
                book.subjects.push(subject);
            }
        }
        let total = match with_total {
            true => Some(connection.query_row("SELECT count(*) FROM books", [], |row| row.get(0))?),
            false => None,
        };
        Ok((books, total))
    })
    .await?;
    let next = (rows.len() > size as usize).then(|| {
        rows.truncate(size as usize);
        rows.last().map(|row| format!("{}.{}", row.pk, row.title)).unwrap_or_default()
    });
    Ok(Json(Page { rows, next, previous: None, total }))
}

async fn detail(State(shared): State<Shared>, Of(key): Of<i64>) -> Result<Json<Detail>, Failed> {
    let detail = read(shared, move |connection| {
        let mut first = connection.prepare_cached(&format!(
            "SELECT {}, a.name, q.pk, q.title, q.published, c.media_type, c.updated_at, \
             (SELECT count(*) FROM reservations WHERE book_id = b.pk AND fulfilled_on IS NULL), \
             (SELECT avg(stars) FROM reviews WHERE book_id = b.pk) \
             FROM books b JOIN authors a ON a.pk = b.author_id LEFT JOIN books q ON q.pk = b.sequel_to_id \
             LEFT JOIN covers c ON c.book_id = b.pk WHERE b.pk = ?",
            BOOK.split(", ").map(|column| format!("b.{column}")).collect::<Vec<_>>().join(", ")
        ))?;
        let mut detail = first.query_row([key], |row| {
            let book = book(row)?;
            let sequel_to = match row.get::<_, Option<i64>>(13)? {
                Some(pk) => Some(BookName { pk, title: row.get(14)?, published: row.get(15)? }),
                None => None,
            };
            let cover = match row.get::<_, Option<String>>(16)? {
                Some(media_type) => Some(Cover { media_type, updated_at: row.get(17)? }),
                None => None,
            };
            let author = Name { pk: book.author_id, name: row.get(12)? };
            let (waiting, rating) = (row.get(18)?, row.get(19)?);
            let (sequels, subjects, copies, reviews) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            Ok(Detail { book, author, sequel_to, sequels, subjects, cover, copies, waiting, rating, reviews })
        })?;
        detail.sequels = connection
            .prepare_cached("SELECT pk, title, published FROM books WHERE sequel_to_id = ? ORDER BY published, pk")?
            .query_map([key], book_name)?
            .collect::<Result<_, _>>()?;
        detail.subjects = connection
            .prepare_cached(
                "SELECT s.pk, s.name FROM book_subjects p JOIN subjects s ON s.pk = p.subject_id WHERE p.book_id = ? \
                 ORDER BY s.name, s.pk",
            )?
            .query_map([key], name)?
            .collect::<Result<_, _>>()?;
        detail.copies = connection
            .prepare_cached(
                "SELECT c.pk, c.barcode, c.condition, b.pk, b.name, \
                 EXISTS (SELECT 1 FROM loans WHERE copy_id = c.pk AND returned_on IS NULL) \
                 FROM copies c JOIN branches b ON b.pk = c.branch_id WHERE c.book_id = ? ORDER BY c.pk",
            )?
            .query_map([key], |row| {
                let branch = Name { pk: row.get(3)?, name: row.get(4)? };
                let (pk, barcode, condition, lent) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(5)?);
                Ok(Copy { pk, barcode, condition, branch, lent })
            })?
            .collect::<Result<_, _>>()?;
        detail.reviews = connection
            .prepare_cached(
                "SELECT r.pk, r.book_id, r.member_id, r.stars, r.text, r.created_at, m.name \
                 FROM reviews r JOIN members m ON m.pk = r.member_id WHERE r.book_id = ? ORDER BY r.pk DESC LIMIT 5",
            )?
            .query_map([key], |row| {
                let member_id = row.get(2)?;
                Ok(Review {
                    pk: row.get(0)?,
                    book_id: row.get(1)?,
                    member_id,
                    stars: row.get(3)?,
                    text: row.get(4)?,
                    created_at: row.get(5)?,
                    member: Name { pk: member_id, name: row.get(6)? },
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(detail)
    });
    Ok(Json(detail.await?))
}

async fn create(State(shared): State<Shared>, Json(new): Json<NewBook>) -> Result<(StatusCode, Json<Book>), Failed> {
    let made = tokio::task::spawn_blocking(move || {
        let mut connection = shared.writer.lock().unwrap();
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let made = {
            let sql = format!(
                "INSERT INTO books (title, summary, pages, language, author_id, version, created_at, updated_at) \
                 VALUES (?1, ?2, ?3, 'english', ?4, 1, ?5, ?5) RETURNING {BOOK}"
            );
            let now = Utc::now().format("%Y-%m-%dT%H:%M:%S%.f+00:00").to_string();
            let mut insert = transaction.prepare_cached(&sql)?;
            insert.query_row(params![new.title, new.summary, new.pages, new.author_id, now], book)?
        };
        transaction.commit()?;
        Ok::<_, rusqlite::Error>(made)
    });
    Ok((StatusCode::CREATED, Json(made.await??)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (path, address) = shared::arguments().ok_or("usage: rusqlite FILE ADDRESS")?;
    let connections = Connections { writer: Mutex::new(open(&path)?), readers: Mutex::default(), path };
    let router = Router::new().route("/books", get(list).post(create)).route("/books/{book}", get(detail));
    shared::serve(router.with_state(Arc::new(connections)), &address).await?;
    Ok(())
}
