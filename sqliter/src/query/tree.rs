//! Trees of rows.

use std::collections::{HashMap, HashSet};
use std::future::IntoFuture;

use serde::{Deserialize, Serialize};

use super::{Entity, run};
use crate::error::{Error, Result};
use crate::expr::{ChainsOfTrees, Computed};
use crate::model::{Key, Model, SingleKey};
use crate::session::{Pending, Session};
use crate::sql::ast::{ColumnRef, Comparison, Expr, Outer, Subquery};
use crate::sql::{Deleted, Query, Reached, Start};
use crate::table::ColumnInfo;

/// A row with the rows below it, from [`Select::tree`](crate::Select::tree).
///
/// In JSON it is `{"row": …, "children": […]}`. It has at most [`Tree::MOST_DEEP`] levels, so that whatever goes down a tree step by
/// step, as serde does and Rust where it drops one, has room on the stack of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree<T> {
    /// The row.
    pub row: T,
    /// What is directly below it, in the order of the chain.
    pub children: Vec<Self>,
}

impl<T> Tree<T> {
    /// How many levels a tree that is read may have, that of the root included.
    pub const MOST_DEEP: usize = 1024;

    /// All rows of the tree with the level of each, 0 for the root: each before those below it.
    ///
    /// ```
    /// # use sqliter::Tree;
    /// let leaf = |row| Tree { row, children: vec![] };
    /// let tree = Tree { row: 'a', children: vec![Tree { row: 'b', children: vec![leaf('c')] }, leaf('d')] };
    /// assert_eq!(tree.iter().collect::<Vec<_>>(), [(0, &'a'), (1, &'b'), (2, &'c'), (1, &'d')]);
    /// assert_eq!((tree.rows(), tree.levels()), (4, 3));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let mut next = vec![(0, self)];
        std::iter::from_fn(move || {
            let (level, tree) = next.pop()?;
            next.extend(tree.children.iter().rev().map(|child| (level + 1, child)));
            Some((level, &tree.row))
        })
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.iter().count()
    }

    /// How many levels it has: 1 for a row with nothing below it.
    pub fn levels(&self) -> usize {
        self.iter().map(|(level, _)| level + 1).max().unwrap_or_default()
    }

    /// The tree with what the function makes of each row.
    pub fn map<U>(self, mut each: impl FnMut(T) -> U) -> Tree<U> {
        self.mapped(&mut each)
    }

    fn mapped<U>(self, each: &mut impl FnMut(T) -> U) -> Tree<U> {
        let Self { row, children } = self;
        let row = each(row);
        Tree { row, children: children.into_iter().map(|child| child.mapped(each)).collect() }
    }
}

/// The reading of trees, from [`Select::tree`](crate::Select::tree); runs when it is awaited.
#[must_use = "nothing is read before this is awaited"]
pub struct TreeQuery<'s, M> {
    session: &'s Session,
    /// The rows that may come, in the order of siblings.
    query: Query,
    plan: Plan,
    model: std::marker::PhantomData<fn() -> M>,
}

/// Which trees.
#[derive(Debug)]
struct Plan {
    parent: &'static ColumnInfo,
    levels: Option<u64>,
    start: Expr,
    limit: Option<u64>,
    offset: u64,
}

impl<M> std::fmt::Debug for TreeQuery<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TreeQuery").field("query", &self.query).finish_non_exhaustive()
    }
}

impl<'s, M: Model<RawKey: SingleKey>> TreeQuery<'s, M> {
    pub(super) const fn new(
        session: &'s Session,
        query: Query,
        parent: &'static ColumnInfo,
        levels: Option<u64>,
        start: Expr,
    ) -> Self {
        let plan = Plan { parent, levels, start, limit: None, offset: 0 };
        Self { session, query, plan, model: std::marker::PhantomData }
    }

    /// At most this many trees; 0 gives none. A later call replaces an earlier one.
    pub const fn limit(mut self, trees: u64) -> Self {
        self.plan.limit = Some(trees);
        self
    }

