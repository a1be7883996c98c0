//! What relations are, as types.

use std::marker::PhantomData;

use super::{Model, SingleKey};
use crate::column::{Nullability, Nullable};
use crate::error::{Error, Result};
use crate::table::{ColumnInfo, JunctionInfo, Link, RelationInfo, TableInfo};
use crate::value::Value;

/// The relation with the number `N` of a model, which leads to the model `T`, as the derive describes it.
///
/// The target is no associated type, so that a model may refer to one that is less visible than itself.
pub trait RelationOf<T: Model, const N: usize>: Model {
    /// How many related rows there are.
    type Cardinality: Cardinality;
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
    type Cardinality: Cardinality;
    /// The relation as plain data.
    #[doc(hidden)]
    const INFO: &'static RelationInfo;
}

impl<M: RelationOf<T, N>, T: Model, const N: usize> Relation for Rel<M, T, N> {
    type Source = M;
    type Target = T;
    type Cardinality = M::Cardinality;
    const INFO: &'static RelationInfo = M::INFO;
}

/// The relation with the number `N` of a model to the rows of the model `T` that refer to it, as the derive describes it.
pub trait ReferrersOf<T, const N: usize> {
    /// The place of the foreign key among the columns of `T`, as a [`ColumnAt`].
    type Column;
}

/// A relation to the rows that refer to a row, as the `has_many` of a model says.
pub trait Referrers: Relation {
    /// The place of the foreign key among the columns of the related model.
    #[doc(hidden)]
    type Column;
}

impl<M: RelationOf<T, N> + ReferrersOf<T, N>, T: Model, const N: usize> Referrers for Rel<M, T, N> {
    type Column = M::Column;
}

/// The many-to-many relation with the number `N` of a model to the model `O`, whose pairs are rows of the model `T`, as the derive
/// describes it.
pub trait PairsAre<T, O, const N: usize> {}

/// A many-to-many relation whose pairs are rows of the model `T`.
#[diagnostic::on_unimplemented(
    message = "the pairs of this relation have no values of their own",
    label = "not a relation that is declared with `through = …` and a model",
    note = "write `many_to_many(courses = Course, through = Enrolment)` on the model, and call `add_with` on that side: \
            `student.courses(&db).add_with(&course, |e| e.term.given(2))`"
)]
pub trait PairsIn<T>: Relation {}

#[diagnostic::do_not_recommend]
impl<T, M: RelationOf<O, N> + PairsAre<T, O, N>, O: Model, const N: usize> PairsIn<T> for Rel<M, O, N> {}

/// The place of a column in its table, as a type.
#[derive(Debug)]
pub struct ColumnAt<const PLACE: usize>;

/// The place of the foreign key, in the table that has it, by which the rows of a relation refer to a row.
pub const fn place_of_key(table: &TableInfo, relation: &RelationInfo) -> usize {
    let Link::Referrer(column) = relation.link else {
        panic!("the rows of this relation do not refer to a row");
    };
    let mut place = 0;
    while place < table.columns.len() {
        if is_same(table.columns[place].name, column.name) {
            return place;
        }
        place += 1;
    }
    panic!("the foreign key of the relation is no column of the related model");
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// How many related rows there are: [`One`], [`Optional`] or [`Many`].
pub trait Cardinality: 'static {
    /// The nullability of a path that continues with such a relation.
    #[doc(hidden)]
    type After<P: Nullability>: Nullability;
}

/// One related row: a foreign key that is never `NULL`.
#[derive(Debug)]
pub struct One;

/// One related row or none: a nullable foreign key, or the other side of a unique one.
#[derive(Debug)]
pub struct Optional;

/// Any number of related rows.
#[derive(Debug)]
pub struct Many;

impl Cardinality for One {
    type After<P: Nullability> = P;
}

impl Cardinality for Optional {
    type After<P: Nullability> = Nullable;
}

impl Cardinality for Many {
    type After<P: Nullability> = Nullable;
}

/// The cardinalities of to-one relations: a related row is a `T` or an `Option<T>`.
pub trait AtMostOne: Cardinality {
    /// `T` or `Option<T>`.
    type Of<T: Send + 'static>: Send + 'static;
    /// Whether the related row must be there.
    #[doc(hidden)]
    const REQUIRED: bool;

    /// A related row.
    #[doc(hidden)]
    fn present<T: Send + 'static>(row: T) -> Self::Of<T>;

    /// What there is instead of a related row, if there may be none.
    #[doc(hidden)]
    fn absent<T: Send + 'static>() -> Option<Self::Of<T>>;

    /// The related row, if there is one.
    #[doc(hidden)]
    fn into_option<T: Send + 'static>(row: Self::Of<T>) -> Option<T>;

    /// What was found, if it may be so. The key, where it is known, is what leads to the row.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParent`] when a row that must be there is not, which a foreign key prevents as long as it is
    /// enforced.
    #[doc(hidden)]
    fn found<T: Send + 'static>(
        found: Option<T>,
        relation: &'static RelationInfo,
        key: impl FnOnce() -> Option<Value>,
    ) -> Result<Self::Of<T>> {
        match found {
            Some(row) => Ok(Self::present(row)),
            None => Self::absent().ok_or_else(|| Error::missing_parent(relation, (relation.target)(), key())),
        }
    }
}

