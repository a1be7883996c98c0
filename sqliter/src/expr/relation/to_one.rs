//! To-one relations as fields of the columns that closures get.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::expr::Condition;
use crate::model::{Columns, Model, Optional, Path, RefersTo, Rel, Relation, RelationOf, Via};
use crate::sql::ast::Expr;
use crate::table::{Link, RelationInfo};

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

impl<P: Path, R: Relation<Cardinality = Optional>> ToOne<P, R> {
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
            Link::ForeignKey(column) if R::INFO.leaves_out_deleted_by().is_none() => Expr::column(P::NODE, column),
            Link::ForeignKey(_) | Link::Referrer(_) | Link::Junction(_) => {
                Expr::column(<Via<P, R> as Path>::NODE, R::Target::TABLE.key_column())
            }
        };
        Expr::IsNull { value: value.into(), negated }
    }
}

#[diagnostic::do_not_recommend]
impl<M: RelationOf<T, N>, T: Model, const N: usize> RefersTo<T> for ToOne<M, Rel<M, T, N>> {
    const INFO: &'static RelationInfo = <M as RelationOf<T, N>>::INFO;
}
