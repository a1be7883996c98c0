//! What is computed of all that a chain gives, written with the library.

use sqliter::bounds::{Computed, HoldsComparable, PerGroup, PerRow};
use sqliter::{Result, Session, count};

use super::access::{Root, with_model};
use super::chains::{finished, item, select};
use super::derived::Derived;
use super::slots_typed::{Slot, condition, over};
use super::terminals::{Got, Output, Terminal, groups};
use super::tree::{Aggregate, Chain, Item, Load};
use super::typed::{Dynamic, Side, aggregate_of, condition_of, value};
use super::types::{Held, Stored, Type};
use super::windows::Window;

pub async fn run(session: &Session, of: &Derived) -> Result<Got> {
    match of {
        Derived::Windows { chain, window, terminal } => {
            with_model!(chain.root, M => Box::pin(windows::<M>(session, chain, window, terminal)).await)
        }
        Derived::Aggregates { chain, of } => with_model!(chain.root, M => aggregates::<M>(session, chain, of).await),
    }
}

/// With the conditions on groups, their order and their limit.
macro_rules! having {
    ($m:ty, $select:expr, $chain:expr, $keys:expr, $having:expr) => {{
        let mut select = $select;
        for condition in $having {
            select = select.having(|c| condition_of::<$m, PerGroup>(c, condition));
        }
        finished(select, &$chain.slice, $keys)
    }};
}

async fn windows<M: Root>(session: &Session, chain: &Chain, of: &Window, terminal: &Terminal) -> Result<Got> {
    let Load::Groups { keys, aggregates, having } = &chain.load else { panic!("{chain:?} gives no groups") };
    let around = |c: &M::Columns<M>| {
        let keys = keys.iter().map(|key| Slot::Row(value::<M, PerRow>(c, &key.value)));
        let values = aggregates.iter().map(|of| Slot::Own(value::<M, PerGroup>(c, &of.value)));
        over(of, &keys.chain(values).collect::<Vec<_>>())
    };
    let first = |c: &M::Columns<M>| item::<M, PerGroup>(c, &aggregates[0]);
    let key = |c: &M::Columns<M>, number: usize| item::<M, PerRow>(c, &keys[number]);
    let select = select::<M>(session, chain);
    match keys.len() {
        0 => groups(having!(M, select.annotate(|c| (first(c), around(c))), chain, keys, having), terminal).await,
        1 => {
            let select = select.group_by(|c| key(c, 0)).annotate(|c| (first(c), around(c)));
            groups(having!(M, select, chain, keys, having), terminal).await
        }
        _ => {
            let select = select.group_by(|c| (key(c, 0), key(c, 1))).annotate(|c| (first(c), around(c)));
            groups(having!(M, select, chain, keys, having), terminal).await
        }
    }
}

async fn aggregates<M: Root>(session: &Session, chain: &Chain, of: &[Aggregate; 2]) -> Result<Got> {
    match chain.value().of() {
        Type::Int => Box::pin(aggregates_of::<M, i64>(session, chain, of)).await,
        Type::Real => Box::pin(aggregates_of::<M, f64>(session, chain, of)).await,
        Type::Text => Box::pin(aggregates_of::<M, String>(session, chain, of)).await,
        Type::Decimal => Box::pin(aggregates_of::<M, rust_decimal::Decimal>(session, chain, of)).await,
        Type::ChronoDate => Box::pin(aggregates_of::<M, chrono::NaiveDate>(session, chain, of)).await,
        other => panic!("{other:?} is not aggregated again"),
    }
}

async fn aggregates_of<M: Root, T: Held>(session: &Session, chain: &Chain, of: &[Aggregate; 2]) -> Result<Got>
where
    Option<T>: HoldsComparable,
{
    fn given<M: Root, L: Side<M>, T: Held>(c: &M::Columns<M>, item: &Item) -> Computed<M, Option<T>, L> {
        value::<M, L>(c, &item.value).into_stored().retyped()
    }
    let both = |value: Computed<M, Option<T>>| (one::<M, T>(&value, &of[0]), one::<M, T>(&value, &of[1]));
    let select = select::<M>(session, chain);
    let (a, b) = match &chain.load {
        Load::Fields(items) => select.only(|c| given::<M, PerRow, T>(c, &items[0])).aggregate(both).await?,
        Load::Distinct(items) => {
            let select = select.only(|c| given::<M, PerRow, T>(c, &items[0])).distinct();
            finished(select, &chain.slice, items).aggregate(both).await?
        }
        Load::Groups { keys, aggregates, having } if keys.is_empty() => {
            let select = select.annotate(|c| given::<M, PerGroup, T>(c, &aggregates[0]));
            having!(M, select, chain, keys, having).aggregate(both).await?
        }
        Load::Groups { keys, aggregates, having } => {
            let select = select.group_by(|c| item::<M, PerRow>(c, &keys[0]));
            let select = select.annotate(|c| given::<M, PerGroup, T>(c, &aggregates[0]));
            having!(M, select, chain, keys, having).aggregate(|(_, value)| both(value)).await?
        }
        other => panic!("{other:?} gives no values"),
    };
    Ok(Got::Rows(vec![(a, b).nested()]))
}

fn one<M: Root, T: Held>(value: &Computed<M, Option<T>>, of: &Aggregate) -> Computed<M, Stored, PerGroup>
where
    Option<T>: HoldsComparable,
{
    let value = || Dynamic::new(T::TYPE, value.clone().retyped());
    let aggregate =
        if of.value.is_none() { count().retyped() } else { aggregate_of(value(), of.function, of.distinct) };
    match &of.filter {
        Some(filter) => aggregate.filter(condition(value(), filter)),
        None => aggregate,
    }
}