impl AtMostOne for One {
    type Of<T: Send + 'static> = T;
    const REQUIRED: bool = true;

    fn present<T: Send + 'static>(row: T) -> T {
        row
    }

    fn absent<T: Send + 'static>() -> Option<T> {
        None
    }

    fn into_option<T: Send + 'static>(row: T) -> Option<T> {
        Some(row)
    }
}

impl AtMostOne for Optional {
    type Of<T: Send + 'static> = Option<T>;
    const REQUIRED: bool = false;

    fn present<T: Send + 'static>(row: T) -> Option<T> {
        Some(row)
    }

    fn absent<T: Send + 'static>() -> Option<Option<T>> {
        Some(None)
    }

    fn into_option<T: Send + 'static>(row: Option<T>) -> Option<T> {
        row
    }
}

impl Error {
    /// The foreign key of the relation leads to no row of the target.
    pub(crate) fn missing_parent(relation: &RelationInfo, target: &TableInfo, key: Option<Value>) -> Self {
        Self::MissingParent {
            table: (relation.source)().name.to_owned(),
            column: relation.source_column().name.to_owned(),
            key: key.map(|key| key.to_string()),
            target: target.name.to_owned(),
        }
    }
}

/// A relation to the model `M` over a foreign key, for the `has_many` and `has_one` of `M`.
#[diagnostic::on_unimplemented(
    message = "`has_many` and `has_one` take the relation of a foreign key to `{M}`, and this is not one",
    label = "not the relation of a foreign key to `{M}`",
    note = "`has_many(books = Book::author)` on `Author` needs a field `author_id: Key<Author>` in `Book`",
    note = "a relation is named without the `_id` of its field, or as `relation = \"…\"` on the field says",
    note = "the other side of a many-to-many relation is `many_to_many(books = Book::tags)`"
)]
pub trait RefersTo<M>: Copy {
    /// The relation.
    const INFO: &'static RelationInfo;
}

/// A relation to the model `M` over a table of pairs, for the other side of a `many_to_many`.
#[diagnostic::on_unimplemented(
    message = "`many_to_many` takes a model, or the many-to-many relation of another model to `{M}`, and this is neither",
    label = "not a many-to-many relation to `{M}`",
    note = "`many_to_many(books = Book::tags)` on `Tag` needs `many_to_many(tags = Tag)` on `Book`",
    note = "the other side of a foreign key is `has_many(books = Book::author)`"
)]
pub trait PairsWith<M>: Copy {
    /// The relation.
    const INFO: &'static RelationInfo;
}

/// The column of a foreign key, for the `has_many` of the model `M` that it refers to.
pub const fn foreign_key<M: Model, R: RefersTo<M>>(_: R) -> &'static ColumnInfo {
    match R::INFO.link {
        Link::ForeignKey(column) => column,
        _ => panic!("this relation has no foreign key of its own: name the one that has, on the other model"),
    }
}

/// The column of a unique foreign key, for the `has_one` of the model `M` that it refers to.
pub const fn has_one_key<M: Model, R: RefersTo<M>>(relation: R) -> &'static ColumnInfo {
    let column = foreign_key::<M, R>(relation);
    if !column.unique {
        panic!("`has_one` needs a unique foreign key: mark the field with `#[model(unique)]`, or use `has_many`");
    }
    column
}

/// The table of pairs of a many-to-many relation, for its other side.
pub const fn junction<M: Model, R: PairsWith<M>>(_: R) -> JunctionInfo {
    match R::INFO.link {
        Link::Junction(junction) => JunctionInfo { reversed: !junction.reversed, ..junction },
        _ => panic!("this relation is not many-to-many: the other side of `has_many` is the foreign key itself"),
    }
}

/// A side of a table of pairs, in which a column refers to it.
pub const fn side<M: Model<RawKey: SingleKey>>() -> fn() -> &'static TableInfo {
    || M::TABLE
}

/// The table of a model that stands between two others, each of whose rows is a pair.
pub const fn between<M: Model>() -> fn() -> &'static TableInfo {
    if M::TABLE.soft_delete.is_some() {
        panic!(
            "a pair is there or is not: a model between two others has no `soft_delete`; declare `has_many` to it on both sides instead"
        );
    }
    || M::TABLE
}

/// The same model, for `symmetrical`.
#[diagnostic::on_unimplemented(
    message = "a symmetrical relation leads from a model to the same model, not from `{M}` to `{Self}`",
    label = "another model than `{M}`",
    note = "leave out `symmetrical`: each of the two models can give its side of the relation a name"
)]
pub trait Same<M> {}

impl<M> Same<M> for M {}

/// Says that a relation counts in both directions.
pub const fn symmetrical<M: Model, T: Same<M>>() -> bool {
    true
}
