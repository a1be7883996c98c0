//! Writes run with the library.

use sqliter::bounds::AsKey;
use sqliter::relation::{Links, Many, Relation};
use sqliter::{Column, Error, Key, Model, Result, Session};

use super::access::{Root, with_model};
use super::catalog::TableId;
use super::chains::select;
use super::datum::Datum;
use super::predict::{Outcome, Violation};
use super::schema::*;
use super::tree::{Deleted, Expr};
use super::typed::assignment;
use super::types::{Held, Stored};
use super::world::Row;
use super::write::{Change, Changes, Deletion, Pairs, Write};

/// The reason that an error of a write tells.
pub fn reason(error: &Error) -> Option<Violation> {
    Some(match error {
        Error::UniqueViolation { .. } => Violation::Unique,
        Error::ForeignKeyViolation { .. } => Violation::ForeignKey,
        Error::NotNullViolation { .. } => Violation::NotNull,
        Error::CheckViolation { .. } | Error::Encode { .. } => Violation::Range,
        Error::RecordNotFound { .. } => Violation::NotFound,
        Error::Stale { .. } => Violation::Stale,
        _ => return None,
    })
}

pub async fn run(session: &Session, write: &Write) -> Result<Outcome> {
    match write {
        Write::Insert { table, rows, with_key } => {
            with_model!(*table, M => insert::<M>(session, rows, *with_key).await)
        }
        Write::Save { table, rows } => with_model!(*table, M => save::<M>(session, rows).await),
        Write::Remove { table, key } => with_model!(*table, M => remove::<M>(session, key).await),
        Write::Update { chain, sets } => with_model!(chain.root, M => {
            let update = select::<M>(session, chain).update(|columns| assignments::<M>(columns, sets));
            let number = match gives_back(session) {
                true => stored::<M>(session, update.returning_rows().fetch_all().await?).await?,
                false => update.await?,
            };
            Ok(Outcome::Count(number, true))
        }),
        Write::Delete { chain, how } => with_model!(chain.root, M => {
            let delete = M::deleting(select::<M>(session, chain), *how);
            let number = match gives_back(session) {
                true => delete.returning_rows().fetch_all().await?.len() as u64,
                false => delete.await?,
            };
            Ok(Outcome::Count(number, true))
        }),
        Write::Undelete { table, key, how: Deletion::TakenBack } => with_model!(*table, M => {
            let row = M::restore(session, key).await?.into_row();
            Ok(Outcome::Stored(row))
        }),
        Write::Undelete { table, key, .. } => {
            with_model!(*table, M => M::purge(session, key).await)?;
            Ok(Outcome::Unit)
        }
        Write::RemoveAll { table, keys } => with_model!(*table, M => {
            session.bulk_delete(keys.iter().map(<Key<M> as Held>::from_datum)).await?;
            Ok(Outcome::Unit)
        }),
        Write::GetAll { table, keys } => with_model!(*table, M => {
            let rows = session.bulk_get(keys.iter().map(<Key<M> as Held>::from_datum)).await?;
            Ok(Outcome::Found(rows.into_iter().map(|row| row.map(M::into_row)).collect()))
        }),
        Write::Patch { table, key, patch, version } => with_model!(*table, M => {
            Ok(Outcome::Stored(M::patched(session, key, patch, *version).await?.into_row()))
        }),
        Write::UpsertAll { table, rows, unique, changes } => {
            upserts(session, *table, rows, *unique, changes.as_ref()).await
        }
        Write::Upsert { table, row, unique, changes, tells } => {
            upsert(session, *table, row, *unique, changes.as_ref(), *tells).await
        }
        Write::GetOrCreate { table, row, unique } => get_or_create(session, *table, row, *unique).await,
        Write::Pairs { pairs, key, change, others } => {
            match pairs {
                Pairs::TagsOfBook => {
                    linked(<Key<Book> as Held>::from_datum(key).tags(session), *change, others).await?
                }
                Pairs::BooksOfTag => {
                    linked(<Key<Tag> as Held>::from_datum(key).books(session), *change, others).await?
                }
                Pairs::Friends => {
                    linked(<Key<Person> as Held>::from_datum(key).friends(session), *change, others).await?
                }
                Pairs::ReviewersOfBook => {
                    linked(<Key<Book> as Held>::from_datum(key).reviewers(session), *change, others).await?
                }
                Pairs::ReviewedByPerson => {
                    linked(<Key<Person> as Held>::from_datum(key).reviewed(session), *change, others).await?
                }
            }
            Ok(Outcome::Unit)
        }
    }
}

/// Whether writes are told to give back what they have written: inside a transaction they are, outside they are not.
fn gives_back(session: &Session) -> bool {
    session.in_transaction()
}

/// The number of rows that a write has given back, which are there as they were given.
async fn stored<M: Root>(session: &Session, rows: Vec<M>) -> Result<u64> {
    let number = rows.len() as u64;
    let there: Vec<_> = M::which(session, Deleted::Included).fetch_all().await?.into_iter().map(M::into_row).collect();
    for given in rows {
        assert!(there.contains(&given.into_row()), "what an update gives back is what it has written");
    }
    Ok(number)
}

