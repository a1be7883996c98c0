//! To-one relations: as a field of the columns, and of a row in hand.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::{JoinedSet, Presence, Relation, With};
use crate::engine::Pace;
use crate::error::Result;
use crate::expr::Condition;
use crate::model::{Columns, Model, Path, Via};
use crate::query;
use crate::relation::{Entity, Maybe};
use crate::session::Session;
use crate::sql::{Query, ast::Expr};
use crate::table::Link;
use crate::value::Value;

/// A to-one relation of a query, reached by the path `P`. It derefs to the columns of the related model:
/// `b.author.name`.
pub struct ToOne<P, R>(PhantomData<fn() -> (P, R)>);

impl<P, R> ToOne<P, R> {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P, R> Clone for ToOne<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for ToOne<P, R> {}

impl<P, R> Default for ToOne<P, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P, R: Relation> fmt::Debug for ToOne<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ToOne({})", R::INFO.name)
    }
}

impl<P: Path, R: Relation> Deref for ToOne<P, R> {
    type Target = <R::Target as Model>::Columns<Via<P, R>>;

    fn deref(&self) -> &Self::Target {
        Self::Target::COLUMNS
    }
}

impl<P: Path, R: Relation> ToOne<P, R>
where
    R::Arity: Presence,
{
    /// Loads further relations behind this one: `c.book.with(|b| b.author)`.
    pub fn with<S: JoinedSet<Via<P, R>>>(
        self,
        further: impl FnOnce(&<R::Target as Model>::Columns<Via<P, R>>) -> S,
    ) -> With<Self, S::Tuple> {
        With::new(self, further(<R::Target as Model>::Columns::<Via<P, R>>::COLUMNS).into_tuple())
    }
}

impl<P: Path, R: Relation<Arity = Maybe>> ToOne<P, R> {
    /// Whether there is no related row.
    pub fn is_null(self) -> Condition<P::Root> {
        Condition::new(self.key_is_null(false))
    }

    /// Whether there is a related row.
    pub fn is_not_null(self) -> Condition<P::Root> {
        Condition::new(self.key_is_null(true))
    }

    fn key_is_null(self, negated: bool) -> Expr {
        let value = match R::INFO.link {
            // No join is needed to know whether the foreign key is set.
            Link::ForeignKey(column) => Expr::column(P::NODE, column),
            _ => Expr::column(<Via<P, R> as Path>::NODE, R::Target::TABLE.key_column()),
        };
        Expr::IsNull { value: value.into(), negated }
    }
}

/// The related row of a row in hand, from the generated method of the relation: `book.author(&db)`.
#[must_use = "nothing is read before `fetch` is awaited"]
pub struct Related<'s, R> {
    session: &'s Session,
    key: Result<Value>,
    relation: PhantomData<fn() -> R>,
}

impl<R: Relation> fmt::Debug for Related<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Related").field("relation", &R::INFO.name).field("key", &self.key).finish_non_exhaustive()
    }
}

impl<'s, R: Relation> Related<'s, R>
where
    R::Arity: Presence,
{
    /// For generated code: the value that the link of the relation compares with.
    #[doc(hidden)]
    pub fn new(session: &'s Session, source: &R::Source) -> Self {
        Self { session, key: source_value(R::INFO, source), relation: PhantomData }
    }

    /// Reads the related row; `None` is possible only where the relation is nullable.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParent`](crate::Error::MissingParent) when a row that must be there is not, else as
    /// [`Session::get`].
    pub async fn fetch(self) -> Result<<R::Arity as Presence>::Of<R::Target>> {
        let key = self.key?;
        let found = match &key {
            Value::Null => None,
            key => {
                let mut query = Query::new(R::Target::TABLE);
                query.filters.push(target_is(R::INFO, key.clone()));
                query::rows(self.session, query.single(), Entity::<R::Target>::new(), Some(Pace::Short)).await?.pop()
            }
        };
        <R::Arity as Presence>::of(found, R::INFO, || Some(key))
    }
}

/// The value of the column that a relation starts from, in a row in hand.
pub(crate) fn source_value<M: Model>(relation: &crate::table::RelationInfo, row: &M) -> Result<Value> {
    let table = M::TABLE;
    let name = relation.source_column().name;
    let position = table.columns.iter().position(|own| own.name == name).unwrap_or(table.key);
    let mut value = Value::Null;
    let mut sink = |encoded: crate::value::Encoded<'_>| {
        value = encoded.into_value();
        Ok(())
    };
    let mut arguments = crate::model::Arguments::new(table, std::time::UNIX_EPOCH, &mut sink);
    row.write_one(position, &mut arguments)?;
    Ok(value)
}

/// The condition that rows of the target meet when they are related by this value.
pub(crate) fn target_is(relation: &'static crate::table::RelationInfo, key: Value) -> Expr {
    match relation.link {
        Link::Junction(_) => Expr::Linked { relation, key },
        Link::ForeignKey(_) | Link::Referrer(_) => Expr::is(relation.target_column(), Expr::Value(key)),
    }
}
