//! Rows that lead to each other, written with the library.

use sqliter::bounds::{Entity, PerRow};
use sqliter::relation::ToItself;
use sqliter::{Error, Key, Result, Select, Session, Tree};

use super::access::Root;
use super::answer::Nested;
use super::catalog::TableId;
use super::chains::{select, sliced};
use super::check::{Failure, agree, judge};
use super::reached::{Expected, Reached, Reaching, parent};
use super::schema::{Person, Tag};
use super::store::number;
use super::terminals::{Got, Output, streamed};
use super::typed::{condition, order};
use super::types::Held;
use super::world::World;

/// In a transaction that is undone.
pub async fn failure(session: &Session, world: &World, of: &Reaching) -> Option<Failure> {
    let world = of.moved(world);
    let Ok(expected) = of.expected(&world) else { return None };
    let column = of.chain.root.table().columns[parent(of.chain.root)].field;
    let table = if of.chain.root == TableId::Tag { "position" } else { "t0" };
    for (key, parent) in &of.moves {
        let sql = format!("UPDATE {table} SET {column} = ? WHERE pk = ?");
        session.execute(&sql).bind(number(parent)).bind(number(key)).await.unwrap();
    }
    match (&of.what, expected) {
        (Reached::Rows { .. }, Expected::Rows(answer)) => judge(rows(session, of).await, &answer, &of.terminal),
        (_, expected) => {
            let trees = trees(session, of).await;
            let got = format!("{trees:?}");
            let (agrees, expected) = match (&trees, expected) {
                (Err(Error::Cycle { .. }), Expected::Cycle) => (true, String::new()),
                (_, Expected::Cycle) => (false, "a circle".to_owned()),
                (Ok(trees), Expected::Trees(expected)) => {
                    (agree(&Nested::List(expected.clone()), &Nested::List(trees.clone())), format!("{expected:?}"))
                }
                (_, Expected::Trees(expected)) => (false, format!("{expected:?}")),
                (_, Expected::Rows(_)) => (false, "rows".to_owned()),
            };
            if agrees { None } else { Some(Failure { got, expected }) }
        }
    }
}

/// The relation from a row to its children.
macro_rules! children {
    ($of:expr, $run:ident($($argument:expr),*)) => {
        match ($of.chain.root, $of.levels) {
            (TableId::Tag, None) => $run::<Tag, _>($($argument,)* |c| c.children).await,
            (TableId::Tag, Some(levels)) => $run::<Tag, _>($($argument,)* |c| c.children.to_depth(levels)).await,
            (_, None) => $run::<Person, _>($($argument,)* |c| c.pupils).await,
            (_, Some(levels)) => $run::<Person, _>($($argument,)* |c| c.pupils.to_depth(levels)).await,
        }
    };
}

async fn rows(session: &Session, of: &Reaching) -> Result<Got> {
    children!(of, rows_of(session, of))
}

async fn trees(session: &Session, of: &Reaching) -> Result<Vec<Nested>> {
    children!(of, trees_of(session, of))
}

async fn rows_of<M: Root<RawKey = i64> + Output, R: ToItself<M>>(
    session: &Session,
    of: &Reaching,
    children: impl FnOnce(&M::Columns<M>) -> R,
) -> Result<Got>
where
    Key<M>: Held,
{
    let Reached::Rows { above, key, reorder, filters, slice, with_depth } = &of.what else { panic!("no rows") };
    let key = <Key<M> as Held>::from_datum(key);
    let chain = select::<M>(session, &of.chain);
    let mut chain: Select<'_, M, Entity<M>> =
        if *above { chain.ancestors(children, key) } else { chain.descendants(children, key) };
    for filter in filters {
        chain = chain.filter(|columns| condition(columns, filter));
    }
    if *reorder {
        chain =
            chain.reorder(|columns| slice.order.iter().map(|key| order::<M, PerRow>(columns, key)).collect::<Vec<_>>());
    }
    let slice = if *reorder { super::tree::Slice { order: Vec::new(), ..slice.clone() } } else { slice.clone() };
    let chain = sliced(chain, &slice);
    if *with_depth { streamed(chain.with_depth(), &of.terminal).await } else { streamed(chain, &of.terminal).await }
}

async fn trees_of<M: Root<RawKey = i64> + Output, R: ToItself<M>>(
    session: &Session,
    of: &Reaching,
    children: impl FnOnce(&M::Columns<M>) -> R,
) -> Result<Vec<Nested>> {
    let Reached::Trees { start, limit, offset } = &of.what else { panic!("no trees") };
    let mut trees = select::<M>(session, &of.chain).tree(children, |columns| condition(columns, start));
    if let Some(limit) = limit {
        trees = trees.limit(*limit);
    }
    if *offset > 0 {
        trees = trees.offset(*offset);
    }
    Ok(trees.await?.into_iter().map(nested).collect())
}

fn nested<M: Output>(tree: Tree<M>) -> Nested {
    Nested::Tuple(vec![tree.row.nested(), Nested::List(tree.children.into_iter().map(nested).collect())])
}
