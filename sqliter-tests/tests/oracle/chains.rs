//! Chains of the library made from those of the oracle.

use sqliter::bounds::{Computed, PerGroup, PerRow, PerWindow};
use sqliter::{Result, Select, Session};

use super::access::{Root, with_model};
use super::answer::Nested;
use super::shapes::Shaped;
use super::terminals::{Got, Terminal, any, groups, rows, streamed};
use super::tree::{Chain, Expr, Item, Load, Slice};
use super::typed::{Side, condition, condition_of, order, value};
use super::types::Stored;

/// Filters, and for groups what comes before them.
pub fn select<'s, M: Root>(session: &'s Session, chain: &Chain) -> Select<'s, M> {
    let mut select = M::which(session, chain.deleted);
    for filter in &chain.filters {
        select = select.filter(|columns| condition(columns, filter));
    }
    for qualify in &chain.qualify {
        select = sliced(select, &qualify.before);
        select = select.qualify(|columns| condition_of::<M, PerWindow>(columns, &qualify.test));
        for filter in &qualify.filters {
            select = select.filter(|columns| condition(columns, filter));
        }
    }
    match (&chain.before, &chain.load) {
        (Some(before), _) => sliced(select, before),
        (None, Load::Groups { .. } | Load::Distinct(_)) => select,
        (None, _) => sliced(select, &chain.slice),
    }
}

pub fn sliced<'s, M: Root>(mut select: Select<'s, M>, slice: &Slice) -> Select<'s, M> {
    for key in &slice.order {
        select = if key.value.has_window() {
            select.order(|columns| order::<M, PerWindow>(columns, key))
        } else {
            select.order(|columns| order::<M, PerRow>(columns, key))
        };
    }
    if let Some(limit) = slice.limit {
        select = select.limit(limit);
    }
    if slice.offset > 0 { select.offset(slice.offset) } else { select }
}

/// A value that each row has, as it is stored.
pub fn item<M: Root, L: Side<M>>(columns: &M::Columns<M>, item: &Item) -> Computed<M, Stored, L> {
    value::<M, L>(columns, &item.value).into_stored()
}

fn alias(item: &Item) -> String {
    item.alias.clone().unwrap_or_else(|| "value".to_owned())
}

/// A tuple of the items, with their names or without.
macro_rules! tuple {
    ($level:ty, $columns:expr, $items:expr, plain, $($position:tt)*) => {
        ($(item::<_, $level>($columns, &$items[$position]),)*)
    };
    ($level:ty, $columns:expr, $items:expr, named, $($position:tt)*) => {
        ($(item::<_, $level>($columns, &$items[$position]).alias(alias(&$items[$position])),)*)
    };
}

pub async fn run(session: &Session, chain: &Chain, terminal: &Terminal) -> Result<Got> {
    with_model!(chain.root, M => Box::pin(run_of::<M>(session, chain, terminal)).await)
}

