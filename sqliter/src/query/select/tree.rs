//! Rows that lead to each other: trees, what is below a row, what is above it.

use std::sync::Arc;

use super::{Grown, Select};
use crate::column::IntoValue;
use crate::expr::{Computed, Filter, ToItself};
use crate::model::{AsKey, Columns, Key, Model, SingleKey};
use crate::query::{Append, AtMostSixteen, Entity, Load, LoadsModels, TreeQuery};
use crate::sql::ast::{ColumnRef, Expr, SortKey};
use crate::sql::{Reached, Start};

/// How many steps lead to each row.
type Depth<M> = (Computed<M, i64>,);

impl<'s, M: Model, P> Select<'s, M, Entity<M>, P> {
    /// Rows as trees, read by one recursive statement: the relation leads from a row to its children, and the condition says where
    /// the trees begin. A root is a row that meets it and whose parent does not: of `|c| c.issue_id.eq(key)`, which all comments of an
    /// issue meet, these are the comments that are no replies; `|c| c.parent_id.is_null()` are the rows without a parent, and
    /// `|c| c.pk.eq(key)` is a part of a tree.
    ///
    /// The chain so far chooses the rows, and the order of the roots and of the rows below one row. A row that it leaves out is left out
    /// with everything below it, and so is a row that is deleted softly. A limit before this call limits these rows.
    /// [`limit`](TreeQuery::limit) and [`offset`](TreeQuery::offset) after it limit the trees,
    /// [`to_depth`](crate::relation::ToMany::to_depth) their depth.
    ///
    /// ```
    /// use sqliter::prelude::*;
    /// use sqliter::Tree;
    ///
    /// #[derive(Debug, Clone, PartialEq, Model)]
    /// #[model(has_many(replies = Comment::parent))]
    /// struct Comment {
    ///     pk: Key<Comment>,
    ///     text: String,
    ///     parent_id: Option<Key<Comment>>,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Comment>().await?;
    /// let first = db.insert(Comment::builder().text("first")).await?;
    /// db.insert(Comment::builder().text("reply").parent_id(&first)).await?;
    /// let trees: Vec<Tree<Comment>> =
    ///     db.select::<Comment>().order(|c| c.pk.asc()).tree(|c| c.replies, |c| c.parent_id.is_null()).await?;
    /// assert_eq!(trees[0].row, first);
    /// assert_eq!(trees[0].children[0].row.text, "reply");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`](crate::Error::Cycle) when rows that meet the condition, or are below some that do, lead to each other in a circle; with a limit of
    /// trees or levels only of circles that the trees come to. [`Error::TreeTooDeep`](crate::Error::TreeTooDeep) when there are more levels than
    /// [`Tree::MOST_DEEP`](crate::Tree::MOST_DEEP); else as [`fetch_all`](Self::fetch_all).
    pub fn tree<R: ToItself<M>, C: Filter<M>>(
        self,
        children: impl FnOnce(&M::Columns<M>) -> R,
        start: impl FnOnce(&M::Columns<M>) -> C,
    ) -> TreeQuery<'s, M>
    where
        M::RawKey: SingleKey,
    {
        let columns = M::Columns::<M>::COLUMNS;
        let levels = children(columns).levels();
        let start = start(columns).into_condition().into_expr();
        TreeQuery::new(self.session, self.query, R::PARENT, levels, start)
    }
}

impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// The rows below a row, on all levels, without the row itself; the relation leads from a row to its children. They are sorted by
    /// level first, then by the order so far and that of later calls; [`reorder`](Self::reorder) replaces that. A circle of rows ends
    /// where it comes to the row again.
    ///
    /// The chain so far chooses the rows on the way: one that it leaves out is left out with everything below it. Later conditions
    /// choose among the rows found. The result is a chain like any other: it can be filtered, counted, updated, deleted.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(parts = Folder::parent))]
    /// # struct Folder { pk: Key<Folder>, name: String, parent_id: Option<Key<Folder>> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Folder>().await?;
    /// let home = db.insert(Folder::builder().name("home")).await?;
    /// let music = db.insert(Folder::builder().name("music").parent_id(&home)).await?;
    /// let jazz = db.insert(Folder::builder().name("jazz").parent_id(&music)).await?;
    /// let below: Vec<(Folder, i64)> = db.select::<Folder>().descendants(|f| f.parts, &home).with_depth().fetch_all().await?;
    /// assert_eq!(below, [(music.clone(), 1), (jazz.clone(), 2)]);
    /// let way: Vec<Folder> = db.select::<Folder>().ancestors(|f| f.parts, &jazz).reversed().fetch_all().await?;
    /// assert_eq!(way, [home, music]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`to_depth`](crate::relation::ToMany::to_depth) of the relation limits the levels: `.descendants(|f| f.parts.to_depth(1), &home)`
    /// are the children.
    pub fn descendants<R: ToItself<M>>(
        self,
        children: impl FnOnce(&M::Columns<M>) -> R,
        of: impl AsKey<Model = M>,
    ) -> Select<'s, M, S>
    where
        M::RawKey: SingleKey,
    {
        self.reached(&children(M::Columns::<M>::COLUMNS), of, Start::Below)
    }

    /// The rows above a row: its parent, that of the parent and so on, the nearest first, without the row itself; the relation leads from
    /// a row to its children. Else as [`descendants`](Self::descendants): a row that the chain before leaves out ends the way.
    pub fn ancestors<R: ToItself<M>>(
        self,
        children: impl FnOnce(&M::Columns<M>) -> R,
        of: impl AsKey<Model = M>,
    ) -> Select<'s, M, S>
    where
        M::RawKey: SingleKey,
    {
        self.reached(&children(M::Columns::<M>::COLUMNS), of, Start::Above)
    }

    fn reached<R: ToItself<M>>(
        self,
        children: &R,
        of: impl AsKey<Model = M>,
        from: fn(Expr) -> Start,
    ) -> Select<'s, M, S>
    where
        M::RawKey: SingleKey,
    {
        let mut chain = self.select();
        let through = chain.query.through();
        let key = Expr::value(IntoValue::<Key<M>>::into_value(of.as_key()), M::TABLE.key_column().name);
        let reached =
            Reached { parent: ColumnRef::own(R::PARENT), from: from(key), through, levels: children.levels() };
        chain.query.reached = Some(Arc::new(reached));
        chain.query.order.insert(0, SortKey { value: Expr::depth_of_row(), descending: false, nulls: None });
        chain
    }

    /// How many steps lead to each row beside it: of a chain of [`descendants`](Self::descendants) or
    /// [`ancestors`](Self::ancestors), 1 for the children or the parent.
    ///
    /// # Errors
    ///
    /// Another chain is [`Error::NoDepth`](crate::Error::NoDepth) when it is about to run.
    pub fn with_depth(self) -> Select<'s, M, Grown<S::Parts, Depth<M>>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<Depth<M>, Output: AtMostSixteen>,
    {
        self.append((Computed::new(Expr::depth_of_row()),))
    }
}