async fn insert<M: Root>(session: &Session, rows: &[Row], with_key: bool) -> Result<Outcome> {
    let inserted = match (rows, with_key) {
        ([row], false) => vec![session.insert(M::draft(row)).await?],
        ([row], true) => vec![session.insert_with(M::draft(row), |columns| M::given(columns, row)).await?],
        (rows, false) => {
            let insert = session.bulk_insert(rows.iter().map(|row| M::draft(row)));
            if gives_back(session) { insert.returning_rows().fetch_all().await? } else { insert.await? }
        }
        (rows, true) => {
            let rows = rows.iter().map(|row| (M::draft(row), row));
            session.bulk_insert_with(rows, |columns, row| M::given(columns, row)).await?
        }
    };
    Ok(Outcome::Rows(inserted.into_iter().map(M::into_row).collect()))
}

async fn save<M: Root>(session: &Session, rows: &[Row]) -> Result<Outcome> {
    let mut models: Vec<M> = rows.iter().map(|row| M::from_row(row)).collect();
    match &mut models[..] {
        [model] => session.update(model).await?,
        models => session.bulk_update(models).await?,
    }
    Ok(Outcome::Unit)
}

async fn remove<M: Root>(session: &Session, key: &Datum) -> Result<Outcome>
where
    Key<M>: Held,
{
    session.delete(<Key<M> as Held>::from_datum(key)).await?;
    Ok(Outcome::Unit)
}

fn assignments<M: Root>(columns: &M::Columns<M>, sets: &[(usize, Expr)]) -> Vec<sqliter::bounds::Assignment<M>> {
    sets.iter().map(|(column, value)| assignment(columns, *column, value)).collect()
}

/// Upserts by the unique columns with a number.
macro_rules! by_unique {
    ($table:expr, $unique:expr, |$m:ident, $columns:ident| $body:expr) => {
        match ($table, $unique) {
            (TableId::Country, _) => {
                type $m = Country;
                let $columns = |c: &CountryColumns<Country>| c.code;
                $body
            }
            (TableId::Rate, _) => {
                type $m = Rate;
                let $columns = |r: &RateColumns<Rate>| r.amount;
                $body
            }
            (TableId::Person, _) => {
                type $m = Person;
                let $columns = |p: &PersonColumns<Person>| (p.name, p.balance);
                $body
            }
            (TableId::Book, 0) => {
                type $m = Book;
                let $columns = |b: &BookColumns<Book>| b.isbn;
                $body
            }
            (TableId::Book, _) => {
                type $m = Book;
                let $columns = |b: &BookColumns<Book>| (b.author_id, b.title);
                $body
            }
            (TableId::Tag, _) => {
                type $m = Tag;
                let $columns = |t: &TagColumns<Tag>| t.label;
                $body
            }
            (table, _) => panic!("{table:?} has no unique columns"),
        }
    };
}

async fn upsert(
    session: &Session,
    table: TableId,
    row: &Row,
    unique: usize,
    changes: Option<&Changes>,
    tells: bool,
) -> Result<Outcome> {
    by_unique!(table, unique, |M, columns| {
        let upsert = session.upsert(<M as Root>::draft(row), columns);
        let many = session.bulk_upsert([<M as Root>::draft(row)], columns);
        let written = match changes {
            None if gives_back(session) => many.ignore().returning_rows().fetch_one().await?,
            None => upsert.ignore().await?,
            Some(changes) => {
                let new = new_columns::<M>(changes);
                let sets = |columns: &<M as Model>::Columns<M>| (new, assignments::<M>(columns, &changes.sets));
                if tells {
                    let draft = <M as Root>::draft(row);
                    let (row, created) = session.update_or_create(draft, columns, sets).await?;
                    return Ok(Outcome::Created(row.into_row(), created));
                }
                Some(upsert.update(sets).await?)
            }
        };
        Ok(Outcome::Row(written.map(Root::into_row)))
    })
}

/// The columns that take the value of the new row.
fn new_columns<M: Root>(changes: &Changes) -> Vec<Column<M, Stored>> {
    changes.new.iter().map(|column| Column::new(&M::TABLE.columns[*column])).collect()
}

async fn upserts(
    session: &Session,
    table: TableId,
    rows: &[Row],
    unique: usize,
    changes: Option<&Changes>,
) -> Result<Outcome> {
    by_unique!(table, unique, |M, columns| {
        let upsert = session.bulk_upsert(rows.iter().map(|row| <M as Root>::draft(row)), columns);
        let insert = match changes {
            None => upsert.ignore(),
            Some(changes) => {
                let new = new_columns::<M>(changes);
                upsert.update(|columns| (new, assignments::<M>(columns, &changes.sets)))
            }
        };
        let number = match gives_back(session) {
            true => insert.returning_rows().fetch_all().await?.len() as u64,
            false => insert.await?,
        };
        Ok(Outcome::Count(number, true))
    })
}

async fn get_or_create(session: &Session, table: TableId, row: &Row, unique: usize) -> Result<Outcome> {
    by_unique!(table, unique, |M, columns| {
        let (row, created) = match gives_back(session) {
            true => session.bulk_get_or_create([<M as Root>::draft(row)], columns).await?.remove(0),
            false => session.get_or_create(<M as Root>::draft(row), columns).await?,
        };
        Ok(Outcome::Created(row.into_row(), created))
    })
}

async fn linked<R: Relation<Cardinality = Many>>(links: Links<'_, R>, change: Change, others: &[Datum]) -> Result<()>
where
    Key<R::Target>: Held + AsKey<Model = R::Target>,
{
    let others = others.iter().map(<Key<R::Target> as Held>::from_datum);
    match change {
        Change::Add => links.add(others).await,
        Change::Remove => links.remove(others).await,
        Change::Set => links.set(others).await,
        Change::Clear => links.clear().await,
    }
}
