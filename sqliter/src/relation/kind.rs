//! What relations are, as types.

use std::marker::PhantomData;

use super::{ToMany, ToOne};
use crate::error::{Error, Result};
use crate::expr::{Perhaps, Reach};
use crate::model::{ColumnInfo, JunctionInfo, Link, Model, RelationInfo};

/// The relation with the number `N` of a model, which leads to the model `T`, as the derive describes it.
///
/// The target is no associated type, so that a model may refer to one that is less visible than itself.
pub trait RelationOf<T: Model, const N: usize>: Model {
    /// How many related rows there are.
    type Arity: Arity;
    /// The relation as plain data.
    const INFO: &'static RelationInfo;
}

/// The relation with the number `N` of the model `M`, to the model `T`, as a type.
#[derive(Debug)]
pub struct Rel<M, T, const N: usize>(PhantomData<fn() -> (M, T)>);

/// A relation as a type: one model and one of its relations, never merely two models.
pub trait Relation: 'static {
    /// The model that has the relation.
    type Source: Model;
    /// The related model.
    type Target: Model;
    /// How many related rows there are.
    type Arity: Arity;
    /// The relation as plain data.
    #[doc(hidden)]
    const INFO: &'static RelationInfo;
}

impl<M: RelationOf<T, N>, T: Model, const N: usize> Relation for Rel<M, T, N> {
    type Source = M;
    type Target = T;
    type Arity = M::Arity;
    const INFO: &'static RelationInfo = M::INFO;
}

/// How many related rows there are: [`One`], [`Maybe`] or [`Many`].
pub trait Arity: 'static {
    /// Whether there is always a row at the end of a path that goes on with such a relation.
    #[doc(hidden)]
    type After<P: Reach>: Reach;
}

/// One related row: a foreign key that is never `NULL`.
#[derive(Debug)]
pub struct One;

/// At most one: a nullable foreign key, or the other side of a unique one.
#[derive(Debug)]
pub struct Maybe;

/// Any number.
#[derive(Debug)]
pub struct Many;

impl Arity for One {
    type After<P: Reach> = P;
}

impl Arity for Maybe {
    type After<P: Reach> = Perhaps;
}

impl Arity for Many {
    type After<P: Reach> = Perhaps;
}

/// The arities of to-one relations: a related row is a `T` or an `Option<T>`.
pub trait Presence: Arity {
    /// `T` or `Option<T>`.
    type Of<T: Send + 'static>: Send + 'static;

    /// The related row, if the arity allows what was found.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when a row that must be there is not, which a foreign key prevents as long as it is
    /// enforced.
    #[doc(hidden)]
    fn of<T: Send + 'static>(found: Option<T>, relation: &'static RelationInfo) -> Result<Self::Of<T>>;
}

impl Presence for One {
    type Of<T: Send + 'static> = T;

    fn of<T: Send + 'static>(found: Option<T>, relation: &'static RelationInfo) -> Result<T> {
        found.ok_or_else(|| Error::RecordNotFound { table: (relation.target)().name.to_owned(), key: None })
    }
}

impl Presence for Maybe {
    type Of<T: Send + 'static> = Option<T>;

    fn of<T: Send + 'static>(found: Option<T>, _: &'static RelationInfo) -> Result<Option<T>> {
        Ok(found)
    }
}

/// A relation of the model `M` that leads to the model `T`, for the attributes that name one.
#[diagnostic::on_unimplemented(
    message = "this relation does not lead from `{M}` to `{T}`",
    label = "leads from another model or to another one",
    note = "`has_many(books = Book::author)` on `Author` needs a foreign key `author` of `Book` of type `Key<Author>`"
)]
pub trait Between<M, T> {}

impl<R: Relation> Between<R::Source, R::Target> for R {}

/// The column of a foreign key, for the `has_many` of the model that it refers to.
pub const fn foreign_key<Source, Target, R>(_: ToOne<Target, R>) -> &'static ColumnInfo
where
    Source: Model,
    Target: Model,
    R: Relation + Between<Target, Source>,
{
    match R::INFO.link {
        Link::ForeignKey(column) => column,
        _ => panic!("the relation is not a foreign key of that model: name the field of the foreign key"),
    }
}

/// The column of a unique foreign key, for the `has_one` of the model that it refers to.
pub const fn has_one_key<Source, Target, R>(relation: ToOne<Target, R>) -> &'static ColumnInfo
where
    Source: Model,
    Target: Model,
    R: Relation + Between<Target, Source>,
{
    let column = foreign_key::<Source, Target, R>(relation);
    if !column.unique {
        panic!("`has_one` needs a unique foreign key: mark the field with `#[model(unique)]`, or use `has_many`");
    }
    column
}

/// The table of pairs of a many-to-many relation, for its other side.
pub const fn junction<Source, Target, R>(_: ToMany<Target, R>) -> JunctionInfo
where
    Source: Model,
    Target: Model,
    R: Relation + Between<Target, Source>,
{
    match R::INFO.link {
        Link::Junction(junction) => JunctionInfo { reversed: !junction.reversed, ..junction },
        _ => panic!("the relation is not many-to-many: name the one that the other model declares"),
    }
}