async fn run_of<M: Shaped + super::views::Viewable + super::terminals::Output>(
    session: &Session,
    chain: &Chain,
    terminal: &Terminal,
) -> Result<Got> {
    let select = select::<M>(session, chain);
    match &chain.load {
        Load::Rows => match terminal {
            Terminal::Related(relation, each) => {
                let rows = select.fetch_all().await?;
                let related = M::fetched(session, &rows, *relation, *each).await?;
                let beside =
                    rows.into_iter().zip(related).map(|(row, related)| Nested::Tuple(vec![row.nested(), related]));
                Ok(Got::Rows(beside.collect()))
            }
            terminal => streamed(select, terminal).await,
        },
        Load::Shape(shape, lists) => M::shape(select, *shape, lists, terminal).await,
        Load::View(view) => M::viewed(select, *view, terminal).await,
        Load::Values(value) if value.value.has_window() => {
            groups(select.with_values(|c| item::<M, PerWindow>(c, value)), terminal).await
        }
        Load::Values(value) => streamed(select.with_values(|c| item::<M, PerRow>(c, value)), terminal).await,
        Load::Exclude(excluded) => {
            let (first, others) = excluded.split_first().unwrap();
            let column =
                |c: &M::Columns<M>, (path, column): (usize, usize)| M::at(c, path).column(column).into_stored();
            let mut select = select.exclude(|c| column(c, *first));
            for other in others {
                select = select.exclude(|c| column(c, *other));
            }
            rows(select, terminal).await
        }
        Load::Fields(items) if items.iter().any(|item| item.value.has_window()) => match items.len() {
            1 => groups(select.only(|c| item::<M, PerWindow>(c, &items[0])), terminal).await,
            _ => groups(select.fields(|c| tuple!(PerWindow, c, items, plain, 0 1)), terminal).await,
        },
        Load::Fields(items) => {
            let named = items.iter().any(|item| item.alias.is_some());
            match (items.len(), named) {
                (1, false) => streamed(select.only(|c| item::<M, PerRow>(c, &items[0])), terminal).await,
                (1, true) => {
                    streamed(select.only(|c| item::<M, PerRow>(c, &items[0]).alias(alias(&items[0]))), terminal).await
                }
                (2, false) => streamed(select.fields(|c| tuple!(PerRow, c, items, plain, 0 1)), terminal).await,
                (2, true) => streamed(select.fields(|c| tuple!(PerRow, c, items, named, 0 1)), terminal).await,
                _ => streamed(select.fields(|c| tuple!(PerRow, c, items, plain, 0 1 2)), terminal).await,
            }
        }
        Load::Distinct(items) => match items.len() {
            1 => {
                let select = select.only(|c| item::<M, PerRow>(c, &items[0])).distinct();
                any(finished(select, &chain.slice, items), terminal).await
            }
            _ => {
                let select = select.fields(|c| tuple!(PerRow, c, items, plain, 0 1)).distinct();
                any(finished(select, &chain.slice, items), terminal).await
            }
        },
        Load::Groups { keys, aggregates, having } => {
            // What comes is the same type whichever of its parts are keys.
            macro_rules! run {
                ($select:expr) => {{
                    let mut select = $select;
                    for condition in having {
                        select = select.having(|c| condition_of::<M, PerGroup>(c, condition));
                    }
                    groups(finished(select, &chain.slice, keys), terminal).await
                }};
            }
            let named = keys.iter().chain(aggregates).any(|item| item.alias.is_some());
            match (keys.len(), aggregates.len(), named) {
                (0, 1, _) => run!(select.annotate(|c| tuple!(PerGroup, c, aggregates, plain, 0))),
                (0, _, _) => run!(select.annotate(|c| tuple!(PerGroup, c, aggregates, plain, 0 1))),
                (1, 0, _) => run!(select.group_by(|c| tuple!(PerRow, c, keys, plain, 0))),
                (1, 1, false) => {
                    let select = select.group_by(|c| tuple!(PerRow, c, keys, plain, 0));
                    run!(select.annotate(|c| tuple!(PerGroup, c, aggregates, plain, 0)))
                }
                (1, 1, true) => {
                    let select = select.group_by(|c| tuple!(PerRow, c, keys, named, 0));
                    run!(select.annotate(|c| tuple!(PerGroup, c, aggregates, named, 0)))
                }
                (1, _, _) => {
                    let select = select.group_by(|c| tuple!(PerRow, c, keys, plain, 0));
                    run!(select.annotate(|c| tuple!(PerGroup, c, aggregates, plain, 0 1)))
                }
                (_, 0, _) => run!(select.group_by(|c| tuple!(PerRow, c, keys, plain, 0 1))),
                (_, _, _) => {
                    let select = select.group_by(|c| tuple!(PerRow, c, keys, plain, 0 1));
                    run!(select.annotate(|c| tuple!(PerGroup, c, aggregates, plain, 0)))
                }
            }
        }
    }
}

/// Order, limit and offset of groups.
pub fn finished<'s, M: Root, L: sqliter::bounds::Load<M, Level = PerGroup>>(
    mut select: Select<'s, M, L>,
    slice: &Slice,
    keys: &[Item],
) -> Select<'s, M, L> {
    for key in &slice.order {
        let by_group: &Expr = &key.value;
        select = if keys.iter().any(|item| item.value == *by_group) {
            select.order(|columns| order::<M, PerRow>(columns, key))
        } else {
            select.order(|columns| order::<M, PerGroup>(columns, key))
        };
    }
    if let Some(limit) = slice.limit {
        select = select.limit(limit);
    }
    if slice.offset > 0 { select.offset(slice.offset) } else { select }
}
