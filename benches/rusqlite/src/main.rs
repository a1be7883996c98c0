//! Hand-written rusqlite: the limit of what a library can reach.

mod database;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use common::data::{Author, Book, NewUser, User, now};
use common::{CityStats, Library, Result, ensure};
use rusqlite::{CachedStatement, Connection, Params, Row, TransactionBehavior, params};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let path = arguments.get(2).map(PathBuf::from).unwrap_or_default();
    match arguments.get(1).and_then(|command| command.to_str()) {
        Some("create") => common::report("create", database::create(&path)),
        Some("check") => common::report("check", database::check(&path)),
        _ => common::main::<Rusqlite>(),
    }
}

/// One connection for everything, and one for each of the two threads that get at once.
struct Rusqlite {
    connection: Connection,
    threads: [Connection; 2],
}

/// A connection with the settings that all programs use.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        pk: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        age: row.get(3)?,
        city: row.get(4)?,
        score: row.get(5)?,
        bio: row.get(6)?,
        created_at: row.get(7)?,
    })
}

fn book(row: &Row<'_>) -> rusqlite::Result<Book> {
    Ok(Book { pk: row.get(0)?, title: row.get(1)?, pages: row.get(2)?, published: row.get(3)?, author_id: row.get(4)? })
}

/// An author whose columns begin at a position.
fn author(row: &Row<'_>, start: usize) -> rusqlite::Result<Author> {
    Ok(Author {
        pk: row.get(start)?,
        name: row.get(start + 1)?,
        country: row.get(start + 2)?,
        born: row.get(start + 3)?,
    })
}

fn get(connection: &Connection, pk: i64) -> rusqlite::Result<User> {
    let sql = "SELECT pk, name, email, age, city, score, bio, created_at FROM users WHERE pk = ?";
    connection.prepare_cached(sql)?.query_row([pk], user)
}

fn get_inside(connection: &mut Connection, behavior: TransactionBehavior, keys: Vec<i64>) -> Result<i64> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    let mut ages = 0;
    for pk in keys {
        ages += get(&transaction, pk)?.age;
    }
    transaction.commit()?;
    Ok(ages)
}

fn all<T, P: Params>(
    mut statement: CachedStatement<'_>,
    parameters: P,
    row: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(next) = rows.next()? {
        found.push(row(next)?);
    }
    Ok(found)
}

fn insert(statement: &mut CachedStatement<'_>, user: &NewUser, now: i64) -> rusqlite::Result<usize> {
    statement.execute(params![user.name, user.email, user.age, user.city, user.score, user.bio, now])
}

const INSERT: &str = "INSERT INTO users (name, email, age, city, score, bio, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";

impl Library for Rusqlite {
    const NAME: &'static str = "rusqlite";

    type User = User;
    type BookOfAuthor = (Book, Author);
    type AuthorOfBooks = (Author, Vec<Book>);

    async fn open(path: &Path) -> Result<Self> {
        Ok(Self { connection: connect(path)?, threads: [connect(path)?, connect(path)?] })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        Ok(self.connection.query_row("SELECT sqlite_version()", [], |row| row.get(0))?)
    }

    async fn checkpoint(&mut self) -> Result<()> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    async fn get(&mut self, pk: i64) -> Result<User> {
        Ok(get(&self.connection, pk)?)
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<User>> {
        let sql = "SELECT pk, name, email, age, city, score, bio, created_at FROM users WHERE city = ? ORDER BY name";
        all(self.connection.prepare_cached(sql)?, [city], user)
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        let sql = "SELECT pk, name, email, age, city, score, bio, created_at FROM users";
        all(self.connection.prepare_cached(sql)?, [], user)
    }

    async fn books_with_author(&mut self) -> Result<Vec<(Book, Author)>> {
        let sql = "SELECT b.pk, b.title, b.pages, b.published, b.author_id, a.pk, a.name, a.country, a.born \
                   FROM books b JOIN authors a ON a.pk = b.author_id ORDER BY b.pk LIMIT 1000";
        all(self.connection.prepare_cached(sql)?, [], |row| Ok((book(row)?, author(row, 5)?)))
    }

    /// By a join in the order of the authors: each author is read when the key changes.
    async fn authors_with_books(&mut self) -> Result<Vec<(Author, Vec<Book>)>> {
        let sql = "SELECT b.pk, b.title, b.pages, b.published, b.author_id, a.pk, a.name, a.country, a.born \
                   FROM authors a LEFT JOIN books b ON b.author_id = a.pk ORDER BY a.pk";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found: Vec<(Author, Vec<Book>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let key: i64 = row.get(5)?;
            if found.last().is_none_or(|(author, _)| author.pk != key) {
                found.push((author(row, 5)?, Vec::new()));
            }
            if let (Some((_, books)), Some(_)) = (found.last_mut(), row.get::<_, Option<i64>>(0)?) {
                books.push(book(row)?);
            }
        }
        Ok(found)
    }

    async fn city_stats(&mut self) -> Result<Option<Vec<CityStats>>> {
        let sql = "SELECT city, count(*), avg(age) FROM users GROUP BY city ORDER BY city";
        let statement = self.connection.prepare_cached(sql)?;
        all(statement, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map(Some)
    }

    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        get_inside(&mut self.connection, TransactionBehavior::Deferred, keys).map(Some)
    }

    async fn get_writing(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        get_inside(&mut self.connection, TransactionBehavior::Immediate, keys).map(Some)
    }

    /// Two plain threads share the lists.
    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        let (left, right) = keys.split_at(keys.len() / 2);
        thread::scope(|scope| {
            let threads: Vec<_> = self
                .threads
                .iter_mut()
                .zip([left, right])
                .map(|(connection, lists)| {
                    let keys = lists.iter().flatten();
                    scope.spawn(move || keys.map(|&pk| Ok(get(connection, pk)?.age)).sum::<Result<i64>>())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?).sum()
        })
    }

    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        let updated =
            self.connection.prepare_cached("UPDATE users SET age = ? WHERE pk = ?")?.execute(params![age, pk])?;
        ensure(updated == 1, || format!("{updated} rows updated"))
    }

    async fn insert(&mut self, user: NewUser) -> Result<i64> {
        insert(&mut self.connection.prepare_cached(INSERT)?, &user, now())?;
        Ok(self.connection.last_insert_rowid())
    }

    async fn insert_all(&mut self, users: Vec<NewUser>) -> Result<()> {
        let now = now();
        let transaction = self.connection.transaction()?;
        let mut statement = transaction.prepare_cached(INSERT)?;
        for user in users {
            insert(&mut statement, &user, now)?;
        }
        drop(statement);
        Ok(transaction.commit()?)
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        self.connection.execute("DELETE FROM users WHERE pk > ?", [pk])?;
        Ok(())
    }

    fn user(row: User) -> User {
        row
    }

    fn book_of_author(row: (Book, Author)) -> (Book, Author) {
        row
    }

    fn author_of_books(row: (Author, Vec<Book>)) -> (Author, Vec<Book>) {
        row
    }
}
