//! Two values that are together those of a row of a list: at random, and written with the library.

use rust_decimal::Decimal;
use sqliter::bounds::{Computed, HoldsComparable, IntoValue, PerGroup, PerRow, Together};
use sqliter::{Condition, Model};

use super::access::{Root, with_model};
use super::chains::{finished, select};
use super::datum::Datum;
use super::generate::{Place, aggregate, cond, expr, some_type};
use super::generate_chain::subquery;
use super::random::Random;
use super::subqueries::ELSEWHERE;
use super::tree::{Chain, Cond, Expr, Item, Load, RowList, Slice};
use super::typed::{Dynamic, Side, value};
use super::types::{Held, Type};
use super::values;

/// The types of values beside which lists stand as they are.
const LISTED: [Type; 4] = [Type::Int, Type::Text, Type::Decimal, Type::ChronoDate];

pub fn random(random: &mut Random, table: Place<'_>, depth: usize) -> Cond {
    if random.chance(50) {
        let types = [*random.pick(&LISTED), *random.pick(&LISTED)];
        let own = types.map(|of| expr(random, table, of, depth.min(1)));
        let rows = (0..random.below(4)).map(|_| types.map(|of| values::value(random, of)));
        return Cond::InRows(own, RowList::Values(rows.collect()));
    }
    let types = [some_type(random, table), some_type(random, table)];
    let own = types.map(|of| expr(random, table, of, depth.min(1)));
    // A chain of one value, with another one before it.
    let chain = subquery(random, &table, types[1], depth);
    let root = table.inside(chain.root);
    let first = Item { value: expr(random, root, types[0], 0), alias: None };
    let grouped = |random: &mut Random, first| {
        let second = aggregate(random, root, types[1], 0).expect("a type that can be compared");
        let second = Item { value: Expr::Aggregate(Box::new(second)), alias: None };
        Load::Groups { keys: vec![first], aggregates: vec![second], having: Vec::new() }
    };
    let load = match chain.load {
        Load::Fields(mut items) => {
            items.insert(0, first);
            Load::Fields(items)
        }
        Load::Distinct(mut items) => {
            items.insert(0, first);
            Load::Distinct(items)
        }
        _ => grouped(random, first),
    };
    // What sorts groups here would have to be one of their values.
    let slice = match &load {
        Load::Fields(_) => chain.slice,
        _ => Slice { order: Vec::new(), ..chain.slice },
    };
    let filters = if random.chance(50) { chain.filters } else { vec![cond(random, root, depth.min(1))] };
    Cond::InRows(own, RowList::Chain(Box::new(Chain { load, slice, filters, ..chain })))
}

/// Names the Rust type of values in lists.
macro_rules! each_listed {
    ($of:expr, $t:ident => $body:expr) => {
        match $of {
            Type::Int => {
                type $t = i64;
                $body
            }
            Type::Text => {
                type $t = String;
                $body
            }
            Type::Decimal => {
                type $t = Decimal;
                $body
            }
            Type::ChronoDate => {
                type $t = chrono::NaiveDate;
                $body
            }
            other => panic!("{other:?} is in no list"),
        }
    };
}

pub fn in_rows<M: Model>(a: Dynamic<M, PerRow>, b: Dynamic<M, PerRow>, list: &RowList) -> Condition<M> {
    match list {
        RowList::Values(rows) => {
            each_listed!(a.of(), A => each_listed!(b.of(), B => in_values::<M, A, B>(a, b, rows)))
        }
        RowList::Chain(chain) => {
            // What the library does with such a list is the same for all types.
            let text = |value: Dynamic<M, PerRow>| value.into_stored().retyped::<Option<String>>();
            in_chain((text(a), text(b)), chain)
        }
    }
}

fn in_values<M: Model, A: Held + IntoValue<A>, B: Held + IntoValue<B>>(
    a: Dynamic<M, PerRow>,
    b: Dynamic<M, PerRow>,
    rows: &[[Datum; 2]],
) -> Condition<M>
where
    Option<A>: HoldsComparable,
    Option<B>: HoldsComparable,
{
    let (a, b) = (a.into_stored().retyped::<Option<A>>(), b.into_stored().retyped::<Option<B>>());
    (a, b).is_in(rows.iter().map(|[a, b]| (A::from_datum(a), B::from_datum(b))))
}

type Text<M, L = PerRow> = Computed<M, Option<String>, L>;

fn in_chain<M: Model>(own: (Text<M>, Text<M>), chain: &Chain) -> Condition<M> {
    fn text<N: Root, L: Side<N>>(columns: &N::Columns<N>, of: &Item) -> Text<N, L> {
        value::<N, L>(columns, &of.value).into_stored().retyped()
    }
    with_model!(chain.root, N => {
        let query = select::<N>(&ELSEWHERE, chain);
        match &chain.load {
            Load::Fields(items) => {
                own.is_in(query.fields(|c| (text::<N, PerRow>(c, &items[0]), text::<N, PerRow>(c, &items[1]))))
            }
            Load::Distinct(items) => {
                let query = query.fields(|c| (text::<N, PerRow>(c, &items[0]), text::<N, PerRow>(c, &items[1])));
                own.is_in(finished(query.distinct(), &chain.slice, items))
            }
            Load::Groups { keys, aggregates, .. } => {
                let query = query.group_by(|c| text::<N, PerRow>(c, &keys[0]));
                let query = query.annotate(|c| text::<N, PerGroup>(c, &aggregates[0]));
                own.is_in(finished(query, &chain.slice, keys))
            }
            other => panic!("{other:?} gives no two values"),
        }
    })
}