    /// Skips this many trees. A later call replaces an earlier one.
    pub const fn offset(mut self, trees: u64) -> Self {
        self.plan.offset = trees;
        self
    }

    /// The statement that is run, for tests and logs.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] when a value of a condition has no form in SQLite.
    pub fn to_sql(&self) -> Result<crate::sql::Sql> {
        let (query, shape) = self.plan.nodes::<M>(self.query.clone());
        let mut columns = Vec::new();
        super::Shape::<M>::columns(&shape, &mut columns);
        run::statement(&query, &columns)
    }
}

/// What a chain has, and trees have not: the message says what to write instead.
#[doc(hidden)]
impl<'s, M> TreeQuery<'s, M> {
    pub fn filter<C>(self, _: C) -> Self
    where
        M: ChainsOfTrees,
    {
        M::never()
    }

    pub fn order<O>(self, _: O) -> Self
    where
        M: ChainsOfTrees,
    {
        M::never()
    }

    pub fn fetch_all(self) -> Pending<'s, Vec<Tree<M>>>
    where
        M: ChainsOfTrees,
    {
        M::never()
    }

    pub fn count(self) -> Pending<'s, u64>
    where
        M: ChainsOfTrees,
    {
        M::never()
    }
}

impl<'s, M: Model<RawKey: SingleKey>> IntoFuture for TreeQuery<'s, M> {
    type Output = Result<Vec<Tree<M>>>;
    type IntoFuture = Pending<'s, Vec<Tree<M>>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { session, query, plan, .. } = self;
        Box::pin(async move {
            let (query, shape) = plan.nodes::<M>(query);
            let rows = run::rows::<M, _>(session, query, shape, None).await?;
            let nodes = rows.into_iter().map(|(row, parent, is_root)| Node { row, parent, is_root }).collect();
            trees(nodes, &plan)
        })
    }
}

/// The row, the key of its parent, and whether it may be the root of a tree.
type NodeShape<M> = (Entity<M>, Computed<M, Option<Key<M>>>, Computed<M, bool>);

impl Plan {
    /// Whether some of the trees come only.
    const fn is_limited(&self) -> bool {
        self.limit.is_some() || self.offset > 0
    }

    /// The rows of all trees.
    fn nodes<M: Model<RawKey: SingleKey>>(&self, mut query: Query) -> (Query, NodeShape<M>) {
        let Self { parent, levels, start, limit, offset } = self;
        let through = query.through();
        // Below a row that is left out nothing comes: so the parent counts whether or not it comes itself.
        let is_parent = Expr::compare(
            Expr::column(None, M::TABLE.key_column()),
            Comparison::Equal,
            Expr::Outer(Box::new(Outer { value: Expr::column(None, parent).into(), root: Some(M::TABLE) })),
        );
        let parents = Query::new(M::TABLE).with(Deleted::Included).filtered(is_parent).filtered(start.clone());
        let is_root = start.clone().and(Expr::Not(Expr::Exists(Box::new(Subquery::new(parents, None))).into()));
        let begins = if self.is_limited() || levels.is_some() { is_root.clone() } else { start.clone() };
        let mut roots = through.clone().filtered(begins);
        if self.is_limited() {
            roots.order.clone_from(&query.order);
            (roots.limit, roots.offset) = (*limit, *offset);
            roots = roots.ordered();
        }
        let from = Start::At(Box::new(roots));
        query.reached =
            Some(std::sync::Arc::new(Reached { parent: ColumnRef::own(parent), from, through, levels: *levels }));
        let parent = Computed::new(Expr::column(None, parent));
        (query.ordered(), (Entity::new(), parent, Computed::new(is_root.truth())))
    }
}

struct Node<M: Model> {
    row: M,
    parent: Option<Key<M>>,
    is_root: bool,
}

