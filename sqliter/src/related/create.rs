//! New rows that are related at once: `article.tags(&db).create(…)`.

use super::links::{Links, PairsOf};
use super::pairs::Pairs;
use crate::change::{Existing, Given, NewRows, Rows, Then, UniqueColumns, given_one, named};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Operation, Result};
use crate::model::{Draft, Model, ModelImpl, Relation};
use crate::session::{Pending, Session};
use crate::sql::ast::Selected;
use crate::table::Link;

/// New related rows. Each call is one transaction: the rows and their pairs, or nothing.
impl<'s, R: Relation> Links<'s, R> {
    /// Inserts a row and relates the row of the chain to it.
    ///
    /// # Errors
    ///
    /// As [`Session::insert`], and as [`add`](crate::Select::add); nothing is written then.
    pub fn create<D: Draft<Model = R::Target>>(self, draft: D) -> Pending<'s, R::Target> {
        let (session, pairs) = self.into_pairs();
        let new = NewRows::one(draft.build(), Vec::new());
        Box::pin(async move { Ok(given_one(relate_new(session, pairs, new, Pace::Short).await?)?.0) })
    }

    /// The row that has the draft's values in these unique columns, or the draft inserted, as
    /// [`Session::get_or_create`]; the row of the chain is related to it, unless it is already. `true` when the row was
    /// inserted.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(many_to_many(tags = Tag))]
    /// # struct Article { pk: Key<Article>, title: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Tag { pk: Key<Tag>, #[model(unique)] name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Article, Tag)>().await?;
    /// # let article = db.insert(Article::builder().title("x")).await?;
    /// let (tag, created) = article.tags(&db).get_or_create(Tag::builder().name("rust"), |t| t.name).await?;
    /// assert!(created);
    /// assert_eq!(article.tags(&db).fetch_all().await?, [tag]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Session::get_or_create`], and as [`add`](crate::Select::add); nothing is written then.
    pub fn get_or_create<D: Draft<Model = R::Target>, U: UniqueColumns<R::Target>>(
        self,
        draft: D,
        columns: impl FnOnce(&<R::Target as Model>::Columns<R::Target>) -> U,
    ) -> Pending<'s, (R::Target, bool)> {
        let (session, pairs) = self.into_pairs();
        let existing = Existing { unique: named(columns), then: Then::Give };
        let new = NewRows::one(draft.build(), Vec::new()).unless(existing);
        Box::pin(async move { given_one(relate_new(session, pairs, new, Pace::Short).await?) })
    }

    /// As [`get_or_create`](Self::get_or_create) for any number of rows, in their order.
    ///
    /// # Errors
    ///
    /// As [`get_or_create`](Self::get_or_create), for the first row that is refused; nothing is written then.
    pub fn bulk_get_or_create<I, U: UniqueColumns<R::Target>>(
        self,
        drafts: I,
        columns: impl FnOnce(&<R::Target as Model>::Columns<R::Target>) -> U,
    ) -> Pending<'s, Vec<(R::Target, bool)>>
    where
        I: IntoIterator,
        I::Item: Draft<Model = R::Target>,
    {
        let (session, pairs) = self.into_pairs();
        let existing = Existing { unique: named(columns), then: Then::Give };
        let new = NewRows::of_drafts(drafts).unless(existing);
        Box::pin(relate_new(session, pairs, new, Pace::Long))
    }
}

/// Inserts rows, unless they are there, and adds their pairs.
async fn relate_new<R: Relation>(
    session: &Session,
    pairs: PairsOf<R>,
    new: NewRows<R::Target>,
    pace: Pace,
) -> Result<Vec<(R::Target, bool)>> {
    let (table, now) = (R::Target::TABLE, session.now());
    let key = pairs.key()?;
    let rows = Rows::of(&new, now, Selected::row(None, table).collect())?;
    if rows.number() == 0 {
        return Ok(Vec::new());
    }
    let context = Context::new(Operation::Insert, table.name);
    let write = move |connection: &mut Connection| {
        let pairs = match R::INFO.link {
            Link::Junction(junction) => Some(Pairs::new(R::INFO, &junction, now)),
            Link::ForeignKey(_) | Link::Referrer(_) => None,
        };
        if let Some(pairs) = &pairs {
            pairs.leave_many(connection, context)?;
        }
        let mut given = Given::of(&rows);
        let rest = rows.read_first(connection, context, &mut given.taking(&R::Target::decode))?;
        // The pairs are one statement, unless it is looked at afterwards what the schema made of it.
        let is_one = match &pairs {
            _ if !rest.as_ref().is_some_and(Vec::is_empty) => false,
            Some(pairs) => !pairs.may_be_ignored(connection, context)?,
            None => true,
        };
        let write = |connection: &mut Connection| {
            rows.write_after(rest.as_deref(), connection, context, &mut given.taking(&R::Target::decode))?;
            let given = given.in_order();
            let others = given.iter().map(|(row, _)| Ok(row.primary_key().stored()?.first));
            let others = others.collect::<Result<_>>()?;
            if let Some(pairs) = &pairs {
                pairs.add(connection, &key, &others)?;
            }
            Ok(given)
        };
        if is_one { write(connection) } else { connection.writing_whole(context, write) }
    };
    session.write(context, pace, write).await
}
