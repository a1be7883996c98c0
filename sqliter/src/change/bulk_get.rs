//! Reading many rows by their keys.

use crate::engine::{Access, Connection, Pace, RowRef, Runs};
use crate::error::{Context, Operation, Result};
use crate::model::{AsKey, Model};
use crate::query::key_not_unique;
use crate::session::{Pending, Session};
use crate::sql::Argument;
use crate::table::RowStatement;
use crate::value::KeyValues;

/// The model of the rows that keys or rows name.
type Named<I> = <<I as IntoIterator>::Item as AsKey>::Model;

impl Session {
    /// The rows with these keys, any number of them, in the order of the keys: `None` for a key that no row has. Takes keys,
    /// or rows, to read them again. All rows are those of one moment; they are neither read from the cache nor cached.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Tag { pk: Key<Tag>, name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Tag>().await?;
    /// let tags = db.bulk_insert(["a", "b"].map(|name| Tag::builder().name(name))).await?;
    /// let found: Vec<Option<Tag>> = db.bulk_get([2, 9, 1].map(Tag::key)).await?;
    /// assert_eq!(found, [Some(tags[1].clone()), None, Some(tags[0].clone())]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), for the first key that fails.
    pub fn bulk_get<I>(&self, keys: I) -> Pending<'_, Vec<Option<Named<I>>>>
    where
        I: IntoIterator,
        I::Item: AsKey,
    {
        let keys = keys.into_iter().map(|key| key.as_key().stored()).collect::<Result<Vec<_>>>();
        Box::pin(async move { get_all(self, keys?).await })
    }
}

async fn get_all<M: Model>(session: &Session, keys: Vec<KeyValues>) -> Result<Vec<Option<M>>> {
    let number = keys.len();
    if number == 0 {
        return Ok(Vec::new());
    }
    let context = Context::new(Operation::Fetch, M::TABLE.name);
    let read = move |connection: &mut Connection| {
        connection.snapshot(context, |connection| {
            let fit = connection.fit(M::TABLE, context)?;
            let select = RowStatement::Select.texts_for(M::TABLE, M::cached_sql(), &fit)?;
            let mut found = Found { keys: &keys, rows: Vec::with_capacity(keys.len()) };
            let mut bind = |run: usize, arguments: &mut Vec<Argument>| {
                arguments.clear();
                arguments.extend(keys.get(run).into_iter().flat_map(KeyValues::iter).cloned().map(Argument::Value));
                Ok(())
            };
            connection
                .repeat_query(select.into(), keys.len(), context, &mut bind, &mut found)
                .map_err(|(error, _)| error)?;
            Ok(found.rows)
        })
    };
    session.run(Access::Read, context, Pace::of_rows(number), read).await
}

/// The rows of the keys so far.
struct Found<'k, M> {
    keys: &'k [KeyValues],
    rows: Vec<Option<M>>,
}

impl<M: Model> Runs for Found<'_, M> {
    fn row(&mut self, run: usize, row: &RowRef<'_>) -> Result<()> {
        if self.rows.len() > run {
            let key = self.keys.get(run).cloned().unwrap_or_default();
            return Err(key_not_unique(Operation::Fetch, M::TABLE, &key));
        }
        self.rows.push(Some(M::decode(row)?));
        Ok(())
    }

    fn done(&mut self, run: usize, _: u64, _: i64) -> Result<()> {
        if self.rows.len() == run {
            self.rows.push(None);
        }
        Ok(())
    }
}