/// Puts rows, which come in the order of siblings, under their parents.
fn trees<M: Model>(nodes: Vec<Node<M>>, plan: &Plan) -> Result<Vec<Tree<M>>> {
    let places: HashMap<Key<M>, usize> =
        nodes.iter().enumerate().map(|(place, node)| (node.row.primary_key(), place)).collect();
    let parents: Vec<Option<usize>> =
        nodes.iter().map(|node| node.parent.as_ref().and_then(|key| places.get(key)).copied()).collect();
    let mut children = vec![Vec::new(); nodes.len()];
    // Each row after its parent, with its level. What stands in no tree has none: the row above it was left out.
    let mut sorted: Vec<(usize, Option<u64>)> = Vec::with_capacity(nodes.len());
    for (place, (node, parent)) in nodes.iter().zip(&parents).enumerate() {
        match parent.and_then(|parent| children.get_mut(parent)) {
            Some(siblings) => siblings.push(place),
            None => sorted.push((place, node.is_root.then_some(0))),
        }
    }
    let is_root = |place: usize| !plan.is_limited() && nodes.get(place).is_some_and(|node| node.is_root);
    let mut done = 0;
    while let Some((place, level)) = sorted.get(done).copied() {
        done += 1;
        let Some(below) = children.get(place).filter(|below| !below.is_empty()) else { continue };
        let next = level.map(|level| level + 1).filter(|next| plan.levels.is_none_or(|levels| *next <= levels));
        if next.is_some_and(|next| next >= Tree::<M>::MOST_DEEP as u64) {
            return Err(Error::TreeTooDeep { table: M::TABLE.name.to_owned(), limit: Tree::<M>::MOST_DEEP });
        }
        // What is too deep here, or below a row that stands nowhere, may be a root by itself.
        sorted.extend(below.iter().map(|child| (*child, next.or_else(|| is_root(*child).then_some(0)))));
    }
    if sorted.len() < nodes.len() {
        check_circles(&nodes, &parents, plan.parent)?;
    }
    // From below, so that what is under a row is complete when the row is put under its parent.
    let mut rows: Vec<Option<M>> = nodes.into_iter().map(|node| Some(node.row)).collect();
    let mut below: Vec<Vec<Tree<M>>> = rows.iter().map(|_| Vec::new()).collect();
    let mut trees = Vec::new();
    for (place, level) in sorted.into_iter().rev() {
        let Some(level) = level else { continue };
        let Some(row) = rows.get_mut(place).and_then(Option::take) else { continue };
        let mut children = below.get_mut(place).map(std::mem::take).unwrap_or_default();
        children.reverse();
        let tree = Tree { row, children };
        match parents.get(place).copied().flatten().and_then(|parent| below.get_mut(parent)) {
            Some(siblings) if level > 0 => siblings.push(tree),
            _ => trees.push((place, tree)),
        }
    }
    trees.sort_unstable_by_key(|(place, _)| *place);
    Ok(trees.into_iter().map(|(_, tree)| tree).collect())
}

/// Finds rows that lead to each other in a circle.
fn check_circles<M: Model>(nodes: &[Node<M>], parents: &[Option<usize>], column: &ColumnInfo) -> Result<()> {
    let mut known = HashSet::new();
    for first in 0..nodes.len() {
        let mut way = Vec::new();
        let mut on_the_way = HashSet::new();
        let mut at = Some(first);
        while let Some(place) = at.filter(|place| !known.contains(place)) {
            if !on_the_way.insert(place) {
                let circle = way.iter().skip_while(|passed| **passed != place);
                let rows = circle.filter_map(|place| nodes.get(*place));
                let name = |node: &Node<M>| Ok(node.row.primary_key().stored()?.to_string());
                let keys = rows.map(name).collect::<Result<_>>()?;
                return Err(Error::Cycle { table: M::TABLE.name.to_owned(), column: column.name.to_owned(), keys });
            }
            way.push(place);
            at = parents.get(place).copied().flatten();
        }
        known.extend(way);
    }
    Ok(())
}
